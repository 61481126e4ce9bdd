/* Those who listen, by Server-Sent Events or by WebSocket. One who says how far it has come gets what it missed from
 * readers like those of GET /consume, a piece at a time, until the hub's ring has the rest; then it goes on with the
 * others. */
#include "mem.h"
#include "reads_own.h"
#include "streams_own.h"
#include "topic.h"
#include "when.h"

/* PIECE_BYTES: read for one who comes again; MORE_BYTES: put into an answer in one go. TAKES_US: for a client
 * to take its piece, before others have their turn all the same; PARKED: such clients, at most. */
enum {
	PIECE_BYTES = 256 << 10,
	MORE_BYTES = 16 << 10,
	PIECE_RECORDS = 100000,
	PAUSE_MS = 100,
	AGAIN_MS = 1000,
	LOOK_US = 1000000,
	TAKES_US = 1000000,
	PARKED = 64
};

/* SOCKET_BYTES: handed to a socket in one go. MESSAGE_BYTES: of what one who only listens may send. */
enum { SOCKET_BYTES = 64 << 10, MESSAGE_BYTES = 4 << 10 };

enum state {
	WAITS,   /* for the ends of all logs, before it has an answer */
	CATCHES, /* up, from its positions; with an answer or without */
	LISTENS,
	ENDS, /* when it has taken what there is */
};

struct kt_listener {
	struct kt_hub_member member;
	struct kt_stream *stream;
	struct kt_listener *next, **link; /* of those who are coming; link NULL: it is none of them */
	struct kt_httpd *httpd;
	uint64_t ticket;
	bool socket;                /* it has, or is to have, a WebSocket, */
	struct kt_answer handshake; /* with this head; */
	struct kt_websocket *ws;    /* NULL: not yet */
	enum state state;
	bool answered;
	bool speaks;     /* its socket has a piece that is not on its way yet */
	bool left;       /* its client has gone, while a piece was read for it */
	bool counted;    /* among those who catch up now, */
	bool parked;     /* or among those who do not take what was read for them, */
	int64_t came_us; /* then */
	struct kt_read *reading;
	struct kt_buf piece; /* from done on */
	size_t done;
	int64_t again_us;            /* not before that is more read for it */
	bool has_place;              /* query.where says what it has seen of the ring, */
	uint64_t era;                /* one more than that of the logs that the last piece was read from; 0: none was */
	uint64_t joined;             /* before this record of it */
	struct kt_eventquery *query; /* NULL: it gets all records from member.at on */
};

static void leave_coming(struct kt_listener *l)
{
	if (!l->link)
		return;
	*l->link = l->next;
	if (l->next)
		l->next->link = l->link;
	l->link = NULL;
}

static void come(struct kt_listener *l)
{
	struct kt_listener **first = &l->stream->coming;
	while (*first)
		first = &(*first)->next;
	l->link = first;
	l->next = NULL;
	*first = l;
}

static void set_catching(struct kt_listener *l, bool now)
{
	l->stream->streams->catching += (unsigned)now - (unsigned)l->counted;
	l->counted = now;
}

static unsigned count_parked(const struct kt_streams *x)
{
	unsigned n = 0;
	for (size_t i = 0; i < x->n; i++)
		for (const struct kt_listener *l = x->v[i]->coming; l; l = l->next)
			n += l->parked;
	return n;
}

/* Others need not wait for one that does not take its piece. */
static void look_at_taking(struct kt_listener *l)
{
	if (!l->counted || l->reading || kt_clock_us() - l->came_us < TAKES_US ||
		count_parked(l->stream->streams) >= PARKED)
		return;
	set_catching(l, false);
	l->parked = true;
}

static int64_t *counter_of(struct kt_listener *l)
{
	struct kt_streams_counts *counts = &l->stream->streams->counts;
	return l->socket ? &counts->sockets : &counts->events;
}

static void free_query(struct kt_listener *l)
{
	if (l->query)
		kt_eventquery_fini(l->query);
	free(l->query);
	l->query = NULL;
}

static void free_listener(struct kt_listener *l)
{
	kt_answer_fini(&l->handshake);
	free_query(l);
	kt_buf_fini(&l->piece);
	free(l);
}

/* Of an answer that was sent, or could not be, and of a WebSocket. */
static void gone(void *source)
{
	struct kt_listener *l = source;
	struct kt_stream *stream = l->stream;
	*counter_of(l) -= l->answered;
	kt_hub_leave(&l->member);
	leave_coming(l);
	set_catching(l, false);
	if (!--stream->n)
		stream->idle_us = kt_clock_us();
	l->left = true;
	if (!l->reading)
		free_listener(l);
}

/* Whether the record at this place is new to it, and one of those that it asked for. */
static bool wants_at(const struct kt_listener *l, uint64_t at, const struct kt_streamed *r)
{
	if (!l->query)
		return true;
	if (l->has_place && at < l->joined && r->offset < kt_readquery_from(&l->query->where, r->partition).n)
		return false;
	return kt_eventquery_wants(l->query, r->partition, r->key);
}

/* Who gets all records from here on needs no memory of what it asked for. */
static void forget_query(struct kt_listener *l)
{
	if (l->query && (!l->has_place || l->member.at >= l->joined) && kt_eventquery_wants_all(l->query))
		free_query(l);
}

static void listen_on(struct kt_listener *l, struct kt_buf *out)
{
	const struct kt_ring *ring = &l->stream->hub->ring;
	if (kt_hub_is_behind(l->stream->hub, &l->member)) {
		l->stream->streams->counts.behind++;
		l->state = ENDS;
		return;
	}
	for (; l->member.at < ring->end && out->len < MORE_BYTES; l->member.at++) {
		const struct kt_streamed *r = kt_ring_get(ring, l->member.at);
		if (wants_at(l, l->member.at, r))
			kt_buf_add(out, r->event.data, r->event.len);
	}
	forget_query(l);
}

static void send_piece(struct kt_listener *l, struct kt_buf *out)
{
	size_t left = l->piece.len - l->done, n = left < MORE_BYTES ? left : MORE_BYTES;
	if (!left)
		return;
	kt_buf_add(out, l->piece.data + l->done, n);
	l->done += n;
	if (n < left)
		return;
	kt_buf_fini(&l->piece);
	l->done = 0;
	set_catching(l, false);
	l->parked = false;
	l->stream->stirred = true;
}

static void more(void *source, uint64_t *at, struct kt_buf *out)
{
	struct kt_listener *l = source;
	if (l->stream->streams->ending)
		l->state = ENDS;
	if (l->state == CATCHES)
		send_piece(l, out);
	else if (l->state == LISTENS)
		listen_on(l, out);
	if (l->state == ENDS)
		*at = KT_STREAM_OVER;
}

/* Takes the answer. */
static void refuse(struct kt_listener *l, struct kt_answer *with)
{
	leave_coming(l);
	l->state = ENDS;
	with->gone = gone;
	with->source = l;
	kt_httpd_answer(l->httpd, l->ticket, with);
}

/* A browser that comes again comes no more once it was refused: it waits for brokers that are away. */
static bool may_wait(const struct kt_listener *l, unsigned status)
{
	return status == 503 && l->query->resumes && !l->stream->streams->ending;
}

/* What the socket of one that catches up is to say: each of the piece's events without its id. */
static void speak_piece(struct kt_listener *l)
{
	static const char data[] = "data: ";
	const char *at = l->piece.data, *end = at + l->piece.len;
	for (const char *line_end; at < end; at = line_end + 1) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)(line_end - at), skip = sizeof(data) - 1;
		if (len > skip && !memcmp(at, data, skip))
			kt_websocket_say(l->ws, (struct kt_bytes){at + skip, len - skip});
	}
	l->speaks |= l->piece.len > 0;
	kt_buf_fini(&l->piece);
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	struct kt_listener *l = user;
	const struct kt_ring *ring = l->stream->hub ? &l->stream->hub->ring : NULL;
	size_t n = 0, bytes = 0;
	if (l->speaks) {
		l->speaks = false;
		set_catching(l, false);
		l->parked = false;
		l->stream->stirred = true;
	}
	if (l->state != LISTENS)
		return 0;
	if (kt_hub_is_behind(l->stream->hub, &l->member)) {
		l->stream->streams->counts.behind++;
		l->state = ENDS;
		kt_websocket_end(l->ws, KT_WEBSOCKET_TRY_AGAIN);
		return 0;
	}
	/* What is not wanted is passed by for good, up to the first that is. */
	for (uint64_t at = l->member.at; at < ring->end && n < max && bytes < SOCKET_BYTES; at++) {
		struct kt_streamed *r = kt_ring_get(ring, at);
		if (!wants_at(l, at, r)) {
			l->member.at += !n;
			continue;
		}
		messages[n++] = (struct kt_websocket_message){.payload = r->json, .owner = r};
		bytes += r->json.len;
	}
	return n;
}

static void sent(void *user, size_t n)
{
	struct kt_listener *l = user;
	for (; n; l->member.at++)
		n -= wants_at(l, l->member.at, kt_ring_get(&l->stream->hub->ring, l->member.at));
	forget_query(l);
}

/* There is nothing to say for one who listens. */
static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	(void)user, (void)text, (void)message;
	kt_websocket_end(ws, KT_WEBSOCKET_POLICY);
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
	struct kt_listener *l = user;
	l->ws = kt_streams_socket(l->stream->streams, fd, early, held, &kind, l);
	l->member.ws = l->ws;
	if (l->piece.len)
		speak_piece(l);
	l->stream->stirred = true;
}

static void answer_socket(struct kt_listener *l)
{
	struct kt_answer answer = l->handshake;
	l->handshake = (struct kt_answer){0};
	answer.upgrade = take_over;
	answer.upgrade_user = l;
	answer.source = l;
	answer.gone = gone;
	kt_httpd_answer(l->httpd, l->ticket, &answer);
}

/* The stream begins; one that begins at the end says where that is, so that it can be resumed before its first record.
 */
static void answer(struct kt_listener *l)
{
	struct kt_answer answer = {
		.type = "text/event-stream",
		.more = more,
		.source = l,
		.gone = gone,
		.feed = &l->stream->feed,
		.idle = ": ka\n\n",
	};
	l->answered = true;
	++*counter_of(l);
	if (l->socket) {
		answer_socket(l);
		return;
	}
	kt_answer_header(&answer, "Cache-Control", "no-store");
	kt_buf_adds(&answer.body, "retry: 2000\n");
	if (l->state == LISTENS && !l->has_place) {
		kt_auto(kt_buf_fini) struct kt_buf id = {0};
		kt_hub_position(l->stream->hub, &id);
		kt_buf_addf(&answer.body, "id: %s\n", kt_buf_cstr(&id));
	}
	kt_buf_addc(&answer.body, '\n');
	kt_httpd_answer(l->httpd, l->ticket, &answer);
}

static void join(struct kt_listener *l)
{
	struct kt_hub *hub = l->stream->hub;
	leave_coming(l);
	set_catching(l, false);
	if (l->state == WAITS) {
		kt_hub_join(hub, &l->member);
	} else {
		kt_hub_join_at(hub, &l->member, hub->join_first);
		l->has_place = true;
		l->joined = hub->ring.end;
	}
	l->state = LISTENS;
	forget_query(l);
	if (!l->answered)
		answer(l);
	else if (l->ws)
		kt_websocket_wake(l->ws);
}

/* kt_read.done */
static void take_piece(void *user, struct kt_read *read)
{
	struct kt_listener *l = user;
	unsigned status = read->answer.status;
	l->reading = NULL;
	if (l->left) {
		free_listener(l);
		return;
	}
	/* It has its answer already: the server ends, or its client has gone. */
	if (l->state == ENDS)
		return;
	l->stream->stirred = true;
	if (status && status != 200) {
		set_catching(l, false);
		l->again_us = kt_clock_us() + AGAIN_MS * 1000;
		if (!l->answered && !may_wait(l, status))
			refuse(l, &read->answer);
		return;
	}
	l->query->where = read->query;
	l->query->resumes = true;
	l->piece = read->answer.body;
	l->came_us = kt_clock_us();
	read->answer.body = (struct kt_buf){0};
	if (!l->piece.len) {
		set_catching(l, false);
		l->again_us = kt_clock_us() + PAUSE_MS * 1000;
	}
	if (!l->answered)
		answer(l);
	else if (l->ws) {
		speak_piece(l);
		kt_websocket_wake(l->ws);
	}
}

static void read_piece(struct kt_listener *l)
{
	struct kt_streams *x = l->stream->streams;
	struct kt_read *read = kt_calloc(1, sizeof(*read));
	*read = (struct kt_read){.done = take_piece,
		.user = l,
		.stream = l->query,
		.topic = kt_strdup(l->stream->topic->name),
		.query = l->query->where,
		.asked_us = kt_clock_us()};
	read->query.count = PIECE_RECORDS;
	read->query.max_bytes = read->query.most_bytes = PIECE_BYTES;
	l->era = (uint64_t)l->stream->hub->era + 1;
	if (!kt_reads_put(x->serve->reads, read)) {
		kt_read_free(read);
		l->again_us = kt_clock_us() + PAUSE_MS * 1000;
		return;
	}
	l->reading = read;
	set_catching(l, true);
}

static bool can_join(const struct kt_listener *l)
{
	const struct kt_stream *stream = l->stream;
	if (l->state == WAITS)
		return kt_stream_is_ready(stream);
	return l->state == CATCHES && !l->reading && !l->piece.len && kt_hub_has(stream->hub, &l->query->where) &&
	       (!l->era || l->era == (uint64_t)stream->hub->era + 1);
}

/* Of a topic that is known, a partition that is asked for and is not there; -1: none. */
static int32_t missing_partition(const struct kt_listener *l)
{
	const struct kt_followed *t = l->stream->hub->followed;
	const struct kt_readquery *where = &l->query->where;
	for (size_t i = 0; i < where->n_partitions && t->found; i++)
		if ((size_t)where->partitions[i] >= t->n_parts)
			return where->partitions[i];
	return -1;
}

static void refuse_partition(struct kt_listener *l, int32_t partition)
{
	struct kt_answer answer = {0};
	kt_auto(kt_buf_fini) struct kt_buf why = {0};
	kt_buf_addf(&why, "topic %s has no partition %d", l->stream->topic->name, (int)partition);
	kt_serve_error(&answer, 404, kt_buf_cstr(&why));
	refuse(l, &answer);
}

void kt_events_turn(struct kt_stream *stream)
{
	struct kt_listener *next;
	for (struct kt_listener *l = stream->coming; l; l = next) {
		next = l->next;
		look_at_taking(l);
		int32_t missing = l->state == WAITS ? missing_partition(l) : -1;
		if (missing >= 0)
			refuse_partition(l, missing);
		else if (can_join(l))
			join(l);
		else if (l->state == CATCHES && !l->reading && !l->piece.len && !l->speaks &&
			 kt_until_ms(l->again_us) <= 0 && stream->streams->catching < KT_STREAMS_CATCHING)
			read_piece(l);
	}
}

int64_t kt_events_wait_ms(const struct kt_stream *stream)
{
	return stream->stirred ? 0 : stream->coming ? PAUSE_MS : INT64_MAX;
}

void kt_events_refuse(struct kt_stream *stream, unsigned status, const char *why)
{
	struct kt_listener *next;
	for (struct kt_listener *l = stream->coming; l; l = next) {
		next = l->next;
		if (l->answered || may_wait(l, status))
			continue;
		struct kt_answer answer = {0};
		kt_serve_error(&answer, status, why);
		refuse(l, &answer);
	}
}

void kt_events_let_go(struct kt_stream *stream)
{
	struct kt_listener *next;
	int64_t now_us = kt_clock_us();
	if (now_us < stream->look_us)
		return;
	stream->look_us = now_us + LOOK_US;
	for (struct kt_listener *l = stream->coming; l; l = next) {
		next = l->next;
		if (l->answered || !kt_httpd_has_closed(l->httpd, l->ticket))
			continue;
		struct kt_answer answer = {0};
		kt_serve_error(&answer, 503, "the client has gone");
		refuse(l, &answer);
	}
}

/* 0, or the status that the request is refused with, and err. */
static unsigned check(const struct kt_streams *x, const struct kt_http_request *request, const char *topic,
	struct kt_eventquery *q, struct kt_err *err)
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
	if (kt_eventquery_parse(q, request->target, kt_http_header(request, "Last-Event-ID"), err) < 0)
		return 400;
	if (x->ending)
		kt_err_set(err, KT_FAILED, "the server ends");
	return x->ending ? 503 : 0;
}

void kt_streams_events(struct kt_streams *x, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	struct kt_err err = {0};
	struct kt_answer handshake = {0};
	bool socket = found->route->action->id == KT_ROUTE_WS_CONSUME;
	struct kt_eventquery *query = kt_calloc(1, sizeof(*query));
	const char *topic = kt_route_word(found, 0);
	unsigned status = check(x, request, topic, query, &err);
	if (!status && socket && !kt_streams_handshake(x, request, &handshake, answer))
		status = answer->status;
	struct kt_stream *stream = status ? NULL : kt_streams_topic(x, topic);
	if (!stream && !answer->status)
		kt_serve_error(answer, status ? status : 503, status ? err.msg : "too many topics are listened to");
	else if (!strcmp(request->method, "HEAD"))
		answer->type = "text/event-stream";
	if (!stream || !strcmp(request->method, "HEAD")) {
		kt_answer_fini(&handshake);
		kt_eventquery_fini(query);
		free(query);
		return;
	}
	struct kt_listener *l = kt_calloc(1, sizeof(*l));
	*l = (struct kt_listener){.stream = stream,
		.httpd = httpd,
		.query = query,
		.socket = socket,
		.handshake = handshake,
		.state = query->from_end ? WAITS : CATCHES};
	l->ticket = kt_httpd_defer(request);
	stream->n++;
	come(l);
}
