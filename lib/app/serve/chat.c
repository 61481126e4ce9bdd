#include "chat.h"

#include "esc.h"
#include "mem.h"
#include "say.h"
#include "streams_own.h"
#include "when.h"

enum { MESSAGE_BYTES = 64 << 10 };

struct kt_chatter {
	struct kt_hub_member member;
	struct kt_chat *chat;
	struct kt_chatter *next, **link; /* of those who wait to be let in; link NULL: it is none of them */
	struct kt_httpd *httpd;
	uint64_t ticket;
	struct kt_answer handshake;
	bool in;
};

struct kt_chat {
	struct kt_serve *serve;
	const char *name; /* of its topic */
	struct kt_serve_topic *topic;
	struct kt_stream *stream; /* NULL: there is no topic, and hub is its own */
	struct kt_hub *hub;
	struct kt_chatter *waiting;
};

bool kt_chat_clean(struct kt_buf *out, struct kt_bytes text)
{
	size_t before = out->len;
	while (text.len && strchr(" \t\r\n\v\f", text.data[text.len - 1]))
		text.len--;
	while (text.len && strchr(" \t\r\n\v\f", *text.data))
		text = (struct kt_bytes){text.data + 1, text.len - 1};
	bool whole = kt_utf8_valid(text.data, text.len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i] == '\n' ? ' ' : text.data[i];
		kt_buf_addc(out, !whole && (unsigned char)c > 0x7e ? '?' : c);
	}
	return out->len > before;
}

static struct kt_hub *hub_of(const struct kt_chat *chat)
{
	return chat->stream ? chat->stream->hub : chat->hub;
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	struct kt_chatter *c = user;
	struct kt_hub *hub = hub_of(c->chat);
	size_t n = 0;
	if (!c->in)
		return 0;
	if (kt_hub_is_behind(hub, &c->member)) {
		c->chat->serve->chat_behind++;
		c->in = false;
		kt_websocket_end(c->member.ws, KT_WEBSOCKET_TRY_AGAIN);
		return 0;
	}
	for (uint64_t at = c->member.at; at < hub->ring.end && n < max; at++) {
		struct kt_streamed *r = kt_ring_get(&hub->ring, at);
		if (r->text.data)
			messages[n++] = (struct kt_websocket_message){.payload = r->text, .owner = r};
		else
			c->member.at += !n;
	}
	return n;
}

static void sent(void *user, size_t n)
{
	struct kt_chatter *c = user;
	for (const struct kt_ring *ring = &hub_of(c->chat)->ring; n; c->member.at++)
		n -= kt_ring_get(ring, c->member.at)->text.data != NULL;
}

static void hold(void *owner)
{
	kt_streamed_ref(owner);
}

static void drop(void *owner)
{
	kt_streamed_unref(owner);
}

static void wake_all(struct kt_hub *hub)
{
	for (struct kt_hub_member *m = hub->members, *next; m; m = next) {
		next = m->next;
		if (m->ws)
			kt_websocket_wake(m->ws);
	}
}

/* False: the queue is full. */
static bool send_text(struct kt_chat *chat, struct kt_bytes text)
{
	struct kt_serve *s = chat->serve;
	struct kt_err err = {0};
	const struct kt_record record = {.partition = 0, .offset = -1, .value = text};
	if (!chat->stream) {
		kt_hub_put(chat->hub, text);
		wake_all(chat->hub);
		return true;
	}
	int64_t tag = (int64_t)KT_CHAT_JOB << 24 | (chat - s->chats);
	int result = kt_producer_send(s->producer, chat->topic->handle, &record, tag, 0, &err);
	if (result < 0)
		kt_say(KT_WARNING, "a message of the chat was not sent to topic %s: %s", chat->name, err.msg);
	s->chatting += result > 0;
	return result > 0;
}

static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	const struct kt_chatter *c = user;
	kt_auto(kt_buf_fini) struct kt_buf cleaned = {0};
	if (!text)
		kt_websocket_end(ws, KT_WEBSOCKET_POLICY);
	else if (kt_chat_clean(&cleaned, message) && !send_text(c->chat, (struct kt_bytes){cleaned.data, cleaned.len}))
		kt_websocket_end(ws, KT_WEBSOCKET_TRY_AGAIN);
}

void kt_chat_delivery(struct kt_serve *s, const struct kt_delivery *d)
{
	const struct kt_chat *chat = &s->chats[d->tag & ((1 << 24) - 1)];
	s->chatting--;
	chat->topic->failed += d->failed != NULL;
	chat->topic->delivered += !d->failed;
	if (d->failed)
		kt_say(KT_WARNING, "a message of the chat did not come into topic %s: %s", chat->name, d->failed);
}

static void leave_waiting(struct kt_chatter *c)
{
	if (!c->link)
		return;
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	c->link = NULL;
}

static void gone(void *user)
{
	struct kt_chatter *c = user;
	leave_waiting(c);
	kt_hub_leave(&c->member);
	c->chat->serve->chatters -= c->member.ws != NULL;
	kt_answer_fini(&c->handshake);
	free(c);
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
	struct kt_chatter *c = user;
	struct kt_serve *s = c->chat->serve;
	kt_hub_join(hub_of(c->chat), &c->member);
	c->in = true;
	s->chatters++;
	c->member.ws = kt_streams_socket(s->streams, fd, early, held, &kind, c);
}

static bool is_open(const struct kt_chat *chat)
{
	return !chat->stream || (kt_stream_is_ready(chat->stream) && kt_serve_topic_find(chat->serve, chat->topic) > 0);
}

static void let_in(struct kt_chatter *c)
{
	struct kt_answer answer = c->handshake;
	c->handshake = (struct kt_answer){0};
	leave_waiting(c);
	answer.upgrade = take_over;
	answer.upgrade_user = c;
	answer.source = c;
	answer.gone = gone;
	kt_httpd_answer(c->httpd, c->ticket, &answer);
}

static void turn_away(struct kt_chatter *c)
{
	struct kt_answer answer = {.source = c, .gone = gone};
	leave_waiting(c);
	kt_serve_error(&answer, 503, "the server ends");
	kt_httpd_answer(c->httpd, c->ticket, &answer);
}

void kt_chats_turn(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_chats; i++) {
		struct kt_chat *chat = &s->chats[i];
		bool open = is_open(chat);
		for (struct kt_chatter *c = chat->waiting, *next; c && (open || s->ending); c = next) {
			next = c->next;
			if (s->ending)
				turn_away(c);
			else
				let_in(c);
		}
	}
}

const char *kt_chats_wait_for(const struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_chats; i++)
		if (s->chats[i].stream && !kt_stream_is_ready(s->chats[i].stream))
			return "it is not known yet where the topic of the chat ends";
	return NULL;
}

static void open_chat(struct kt_serve *s, const char *name)
{
	for (size_t i = 0; i < s->n_chats; i++)
		if (!strcmp(s->chats[i].name, name))
			return;
	struct kt_chat *chat = &s->chats[s->n_chats++];
	*chat = (struct kt_chat){.serve = s, .name = name};
	if (!strcmp(name, KT_CHAT_NO_TOPIC)) {
		chat->hub = kt_hub_new(NULL, NULL);
		return;
	}
	chat->topic = kt_serve_topic(s, name);
	chat->topic->jobs++;
	chat->stream = kt_streams_topic(s->streams, name);
	chat->stream->texts = true;
	chat->stream->n++;
}

void kt_chats_open(struct kt_serve *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->how.n_listen; i++)
		n += s->how.listen[i].routes->n;
	s->chats = kt_calloc(n + 1, sizeof(*s->chats));
	for (size_t i = 0; i < s->how.n_listen; i++) {
		const struct kt_routes *routes = s->how.listen[i].routes;
		for (size_t k = 0; k < routes->n; k++)
			if (routes->v[k].action->id == KT_ROUTE_CHAT && s->n_chats < KT_STREAMS_TOPICS)
				open_chat(s, routes->v[k].words.v[0]);
	}
}

static struct kt_chat *find(struct kt_serve *s, const char *name)
{
	for (size_t i = 0; i < s->n_chats; i++)
		if (!strcmp(s->chats[i].name, name))
			return &s->chats[i];
	return NULL;
}

void kt_chat_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct kt_answer handshake = {0};
	const char *name = kt_route_word(found, 0);
	struct kt_chat *chat = find(s, name);
	if (!chat || s->ending) {
		kt_serve_error(answer, chat ? 503 : 404, chat ? "the server ends" : "there is no such chat");
		return;
	}
	if (kt_access_is_from_elsewhere(request) ||
		(chat->stream && (!kt_access_may(s, request, KT_RIGHT_PRODUCE, name) ||
					 !kt_access_may(s, request, KT_RIGHT_CONSUME, name)))) {
		kt_serve_error(answer, 403, "this chat is not for a page of another site, or without its rights");
		return;
	}
	if (!kt_streams_handshake(s->streams, request, &handshake, answer))
		return;
	struct kt_chatter *c = kt_calloc(1, sizeof(*c));
	*c = (struct kt_chatter){.chat = chat, .httpd = at->httpd, .handshake = handshake, .next = chat->waiting};
	c->link = &chat->waiting;
	if (c->next)
		c->next->link = &c->next;
	chat->waiting = c;
	c->ticket = kt_httpd_defer(request);
}

void kt_chats_fini(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_chats; i++) {
		if (s->chats[i].topic)
			s->chats[i].topic->jobs--;
		if (!s->chats[i].stream)
			kt_hub_free(s->chats[i].hub);
	}
	free(s->chats);
}
