/* stdout for data: one large buffer, written when the caller says so, without ever blocking the caller's loop.
 *
 *   kt_auto(kt_out_fini) struct kt_out out;
 *   kt_out_init(&out, STDOUT_FILENO);
 *   kt_buf_add(&out.buf, …);                  collect
 *   if (kt_out_pump(&out, err) < 0) …         write what is accepted now
 *   fds[n++] = kt_out_poll(&out);             and wait for the rest
 *
 * Pipes and terminals are opened a second time, so that O_NONBLOCK is set on a file description of our own: on the
 * inherited one it would hit every other process that shares it. Where that fails at most PIPE_BUF bytes are written
 * after poll said that there is room. When the reader of a pipe has gone, `closed` is set and pump is not an error.
 *
 * When a disk is full a regular file ends in the middle of something, to which the next run would append its first
 * line: it is cut back to what is whole, if its end is still the one that was written here.
 */
#ifndef KT_OUT_H
#define KT_OUT_H

#include <poll.h>

#include "buf.h"
#include "err.h"
#include "loop.h"

struct kt_out {
	struct kt_buf buf; /* what waits to be written starts at `done` */
	size_t done;
	int64_t written; /* bytes accepted by write(2) so far, without those that were cut off again */
	/* Of so many bytes at the front of buf, how many are whole; NULL: those up to the last newline. */
	size_t (*whole)(const struct kt_out *out, size_t len);
	void *user;
	int fd;
	bool own, cautious, terminal;
	bool closed; /* EPIPE: the reader has what it wanted */
	int failed;  /* errno of the write that failed: nothing more is tried */
};

/* fd is only borrowed. It must be open. */
void kt_out_init(struct kt_out *out, int fd);

static inline size_t kt_out_pending(const struct kt_out *out)
{
	return out->buf.len - out->done;
}

/* Writes as much as is accepted at once. -1 (KT_FAILED) on an error such as a full disk. After EPIPE what is pending is
 * dropped. */
int kt_out_pump(struct kt_out *out, struct kt_err *err) kt_must_check;

/* How many of so many bytes at the front of buf are lines, newlines included. */
size_t kt_out_lines(const struct kt_out *out, size_t len);

/* For kt_wait(): waits for room when something is pending, else for nothing (fd -1); that the reader of a pipe or
 * socket has gone (POLLERR, POLLHUP) is reported either way: ask kt_out_reader_gone() then. */
struct pollfd kt_out_poll(const struct kt_out *out);

/* The same as a source of a loop: `closed` is set when the reader has gone. */
struct kt_loop_source kt_out_source(struct kt_out *out);

/* Whether the reader has gone, asked without writing. */
bool kt_out_reader_gone(struct kt_out *out);

/* Pumps until nothing is pending, an error, or a signal (then what is left stays pending). */
int kt_out_drain(struct kt_out *out, struct kt_err *err) kt_must_check;

/* Pumps for at most most_ms, signal or not; whether everything is written. For the last words of a run, and before what
 * stands for the output is committed: an error is told by the next pump. */
bool kt_out_drain_for(struct kt_out *out, int64_t most_ms);

void kt_out_fini(struct kt_out *out);

/* All in one, for a command that writes one text: writes it to fd and empties it, waiting for room. KT_SIGNAL + n
 * without a message when a signal comes first; that the reader has gone is not a failure. */
int kt_out_print(int fd, struct kt_buf *text, struct kt_err *err) kt_must_check;

/* What --color says; in its order. */
enum kt_color { KT_COLOR_AUTO, KT_COLOR_ALWAYS, KT_COLOR_NEVER };

/* Whether stdout is to be in colour: by --color, where that is auto by the terminal and $NO_COLOR. */
bool kt_out_color(int color);

#endif
