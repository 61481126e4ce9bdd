/* Rules for random data: finding the place that a path names, and what fits there. */
#include <float.h>
#include <math.h>

#include "avro_encode.h"
#include "avro_random_own.h"
#include "json.h"
#include "mem.h"
#include "suggest.h"

enum { DIGITS = 18 }; /* of a decimal: what an int64_t holds */

struct place *kt_avro_place_new(const struct kt_avro_type *type)
{
	struct place *place = kt_calloc(1, sizeof(*place));
	place->type = type;
	place->branch = -1;
	return place;
}

static void drop_rule(struct place *place)
{
	kt_buf_fini(&place->choices);
	free(place->ends);
	place->choices = (struct kt_buf){0};
	place->ends = NULL;
	place->rule = NULL;
	place->branch = -1;
}

void kt_avro_place_free(struct place *place)
{
	if (!place)
		return;
	for (uint32_t i = 0; place->parts && i < place->type->n; i++)
		kt_avro_place_free(place->parts[i]);
	drop_rule(place);
	free(place->parts);
	free(place);
}

static struct place *part(struct place *place, uint32_t i)
{
	if (!place->parts)
		place->parts = kt_calloc(place->type->n, sizeof(struct place *));
	if (!place->parts[i])
		place->parts[i] = kt_avro_place_new(place->type->fields[i].type);
	return place->parts[i];
}

static bool is_decimal(const struct kt_avro_type *type)
{
	return type->logical == KT_AVRO_DECIMAL;
}

void kt_avro_limits(const struct kt_avro_type *type, int64_t *min, int64_t *max)
{
	*min = type->kind == KT_AVRO_INT ? INT32_MIN : INT64_MIN;
	*max = type->kind == KT_AVRO_INT ? INT32_MAX : INT64_MAX;
	if (!is_decimal(type))
		return;
	*max = 1;
	for (uint32_t i = 0; i < type->precision && i < DIGITS; i++)
		*max *= 10;
	--*max;
	if (type->kind == KT_AVRO_FIXED && type->size < 8) {
		int64_t room = type->size ? ((int64_t)1 << (8 * type->size - 1)) - 1 : 0;
		*max = room < *max ? room : *max;
	}
	*min = -*max;
}

double kt_avro_unit(const struct kt_avro_type *type)
{
	return pow(10, type->scale);
}

static bool suits_number(const struct kt_avro_type *type)
{
	return (type->kind >= KT_AVRO_INT && type->kind <= KT_AVRO_DOUBLE) || is_decimal(type) ||
	       (type->kind == KT_AVRO_STRING && type->logical == KT_AVRO_PLAIN);
}

static bool suits_now(const struct kt_avro_type *type)
{
	return type->kind == KT_AVRO_INT || type->kind == KT_AVRO_LONG || type->kind == KT_AVRO_DOUBLE ||
	       (type->kind == KT_AVRO_STRING && type->logical == KT_AVRO_PLAIN);
}

static bool suits_uuid(const struct kt_avro_type *type)
{
	return type->kind == KT_AVRO_STRING || (type->kind == KT_AVRO_FIXED && type->size == 16);
}

/* Whether a rule that is not a choice makes values of this type. */
static int fit(const struct kt_generator *rule, const struct kt_avro_type *type, struct kt_err *err)
{
	int64_t min, max;
	bool real = type->kind == KT_AVRO_FLOAT || type->kind == KT_AVRO_DOUBLE;
	double unit = is_decimal(type) ? kt_avro_unit(type) : 1;
	double most = type->kind == KT_AVRO_FLOAT ? (double)FLT_MAX : DBL_MAX;
	bool suits = kt_generator_is_number(rule)    ? suits_number(type)
		     : rule->kind == KT_GENERATE_NOW ? suits_now(type)
						     : suits_uuid(type);
	if (!suits)
		return kt_err_set(err, KT_USAGE, "%s does not fit %s", rule->word, kt_avro_name(type));
	if (!kt_generator_is_number(rule))
		return 0;
	kt_avro_limits(type, &min, &max);
	if (real)
		return kt_generator_fits(rule, -most, most, false, err);
	return kt_generator_fits(rule, (double)min / unit, (double)max / unit, !is_decimal(type), err);
}

static bool is_json(const char *text)
{
	struct kt_err ignored;
	kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
	struct kt_json j = {.start = text, .at = text, .end = text + strlen(text), .out = &decoded, .err = &ignored};
	return kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0;
}

/* A number for a decimal is that, and not the bytes that its digits are. */
static bool is_decimal_only(const struct kt_avro_type *type)
{
	for (uint32_t i = 0; type->kind == KT_AVRO_UNION && i < type->n; i++)
		if (type->fields[i].type->kind != KT_AVRO_NULL && !is_decimal(type->fields[i].type))
			return false;
	return type->kind == KT_AVRO_UNION || is_decimal(type);
}

/* As the JSON that it is, where that fits; else as text. */
static int encode(struct kt_buf *out, const struct kt_avro_type *type, const char *text, struct kt_err *err)
{
	struct kt_err as_json = {0}, as_text = {0};
	kt_auto(kt_buf_fini) struct kt_buf quoted = {0};
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = type};
	bool json = is_json(text);
	if (json && kt_avro_encode(&e, out, text, strlen(text), &as_json) == 0)
		return 0;
	kt_json_string(&quoted, text, strlen(text));
	if (!(json && is_decimal_only(type)) && kt_avro_encode(&e, out, quoted.data, quoted.len, &as_text) == 0)
		return 0;
	*err = json ? as_json : as_text;
	err->status = KT_USAGE;
	return -1;
}

static int encode_choices(struct place *place, const struct kt_generator *rule, struct kt_err *err)
{
	place->ends = kt_calloc(rule->values.n, sizeof(*place->ends));
	for (size_t i = 0; i < rule->values.n; i++) {
		if (encode(&place->choices, place->type, rule->values.v[i], err) < 0)
			return -1;
		place->ends[i] = place->choices.len;
	}
	return 0;
}

/* The first branch that the rule fits; of a union of one type and null the error is that of the type. */
static int rule_branch(struct place *place, struct kt_generator *rule, struct kt_err *err)
{
	const struct kt_avro_type *type = place->type;
	unsigned tried = 0;
	struct kt_err why = {0};
	for (uint32_t i = 0; i < type->n; i++) {
		if (type->fields[i].type->kind == KT_AVRO_NULL)
			continue;
		tried++;
		if (fit(rule, type->fields[i].type, &why) < 0)
			continue;
		struct place *branch = part(place, i);
		drop_rule(branch);
		branch->rule = rule;
		place->branch = i;
		return 0;
	}
	if (tried != 1)
		return kt_err_set(err, KT_USAGE, "%s fits no branch of the union", rule->word);
	*err = why;
	return -1;
}

static int set_rule(struct place *place, struct kt_generator *rule, struct kt_err *err)
{
	bool encoded = rule->kind == KT_GENERATE_CHOICE || rule->kind == KT_GENERATE_CONSTANT;
	drop_rule(place);
	if (!encoded && place->type->kind == KT_AVRO_UNION)
		return rule_branch(place, rule, err);
	if (encoded ? encode_choices(place, rule, err) < 0 : fit(rule, place->type, err) < 0)
		return -1;
	place->rule = rule;
	return 0;
}

/* rule NULL: the place is the key's. */
static int set_key(struct place *place, struct kt_generator *rule, struct kt_err *err)
{
	const unsigned fine = 1u << KT_AVRO_NULL | 1u << KT_AVRO_BOOLEAN | 1u << KT_AVRO_INT | 1u << KT_AVRO_LONG |
			      1u << KT_AVRO_BYTES | 1u << KT_AVRO_STRING | 1u << KT_AVRO_ENUM | 1u << KT_AVRO_FIXED;
	const struct kt_avro_type *type = place->type;
	bool several = type->kind == KT_AVRO_UNION;
	(void)rule;
	for (uint32_t i = 0; i < (several ? type->n : 1); i++) {
		const struct kt_avro_type *one = several ? type->fields[i].type : type;
		if (!(fine & 1u << one->kind))
			return kt_err_set(err, KT_USAGE, "%s is not a key", kt_avro_name(one));
	}
	place->is_key = true;
	return 0;
}

struct finder {
	int (*found)(struct place *place, struct kt_generator *rule, struct kt_err *err);
	struct kt_generator *rule;
	struct kt_err *err;
};

static int find(struct finder *f, struct place *place, const char *path);

static bool is_list(const struct kt_avro_type *type)
{
	return type->kind == KT_AVRO_ARRAY || type->kind == KT_AVRO_MAP;
}

static int no_such_field(const struct kt_avro_type *type, const char *name, size_t len, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *word = kt_strndup(name, len);
	struct kt_suggest near = {.word = word};
	for (uint32_t i = 0; i < type->n; i++)
		kt_suggest_offer(&near, type->fields[i].name);
	kt_err_set(err, KT_USAGE, "%s has no field %.60s", kt_avro_name(type), word);
	return near.best ? kt_err_hint(err, "did you mean %.100s?", near.best) : -1;
}

static int find_field(struct finder *f, struct place *place, const char *path)
{
	const struct kt_avro_type *type = place->type;
	size_t len = strcspn(path, ".[");
	if (type->kind != KT_AVRO_RECORD) {
		kt_err_set(f->err, KT_USAGE, "%s has no fields", kt_avro_name(type));
		return is_list(type) ? kt_err_hint(f->err, "its items are reached with [], as in lines[].price") : -1;
	}
	for (uint32_t i = 0; i < type->n; i++)
		if (!strncmp(type->fields[i].name, path, len) && !type->fields[i].name[len])
			return find(f, part(place, i), path + len);
	return no_such_field(type, path, len, f->err);
}

/* Every branch that has what the path asks for. */
static int find_in_branches(struct finder *f, struct place *place, const char *path)
{
	struct kt_err err = {0};
	bool found = false;
	for (uint32_t i = 0; i < place->type->n; i++) {
		const struct kt_avro_type *branch = place->type->fields[i].type;
		if (path[0] == '[' ? !is_list(branch) : branch->kind != KT_AVRO_RECORD)
			continue;
		struct finder here = {.found = f->found, .rule = f->rule, .err = &err};
		found |= find(&here, part(place, i), path) == 0;
	}
	if (found)
		return 0;
	if (!err.msg[0])
		return kt_err_set(
			f->err, KT_USAGE, path[0] == '[' ? "the union holds no list" : "the union holds no record");
	*f->err = err;
	return -1;
}

/* path: what is left of it, with its dot or bracket in front. */
static int find(struct finder *f, struct place *place, const char *path)
{
	const struct kt_avro_type *type = place->type;
	if (!path[0])
		return f->found(place, f->rule, f->err);
	if (path[0] == '[' && path[1] != ']')
		return kt_err_set(f->err, KT_USAGE, "expected [] and nothing in it");
	if (type->kind == KT_AVRO_UNION)
		return find_in_branches(f, place, path);
	if (path[0] != '[')
		return find_field(f, place, path + 1);
	if (!is_list(type))
		return kt_err_set(f->err, KT_USAGE, "%s is not a list", kt_avro_name(type));
	return find(f, part(place, 0), path + 2);
}

static int find_from_root(struct kt_avro_random *m, struct finder *f, const char *path)
{
	bool as_it_is = path[0] == '.' || path[0] == '[';
	kt_auto(kt_free_ptr) char *full = as_it_is ? kt_strdup(path) : kt_asprintf(".%s", path);
	return find(f, m->root, strcmp(full, ".") != 0 ? full : "");
}

int kt_avro_random_rule(struct kt_avro_random *m, const char *path, const char *generator, struct kt_err *err)
{
	struct kt_generator parsed;
	if (kt_generator_parse(&parsed, generator, err) < 0)
		return -1;
	struct kt_generator *rule = kt_malloc(sizeof(*rule));
	*rule = parsed;
	m->rules = kt_grow(m->rules, &m->cap, m->n_rules + 1, sizeof(struct kt_generator *));
	m->rules[m->n_rules++] = rule;
	return find_from_root(m, &(struct finder){.found = set_rule, .rule = rule, .err = err}, path);
}

int kt_avro_random_key(struct kt_avro_random *m, const char *path, struct kt_err *err)
{
	if (strchr(path, '['))
		return kt_err_set(err, KT_USAGE, "an item of a list is not a key");
	return find_from_root(m, &(struct finder){.found = set_key, .err = err}, path);
}
