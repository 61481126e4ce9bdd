#include "avro_encode.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>

#include "avro_write.h"
#include "esc.h"

enum { DEPTH = 1000 };

/* The way from the record to a value: a field, an item, or the value of a map. */
struct step {
	const struct step *up;
	const char *name; /* of a field, or NULL */
	const char *key;  /* of a map, or NULL */
	size_t index;
};

struct encoder {
	struct kt_buf *out;
	struct kt_err *err;
	unsigned depth;
	unsigned defaults; /* within each other, at this place */
	unsigned values;   /* of the outermost of them so far */
};

static int encode(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at);

static void show_path(struct kt_buf *out, const struct step *at)
{
	char shown[48];
	if (!at)
		return;
	show_path(out, at->up);
	if (at->name)
		kt_buf_addf(out, ".%.80s", at->name);
	else if (at->key)
		kt_buf_addf(out, "[%s]", kt_quote(shown, sizeof(shown), (struct kt_bytes){at->key, strlen(at->key)}));
	else
		kt_buf_addf(out, "[%zu]", at->index);
}

static int kt_printf(3, 4) fail(struct encoder *e, const struct step *at, const char *format, ...)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	va_list args;
	va_start(args, format);
	char reason[300];
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	show_path(&path, at);
	kt_err_set(e->err, KT_FAILED, "%s", reason);
	return path.len ? kt_err_wrap(e->err, "%s", kt_buf_cstr(&path)) : -1;
}

/* What a JSON value is, in words. */
static const char *kind_of(const json_t *json)
{
	static const char *const names[] = {[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "a list",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "a whole number",
		[JSON_REAL] = "a number",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null"};
	return names[json_typeof(json)];
}

static int expected(struct encoder *e, const struct step *at, const struct kt_avro_type *type, const json_t *json)
{
	return fail(e, at, "expected %s, got %s", kt_avro_kinds[type->kind], kind_of(json));
}

static int encode_whole(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	json_int_t n = json_integer_value(json);
	if (!json_is_integer(json))
		return expected(e, at, type, json);
	if (type->kind == KT_AVRO_INT && (n < INT32_MIN || n > INT32_MAX))
		return fail(e, at, "%lld is no int", (long long)n);
	kt_avro_add_long(e->out, n);
	return 0;
}

/* The numbers that JSON does not have. */
static bool special(const json_t *json, double *n)
{
	static const struct {
		const char *word;
		double value;
	} rows[] = {{"NaN", (double)NAN}, {"Infinity", (double)INFINITY}, {"-Infinity", (double)-INFINITY}};
	const char *text = json_string_value(json);
	for (size_t i = 0; text && i < KT_LEN(rows); i++) {
		if (!strcmp(text, rows[i].word)) {
			*n = rows[i].value;
			return true;
		}
	}
	return false;
}

static int encode_real(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	double n = json_number_value(json);
	if (!json_is_number(json) && !special(json, &n))
		return expected(e, at, type, json);
	if (type->kind == KT_AVRO_DOUBLE)
		kt_avro_add_double(e->out, n);
	else if (isfinite(n) && !isfinite((float)n))
		return fail(e, at, "%g is no float", n);
	else
		kt_avro_add_float(e->out, (float)n);
	return 0;
}

/* A character per byte, appended. */
static int add_characters(struct encoder *e, const json_t *json, const struct step *at)
{
	const unsigned char *text = (const unsigned char *)json_string_value(json);
	size_t len = json_string_length(json);
	for (size_t i = 0; i < len; i++) {
		bool two = text[i] == 0xc2 || text[i] == 0xc3;
		if (text[i] >= 0x80 && !two)
			return fail(e, at, "a character beyond U+00FF in bytes");
		kt_buf_addc(e->out, (char)(two ? (text[i] & 3) << 6 | (text[i + 1] & 0x3f) : text[i]));
		i += two;
	}
	return 0;
}

static int encode_bytes(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_buf *out = e->out;
	if (!json_is_string(json))
		return expected(e, at, type, json);
	e->out = &bytes;
	int result = add_characters(e, json, at);
	e->out = out;
	if (result < 0)
		return -1;
	if (type->kind == KT_AVRO_FIXED && bytes.len != type->size)
		return fail(e, at, "expected %u bytes, got %zu", type->size, bytes.len);
	if (type->kind == KT_AVRO_FIXED)
		kt_buf_add(out, bytes.data, bytes.len);
	else
		kt_avro_add_bytes(out, bytes.data, bytes.len);
	return 0;
}

static int encode_enum(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	char shown[64];
	const char *symbol = json_string_value(json);
	if (!symbol)
		return expected(e, at, type, json);
	for (uint32_t i = 0; i < type->n; i++) {
		if (!strcmp(type->symbols[i], symbol)) {
			kt_avro_add_long(e->out, i);
			return 0;
		}
	}
	return fail(e, at, "%s is no symbol of %s",
		kt_quote(shown, sizeof(shown), (struct kt_bytes){symbol, json_string_length(json)}), type->name);
}

/* A member that no field has. */
static int refuse_member(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)json, key, value)
	{
		uint32_t i = 0;
		while (i < type->n && strcmp(type->fields[i].name, key) != 0)
			i++;
		struct step step = {.up = at, .name = key};
		if (i == type->n)
			return fail(e, &step, "%s has no such field", type->name);
	}
	return 0;
}

/* What stands in a schema, not in the data. */
static int encode_fallback(
	struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	if (!e->defaults++)
		e->values = 0;
	int result = encode(e, type, json, at);
	e->defaults--;
	return result;
}

static int encode_record(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	size_t given = 0;
	if (!json_is_object(json))
		return expected(e, at, type, json);
	for (uint32_t i = 0; i < type->n; i++) {
		const struct kt_avro_field *field = &type->fields[i];
		const json_t *value = json_object_get(json, field->name);
		struct step step = {.up = at, .name = field->name};
		given += value != NULL;
		if (!value && !field->fallback)
			return fail(e, &step, "is missing, and has no default");
		if (value ? encode(e, field->type, value, &step) < 0
			  : encode_fallback(e, field->type, field->fallback, &step) < 0)
			return -1;
	}
	return given < json_object_size(json) && !e->defaults ? refuse_member(e, type, json, at) : 0;
}

static int encode_list(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	size_t i;
	const json_t *item;
	if (!json_is_array(json))
		return expected(e, at, type, json);
	if (json_array_size(json))
		kt_avro_add_long(e->out, (int64_t)json_array_size(json));
	json_array_foreach(json, i, item)
	{
		struct step step = {.up = at, .index = i};
		if (encode(e, type->fields[0].type, item, &step) < 0)
			return -1;
	}
	kt_avro_add_long(e->out, 0);
	return 0;
}

static int encode_map(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	const char *key;
	json_t *value;
	if (!json_is_object(json))
		return expected(e, at, type, json);
	if (json_object_size(json))
		kt_avro_add_long(e->out, (int64_t)json_object_size(json));
	json_object_foreach((json_t *)json, key, value)
	{
		struct step step = {.up = at, .key = key};
		kt_avro_add_bytes(e->out, key, strlen(key));
		if (encode(e, type->fields[0].type, value, &step) < 0)
			return -1;
	}
	kt_avro_add_long(e->out, 0);
	return 0;
}

/* Branch i; out is as before when it does not fit. */
static int try_branch(
	struct encoder *e, const struct kt_avro_type *type, uint32_t i, const json_t *json, const struct step *at)
{
	size_t before = e->out->len;
	kt_avro_add_long(e->out, i);
	if (encode(e, type->fields[i].type, json, at) == 0)
		return 0;
	e->out->len = before;
	return -1;
}

/* {"name of a branch": value} */
static int try_tag(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	void *member = json_object_iter((json_t *)json);
	for (uint32_t i = 0; json_object_size(json) == 1 && i < type->n; i++)
		if (!strcmp(kt_avro_name(type->fields[i].type), json_object_iter_key(member)))
			return try_branch(e, type, i, json_object_iter_value(member), at);
	return -1;
}

/* Whether branch i is to be tried: null for null alone, and numbers for a string only when it fits nothing else. */
static bool is_candidate(const struct kt_avro_type *type, uint32_t i, const json_t *json, bool last)
{
	enum kt_avro_kind kind = type->fields[i].type->kind;
	bool number = kind == KT_AVRO_FLOAT || kind == KT_AVRO_DOUBLE;
	return (kind == KT_AVRO_NULL) == json_is_null(json) && (number && json_is_string(json)) == last;
}

/* Of a union with one candidate the error is that of the candidate. */
static int encode_union(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	unsigned tried = 0;
	if (!e->defaults && try_tag(e, type, json, at) == 0)
		return 0;
	for (uint32_t i = 0; i < 2 * type->n; i++) {
		if (!is_candidate(type, i % type->n, json, i >= type->n))
			continue;
		if (try_branch(e, type, i % type->n, json, at) == 0)
			return 0;
		tried++;
	}
	return tried == 1 ? -1 : fail(e, at, "%s fits no branch of the union", kind_of(json));
}

static int encode_value(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	switch (type->kind) {
	case KT_AVRO_NULL:
		return json_is_null(json) ? 0 : expected(e, at, type, json);
	case KT_AVRO_BOOLEAN:
		if (!json_is_boolean(json))
			return expected(e, at, type, json);
		kt_buf_addc(e->out, json_is_true(json));
		return 0;
	case KT_AVRO_INT:
	case KT_AVRO_LONG:
		return encode_whole(e, type, json, at);
	case KT_AVRO_FLOAT:
	case KT_AVRO_DOUBLE:
		return encode_real(e, type, json, at);
	case KT_AVRO_STRING:
		if (!json_is_string(json))
			return expected(e, at, type, json);
		kt_avro_add_bytes(e->out, json_string_value(json), json_string_length(json));
		return 0;
	case KT_AVRO_BYTES:
	case KT_AVRO_FIXED:
		return encode_bytes(e, type, json, at);
	case KT_AVRO_ENUM:
		return encode_enum(e, type, json, at);
	case KT_AVRO_RECORD:
		return encode_record(e, type, json, at);
	case KT_AVRO_ARRAY:
		return encode_list(e, type, json, at);
	case KT_AVRO_MAP:
		return encode_map(e, type, json, at);
	case KT_AVRO_UNION:
		return encode_union(e, type, json, at);
	}
	return -1;
}

/* Defaults can stand within each other without end. */
static int encode(struct encoder *e, const struct kt_avro_type *type, const json_t *json, const struct step *at)
{
	if (e->depth == DEPTH)
		return fail(e, NULL, "nested deeper than %d levels", DEPTH);
	if (e->defaults && ++e->values > KT_AVRO_DEFAULT_VALUES)
		return fail(e, NULL, "a default of more than %d values", KT_AVRO_DEFAULT_VALUES);
	e->depth++;
	int result = encode_value(e, type, json, at);
	e->depth--;
	return result;
}

int kt_avro_encode(
	struct kt_buf *out, const struct kt_avro_schema *schema, const char *json, size_t len, struct kt_err *err)
{
	struct encoder e = {.out = out, .err = err};
	size_t before = out->len;
	json_error_t problem;
	json_t *value = json_loadb(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &problem);
	if (!value)
		return kt_err_set(err, KT_FAILED, "not JSON: %s (column %d)", problem.text, problem.column);
	int result = encode(&e, schema->root, value, NULL);
	if (result < 0)
		out->len = before;
	json_decref(value);
	return result;
}

int kt_avro_encode_default(struct kt_buf *out, const struct kt_avro_field *field, struct kt_err *err)
{
	struct encoder e = {.out = out, .err = err};
	struct step step = {.name = field->name};
	size_t before = out->len;
	int result = encode_fallback(&e, field->type, field->fallback, &step);
	if (result < 0)
		out->len = before;
	return result;
}
