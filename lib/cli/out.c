#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "sig.h"
#include "when.h"

void kt_out_init(struct kt_out *out, int fd)
{
	struct stat st;
	*out = (struct kt_out){.fd = fd, .terminal = isatty(fd)};
	if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
		return;
	/* A stand-in for a closed stdout must go on refusing data, which a second opening would make it accept. */
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return;
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int own = S_ISSOCK(st.st_mode) ? -1 : open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0) {
		out->fd = own;
		out->own = true;
	} else {
		out->cautious = true;
	}
}

static ssize_t write_some(struct kt_out *out)
{
	const char *data = out->buf.data + out->done;
	size_t len = kt_out_pending(out);
	if (!out->cautious)
		return write(out->fd, data, len);
	ssize_t sent = send(out->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0 || errno != ENOTSOCK)
		return sent;
	struct pollfd room = {.fd = out->fd, .events = POLLOUT};
	if (poll(&room, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(out->fd, data, len < PIPE_BUF ? len : PIPE_BUF);
}

size_t kt_out_lines(const struct kt_out *out, size_t len)
{
	const char *last = len ? memrchr(out->buf.data, '\n', len) : NULL;
	return last ? (size_t)(last - out->buf.data) + 1 : 0;
}

static void cut_back(struct kt_out *out)
{
	struct stat st;
	off_t end = lseek(out->fd, 0, SEEK_CUR);
	size_t whole = out->whole ? out->whole(out, out->done) : kt_out_lines(out, out->done);
	off_t torn = (off_t)(out->done - whole);
	if (!torn || end < torn || fstat(out->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size != end ||
		ftruncate(out->fd, end - torn) < 0 || lseek(out->fd, end - torn, SEEK_SET) < 0)
		return;
	out->done = whole;
	out->written -= torn;
}

int kt_out_pump(struct kt_out *out, struct kt_err *err)
{
	while (kt_out_pending(out)) {
		if (out->failed) {
			errno = out->failed;
			return kt_err_sys(err, "writing to standard output");
		}
		ssize_t n = write_some(out);
		if (n >= 0) {
			out->done += (size_t)n;
			out->written += n;
		} else if (errno == EPIPE) {
			out->closed = true;
			out->done = out->buf.len;
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EINTR) {
			out->failed = errno;
			cut_back(out);
		}
	}
	out->buf.len = out->done = 0;
	return 0;
}

struct pollfd kt_out_poll(const struct kt_out *out)
{
	return (struct pollfd){.fd = out->closed ? -1 : out->fd, .events = kt_out_pending(out) ? POLLOUT : 0};
}

static int64_t wait_for_room(void *user, struct pollfd *fd)
{
	*fd = kt_out_poll(user);
	return INT64_MAX;
}

static int look_at_reader(void *user, short revents, struct kt_err *err)
{
	(void)err;
	if (revents & (POLLERR | POLLHUP))
		kt_out_reader_gone(user);
	return 0;
}

struct kt_loop_source kt_out_source(struct kt_out *out)
{
	return (struct kt_loop_source){.user = out, .wait = wait_for_room, .serve = look_at_reader};
}

bool kt_out_reader_gone(struct kt_out *out)
{
	struct pollfd fd = {.fd = out->fd};
	if (!out->closed && poll(&fd, 1, 0) > 0 && fd.revents & (POLLERR | POLLHUP))
		out->closed = true;
	return out->closed;
}

int kt_out_drain(struct kt_out *out, struct kt_err *err)
{
	while (kt_out_pending(out)) {
		struct pollfd fd = kt_out_poll(out);
		if (kt_out_pump(out, err) < 0)
			return -1;
		if (!kt_out_pending(out) || kt_sig_caught())
			break;
		kt_wait(&fd, 1, -1);
	}
	return 0;
}

bool kt_out_drain_for(struct kt_out *out, int64_t most_ms)
{
	struct kt_err ignored;
	int64_t deadline_us = kt_clock_us() + most_ms * 1000;
	while (!out->closed && kt_out_pending(out) && kt_clock_us() < deadline_us) {
		struct pollfd fd = kt_out_poll(out);
		if (kt_out_pump(out, &ignored) < 0)
			return false;
		if (kt_out_pending(out))
			kt_wait(&fd, 1, 50);
	}
	return !out->closed && !kt_out_pending(out);
}

void kt_out_fini(struct kt_out *out)
{
	if (out->own)
		close(out->fd);
	kt_buf_fini(&out->buf);
	*out = (struct kt_out){.fd = -1};
}

int kt_out_print(int fd, struct kt_buf *text, struct kt_err *err)
{
	kt_auto(kt_out_fini) struct kt_out out;
	kt_out_init(&out, fd);
	kt_say_take_first(&out.buf);
	if (out.buf.len) {
		kt_buf_add(&out.buf, text->data, text->len);
		kt_buf_fini(text);
	} else {
		out.buf = *text;
		*text = (struct kt_buf){0};
	}
	if (kt_out_drain(&out, err) < 0)
		return -1;
	return kt_out_pending(&out) ? kt_err_set(err, KT_SIGNAL + kt_sig_caught(), "%s", "") : 0;
}

bool kt_out_color(int color)
{
	const char *no = getenv("NO_COLOR");
	return color == KT_COLOR_ALWAYS || (color == KT_COLOR_AUTO && isatty(STDOUT_FILENO) && !(no && *no));
}
