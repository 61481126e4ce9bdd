/* Results, dead letters and notices. */
#include "worksend.h"

#include "jsonout.h"
#include "mem.h"
#include "producer.h"
#include "say.h"
#include "when.h"
#include "workrules.h"

enum { NO_TOPIC = -1, CUT_STDERR = 1, CUT_MOST = 2 };

static const char own[] = "kt.errors.";

struct kt_worksend {
	struct kt_worksend_how how;
	struct kt_producer *producer;
	int topics[KT_WORKITEM_OVER];
	struct kt_buf text; /* of the headers, or the notice, that are being made */
	struct kt_header *headers;
	size_t headers_cap;
	uint32_t *stuck; /* items whose stage could not be sent for want of room */
	size_t n_stuck, stuck_cap;
	struct kt_err failed; /* status 0: nothing has */
};

static const char *topic_of(const struct kt_worksend_how *how, enum kt_workitem_stage stage)
{
	return stage == KT_WORKITEM_RESULT ? how->out : stage == KT_WORKITEM_LETTER ? how->dlq : how->notify;
}

const char *kt_worksend_state(const struct kt_workitem *item)
{
	return item->ending.action == KT_WORK_DONE ? "done" : item->ending.action == KT_WORK_SKIP ? "skipped" : "dead";
}

/* As lib/kafka says it of a record that will never fit, however often it is sent. */
static bool is_too_large(const char *why)
{
	return strstr(why, "larger than") != NULL;
}

static const char *reason_of(const struct kt_workitem *item)
{
	const struct kt_workitem_ending *e = &item->ending;
	bool rejected = e->action == KT_WORK_REJECT && e->end != KT_WORK_OUTPUT;
	return rejected ? "reject" : kt_workend_names[e->end];
}

/* What is too large goes another way: a letter with less in it, a result not at all, which makes its record a dead one.
 */
static bool has_another_way(const struct kt_worksend *s, struct kt_workitem *item, const char *why)
{
	if (!is_too_large(why))
		return false;
	if (item->stage == KT_WORKITEM_LETTER && item->cut < CUT_MOST) {
		item->cut++;
		return true;
	}
	if (item->stage != KT_WORKITEM_RESULT || !s->how.dlq)
		return false;
	item->ending.action = KT_WORK_REJECT;
	item->ending.end = KT_WORK_OUTPUT;
	item->sent = item->ending.out.len;
	return true;
}

/* Within a delivery report: what has to be sent again, or next, is sent by the next serve. */
static void stick(struct kt_worksend *s, struct kt_workitem *item)
{
	if (item->stuck)
		return;
	item->stuck = true;
	s->stuck = kt_grow(s->stuck, &s->stuck_cap, s->n_stuck + 1, sizeof(*s->stuck));
	s->stuck[s->n_stuck++] = item->number;
}

static void refused(struct kt_worksend *s, const struct kt_workitem *item, const char *why)
{
	const struct kt_record *r = &item->read.record;
	if (s->failed.status)
		return;
	kt_err_set(&s->failed, KT_FAILED, "writing to %s what became of %.*s [%d] offset %lld: %s",
		topic_of(&s->how, item->stage), (int)r->topic.len, r->topic.data, (int)r->partition,
		(long long)r->offset, why);
	kt_err_hint(&s->failed, "the record is not committed: the next run has it again");
}

static void on_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_worksend *s = user;
	struct kt_workitem *item = kt_workitems_at(s->how.items, (uint32_t)d->tag);
	item->unacknowledged--;
	if (d->failed && !has_another_way(s, item, d->failed))
		refused(s, item, d->failed);
	else if (!d->failed && !item->unacknowledged && !item->stuck)
		item->stage++;
	if (!item->unacknowledged)
		stick(s, item);
}

static int find_topics(struct kt_worksend *s, struct kt_err *err)
{
	static const char *const options[] = {"--out", "--dlq", "--notify"};
	for (int stage = 0; stage < KT_WORKITEM_OVER; stage++) {
		const char *name = topic_of(&s->how, (enum kt_workitem_stage)stage);
		s->topics[stage] = NO_TOPIC;
		if (!name)
			continue;
		s->topics[stage] = kt_producer_topic(s->producer, name, err);
		if (s->topics[stage] < 0 || kt_producer_await(s->producer, s->topics[stage], err) < 0)
			return kt_err_wrap(err, "%s", options[stage]);
	}
	return 0;
}

static void close_send(struct kt_worksend **s)
{
	kt_worksend_close(*s);
}

int kt_worksend_open(struct kt_worksend **out, const struct kt_settings *settings, const struct kt_worksend_how *how,
	struct kt_err *err)
{
	kt_auto(close_send) struct kt_worksend *s = kt_calloc(1, sizeof(*s));
	kt_auto(kt_settings_fini) struct kt_settings own_settings = {0};
	s->how = *how;
	const struct kt_producer_how producer = {
		.owner = how->owner,
		.partition = -1,
		.idempotent = true,
		.prompt = true,
		.timeout_ms = how->timeout_ms,
		.done = on_delivery,
		.every_delivery = true,
		.user = s,
	};
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", (long long)how->ack_ms);
	kt_settings_copy(&own_settings, settings);
	if (!kt_settings_get(settings, "delivery.timeout.ms"))
		kt_settings_put(&own_settings, KT_RANK_FLAG, "delivery.timeout.ms", digits, "--dlq-timeout");
	if (kt_producer_open(&s->producer, &own_settings, &producer, err) < 0 || find_topics(s, err) < 0)
		return -1;
	*out = kt_steal(s);
	return 0;
}

static void add_header(struct kt_worksend *s, size_t *n, const char *name, struct kt_bytes value)
{
	s->headers = kt_grow(s->headers, &s->headers_cap, *n + 1, sizeof(*s->headers));
	s->headers[(*n)++] = (struct kt_header){.name = {name, strlen(name)}, .value = value};
}

static struct kt_bytes number(struct kt_worksend *s, int64_t n)
{
	size_t at = s->text.len;
	kt_buf_add_i64(&s->text, n);
	return (struct kt_bytes){s->text.data + at, s->text.len - at};
}

/* Numbers and times; there is room for all of them, so that none moves. */
static size_t make_own_headers(struct kt_worksend *s, const struct kt_workitem *item, size_t n)
{
	enum { ROOM = 512 };
	const struct kt_record *r = &item->read.record;
	const struct kt_workitem_ending *e = &item->ending;
	const char *why = reason_of(item);
	s->text.len = 0;
	kt_buf_reserve(&s->text, ROOM);
	add_header(s, &n, "kt.errors.topic", r->topic);
	add_header(s, &n, "kt.errors.partition", number(s, r->partition));
	add_header(s, &n, "kt.errors.offset", number(s, r->offset));
	if (item->cut >= CUT_MOST)
		return n;
	if (r->tstype != KT_TS_NONE)
		add_header(s, &n, "kt.errors.timestamp", number(s, r->ts_ms));
	add_header(s, &n, "kt.errors.group", (struct kt_bytes){s->how.group, strlen(s->how.group)});
	add_header(s, &n, "kt.errors.attempts", number(s, item->attempt));
	add_header(s, &n, "kt.errors.reason", (struct kt_bytes){why, strlen(why)});
	add_header(s, &n, "kt.errors.exit", number(s, e->code));
	if (e->words.len && item->cut < CUT_STDERR)
		add_header(s, &n, "kt.errors.stderr", (struct kt_bytes){e->words.data, e->words.len});
	char *when = kt_buf_reserve(&s->text, 40);
	kt_show_when(item->ended_ms, when);
	add_header(s, &n, "kt.errors.time", (struct kt_bytes){when, strlen(when)});
	return n;
}

static int hand_over(
	struct kt_worksend *s, struct kt_workitem *item, const struct kt_record *record, struct kt_err *err)
{
	int sent = kt_producer_send(s->producer, s->topics[item->stage], record, item->number, 0, err);
	item->unacknowledged += sent > 0;
	return sent;
}

/* As it was, except for a timestamp that cannot be sent: 0 means "now" there, and is in kt.errors.timestamp. */
static int send_letter(struct kt_worksend *s, struct kt_workitem *item, struct kt_err *err)
{
	struct kt_record letter = item->read.record;
	size_t n = 0;
	for (size_t i = 0; i < letter.n_headers; i++) {
		const struct kt_header *h = &letter.headers[i];
		if (h->name.len >= sizeof(own) - 1 && !memcmp(h->name.data, own, sizeof(own) - 1))
			continue;
		s->headers = kt_grow(s->headers, &s->headers_cap, n + 1, sizeof(*s->headers));
		s->headers[n++] = *h;
	}
	letter.n_headers = make_own_headers(s, item, n);
	letter.headers = s->headers;
	letter.partition = -1;
	letter.tstype = letter.ts_ms > 0 ? letter.tstype : KT_TS_NONE;
	return hand_over(s, item, &letter, err);
}

/* The next record of what it printed; none is left when nothing was sent. */
static int send_result(struct kt_worksend *s, struct kt_workitem *item, struct kt_err *err)
{
	const struct kt_record *r = &item->read.record;
	const struct kt_buf *out = &item->ending.out;
	while (item->sent < out->len) {
		const char *at = out->data + item->sent,
			   *end = s->how.out_lines ? memchr(at, '\n', out->len - item->sent) : NULL;
		size_t len = end ? (size_t)(end - at) : out->len - item->sent;
		const struct kt_record result = {
			.partition = -1,
			.offset = -1,
			.key = r->key,
			.value = {at, len},
			.headers = r->headers,
			.n_headers = r->n_headers,
		};
		int sent = hand_over(s, item, &result, err);
		if (sent <= 0)
			return sent;
		item->sent += len + (end != NULL);
	}
	return 1;
}

static int send_notice(struct kt_worksend *s, struct kt_workitem *item, struct kt_err *err)
{
	const struct kt_record *r = &item->read.record;
	const struct kt_workitem_ending *e = &item->ending;
	bool done = e->action == KT_WORK_DONE;
	char when[40];
	s->text.len = 0;
	kt_jsonout_begin(&s->text, NULL, '{');
	kt_jsonout_text(&s->text, "topic", r->topic.data);
	kt_jsonout_i64(&s->text, "partition", r->partition);
	kt_jsonout_i64(&s->text, "offset", r->offset);
	kt_jsonout_text(&s->text, "state", kt_worksend_state(item));
	kt_jsonout_i64(&s->text, "attempt", item->attempt);
	kt_jsonout_i64(&s->text, "exit", e->code);
	kt_jsonout_text(&s->text, "reason", done ? NULL : reason_of(item));
	kt_jsonout_text(&s->text, "started", kt_show_when(item->started_ms, when));
	kt_jsonout_text(&s->text, "ended", kt_show_when(item->ended_ms, when));
	kt_jsonout_end(&s->text, '}');
	const struct kt_record notice = {
		.partition = -1, .offset = -1, .key = r->key, .value = {s->text.data, s->text.len}};
	return hand_over(s, item, &notice, err);
}

/* Sends what the item's stage has. 1: all of it; 0: it is stuck. */
static int send_stage(struct kt_worksend *s, struct kt_workitem *item, struct kt_err *err)
{
	switch (item->stage) {
	case KT_WORKITEM_RESULT:
		return send_result(s, item, err);
	case KT_WORKITEM_LETTER:
		return send_letter(s, item, err);
	default:
		return send_notice(s, item, err);
	}
}

static bool is_wanted(const struct kt_worksend *s, const struct kt_workitem *item)
{
	int action = item->ending.action;
	bool dead = action != KT_WORK_DONE && action != KT_WORK_SKIP;
	if (s->topics[item->stage] == NO_TOPIC)
		return false;
	return item->stage == KT_WORKITEM_LETTER ? dead : item->stage == KT_WORKITEM_RESULT ? !dead : true;
}

/* From the item's stage to the first that has something on its way. */
static void go_on(struct kt_worksend *s, struct kt_workitem *item)
{
	while (item->stage < KT_WORKITEM_OVER) {
		struct kt_err why = {0};
		bool wanted = is_wanted(s, item);
		if (wanted && s->failed.status)
			return;
		int sent = wanted ? send_stage(s, item, &why) : 1;
		if (sent < 0 && has_another_way(s, item, why.msg))
			continue;
		if (sent < 0)
			refused(s, item, why.msg);
		if (!sent)
			stick(s, item);
		if (sent <= 0 || item->unacknowledged)
			return;
		item->stage++;
	}
	s->how.over(s->how.user, item);
}

void kt_worksend_begin(struct kt_worksend *s, struct kt_workitem *item, enum kt_workitem_stage stage)
{
	item->stage = stage;
	item->sent = 0;
	go_on(s, item);
}

int kt_worksend_serve(struct kt_worksend *s, struct kt_err *err)
{
	if (!s->failed.status && kt_producer_serve(s->producer, err) < 0)
		s->failed = *err;
	size_t n = s->n_stuck;
	for (size_t i = 0; i < n && !s->failed.status; i++) {
		struct kt_workitem *item = kt_workitems_at(s->how.items, s->stuck[i]);
		item->stuck = false;
		go_on(s, item);
	}
	if (s->failed.status) {
		*err = s->failed;
		return -1;
	}
	if (!n)
		return 0;
	s->n_stuck -= n;
	memmove(s->stuck, s->stuck + n, s->n_stuck * sizeof(*s->stuck));
	return 0;
}

int kt_worksend_fd(const struct kt_worksend *s)
{
	return kt_producer_fd(s->producer);
}

int64_t kt_worksend_waiting(const struct kt_worksend *s)
{
	return s->failed.status ? 0 : kt_producer_waiting(s->producer) + (int64_t)s->n_stuck;
}

bool kt_worksend_has_failed(const struct kt_worksend *s)
{
	return s->failed.status != 0;
}

void kt_worksend_close(struct kt_worksend *s)
{
	if (!s)
		return;
	kt_producer_close(s->producer);
	kt_buf_fini(&s->text);
	free(s->headers);
	free(s->stuck);
	free(s);
}
