/* Reading records on a thread, up to the limits of a request. */
#include "eventtext.h"
#include "jsonout.h"
#include "mem.h"
#include "readat.h"
#include "reads_own.h"
#include "serve_own.h"
#include "when.h"

/* TURN_MS: how long one that waits for records may keep its thread while others wait for one. SHARE_LEAST: bytes of
 * records that are worth an answer. */
enum { TURN_MS = 200, SHARE_LEAST = 64 << 10 };

/* A request, the partitions that it reads, and who reads them. */
struct work {
	struct kt_read *read;
	struct kt_readat *reader;
	struct kt_readat_part *parts;
	size_t n;
	int64_t until_us, turn_us;
};

static void refuse(struct kt_read *read, unsigned status, int64_t code, const char *why)
{
	kt_read_refuse(read->v2, status, code, why, &read->answer);
}

static int fail(const struct work *w, const struct kt_err *err)
{
	if (w->reader && kt_readat_is_forbidden(w->reader))
		refuse(w->read, 403, 40301, err->msg);
	else if (err->status == KT_NOT_FOUND)
		refuse(w->read, 404, 40401, w->read->v2 ? "Topic not found." : err->msg);
	else if (err->status == KT_PARTIAL)
		refuse(w->read, 502, 50002, err->msg);
	else
		refuse(w->read, 503, 0, err->msg);
	return -1;
}

static int too_many(const struct work *w, int32_t count)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_addf(&text, "topic %s has %d partitions: name at most %d of them with partition=", w->read->topic,
		(int)count, KT_READ_PARTITIONS);
	refuse(w->read, 400, 0, kt_buf_cstr(&text));
	return -1;
}

static int no_partition(const struct work *w, int32_t partition)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_addf(&text, "topic %s has no partition %d", w->read->topic, (int)partition);
	refuse(w->read, 404, 40402, w->read->v2 ? "Partition not found." : kt_buf_cstr(&text));
	return -1;
}

/* Which partitions, by the query and what the topic has. */
static int choose(struct work *w, int32_t count)
{
	const struct kt_readquery *q = &w->read->query;
	if (!q->n_partitions && count > KT_READ_PARTITIONS)
		return too_many(w, count);
	for (size_t i = 0; i < q->n_partitions; i++)
		if (q->partitions[i] >= count)
			return no_partition(w, q->partitions[i]);
	for (size_t i = 0; i < q->n_starts; i++)
		if (q->starts[i].partition >= count)
			return no_partition(w, q->starts[i].partition);
	w->n = q->n_partitions ? q->n_partitions : (size_t)count;
	w->parts = kt_calloc(w->n + 1, sizeof(*w->parts));
	for (size_t i = 0; i < w->n; i++) {
		int32_t partition = q->n_partitions ? q->partitions[i] : (int32_t)i;
		w->parts[i] = (struct kt_readat_part){.partition = partition, .from = kt_readquery_from(q, partition)};
	}
	return 0;
}

/* An offset that is not there any more, or not yet: to go on somewhere else would lose records unseen. */
static int outside(const struct work *w, const struct kt_readat_part *part)
{
	struct kt_buf *out = &w->read->answer.body;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_addf(&text, "%s [%d] has no offset %lld: it has %lld to %lld", w->read->topic, (int)part->partition,
		(long long)part->next, (long long)part->begin, (long long)part->end);
	refuse(w->read, 416, 0, kt_buf_cstr(&text));
	out->len = (size_t)((char *)memrchr(out->data, '}', out->len) - out->data);
	kt_jsonout_i64(out, "partition", part->partition);
	kt_jsonout_i64(out, "beginning_offset", part->begin);
	kt_jsonout_i64(out, "end_offset", part->end);
	kt_jsonout_end(out, '}');
	kt_buf_adds(out, w->read->v2 ? "" : "\n");
	return -1;
}

/* Who comes again has seen what was there: it goes on with what there is, and hears of it. */
static bool skip_gap(const struct work *w, struct kt_readat_part *part)
{
	if (!w->read->stream || !w->read->stream->resumes)
		return false;
	kt_eventtext_gap(&w->read->answer.body, part->partition, part->next, part->begin);
	part->next = part->begin;
	part->at_end = part->next >= part->end;
	return true;
}

static int find(struct work *w)
{
	struct kt_err err = {0};
	const char *topic = w->read->topic;
	int64_t ask_ms = w->read->reads->ask_ms;
	int32_t count;
	if (kt_readat_find(w->reader, topic, ask_ms, &count, &err) < 0)
		return fail(w, &err);
	if (choose(w, count) < 0)
		return -1;
	if (kt_readat_resolve(w->reader, topic, w->parts, w->n, ask_ms, &err) < 0)
		return fail(w, &err);
	for (size_t i = 0; i < w->n; i++)
		if (kt_readat_is_outside(&w->parts[i]) && !skip_gap(w, &w->parts[i]))
			return outside(w, &w->parts[i]);
	return 0;
}

/* The positions of all partitions, this record's behind it. */
static void write_event(const struct work *w, const struct kt_record *record)
{
	kt_auto(kt_buf_fini) struct kt_buf id = {0};
	for (size_t i = 0; i < w->n; i++) {
		const struct kt_readat_part *part = &w->parts[i];
		kt_eventtext_position(&id, (size_t)part->partition,
			part->partition == record->partition ? record->offset + 1 : part->next);
	}
	kt_eventtext(&w->read->answer.body, (struct kt_bytes){id.data, id.len}, record);
}

static bool each(void *user, const struct kt_record *record)
{
	const struct work *w = user;
	struct kt_read *read = w->read;
	size_t before = read->answer.body.len;
	if (read->stream) {
		if (!kt_eventquery_wants(read->stream, record->partition, record->key))
			return true;
		write_event(w, record);
	} else if (!kt_read_write(read, record)) {
		return false;
	}
	if (read->n && read->answer.body.len > (size_t)read->query.max_bytes) {
		read->answer.body.len = before;
		return false;
	}
	read->n++;
	return true;
}

static bool enough(void *user, bool waiting)
{
	const struct work *w = user;
	const struct kt_read *read = w->read;
	bool late = kt_clock_us() >= w->turn_us && kt_workers_are_late(read->reads->workers);
	if (!waiting && read->stream && late)
		return true;
	if (!waiting)
		return read->n >= read->query.count || read->answer.body.len >= (size_t)read->query.max_bytes;
	return atomic_load(&read->reads->hurry) || atomic_load(&read->closed) || late;
}

static void add_next(const struct work *w)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	for (size_t i = 0; i < w->n; i++)
		kt_buf_addf(&text, "%s%d:%lld", i ? "," : "", (int)w->parts[i].partition, (long long)w->parts[i].next);
	kt_answer_header(&w->read->answer, "Kt-Next", kt_buf_cstr(&text));
}

/* For the next piece. */
static void keep_next(const struct work *w)
{
	struct kt_readquery *q = &w->read->query;
	for (q->n_starts = 0; q->n_starts < w->n; q->n_starts++)
		q->starts[q->n_starts] =
			(struct kt_readquery_start){w->parts[q->n_starts].partition, w->parts[q->n_starts].next};
}

static int read_records(struct work *w)
{
	struct kt_err err = {0};
	struct kt_read *read = w->read;
	const struct kt_readat_how how = {
		.topic = read->topic,
		.parts = w->parts,
		.n = w->n,
		.until_us = w->until_us,
		.user = w,
		.each = each,
		.enough = enough,
	};
	if (read->v2)
		kt_jsonout_begin(&read->answer.body, NULL, '[');
	if (kt_readat_run(w->reader, &how, &err) < 0)
		return fail(w, &err);
	if (!read->n && read->unreadable.len) {
		refuse(read, 422, 42203, kt_buf_cstr(&read->unreadable));
		return -1;
	}
	if (read->v2)
		kt_jsonout_end(&read->answer.body, ']');
	read->answer.type = read->v2 ? kt_rest_type(read->format) : "application/x-ndjson";
	if (read->stream)
		keep_next(w);
	else
		add_next(w);
	return 0;
}

/* False: there is no room for an answer. As long as there is some, each has its share of it. */
static bool take_share(struct kt_read *read)
{
	size_t room = atomic_load_explicit(&read->reads->room, memory_order_relaxed);
	int64_t share = (int64_t)(room / read->reads->shares);
	share = share > SHARE_LEAST ? share : SHARE_LEAST;
	if (read->query.max_bytes > share)
		read->query.max_bytes = share;
	return room;
}

void kt_read_work(void *user, void **state, struct kt_worker_item *item)
{
	struct kt_reads *reads = user;
	struct kt_read *read = (struct kt_read *)item;
	struct kt_err err = {0};
	int64_t now_us = kt_clock_us();
	struct work w = {.read = read, .turn_us = now_us + TURN_MS * 1000};
	w.until_us = atomic_load(&read->closed) ? now_us : read->asked_us + read->query.timeout_ms * 1000;
	if (now_us > w.until_us + reads->ask_ms * 1000) {
		refuse(read, 503, 0, "too many requests wait for records");
		return;
	}
	if (!take_share(read)) {
		refuse(read, 503, 0, KT_SERVE_FULL);
		return;
	}
	if (!*state && kt_readat_open((struct kt_readat **)state, &reads->settings, &reads->owner, &err) < 0) {
		fail(&w, &err);
		return;
	}
	w.reader = *state;
	if (find(&w) == 0)
		read_records(&w);
	free(w.parts);
}

void kt_read_end(void *state)
{
	kt_readat_close(state);
}
