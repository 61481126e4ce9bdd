#include "websocket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "when.h"

enum { PATIENCE_US = 60000000, LARGEST = 1000, BIG = 3 << 20 };

/* A client at one end of a socket, and what its server was given. */
struct stage {
	struct kt_websockets *set;
	struct kt_loop_source source;
	struct kt_websocket *ws;
	int fd, ws_fd; /* its end, and the server's */
	bool closed, gone;
	struct kt_buf heard, said; /* by the server, and by it to the client */
	struct kt_buf next;        /* what there is to fill in, */
	int n_next, holds;         /* so often */
};

static void take(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	struct stage *s = user;
	kt_buf_addf(&s->heard, "[%s%.*s]", text ? "" : "binary ", (int)message.len, message.data);
	kt_websocket_say(ws, message);
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	struct stage *s = user;
	size_t n = 0;
	while (n < max && (int)n < s->n_next)
		messages[n++] = (struct kt_websocket_message){.payload = {s->next.data, s->next.len}, .owner = s};
	return n;
}

static void sent(void *user, size_t n)
{
	((struct stage *)user)->n_next -= (int)n;
}

static void hold(void *owner)
{
	((struct stage *)owner)->holds++;
}

static void drop(void *owner)
{
	((struct stage *)owner)->holds--;
}

static void gone(void *user)
{
	((struct stage *)user)->gone = true;
}

static void begin_with(struct stage *s, const char *early, size_t early_len)
{
	static const struct kt_websocket_kind kind = {
		.largest = LARGEST,
		.message = take,
		.fill = fill,
		.sent = sent,
		.hold = hold,
		.drop = drop,
		.gone = gone,
	};
	struct kt_err err = {0};
	int fds[2];
	*s = (struct stage){0};
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	CHECK_INT(kt_websockets_open(&s->set, &err), 0);
	s->source = kt_websockets_source(s->set);
	s->fd = fds[0];
	s->ws_fd = fds[1];
	s->ws = kt_websockets_add(s->set, fds[1], (struct kt_bytes){early, early_len}, NULL, &kind, s, NULL);
}

static void begin(struct stage *s)
{
	begin_with(s, NULL, 0);
}

static void finish(struct stage *s)
{
	kt_websockets_close(s->set);
	CHECK(s->gone);
	CHECK_INT(s->holds, 0);
	close(s->fd);
	kt_buf_fini(&s->heard);
	kt_buf_fini(&s->said);
	kt_buf_fini(&s->next);
}

static void turn(struct stage *s)
{
	struct pollfd fd;
	struct kt_err err;
	s->source.wait(s->set, &fd);
	poll(&fd, 1, 1);
	CHECK_INT(s->source.serve(s->set, 0, &err), 0);
	ssize_t got = read(s->fd, kt_buf_reserve(&s->said, 65536), 65536);
	s->said.len += got > 0 ? (size_t)got : 0;
	s->closed |= got == 0 || (got < 0 && errno != EAGAIN);
}

/* A frame with a mask of zeros and one of other bytes, in turn. */
static size_t frame(char *out, unsigned char first, const void *data, size_t len)
{
	static unsigned n;
	const char mask[4] = {(char)(n & 1 ? 'm' : 0), (char)(n & 1 ? 7 : 0), 0, (char)(n & 1 ? 0x80 : 0)};
	size_t head = len < 126 ? 2 : 4;
	n++;
	out[0] = (char)first;
	out[1] = (char)(0x80 | (len < 126 ? len : 126));
	if (head == 4) {
		out[2] = (char)(len >> 8);
		out[3] = (char)len;
	}
	memcpy(out + head, mask, 4);
	for (size_t i = 0; i < len; i++)
		out[head + 4 + i] = (char)(((const char *)data)[i] ^ mask[i % 4]);
	return head + 4 + len;
}

static void say(struct stage *s, unsigned char first, const void *data, size_t len)
{
	char out[2 * LARGEST];
	size_t n = frame(out, first, data, len);
	CHECK_INT(write(s->fd, out, n), (long long)n);
}

static bool hears(struct stage *s, const void *bytes, size_t len)
{
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (s->said.len < len && !s->closed && kt_clock_us() < end_us)
		turn(s);
	return s->said.len == len && !memcmp(s->said.data, bytes, len);
}

/* The server has closed its side; and then is gone when the client does so. */
static bool is_closed(struct stage *s)
{
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (!s->closed && kt_clock_us() < end_us)
		turn(s);
	shutdown(s->fd, SHUT_WR);
	while (!s->gone && kt_clock_us() < end_us)
		turn(s);
	return s->closed && s->gone;
}

#define HEARS(s, text) CHECK(hears(s, text, sizeof(text) - 1))

TEST(messages_come_and_go)
{
	struct stage s;
	begin(&s);
	say(&s, 0x81, "hello", 5);
	HEARS(&s, "\x81\x05hello");
	say(&s, 0x82, "\x00\xff", 2);
	HEARS(&s, "\x81\x05hello\x81\x02\x00\xff");
	say(&s, 0x81, "", 0);
	HEARS(&s, "\x81\x05hello\x81\x02\x00\xff\x81\x00");
	finish(&s);
}

TEST(bytes_that_came_with_the_head)
{
	struct stage s;
	char early[16];
	size_t len = frame(early, 0x81, "early", 5);
	begin_with(&s, early, len);
	turn(&s);
	CHECK_STR(kt_buf_cstr(&s.heard), "[early]");
	finish(&s);
}

TEST(a_ping_that_came_with_the_head)
{
	struct stage s;
	char early[16];
	size_t len = frame(early, 0x89, "!", 1);
	begin_with(&s, early, len);
	HEARS(&s, "\x8a\x01!");
	finish(&s);
}

TEST(fragments_a_byte_at_a_time_with_a_ping_between)
{
	struct stage s;
	char out[100];
	size_t n = frame(out, 0x01, "a\xc3", 2);
	n += frame(out + n, 0x89, "?", 1);
	n += frame(out + n, 0x00, "\xa4", 1);
	n += frame(out + n, 0x80, "b", 1);
	n += frame(out + n, 0x81, "c", 1);
	begin(&s);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(write(s.fd, out + i, 1), 1);
		turn(&s);
	}
	HEARS(&s, "\x8a\x01?\x81\x04"
		  "a\xc3\xa4"
		  "b\x81\x01"
		  "c");
	finish(&s);
}

TEST(what_is_not_allowed)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
		const char *code; /* NULL: it may just end */
	} rows[] = {
		{"no mask", "\x81\x01x", 3, "\x03\xea"},
		{"not UTF-8", "\x81\x82\0\0\0\0\xff\xfe", 8, "\x03\xef"},
		{"a reserved bit", "\xc1\x80\0\0\0\0", 6, "\x03\xea"},
		{"an unknown opcode", "\x83\x80\0\0\0\0", 6, "\x03\xea"},
		{"a ping in fragments", "\x09\x80\0\0\0\0", 6, NULL},
		{"a continuation of nothing", "\x80\x80\0\0\0\0", 6, "\x03\xea"},
		{"a goodbye of one byte", "\x88\x81\0\0\0\0\x03", 7, NULL},
		{"a code that nobody may send", "\x88\x82\0\0\0\0\x03\xed", 8, "\x03\xea"},
		{"too large", "\x82\xfe\x04\0\0\0\0\0x", 9, "\x03\xf1"},
		{"2^62 bytes", "\x82\xff\x40\0\0\0\0\0\0\0\0\0\0\0x", 15, "\x03\xf1"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct stage s;
		begin(&s);
		CHECK_INT(write(s.fd, rows[i].bytes, rows[i].len), (long long)rows[i].len);
		bool good = is_closed(&s);
		if (rows[i].code)
			good &= s.said.len >= 4 && (unsigned char)s.said.data[0] == 0x88 &&
				!memcmp(s.said.data + 2, rows[i].code, 2);
		if (!good)
			TAP_FAIL("%s: %zu bytes", rows[i].what, s.said.len);
		CHECK_INT(s.heard.len, 0);
		finish(&s);
	}
}

TEST(a_client_says_goodbye)
{
	struct stage s;
	begin(&s);
	say(&s, 0x88, "\x03\xe8", 2);
	CHECK(is_closed(&s));
	HEARS(&s, "\x88\x02\x03\xe8");
	finish(&s);
}

TEST(the_server_says_goodbye)
{
	struct stage s;
	begin(&s);
	kt_websocket_end(s.ws, KT_WEBSOCKET_GOING_AWAY);
	kt_websocket_end(s.ws, KT_WEBSOCKET_POLICY);
	HEARS(&s, "\x88\x02\x03\xe9");
	say(&s, 0x81, "too late", 8);
	say(&s, 0x88, "\x03\xe9", 2);
	CHECK(is_closed(&s));
	HEARS(&s, "\x88\x02\x03\xe9");
	CHECK_INT(s.heard.len, 0);
	finish(&s);
}

/* Whoever ends it goes on with what it has of the client. */
TEST(a_client_that_has_gone_before_the_goodbye)
{
	struct stage s;
	begin(&s);
	shutdown(s.fd, SHUT_RDWR);
	kt_websocket_end(s.ws, KT_WEBSOCKET_TRY_AGAIN);
	CHECK(!s.gone);
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (!s.gone && kt_clock_us() < end_us)
		turn(&s);
	finish(&s);
}

/* No more is read from it than the answers to some of them, and all are answered when it does. */
TEST(pings_of_a_client_that_takes_no_pongs)
{
	struct stage s;
	char out[200], text[125] = "";
	struct kt_err err;
	size_t len = frame(out, 0x89, text, sizeof(text)), n = 0;
	begin(&s);
	for (int i = 0; i < 3000; i++) {
		for (; write(s.fd, out, len) == (ssize_t)len; n++)
			;
		CHECK_INT(s.source.serve(s.set, 0, &err), 0);
	}
	CHECK(n * len < 4 << 20);
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (s.said.len < n * (2 + sizeof(text)) && !s.closed && kt_clock_us() < end_us)
		turn(&s);
	CHECK_INT(s.said.len, (long long)(n * (2 + sizeof(text))));
	finish(&s);
}

TEST(a_client_that_goes_without_a_word)
{
	struct stage s;
	begin(&s);
	shutdown(s.fd, SHUT_WR);
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (!s.gone && kt_clock_us() < end_us)
		turn(&s);
	finish(&s);
}

/* More than the kernel takes: messages wait for the client, each is whole, and pongs come between them. */
TEST(large_messages_for_a_slow_client)
{
	struct stage s;
	begin(&s);
	memset(kt_buf_reserve(&s.next, BIG), 'x', BIG);
	s.next.len = BIG;
	s.n_next = 3;
	kt_websocket_wake(s.ws);
	CHECK_INT(s.holds, 1);
	say(&s, 0x89, "!", 1);
	size_t one = 10 + (size_t)BIG, pong = 3;
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (s.said.len < 3 * one + pong && kt_clock_us() < end_us)
		turn(&s);
	CHECK_INT(s.said.len, (long long)(3 * one + pong));
	CHECK(!memcmp(s.said.data, "\x81\x7f\0\0\0\0\0\x30\0\0x", 11));
	CHECK(!memcmp(s.said.data + one, "\x8a\x01!\x81\x7f", 5));
	CHECK_INT(s.n_next, 0);
	finish(&s);
}

TEST(many_messages_at_once)
{
	struct stage s;
	begin(&s);
	kt_buf_adds(&s.next, "0123456789");
	s.n_next = 100000;
	kt_websocket_wake(s.ws);
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (s.said.len < 1200000 && kt_clock_us() < end_us)
		turn(&s);
	CHECK_INT(s.said.len, 1200000);
	for (size_t i = 0; i < s.said.len; i += 12)
		if (memcmp(s.said.data + i,
			    "\x81\x0a"
			    "0123456789",
			    12) != 0) {
			TAP_FAIL("message %zu", i / 12);
			break;
		}
	finish(&s);
}

TEST(a_descriptor_that_somebody_else_has_too)
{
	struct stage s;
	begin(&s);
	int other = dup(s.ws_fd);
	say(&s, 0x88, "\x03\xe8", 2);
	int64_t end_us = kt_clock_us() + PATIENCE_US;
	while (!s.gone && kt_clock_us() < end_us)
		turn(&s);
	say(&s, 0x81, "a", 1);
	turn(&s);
	CHECK_INT(s.heard.len, 0);
	close(other);
	finish(&s);
}

TEST(a_pause)
{
	struct stage s;
	begin(&s);
	kt_websocket_pause(s.ws, true);
	say(&s, 0x81, "a", 1);
	for (int i = 0; i < 5; i++)
		turn(&s);
	CHECK_INT(s.heard.len, 0);
	kt_websocket_pause(s.ws, false);
	HEARS(&s, "\x81\x01"
		  "a");
	finish(&s);
}
