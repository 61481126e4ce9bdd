/* One connection of `kt bench http`. */
#include <errno.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include "benchhttp.h"
#include "when.h"

/* READS: of one answer in a turn; one without an end leaves the others, and the end of the run, their time. SEGMENT:
 * bytes that every network takes in one. */
enum { READS = 64, SEGMENT = 500 };

static void want(struct kt_benchconn *c, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = c};
	if (c->events == events)
		return;
	epoll_ctl(c->bench->poll, c->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &event);
	c->events = events;
}

void kt_benchconn_close(struct kt_benchconn *c)
{
	kt_tlsclient_end(c->ssl);
	c->ssl = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->events = 0;
	c->served = 0;
	c->state = KT_CONN_NONE;
}

static void fail(struct kt_benchconn *c, enum kt_benchhttp_failure kind, const char *why)
{
	char text[200];
	snprintf(text, sizeof(text), "%s", why);
	kt_benchconn_close(c);
	kt_benchhttp_failed(c->bench, c, kind, text);
}

static void fail_tls(struct kt_benchconn *c, enum kt_benchhttp_failure kind)
{
	char why[200];
	kt_tlsclient_why(c->ssl, why, sizeof(why));
	fail(c, kind, why);
}

/* What is one segment, and the last one, is not held back. */
static bool is_one_segment(const struct kt_benchconn *c)
{
	return !c->bench->how.keep && !c->bench->tls && c->what.len <= SEGMENT;
}

static void open_socket(struct kt_benchconn *c)
{
	const struct kt_address *to = &c->bench->addresses.v[0];
	int one = 1;
	c->fd = socket(to->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		fail(c, KT_HTTP_CONNECT, strerror(errno));
		return;
	}
	if (!is_one_segment(c))
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->state = KT_CONN_CONNECTING;
	if (connect(c->fd, (const struct sockaddr *)&to->at, to->len) == 0)
		kt_benchconn_serve(c, EPOLLOUT);
	else if (errno == EINPROGRESS)
		want(c, EPOLLOUT);
	else
		fail(c, KT_HTTP_CONNECT, strerror(errno));
}

static void start(struct kt_benchconn *c)
{
	c->written = 0;
	c->received = 0;
	c->read_us = 0;
	kt_benchanswer_begin(&c->answer, c->bench->how.method && !strcmp(c->bench->how.method, "HEAD"));
}

/* The server may have ended a connection that nothing was asked on: the request is sent once more, on another. */
static bool again(struct kt_benchconn *c)
{
	if (!c->served || c->received)
		return false;
	kt_benchconn_close(c);
	start(c);
	c->fresh = true;
	open_socket(c);
	return true;
}

/* The warm-up does not. */
static bool counts(const struct kt_benchconn *c)
{
	return c->intended_us >= c->bench->run.stats.warm_us;
}

static void write_request(struct kt_benchconn *c)
{
	while (c->written < c->what.len) {
		const char *from = c->what.data + c->written;
		size_t left = c->what.len - c->written;
		ssize_t n = c->ssl ? kt_tlsclient_write(c->ssl, from, left) : send(c->fd, from, left, MSG_NOSIGNAL);
		if (n == KT_TLS_WANTS_READ || n == KT_TLS_WANTS_WRITE || (!c->ssl && n < 0 && errno == EAGAIN)) {
			want(c, n == KT_TLS_WANTS_READ ? EPOLLIN : EPOLLOUT | EPOLLIN);
			return;
		}
		if (n < 0 && again(c))
			return;
		if (n < 0 && c->ssl)
			fail_tls(c, KT_HTTP_TLS);
		else if (n < 0)
			fail(c, KT_HTTP_OTHER, strerror(errno));
		if (n < 0)
			return;
		c->written += (size_t)n;
		c->bench->ab.sent += counts(c) ? n : 0;
	}
	c->written_us = kt_clock_us();
	c->state = KT_CONN_READING;
	want(c, EPOLLIN);
}

static void send_request(struct kt_benchconn *c)
{
	c->state = KT_CONN_WRITING;
	write_request(c);
}

static void connected(struct kt_benchconn *c, uint32_t events)
{
	int error = 0;
	socklen_t len = sizeof(error);
	bool failed = events & (EPOLLERR | EPOLLHUP);
	if (failed && (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)) {
		fail(c, KT_HTTP_CONNECT, strerror(error ? error : errno));
		return;
	}
	c->connected_us = kt_clock_us();
	c->bench->reached = true;
	if (!c->bench->tls) {
		send_request(c);
		return;
	}
	c->ssl = kt_tlsclient_start(c->bench->tls, c->fd, c->bench->url.at.host);
	c->state = KT_CONN_SHAKING;
	if (c->ssl)
		kt_benchconn_serve(c, 0);
	else
		fail(c, KT_HTTP_TLS, "OpenSSL has no memory");
}

static void shake(struct kt_benchconn *c)
{
	int shaken = kt_tlsclient_shake(c->ssl);
	if (shaken == KT_TLS_FAILED) {
		fail_tls(c, KT_HTTP_TLS);
		return;
	}
	if (shaken < 0) {
		want(c, shaken == KT_TLS_WANTS_READ ? EPOLLIN : EPOLLOUT);
		return;
	}
	c->connected_us = kt_clock_us();
	if (!c->bench->ab.tls[0])
		kt_tlsclient_describe(c->ssl, c->bench->ab.tls, sizeof(c->bench->ab.tls));
	send_request(c);
}

/* The answer is whole. */
static void answered(struct kt_benchconn *c)
{
	bool whole = c->written == c->what.len, keep = whole && c->answer.keep && c->bench->how.keep;
	/* Before the end of the request: what is left of it is not sent, and the next one not behind a part of it. */
	if (!whole)
		c->written_us = c->read_us;
	c->served++;
	if (!keep)
		kt_benchconn_close(c);
	else
		c->state = KT_CONN_IDLE;
	kt_benchhttp_answered(c->bench, c);
}

static void read_end(struct kt_benchconn *c)
{
	if (c->state == KT_CONN_IDLE) {
		kt_benchconn_close(c);
		return;
	}
	if (again(c))
		return;
	if (c->received && kt_benchanswer_end(&c->answer))
		answered(c);
	else
		fail(c, KT_HTTP_RECEIVE,
			c->received ? "the connection ended within an answer"
				    : "the connection ended without an answer");
}

static void read_answer(struct kt_benchconn *c)
{
	struct kt_benchhttp *b = c->bench;
	for (int reads = 0; reads < READS; reads++) {
		ssize_t n =
			c->ssl ? kt_tlsclient_read(c->ssl, b->in, sizeof(b->in)) : recv(c->fd, b->in, sizeof(b->in), 0);
		if (n == 0) {
			read_end(c);
			return;
		}
		if (n == KT_TLS_WANTS_READ || n == KT_TLS_WANTS_WRITE || (!c->ssl && n < 0 && errno == EAGAIN)) {
			want(c, n == KT_TLS_WANTS_WRITE ? EPOLLIN | EPOLLOUT : EPOLLIN);
			return;
		}
		if (n < 0 && c->state == KT_CONN_IDLE) {
			kt_benchconn_close(c);
			return;
		}
		if (n < 0 && again(c))
			return;
		if (n < 0) {
			fail(c, KT_HTTP_RECEIVE, c->ssl ? "TLS ended within an answer" : strerror(errno));
			return;
		}
		if (!c->read_us)
			c->read_us = kt_clock_us();
		c->received += n;
		b->ab.received += counts(c) ? n : 0;
		ssize_t taken = c->state == KT_CONN_IDLE ? -1 : kt_benchanswer_take(&c->answer, b->in, (size_t)n);
		if (taken < 0 || (c->answer.done && taken < n)) {
			fail(c, KT_HTTP_OTHER, "the answer is not HTTP");
			return;
		}
		if (c->answer.done) {
			answered(c);
			return;
		}
		if (!c->ssl && (size_t)n < sizeof(b->in))
			return;
	}
	/* What TLS has taken already does not show on the descriptor; that there is room to write does. */
	want(c, EPOLLIN | EPOLLOUT);
}

void kt_benchconn_serve(struct kt_benchconn *c, uint32_t events)
{
	switch (c->state) {
	case KT_CONN_CONNECTING:
		connected(c, events);
		return;
	case KT_CONN_SHAKING:
		shake(c);
		return;
	case KT_CONN_WRITING:
		/* An answer before the request's end is the server's last word. */
		if (events & (EPOLLIN | EPOLLERR | EPOLLHUP) && !c->ssl && !(events & EPOLLOUT))
			read_answer(c);
		else
			write_request(c);
		return;
	case KT_CONN_READING:
	case KT_CONN_IDLE:
		read_answer(c);
		return;
	case KT_CONN_NONE:
		return;
	}
}

void kt_benchconn_begin(struct kt_benchconn *c, int64_t intended_us)
{
	c->intended_us = intended_us;
	c->start_us = kt_clock_us();
	start(c);
	c->fresh = c->fd < 0;
	c->connected_us = c->start_us;
	if (c->fresh)
		open_socket(c);
	else
		send_request(c);
}
