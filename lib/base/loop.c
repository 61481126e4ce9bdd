#include "loop.h"

#include "mem.h"
#include "sig.h"

void kt_loop_add(struct kt_loop *loop, struct kt_loop_source *source)
{
	loop->v = kt_grow(loop->v, &loop->cap, loop->n + 1, sizeof(*loop->v));
	loop->v[loop->n++] = source;
}

void kt_loop_remove(struct kt_loop *loop, const struct kt_loop_source *source)
{
	for (size_t i = 0; i < loop->n; i++)
		if (loop->v[i] == source)
			loop->v[i] = NULL;
}

static void close_gaps(struct kt_loop *loop)
{
	size_t n = 0;
	for (size_t i = 0; i < loop->n; i++)
		if (loop->v[i])
			loop->v[n++] = loop->v[i];
	loop->n = n;
}

int kt_loop_turn(struct kt_loop *loop, struct kt_err *err)
{
	int64_t least_ms = kt_stop_left_ms(loop->stop);
	close_gaps(loop);
	size_t n = loop->n;
	loop->fds = kt_grow(loop->fds, &loop->fds_cap, n + 1, sizeof(*loop->fds));
	for (size_t i = 0; i < n; i++) {
		loop->fds[i] = (struct pollfd){.fd = -1};
		int64_t ms = loop->v[i]->wait(loop->v[i]->user, &loop->fds[i]);
		least_ms = ms < least_ms ? ms : least_ms;
	}
	kt_wait(loop->fds, n, least_ms);
	for (size_t i = 0; i < n; i++) {
		const struct kt_loop_source *source = loop->v[i];
		if (source && source->serve && source->serve(source->user, loop->fds[i].revents, err) < 0)
			return -1;
	}
	return 0;
}

void kt_loop_fini(struct kt_loop *loop)
{
	free(loop->v);
	free(loop->fds);
	*loop = (struct kt_loop){0};
}
