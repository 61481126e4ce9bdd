#include "fetch.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "when.h"

enum { PIECE = 64 << 10 };

static void end(struct kt_fetch *f, enum kt_fetch_state state)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->state = state;
}

/* cause: of errno, or 0 when err is filled. */
static void fail(struct kt_fetch *f, int cause)
{
	if (cause)
		kt_err_set(&f->err, KT_UNREACHABLE, "%s", strerror(cause));
	end(f, KT_FETCH_FAILED);
}

static int open_socket(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS)
		return fd;
	int cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *list;
	f->request.len = f->answer.len = f->sent = 0;
	f->err = (struct kt_err){0};
	f->body = (struct kt_bytes){0};
	f->fd = -1;
	f->state = KT_FETCH_BUSY;
	f->deadline_us = kt_clock_us() + timeout_ms * 1000;
	/* Of version 1.0, whose answer ends with the connection and has no chunks. */
	kt_buf_addf(&f->request,
		"GET %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: application/openmetrics-text, text/plain\r\n\r\n", f->path,
		f->host, f->port);
	int code = getaddrinfo(f->host, f->port, &hints, &list);
	if (code) {
		kt_err_set(&f->err, KT_UNREACHABLE, "%s", gai_strerror(code));
		fail(f, 0);
		return;
	}
	/* "localhost" is often ::1 first, where nobody listens: refused at once, so the next one has its turn. */
	for (const struct addrinfo *a = list; a && f->fd < 0; a = a->ai_next) {
		f->fd = open_socket(a);
		struct pollfd ready = {.fd = f->fd, .events = POLLOUT};
		int cause = 0;
		socklen_t len = sizeof(cause);
		if (f->fd >= 0 && a->ai_next && poll(&ready, 1, 200) > 0 &&
			getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &cause, &len) == 0 && cause) {
			close(f->fd);
			f->fd = -1;
			errno = cause;
		}
	}
	int cause = errno;
	freeaddrinfo(list);
	if (f->fd < 0)
		fail(f, cause);
}

struct pollfd kt_fetch_poll(const struct kt_fetch *f)
{
	bool busy = f->state == KT_FETCH_BUSY;
	return (struct pollfd){.fd = busy ? f->fd : -1, .events = f->sent < f->request.len ? POLLOUT : POLLIN};
}

int64_t kt_fetch_left_ms(const struct kt_fetch *f)
{
	int64_t left_us = f->deadline_us - kt_clock_us();
	return f->state != KT_FETCH_BUSY ? INT64_MAX : left_us > 0 ? left_us / 1000 + 1 : 0;
}

/* The answer is complete: its head must say 200. */
static void finish(struct kt_fetch *f)
{
	const char *text = kt_buf_cstr(&f->answer), *blank = strstr(text, "\r\n\r\n");
	int version, status;
	if (!blank || sscanf(text, "HTTP/1.%d %d", &version, &status) != 2)
		kt_err_set(&f->err, KT_FAILED, "no answer in HTTP");
	else if (status != 200)
		kt_err_set(&f->err, KT_FAILED, "status %d", status);
	if (f->err.msg[0]) {
		fail(f, 0);
		return;
	}
	f->body.data = blank + 4;
	f->body.len = f->answer.len - (size_t)(f->body.data - text);
	end(f, KT_FETCH_DONE);
}

/* False: nothing more for now. */
static bool send_some(struct kt_fetch *f)
{
	ssize_t n = send(f->fd, f->request.data + f->sent, f->request.len - f->sent, MSG_NOSIGNAL);
	if (n > 0)
		f->sent += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR && errno != EINPROGRESS && errno != ENOTCONN)
		fail(f, errno);
	return n > 0;
}

static bool receive_some(struct kt_fetch *f)
{
	ssize_t n = recv(f->fd, kt_buf_reserve(&f->answer, PIECE), PIECE, 0);
	if (n == 0) {
		finish(f);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		fail(f, errno);
	} else if (n > 0) {
		f->answer.len += (size_t)n;
		if (f->answer.len > KT_FETCH_MAX) {
			kt_err_set(&f->err, KT_FAILED, "the answer is larger than %d bytes", KT_FETCH_MAX);
			fail(f, 0);
		}
	}
	return n > 0;
}

void kt_fetch_go_on(struct kt_fetch *f)
{
	while (f->state == KT_FETCH_BUSY && (f->sent < f->request.len ? send_some(f) : receive_some(f)))
		;
	if (f->state == KT_FETCH_BUSY && kt_clock_us() >= f->deadline_us) {
		kt_err_set(&f->err, KT_UNREACHABLE, "no answer in time");
		fail(f, 0);
	}
}

void kt_fetch_fini(struct kt_fetch *f)
{
	if (f->state == KT_FETCH_BUSY)
		end(f, KT_FETCH_IDLE);
	kt_buf_fini(&f->request);
	kt_buf_fini(&f->answer);
}
