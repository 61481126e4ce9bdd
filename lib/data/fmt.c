#include "fmt.h"

#include "csv.h"
#include "esc.h"
#include "jsonfind.h"
#include "mem.h"
#include "when.h"

enum op_kind {
	LITERAL,
	PAYLOAD,
	PAYLOAD_LEN,
	PAYLOAD_LEN_BINARY,
	KEY,
	KEY_LEN,
	TIMESTAMP,
	TOPIC,
	PARTITION,
	OFFSET,
	HEADERS,
	FIELD
};

/* How bytes or a time are written. */
enum style { AS_IT_IS, HEX, BASE64, CSV, ISO };

static const struct {
	const char *text, *letters;
} styles[] = {[AS_IT_IS] = {"", ""},
	[HEX] = {"{hex}", "sk"},
	[BASE64] = {"{base64}", "sk"},
	[CSV] = {"{csv}", "skh"},
	[ISO] = {"{iso}", "T"}};

struct op {
	enum op_kind kind;
	enum style style;
	size_t at, len; /* of a literal, in literals; at: of a field, in fields */
};

struct kt_format {
	struct op *ops;
	size_t n, cap;
	struct kt_buf literals;
	struct kt_strs fields;
	struct kt_bytes null_text; /* owned */
	bool wants_headers, for_terminal;
	const char *heading;
};

static const char csv[] = "%t,%p,%o,%T{iso},%k{csv},%s{csv}\\n";
static const char csv_heading[] = "topic,partition,offset,timestamp,key,value\n";

/* In the order of enum op_kind. */
const struct kt_format_letter kt_format_letters[] = {
	{'s', "the value (payload); also %v"},
	{'S', "its length in bytes; -1 when it is null"},
	{'R', "its length as 4 bytes, big-endian; ff ff ff ff when it is null"},
	{'k', "the key"},
	{'K', "its length in bytes; -1 when it is null"},
	{'T', "the timestamp in milliseconds since 1970; -1 when there is none"},
	{'t', "the topic"},
	{'p', "the partition"},
	{'o', "the offset"},
	{'h', "the headers: NAME=VALUE,NAME=VALUE"},
	{0},
};
_Static_assert(KT_LEN(kt_format_letters) == FIELD - PAYLOAD + 1, "a letter for each");

/* Its place in the table, or -1. Other tools' letter for a value means that here too. */
static int letter_of(char c)
{
	c = c == 'v' ? 's' : c;
	for (int i = 0; kt_format_letters[i].letter; i++)
		if (kt_format_letters[i].letter == c)
			return i;
	return -1;
}

/* "%s %S …" */
static int unknown(const char *at, size_t place, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf known = {0};
	char shown[16];
	for (const struct kt_format_letter *row = kt_format_letters; row->letter; row++)
		kt_buf_addf(&known, "%s%%%c", known.len ? " " : "", row->letter);
	kt_err_set(err, KT_USAGE, "%s %s at character %zu of the format", at[1] ? "unknown" : "unfinished",
		kt_quote(shown, sizeof(shown), (struct kt_bytes){at, strnlen(at, 2)}), place);
	return kt_err_hint(
		err, "understood: %s, %%{FIELD}, and %%%% for a percent sign (`kt help format`)", kt_buf_cstr(&known));
}

static void add_op(struct kt_format *f, enum op_kind kind)
{
	f->ops = kt_grow(f->ops, &f->cap, f->n + 1, sizeof(*f->ops));
	f->ops[f->n++] = (struct op){.kind = kind, .at = f->literals.len};
	f->wants_headers |= kind == HEADERS;
}

/* What was added to the literals since `before` belongs to a literal op: the last one, or a new one. */
static void extend_literal(struct kt_format *f, size_t before)
{
	size_t len = f->literals.len - before;
	if (!len)
		return;
	if (!f->n || f->ops[f->n - 1].kind != LITERAL) {
		add_op(f, LITERAL);
		f->ops[f->n - 1].at = before;
	}
	f->ops[f->n - 1].len += len;
}

/* Text between two percent signs. A percent sign that is written as an escape is therefore an ordinary byte. */
static void add_literal(struct kt_format *f, const char *text, size_t len)
{
	kt_auto(kt_free_ptr) char *part = kt_strndup(text, len);
	size_t before = f->literals.len;
	kt_unescape_any(&f->literals, part);
	extend_literal(f, before);
}

/* text: after "%{". Returns how long the name is, or 0 when there is none. */
static size_t add_field(struct kt_format *f, const char *text)
{
	size_t len = kt_json_path(text), at = 0;
	if (!len || text[len] != '}')
		return 0;
	kt_auto(kt_free_ptr) char *name = kt_strndup(text, len);
	while (at < f->fields.n && strcmp(f->fields.v[at], name) != 0)
		at++;
	if (at == f->fields.n)
		kt_strs_add(&f->fields, name);
	add_op(f, FIELD);
	f->ops[f->n - 1].at = at;
	return len;
}

/* How what the last op stands for is written. Returns how much of the text says so; other braces are the user's. */
static size_t take_style(struct kt_format *f, char letter, const char *text)
{
	for (size_t i = 1; i < KT_LEN(styles); i++) {
		size_t len = strlen(styles[i].text);
		if (strncmp(text, styles[i].text, len) != 0 || !strchr(styles[i].letters, letter))
			continue;
		f->ops[f->n - 1].style = (enum style)i;
		return len;
	}
	return 0;
}

static int compile(struct kt_format *f, const char *text, struct kt_err *err)
{
	for (const char *at = text; *at;) {
		size_t plain = strcspn(at, "%");
		add_literal(f, at, plain);
		at += plain;
		if (!*at)
			break;
		int letter = letter_of(at[1]);
		size_t name = at[1] == '{' ? add_field(f, at + 2) : 0;
		if (name) {
			at += name + 1;
		} else if (letter >= 0) {
			add_op(f, (enum op_kind)(PAYLOAD + letter));
			at += take_style(f, kt_format_letters[letter].letter, at + 2);
		} else if (at[1] == '%') {
			kt_buf_addc(&f->literals, '%');
			extend_literal(f, f->literals.len - 1);
		} else {
			return unknown(at, (size_t)(at - text) + 1, err);
		}
		at += 2;
	}
	return 0;
}

/* A word, such as another tool's name of a format: it would stand there once for each record, with nothing between. One
 * character is a mark for counting. */
static int refuse_word(const char *text, struct kt_err *err)
{
	char shown[80];
	kt_err_set(err, KT_USAGE, "%s has neither a %% nor a backslash: nothing of a record would be printed",
		kt_quote(shown, sizeof(shown), (struct kt_bytes){text, strlen(text)}));
	if (*text == '-')
		return kt_err_hint(
			err, "new records are followed without an option: leave out -f (only those: -o end)");
	return kt_err_hint(err, "without it values are printed; JSON is -J, key and value are '%%k %%s\\n'");
}

int kt_format_compile(struct kt_format **out, const char *text, const char *null_text, struct kt_err *err)
{
	bool word = !strcmp(text, KT_FORMAT_CSV);
	if (!word && *text && text[1] && !strpbrk(text, "%\\\n"))
		return refuse_word(text, err);
	struct kt_format *f = kt_calloc(1, sizeof(*f));
	f->heading = word ? csv_heading : "";
	if (null_text)
		f->null_text = (struct kt_bytes){kt_strdup(null_text), strlen(null_text)};
	if (compile(f, word ? csv : text, err) < 0) {
		kt_format_free(f);
		return -1;
	}
	*out = f;
	return 0;
}

void kt_format_free(struct kt_format *f)
{
	if (!f)
		return;
	kt_buf_fini(&f->literals);
	kt_strs_fini(&f->fields);
	free((char *)f->null_text.data);
	free(f->ops);
	free(f);
}

void kt_format_for_terminal(struct kt_format *f)
{
	f->for_terminal = true;
}

const char *kt_format_heading(const struct kt_format *f)
{
	return f->heading;
}

bool kt_format_wants_headers(const struct kt_format *f)
{
	return f->wants_headers;
}

static void add_bytes(const struct kt_format *f, struct kt_buf *out, struct kt_bytes bytes)
{
	const struct kt_bytes *shown = bytes.data ? &bytes : &f->null_text;
	if (f->for_terminal)
		kt_words_text(out, shown->data, shown->len);
	else
		kt_buf_add(out, shown->data, shown->len);
}

static void add_styled(const struct kt_format *f, struct kt_buf *out, struct kt_bytes bytes, enum style style)
{
	if (style == AS_IT_IS || !bytes.data) {
		add_bytes(f, out, bytes);
	} else if (style == BASE64) {
		kt_buf_add_base64(out, bytes.data, bytes.len);
	} else if (style == CSV) {
		kt_auto(kt_buf_fini) struct kt_buf shown = {0};
		if (f->for_terminal)
			kt_words_text(&shown, bytes.data, bytes.len);
		kt_csv_field(out, f->for_terminal ? (struct kt_bytes){shown.data, shown.len} : bytes);
	} else {
		kt_buf_add_hex(out, bytes.data, bytes.len);
	}
}

static void add_time(const struct kt_format *f, struct kt_buf *out, const struct kt_record *record, enum style style)
{
	char shown[40];
	if (style == AS_IT_IS)
		kt_buf_add_i64(out, record->tstype == KT_TS_NONE ? -1 : record->ts_ms);
	else if (record->tstype == KT_TS_NONE)
		add_bytes(f, out, (struct kt_bytes){0});
	else
		kt_buf_adds(out, kt_show_when(record->ts_ms, shown));
}

static void add_length(struct kt_buf *out, struct kt_bytes bytes)
{
	kt_buf_add_i64(out, bytes.data ? (int64_t)bytes.len : -1);
}

static void add_length_binary(struct kt_buf *out, struct kt_bytes bytes)
{
	uint32_t len = bytes.data ? (uint32_t)bytes.len : UINT32_MAX;
	unsigned char big_endian[4] = {
		(unsigned char)(len >> 24), (unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len};
	kt_buf_add(out, big_endian, sizeof(big_endian));
}

static void add_headers(const struct kt_format *f, struct kt_buf *out, const struct kt_record *record)
{
	for (size_t i = 0; i < record->n_headers; i++) {
		if (i)
			kt_buf_addc(out, ',');
		add_bytes(f, out, record->headers[i].name);
		kt_buf_addc(out, '=');
		if (record->headers[i].value.data)
			add_bytes(f, out, record->headers[i].value);
		else
			kt_buf_adds(out, f->null_text.data ? f->null_text.data : "NULL");
	}
}

static void add_styled_headers(
	const struct kt_format *f, struct kt_buf *out, const struct kt_record *record, enum style style)
{
	kt_auto(kt_buf_fini) struct kt_buf field = {0};
	if (style == AS_IT_IS) {
		add_headers(f, out, record);
	} else if (record->n_headers) {
		add_headers(f, &field, record);
		kt_csv_field(out, (struct kt_bytes){field.data, field.len});
	}
}

static void render_op(const struct kt_format *f, const struct op *op, struct kt_buf *out,
	const struct kt_record *record, const struct kt_bytes *fields)
{
	switch (op->kind) {
	case LITERAL:
		kt_buf_add(out, f->literals.data + op->at, op->len);
		break;
	case PAYLOAD:
		add_styled(f, out, record->value, op->style);
		break;
	case PAYLOAD_LEN:
		add_length(out, record->value);
		break;
	case PAYLOAD_LEN_BINARY:
		add_length_binary(out, record->value);
		break;
	case KEY:
		add_styled(f, out, record->key, op->style);
		break;
	case KEY_LEN:
		add_length(out, record->key);
		break;
	case TIMESTAMP:
		add_time(f, out, record, op->style);
		break;
	case TOPIC:
		kt_buf_add(out, record->topic.data, record->topic.len);
		break;
	case PARTITION:
		kt_buf_add_i64(out, record->partition);
		break;
	case OFFSET:
		kt_buf_add_i64(out, record->offset);
		break;
	case HEADERS:
		add_styled_headers(f, out, record, op->style);
		break;
	case FIELD:
		add_bytes(f, out, fields ? fields[op->at] : (struct kt_bytes){0});
		break;
	}
}

void kt_format_render_fields(
	const struct kt_format *f, struct kt_buf *out, const struct kt_record *record, const struct kt_bytes *fields)
{
	for (size_t i = 0; i < f->n; i++)
		render_op(f, &f->ops[i], out, record, fields);
}

void kt_format_render(const struct kt_format *f, struct kt_buf *out, const struct kt_record *record)
{
	kt_format_render_fields(f, out, record, NULL);
}

const struct kt_strs *kt_format_fields(const struct kt_format *f)
{
	return &f->fields;
}
