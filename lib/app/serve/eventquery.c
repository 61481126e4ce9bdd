#include "eventquery.h"

#include "query.h"

static int read_id(struct kt_eventquery *q, const char *text, struct kt_err *err)
{
	q->resumes = true;
	if (strchr(text, ':') && kt_readquery_offset(&q->where, text, false, err) == 0)
		return 0;
	return kt_err_set(err, KT_USAGE, "\"%.60s\" is not the id of an event here: PARTITION:N,…", text);
}

static int read_param(
	struct kt_eventquery *q, const char *name, const struct kt_buf *value, struct kt_buf *id, struct kt_err *err)
{
	if (!strcmp(name, "offset"))
		return kt_readquery_offset(&q->where, value->data, false, err);
	if (!strcmp(name, "partition"))
		return kt_readquery_partition(&q->where, value->data, err);
	if (!strcmp(name, "key") || !strcmp(name, "last_event_id")) {
		struct kt_buf *to = *name == 'k' ? &q->key : id;
		q->has_key |= *name == 'k';
		to->len = 0;
		kt_buf_add(to, value->data, value->len);
		return 0;
	}
	return kt_err_set(err, KT_USAGE, "\"%.60s\" is not a parameter: offset, last_event_id, partition, key", name);
}

int kt_eventquery_parse(struct kt_eventquery *q, const char *target, const char *last_id, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(target);
	kt_auto(kt_buf_fini) struct kt_buf id = {0};
	q->where.from = (struct kt_place){.where = KT_AT_END};
	while (kt_query_next(&parts))
		if (read_param(q, parts.name.data, &parts.value, &id, err) < 0)
			return -1;
	if (parts.malformed)
		return kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED);
	last_id = *last_id ? last_id : kt_buf_cstr(&id);
	if (*last_id)
		return read_id(q, last_id, err);
	q->from_end = !q->where.n_starts && q->where.from.where == KT_AT_END;
	return 0;
}

bool kt_eventquery_wants(const struct kt_eventquery *q, int32_t partition, struct kt_bytes key)
{
	bool wanted = !q->where.n_partitions;
	for (size_t i = 0; i < q->where.n_partitions && !wanted; i++)
		wanted = q->where.partitions[i] == partition;
	if (!wanted || !q->has_key)
		return wanted;
	return key.data && key.len == q->key.len && (!key.len || !memcmp(key.data, q->key.data, key.len));
}

bool kt_eventquery_wants_all(const struct kt_eventquery *q)
{
	return !q->where.n_partitions && !q->has_key;
}

void kt_eventquery_fini(struct kt_eventquery *q)
{
	kt_buf_fini(&q->key);
}
