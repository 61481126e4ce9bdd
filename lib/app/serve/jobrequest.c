/* From a request to its records: query, headers, body. */
#include "job_own.h"

#include "json.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "query.h"

/* FIELDS: of a form, as many as Express' parser takes. */
enum { HEADERS = 100, FIELDS = 1000 };

static int read_param(struct kt_job *job, const struct kt_query *q, struct kt_err *err)
{
	int64_t n;
	struct kt_record *r = &job->record;
	if (!strcmp(q->name.data, "key")) {
		kt_strs_add(&job->texts, q->value.data);
		r->key = (struct kt_bytes){job->texts.v[job->texts.n - 1], q->value.len};
	} else if (!strcmp(q->name.data, "partition")) {
		if (kt_parse_i64(q->value.data, 0, INT32_MAX, &n, err) < 0)
			return kt_err_wrap(err, "partition");
		r->partition = (int32_t)n;
	} else if (!strcmp(q->name.data, "timestamp")) {
		if (kt_parse_i64(q->value.data, 1, INT64_MAX, &r->ts_ms, err) < 0)
			return kt_err_wrap(err, "timestamp");
		r->tstype = KT_TS_CREATE;
	}
	return 0;
}

static int read_async(struct kt_job *job, const struct kt_query *q, struct kt_err *err)
{
	job->async = !strcmp(q->value.data, "true");
	if (job->async || !strcmp(q->value.data, "false"))
		return 0;
	return kt_err_set(err, KT_USAGE, "async: expected true or false");
}

/* How the body is to be read, and the answer to be given. */
static int read_choice(struct kt_job *job, const struct kt_query *q, bool *each, struct kt_err *err)
{
	bool report = !strcmp(q->name.data, "report");
	if (strcmp(q->value.data, report ? "each" : "record") != 0)
		return kt_err_set(err, KT_USAGE, report ? "report: expected each" : "format: expected record");
	if (job->form == KT_JOB_WHOLE)
		return kt_err_set(err, KT_USAGE, "%s is for bodies of the type application/x-ndjson", q->name.data);
	if (report)
		*each = true;
	else
		job->form = KT_JOB_JSON_LINES;
	return 0;
}

static int read_query(struct kt_job *job, const char *target, bool *each, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query q = kt_query_of(target);
	while (kt_query_next(&q)) {
		const char *name = q.name.data;
		if (kt_route_check_query(job->route->action, name, err) < 0)
			return -1;
		bool choice = !strcmp(name, "report") || !strcmp(name, "format");
		if (!strcmp(name, "async") ? read_async(job, &q, err) < 0
			: choice           ? read_choice(job, &q, each, err) < 0
					   : read_param(job, &q, err) < 0)
			return -1;
	}
	return q.malformed ? kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED) : 0;
}

static void take_header(void *user, const char *name, const char *value)
{
	static const char mark[] = "Kt-Header-";
	struct kt_job *job = user;
	if (strncasecmp(name, mark, sizeof(mark) - 1) != 0)
		return;
	kt_strs_add(&job->texts, name + sizeof(mark) - 1);
	kt_strs_add(&job->texts, value);
}

static int read_headers(struct kt_job *job, const struct kt_http_request *request, struct kt_err *err)
{
	size_t key = job->texts.n;
	kt_http_each_header(request, take_header, job);
	size_t n = (job->texts.n - key) / 2;
	if (n > HEADERS)
		return kt_err_set(err, KT_USAGE, "more than %d headers", HEADERS);
	job->headers = kt_calloc(n + 1, sizeof(*job->headers));
	for (size_t i = 0; i < n; i++) {
		const char *name = job->texts.v[key + 2 * i], *value = job->texts.v[key + 2 * i + 1];
		job->headers[i] = (struct kt_header){{name, strlen(name)}, {value, strlen(value)}};
	}
	job->record.headers = job->headers;
	job->record.n_headers = n;
	return 0;
}

/* Whether the request's Content-Type is this one, whatever parameters it has. */
static bool has_type(const struct kt_http_request *request, const char *type)
{
	const char *given = kt_http_header(request, "Content-Type");
	size_t len = strlen(type);
	return !strncasecmp(given, type, len) && strchr(" ;", given[len]);
}

bool kt_job_line(const struct kt_buf *body, size_t *at, struct kt_bytes *line)
{
	while (*at < body->len) {
		const char *start = body->data + *at, *newline = memchr(start, '\n', body->len - *at);
		size_t len = newline ? (size_t)(newline - start) : body->len - *at;
		*at += len + (newline != NULL);
		len -= len && start[len - 1] == '\r';
		*line = (struct kt_bytes){start, len};
		if (len)
			return true;
	}
	return false;
}

static int too_many(size_t n, int most, struct kt_err *err)
{
	return n <= (size_t)most ? 0 : kt_err_set(err, KT_USAGE, "more than %d records", most);
}

static size_t size_of_headers(const struct kt_header *headers, size_t n)
{
	size_t size = 0;
	for (size_t i = 0; i < n; i++)
		size += headers[i].name.len + headers[i].value.len;
	return size;
}

/* 0, and how large its record is; or the status for a line that cannot be one. */
static unsigned look_at_line(struct kt_job *job, struct kt_bytes line, size_t *size, struct kt_err *err)
{
	*size = line.len;
	if (job->form == KT_JOB_LINES)
		return 0;
	if (kt_recordjson_read(&job->line, line.data, line.len, err) < 0)
		return 422;
	if (!job->line.has_content) {
		kt_err_set(err, KT_USAGE, "neither a key nor a payload");
		return 422;
	}
	const struct kt_record *r = &job->line.record;
	*size = r->key.len + r->value.len + size_of_headers(r->headers, r->n_headers);
	return 0;
}

/* The whole body is looked at before its first record is sent. */
static unsigned look_at_lines(
	const struct kt_serve *s, struct kt_job *job, int most_lines, size_t *n, struct kt_err *err)
{
	size_t most = kt_producer_max_record(s->how.settings), at = 0, size = 0;
	struct kt_bytes line;
	for (*n = 0; kt_job_line(&job->body, &at, &line);) {
		unsigned status = look_at_line(job, line, &size, err);
		++*n;
		if (status) {
			kt_err_wrap(err, "record %zu", *n);
			return status;
		}
		if (size > most)
			kt_err_set(err, KT_USAGE, "record %zu is %s", *n, KT_TOO_LARGE);
		if (size > most || too_many(*n, most_lines, err) < 0)
			return 413;
	}
	if (!*n)
		kt_err_set(err, KT_USAGE, "there are no records");
	return *n ? 0 : 400;
}

/* Each of that many records is to be reported on. */
static void note_each(struct kt_job *job, size_t n)
{
	job->outcomes = kt_calloc(n, sizeof(*job->outcomes));
	job->n_outcomes = n;
}

static unsigned read_lines(const struct kt_serve *s, struct kt_job *job, bool each, struct kt_err *err)
{
	size_t n;
	const struct kt_record *r = &job->record;
	if (job->form == KT_JOB_JSON_LINES && (r->key.data || r->n_headers || r->tstype != KT_TS_NONE)) {
		kt_err_set(err, KT_USAGE, "format=record: key, timestamp and headers stand in the lines");
		return 400;
	}
	unsigned status = look_at_lines(s, job, each ? KT_JOB_LINES_EACH : KT_JOB_RECORDS, &n, err);
	if (!status && each)
		note_each(job, n);
	return status;
}

static unsigned read_body(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request, struct kt_err *err)
{
	bool each = false;
	job->form = has_type(request, "application/x-ndjson") ? KT_JOB_LINES : KT_JOB_WHOLE;
	if (read_query(job, request->target, &each, err) < 0 || read_headers(job, request, err) < 0)
		return 400;
	job->body = kt_http_take_body(request);
	if (job->form != KT_JOB_WHOLE)
		return read_lines(s, job, each, err);
	if (job->body.len <= kt_producer_max_record(s->how.settings))
		return 0;
	kt_err_set(err, KT_USAGE, "the body is %s", KT_TOO_LARGE);
	return 413;
}

/* As Python's str.title() writes a header's name: x-forwarded-for is X-Forwarded-For. */
static void add_title(struct kt_buf *out, const char *name)
{
	bool inside = false;
	for (; *name; name++) {
		char c = *name == '_' ? '-' : *name;
		bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
		kt_buf_addc(out, lower && !inside ? (char)(c - 32) : upper && inside ? (char)(c + 32) : c);
		inside = lower || upper;
	}
}

/* A header's value as Python's json.dumps() writes it: it takes each byte for a character of Latin-1. */
static void add_latin1(struct kt_buf *out, const char *value)
{
	for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
		if (*at == '"' || *at == '\\')
			kt_buf_addf(out, "\\%c", *at);
		else if (*at < ' ' || *at > '~')
			kt_buf_addf(out, *at == '\t' ? "\\t" : "\\u%04x", *at);
		else
			kt_buf_addc(out, (char)*at);
	}
}

/* Names in the order in which they came; the values of one that came twice are joined, one after the other. */
static void add_merged(void *user, const char *name, const char *value)
{
	struct kt_strs *merged = user;
	kt_auto(kt_buf_fini) struct kt_buf title = {0}, joined = {0};
	add_title(&title, name);
	for (size_t i = 0; i < merged->n; i += 2) {
		if (strcmp(merged->v[i], kt_buf_cstr(&title)) != 0)
			continue;
		kt_buf_addf(&joined, "%s,%s", merged->v[i + 1], value);
		free(merged->v[i + 1]);
		merged->v[i + 1] = kt_strdup(kt_buf_cstr(&joined));
		return;
	}
	kt_strs_add(merged, kt_buf_cstr(&title));
	kt_strs_add(merged, value);
}

/* The value, which is an object, with the headers as further members, in Python's layout. */
static void merge_headers(struct kt_buf *value, const struct kt_http_request *request)
{
	kt_auto(kt_strs_fini) struct kt_strs merged = {0};
	kt_http_each_header(request, add_merged, &merged);
	while (value->len && value->data[value->len - 1] != '}')
		value->len--;
	value->len--;
	bool first = value->data[value->len - 1] == '{';
	for (size_t i = 0; i < merged.n; i += 2) {
		kt_buf_adds(value, first ? "\"" : ", \"");
		add_latin1(value, merged.v[i]);
		kt_buf_adds(value, "\": \"");
		add_latin1(value, merged.v[i + 1]);
		kt_buf_addc(value, '"');
		first = false;
	}
	kt_buf_addc(value, '}');
}

static unsigned read_event(
	struct kt_job *job, const struct kt_http_request *request, const struct kt_route_found *found)
{
	kt_buf_adds(&job->body, kt_route_word(found, 1));
	job->async = kt_route_param(job->route, "wait");
	if (kt_route_param(job->route, "merge"))
		merge_headers(&job->body, request);
	return 0;
}

/* {"topic": "deliveries", "message": "…"}, and whatever else. */
static int read_message(struct kt_json *j, struct kt_bytes *topic, struct kt_bytes *message)
{
	struct kt_bytes name;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		struct kt_bytes *wanted = kt_bytes_are(name, "topic")     ? topic
					  : kt_bytes_are(name, "message") ? message
									  : NULL;
		if (wanted ? kt_json_text(j, wanted) < 0 : kt_json_skip(j) < 0)
			return -1;
	}
	if (more < 0 || kt_json_finish(j) < 0)
		return -1;
	bool whole = topic->data && message->data && !memchr(topic->data, '\0', topic->len);
	return whole ? 0 : kt_err_set(j->err, KT_USAGE, "topic and message are expected");
}

static unsigned read_topic_and_message(
	struct kt_job *job, struct kt_http_request *request, const char **topic, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = kt_http_take_body(request);
	const char *start = kt_buf_cstr(&text);
	struct kt_json j = {.start = start, .at = start, .end = start + text.len, .out = &job->body, .err = err};
	struct kt_bytes name = {0}, message = {0};
	kt_buf_reserve(&job->body, text.len + KT_JSON_SLACK);
	if (read_message(&j, &name, &message) < 0)
		return 400;
	kt_strs_take(&job->texts, kt_strndup(name.data, name.len));
	*topic = job->texts.v[0];
	memmove(job->body.data, message.data, message.len);
	job->body.len = message.len;
	return 0;
}

static bool has_too_many_fields(const char *form)
{
	size_t n = 0;
	for (; n < FIELDS && (form = strchr(form, '&')) != NULL; form++)
		n++;
	return n == FIELDS;
}

/* The fields of a form as an object of texts, in their order; those of one name are a list. */
static int write_form(struct kt_buf *out, const char *form)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0}, values = {0};
	kt_auto(kt_query_fini) struct kt_query q = {.at = form};
	while (kt_query_next(&q)) {
		size_t i = 0;
		while (i < names.n && strcmp(names.v[i], q.name.data) != 0)
			i++;
		kt_auto(kt_buf_fini) struct kt_buf value = {0};
		kt_json_string(&value, q.value.data, q.value.len);
		if (i == names.n) {
			kt_strs_add(&names, q.name.data);
			kt_strs_add(&values, kt_buf_cstr(&value));
			continue;
		}
		kt_auto(kt_buf_fini) struct kt_buf both = {0};
		size_t len = strlen(values.v[i]);
		bool list = values.v[i][0] == '[';
		kt_buf_addf(&both, "%s%.*s,%s]", list ? "" : "[", (int)(len - list), values.v[i], kt_buf_cstr(&value));
		free(values.v[i]);
		values.v[i] = kt_strdup(kt_buf_cstr(&both));
	}
	kt_jsonout_begin(out, NULL, '{');
	for (size_t i = 0; i < names.n; i++) {
		kt_jsonout_key(out, names.v[i]);
		kt_buf_adds(out, values.v[i]);
	}
	kt_jsonout_end(out, '}');
	return q.malformed ? -1 : 0;
}

/* JSON goes on without its white space; an object or a list is expected, as by Express' parser in its strict mode. */
static int write_compact(struct kt_buf *out, const struct kt_buf *text, struct kt_err *err)
{
	struct kt_json j = {
		.start = text->data, .at = text->data, .end = text->data + text->len, .out = out, .err = err};
	struct kt_bytes compact;
	kt_buf_reserve(out, text->len + KT_JSON_SLACK);
	char first = kt_json_peek(&j);
	if (first != '{' && first != '[')
		return kt_json_expected(&j, "an object or a list");
	if (kt_json_compact(&j, &compact) < 0)
		return -1;
	memmove(out->data, compact.data, compact.len);
	out->len = compact.len;
	return kt_json_finish(&j);
}

static unsigned read_echo(struct kt_job *job, struct kt_http_request *request, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = kt_http_take_body(request);
	bool json = has_type(request, "application/json");
	bool form = has_type(request, "application/x-www-form-urlencoded");
	kt_buf_cstr(&text);
	if (!text.len || (!json && !form)) {
		kt_buf_adds(&job->body, "{}");
		return 0;
	}
	if (json)
		return write_compact(&job->body, &text, err) < 0 ? 400 : 0;
	if (has_too_many_fields(text.data)) {
		kt_err_set(err, KT_USAGE, "a form of more than %d fields", FIELDS);
		return 413;
	}
	if (!memchr(text.data, '\0', text.len) && write_form(&job->body, text.data) == 0)
		return 0;
	kt_err_set(err, KT_USAGE, "this is not a form");
	return 400;
}

static size_t size_of(const struct kt_restbody *body, const struct kt_rest_record *r)
{
	return r->key.len + r->value.len + size_of_headers(body->headers + r->first_header, r->n_headers);
}

static unsigned look_at_records(const struct kt_serve *s, const struct kt_job *job, struct kt_err *err)
{
	size_t most = kt_producer_max_record(s->how.settings);
	const struct kt_restbody *body = &job->records;
	for (size_t i = 0; i < body->n; i++) {
		if (size_of(body, &body->v[i]) > most) {
			kt_err_set(err, KT_USAGE, "record %zu is %s", i + 1, KT_TOO_LARGE);
			return 413;
		}
		if (job->record.partition >= 0 && body->v[i].partition >= 0) {
			kt_err_set(err, KT_USAGE, "record %zu: the partition is in the path already", i + 1);
			return 422;
		}
	}
	return 0;
}

static unsigned read_records(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_err *err)
{
	const char *partition = kt_route_value(found, "partition");
	enum kt_rest_format format;
	int64_t n;
	if (!kt_rest_format(kt_http_header(request, "Content-Type"), &format)) {
		kt_err_set(err, KT_USAGE,
			"expected a Content-Type of application/vnd.kafka.json.v2+json, binary, or text");
		return 415;
	}
	if (read_query(job, request->target, NULL, err) < 0)
		return 400;
	if (partition && kt_parse_i64(partition, 0, INT32_MAX, &n, err) < 0) {
		job->no_partition = true;
		return 404;
	}
	job->form = KT_JOB_RECORDS_V2;
	job->record.partition = partition ? (int32_t)n : -1;
	job->body = kt_http_take_body(request);
	kt_buf_cstr(&job->body);
	unsigned status =
		kt_restbody_read(&job->records, (struct kt_bytes){job->body.data, job->body.len}, format, err);
	if (!status)
		status = look_at_records(s, job, err);
	if (!status)
		note_each(job, job->records.n);
	return status;
}

unsigned kt_job_read(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request,
	const struct kt_route_found *found, const char **topic, struct kt_err *err)
{
	job->route = found->route;
	job->record.partition = -1;
	*topic = found->route->words.n ? kt_route_word(found, 0) : "";
	switch (found->route->action->id) {
	case KT_ROUTE_EVENT:
		return read_event(job, request, found);
	case KT_ROUTE_MESSAGE:
		return read_topic_and_message(job, request, topic, err);
	case KT_ROUTE_ECHO:
		return read_echo(job, request, err);
	case KT_ROUTE_RECORDS:
		return read_records(s, job, request, found, err);
	default:
		return read_body(s, job, request, err);
	}
}
