/* The records of a topic, pulled: the one who asks for the next one waits for it here. */
#include "ending.h"
#include "mem.h"
#include "num.h"
#include "progress.h"
#include "rowsource.h"
#include "say.h"

enum { TAIL_RECORDS = 100, SILENT = 1 << 20 };

struct topicrows {
	struct kt_rowsource source; /* the first member */
	const struct kt_rowreads *reads;
	struct kt_partitions *bounds;
	bool sample, follow;
	struct kt_reading reading;
	struct kt_consumer *consumer; /* NULL: there is nothing to read */
	struct kt_loop loop;
	struct kt_loop_source records;
	bool decodes, decoding; /* values are Avro; one is being decoded */
	struct kt_decode decode;
	struct kt_record message;
	uint32_t part;
	int64_t seen, taken;
	struct kt_progress progress;
};

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct topicrows *t = user;
	*fd = (struct pollfd){.fd = kt_consumer_fd(t->consumer), .events = POLLIN};
	return kt_consumer_poll_ms(t->consumer);
}

/* Whether a record belongs to what the run reads: not what was added since it began. */
static bool is_wanted(struct topicrows *t, const struct kt_record *r)
{
	if (!t->follow) {
		const struct kt_partition *end = kt_partitions_find(t->bounds, r->topic.data, r->partition);
		if (end && r->offset >= end->end)
			return false;
	}
	return kt_filter_takes(t->reads->filter, r);
}

static bool takes_value(const struct topicrows *t, const struct kt_record *r)
{
	const struct kt_rowreads *reads = t->reads;
	return kt_filter_takes_value(reads->filter, r->value) && (!reads->where || kt_condition_takes(reads->where, r));
}

/* The next datum of the message in hand: 1; 0: it is over. */
static int next_datum(struct topicrows *t, struct kt_row *row, struct kt_err *err)
{
	static const struct kt_buf nowhere;
	struct kt_datum datum;
	int more;
	while ((more = kt_decode_next(&t->decode, &nowhere, &datum, err)) != 0) {
		if (more < 0)
			return -1;
		if (more == KT_DECODE_PAUSED) {
			int stopped = kt_stop_status(t->reads->stop);
			if (stopped)
				return kt_ended(
					stopped, err, "after %lld record%s", (long long)t->taken, kt_plural(t->taken));
			continue;
		}
		*row = (struct kt_row){.record = datum.known ? *datum.shown : t->message, .part = t->part++};
		if (takes_value(t, &row->record))
			return 1;
	}
	t->decoding = false;
	if (!t->decode.bad || t->part || t->reads->filter->has_grep || t->reads->where)
		return 0;
	*row = (struct kt_row){.record = t->message, .bad = true};
	return 1;
}

/* The next record that has come: 1; 0: there is none. */
static int next_come(struct topicrows *t, struct kt_row *row, struct kt_err *err)
{
	struct kt_record *r = &t->message;
	for (;;) {
		int more = t->decoding ? next_datum(t, row, err) : 0;
		if (more)
			return more;
		if (!kt_consumer_next(t->consumer, r))
			return 0;
		t->seen++;
		if (!is_wanted(t, r))
			continue;
		t->taken++;
		t->part = 0;
		t->decoding = t->decodes;
		if (t->decodes) {
			kt_decode_begin(&t->decode, r, NULL, &(struct kt_buf){0});
		} else if (takes_value(t, r)) {
			*row = (struct kt_row){.record = *r};
			return 1;
		}
	}
}

static int next_row(struct topicrows *t, struct kt_row *row, struct kt_err *err)
{
	const struct kt_rowreads *reads = t->reads;
	while (t->consumer) {
		int more = next_come(t, row, err);
		if (more)
			return more;
		int stopped = kt_stop_status(reads->stop);
		if (stopped)
			return t->follow ? 0
					 : kt_ended(stopped, err, "after %lld record%s", (long long)t->taken,
						   kt_plural(t->taken));
		if (kt_consumer_is_done(t->consumer))
			return 0;
		int took = kt_consumer_fill(t->consumer, err);
		if (took < 0)
			return -1;
		t->progress.done = t->seen;
		if (reads->progresses && !t->sample)
			kt_progress_records(&t->progress, t->seen);
		if (took)
			continue;
		if (!t->sample && reads->waits && reads->waits(reads->user))
			return 0;
		if (kt_loop_turn(&t->loop, err) < 0)
			return -1;
	}
	return 0;
}

static int next(struct kt_rowsource *source, struct kt_row *row, struct kt_err *err)
{
	struct topicrows *t = (struct topicrows *)source;
	int more = next_row(t, row, err);
	if (more <= 0 && t->progress.shown_us)
		kt_say_progress("%s", "");
	return more;
}

static void free_rows(struct kt_rowsource *source)
{
	struct topicrows *t = (struct topicrows *)source;
	if (t->decodes)
		kt_decode_fini(&t->decode);
	kt_consumer_free(&t->consumer);
	kt_loop_fini(&t->loop);
	kt_reading_fini(&t->reading);
	free(t);
}

static void free_new(struct topicrows **at)
{
	if (*at)
		free_rows(&(*at)->source);
}

static bool is_among(const int32_t *list, size_t n, int32_t partition)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == partition)
			return true;
	return false;
}

/* Of the partitions that a query names those that there are, and that -p names too. */
static void narrow_partitions(struct topicrows *t, const struct kt_rowwant *want)
{
	struct kt_reading *r = &t->reading;
	size_t n = 0;
	int32_t *list = kt_calloc(t->bounds->n + 1, sizeof(*list));
	for (size_t i = 0; i < t->bounds->n; i++) {
		int32_t partition = t->bounds->v[i].partition;
		bool given = !r->how.n_partitions || is_among(r->how.partitions, r->how.n_partitions, partition);
		if (given && is_among(want->partitions, want->n, partition) && !is_among(list, n, partition))
			list[n++] = partition;
	}
	free(r->partitions);
	r->how.partitions = r->partitions = list;
	r->how.n_partitions = n;
}

/* The range of -o made smaller, where it can be: the query looks at each row once more. The embedded broker cannot find
 * offsets by time. */
static void narrow(struct topicrows *t, const struct kt_rowwant *want)
{
	struct kt_span *span = &t->reading.how.span;
	struct kt_place *start = &span->start, *end = &span->end;
	if (want->from > 0 && start->where == KT_AT_BEGINNING)
		*start = (struct kt_place){KT_AT_OFFSET, want->from};
	else if (start->where == KT_AT_OFFSET && want->from > start->n)
		start->n = want->from;
	else if (want->from_ms > 0 && start->where == KT_AT_BEGINNING &&
		 !kt_settings_get(t->reads->settings, "kt.embedded"))
		*start = (struct kt_place){KT_AT_TIME, want->from_ms};
	if (t->follow || want->to == INT64_MAX)
		return;
	int64_t to = want->to < 0 ? 0 : want->to;
	if (end->where == KT_AT_DEFAULT)
		*end = (struct kt_place){KT_AT_OFFSET, to};
	else if (end->where == KT_AT_OFFSET && to < end->n)
		end->n = to;
}

static void choose(struct topicrows *t, const struct kt_rowwant *want)
{
	struct kt_consumer_how *how = &t->reading.how;
	if (want->tail) {
		how->span = (struct kt_span){.start = {KT_AT_TAIL, TAIL_RECORDS}};
		how->n_starts = 0;
	} else if (want->whole && t->reads->follow) {
		/* -o says where the one begins that goes on. */
		how->span = (struct kt_span){.start.where = KT_AT_BEGINNING};
		how->n_starts = 0;
	} else {
		narrow(t, want);
	}
	how->exit_at_end = !t->follow || how->span.end.where != KT_AT_DEFAULT;
	how->owner = t->reads->client->owner;
	how->headers = want->headers || (t->reads->where && kt_condition_wants_headers(t->reads->where)) ||
		       kt_filter_wants_headers(t->reads->filter) ||
		       (t->decodes && kt_decode_wants_headers(&t->decode, t->reads->settings));
}

static int open_decode(struct topicrows *t, bool sample, struct kt_err *err)
{
	t->decodes = t->reads->decode != NULL;
	if (!t->decodes)
		return 0;
	t->decode = (struct kt_decode){.form = KT_AVRO_JSON};
	/* What is wrong with a sample is told when it is read. */
	t->decode.failed = sample ? SILENT : 0;
	return kt_decode_open(&t->decode, t->reads->decode, t->reads->client, t->reads->settings, err);
}

static void keep_bounds(struct topicrows *t)
{
	const struct kt_partitions *parts = kt_consumer_parts(t->consumer);
	for (size_t i = 0; i < parts->n && !t->reads->follow; i++) {
		struct kt_partition *bound = kt_partitions_add(t->bounds, parts->v[i].topic, parts->v[i].partition);
		*bound = (struct kt_partition){.topic = bound->topic,
			.topic_len = bound->topic_len,
			.partition = bound->partition,
			.begin = parts->v[i].begin,
			.log_end = parts->v[i].log_end,
			.end = parts->v[i].log_end};
	}
}

int kt_rowsource_topic(struct kt_rowsource **out, const struct kt_rowreads *reads, const char *topic,
	struct kt_partitions *bounds, const struct kt_rowwant *want, struct kt_err *err)
{
	kt_auto(free_new) struct topicrows *t = kt_calloc(1, sizeof(*t));
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	*t = (struct topicrows){.source = {next, free_rows}, .reads = reads, .bounds = bounds, .sample = want->sample};
	t->follow = reads->follow && !want->whole && !want->sample;
	kt_strs_add(&topics, topic);
	if (kt_reading_init(&t->reading, reads->read, &topics, reads->settings, reads->client->timeout_ms, err) < 0 ||
		open_decode(t, want->sample, err) < 0)
		return -1;
	choose(t, want);
	bool known = bounds->n > 0;
	if (want->some && known) {
		narrow_partitions(t, want);
		if (!t->reading.how.n_partitions) {
			*out = &kt_steal(t)->source;
			return 0;
		}
	}
	if (kt_consumer_open(&t->consumer, reads->settings, &t->reading.how, err) < 0)
		return -1;
	if (!known)
		keep_bounds(t);
	const struct kt_partitions *parts = kt_consumer_parts(t->consumer);
	for (size_t i = 0; i < parts->n; i++)
		t->progress.total += parts->v[i].end > parts->v[i].start ? parts->v[i].end - parts->v[i].start : 0;
	t->records = (struct kt_loop_source){.user = t, .wait = wait_for_records};
	t->loop.stop = reads->stop;
	kt_loop_add(&t->loop, &t->records);
	if (reads->output)
		kt_loop_add(&t->loop, reads->output);
	*out = &kt_steal(t)->source;
	return 0;
}
