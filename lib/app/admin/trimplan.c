#include "trimplan.h"

#include "mem.h"
#include "num.h"
#include "offsetquery.h"
#include "when.h"

/* before: where it is to begin when text does not say it; KT_AT_DEFAULT: nowhere. */
static int read_partition(
	struct kt_trim_part *part, const char *text, const struct kt_place *before, struct kt_err *err)
{
	const char *colon = strchr(text, ':');
	bool given = before->where != KT_AT_DEFAULT;
	int64_t n;
	if (!colon && !given) {
		kt_err_set(err, KT_USAGE, "--partition %.100s: an offset is missing", text);
		return kt_err_hint(err, "PARTITION:OFFSET, as in 3:1000; 3:latest takes all records");
	}
	if (colon && given)
		return kt_err_set(err, KT_USAGE, "--partition %.100s has an offset, and --before another one", text);
	kt_auto(kt_free_ptr) char *number = kt_strndup(text, strcspn(text, ":"));
	if (kt_parse_i64(number, 0, INT32_MAX, &n, err) < 0)
		return kt_err_wrap(err, "--partition %.100s", text);
	part->partition = (int32_t)n;
	part->at = *before;
	if (!colon)
		return 0;
	/* In Kafka -1 means the end; all but one record is not what anybody means. */
	part->at = (struct kt_place){KT_AT_END, 0};
	if (!strcmp(colon + 1, "latest") || !strcmp(colon + 1, "end") || !strcmp(colon + 1, "-1"))
		return 0;
	part->at.where = KT_AT_OFFSET;
	return kt_parse_i64(colon + 1, 0, INT64_MAX, &part->at.n, err) < 0
		       ? kt_err_wrap(err, "--partition %.100s", text)
		       : 0;
}

static int read_partitions(struct kt_trim_how *how, const struct kt_strs *partitions, struct kt_err *err)
{
	how->parts = kt_calloc(partitions->n, sizeof(*how->parts));
	for (size_t i = 0; i < partitions->n; i++) {
		struct kt_trim_part *part = &how->parts[how->n++];
		if (read_partition(part, partitions->v[i], &how->at, err) < 0)
			return -1;
		for (size_t k = 0; k + 1 < how->n; k++)
			if (how->parts[k].partition == part->partition)
				return kt_err_set(
					err, KT_USAGE, "--partition names partition %d twice", (int)part->partition);
	}
	how->at.where = KT_AT_DEFAULT;
	return 0;
}

static int read_before(struct kt_trim_how *how, const char *before, struct kt_err *err)
{
	struct kt_span span = {0};
	if (kt_span_parse(&span, before, kt_now_ms(), err) < 0)
		return kt_err_wrap(err, "--before");
	how->at = span.start;
	if (span.end.where != KT_AT_DEFAULT || how->at.where == KT_AT_STORED || how->at.where == KT_AT_HEAD)
		return kt_err_set(err, KT_USAGE, "--before %.100s: an offset, -N, a time or latest is needed", before);
	return 0;
}

static int read_datetime(struct kt_trim_how *how, const char *datetime, struct kt_err *err)
{
	how->at.where = KT_AT_TIME;
	return kt_parse_when_utc_ms(datetime, kt_now_ms(), &how->at.n, err) < 0 ? kt_err_wrap(err, "--to-datetime") : 0;
}

int kt_trim_how_read(struct kt_trim_how *how, const char *before, const char *datetime,
	const struct kt_strs *partitions, struct kt_err *err)
{
	if (!before && !datetime && !partitions->n) {
		kt_err_set(err, KT_USAGE, "where to trim is not given");
		return kt_err_hint(
			err, "--before OFFSET, -N (all but the last N), @TIME or latest; --partition P:OFFSET");
	}
	if ((before && read_before(how, before, err) < 0) || (datetime && read_datetime(how, datetime, err) < 0))
		return -1;
	return partitions->n ? read_partitions(how, partitions, err) : 0;
}

void kt_trim_how_fini(struct kt_trim_how *how)
{
	free(how->parts);
	*how = (struct kt_trim_how){0};
}

static const struct rd_kafka_metadata_partition *find(const struct rd_kafka_metadata_topic *topic, int32_t partition)
{
	for (int i = 0; i < topic->partition_cnt; i++)
		if (topic->partitions[i].id == partition)
			return &topic->partitions[i];
	return NULL;
}

static const struct kt_place *place_of(const struct kt_trim_how *how, int32_t partition)
{
	for (size_t i = 0; i < how->n; i++)
		if (how->parts[i].partition == partition)
			return &how->parts[i].at;
	return how->at.where == KT_AT_DEFAULT ? NULL : &how->at;
}

/* Every partition that is meant. */
static int list_meant(rd_kafka_topic_partition_list_t *list, const struct rd_kafka_metadata_topic *topic,
	const struct kt_trim_how *how, struct kt_err *err)
{
	for (size_t i = 0; i < how->n; i++)
		if (!find(topic, how->parts[i].partition))
			return kt_err_set(err, KT_NOT_FOUND, "topic %s has no partition %d", topic->topic,
				(int)how->parts[i].partition);
	for (int i = 0; i < topic->partition_cnt; i++) {
		const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
		if (!place_of(how, p->id))
			continue;
		if (p->leader < 0)
			return kt_err_set(
				err, KT_FAILED, "topic %s: partition %d has no leader", topic->topic, (int)p->id);
		rd_kafka_topic_partition_list_add(list, topic->topic, p->id);
	}
	return 0;
}

static int64_t wanted(const struct kt_place *at, int64_t end, int64_t at_time)
{
	switch (at->where) {
	case KT_AT_OFFSET:
		return at->n;
	case KT_AT_TAIL:
		return at->n < end ? end - at->n : 0;
	case KT_AT_TIME:
		/* No record is that late. */
		return at_time < 0 ? end : at_time;
	case KT_AT_END:
		return end;
	default:
		return 0;
	}
}

/* Brokers refuse an offset beyond the end, too: OFFSET_OUT_OF_RANGE. */
static int add_row(struct kt_trimplan *plan, struct kt_trim_row row, int64_t to, struct kt_err *err)
{
	if (to > row.end)
		return kt_place_beyond(to, plan->topic, row.partition, row.begin, row.end, "--before", err);
	row.to = to < row.begin ? row.begin : to;
	plan->records += row.to - row.begin;
	plan->v[plan->n++] = row;
	return 0;
}

int kt_trimplan_make(struct kt_trimplan *plan, struct kt_client *c, const struct rd_kafka_metadata_topic *topic,
	const struct kt_trim_how *how, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins =
		rd_kafka_topic_partition_list_new(topic->partition_cnt);
	if (list_meant(begins, topic, how, err) < 0)
		return -1;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_copy(begins);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *times =
		rd_kafka_topic_partition_list_copy(begins);
	if (kt_offsetquery_bounds(c, begins, ends, timeout_ms, err) < 0 ||
		(how->at.where == KT_AT_TIME && kt_offsetquery_offsets(c, times, how->at.n, timeout_ms, err) < 0))
		return kt_err_wrap(err, "topic %s", topic->topic);
	plan->topic = topic->topic;
	plan->v = kt_calloc((size_t)begins->cnt + 1, sizeof(*plan->v));
	for (int i = 0; i < begins->cnt; i++) {
		const struct kt_trim_row row = {.partition = begins->elems[i].partition,
			.begin = begins->elems[i].offset,
			.end = ends->elems[i].offset};
		if (add_row(plan, row, wanted(place_of(how, row.partition), row.end, times->elems[i].offset), err) < 0)
			return -1;
	}
	return 0;
}

void kt_trimplan_fini(struct kt_trimplan *plan)
{
	free(plan->v);
	*plan = (struct kt_trimplan){0};
}
