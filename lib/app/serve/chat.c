#include "chat.h"

#include "channel.h"
#include "esc.h"
#include "handshake.h"
#include "mem.h"
#include "when.h"

/* LOOK_US: between looks at who has gone before it was let in. */
enum { MESSAGE_BYTES = 64 << 10, LOOK_US = 1000000 };

struct kt_chatter {
	struct kt_hub_member member;
	struct kt_channel *channel;
	struct kt_chatter *next, **link; /* of those who wait to be let in; link NULL: it is none of them */
	struct kt_handshake_later later;
	bool in;
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

bool kt_chat_of_record(struct kt_buf *out, const struct kt_record *record)
{
	return record->value.data && kt_chat_clean(out, record->value);
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	struct kt_chatter *c = user;
	struct kt_hub *hub = kt_channel_hub(c->channel);
	size_t n = 0;
	if (!c->in)
		return 0;
	if (kt_hub_is_behind(hub, &c->member)) {
		c->channel->serve->chat_behind++;
		c->in = false;
		kt_websocket_end(c->member.ws, KT_WEBSOCKET_TRY_AGAIN);
		return 0;
	}
	for (uint64_t at = c->member.at; at < hub->ring.end && n < max; at++) {
		struct kt_streamed *r = kt_ring_get(&hub->ring, at);
		if (r->texts[KT_TEXT_CHAT].data)
			messages[n++] = (struct kt_websocket_message){.payload = r->texts[KT_TEXT_CHAT], .owner = r};
		else
			c->member.at += !n;
	}
	return n;
}

static void sent(void *user, size_t n)
{
	struct kt_chatter *c = user;
	for (const struct kt_ring *ring = &kt_channel_hub(c->channel)->ring; n; c->member.at++)
		n -= kt_ring_get(ring, c->member.at)->texts[KT_TEXT_CHAT].data != NULL;
}

static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	const struct kt_chatter *c = user;
	kt_auto(kt_buf_fini) struct kt_buf cleaned = {0};
	if (!text) {
		kt_websocket_end(ws, KT_WEBSOCKET_POLICY);
		return;
	}
	if (!kt_chat_clean(&cleaned, message))
		return;
	const struct kt_record record = {.value = {cleaned.data, cleaned.len}};
	if (!kt_channel_send(c->channel, &record))
		kt_websocket_end(ws, KT_WEBSOCKET_TRY_AGAIN);
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
	c->channel->serve->chatters -= c->member.ws != NULL;
	kt_answer_fini(&c->later.answer);
	free(c);
}

static void take_over(void *user, int fd, struct kt_bytes early, void *held)
{
	static const struct kt_websocket_kind kind = {.largest = MESSAGE_BYTES,
		.message = take_message,
		.fill = fill,
		.sent = sent,
		.hold = kt_streamed_hold,
		.drop = kt_streamed_drop,
		.gone = gone};
	struct kt_chatter *c = user;
	struct kt_serve *s = c->channel->serve;
	kt_hub_join(kt_channel_hub(c->channel), &c->member);
	c->in = true;
	s->chatters++;
	c->member.ws = kt_streams_socket(s->streams, fd, early, held, &kind, c);
}

static void let_in(struct kt_chatter *c)
{
	leave_waiting(c);
	kt_handshake_let_in(&c->later, take_over, gone, c);
}

static void turn_away(struct kt_chatter *c, const char *why)
{
	leave_waiting(c);
	kt_handshake_turn_away(&c->later, 503, why, gone, c);
}

void kt_chats_turn(struct kt_serve *s)
{
	int64_t now_us = kt_clock_us();
	bool look = now_us >= s->chatters_look_us;
	if (look)
		s->chatters_look_us = now_us + LOOK_US;
	for (struct kt_chatter *c = s->chatters_waiting, *next; c; c = next) {
		next = c->next;
		if (s->ending)
			turn_away(c, "the server ends");
		else if (kt_channel_is_open(c->channel))
			let_in(c);
		else if (look && kt_httpd_has_closed(c->later.httpd, c->later.ticket))
			turn_away(c, "the client has gone");
	}
}

void kt_chat_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct kt_answer handshake = {0};
	struct kt_channel *channel = kt_channel_find(s, kt_route_word(found, 0));
	if (!channel || s->ending) {
		kt_serve_error(answer, channel ? 503 : 404, channel ? "the server ends" : "there is no such chat");
		return;
	}
	if (kt_access_is_from_elsewhere(request) || !kt_channel_may(channel, request)) {
		kt_serve_error(answer, 403, "this chat is not for a page of another site, or without its rights");
		return;
	}
	if (!kt_streams_handshake(s->streams, request, &handshake, answer))
		return;
	struct kt_chatter *c = kt_calloc(1, sizeof(*c));
	*c = (struct kt_chatter){
		.channel = channel, .later = {.httpd = at->httpd, .answer = handshake}, .next = s->chatters_waiting};
	c->link = &s->chatters_waiting;
	if (c->next)
		c->next->link = &c->next;
	s->chatters_waiting = c;
	c->later.ticket = kt_httpd_defer(request);
}
