#include "readquery.h"

#include "list.h"
#include "num.h"
#include "query.h"
#include "when.h"

static int read_start(struct kt_readquery *q, const char *text, struct kt_err *err)
{
	char partition[24];
	int64_t p, offset;
	size_t len = strcspn(text, ":");
	if (!text[len] || len >= sizeof(partition))
		return kt_err_set(err, KT_USAGE, "offset: expected PARTITION:N, got \"%.40s\"", text);
	snprintf(partition, sizeof(partition), "%.*s", (int)len, text);
	if (kt_parse_i64(partition, 0, INT32_MAX, &p, err) < 0 ||
		kt_parse_i64(text + len + 1, 0, INT64_MAX, &offset, err) < 0)
		return kt_err_wrap(err, "offset");
	if (q->n_starts == KT_READ_PARTITIONS)
		return kt_err_set(err, KT_USAGE, "offset: more than %d partitions", KT_READ_PARTITIONS);
	for (size_t i = 0; i < q->n_starts; i++)
		if (q->starts[i].partition == p)
			return kt_err_set(err, KT_USAGE, "offset: partition %d appears twice", (int)p);
	q->starts[q->n_starts++] = (struct kt_readquery_start){(int32_t)p, offset};
	return 0;
}

int kt_readquery_offset(struct kt_readquery *q, const char *text, bool one, struct kt_err *err)
{
	struct kt_err ignored;
	q->n_starts = 0;
	if (!one && strchr(text, ':') && *text != '@') {
		kt_auto(kt_strs_fini) struct kt_strs starts = {0};
		kt_strs_split(&starts, text, ",");
		q->from.where = KT_AT_BEGINNING;
		for (size_t i = 0; i < starts.n; i++)
			if (read_start(q, starts.v[i], err) < 0)
				return -1;
		return 0;
	}
	if (*text == '@') {
		q->from.where = KT_AT_TIME;
		return kt_parse_when_ms(text + 1, kt_now_ms(), &q->from.n, err) < 0 ? kt_err_wrap(err, "offset") : 0;
	}
	if (kt_place_parse(&q->from, text, &ignored) == 0 && q->from.where != KT_AT_STORED)
		return 0;
	return kt_err_set(err, KT_USAGE, "offset: \"%.40s\" is not beginning, end, N, -N (the last N), @TIME%s", text,
		one ? "" : ", or PARTITION:N,…");
}

int kt_readquery_partition(struct kt_readquery *q, const char *text, struct kt_err *err)
{
	int64_t n;
	if (kt_parse_i64(text, 0, INT32_MAX, &n, err) < 0)
		return kt_err_wrap(err, "partition");
	if (q->n_partitions == KT_READ_PARTITIONS)
		return kt_err_set(err, KT_USAGE, "partition: more than %d", KT_READ_PARTITIONS);
	for (size_t i = 0; i < q->n_partitions; i++)
		if (q->partitions[i] == n)
			return 0;
	q->partitions[q->n_partitions++] = (int32_t)n;
	return 0;
}

static int read_param(struct kt_readquery *q, const char *name, const char *value, bool one, struct kt_err *err)
{
	const struct {
		const char *name;
		int64_t *n, min, max;
	} numbers[] = {
		{"count", &q->count, 1, KT_READ_MOST},
		{"timeout", &q->timeout_ms, 0, KT_READ_MOST_MS},
		{"max_bytes", &q->max_bytes, 1, q->most_bytes},
	};
	if (!strcmp(name, "offset"))
		return kt_readquery_offset(q, value, one, err);
	if (!one && !strcmp(name, "partition"))
		return kt_readquery_partition(q, value, err);
	for (size_t i = 0; i < KT_LEN(numbers); i++)
		if (!strcmp(name, numbers[i].name))
			return kt_parse_i64(value, numbers[i].min, numbers[i].max, numbers[i].n, err) < 0
				       ? kt_err_wrap(err, "%s", name)
				       : 0;
	return kt_err_set(err, KT_USAGE, "\"%.60s\" is not a parameter: offset, count, timeout, max_bytes%s", name,
		one ? "" : ", partition");
}

int kt_readquery_parse(struct kt_readquery *q, const char *target, bool one, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(target);
	q->n_partitions = q->n_starts = 0;
	q->from = (struct kt_place){.where = KT_AT_BEGINNING};
	q->count = KT_READ_COUNT;
	q->timeout_ms = KT_READ_MS;
	while (kt_query_next(&parts))
		if (read_param(q, parts.name.data, parts.value.data, one, err) < 0)
			return -1;
	return parts.malformed ? kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED) : 0;
}

struct kt_place kt_readquery_from(const struct kt_readquery *q, int32_t partition)
{
	for (size_t i = 0; i < q->n_starts; i++)
		if (q->starts[i].partition == partition)
			return (struct kt_place){KT_AT_OFFSET, q->starts[i].offset};
	return q->from;
}
