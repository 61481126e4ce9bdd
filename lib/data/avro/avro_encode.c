#include "avro_encode.h"

#include <math.h>
#include <stdarg.h>

#include "avro_fromtext.h"
#include "avro_logical.h"
#include "avro_write.h"
#include "esc.h"
#include "json.h"
#include "mem.h"

/* Beyond so many names one is looked up instead of searched for. */
enum { DEPTH = KT_JSON_DEPTH, FEW_NAMES = 16 };

/* Where in the output the value of a field is. */
struct kt_avro_piece {
	size_t at, len;
};
#define ABSENT SIZE_MAX

/* The way from the record to a value: a field, an item, or the value of a map. */
struct step {
	const struct step *up;
	const char *name;    /* of a field, or NULL */
	struct kt_bytes key; /* of a map; data NULL: none */
	size_t index;
};

/* One datum that is encoded. */
struct run {
	struct kt_avro_encoder *e;
	struct kt_json j;
	struct kt_buf *out;
	struct kt_err *err;
	unsigned depth;
	unsigned defaults; /* within each other, at this place */
	unsigned values;   /* of the outermost of them so far */
	int64_t tries;     /* values that may still be looked at */
	bool silent;       /* nobody wants to hear what does not fit */
};

static int encode(struct run *r, const struct kt_avro_type *type, const struct step *at);

static void show_path(struct kt_buf *out, const struct step *at)
{
	char shown[48];
	if (!at)
		return;
	show_path(out, at->up);
	if (at->name)
		kt_buf_addf(out, ".%.80s", at->name);
	else if (at->key.data)
		kt_buf_addf(out, "[%s]", kt_quote(shown, sizeof(shown), at->key));
	else
		kt_buf_addf(out, "[%zu]", at->index);
}

static int kt_printf(3, 4) fail(struct run *r, const struct step *at, const char *format, ...)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	va_list args;
	if (r->silent)
		return -1;
	va_start(args, format);
	char reason[300];
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	show_path(&path, at);
	kt_err_set(r->err, KT_FAILED, "%s", reason);
	return path.len ? kt_err_wrap(r->err, "%s", kt_buf_cstr(&path)) : -1;
}

/* What the value that comes next is, in words. */
static const char *kind_of(struct run *r)
{
	switch (kt_json_peek(&r->j)) {
	case '{':
		return "an object";
	case '[':
		return "a list";
	case '"':
		return "a string";
	case 't':
		return "true";
	case 'f':
		return "false";
	case 'n':
		return "null";
	default:
		break;
	}
	struct kt_bytes number;
	struct kt_json ahead = r->j;
	struct kt_err ignored;
	ahead.err = &ignored;
	bool whole = kt_json_number(&ahead, &number) == 0 && !memchr(number.data, '.', number.len) &&
		     !memchr(number.data, 'e', number.len) && !memchr(number.data, 'E', number.len);
	return whole ? "a whole number" : "a number";
}

static int expected(struct run *r, const struct step *at, const struct kt_avro_type *type)
{
	return r->silent ? -1 : fail(r, at, "expected %s, got %s", kt_avro_kinds[type->kind], kind_of(r));
}

static bool is(struct kt_bytes text, const char *word)
{
	return !strncmp(word, text.data, text.len) && !word[text.len] && !memchr(text.data, '\0', text.len);
}

/* Names of fields, symbols, and branches. */
static const char *name_of(const struct kt_avro_type *type, uint32_t i)
{
	return type->kind == KT_AVRO_ENUM     ? type->symbols[i]
	       : type->kind == KT_AVRO_RECORD ? type->fields[i].name
					      : kt_avro_name(type->fields[i].type);
}

/* Of a name in a type; all types are in one map. */
static struct kt_uuid name_id(struct kt_avro_encoder *e, const struct kt_avro_type *type, const char *name, size_t len)
{
	struct kt_uuid id = kt_idmap_name(&e->names, name, len);
	id.low ^= (uint64_t)type->id << 32;
	return id;
}

static void add_names(struct kt_avro_encoder *e, const struct kt_avro_type *type)
{
	size_t before = e->has_names_cap;
	e->has_names = kt_grow(e->has_names, &e->has_names_cap, type->id + 1, sizeof(*e->has_names));
	memset(e->has_names + before, 0, e->has_names_cap - before);
	for (uint32_t i = 0; !e->has_names[type->id] && i < type->n; i++) {
		const char *name = name_of(type, i);
		struct kt_uuid id = name_id(e, type, name, strlen(name));
		uint32_t *known = kt_idmap_put(&e->names, &id);
		*known = *known == KT_IDMAP_NEW ? i : *known;
	}
	e->has_names[type->id] = true;
}

/* Which one has this name; n: none. */
static uint32_t find(struct run *r, const struct kt_avro_type *type, struct kt_bytes name)
{
	uint32_t i = 0;
	if (type->n > FEW_NAMES && !r->defaults) {
		add_names(r->e, type);
		struct kt_uuid id = name_id(r->e, type, name.data, name.len);
		const uint32_t *known = kt_idmap_get(&r->e->names, &id);
		return known ? *known : type->n;
	}
	while (i < type->n && !is(name, name_of(type, i)))
		i++;
	return i;
}

/* False: it has a fraction or an exponent. Beyond 64 bits *fits is false. */
static bool read_whole(struct kt_bytes text, int64_t *n, bool *fits)
{
	bool negative = text.data[0] == '-';
	*n = 0;
	*fits = true;
	for (size_t i = negative; i < text.len; i++) {
		int digit = text.data[i] - '0';
		if (digit < 0 || digit > 9)
			return false;
		*fits = *fits && !__builtin_mul_overflow(*n, 10, n) &&
			!__builtin_add_overflow(*n, negative ? -digit : digit, n);
	}
	return true;
}

static bool is_number(struct run *r)
{
	char c = kt_json_peek(&r->j);
	return c == '-' || (c >= '0' && c <= '9');
}

/* A date or a time in words. A default is never one. */
static bool takes_iso(const struct run *r, const struct kt_avro_type *type)
{
	return type->logical >= KT_AVRO_DATE && type->logical <= KT_AVRO_LOCAL_NANOS && !r->defaults;
}

static int encode_iso(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	char shown[64];
	struct kt_bytes text;
	int64_t n;
	if (kt_json_text(&r->j, &text) < 0)
		return -1;
	if (!kt_avro_from_iso(type->logical, text, &n))
		return r->silent ? -1
				 : fail(r, at, "expected %s, got %s", kt_avro_iso_words(type->logical),
					   kt_quote(shown, sizeof(shown), text));
	kt_avro_add_long(r->out, n);
	return 0;
}

static int encode_whole(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_json before = r->j;
	struct kt_bytes text;
	int64_t n;
	bool fits, is_int = type->kind == KT_AVRO_INT;
	if (!is_number(r))
		return kt_json_peek(&r->j) == '"' && takes_iso(r, type) ? encode_iso(r, type, at)
									: expected(r, at, type);
	if (kt_json_number(&r->j, &text) < 0)
		return -1;
	if (!read_whole(text, &n, &fits)) {
		r->j = before;
		return expected(r, at, type);
	}
	if (!fits || (is_int && (n < INT32_MIN || n > INT32_MAX)))
		return fail(r, at, "%.*s is not %s", text.len > 40 ? 40 : (int)text.len, text.data,
			is_int ? "an int" : "a long");
	kt_avro_add_long(r->out, n);
	return 0;
}

/* The numbers that JSON does not have. */
static bool special(struct kt_bytes text, double *n)
{
	static const struct {
		const char *word;
		double value;
	} rows[] = {{"NaN", (double)NAN}, {"Infinity", (double)INFINITY}, {"-Infinity", (double)-INFINITY}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		if (is(text, rows[i].word)) {
			*n = rows[i].value;
			return true;
		}
	}
	return false;
}

static int encode_real(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_json before = r->j;
	struct kt_bytes text;
	double n;
	bool string = kt_json_peek(&r->j) == '"', is_float = type->kind == KT_AVRO_FLOAT;
	if (!string && !is_number(r))
		return expected(r, at, type);
	if (string ? kt_json_text(&r->j, &text) < 0 : kt_json_number(&r->j, &text) < 0)
		return -1;
	if (string && !special(text, &n)) {
		r->j = before;
		return expected(r, at, type);
	}
	n = string ? n : kt_json_to_double(text);
	if (!string && !isfinite(is_float ? (double)(float)n : n))
		return fail(r, at, "%.*s is not a %s", text.len > 40 ? 40 : (int)text.len, text.data,
			kt_avro_kinds[type->kind]);
	if (is_float)
		kt_avro_add_float(r->out, (float)n);
	else
		kt_avro_add_double(r->out, n);
	return 0;
}

static int encode_string(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_bytes text;
	if (kt_json_peek(&r->j) != '"')
		return expected(r, at, type);
	if (kt_json_text(&r->j, &text) < 0)
		return -1;
	kt_avro_add_bytes(r->out, text.data, text.len);
	return 0;
}

/* A character per byte: text becomes the bytes, in its place. */
static int make_bytes(struct run *r, struct kt_bytes *text, const struct step *at)
{
	unsigned char *to = (unsigned char *)(uintptr_t)text->data;
	const unsigned char *from = to, *end = from + text->len;
	while (from < end) {
		bool two = *from == 0xc2 || *from == 0xc3;
		if (*from >= 0x80 && !two)
			return fail(r, at, "a character beyond U+00FF in bytes");
		*to++ = (unsigned char)(two ? (from[0] & 3) << 6 | (from[1] & 0x3f) : from[0]);
		from += 1 + two;
	}
	text->len = (size_t)(to - (const unsigned char *)text->data);
	return 0;
}

static void add_bytes(struct run *r, const struct kt_avro_type *type, struct kt_bytes bytes)
{
	if (type->kind == KT_AVRO_FIXED)
		kt_buf_add(r->out, bytes.data, bytes.len);
	else
		kt_avro_add_bytes(r->out, bytes.data, bytes.len);
}

/* A decimal as the number that it is. */
static int encode_decimal(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_bytes number;
	if (kt_json_number(&r->j, &number) < 0)
		return -1;
	bool big = type->logical == KT_AVRO_BIG_DECIMAL;
	const char *why = big ? kt_avro_from_big_number(&bytes, number) : kt_avro_from_number(&bytes, type, number);
	if (why && big)
		return fail(r, at, "%.*s %s", number.len > 40 ? 40 : (int)number.len, number.data, why);
	if (why)
		return fail(r, at, "%.*s %s of %s (%u digits, %u of them after the point)",
			number.len > 40 ? 40 : (int)number.len, number.data, why, kt_avro_name(type), type->precision,
			type->scale);
	add_bytes(r, type, (struct kt_bytes){bytes.data, bytes.len});
	return 0;
}

/* Text that means the bytes of a fixed. */
static bool from_meaning(const struct kt_avro_type *type, struct kt_bytes text, char out[16])
{
	struct kt_uuid id;
	if (type->logical == KT_AVRO_DURATION)
		return kt_avro_from_duration(out, text);
	if (type->logical != KT_AVRO_UUID || !kt_uuid_read(&id, text.data, text.len))
		return false;
	for (unsigned i = 0; i < 16; i++)
		out[i] = (char)((i < 8 ? id.high : id.low) >> (56 - 8 * (i % 8)));
	return true;
}

static int encode_bytes(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_bytes bytes;
	char meant[16];
	bool fixed = type->kind == KT_AVRO_FIXED, decimal = type->logical == KT_AVRO_DECIMAL && !r->defaults;
	bool big = type->logical == KT_AVRO_BIG_DECIMAL && !r->defaults;
	if ((decimal || big) && is_number(r))
		return encode_decimal(r, type, at);
	if (kt_json_peek(&r->j) != '"')
		return expected(r, at, type);
	if (kt_json_text(&r->j, &bytes) < 0)
		return -1;
	if (fixed && !r->defaults && from_meaning(type, bytes, meant)) {
		kt_buf_add(r->out, meant, type->size);
		return 0;
	}
	if (make_bytes(r, &bytes, at) < 0)
		return -1;
	if (fixed && bytes.len != type->size)
		return fail(r, at, "expected %u bytes, got %zu", type->size, bytes.len);
	if (decimal && !kt_avro_within_precision(bytes, type->precision))
		return fail(r, at, "these bytes are a decimal of more than %u digits; one in words has no quotes: 1.23",
			type->precision);
	if (big && !kt_avro_split_big_decimal(bytes, &(struct kt_bytes){0}, &(int64_t){0}))
		return fail(r, at, "these bytes are not a big decimal; one in words has no quotes: 1.23");
	add_bytes(r, type, bytes);
	return 0;
}

static int encode_enum(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	char shown[64];
	struct kt_bytes symbol;
	if (kt_json_peek(&r->j) != '"')
		return expected(r, at, type);
	if (kt_json_text(&r->j, &symbol) < 0)
		return -1;
	uint32_t i = find(r, type, symbol);
	if (i == type->n)
		return r->silent ? -1
				 : fail(r, at, "%s is not a symbol of %s", kt_quote(shown, sizeof(shown), symbol),
					   type->name);
	kt_avro_add_long(r->out, i);
	return 0;
}

/* What is in a schema, not in the data. */
static int encode_fallback(struct run *r, const struct kt_avro_field *field, const struct step *at)
{
	kt_auto(kt_buf_fini) struct kt_buf texts = {0};
	struct kt_json before = r->j;
	struct kt_bytes json = field->fallback;
	r->j = (struct kt_json){.start = json.data, .at = json.data, .end = json.data + json.len, .err = r->err};
	r->j.out = &texts;
	kt_buf_reserve(&texts, json.len + KT_JSON_SLACK);
	if (!r->defaults++)
		r->values = 0;
	int result = encode(r, field->type, at);
	r->defaults--;
	r->j = before;
	return result;
}

/* The value of a field, as a piece of the record. */
static int encode_piece(
	struct run *r, const struct kt_avro_field *field, size_t piece, bool given, const struct step *at)
{
	struct step step = {.up = at, .name = field->name};
	size_t start = r->out->len;
	if (!given && !field->fallback.data)
		return fail(r, &step, "is missing, and has no default");
	if (given ? encode(r, field->type, &step) < 0 : encode_fallback(r, field, &step) < 0)
		return -1;
	r->e->pieces[piece] = (struct kt_avro_piece){start, r->out->len - start};
	return 0;
}

/* The pieces, which are anywhere after start, in their order. */
static void put_in_order(struct run *r, size_t start, const struct kt_avro_piece *pieces, size_t n)
{
	struct kt_buf *again = &r->e->pieces_again;
	again->len = 0;
	for (size_t i = 0; i < n; i++)
		kt_buf_add(again, r->out->data + pieces[i].at, pieces[i].len);
	r->out->len = start;
	kt_buf_add(r->out, again->data, again->len);
}

/* The members that are there, in any order; of one that comes twice the last counts. *sorted: they were in the schema's
 * order. */
static int encode_members(
	struct run *r, const struct kt_avro_type *type, size_t pieces, bool *sorted, const struct step *at)
{
	struct kt_bytes name;
	uint32_t next = 0;
	int more;
	while ((more = kt_json_member(&r->j, &name)) > 0) {
		bool follows = next < type->n && is(name, type->fields[next].name);
		uint32_t i = follows ? next : find(r, type, name);
		kt_auto(kt_free_ptr) char *unknown = i == type->n ? kt_strndup(name.data, name.len) : NULL;
		struct step step = {.up = at, .name = unknown};
		r->j.out->len = (size_t)(name.data - r->j.out->data);
		if (unknown && !r->defaults)
			return fail(r, &step, "%s has no such field", type->name);
		if (unknown ? kt_json_skip(&r->j) < 0 : encode_piece(r, &type->fields[i], pieces + i, true, at) < 0)
			return -1;
		*sorted &= follows || unknown;
		next = unknown ? next : i + 1;
	}
	return more;
}

static int encode_fields(struct run *r, const struct kt_avro_type *type, size_t pieces, const struct step *at)
{
	size_t start = r->out->len;
	bool sorted = true;
	if (encode_members(r, type, pieces, &sorted, at) < 0)
		return -1;
	for (uint32_t i = 0; i < type->n; i++) {
		bool absent = r->e->pieces[pieces + i].at == ABSENT;
		if (absent && encode_piece(r, &type->fields[i], pieces + i, false, at) < 0)
			return -1;
		sorted &= !absent || i + 1 == type->n || r->e->pieces[pieces + i + 1].at == ABSENT;
	}
	if (!sorted)
		put_in_order(r, start, r->e->pieces + pieces, type->n);
	return 0;
}

static int encode_record(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_avro_encoder *e = r->e;
	size_t pieces = e->n_pieces;
	if (kt_json_peek(&r->j) != '{')
		return expected(r, at, type);
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	e->pieces = kt_grow(e->pieces, &e->pieces_cap, pieces + type->n, sizeof(*e->pieces));
	e->n_pieces += type->n;
	for (uint32_t i = 0; i < type->n; i++)
		e->pieces[pieces + i].at = ABSENT;
	int result = encode_fields(r, type, pieces, at);
	e->n_pieces = pieces;
	return result;
}

/* The number of items is known at their end. One byte is kept free for it, which is enough for most; it is then also
 * right for a list without items, which is nothing but its end. */
static size_t begin_count(struct run *r)
{
	kt_buf_addc(r->out, 0);
	return r->out->len;
}

static void end_count(struct run *r, size_t start, int64_t n)
{
	char number[16];
	struct kt_buf count = {.data = number, .cap = sizeof(number)};
	size_t len = r->out->len - start;
	if (!n)
		return;
	kt_avro_add_long(&count, n);
	kt_buf_reserve(r->out, count.len);
	memmove(r->out->data + start - 1 + count.len, r->out->data + start, len);
	memcpy(r->out->data + start - 1, number, count.len);
	r->out->len += count.len - 1;
	kt_avro_add_long(r->out, 0);
}

static int encode_list(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct step step = {.up = at};
	int more;
	if (kt_json_peek(&r->j) != '[')
		return expected(r, at, type);
	if (kt_json_enter(&r->j, '[') < 0)
		return -1;
	size_t start = begin_count(r);
	for (; (more = kt_json_element(&r->j)) > 0; step.index++)
		if (encode(r, type->fields[0].type, &step) < 0)
			return -1;
	if (more == 0)
		end_count(r, start, (int64_t)step.index);
	return more;
}

static int encode_map(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct step step = {.up = at};
	int64_t n = 0;
	int more;
	if (kt_json_peek(&r->j) != '{')
		return expected(r, at, type);
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	size_t start = begin_count(r);
	for (; (more = kt_json_member(&r->j, &step.key)) > 0; n++) {
		size_t before = (size_t)(step.key.data - r->j.out->data);
		kt_avro_add_bytes(r->out, step.key.data, step.key.len);
		if (encode(r, type->fields[0].type, &step) < 0)
			return -1;
		r->j.out->len = before;
	}
	if (more == 0)
		end_count(r, start, n);
	return more;
}

/* Branch i; everything is as before when the value does not fit. */
static int try_branch(struct run *r, const struct kt_avro_type *type, uint32_t i, bool silent, const struct step *at)
{
	size_t out = r->out->len;
	struct kt_json before = r->j;
	bool was_silent = r->silent;
	r->silent |= silent;
	kt_avro_add_long(r->out, i);
	int result = encode(r, type->fields[i].type, at);
	r->silent = was_silent;
	if (result == 0)
		return 0;
	r->j = before;
	r->out->len = out;
	return -1;
}

/* {"name of a branch": value} */
static int try_tag(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	struct kt_json before = r->j;
	size_t texts = r->j.out->len;
	struct kt_bytes name;
	struct kt_err ignored;
	r->j.err = &ignored;
	int result = kt_json_peek(&r->j) == '{' ? kt_json_enter(&r->j, '{') : -1;
	result = result == 0 && kt_json_member(&r->j, &name) > 0 ? 0 : -1;
	r->j.err = before.err;
	uint32_t i = result == 0 ? find(r, type, name) : type->n;
	size_t out = r->out->len;
	if (i < type->n && try_branch(r, type, i, true, at) == 0 && kt_json_peek(&r->j) == '}' &&
		kt_json_next(&r->j, '}') == 0) {
		r->j.out->len = texts;
		return 0;
	}
	r->out->len = out;
	r->j = before;
	r->j.out->len = texts;
	return -1;
}

/* Whether a type can be what begins with this character: 1; 2: only when it is nothing else. */
static int suits(const struct kt_avro_type *type, char c)
{
	bool string = c == '"', number = c == '-' || (c >= '0' && c <= '9');
	if ((type->logical == KT_AVRO_DECIMAL || type->logical == KT_AVRO_BIG_DECIMAL) && number)
		return 2;
	if (type->logical >= KT_AVRO_DATE && type->logical <= KT_AVRO_LOCAL_NANOS && string)
		return 2;
	switch (type->kind) {
	case KT_AVRO_NULL:
		return c == 'n';
	case KT_AVRO_BOOLEAN:
		return c == 't' || c == 'f';
	case KT_AVRO_INT:
	case KT_AVRO_LONG:
		return number;
	case KT_AVRO_FLOAT:
	case KT_AVRO_DOUBLE:
		return string ? 2 : number;
	case KT_AVRO_RECORD:
	case KT_AVRO_MAP:
		return c == '{';
	case KT_AVRO_ARRAY:
		return c == '[';
	default:
		return string;
	}
}

/* The branch that a value must be in whatever it is: the only one that is not null; n: there are several. */
static uint32_t only_branch(const struct kt_avro_type *type, char c)
{
	uint32_t i = 0;
	if (type->n == 1)
		return type->fields[0].type->kind == KT_AVRO_NULL && c != 'n' ? 1 : 0;
	if (type->n != 2 || c == 'n')
		return type->n;
	while (i < 2 && type->fields[i].type->kind != KT_AVRO_NULL)
		i++;
	return i == 2 ? 2 : 1 - i;
}

static int encode_union(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	char c = kt_json_peek(&r->j);
	if (c == '{' && !r->defaults && try_tag(r, type, at) == 0)
		return 0;
	uint32_t only = only_branch(type, c);
	if (only < type->n)
		return try_branch(r, type, only, false, at);
	uint32_t found = type->n, n = 0;
	for (int pass = 1; pass <= 2; pass++) {
		for (uint32_t i = 0; i < type->n; i++) {
			if (suits(type->fields[i].type, c) != pass)
				continue;
			if (try_branch(r, type, i, true, at) == 0)
				return 0;
			found = i;
			n++;
		}
	}
	/* Of a union with one candidate the error is that of the candidate. */
	if (n == 1 && !r->silent)
		return try_branch(r, type, found, false, at);
	return r->silent ? -1 : fail(r, at, "%s fits no branch of the union", kind_of(r));
}

static int encode_word(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	char c = kt_json_peek(&r->j);
	if (type->kind == KT_AVRO_NULL ? c != 'n' : c != 't' && c != 'f')
		return expected(r, at, type);
	if (kt_json_skip(&r->j) < 0)
		return -1;
	if (type->kind == KT_AVRO_BOOLEAN)
		kt_buf_addc(r->out, c == 't');
	return 0;
}

static int encode_value(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	switch (type->kind) {
	case KT_AVRO_NULL:
	case KT_AVRO_BOOLEAN:
		return encode_word(r, type, at);
	case KT_AVRO_INT:
	case KT_AVRO_LONG:
		return encode_whole(r, type, at);
	case KT_AVRO_FLOAT:
	case KT_AVRO_DOUBLE:
		return encode_real(r, type, at);
	case KT_AVRO_STRING:
		return encode_string(r, type, at);
	case KT_AVRO_BYTES:
	case KT_AVRO_FIXED:
		return encode_bytes(r, type, at);
	case KT_AVRO_ENUM:
		return encode_enum(r, type, at);
	case KT_AVRO_RECORD:
		return encode_record(r, type, at);
	case KT_AVRO_ARRAY:
		return encode_list(r, type, at);
	case KT_AVRO_MAP:
		return encode_map(r, type, at);
	case KT_AVRO_UNION:
		return encode_union(r, type, at);
	}
	return -1;
}

/* Defaults can stand within each other without end. Text that was decoded for a value is not needed after it. */
static int encode(struct run *r, const struct kt_avro_type *type, const struct step *at)
{
	size_t texts = r->j.out->len;
	if (r->depth == DEPTH)
		return fail(r, NULL, "nested deeper than %d levels", DEPTH);
	if (r->defaults && ++r->values > KT_AVRO_DEFAULT_VALUES)
		return fail(r, NULL, "a default of more than %d values", KT_AVRO_DEFAULT_VALUES);
	if (--r->tries < 0)
		return -1;
	r->depth++;
	int result = encode_value(r, type, at);
	r->depth--;
	r->j.out->len = texts;
	return result;
}

/* Whether it is JSON at all comes first. */
static int tell(struct run *r, struct kt_bytes json)
{
	struct kt_err not_json;
	struct kt_json j = r->j;
	j.err = &not_json;
	j.at = json.data;
	j.depth = 0;
	kt_json_mark(&j);
	if (kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0)
		return -1;
	*r->err = not_json;
	return kt_err_wrap(r->err, "not JSON");
}

int kt_avro_encode(struct kt_avro_encoder *e, struct kt_buf *out, const char *json, size_t len, struct kt_err *err)
{
	struct run r = {.e = e, .out = out, .err = err};
	size_t before = out->len;
	r.j = (struct kt_json){.start = json, .at = json, .end = json + len, .out = &e->texts, .err = err};
	r.tries = KT_AVRO_TRIES + KT_AVRO_TRIES_PER_BYTE * (int64_t)len;
	e->texts.len = e->n_pieces = 0;
	kt_buf_reserve(&e->texts, len + KT_JSON_SLACK);
	kt_json_mark(&r.j);
	if (encode(&r, e->type, NULL) == 0 && kt_json_finish(&r.j) == 0)
		return 0;
	out->len = before;
	e->texts.len = 0;
	if (r.tries < 0)
		return kt_err_set(err, KT_FAILED, "there are too many ways to read it as branches of unions");
	return tell(&r, (struct kt_bytes){json, len});
}

int kt_avro_encode_default(struct kt_buf *out, const struct kt_avro_field *field, struct kt_err *err)
{
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = field->type};
	struct run r = {.e = &e, .out = out, .err = err, .tries = KT_AVRO_TRIES};
	struct step step = {.name = field->name};
	size_t before = out->len;
	r.j.out = &e.texts;
	int result = encode_fallback(&r, field, &step);
	if (result < 0)
		out->len = before;
	return result;
}

void kt_avro_encoder_fini(struct kt_avro_encoder *e)
{
	kt_buf_fini(&e->texts);
	kt_buf_fini(&e->pieces_again);
	kt_idmap_fini(&e->names);
	free(e->pieces);
	free(e->has_names);
	*e = (struct kt_avro_encoder){0};
}
