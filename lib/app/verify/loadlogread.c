#include "loadlogread.h"

#include "json.h"

struct reader {
	struct kt_json json;
	struct kt_log_entry *entry;
	bool has_value;
};

/* A text where there is one; anything else is passed over. */
static int read_text(struct reader *r, struct kt_bytes *out)
{
	return kt_json_peek(&r->json) == '"' ? kt_json_text(&r->json, out) : kt_json_skip(&r->json);
}

/* A number, also one that was written as a string. */
static int read_number(struct reader *r, struct kt_bytes *text, double *value)
{
	struct kt_err ignored = {0};
	struct kt_json inner = {.err = &ignored};
	bool quoted = kt_json_peek(&r->json) == '"';
	struct kt_bytes token;
	if (quoted ? kt_json_text(&r->json, &token) < 0 : kt_json_compact(&r->json, &token) < 0)
		return -1;
	inner.start = inner.at = token.data;
	inner.end = token.data + token.len;
	if (token.len && kt_json_real(&inner, value) == 0 && inner.at == inner.end) {
		*text = token;
		r->has_value = true;
	}
	return 0;
}

static int read_count(struct reader *r, int64_t *out)
{
	struct kt_bytes text;
	double value = 0;
	bool before = r->has_value;
	if (read_number(r, &text, &value) < 0)
		return -1;
	r->has_value = before;
	*out = value >= 0 && value < 1e15 ? (int64_t)value : 0;
	return 0;
}

static int read_field(struct reader *r, struct kt_bytes name)
{
	static const struct {
		const char *name;
		enum kt_log_kind kind;
	} texts[] = {{"stage", KT_LOG_STAGE}, {"range_event", KT_LOG_RANGE}, {"sensor", KT_LOG_SENSOR},
		{"record_name", KT_LOG_FAILURE}};
	struct kt_log_entry *e = r->entry;
	for (size_t i = 0; i < KT_LEN(texts); i++) {
		if (!kt_bytes_are(name, texts[i].name))
			continue;
		e->kind = kt_json_peek(&r->json) == '"' ? texts[i].kind : KT_LOG_OTHER;
		return read_text(r, &e->text);
	}
	if (kt_bytes_are(name, "avg_temperature")) {
		e->kind = KT_LOG_AVERAGE;
		return read_number(r, &e->number, &e->value);
	}
	if (kt_bytes_are(name, "temperature"))
		return read_number(r, &e->number, &e->value);
	if (kt_bytes_are(name, "researcher"))
		return read_text(r, &e->researcher);
	if (kt_bytes_are(name, "count"))
		return read_count(r, &e->count);
	if (kt_bytes_are(name, "maybe_written"))
		return read_count(r, &e->maybe);
	return kt_json_skip(&r->json);
}

static int read_fields(struct reader *r)
{
	struct kt_bytes name;
	int more;
	if (kt_json_peek(&r->json) != '{')
		return kt_json_skip(&r->json);
	if (kt_json_enter(&r->json, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->json, &name)) > 0)
		if (read_field(r, name) < 0)
			return -1;
	return more;
}

/* {"experiment_id": "…", "name": "experiment"} or the same with measurement. */
static int read_span(struct reader *r, bool innermost)
{
	struct kt_log_entry *e = r->entry;
	struct kt_bytes name, text;
	int more;
	if (kt_json_peek(&r->json) != '{')
		return kt_json_skip(&r->json);
	if (kt_json_enter(&r->json, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->json, &name)) > 0) {
		text = (struct kt_bytes){0};
		if (read_text(r, &text) < 0)
			return -1;
		if (kt_bytes_are(name, "experiment_id") && text.data)
			e->has_experiment |= kt_uuid_read(&e->experiment, text.data, text.len);
		else if (kt_bytes_are(name, "measurement_id") && text.data)
			e->has_measurement |= kt_uuid_read(&e->measurement, text.data, text.len);
		else if (kt_bytes_are(name, "name") && text.data && innermost)
			e->in_experiment = kt_bytes_are(text, "experiment");
	}
	return more;
}

static int read_spans(struct reader *r)
{
	int more;
	if (kt_json_peek(&r->json) != '[')
		return kt_json_skip(&r->json);
	if (kt_json_enter(&r->json, '[') < 0)
		return -1;
	while ((more = kt_json_element(&r->json)) > 0)
		if (read_span(r, false) < 0)
			return -1;
	return more;
}

static int read_line(struct reader *r)
{
	struct kt_bytes name;
	int more, result;
	if (kt_json_enter(&r->json, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->json, &name)) > 0) {
		if (kt_bytes_are(name, "timestamp"))
			result = read_text(r, &r->entry->timestamp);
		else if (kt_bytes_are(name, "fields"))
			result = read_fields(r);
		else if (kt_bytes_are(name, "span"))
			result = read_span(r, true);
		else if (kt_bytes_are(name, "spans"))
			result = read_spans(r);
		else
			result = kt_json_skip(&r->json);
		if (result < 0)
			return -1;
	}
	return more < 0 ? -1 : kt_json_finish(&r->json);
}

int kt_log_read(struct kt_log_entry *entry, struct kt_buf *decoded, const char *line, size_t len, struct kt_err *err)
{
	struct reader r = {.entry = entry};
	*entry = (struct kt_log_entry){0};
	decoded->len = 0;
	kt_buf_reserve(decoded, len + KT_JSON_SLACK);
	r.json = (struct kt_json){.start = line, .at = line, .end = line + len, .out = decoded, .err = err};
	if (read_line(&r) < 0)
		return -1;
	bool needs_value = entry->kind == KT_LOG_AVERAGE || entry->kind == KT_LOG_SENSOR;
	bool needs_sample = needs_value || entry->kind == KT_LOG_RANGE;
	if (!entry->has_experiment || (needs_value && !r.has_value) || (needs_sample && !entry->has_measurement))
		entry->kind = KT_LOG_OTHER;
	return 0;
}
