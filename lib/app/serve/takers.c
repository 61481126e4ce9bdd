#include "takers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "handshake.h"
#include "jsonout.h"
#include "mem.h"
#include "streams_own.h"
#include "takequery.h"
#include "topic.h"
#include "when.h"

enum { MESSAGE_BYTES = 16 << 10, LOOK_MS = 1000 };

struct taker {
	struct kt_takers *all;
	struct taker *next;
	struct kt_handshake_later later;
	struct kt_websocket *ws;
	bool left; /* its client has gone, or never was there */
	bool told; /* that its member can go on no more */
	struct kt_groupreader *reader;
	struct kt_groupframe *first, **end; /* to be sent next */
	uint64_t number;                    /* of the last that is on its way */
};

struct kt_takers {
	struct kt_serve *serve;
	struct taker *list;
	size_t n;
	int wake_fd;
	struct kt_loop_source source;
	bool ending;
};

static void take_frames(struct taker *t)
{
	struct kt_groupframe *f;
	while ((f = kt_groupreader_take(t->reader, SIZE_MAX, true)) != NULL) {
		*t->end = f;
		t->end = &f->next;
	}
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	const struct taker *t = user;
	size_t n = 0;
	for (struct kt_groupframe *f = t->first; f && n < max; f = f->next)
		messages[n++] = (struct kt_websocket_message){.payload = {f->text.data, f->text.len}, .owner = f};
	return n;
}

static void drop_first(struct taker *t)
{
	struct kt_groupframe *f = t->first;
	t->first = f->next;
	t->end = t->first ? t->end : &t->first;
	kt_groupframe_unref(f);
}

static void sent(void *user, size_t n)
{
	struct taker *t = user;
	for (; n; n--) {
		t->number = t->first->number;
		drop_first(t);
	}
}

static void hold(void *owner)
{
	((struct kt_groupframe *)owner)->refs++;
}

static void drop(void *owner)
{
	kt_groupframe_unref(owner);
}

static void say_error(struct kt_websocket *ws, const char *why)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_jsonout_begin(&text, NULL, '{');
	kt_jsonout_words(&text, "error", why);
	kt_jsonout_end(&text, '}');
	kt_websocket_say(ws, (struct kt_bytes){text.data, text.len});
}

static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	struct taker *t = user;
	struct kt_groupack acks[KT_TAKEQUERY_ACKS];
	struct kt_err err = {0};
	int n = text ? kt_takequery_acks(acks, message, &err)
		     : kt_err_set(&err, KT_FAILED, "expected {\"ack\":…} as text");
	if (n < 0) {
		say_error(ws, err.msg);
		kt_websocket_end(ws, KT_WEBSOCKET_POLICY);
	}
	for (int i = 0; i < n; i++)
		if (!kt_groupreader_ack(t->reader, &acks[i], t->number)) {
			kt_websocket_end(ws, KT_WEBSOCKET_TRY_AGAIN);
			return;
		}
}

static void gone(void *user)
{
	struct taker *t = user;
	t->left = true;
	t->ws = NULL;
	kt_groupreader_end(t->reader);
}

static void take_over(void *user, int fd, struct kt_bytes early, void *held)
{
	static const struct kt_websocket_kind kind = {.largest = MESSAGE_BYTES,
		.message = take_message,
		.fill = fill,
		.sent = sent,
		.hold = hold,
		.drop = drop,
		.gone = gone};
	struct taker *t = user;
	t->ws = kt_streams_socket(t->all->serve->streams, fd, early, held, &kind, t);
	eventfd_write(t->all->wake_fd, 1);
}

static void turn_away(struct taker *t, unsigned status, const char *why)
{
	kt_handshake_turn_away(&t->later, status, why, gone, t);
}

static void answer(struct taker *t, enum kt_groupreader_state state, const struct kt_err *why)
{
	if (t->all->ending)
		turn_away(t, 503, "the server ends");
	else if (state == KT_GROUPREADER_READS)
		kt_handshake_let_in(&t->later, take_over, gone, t);
	else if (state == KT_GROUPREADER_OVER)
		turn_away(t, why->status == KT_NOT_FOUND ? 404 : why->status == KT_FAILED ? 403 : 503, why->msg);
	else if (kt_httpd_has_closed(t->later.httpd, t->later.ticket))
		turn_away(t, 503, "the client has gone");
}

static void free_taker(struct taker *t)
{
	kt_groupreader_free(t->reader);
	while (t->first)
		drop_first(t);
	kt_answer_fini(&t->later.answer);
	free(t);
}

/* False: it is over. */
static bool go_on(struct taker *t)
{
	struct kt_err why;
	enum kt_groupreader_state state = kt_groupreader_state(t->reader, &why);
	if (t->later.httpd)
		answer(t, state, &why);
	if (t->left)
		return state != KT_GROUPREADER_OVER;
	if (!t->ws)
		return true;
	take_frames(t);
	if (state == KT_GROUPREADER_OVER && !t->told) {
		t->told = true;
		say_error(t->ws, why.msg);
		kt_websocket_end(t->ws, KT_WEBSOCKET_TRY_AGAIN);
	} else {
		kt_websocket_wake(t->ws);
	}
	return true;
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_takers *all = user;
	eventfd_t ignored;
	(void)revents, (void)err;
	eventfd_read(all->wake_fd, &ignored);
	for (struct taker **at = &all->list; *at;) {
		struct taker *t = *at;
		if (go_on(t)) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		all->n--;
		free_taker(t);
	}
	return 0;
}

static int64_t wait(void *user, struct pollfd *fd)
{
	const struct kt_takers *all = user;
	*fd = (struct pollfd){.fd = all->wake_fd, .events = POLLIN};
	return all->list ? LOOK_MS : INT64_MAX;
}

static struct kt_takers *all_of(struct kt_serve *s)
{
	int fd = s->takers ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return s->takers;
	struct kt_takers *all = kt_calloc(1, sizeof(*all));
	*all = (struct kt_takers){.serve = s,
		.wake_fd = fd,
		.source = (struct kt_loop_source){.user = all, .wait = wait, .serve = serve}};
	kt_loop_add(s->streams->loop, &all->source);
	s->takers = all;
	return all;
}

/* 0, or the status that the request is refused with, and err. */
static unsigned check(struct kt_serve *s, const struct kt_http_request *request, const char *topic,
	struct kt_takequery *query, struct kt_err *err)
{
	struct kt_err ignored;
	if (kt_access_is_from_elsewhere(request)) {
		kt_err_set(err, KT_FAILED, "the request comes from a page of another site");
		return 403;
	}
	if (kt_topic_check(topic, &ignored) < 0) {
		kt_err_set(err, KT_FAILED, "this cannot be the name of a topic");
		return 404;
	}
	if (kt_takequery_parse(query, request->target, err) < 0)
		return 400;
	if (request->client && !kt_token_may(request->client, KT_RIGHT_GROUP, query->group)) {
		kt_err_set(err, KT_FAILED, "this token may not be a member of this group");
		return 403;
	}
	if (s->ending || !all_of(s) || kt_serve_members(s) >= (size_t)s->how.limits.max_consumers) {
		kt_err_set(err, KT_FAILED, "%s", s->ending ? "the server ends" : KT_SERVE_MEMBERS);
		return 503;
	}
	return 0;
}

void kt_takers_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct kt_err err = {0};
	struct kt_takequery query;
	struct kt_answer handshake = {0};
	struct kt_groupreader *reader;
	const char *topic = kt_route_word(found, 0);
	unsigned status = check(s, request, topic, &query, &err);
	if (status) {
		kt_serve_error(answer, status, err.msg);
		return;
	}
	if (!kt_streams_handshake(s->streams, request, &handshake, answer))
		return;
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	kt_strs_add(&topics, topic);
	const struct kt_groupreader_how how = {.settings = &s->streams->settings,
		.topics = &topics,
		.group = query.group,
		.window = query.window,
		.reset = query.reset,
		.timeout_ms = s->how.timeout_ms,
		.wake_fd = s->takers->wake_fd};
	if (kt_groupreader_begin(&reader, &how, &err) < 0) {
		kt_answer_fini(&handshake);
		kt_serve_error(answer, 503, err.msg);
		return;
	}
	struct taker *t = kt_calloc(1, sizeof(*t));
	*t = (struct taker){.all = s->takers,
		.next = s->takers->list,
		.later = {.httpd = at->httpd, .answer = handshake},
		.reader = reader};
	t->end = &t->first;
	s->takers->list = t;
	s->takers->n++;
	t->later.ticket = kt_httpd_defer(request);
}

void kt_takers_end(struct kt_serve *s)
{
	if (!s->takers)
		return;
	s->takers->ending = true;
	eventfd_write(s->takers->wake_fd, 1);
}

size_t kt_takers_count(const struct kt_serve *s)
{
	return s->takers ? s->takers->n : 0;
}

void kt_takers_fini(struct kt_serve *s)
{
	struct kt_takers *all = s->takers;
	if (!all)
		return;
	for (struct taker *t = all->list, *next; t; t = next) {
		next = t->next;
		kt_groupreader_end(t->reader);
		free_taker(t);
	}
	close(all->wake_fd);
	free(all);
}
