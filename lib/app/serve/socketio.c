#include "socketio_own.h"

#include <sys/random.h>

#include "esc.h"
#include "mem.h"
#include "say.h"
#include "when.h"

/* LOOK_US: between looks at who has gone. UPGRADE_US: for a WebSocket to take over. */
enum { LOOK_US = 1000000, UPGRADE_US = 30000000 };

void kt_socketio_open(struct kt_serve *s)
{
	for (size_t i = 0; i < s->how.n_listen; i++)
		for (size_t k = 0; k < s->how.listen[i].routes->n && !s->socketio; k++)
			if (s->how.listen[i].routes->v[k].action->id == KT_ROUTE_SOCKETIO)
				s->socketio = kt_calloc(1, sizeof(*s->socketio));
	if (s->socketio)
		s->socketio->serve = s;
}

size_t kt_socketio_count(const struct kt_socketio *x)
{
	return x ? x->n : 0;
}

/* By the first digits of an id, which is random. */
static struct kt_socketio_session **bucket_of(const struct kt_socketio *x, const char *sid)
{
	size_t n = 0;
	for (size_t i = 0; i < 3; i++)
		n = n << 4 | (size_t)kt_hex_digit(sid[i]);
	return (struct kt_socketio_session **)(uintptr_t)&x->buckets[n % KT_SOCKETIO_BUCKETS];
}

struct kt_socketio_session *kt_socketio_find(const struct kt_socketio *x, const char *sid)
{
	if (strlen(sid) != sizeof(x->first->sid) - 1 || strspn(sid, "0123456789abcdef") != strlen(sid))
		return NULL;
	struct kt_socketio_session *session = *bucket_of(x, sid);
	while (session && strcmp(session->sid, sid) != 0)
		session = session->next_same;
	return session;
}

static void put_among(struct kt_socketio *x, struct kt_socketio_session *session)
{
	struct kt_socketio_session **bucket = bucket_of(x, session->sid);
	session->next = x->first;
	session->link = &x->first;
	if (session->next)
		session->next->link = &session->next;
	x->first = session;
	session->next_same = *bucket;
	session->link_same = bucket;
	if (session->next_same)
		session->next_same->link_same = &session->next_same;
	*bucket = session;
	x->n++;
}

struct kt_socketio_session *kt_socketio_new(
	struct kt_socketio *x, struct kt_channel *channel, const struct kt_http_request *request)
{
	unsigned char id[KT_SOCKETIO_SID_BYTES];
	kt_auto(kt_buf_fini) struct kt_buf hex = {0};
	const struct kt_serve_limits *limits = &x->serve->how.limits;
	if (x->n >= (size_t)limits->max_connections || getrandom(id, sizeof(id), 0) != sizeof(id))
		return NULL;
	struct kt_peer *peer = kt_http_enter(request, &x->peers);
	if (peer && peer->n > limits->max_per_address) {
		kt_peers_leave(peer);
		return NULL;
	}
	struct kt_socketio_session *session = kt_calloc(1, sizeof(*session));
	kt_buf_add_hex(&hex, id, sizeof(id));
	memcpy(session->sid, hex.data, hex.len);
	session->all = x;
	session->channel = channel;
	session->client = request->client;
	session->peer = peer;
	session->holder = kt_http_enter(request, &x->holders);
	session->heard_us = session->polled_us = kt_clock_us();
	x->waiting++;
	put_among(x, session);
	return session;
}

static void leave(struct kt_socketio_session *session)
{
	if (!session->joined)
		return;
	session->joined = false;
	kt_hub_leave(&session->member);
	if (kt_says(KT_NORMAL))
		kt_say_plain("Client disconnected %s", session->sid);
}

static void cut(struct kt_socketio_wire *wire, unsigned code)
{
	if (!wire)
		return;
	wire->session = NULL;
	if (wire->ws)
		kt_websocket_end(wire->ws, code);
}

/* A client that hears of it by a packet of its own kind comes again; one that never comes is told nothing. */
static void answer_last(struct kt_socketio_session *session)
{
	struct kt_answer answer = {0};
	session->all->waiting -= !session->open;
	kt_answer_fini(&session->handshake);
	if (!session->waits)
		return;
	if (session->open) {
		kt_socketio_puts(session, "1");
		kt_socketio_answer_poll(session, true);
		return;
	}
	kt_serve_error(&answer, 503, "the server ends");
	kt_httpd_answer(session->httpd, session->ticket, &answer);
}

void kt_socketio_drop(struct kt_socketio_session *session, unsigned code)
{
	struct kt_socketio *x = session->all;
	leave(session);
	answer_last(session);
	cut(session->wire, code);
	cut(session->next_wire, code);
	while (session->n_own)
		kt_socketio_shift(session);
	free(session->own);
	kt_peers_leave(session->peer);
	kt_peers_leave(session->holder);
	*session->link = session->next;
	if (session->next)
		session->next->link = session->link;
	*session->link_same = session->next_same;
	if (session->next_same)
		session->next_same->link_same = session->link_same;
	x->n--;
	free(session);
}

void kt_socketio_put(struct kt_socketio_session *session, struct kt_bytes packet)
{
	struct kt_streamed *r = kt_streamed_text(KT_TEXT_SOCKETIO, packet);
	if (session->first_own > session->n_own) {
		memmove(session->own, session->own + session->first_own, session->n_own * sizeof(struct kt_streamed *));
		session->first_own = 0;
	}
	size_t end = session->first_own + session->n_own;
	session->own = kt_grow(session->own, &session->cap_own, end + 1, sizeof(struct kt_streamed *));
	session->own[end] = r;
	session->n_own++;
	session->own_bytes += r->size;
	session->all->own_bytes += r->size;
	if (session->holder)
		session->holder->bytes += r->size;
}

void kt_socketio_puts(struct kt_socketio_session *session, const char *packet)
{
	kt_socketio_put(session, (struct kt_bytes){packet, strlen(packet)});
}

bool kt_socketio_is_full(const struct kt_socketio_session *session)
{
	size_t most = (size_t)session->all->serve->how.limits.max_inflight;
	return session->own_bytes > KT_SOCKETIO_OWN_BYTES || session->n_own > KT_SOCKETIO_OWN_PACKETS ||
	       session->all->own_bytes > most || (session->holder && session->holder->bytes > most / KT_SOCKETIO_SHARE);
}

bool kt_socketio_is_behind(const struct kt_socketio_session *session)
{
	return session->joined && kt_hub_is_behind(kt_channel_hub(session->channel), &session->member);
}

struct kt_streamed *kt_socketio_next(struct kt_socketio_session *session)
{
	const struct kt_ring *ring = session->joined ? &kt_channel_hub(session->channel)->ring : NULL;
	if (session->n_own)
		return session->own[session->first_own];
	for (; ring && session->member.at < ring->end; session->member.at++) {
		struct kt_streamed *r = kt_ring_get(ring, session->member.at);
		if (r->texts[KT_TEXT_SOCKETIO].data)
			return r;
	}
	return NULL;
}

void kt_socketio_shift(struct kt_socketio_session *session)
{
	if (!session->n_own) {
		session->member.at++;
		return;
	}
	struct kt_streamed *r = session->own[session->first_own++];
	session->own_bytes -= r->size;
	session->all->own_bytes -= r->size;
	if (session->holder)
		session->holder->bytes -= r->size;
	kt_streamed_unref(r);
	if (!--session->n_own)
		session->first_own = 0;
}

void kt_socketio_welcome(struct kt_socketio_session *session)
{
	kt_auto(kt_buf_fini) struct kt_buf hello = {0};
	bool upgrades = !session->socket && kt_streams_have_sockets(session->all->serve->streams);
	kt_buf_addf(&hello, "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingTimeout\":%d,\"pingInterval\":%d}", session->sid,
		upgrades ? "\"websocket\"" : "", KT_SOCKETIO_TIMEOUT_MS, KT_SOCKETIO_PING_MS);
	kt_socketio_put(session, (struct kt_bytes){hello.data, hello.len});
	kt_socketio_puts(session, "40");
	session->open = true;
	session->all->waiting--;
}

static void respond(struct kt_socketio_session *session, struct kt_socketio_data data, int64_t count)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_socketio_response(&text, data, count);
	kt_socketio_put(session, (struct kt_bytes){text.data, text.len});
}

static void say_text(struct kt_socketio_session *session, const char *text, int64_t count)
{
	respond(session, (struct kt_socketio_data){{text, strlen(text)}, true}, count);
}

static void join(struct kt_socketio_session *session, bool comma)
{
	if (session->joined)
		return;
	session->joined = true;
	session->encodes_twice = !comma;
	session->count = 0;
	kt_hub_join(kt_channel_hub(session->channel), &session->member);
	say_text(session, "Connected", 0);
	kt_socketio_puts(session, "40" KT_SOCKETIO_NAMESPACE);
}

/* False: it could not be sent. */
static bool broadcast(struct kt_socketio_session *session, struct kt_socketio_data data)
{
	char count[24];
	int len = snprintf(count, sizeof(count), "%lld", (long long)session->count);
	const struct kt_header header = {{KT_SOCKETIO_COUNT, sizeof(KT_SOCKETIO_COUNT) - 1}, {count, (size_t)len}};
	const struct kt_record record = {.value = data.value, .headers = &header, .n_headers = 1};
	session->all->stirred = true;
	return kt_channel_send(session->channel, &record);
}

static void acknowledge(struct kt_socketio_session *session, int64_t id)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (id < 0)
		return;
	kt_buf_addf(&text, "43" KT_SOCKETIO_NAMESPACE ",%lld[]", (long long)id);
	kt_socketio_put(session, (struct kt_bytes){text.data, text.len});
}

/* What its program does without data it has counted, but does not answer. */
static bool take_event(struct kt_socketio_session *session, const struct kt_socketio_packet *packet)
{
	kt_auto(kt_socketio_event_fini) struct kt_socketio_event event = {0};
	if (!kt_socketio_event(&event, packet->data))
		return false;
	bool echo = kt_bytes_are(event.name, "echo_event"), all = kt_bytes_are(event.name, "broadcast_event"),
	     goodbye = kt_bytes_are(event.name, "disconnect_request");
	session->count += echo || all || goodbye;
	if ((echo || all) && !event.data.value.data)
		return true;
	if (echo)
		respond(session, event.data, session->count);
	if (all && !broadcast(session, event.data))
		return false;
	if (goodbye)
		say_text(session, "Disconnected!", session->count);
	acknowledge(session, packet->id);
	if (goodbye) {
		kt_socketio_puts(session, "41" KT_SOCKETIO_NAMESPACE);
		leave(session);
	}
	return true;
}

static bool refuse_space(struct kt_socketio_session *session, const struct kt_socketio_packet *packet)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (packet->type != KT_SOCKETIO_CONNECT || packet->space.len > 100)
		return packet->type != KT_SOCKETIO_CONNECT;
	for (size_t i = 0; i < packet->space.len; i++)
		if (packet->space.data[i] < ' ' || packet->space.data[i] > '~')
			return false;
	kt_buf_addf(&text, "44%.*s,\"Invalid namespace\"", (int)packet->space.len, packet->space.data);
	kt_socketio_put(session, (struct kt_bytes){text.data, text.len});
	return true;
}

static bool take_message(struct kt_socketio_session *session, struct kt_bytes text)
{
	kt_auto(kt_buf_fini) struct kt_buf once = {0};
	struct kt_socketio_packet packet;
	if (!session->socket && session->encodes_twice && kt_engineio_decode_again(&once, text))
		text = (struct kt_bytes){once.data, once.len};
	if (!kt_socketio_read(&packet, text))
		return false;
	if (kt_bytes_are(packet.space, "/"))
		return true;
	if (!kt_bytes_are(packet.space, KT_SOCKETIO_NAMESPACE))
		return refuse_space(session, &packet);
	if (packet.type == KT_SOCKETIO_CONNECT)
		join(session, packet.comma);
	else if (packet.type == KT_SOCKETIO_DISCONNECT)
		leave(session);
	return packet.type != KT_SOCKETIO_EVENT || !session->joined || take_event(session, &packet);
}

bool kt_socketio_take(struct kt_socketio_session *session, const struct kt_engineio_packet *packet)
{
	kt_auto(kt_buf_fini) struct kt_buf pong = {0};
	session->heard_us = kt_clock_us();
	switch (packet->type) {
	case KT_ENGINEIO_PING:
		if (packet->data.len > 100)
			return false;
		kt_buf_addc(&pong, KT_ENGINEIO_PONG);
		kt_buf_add(&pong, packet->data.data, packet->data.len);
		kt_socketio_put(session, (struct kt_bytes){pong.data, pong.len});
		return true;
	case KT_ENGINEIO_MESSAGE:
		return !packet->binary && take_message(session, packet->data);
	default:
		return packet->type == KT_ENGINEIO_NOOP;
	}
}

/* Nobody polls for it, or nothing was heard of it for too long. */
static bool is_gone(const struct kt_socketio_session *session, int64_t now_us)
{
	int64_t idle_us = session->all->serve->how.limits.idle_ms * 1000;
	if (session->socket)
		return false;
	return now_us - session->heard_us > KT_SOCKETIO_SILENT_MS * INT64_C(1000) ||
	       (!session->waits && now_us - session->polled_us > idle_us);
}

static void look_at(struct kt_socketio_session *session, int64_t now_us)
{
	const struct kt_socketio_wire *next = session->next_wire;
	if (next && next->ws && now_us - next->since_us > UPGRADE_US) {
		cut(session->next_wire, KT_WEBSOCKET_POLICY);
		session->next_wire = NULL;
	}
	bool closed = session->waits && kt_httpd_has_closed(session->httpd, session->ticket);
	if ((closed && !session->open) || is_gone(session, now_us))
		kt_socketio_drop(session, KT_WEBSOCKET_GOING_AWAY);
	else if (closed)
		kt_socketio_answer_poll(session, true);
}

static uint64_t records_of(const struct kt_serve *s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s->n_channels; i++)
		n += kt_channel_hub(&s->channels[i]) ? kt_channel_hub(&s->channels[i])->ring.end : 0;
	return n;
}

static void look_at_polls(struct kt_socketio *x)
{
	for (struct kt_socketio_session *session = x->first, *next; session; session = next) {
		next = session->next;
		if (!session->open && kt_channel_is_open(session->channel)) {
			kt_socketio_let_in(session);
		} else if (kt_socketio_is_behind(session) && !session->socket) {
			x->serve->chat_behind++;
			kt_socketio_drop(session, KT_WEBSOCKET_TRY_AGAIN);
		} else if (session->open && session->waits) {
			kt_socketio_answer_poll(session, false);
		}
	}
}

void kt_socketio_turn(struct kt_socketio *x)
{
	if (!x)
		return;
	uint64_t records = records_of(x->serve);
	int64_t now_us = kt_clock_us();
	if (records != x->seen || x->stirred || x->waiting) {
		x->seen = records;
		x->stirred = false;
		look_at_polls(x);
	}
	if (now_us < x->look_us)
		return;
	x->look_us = now_us + LOOK_US;
	for (struct kt_socketio_session *session = x->first, *next; session; session = next) {
		next = session->next;
		look_at(session, now_us);
	}
}

int64_t kt_socketio_wait_ms(const struct kt_socketio *x)
{
	return x && x->stirred ? 0 : x && x->n ? LOOK_US / 1000 : INT64_MAX;
}

void kt_socketio_end(struct kt_socketio *x)
{
	while (x && x->first)
		kt_socketio_drop(x->first, KT_WEBSOCKET_GOING_AWAY);
}

void kt_socketio_close(struct kt_socketio *x)
{
	kt_socketio_end(x);
	free(x);
}
