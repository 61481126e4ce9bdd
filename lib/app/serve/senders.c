#include "senders.h"

#include "allowance.h"
#include "handshake.h"
#include "job_own.h"
#include "jsonout.h"
#include "mem.h"
#include "sendquery.h"
#include "streams_own.h"
#include "when.h"

enum { LOOK_US = 1000000 };

/* What is said of a record; one reference each of its entry and of a socket that sends it. */
struct said {
	unsigned refs;
	struct kt_buf text;
};

/* A message that has no answer on its way. */
struct entry {
	struct kt_buf message; /* until it is handed over */
	struct kt_buf id;      /* empty: its number */
	struct said *said;     /* NULL: nothing is known yet */
	size_t size;           /* that it holds of what may be in flight; 0: it is not any more */
};

struct sender {
	struct kt_senders *all;
	struct sender *next, **link;
	struct sender *next_stirred;
	bool stirred;
	struct kt_handshake_later later;
	bool answered;
	struct kt_websocket *ws; /* NULL: not yet, or no more */
	bool left;               /* its client has gone */
	bool paused, ended;
	struct kt_serve_topic *topic;
	uint64_t client;  /* as kt_access_client() */
	int64_t until_us; /* for its topic to be found; 0: it does not wait for it */
	int64_t look_us;
	struct kt_sendquery query;
	struct kt_recordjson json;
	struct entry *v; /* from first to first + n, in their order */
	size_t first, n, cap;
	uint64_t taken; /* the number of the last one */
	size_t unsent;  /* of the last ones: not handed over yet */
	size_t sending; /* handed over, without a report */
};

/* Whose the record with a tag is. */
struct slot {
	struct sender *sender; /* NULL: free */
	uint64_t number;
};

struct kt_senders {
	struct kt_serve *serve;
	struct sender *list, *stirred;
	size_t n, waiting; /* clients; records without an answer */
	struct slot *slots;
	size_t n_slots, cap_slots;
	uint32_t *free_slots;
	size_t n_free, cap_free;
	bool ending;
};

static struct kt_senders *all_of(struct kt_serve *s)
{
	if (!s->senders) {
		s->senders = kt_calloc(1, sizeof(*s->senders));
		s->senders->serve = s;
	}
	return s->senders;
}

static void unref(struct said *said)
{
	if (said && !--said->refs) {
		kt_buf_fini(&said->text);
		free(said);
	}
}

static void hold(void *owner)
{
	((struct said *)owner)->refs++;
}

static void drop(void *owner)
{
	unref(owner);
}

/* It has something to do in the next turn. */
static void stir(struct sender *c)
{
	if (c->stirred)
		return;
	c->stirred = true;
	c->next_stirred = c->all->stirred;
	c->all->stirred = c;
}

static struct entry *entry_of(const struct sender *c, uint64_t number)
{
	return &c->v[c->first + (size_t)(number - (c->taken - c->n + 1))];
}

static void settle_size(const struct sender *c, struct entry *e)
{
	c->all->serve->inflight -= e->size;
	e->size = 0;
}

static void pop(struct sender *c)
{
	struct entry *e = &c->v[c->first];
	settle_size(c, e);
	kt_buf_fini(&e->message);
	kt_buf_fini(&e->id);
	unref(e->said);
	c->first++;
	c->n--;
	c->all->waiting--;
}

static void free_sender(struct sender *c)
{
	while (c->n)
		pop(c);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	c->topic->jobs--;
	kt_answer_fini(&c->later.answer);
	kt_sendquery_fini(&c->query);
	kt_recordjson_fini(&c->json);
	free(c->v);
	free(c);
}

static struct entry *push(struct sender *c)
{
	if (c->first > c->n) {
		memmove(c->v, c->v + c->first, c->n * sizeof(*c->v));
		c->first = 0;
	}
	c->v = kt_grow(c->v, &c->cap, c->first + c->n + 1, sizeof(*c->v));
	struct entry *e = &c->v[c->first + c->n++];
	*e = (struct entry){0};
	c->taken++;
	c->all->waiting++;
	return e;
}

/* {"id":7,"partition":0,"offset":42}, or {"id":7,"status":503,"error":"…","maybe_written":true} */
static void say(struct sender *c, uint64_t number, const struct kt_job_outcome *outcome)
{
	struct entry *e = entry_of(c, number);
	e->said = kt_calloc(1, sizeof(*e->said));
	e->said->refs = 1;
	kt_jsonout_begin(&e->said->text, NULL, '{');
	if (e->id.len) {
		kt_jsonout_key(&e->said->text, "id");
		kt_buf_add(&e->said->text, e->id.data, e->id.len);
	} else {
		kt_jsonout_i64(&e->said->text, "id", (int64_t)number);
	}
	kt_job_write_outcome(outcome, &e->said->text);
	kt_jsonout_end(&e->said->text, '}');
	settle_size(c, e);
	stir(c);
}

static void refuse(struct sender *c, uint64_t number, unsigned status, const char *why)
{
	char text[sizeof(((struct kt_err *)0)->msg)];
	snprintf(text, sizeof(text), "%s", why);
	say(c, number, &(struct kt_job_outcome){.status = status, .why = text});
}

static int64_t take_slot(struct sender *c, uint64_t number)
{
	struct kt_senders *all = c->all;
	uint32_t i;
	if (all->n_free) {
		i = all->free_slots[--all->n_free];
	} else {
		i = (uint32_t)all->n_slots++;
		all->slots = kt_grow(all->slots, &all->cap_slots, all->n_slots, sizeof(*all->slots));
	}
	all->slots[i] = (struct slot){c, number};
	return i;
}

static void free_slot(struct kt_senders *all, uint32_t i)
{
	all->slots[i].sender = NULL;
	all->free_slots = kt_grow(all->free_slots, &all->cap_free, all->n_free + 1, sizeof(*all->free_slots));
	all->free_slots[all->n_free++] = i;
}

/* 1, or 0 and it was said why it is none. */
static int read_record(struct sender *c, uint64_t number, struct kt_bytes message, struct kt_record *record)
{
	struct kt_err err = {0};
	*record = c->query.record;
	if (!c->query.json) {
		record->value = message;
		return 1;
	}
	if (kt_recordjson_read(&c->json, message.data, message.len, &err) < 0) {
		refuse(c, number, 422, err.msg);
		return 0;
	}
	if (!c->json.has_content) {
		refuse(c, number, 422, "neither a key nor a payload");
		return 0;
	}
	int32_t partition = record->partition;
	*record = c->json.record;
	record->partition = partition;
	return 1;
}

/* 1: its topic is there. 0: it is looked for. -1: it was said that it is not. */
static int find_topic(struct sender *c, uint64_t number)
{
	int found = kt_serve_topic_find(c->all->serve, c->topic);
	if (found > 0) {
		c->until_us = 0;
		return 1;
	}
	if (!c->until_us)
		c->until_us = kt_clock_us() + c->all->serve->how.deadline_ms * 1000;
	if (!found && kt_clock_us() < c->until_us)
		return 0;
	if (found < 0)
		refuse(c, number, c->topic->refused, c->topic->why.msg);
	else
		refuse(c, number, 503, "no broker has said in time whether there is such a topic");
	return -1;
}

/* True when it has gone its way, or never will. */
static bool hand_over(struct sender *c, uint64_t number, struct kt_bytes message)
{
	struct kt_serve *s = c->all->serve;
	struct kt_record record;
	struct kt_err err = {0};
	int found = find_topic(c, number);
	if (found <= 0 || !read_record(c, number, message, &record))
		return found != 0;
	if (record.partition >= kt_producer_partitions(s->producer, c->topic->handle)) {
		refuse(c, number, 422, "there is no such partition");
		return true;
	}
	int64_t i = take_slot(c, number);
	int sent = kt_producer_send(
		s->producer, c->topic->handle, &record, (int64_t)KT_SENDERS_JOB << KT_JOB_RECORD_BITS | i, 0, &err);
	if (sent > 0) {
		c->sending++;
		return true;
	}
	free_slot(c->all, (uint32_t)i);
	if (sent < 0)
		refuse(c, number, kt_job_status_unsent(&err), err.msg);
	return sent < 0;
}

void kt_senders_delivery(struct kt_serve *s, const struct kt_delivery *d)
{
	uint32_t i = (uint32_t)(d->tag & KT_JOB_RECORDS);
	struct slot slot = s->senders->slots[i];
	struct sender *c = slot.sender;
	unsigned status = d->failed ? kt_job_status_of(d) : 0;
	free_slot(s->senders, i);
	c->sending--;
	c->topic->failed += status != 0;
	c->topic->delivered += !status;
	say(c, slot.number,
		&(struct kt_job_outcome){.partition = d->partition,
			.offset = d->offset,
			.status = status,
			.maybe = d->maybe,
			.why = (char *)(uintptr_t)d->failed});
}

static bool is_crowded(const struct kt_serve *s)
{
	return s->inflight > (size_t)s->how.limits.max_inflight;
}

static void choose_pause(struct sender *c)
{
	bool paused = c->all->ending || c->unsent || c->n >= KT_SENDERS_WINDOW || is_crowded(c->all->serve);
	if (!c->ws || c->ended || paused == c->paused)
		return;
	c->paused = paused;
	kt_websocket_pause(c->ws, paused);
}

/* What is sent with a message is kept by the library, in the bounds of its queue, until the delivery. */
static void take_message(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	struct sender *c = user;
	struct kt_serve *s = c->all->serve;
	kt_auto(kt_buf_fini) struct kt_buf rest = {0};
	struct kt_bytes id = {0};
	struct kt_err err = {0};
	(void)ws, (void)text;
	struct entry *e = push(c);
	int has_id = c->query.json ? kt_sendquery_id(message, &rest, &id, &err) : 0;
	if (has_id > 0) {
		kt_buf_add(&e->id, id.data, id.len);
		message = (struct kt_bytes){rest.data, rest.len};
	}
	e->size = message.len + sizeof(*e);
	s->inflight += e->size;
	if (s->allowance && !kt_allowance_take(s->allowance, c->client, kt_clock_us())) {
		refuse(c, c->taken, 429, "too many requests");
	} else if (has_id < 0) {
		refuse(c, c->taken, 422, err.msg);
	} else if (c->unsent || !hand_over(c, c->taken, message)) {
		kt_buf_add(&c->v[c->first + c->n - 1].message, message.data, message.len);
		c->unsent++;
		stir(c);
	}
	choose_pause(c);
	if (c->paused)
		stir(c);
}

static size_t fill(void *user, struct kt_websocket_message *messages, size_t max)
{
	const struct sender *c = user;
	size_t n = 0;
	for (; n < c->n && n < max; n++) {
		struct said *said = c->v[c->first + n].said;
		if (!said)
			break;
		messages[n] =
			(struct kt_websocket_message){.payload = {said->text.data, said->text.len}, .owner = said};
	}
	return n;
}

static void sent(void *user, size_t n)
{
	struct sender *c = user;
	for (; n; n--)
		pop(c);
	stir(c);
}

/* What it has sent goes on without it. */
static void gone(void *user)
{
	struct sender *c = user;
	c->all->n -= c->answered && !c->left;
	c->left = true;
	c->ws = NULL;
	stir(c);
}

static void take_over(void *user, int fd, struct kt_bytes early, void *held)
{
	static const struct kt_websocket_kind kind = {.largest = KT_SENDERS_MESSAGE_BYTES,
		.lingers = true,
		.message = take_message,
		.fill = fill,
		.sent = sent,
		.hold = hold,
		.drop = drop,
		.gone = gone};
	struct sender *c = user;
	c->answered = true;
	c->all->n++;
	c->ws = kt_streams_socket(c->all->serve->streams, fd, early, held, &kind, c);
	choose_pause(c);
	stir(c);
}

static void turn_away(struct sender *c, unsigned status, const char *why)
{
	kt_handshake_turn_away(&c->later, status, why, gone, c);
}

static bool has_closed(struct sender *c)
{
	int64_t now_us = kt_clock_us();
	if (now_us < c->look_us)
		return false;
	c->look_us = now_us + LOOK_US;
	return kt_httpd_has_closed(c->later.httpd, c->later.ticket);
}

/* It has no answer yet: its topic has to be there first. */
static void wait_for_topic(struct sender *c)
{
	int found = kt_serve_topic_find(c->all->serve, c->topic);
	if (c->all->ending)
		turn_away(c, 503, "the server ends");
	else if (found > 0)
		kt_handshake_let_in(&c->later, take_over, gone, c);
	else if (found < 0)
		turn_away(c, c->topic->refused, c->topic->why.msg);
	else if (kt_clock_us() >= c->until_us || has_closed(c))
		turn_away(c, 503, "no broker has said in time whether there is such a topic");
	else
		stir(c);
}

static void send_more(struct sender *c)
{
	while (c->unsent) {
		uint64_t number = c->taken - c->unsent + 1;
		struct kt_buf *message = &entry_of(c, number)->message;
		if (!hand_over(c, number, (struct kt_bytes){kt_buf_cstr(message), message->len}))
			break;
		kt_buf_fini(message);
		c->unsent--;
	}
}

/* False: it is no more. */
static bool go_on(struct sender *c)
{
	if (c->later.httpd) {
		wait_for_topic(c);
		return true;
	}
	send_more(c);
	/* What was refused just now has stirred it: then it has one more turn. */
	if (c->left && !c->unsent && !c->sending && !c->stirred) {
		free_sender(c);
		return false;
	}
	if (!c->ws)
		return true;
	kt_websocket_wake(c->ws);
	if (c->ws && c->all->ending && !c->n && !c->ended) {
		c->ended = true;
		kt_websocket_end(c->ws, KT_WEBSOCKET_GOING_AWAY);
	}
	choose_pause(c);
	return true;
}

void kt_senders_turn(struct kt_serve *s)
{
	struct sender *list = s->senders ? kt_steal(s->senders->stirred) : NULL;
	for (struct sender *c = list, *next; c; c = next) {
		next = c->next_stirred;
		c->stirred = false;
		/* What waits for room, or for others to have theirs, is looked at in each turn. */
		if (go_on(c) && (c->unsent || (c->paused && !c->ended && c->n < KT_SENDERS_WINDOW)))
			stir(c);
	}
}

void kt_senders_end(struct kt_serve *s)
{
	if (!s->senders)
		return;
	s->senders->ending = true;
	for (struct sender *c = s->senders->list; c; c = c->next)
		stir(c);
}

size_t kt_senders_count(const struct kt_serve *s)
{
	return s->senders ? s->senders->n : 0;
}

size_t kt_senders_waiting(const struct kt_serve *s)
{
	return s->senders ? s->senders->waiting : 0;
}

/* 0, or the status that the request is refused with, and err. */
static unsigned check(struct kt_serve *s, const struct kt_http_request *request, const char *topic,
	struct kt_sendquery *query, struct kt_err *err)
{
	unsigned status = kt_job_refusal(s, request, topic, err);
	if (status)
		return status;
	return kt_sendquery_parse(query, request->target, err) < 0 ? 400 : 0;
}

void kt_senders_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	struct kt_senders *all = all_of(s);
	struct sender *c = kt_calloc(1, sizeof(*c));
	struct kt_err err = {0};
	unsigned status = check(s, request, kt_route_word(found, 0), &c->query, &err);
	if (status)
		kt_serve_error(answer, status, err.msg);
	else if (kt_streams_handshake(s->streams, request, &c->later.answer, answer) &&
		 !(c->topic = kt_serve_topic(s, kt_route_word(found, 0))))
		kt_serve_error(answer, 503, "too many topics");
	if (!c->topic) {
		kt_answer_fini(&c->later.answer);
		kt_sendquery_fini(&c->query);
		free(c);
		return;
	}
	c->all = all;
	c->later.httpd = at->httpd;
	c->client = kt_access_client(request);
	c->until_us = kt_clock_us() + s->how.deadline_ms * 1000;
	c->topic->jobs++;
	c->next = all->list;
	c->link = &all->list;
	if (c->next)
		c->next->link = &c->next;
	all->list = c;
	c->later.ticket = kt_httpd_defer(request);
	stir(c);
}

void kt_senders_fini(struct kt_serve *s)
{
	struct kt_senders *all = s->senders;
	if (!all)
		return;
	while (all->list)
		free_sender(all->list);
	free(all->slots);
	free(all->free_slots);
	free(all);
}
