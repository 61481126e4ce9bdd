#include "recordjson.h"

#include "esc.h"
#include "mem.h"
#include "when.h"

#define ADD(out, literal) kt_buf_add(out, literal, sizeof(literal) - 1)

const char *const kt_encodings[] = {"utf8", "base64", "hex", NULL};

/* Bytes as a JSON string and, when it is encoded, the member that says so: ,"payload_encoding":"base64" */
static void add_bytes(struct kt_buf *out, struct kt_bytes bytes, enum kt_encoding encoding, const char *member)
{
	if (!bytes.data) {
		ADD(out, "null");
		return;
	}
	if (encoding == KT_ENC_UTF8) {
		if (kt_json_string_exact(out, bytes.data, bytes.len))
			return;
		encoding = KT_ENC_BASE64;
	}
	kt_buf_addc(out, '"');
	if (encoding == KT_ENC_HEX)
		kt_buf_add_hex(out, bytes.data, bytes.len);
	else
		kt_buf_add_base64(out, bytes.data, bytes.len);
	ADD(out, "\",\"");
	kt_buf_adds(out, member);
	ADD(out, "\":\"");
	kt_buf_adds(out, kt_encodings[encoding]);
	kt_buf_addc(out, '"');
}

static void add_headers(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	char separator = '[';
	ADD(out, "\"headers\":");
	for (size_t i = 0; i < record->n_headers; i++) {
		kt_buf_addc(out, separator);
		separator = ',';
		ADD(out, "{\"key\":");
		add_bytes(out, record->headers[i].name, KT_ENC_UTF8, "key_encoding");
		ADD(out, ",\"value\":");
		add_bytes(out, record->headers[i].value, encoding, "encoding");
		kt_buf_addc(out, '}');
	}
	ADD(out, "],");
}

static void add_head(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding, bool json_key)
{
	if (record->topic.data) {
		ADD(out, "\"topic\":");
		kt_json_string(out, record->topic.data, record->topic.len);
		kt_buf_addc(out, ',');
	}
	if (record->partition >= 0) {
		ADD(out, "\"partition\":");
		kt_buf_add_i64(out, record->partition);
		kt_buf_addc(out, ',');
	}
	if (record->offset >= 0) {
		ADD(out, "\"offset\":");
		kt_buf_add_i64(out, record->offset);
		kt_buf_addc(out, ',');
	}
	if (record->tstype != KT_TS_NONE) {
		if (record->tstype == KT_TS_CREATE)
			ADD(out, "\"tstype\":\"create\",\"ts\":");
		else
			ADD(out, "\"tstype\":\"logappend\",\"ts\":");
		kt_buf_add_i64(out, record->ts_ms);
		kt_buf_addc(out, ',');
	}
	if (record->n_headers)
		add_headers(out, record, encoding);
	ADD(out, "\"key\":");
	if (json_key && record->key.data)
		kt_buf_add(out, record->key.data, record->key.len);
	else
		add_bytes(out, record->key, encoding, "key_encoding");
}

void kt_recordjson_head(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	kt_buf_addc(out, '{');
	add_head(out, record, encoding, false);
	if (!record->value.data)
		ADD(out, ",\"payload\":null");
	kt_buf_addc(out, '}');
}

void kt_recordjson_begin(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding, bool json_key)
{
	kt_buf_addc(out, '{');
	add_head(out, record, encoding, json_key);
	ADD(out, ",\"payload\":");
}

void kt_recordjson_end(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	add_bytes(out, record->value, encoding, "payload_encoding");
	kt_buf_addc(out, '}');
}

void kt_recordjson_members(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	add_head(out, record, encoding, false);
	ADD(out, ",\"payload\":");
	add_bytes(out, record->value, encoding, "payload_encoding");
}

void kt_recordjson_write(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	kt_buf_addc(out, '{');
	kt_recordjson_members(out, record, encoding);
	kt_buf_addc(out, '}');
}

/* Bytes as they are in the JSON, before the member that says how they are encoded has been seen. */
struct field {
	struct kt_bytes text; /* data == NULL: null */
	bool json;            /* was not a string */
	struct kt_bytes encoding;
};

enum member {
	TOPIC,
	PARTITION,
	OFFSET,
	TSTYPE,
	TS,
	HEADERS,
	KEY,
	KEY_ENCODING,
	PAYLOAD,
	PAYLOAD_ENCODING,
	ABOUT,
	UNKNOWN
};

/* An object that is being read. */
struct draft {
	struct kt_recordjson *e;
	struct kt_json j;
	struct kt_record record;
	size_t n_headers;
	struct field key, payload;
	enum kt_tstype tstype;
	unsigned seen; /* a bit for each enum member */
};

#define ROW(word, member, help)                                                                                        \
	{                                                                                                              \
		{word, sizeof(word) - 1}, member, help                                                                 \
	}
/* clang-format off */
const struct kt_recordjson_name kt_recordjson_names[] = {
	ROW("topic", TOPIC, "the topic; `kt produce -J` writes there when it is given no other"),
	ROW("partition", PARTITION, "a number from 0; `kt produce -J` goes by it with --keep-partition only"),
	ROW("offset", OFFSET, "where the record stood in its partition; a new one gets a new offset"),
	ROW("tstype", TSTYPE, "who set the time: \"create\", its producer, or \"logappend\", the broker"),
	ROW("ts", TS, "the timestamp, in milliseconds since 1970; read as RFC 3339 too (\"2026-01-31T12:00:00Z\")"),
	ROW("headers", HEADERS, "a list of {\"key\":NAME,\"value\":VALUE} in the record's order; absent when it has none"),
	ROW("key", KEY, "the key, or null"),
	ROW("key_encoding", KEY_ENCODING, "\"base64\" or \"hex\" when the key's bytes are written so"),
	ROW("payload", PAYLOAD, "the value, or null; with -s avro the decoded value as JSON"),
	ROW("payload_encoding", PAYLOAD_ENCODING, "the same of the payload"),
	ROW("value", PAYLOAD, "payload, in the words of rpk, kaf and kafkactl"),
	ROW("value_encoding", PAYLOAD_ENCODING, "payload_encoding likewise"),
	ROW("timestamp", TS, "ts likewise"),
	ROW("broker", ABOUT, "passed over: kcat's"),
	ROW("key_schema_id", ABOUT, "passed over: kcat's"),
	ROW("value_schema_id", ABOUT, "passed over: kcat's"),
	ROW("payload_error", ABOUT, "passed over: why `kt consume -s avro` could not decode the payload"),
	ROW("key_size", ABOUT, "passed over: rpk's"),
	ROW("value_size", ABOUT, "passed over: rpk's"),
	ROW("ms", ABOUT, "passed over: from kt group-demo and kt commit-demo"),
	ROW("member", ABOUT, "passed over: likewise"),
	ROW("event", ABOUT, "passed over: likewise"),
	ROW("again", ABOUT, "passed over: likewise"),
	{{NULL, 0}, UNKNOWN, NULL},
};
/* clang-format on */
#undef ROW

static enum member member_of(struct kt_bytes name)
{
	/* kafkactl begins its names with capitals. */
	const struct kt_recordjson_name *row = kt_recordjson_names;
	while (row->help && (name.len != row->name.len || strncasecmp(name.data, row->name.data, name.len) != 0))
		row++;
	return (enum member)row->is;
}

static int read_field(struct kt_json *j, struct field *field)
{
	field->text = (struct kt_bytes){0};
	field->json = false;
	if (kt_json_null(j))
		return 0;
	field->json = kt_json_peek(j) != '"';
	return field->json ? kt_json_compact(j, &field->text) : kt_json_text(j, &field->text);
}

static int read_optional_text(struct kt_json *j, struct kt_bytes *text)
{
	return kt_json_null(j) ? 0 : kt_json_text(j, text);
}

/* Puts the bytes that a field stands for in place. */
static int decode_field(struct draft *d, struct field *field, struct kt_err *err)
{
	struct kt_buf *buf = &d->e->bytes;
	struct kt_bytes how = field->encoding;
	size_t before = buf->len;
	bool hex = how.data && kt_bytes_are(how, "hex");
	if (!field->text.data || !how.data || kt_bytes_are(how, "utf8"))
		return 0;
	if (!hex && !kt_bytes_are(how, "base64")) {
		char shown[40];
		return kt_err_set(
			err, KT_FAILED, "expected \"base64\" or \"hex\", got %s", kt_quote(shown, sizeof(shown), how));
	}
	if (field->json)
		return kt_err_set(err, KT_FAILED, "is given for something that is not a string");
	if (hex ? kt_hex_decode(buf, field->text.data, field->text.len) < 0
		: kt_base64_decode(buf, field->text.data, field->text.len) < 0)
		return kt_err_set(err, KT_FAILED, "the text is not %s", hex ? "hexadecimal" : "base64");
	field->text = (struct kt_bytes){buf->data + before, buf->len - before};
	return 0;
}

static int add_header(struct draft *d, struct kt_bytes name, struct kt_bytes value)
{
	struct kt_recordjson *e = d->e;
	if (memchr(name.data, '\0', name.len)) {
		char shown[40];
		return kt_err_set(d->j.err, KT_FAILED,
			"headers[%zu]: the name %s holds a NUL byte, which cannot be sent", d->n_headers,
			kt_quote(shown, sizeof(shown), name));
	}
	e->headers = kt_grow(e->headers, &e->headers_cap, d->n_headers + 1, sizeof(*e->headers));
	e->headers[d->n_headers++] = (struct kt_header){.name = name, .value = value};
	return 0;
}

static int given_twice(struct kt_json *j, struct kt_bytes name)
{
	char shown[40];
	return kt_err_set(j->err, KT_FAILED, "%s is given twice", kt_quote(shown, sizeof(shown), name));
}

/* Nothing that is there is dropped silently. */
static int not_a_member(struct kt_json *j, struct kt_bytes name, const char *of)
{
	char shown[80];
	return kt_err_set(j->err, KT_FAILED, "%s is not a member of a %s", kt_quote(shown, sizeof(shown), name), of);
}

static int wrap_header(struct draft *d, const char *member)
{
	return kt_err_wrap(d->j.err, *member ? "headers[%zu].%s" : "headers[%zu]", d->n_headers, member);
}

/* The members of {"key":"a","value":"x"} */
enum part { NAME, NAME_ENCODING, VALUE, VALUE_ENCODING, OTHER };

static enum part part_of(struct kt_bytes name)
{
	static const char *const names[] = {"key", "key_encoding", "value", "encoding"};
	for (size_t i = 0; i < KT_LEN(names); i++)
		if (kt_bytes_are(name, names[i]))
			return (enum part)i;
	return OTHER;
}

static int read_part(struct kt_json *j, enum part part, struct field *name, struct field *value)
{
	switch (part) {
	case NAME:
		return kt_json_text(j, &name->text);
	case NAME_ENCODING:
		return read_optional_text(j, &name->encoding);
	case VALUE:
		return read_field(j, value);
	case VALUE_ENCODING:
		return read_optional_text(j, &value->encoding);
	case OTHER:
		break;
	}
	return kt_json_skip(j);
}

static int read_header_object(struct draft *d)
{
	struct kt_json *j = &d->j;
	struct field name = {0}, value = {0};
	struct kt_bytes member;
	unsigned seen = 0;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return wrap_header(d, "");
	while ((more = kt_json_member(j, &member)) > 0) {
		enum part part = part_of(member);
		bool again = seen & 1u << part;
		seen |= 1u << part;
		if (part == OTHER)
			return not_a_member(j, member, "header") < 0 ? wrap_header(d, "") : 0;
		if (again ? given_twice(j, member) < 0 : read_part(j, part, &name, &value) < 0)
			return wrap_header(d, "");
	}
	if (more < 0)
		return wrap_header(d, "");
	if (!name.text.data)
		return kt_err_set(j->err, KT_FAILED, "headers[%zu]: \"key\" is missing", d->n_headers);
	if (decode_field(d, &name, j->err) < 0)
		return wrap_header(d, "key_encoding");
	if (decode_field(d, &value, j->err) < 0)
		return wrap_header(d, "encoding");
	return add_header(d, name.text, value.text);
}

/* A header's value, whose name is known. */
static int read_header_value(struct draft *d, struct kt_bytes name)
{
	struct field value;
	if (read_field(&d->j, &value) < 0)
		return wrap_header(d, "");
	return add_header(d, name, value.text);
}

/* A list of objects, or names and values in turn: ["a","x","a",null] */
static int read_header_list(struct draft *d)
{
	struct kt_json *j = &d->j;
	struct kt_bytes name;
	int more;
	while ((more = kt_json_element(j)) > 0) {
		if (kt_json_peek(j) == '{') {
			if (read_header_object(d) < 0)
				return -1;
			continue;
		}
		if (kt_json_text(j, &name) < 0)
			return wrap_header(d, "");
		more = kt_json_element(j);
		if (more == 0)
			return kt_err_set(j->err, KT_FAILED, "headers[%zu]: a name without a value", d->n_headers);
		if (more < 0)
			break;
		if (read_header_value(d, name) < 0)
			return -1;
	}
	return more < 0 ? wrap_header(d, "") : 0;
}

/* The values of one name: "x", or ["x",null] */
static int read_header_values(struct draft *d, struct kt_bytes name)
{
	int more;
	if (kt_json_peek(&d->j) != '[')
		return read_header_value(d, name);
	if (kt_json_enter(&d->j, '[') < 0)
		return wrap_header(d, "");
	while ((more = kt_json_element(&d->j)) > 0)
		if (read_header_value(d, name) < 0)
			return -1;
	return more < 0 ? wrap_header(d, "") : 0;
}

static int read_header_members(struct draft *d)
{
	struct kt_bytes name;
	int more;
	while ((more = kt_json_member(&d->j, &name)) > 0)
		if (read_header_values(d, name) < 0)
			return -1;
	return more < 0 ? wrap_header(d, "") : 0;
}

static int read_headers(struct draft *d)
{
	if (kt_json_null(&d->j))
		return 0;
	bool members = kt_json_peek(&d->j) == '{';
	if (kt_json_enter(&d->j, members ? '{' : '[') < 0)
		return kt_err_wrap(d->j.err, "headers");
	return members ? read_header_members(d) : read_header_list(d);
}

static int read_tstype(struct draft *d)
{
	struct kt_bytes text = {0};
	char shown[40];
	if (read_optional_text(&d->j, &text) < 0)
		return -1;
	if (!text.data || kt_bytes_are(text, "create"))
		d->tstype = KT_TS_CREATE;
	else if (kt_bytes_are(text, "logappend") || kt_bytes_are(text, "append"))
		d->tstype = KT_TS_APPEND;
	else if (kt_bytes_are(text, "unknown"))
		d->tstype = KT_TS_NONE;
	else
		return kt_err_set(d->j.err, KT_FAILED, "expected \"create\", \"logappend\" or \"unknown\", got %s",
			kt_quote(shown, sizeof(shown), text));
	return 0;
}

/* Milliseconds, or RFC 3339 in a string. */
static int read_time(struct draft *d)
{
	struct kt_bytes text;
	struct kt_json *j = &d->j;
	char copy[64];
	if (kt_json_peek(j) != '"')
		return kt_json_i64(j, INT64_MIN, INT64_MAX, &d->record.ts_ms);
	if (kt_json_text(j, &text) < 0)
		return -1;
	snprintf(copy, sizeof(copy), "%.*s", (int)(text.len < 63 ? text.len : 63), text.data);
	/* A year and its minus: numbers and words such as "now" are times on a command line only. */
	if (strlen(copy) != text.len || text.len < 10 || copy[4] != '-') {
		char shown[80];
		return kt_err_set(j->err, KT_FAILED, "expected milliseconds or a time as RFC 3339 has it, got %s",
			kt_quote(shown, sizeof(shown), text));
	}
	return kt_parse_when_ms(copy, 0, &d->record.ts_ms, j->err);
}

static int read_i64(struct kt_json *j, int64_t min, int64_t max, int64_t *n)
{
	return kt_json_null(j) ? 0 : kt_json_i64(j, min, max, n);
}

static int read_member(struct draft *d, enum member member)
{
	struct kt_json *j = &d->j;
	int64_t n = -1;
	switch (member) {
	case TOPIC:
		return read_optional_text(j, &d->record.topic);
	case PARTITION:
		if (read_i64(j, 0, INT32_MAX, &n) < 0)
			return -1;
		d->record.partition = (int32_t)n;
		return 0;
	case OFFSET:
		return read_i64(j, 0, INT64_MAX, &d->record.offset);
	case TSTYPE:
		return read_tstype(d);
	case TS:
		if (kt_json_null(j))
			d->seen &= ~(1u << TS);
		else
			return read_time(d);
		return 0;
	case KEY:
		return read_field(j, &d->key);
	case KEY_ENCODING:
		return read_optional_text(j, &d->key.encoding);
	case PAYLOAD:
		return read_field(j, &d->payload);
	case PAYLOAD_ENCODING:
		return read_optional_text(j, &d->payload.encoding);
	case HEADERS:
	case ABOUT:
	case UNKNOWN:
		break;
	}
	return kt_json_skip(j);
}

static int read_object(struct draft *d)
{
	struct kt_json *j = &d->j;
	struct kt_bytes name;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		enum member member = member_of(name);
		if (member == UNKNOWN)
			return not_a_member(j, name, "record");
		if (member != ABOUT && d->seen & 1u << member)
			return given_twice(j, name);
		d->seen |= 1u << member;
		if (member == HEADERS) {
			if (read_headers(d) < 0)
				return -1;
		} else if (read_member(d, member) < 0) {
			return kt_err_wrap(j->err, "%.*s", (int)name.len, name.data);
		}
	}
	return more < 0 ? -1 : kt_json_finish(j);
}

int kt_recordjson_read(struct kt_recordjson *e, const char *text, size_t len, struct kt_err *err)
{
	struct draft d = {
		.e = e,
		.j = {.start = text, .at = text, .end = text + len, .out = &e->bytes, .err = err},
		.record = {.partition = -1, .offset = -1},
		.tstype = KT_TS_CREATE,
	};
	e->bytes.len = 0;
	/* Decoding JSON and then base64 or hexadecimal makes no text longer: with both reserved, no pointer moves. */
	kt_buf_reserve(&e->bytes, 2 * len + 2 * KT_JSON_SLACK);
	kt_json_mark(&d.j);
	if (read_object(&d) < 0)
		return -1;
	if (decode_field(&d, &d.key, err) < 0)
		return kt_err_wrap(err, "key_encoding");
	if (decode_field(&d, &d.payload, err) < 0)
		return kt_err_wrap(err, "payload_encoding");
	d.record.key = d.key.text;
	d.record.value = d.payload.text;
	d.record.tstype = d.seen & 1u << TS ? d.tstype : KT_TS_NONE;
	e->has_content = d.seen & (1u << KEY | 1u << PAYLOAD);
	d.record.headers = e->headers;
	d.record.n_headers = d.n_headers;
	e->record = d.record;
	return 0;
}

void kt_recordjson_fini(struct kt_recordjson *e)
{
	kt_buf_fini(&e->bytes);
	free(e->headers);
	*e = (struct kt_recordjson){0};
}
