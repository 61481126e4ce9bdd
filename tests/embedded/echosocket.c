/* A WebSocket that says everything again, on the server and the frames of kt serve: for test clients of others. Its
 * first line of stdout is where. */
#include <stdio.h>

#include "handshake.h"
#include "httpd.h"
#include "mem.h"
#include "websocket.h"

enum { LARGEST = 32 << 20 };

static struct kt_websockets *sockets;

/* A message that is to go back. */
struct echo {
	struct echo *next;
	struct kt_buf bytes;
	bool binary;
	int refs;
};

struct client {
	struct kt_websocket *ws;
	struct echo *first, **last;
};

static void drop(void *owner)
{
	struct echo *e = owner;
	if (--e->refs)
		return;
	kt_buf_fini(&e->bytes);
	free(e);
}

static void hold(void *owner)
{
	((struct echo *)owner)->refs++;
}

static void take(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	struct client *c = user;
	struct echo *e = kt_calloc(1, sizeof(*e));
	(void)ws;
	kt_buf_add(&e->bytes, message.data, message.len);
	e->binary = !text;
	e->refs = 1;
	*c->last = e;
	c->last = &e->next;
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	const struct client *c = user;
	size_t n = 0;
	for (struct echo *e = c->first; e && n < max; e = e->next)
		messages[n++] = (struct kt_websocket_message){{e->bytes.data, e->bytes.len}, e->binary, e};
	return n;
}

static void sent(void *user, size_t n)
{
	struct client *c = user;
	for (; n; n--) {
		struct echo *e = c->first;
		c->first = e->next;
		if (!c->first)
			c->last = &c->first;
		drop(e);
	}
}

static void gone(void *user)
{
	struct client *c = user;
	while (c->first)
		sent(c, 1);
	free(c);
}

static void take_over(void *user, int fd, struct kt_bytes early, void *held)
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
	struct client *c = kt_calloc(1, sizeof(*c));
	(void)user;
	c->last = &c->first;
	c->ws = kt_websockets_add(sockets, fd, early, held, &kind, c, NULL);
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	(void)user;
	if (kt_handshake(request, answer))
		answer->upgrade = take_over;
	return true;
}

int main(void)
{
	struct kt_httpd_how how = {.listen = "127.0.0.1:0", .answer = answer, .any_host = true};
	struct kt_httpd *httpd;
	struct kt_err err = {0};
	struct kt_loop loop = {0};
	if (kt_httpd_open(&httpd, &how, &err) < 0 || kt_websockets_open(&sockets, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	struct kt_loop_source requests = kt_httpd_source(httpd), frames = kt_websockets_source(sockets);
	kt_loop_add(&loop, &requests);
	kt_loop_add(&loop, &frames);
	printf("%s\n", kt_httpd_address(httpd));
	fflush(stdout);
	while (kt_loop_turn(&loop, &err) == 0)
		;
	fprintf(stderr, "%s\n", err.msg);
	return 1;
}
