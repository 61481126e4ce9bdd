/* The pipe of a command's stdout or stderr. */
#include "workoutput.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A pipe holds 64 KiB. A line that is longer than 1 MiB is passed on in parts. */
enum { CHUNK = 16 << 10, CHUNKS = 4, LONG_LINE = 1 << 20 };

int kt_workoutput_open(struct kt_workoutput *o, struct kt_err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return kt_err_sys(err, "a pipe for a command's output");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	o->fd = ends[0];
	o->line.len = 0;
	return ends[1];
}

static void pass_on(struct kt_workoutput *o, kt_workoutput_take *take, void *user)
{
	const char *end = o->line.len ? memrchr(o->line.data, '\n', o->line.len) : NULL;
	size_t whole = end ? (size_t)(end - o->line.data) + 1 : o->line.len > LONG_LINE ? o->line.len : 0;
	if (!whole)
		return;
	take(user, o->line.data, whole);
	o->line.len -= whole;
	memmove(o->line.data, o->line.data + whole, o->line.len);
}

/* Whether there may be more. */
static bool read_chunk(struct kt_workoutput *o)
{
	char chunk[CHUNK];
	ssize_t n = read(o->fd, chunk, sizeof(chunk));
	if (n > 0) {
		kt_buf_add(&o->line, chunk, (size_t)n);
		return n == sizeof(chunk);
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(o->fd);
		o->fd = -1;
	}
	return false;
}

void kt_workoutput_read(struct kt_workoutput *o, kt_workoutput_take *take, void *user)
{
	for (int i = 0; i < CHUNKS && o->fd >= 0 && read_chunk(o); i++)
		;
	pass_on(o, take, user);
}

void kt_workoutput_close(struct kt_workoutput *o, kt_workoutput_take *take, void *user)
{
	kt_workoutput_read(o, take, user);
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	if (o->line.len)
		take(user, o->line.data, o->line.len);
	kt_buf_fini(&o->line);
}
