#include "workpeer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"
#include "when.h"

enum { CHUNK = 64 << 10 }; /* what a pipe holds */

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void kt_workpeer_init(struct kt_workpeer *p, size_t window)
{
	*p = (struct kt_workpeer){.child.fd = -1, .in = -1, .out = -1, .err.fd = -1, .window = window};
	p->items = kt_calloc(window, sizeof(struct kt_workitem *));
}

static int open_pipe(int *ours, int *theirs, bool we_write, struct kt_err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return kt_err_sys(err, "a pipe for a worker");
	*ours = ends[we_write];
	*theirs = ends[!we_write];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static int spawn(struct kt_workpeer *p, const struct kt_strs *words, bool tied, struct kt_err *err)
{
	kt_auto(drop) int in = -1, out = -1, said = -1;
	if (open_pipe(&p->in, &in, true, err) < 0 || open_pipe(&p->out, &out, false, err) < 0 ||
		(said = kt_workoutput_open(&p->err, err)) < 0)
		return -1;
	const struct kt_child_how how = {
		.in = in, .out = out, .err = said, .apart = true, .closed = true, .tied = tied};
	return kt_child_start(&p->child, words, &how, err);
}

int kt_workpeer_start(struct kt_workpeer *p, const struct kt_strs *words, bool tied, struct kt_err *err)
{
	p->ask.len = p->said.len = p->asked = 0;
	if (spawn(p, words, tied, err) == 0)
		return 0;
	drop(&p->in);
	drop(&p->out);
	drop(&p->err.fd);
	err->status = KT_FAILED;
	return -1;
}

void kt_workpeer_add(struct kt_workpeer *p, struct kt_workitem *item)
{
	if (!p->n)
		p->oldest_us = kt_clock_us();
	p->items[(p->first + p->n++) % p->window] = item;
}

struct kt_workitem *kt_workpeer_at(const struct kt_workpeer *p, size_t place)
{
	return p->items[(p->first + place) % p->window];
}

struct kt_workitem *kt_workpeer_take(struct kt_workpeer *p, size_t place)
{
	struct kt_workitem *item = kt_workpeer_at(p, place);
	for (size_t i = place; i > 0; i--)
		p->items[(p->first + i) % p->window] = p->items[(p->first + i - 1) % p->window];
	p->first = (p->first + 1) % p->window;
	p->n--;
	if (!place)
		p->oldest_us = kt_clock_us();
	return item;
}

bool kt_workpeer_write(struct kt_workpeer *p)
{
	while (p->in >= 0 && p->asked < p->ask.len) {
		ssize_t n = write(p->in, p->ask.data + p->asked, p->ask.len - p->asked);
		if (n < 0 && errno == EAGAIN)
			return false;
		/* It reads no more. */
		if (n < 0)
			drop(&p->in);
		else
			p->asked += (size_t)n;
	}
	p->asked = p->ask.len = 0;
	return true;
}

ssize_t kt_workpeer_read(struct kt_workpeer *p)
{
	ssize_t n = read(p->out, kt_buf_reserve(&p->said, CHUNK), CHUNK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	p->said.len += (size_t)n;
	return n;
}

bool kt_workpeer_says(const struct kt_workpeer *p)
{
	struct pollfd fd = {.fd = p->out, .events = POLLIN};
	return p->out >= 0 && poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN);
}

void kt_workpeer_hang_up(struct kt_workpeer *p, bool hear)
{
	drop(&p->in);
	if (hear)
		drop(&p->out);
}

int kt_workpeer_end(struct kt_workpeer *p, kt_workoutput_take *take, void *user)
{
	int status = kt_child_end(&p->child);
	kt_workpeer_hang_up(p, true);
	kt_workoutput_close(&p->err, take, user);
	return status;
}

bool kt_workpeer_await(const struct kt_workpeer *p, int64_t until_us)
{
	struct pollfd fd = {.fd = p->child.fd, .events = POLLIN};
	for (;;) {
		int64_t left_ms = kt_until_ms(until_us);
		if (p->child.fd < 0 || kt_wait(&fd, 1, left_ms) > 0)
			return true;
		if (left_ms <= 0 || kt_sig_second())
			return false;
	}
}

void kt_workpeer_fini(struct kt_workpeer *p, kt_workoutput_take *take, void *user)
{
	kt_workpeer_hang_up(p, false);
	if (p->child.fd >= 0) {
		kt_child_signal(&p->child, SIGKILL);
		p->n = 0;
		kt_workpeer_end(p, take, user);
	}
	kt_buf_fini(&p->ask);
	kt_buf_fini(&p->said);
	free(p->items);
}
