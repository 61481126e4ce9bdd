/* WebSockets of Socket.IO: a session's from its beginning, or one that takes over from polling. That one asks first,
 * with a ping "probe"; what waits for the session then is answered, so that its client can stop polling and say so. */
#include "mem.h"
#include "socketio_own.h"
#include "when.h"

/* MESSAGE_BYTES: as much as a client may post. */
enum { MESSAGE_BYTES = KT_ROUTE_SOCKETIO_BYTES };

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	const struct kt_socketio_wire *wire = user;
	struct kt_socketio_session *s = wire->session;
	size_t n = 0;
	if (!s || s->wire != wire)
		return 0;
	if (kt_socketio_is_behind(s)) {
		s->all->serve->chat_behind++;
		kt_socketio_drop(s, KT_WEBSOCKET_TRY_AGAIN);
		return 0;
	}
	for (; n < max && n < s->n_own; n++) {
		struct kt_streamed *r = s->own[s->first_own + n];
		messages[n] = (struct kt_websocket_message){.payload = r->texts[KT_TEXT_SOCKETIO], .owner = r};
	}
	if (n || !kt_socketio_next(s))
		return n;
	const struct kt_ring *ring = &kt_channel_hub(s->channel)->ring;
	for (uint64_t at = s->member.at; at < ring->end && n < max; at++) {
		struct kt_streamed *r = kt_ring_get(ring, at);
		if (r->texts[KT_TEXT_SOCKETIO].data)
			messages[n++] =
				(struct kt_websocket_message){.payload = r->texts[KT_TEXT_SOCKETIO], .owner = r};
	}
	return n;
}

static void sent(void *user, size_t n)
{
	const struct kt_socketio_wire *wire = user;
	for (; n && kt_socketio_next(wire->session); n--)
		kt_socketio_shift(wire->session);
	if (wire->session->paused && (!wire->session->n_own || !kt_socketio_is_full(wire->session))) {
		wire->session->paused = false;
		kt_websocket_pause(wire->ws, false);
	}
}

/* It is the session's now, which counts among connections from here on. */
static void move_to(struct kt_socketio_wire *wire)
{
	kt_peers_leave(kt_steal(wire->session->peer));
	wire->session->member.ws = wire->ws;
}

/* What it says before it has taken over. False: that is nothing to say then. */
static bool take_probe(struct kt_socketio_wire *wire, const struct kt_engineio_packet *packet)
{
	struct kt_socketio_session *s = wire->session;
	if (packet->type == KT_ENGINEIO_PING && !wire->probed && kt_bytes_are(packet->data, "probe")) {
		wire->probed = true;
		kt_websocket_say(wire->ws, (struct kt_bytes){"3probe", 6});
		kt_socketio_answer_poll(s, true);
		return true;
	}
	if (packet->type != KT_ENGINEIO_UPGRADE || !wire->probed)
		return false;
	kt_socketio_answer_poll(s, true);
	s->wire = kt_steal(s->next_wire);
	s->socket = true;
	move_to(wire);
	return true;
}

/* It is no more one that may take over. */
static void give_up(struct kt_socketio_wire *wire)
{
	wire->session->next_wire = NULL;
	wire->session = NULL;
	kt_websocket_end(wire->ws, KT_WEBSOCKET_POLICY);
}

static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	struct kt_socketio_wire *wire = user;
	struct kt_socketio_session *s = wire->session;
	struct kt_engineio_packet packet;
	wire->ws = ws;
	if (!s)
		return;
	bool good = text && kt_engineio_packet(&packet, message);
	if (s->wire != wire) {
		if (!good || !take_probe(wire, &packet))
			give_up(wire);
	} else if (!good || !kt_socketio_take(s, &packet)) {
		bool said_so = good && packet.type == KT_ENGINEIO_CLOSE;
		kt_socketio_drop(s, said_so ? KT_WEBSOCKET_NORMAL : KT_WEBSOCKET_POLICY);
	} else if (s->n_own && kt_socketio_is_full(s) && !s->paused) {
		s->paused = true;
		kt_websocket_pause(ws, true);
	}
}

static void gone(void *user)
{
	struct kt_socketio_wire *wire = user;
	struct kt_socketio_session *s = wire->session;
	if (s && s->wire == wire) {
		s->wire = NULL;
		kt_socketio_drop(s, KT_WEBSOCKET_NORMAL);
	} else if (s) {
		s->next_wire = NULL;
	}
	free(wire);
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
	struct kt_socketio_wire *wire = user;
	wire->since_us = kt_clock_us();
	wire->ws = kt_streams_socket(wire->streams, fd, early, held, &kind, wire);
	if (!wire->session) {
		kt_websocket_end(wire->ws, KT_WEBSOCKET_GOING_AWAY);
		return;
	}
	if (wire->session->wire == wire)
		move_to(wire);
	kt_websocket_wake(wire->ws);
}

/* The rest of the answer to a request for a WebSocket, whose head is there. */
static struct kt_socketio_wire *new_wire(struct kt_socketio_session *session, struct kt_answer *answer)
{
	struct kt_socketio_wire *wire = kt_calloc(1, sizeof(*wire));
	*wire = (struct kt_socketio_wire){.session = session, .streams = session->all->serve->streams};
	answer->upgrade = take_over;
	answer->upgrade_user = wire;
	answer->source = wire;
	answer->gone = gone;
	return wire;
}

void kt_socketio_let_in(struct kt_socketio_session *session)
{
	kt_socketio_welcome(session);
	if (!session->socket) {
		kt_socketio_answer_poll(session, true);
		return;
	}
	struct kt_answer answer = session->handshake;
	session->handshake = (struct kt_answer){0};
	session->waits = false;
	session->wire = new_wire(session, &answer);
	kt_httpd_answer(session->httpd, session->ticket, &answer);
}

void kt_socketio_upgrade(struct kt_socketio_session *session, struct kt_answer *handshake, struct kt_answer *answer)
{
	*answer = *handshake;
	session->next_wire = new_wire(session, answer);
}
