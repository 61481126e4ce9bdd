#include "sendquery.h"

#include "json.h"
#include "mem.h"
#include "num.h"
#include "query.h"

/* The bytes, in memory of q's; a NUL may be among them. */
static struct kt_bytes keep(struct kt_sendquery *q, const char *data, size_t len)
{
	char *text = kt_malloc(len + 1);
	memcpy(text, data, len);
	text[len] = '\0';
	kt_strs_take(&q->texts, text);
	return (struct kt_bytes){text, len};
}

static int read_header(struct kt_sendquery *q, const struct kt_buf *value, struct kt_err *err)
{
	size_t name = strcspn(value->data, "=");
	if (q->record.n_headers == KT_SENDQUERY_HEADERS)
		return kt_err_set(err, KT_USAGE, "more than %d headers", KT_SENDQUERY_HEADERS);
	if (!name || name == value->len || value->data[name] != '=')
		return kt_err_set(err, KT_USAGE, "header: expected NAME=VALUE");
	struct kt_header *h = &q->headers[q->record.n_headers++];
	h->name = keep(q, value->data, name);
	h->value = keep(q, value->data + name + 1, value->len - name - 1);
	return 0;
}

static int read_param(struct kt_sendquery *q, const char *name, const struct kt_buf *value, struct kt_err *err)
{
	int64_t n;
	if (!strcmp(name, "header"))
		return read_header(q, value, err);
	if (!strcmp(name, "key")) {
		q->record.key = keep(q, value->data, value->len);
	} else if (!strcmp(name, "partition")) {
		if (kt_parse_i64(value->data, 0, INT32_MAX, &n, err) < 0)
			return kt_err_wrap(err, "partition");
		q->record.partition = (int32_t)n;
	} else if (!strcmp(name, "format")) {
		q->json = true;
		if (strcmp(value->data, "record") != 0)
			return kt_err_set(err, KT_USAGE, "format: expected record");
	} else {
		return kt_err_set(err, KT_USAGE, "\"%.60s\" is not a parameter: key, partition, header, format", name);
	}
	return 0;
}

int kt_sendquery_parse(struct kt_sendquery *q, const char *target, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(target);
	q->record.partition = q->record.offset = -1;
	while (kt_query_next(&parts))
		if (read_param(q, parts.name.data, &parts.value, err) < 0)
			return -1;
	if (parts.malformed)
		return kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED);
	if (q->json && (q->record.key.data || q->record.n_headers))
		return kt_err_set(err, KT_USAGE, "format=record: key and headers stand in the messages");
	q->record.headers = q->headers;
	return 0;
}

/* The members of an object but for "id", whose value is what it is in the text. */
static int split_id(struct kt_json *j, struct kt_buf *rest, struct kt_bytes *id)
{
	struct kt_bytes name;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_next(j, '}')) > 0) {
		const char *begin = j->at, *value;
		if (kt_json_text(j, &name) < 0 || kt_json_colon(j) < 0)
			return -1;
		bool is_id = kt_bytes_are(name, "id") && !id->data;
		kt_json_peek(j);
		value = j->at;
		if (kt_json_skip(j) < 0)
			return -1;
		if (is_id) {
			*id = (struct kt_bytes){value, (size_t)(j->at - value)};
			continue;
		}
		kt_buf_addc(rest, rest->len ? ',' : '{');
		kt_buf_add(rest, begin, (size_t)(j->at - begin));
	}
	kt_buf_adds(rest, rest->len ? "}" : "{}");
	return more < 0 ? -1 : kt_json_finish(j);
}

int kt_sendquery_id(struct kt_bytes message, struct kt_buf *rest, struct kt_bytes *id, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf texts = {0};
	struct kt_json j = {.start = message.data,
		.at = message.data,
		.end = message.data + message.len,
		.out = &texts,
		.err = err};
	*id = (struct kt_bytes){0};
	if (!memmem(message.data, message.len, "id\"", 3))
		return 0;
	if (split_id(&j, rest, id) < 0)
		return -1;
	if (id->data && (id->len > KT_SENDQUERY_ID_BYTES || !strchr("\"-0123456789", *id->data)))
		return kt_err_set(
			err, KT_FAILED, "id: expected a number or a text of %d bytes at most", KT_SENDQUERY_ID_BYTES);
	return id->data != NULL;
}

void kt_sendquery_fini(struct kt_sendquery *q)
{
	kt_strs_fini(&q->texts);
}
