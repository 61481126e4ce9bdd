#include "resttext.h"

#include "esc.h"
#include "json.h"
#include "jsonout.h"

static bool is_json(struct kt_bytes text)
{
	kt_auto(kt_buf_fini) struct kt_buf ignored = {0};
	struct kt_err err;
	struct kt_json j = {
		.start = text.data, .at = text.data, .end = text.data + text.len, .out = &ignored, .err = &err};
	return kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0;
}

static void write_base64(struct kt_buf *out, struct kt_bytes bytes)
{
	kt_buf_addc(out, '"');
	kt_buf_add_base64(out, bytes.data, bytes.len);
	kt_buf_addc(out, '"');
}

/* False when the bytes are not what the format shows. */
static bool write_bytes(struct kt_buf *out, const char *name, struct kt_bytes bytes, enum kt_rest_format format)
{
	kt_jsonout_key(out, name);
	if (!bytes.data) {
		kt_buf_adds(out, "null");
		return true;
	}
	if (format == KT_REST_TEXT)
		return kt_json_string_exact(out, bytes.data, bytes.len);
	if (format == KT_REST_BINARY) {
		write_base64(out, bytes);
		return true;
	}
	if (!is_json(bytes))
		return false;
	kt_buf_add(out, bytes.data, bytes.len);
	return true;
}

static void write_headers(struct kt_buf *out, const struct kt_record *record)
{
	kt_jsonout_begin(out, "headers", '[');
	for (size_t i = 0; i < record->n_headers; i++) {
		const struct kt_header *h = &record->headers[i];
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_key(out, "key");
		kt_json_string(out, h->name.data, h->name.len);
		kt_jsonout_key(out, "value");
		if (h->value.data)
			write_base64(out, h->value);
		else
			kt_buf_adds(out, "null");
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
}

/* NULL, or which part of it cannot be shown. */
static const char *write_record(struct kt_buf *out, const struct kt_record *record, enum kt_rest_format format)
{
	const char *wrong = NULL;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_key(out, "topic");
	kt_json_string(out, record->topic.data, record->topic.len);
	if (!write_bytes(out, "key", record->key, format))
		wrong = "key";
	else if (!write_bytes(out, "value", record->value, format))
		wrong = "value";
	kt_jsonout_i64(out, "partition", record->partition);
	kt_jsonout_i64(out, "offset", record->offset);
	if (record->tstype != KT_TS_NONE)
		kt_jsonout_i64(out, "timestamp", record->ts_ms);
	if (record->n_headers)
		write_headers(out, record);
	kt_jsonout_end(out, '}');
	return wrong;
}

bool kt_resttext_write(struct kt_buf *out, const struct kt_record *record, enum kt_rest_format format)
{
	size_t before = out->len;
	const char *wrong = write_record(out, record, format);
	if (!wrong)
		return true;
	out->len = before;
	kt_buf_addf(out, "the %s of %.*s [%d] at offset %lld is not %s", wrong, (int)record->topic.len,
		record->topic.data, (int)record->partition, (long long)record->offset,
		format == KT_REST_JSON ? "JSON" : "UTF-8");
	return false;
}
