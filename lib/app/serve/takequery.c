#include "takequery.h"

#include "esc.h"
#include "json.h"
#include "mem.h"
#include "num.h"
#include "query.h"

bool kt_takequery_has_group(const char *target)
{
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(target);
	while (kt_query_next(&parts))
		if (!strcmp(parts.name.data, "group"))
			return true;
	return false;
}

static int read_group(struct kt_takequery *q, const struct kt_buf *value, struct kt_err *err)
{
	if (!value->len || value->len > KT_TAKEQUERY_GROUP || memchr(value->data, '\0', value->len) ||
		!kt_utf8_valid(value->data, value->len))
		return kt_err_set(err, KT_USAGE, "group: expected 1 to %d bytes of text", KT_TAKEQUERY_GROUP);
	memcpy(q->group, value->data, value->len);
	q->group[value->len] = '\0';
	return 0;
}

static int read_param(struct kt_takequery *q, const char *name, const struct kt_buf *value, struct kt_err *err)
{
	int64_t n;
	if (!strcmp(name, "group"))
		return read_group(q, value, err);
	if (!strcmp(name, "window")) {
		if (kt_parse_i64(value->data, 1, KT_GROUPREADER_WINDOW_MOST, &n, err) < 0)
			return kt_err_wrap(err, "window");
		q->window = (size_t)n;
		return 0;
	}
	if (strcmp(name, "reset") != 0)
		return kt_err_set(
			err, KT_USAGE, "\"%.60s\" is not a parameter with a group: group, window, reset", name);
	q->reset = strcmp(value->data, "latest") != 0 ? KT_RESET_EARLIEST : KT_RESET_LATEST;
	if (q->reset == KT_RESET_EARLIEST && strcmp(value->data, "earliest") != 0)
		return kt_err_set(err, KT_USAGE, "reset: expected earliest or latest");
	return 0;
}

int kt_takequery_parse(struct kt_takequery *q, const char *target, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(target);
	*q = (struct kt_takequery){.window = KT_GROUPREADER_WINDOW, .reset = KT_RESET_EARLIEST};
	while (kt_query_next(&parts))
		if (read_param(q, parts.name.data, &parts.value, err) < 0)
			return -1;
	return parts.malformed ? kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED) : 0;
}

/* PARTITION:N,… */
static int read_positions(struct kt_json *j, struct kt_groupack *acks)
{
	struct kt_bytes text;
	if (kt_json_text(j, &text) < 0)
		return -1;
	kt_auto(kt_free_ptr) char *copy = kt_strndup(text.data, text.len);
	kt_auto(kt_free_ptr) struct kt_readquery *where = kt_calloc(1, sizeof(*where));
	if (memchr(text.data, '\0', text.len) || !strchr(copy, ':') ||
		kt_readquery_offset(where, copy, false, j->err) < 0)
		return kt_err_set(j->err, KT_FAILED, "ack: expected PARTITION:N,…");
	for (size_t i = 0; i < where->n_starts; i++)
		acks[i] =
			(struct kt_groupack){.partition = where->starts[i].partition, .next = where->starts[i].offset};
	return (int)where->n_starts;
}

/* {"partition":0,"offset":42} */
static int read_record(struct kt_json *j, struct kt_groupack *ack)
{
	struct kt_bytes name;
	int64_t partition = -1, offset = -1;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		int read = kt_bytes_are(name, "partition") ? kt_json_i64(j, 0, INT32_MAX, &partition)
			   : kt_bytes_are(name, "offset")  ? kt_json_i64(j, 0, INT64_MAX - 1, &offset)
							   : kt_json_skip(j);
		if (read < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (partition < 0 || offset < 0)
		return kt_err_set(j->err, KT_FAILED, "ack: expected a partition and an offset");
	*ack = (struct kt_groupack){.partition = (int32_t)partition, .next = offset + 1, .only = true};
	return 1;
}

int kt_takequery_acks(struct kt_groupack *acks, struct kt_bytes message, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf texts = {0};
	struct kt_json j = {.start = message.data,
		.at = message.data,
		.end = message.data + message.len,
		.out = &texts,
		.err = err};
	struct kt_bytes name;
	kt_buf_reserve(&texts, message.len + KT_JSON_SLACK);
	int more, n = 0;
	if (kt_json_enter(&j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&j, &name)) > 0) {
		if (!kt_bytes_are(name, "ack") || n)
			return kt_err_set(err, KT_FAILED, "expected {\"ack\":…} alone");
		n = kt_json_peek(&j) == '{' ? read_record(&j, acks) : read_positions(&j, acks);
		if (n < 0)
			return -1;
	}
	if (more < 0 || kt_json_finish(&j) < 0)
		return -1;
	return n ? n : kt_err_set(err, KT_FAILED, "expected {\"ack\":…}");
}
