/* Requests for /socket.io/: who may open a session, and those that poll. */
#include "jsonout.h"
#include "query.h"
#include "socketio_own.h"
#include "when.h"

/* ANSWER_BYTES: of packets in one answer, or one that is larger. PACKETS: in one payload. */
enum { ANSWER_BYTES = 64 << 10, PACKETS = 1000 };

/* As servers of Engine.IO number them. */
enum fault { TRANSPORT_UNKNOWN, SESSION_UNKNOWN, BAD_METHOD, BAD_REQUEST, FORBIDDEN, BAD_VERSION };

/* What the query of a request says. */
struct asked {
	bool version, polling, socket, text, jsonp;
	char sid[2 * KT_SOCKETIO_SID_BYTES + 2]; /* of one that is too long, one character more than any has */
	bool has_sid, malformed;
};

static void refuse(struct kt_answer *answer, unsigned status, enum fault fault, const char *why)
{
	answer->status = status;
	answer->type = "application/json";
	kt_jsonout_begin(&answer->body, NULL, '{');
	kt_jsonout_i64(&answer->body, "code", fault);
	kt_jsonout_words(&answer->body, "message", why);
	kt_jsonout_end(&answer->body, '}');
	kt_answer_header(answer, "Cache-Control", "no-store");
}

static void read_query(struct asked *asked, const char *target)
{
	struct kt_query q = kt_query_of(target);
	while (kt_query_next(&q)) {
		const char *name = kt_buf_cstr(&q.name), *value = kt_buf_cstr(&q.value);
		if (!strcmp(name, "EIO"))
			asked->version = !strcmp(value, "3");
		else if (!strcmp(name, "transport"))
			asked->polling = !strcmp(value, "polling"), asked->socket = !strcmp(value, "websocket");
		else if (!strcmp(name, "b64"))
			asked->text = *value != '\0';
		else if (!strcmp(name, "j"))
			asked->jsonp = true;
		else if (!strcmp(name, "sid")) {
			asked->has_sid = true;
			snprintf(asked->sid, sizeof(asked->sid), "%s", value);
		}
	}
	asked->malformed = q.malformed;
	kt_query_fini(&q);
}

/* By which a balancer can bring it to the same server again. */
static void add_cookie(const struct kt_socketio_session *session, struct kt_answer *answer)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_addf(&text, "io=%s; Path=/; HttpOnly; SameSite=Strict", session->sid);
	kt_answer_header(answer, "Set-Cookie", kt_buf_cstr(&text));
}

/* What is said to one that polls. */
static void fill_answer(struct kt_socketio_session *session, struct kt_answer *answer)
{
	const struct kt_streamed *r;
	answer->type = session->binary ? "application/octet-stream" : "text/plain; charset=UTF-8";
	kt_answer_header(answer, "Cache-Control", "no-store");
	kt_answer_header(answer, "X-Content-Type-Options", "nosniff");
	if (!session->told)
		add_cookie(session, answer);
	session->told = true;
	while ((r = kt_socketio_next(session)) != NULL) {
		struct kt_bytes packet = r->texts[KT_TEXT_SOCKETIO];
		if (answer->body.len && answer->body.len + packet.len > ANSWER_BYTES)
			break;
		kt_engineio_add(&answer->body, packet, session->binary);
		kt_socketio_shift(session);
	}
	if (!answer->body.len)
		kt_engineio_add(&answer->body, (struct kt_bytes){"6", 1}, session->binary);
	session->polled_us = kt_clock_us();
}

void kt_socketio_answer_poll(struct kt_socketio_session *session, bool force)
{
	struct kt_answer answer = {0};
	if (!session->waits || (!force && !kt_socketio_next(session)))
		return;
	fill_answer(session, &answer);
	session->waits = false;
	kt_httpd_answer(session->httpd, session->ticket, &answer);
}

static void wait_for_more(
	struct kt_socketio_session *session, struct kt_serve_listener *at, struct kt_http_request *request)
{
	session->waits = true;
	session->httpd = at->httpd;
	session->ticket = kt_httpd_defer(request);
}

/* A second request of a session that waits already takes the place of the first. */
static void take_poll(struct kt_socketio_session *session, struct kt_serve_listener *at,
	struct kt_http_request *request, const struct asked *asked, struct kt_answer *answer)
{
	bool moves = session->next_wire && session->next_wire->probed;
	kt_socketio_answer_poll(session, true);
	session->binary = !asked->text;
	if (kt_socketio_is_behind(session)) {
		at->serve->chat_behind++;
		kt_socketio_drop(session, KT_WEBSOCKET_TRY_AGAIN);
		refuse(answer, 400, SESSION_UNKNOWN, "the session is too far behind");
	} else if (moves || kt_socketio_next(session)) {
		fill_answer(session, answer);
	} else {
		wait_for_more(session, at, request);
	}
}

enum taken { TAKEN, SAID_GOODBYE, IS_NONE };

static enum taken take_payload(struct kt_socketio_session *session, const struct kt_http_request *request)
{
	const char *type = kt_http_header(request, "Content-Type");
	struct kt_engineio_payload payload = {.at = request->body.data,
		.end = request->body.data + request->body.len,
		.binary = !strncmp(type, "application/octet-stream", 24)};
	struct kt_engineio_packet packet;
	int got, n = 0;
	while ((got = kt_engineio_next(&payload, &packet)) > 0) {
		if (packet.type == KT_ENGINEIO_CLOSE)
			return SAID_GOODBYE;
		if (++n > PACKETS || !kt_socketio_take(session, &packet))
			return IS_NONE;
	}
	return got == 0 && n ? TAKEN : IS_NONE;
}

static void post(struct kt_socketio_session *session, const struct kt_http_request *request, struct kt_answer *answer)
{
	enum taken taken = kt_socketio_is_full(session) ? IS_NONE : take_payload(session, request);
	if (taken == TAKEN)
		kt_socketio_answer_poll(session, false);
	else
		kt_socketio_drop(session, KT_WEBSOCKET_POLICY);
	if (taken == IS_NONE) {
		refuse(answer, 400, BAD_REQUEST, "Bad request");
		return;
	}
	answer->type = "text/plain; charset=UTF-8";
	kt_buf_adds(&answer->body, "OK");
}

/* Of a session that there is; other clients' tokens are not for it. */
static void go_on(struct kt_serve_listener *at, struct kt_http_request *request, const struct asked *asked,
	struct kt_channel *channel, struct kt_answer *answer)
{
	struct kt_socketio_session *session = kt_socketio_find(at->serve->socketio, asked->sid);
	bool get = !strcmp(request->method, "GET"), posts = !strcmp(request->method, "POST");
	struct kt_answer handshake = {0};
	if (!session || !session->open || session->client != request->client || session->channel != channel)
		refuse(answer, 400, SESSION_UNKNOWN, "Session ID unknown");
	else if (session->socket || (asked->socket && (!get || session->next_wire)))
		refuse(answer, 400, BAD_REQUEST, "Bad request");
	else if (asked->socket && kt_streams_handshake(at->serve->streams, request, &handshake, answer))
		kt_socketio_upgrade(session, &handshake, answer);
	else if (asked->socket)
		return;
	else if (get)
		take_poll(session, at, request, asked, answer);
	else if (posts)
		post(session, request, answer);
	else
		refuse(answer, 400, BAD_METHOD, "Bad handshake method");
}

/* The answer waits until the session can be let in. */
static void begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct asked *asked,
	struct kt_channel *channel, struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct kt_answer handshake = {0};
	if (strcmp(request->method, "GET") != 0) {
		refuse(answer, 400, BAD_METHOD, "Bad handshake method");
		return;
	}
	if (asked->socket && !kt_streams_handshake(s->streams, request, &handshake, answer))
		return;
	struct kt_socketio_session *session = kt_socketio_new(s->socketio, channel, request);
	if (!session) {
		kt_answer_fini(&handshake);
		refuse(answer, 503, BAD_REQUEST, "there are too many sessions");
		return;
	}
	session->socket = asked->socket;
	session->handshake = handshake;
	session->binary = !asked->text;
	wait_for_more(session, at, request);
	s->socketio->stirred = true;
}

void kt_socketio_begin(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct asked asked = {0};
	struct kt_channel *channel = kt_channel_find(s, kt_route_word(found, 0));
	read_query(&asked, request->target);
	if (!channel)
		refuse(answer, 404, BAD_REQUEST, "there is no such topic here");
	else if (s->ending)
		refuse(answer, 503, BAD_REQUEST, "the server ends");
	else if (kt_access_is_from_elsewhere(request) || !kt_channel_may(channel, request))
		refuse(answer, 403, FORBIDDEN, "this is not for a page of another site, or without its rights");
	else if (!asked.version)
		refuse(answer, 400, BAD_VERSION, "Unsupported protocol version");
	else if (asked.malformed || asked.jsonp)
		refuse(answer, 400, BAD_REQUEST, "Bad request");
	else if (!asked.polling && !asked.socket)
		refuse(answer, 400, TRANSPORT_UNKNOWN, "Transport unknown");
	else if (asked.has_sid)
		go_on(at, request, &asked, channel, answer);
	else
		begin(at, request, &asked, channel, answer);
}
