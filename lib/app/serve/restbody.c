#include "restbody.h"

#include "esc.h"
#include "json.h"
#include "mem.h"

enum { SLACK = 64 };

struct reader {
	struct kt_json j;
	struct kt_restbody *body;
	enum kt_rest_format format;
	bool too_many; /* records */
};

/* Of text that is known to be JSON. */
static bool is_deep(const char *at, const char *end)
{
	int depth = 0;
	bool quoted = false;
	for (; at < end && depth <= KT_REST_DEPTH; at++) {
		if (quoted && *at == '\\')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
	}
	return depth > KT_REST_DEPTH;
}

static int read_base64(struct reader *r, struct kt_bytes *out)
{
	struct kt_buf *texts = &r->body->texts;
	struct kt_bytes text;
	if (kt_json_text(&r->j, &text) < 0)
		return -1;
	size_t before = texts->len;
	if (kt_base64_decode(texts, text.data, text.len) < 0)
		return kt_err_set(r->j.err, KT_USAGE, "this is not base64");
	*out = (struct kt_bytes){texts->data + before, texts->len - before};
	return 0;
}

static int read_value(struct reader *r, struct kt_bytes *out)
{
	struct kt_json *j = &r->j;
	*out = (struct kt_bytes){0};
	if (kt_json_null(j))
		return 0;
	if (r->format == KT_REST_TEXT)
		return kt_json_text(j, out);
	if (r->format == KT_REST_BINARY)
		return read_base64(r, out);
	kt_json_peek(j);
	const char *start = j->at;
	if (kt_json_skip(j) < 0)
		return -1;
	*out = (struct kt_bytes){start, (size_t)(j->at - start)};
	return is_deep(start, j->at) ? kt_err_set(j->err, KT_USAGE, "deeper than %d", KT_REST_DEPTH) : 0;
}

static int read_header(struct reader *r, struct kt_header *header)
{
	struct kt_bytes name;
	int more;
	*header = (struct kt_header){0};
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->j, &name)) > 0) {
		bool key = kt_bytes_are(name, "key");
		if (!key && !kt_bytes_are(name, "value"))
			return kt_err_set(r->j.err, KT_USAGE, "a header has a key and a value");
		if (key ? kt_json_text(&r->j, &header->name) < 0
			: !kt_json_null(&r->j) && read_base64(r, &header->value) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	bool fits = header->name.data && !memchr(header->name.data, '\0', header->name.len);
	return fits ? 0 : kt_err_set(r->j.err, KT_USAGE, "a header without a key, or a NUL in it");
}

static int read_headers(struct reader *r, struct kt_rest_record *record)
{
	struct kt_restbody *body = r->body;
	int more;
	if (kt_json_null(&r->j))
		return 0;
	if (kt_json_enter(&r->j, '[') < 0)
		return -1;
	record->first_header = body->n_headers;
	while ((more = kt_json_element(&r->j)) > 0) {
		struct kt_header header;
		if (read_header(r, &header) < 0)
			return -1;
		body->headers = kt_grow(body->headers, &body->cap_headers, body->n_headers + 1, sizeof(header));
		body->headers[body->n_headers++] = header;
	}
	record->n_headers = body->n_headers - record->first_header;
	return more;
}

static int read_partition(struct kt_json *j, int32_t *partition)
{
	int64_t n = -1;
	if (!kt_json_null(j) && kt_json_i64(j, 0, INT32_MAX, &n) < 0)
		return -1;
	*partition = (int32_t)n;
	return 0;
}

/* seen: a bit for each member that came; none may come twice. */
static int note_member(struct kt_json *j, struct kt_bytes name, unsigned *seen)
{
	static const char *const names[] = {"key", "value", "headers", "timestamp", "partition"};
	char quoted[80];
	kt_quote(quoted, sizeof(quoted), name);
	for (unsigned i = 0; i < KT_LEN(names); i++) {
		if (!kt_bytes_are(name, names[i]))
			continue;
		unsigned before = *seen;
		*seen |= 1u << i;
		return before != *seen ? 0 : kt_err_set(j->err, KT_USAGE, "%s appears twice", quoted);
	}
	return kt_err_set(j->err, KT_USAGE, "a record has no member %s", quoted);
}

static int read_member(struct reader *r, struct kt_bytes name, struct kt_rest_record *record)
{
	struct kt_json *j = &r->j;
	if (kt_bytes_are(name, "key"))
		return read_value(r, &record->key);
	if (kt_bytes_are(name, "value"))
		return read_value(r, &record->value);
	if (kt_bytes_are(name, "headers"))
		return read_headers(r, record);
	if (kt_bytes_are(name, "timestamp"))
		return kt_json_null(j) ? 0 : kt_json_i64(j, 1, INT64_MAX, &record->ts_ms);
	return read_partition(j, &record->partition);
}

static int read_record(struct reader *r)
{
	struct kt_restbody *body = r->body;
	struct kt_rest_record record = {.partition = -1};
	struct kt_bytes name;
	unsigned seen = 0;
	int more;
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->j, &name)) > 0)
		if (note_member(&r->j, name, &seen) < 0 || read_member(r, name, &record) < 0)
			return -1;
	body->v = kt_grow(body->v, &body->cap, body->n + 1, sizeof(record));
	body->v[body->n++] = record;
	return more;
}

static int read_records(struct reader *r)
{
	int more;
	if (kt_json_enter(&r->j, '[') < 0)
		return -1;
	while ((more = kt_json_element(&r->j)) > 0) {
		r->too_many = r->body->n == KT_REST_RECORDS;
		if (r->too_many)
			return kt_err_set(r->j.err, KT_USAGE, "more than %d records", KT_REST_RECORDS);
		if (read_record(r) < 0)
			return kt_err_wrap(r->j.err, "record %zu", r->body->n + 1);
	}
	return more;
}

static int read_body(struct reader *r)
{
	struct kt_bytes name;
	char quoted[80];
	int more;
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->j, &name)) > 0) {
		if (!kt_bytes_are(name, "records") || r->body->n)
			return kt_err_set(r->j.err, KT_USAGE, "%s does not belong here; expected {\"records\":[…]}",
				kt_quote(quoted, sizeof(quoted), name));
		if (read_records(r) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	return r->body->n ? 0 : kt_err_set(r->j.err, KT_USAGE, "there are no records");
}

unsigned kt_restbody_read(
	struct kt_restbody *body, struct kt_bytes text, enum kt_rest_format format, struct kt_err *err)
{
	const char *end = text.data + text.len;
	struct kt_buf ignored = {0};
	struct kt_json check = {.start = text.data, .at = text.data, .end = end, .out = &ignored, .err = err};
	int result = kt_json_skip(&check) < 0 ? -1 : kt_json_finish(&check);
	kt_buf_fini(&ignored);
	if (result < 0)
		return 400;
	/* Strings once as text, and once more as what their base64 means, which is shorter: no pointer is moved. */
	kt_buf_reserve(&body->texts, 2 * text.len + SLACK);
	struct reader r = {
		.j = {.start = text.data, .at = text.data, .end = end, .out = &body->texts, .err = err},
		.body = body,
		.format = format,
	};
	return read_body(&r) == 0 ? 0 : r.too_many ? 413 : 422;
}

size_t kt_restbody_size(const struct kt_restbody *body)
{
	return body->n * sizeof(*body->v) + body->n_headers * sizeof(*body->headers) + body->texts.len;
}

void kt_restbody_record(const struct kt_restbody *body, size_t i, struct kt_record *out)
{
	const struct kt_rest_record *r = &body->v[i];
	*out = (struct kt_record){
		.partition = r->partition,
		.tstype = r->ts_ms ? KT_TS_CREATE : KT_TS_NONE,
		.ts_ms = r->ts_ms,
		.key = r->key,
		.value = r->value,
		.headers = body->headers + r->first_header,
		.n_headers = r->n_headers,
	};
}

void kt_restbody_fini(struct kt_restbody *body)
{
	free(body->v);
	free(body->headers);
	kt_buf_fini(&body->texts);
	*body = (struct kt_restbody){0};
}
