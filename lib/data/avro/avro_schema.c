#include "avro_schema.h"

#include <jansson.h>

#include "esc.h"
#include "mem.h"

const char *const kt_avro_kinds[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string", "record",
	"enum", "fixed", "array", "map", "union"};

/* A schema that is being read. */
struct draft {
	struct kt_avro_schema *schema;
	json_t *named; /* full names of the types so far, and their ids */
	unsigned depth;
	struct kt_err *err;
};

static struct kt_avro_type *read_type(struct draft *d, const json_t *json, const char *space);

static struct kt_avro_type *add_type(struct draft *d, enum kt_avro_kind kind)
{
	struct kt_avro_schema *schema = d->schema;
	struct kt_avro_type *type = kt_calloc(1, sizeof(*type));
	type->kind = kind;
	type->uses = 1;
	schema->types = kt_grow(schema->types, &schema->cap, schema->n_types + 1, sizeof(struct kt_avro_type *));
	type->id = (uint32_t)schema->n_types;
	schema->types[schema->n_types++] = type;
	return type;
}

/* Appends an entry to the fields of a type. */
static struct kt_avro_field *add_field(struct kt_avro_type *type, size_t *cap)
{
	type->fields = kt_grow(type->fields, cap, type->n + 1, sizeof(*type->fields));
	type->fields[type->n] = (struct kt_avro_field){0};
	return &type->fields[type->n++];
}

/* The text of a member, or NULL when it is none, is empty, or holds a NUL. */
static const char *text_of(const json_t *json)
{
	const char *text = json_string_value(json);
	return text && *text && strlen(text) == json_string_length(json) ? text : NULL;
}

/* Text from a schema in a message. */
static const char *shown(char out[80], const char *text)
{
	return kt_quote(out, 80, (struct kt_bytes){text, strlen(text)});
}

/* "space.name", or the name itself where it has dots or there is no namespace. Allocated. */
static char *full_name(const char *name, const char *space)
{
	return strchr(name, '.') || !*space ? kt_strdup(name) : kt_asprintf("%s.%s", space, name);
}

/* The namespace of a full name: what stands before its last dot. Allocated. */
static char *space_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	return kt_strndup(name, dot ? (size_t)(dot - name) : 0);
}

static enum kt_avro_kind kind_of(const char *word)
{
	size_t kind = 0;
	while (kind < KT_AVRO_UNION && strcmp(kt_avro_kinds[kind], word) != 0)
		kind++;
	return (enum kt_avro_kind)kind;
}

/* A name where a type is expected: one of the primitive types, or one that was defined before. */
static struct kt_avro_type *refer(struct draft *d, const char *name, const char *space)
{
	char quoted[80];
	enum kt_avro_kind kind = kind_of(name);
	if (kind <= KT_AVRO_STRING)
		return add_type(d, kind);
	kt_auto(kt_free_ptr) char *full = full_name(name, space);
	const json_t *id = json_object_get(d->named, full);
	/* As in Java, a type without namespace is found from inside one, too. */
	id = id ? id : json_object_get(d->named, name);
	if (!id) {
		kt_err_set(d->err, KT_FAILED, "there is no type %s", shown(quoted, full));
		return NULL;
	}
	struct kt_avro_type *type = d->schema->types[json_integer_value(id)];
	type->uses++;
	return type;
}

/* Gives a record, enum or fixed its full name, under which it is then known. */
static int name_type(struct draft *d, struct kt_avro_type *type, const json_t *json, const char *space)
{
	char quoted[80];
	const char *name = text_of(json_object_get(json, "name")), *word = kt_avro_kinds[type->kind];
	const json_t *own = json_object_get(json, "namespace");
	if (!name)
		return kt_err_set(
			d->err, KT_FAILED, "%s %s without a name", type->kind == KT_AVRO_ENUM ? "an" : "a", word);
	type->name = full_name(name, json_is_string(own) ? json_string_value(own) : space);
	if (strlen(type->name) > KT_AVRO_NAME_MAX)
		return kt_err_set(
			d->err, KT_FAILED, "a name of %zu bytes, more than %d", strlen(type->name), KT_AVRO_NAME_MAX);
	if (kind_of(type->name) <= KT_AVRO_STRING)
		return kt_err_set(d->err, KT_FAILED, "a %s cannot be called %s", word, type->name);
	if (json_object_get(d->named, type->name))
		return kt_err_set(d->err, KT_FAILED, "%s is defined twice", shown(quoted, type->name));
	if (json_object_set_new(d->named, type->name, json_integer(type->id)) < 0)
		return kt_err_set(d->err, KT_FAILED, "the name %s is not UTF-8", shown(quoted, type->name));
	return 0;
}

static int read_fields(struct draft *d, struct kt_avro_type *type, const json_t *fields, const char *space)
{
	size_t i, cap = 0;
	const json_t *json;
	char quoted[80];
	json_t *names = json_object();
	int result = 0;
	json_array_foreach(fields, i, json)
	{
		const char *name = text_of(json_object_get(json, "name"));
		if (!name)
			result = kt_err_set(d->err, KT_FAILED, "field %zu has no name", i);
		else if (json_object_get(names, name))
			result = kt_err_set(d->err, KT_FAILED, "field %s is defined twice", shown(quoted, name));
		if (result < 0)
			break;
		json_object_set_new(names, name, json_true());
		struct kt_avro_type *child = read_type(d, json_object_get(json, "type"), space);
		if (!child) {
			result = kt_err_wrap(d->err, "field %s", shown(quoted, name));
			break;
		}
		*add_field(type, &cap) = (struct kt_avro_field){
			.name = name,
			.type = child,
			.fallback = json_object_get(json, "default"),
			.aliases = json_object_get(json, "aliases"),
		};
	}
	json_decref(names);
	return result;
}

static int read_symbols(struct draft *d, struct kt_avro_type *type, const json_t *symbols)
{
	size_t i;
	const json_t *json;
	if (!json_array_size(symbols))
		return kt_err_set(d->err, KT_FAILED, "an enum needs a list of symbols");
	type->symbols = kt_calloc(json_array_size(symbols), sizeof(*type->symbols));
	json_array_foreach(symbols, i, json)
	{
		const char *symbol = text_of(json);
		if (!symbol)
			return kt_err_set(d->err, KT_FAILED, "symbol %zu is not a name", i);
		type->symbols[type->n++] = symbol;
	}
	return 0;
}

static int read_size(struct draft *d, struct kt_avro_type *type, const json_t *size)
{
	if (!json_is_integer(size) || json_integer_value(size) < 0 || json_integer_value(size) > KT_AVRO_FIXED_MAX)
		return kt_err_set(d->err, KT_FAILED, "a fixed needs a size from 0 to %d", KT_AVRO_FIXED_MAX);
	type->size = (uint32_t)json_integer_value(size);
	return 0;
}

static int fill_named(struct draft *d, struct kt_avro_type *type, const json_t *json)
{
	kt_auto(kt_free_ptr) char *space = space_of(type->name);
	const json_t *fields = json_object_get(json, "fields");
	type->aliases = json_object_get(json, "aliases");
	type->fallback = type->kind == KT_AVRO_ENUM ? text_of(json_object_get(json, "default")) : NULL;
	if (type->kind == KT_AVRO_ENUM)
		return read_symbols(d, type, json_object_get(json, "symbols"));
	if (type->kind == KT_AVRO_FIXED)
		return read_size(d, type, json_object_get(json, "size"));
	if (!json_is_array(fields))
		return kt_err_set(d->err, KT_FAILED, "a record needs a list of fields");
	return read_fields(d, type, fields, space);
}

static int read_named(struct draft *d, struct kt_avro_type *type, const json_t *json, const char *space)
{
	char quoted[80];
	if (name_type(d, type, json, space) < 0)
		return -1;
	if (fill_named(d, type, json) < 0)
		return kt_err_wrap(d->err, "%s %s", kt_avro_kinds[type->kind], shown(quoted, type->name));
	return 0;
}

/* Types that a union may hold once are one bit each; of named ones each name. */
static int read_branches(struct draft *d, struct kt_avro_type *type, const json_t *branches, const char *space)
{
	size_t i, cap = 0;
	const json_t *json;
	unsigned seen = 0;
	json_array_foreach(branches, i, json)
	{
		struct kt_avro_type *branch = read_type(d, json, space);
		if (!branch)
			return kt_err_wrap(d->err, "branch %zu of a union", i);
		if (branch->kind == KT_AVRO_UNION)
			return kt_err_set(d->err, KT_FAILED, "a union directly inside a union");
		if (!branch->name && seen & 1u << branch->kind)
			return kt_err_set(d->err, KT_FAILED, "a union holds %s twice", kt_avro_kinds[branch->kind]);
		seen |= 1u << branch->kind;
		add_field(type, &cap)->type = branch;
	}
	return 0;
}

static int read_items(struct draft *d, struct kt_avro_type *type, const json_t *json, const char *space)
{
	const char *member = type->kind == KT_AVRO_ARRAY ? "items" : "values";
	const json_t *items = json_object_get(json, member);
	size_t cap = 0;
	if (!items)
		return kt_err_set(d->err, KT_FAILED, "%s %s without %s", type->kind == KT_AVRO_ARRAY ? "an" : "a",
			kt_avro_kinds[type->kind], member);
	struct kt_avro_type *child = read_type(d, items, space);
	if (!child)
		return kt_err_wrap(d->err, "%s", member);
	add_field(type, &cap)->type = child;
	return 0;
}

/* Precision and scale decide whether a decimal is one. */
static bool is_decimal(struct kt_avro_type *type, const json_t *json)
{
	const json_t *scale = json_object_get(json, "scale"), *precision = json_object_get(json, "precision");
	json_int_t digits = json_integer_value(precision);
	if (digits < 1 || digits > INT32_MAX || (scale && !json_is_integer(scale)) || json_integer_value(scale) < 0 ||
		json_integer_value(scale) > digits)
		return false;
	type->scale = (uint32_t)json_integer_value(scale);
	type->precision = (uint32_t)digits;
	return true;
}

static void read_logical(struct kt_avro_type *type, const json_t *json)
{
	static const struct {
		const char *word;
		enum kt_avro_logical logical;
		unsigned kinds; /* a bit for each that it can stand on */
		uint32_t size;  /* of a fixed; 0: any */
	} rows[] = {
		{"decimal", KT_AVRO_DECIMAL, 1u << KT_AVRO_BYTES | 1u << KT_AVRO_FIXED, 0},
		{"uuid", KT_AVRO_UUID, 1u << KT_AVRO_STRING | 1u << KT_AVRO_FIXED, 16},
		{"date", KT_AVRO_DATE, 1u << KT_AVRO_INT, 0},
		{"time-millis", KT_AVRO_TIME_MILLIS, 1u << KT_AVRO_INT, 0},
		{"time-micros", KT_AVRO_TIME_MICROS, 1u << KT_AVRO_LONG, 0},
		{"timestamp-millis", KT_AVRO_TIMESTAMP_MILLIS, 1u << KT_AVRO_LONG, 0},
		{"timestamp-micros", KT_AVRO_TIMESTAMP_MICROS, 1u << KT_AVRO_LONG, 0},
		{"timestamp-nanos", KT_AVRO_TIMESTAMP_NANOS, 1u << KT_AVRO_LONG, 0},
		{"local-timestamp-millis", KT_AVRO_LOCAL_MILLIS, 1u << KT_AVRO_LONG, 0},
		{"local-timestamp-micros", KT_AVRO_LOCAL_MICROS, 1u << KT_AVRO_LONG, 0},
		{"local-timestamp-nanos", KT_AVRO_LOCAL_NANOS, 1u << KT_AVRO_LONG, 0},
		{"duration", KT_AVRO_DURATION, 1u << KT_AVRO_FIXED, 12},
	};
	const char *word = text_of(json_object_get(json, "logicalType"));
	for (size_t i = 0; word && i < KT_LEN(rows); i++)
		if (!strcmp(word, rows[i].word) && rows[i].kinds & 1u << type->kind &&
			(type->kind != KT_AVRO_FIXED || !rows[i].size || rows[i].size == type->size) &&
			(rows[i].logical != KT_AVRO_DECIMAL || is_decimal(type, json)))
			type->logical = rows[i].logical;
}

/* {"type": …} */
static struct kt_avro_type *read_object(struct draft *d, const json_t *json, const char *space)
{
	const json_t *inner = json_object_get(json, "type");
	const char *word = text_of(inner);
	if (!word)
		return read_type(d, inner, space);
	enum kt_avro_kind kind = strcmp(word, "error") != 0 ? kind_of(word) : KT_AVRO_RECORD;
	if (kind == KT_AVRO_UNION)
		return refer(d, word, space);
	struct kt_avro_type *type = add_type(d, kind);
	if (kind == KT_AVRO_ARRAY || kind == KT_AVRO_MAP) {
		if (read_items(d, type, json, space) < 0)
			return NULL;
	} else if (kind > KT_AVRO_STRING && read_named(d, type, json, space) < 0) {
		return NULL;
	}
	read_logical(type, json);
	return type;
}

static struct kt_avro_type *read_list(struct draft *d, const json_t *json, const char *space)
{
	struct kt_avro_type *type = add_type(d, KT_AVRO_UNION);
	return read_branches(d, type, json, space) < 0 ? NULL : type;
}

/* space: the namespace of names without one. NULL and err when it is no type. */
static struct kt_avro_type *read_type(struct draft *d, const json_t *json, const char *space)
{
	struct kt_avro_type *type = NULL;
	if (d->depth == KT_AVRO_SCHEMA_DEPTH) {
		kt_err_set(d->err, KT_FAILED, "nested deeper than %d types", KT_AVRO_SCHEMA_DEPTH);
		return NULL;
	}
	d->depth++;
	if (json_is_object(json))
		type = read_object(d, json, space);
	else if (json_is_array(json))
		type = read_list(d, json, space);
	else if (text_of(json))
		type = refer(d, text_of(json), space);
	else
		kt_err_set(d->err, KT_FAILED, json ? "a type is a name, an object or a list" : "the type is missing");
	d->depth--;
	return type;
}

static uint32_t least_of(struct kt_avro_type *const *types, struct kt_avro_type *type, bool *visited);

/* Of a record the sum, of a union the shortest branch. */
static uint32_t least_of_parts(struct kt_avro_type *const *types, const struct kt_avro_type *type, bool *visited)
{
	uint64_t sum = 0, shortest = UINT32_MAX;
	for (uint32_t i = 0; i < type->n; i++) {
		uint32_t least = least_of(types, types[type->fields[i].type->id], visited);
		sum += least;
		shortest = least < shortest ? least : shortest;
	}
	sum = type->kind == KT_AVRO_UNION ? 1 + shortest : sum;
	return sum < KT_AVRO_FIXED_MAX ? (uint32_t)sum : KT_AVRO_FIXED_MAX;
}

/* A type inside itself counts as nothing, which keeps the result a lower bound. */
static uint32_t least_of(struct kt_avro_type *const *types, struct kt_avro_type *type, bool *visited)
{
	if (visited[type->id])
		return type->least;
	visited[type->id] = true;
	switch (type->kind) {
	case KT_AVRO_NULL:
		type->least = 0;
		break;
	case KT_AVRO_FLOAT:
		type->least = 4;
		break;
	case KT_AVRO_DOUBLE:
		type->least = 8;
		break;
	case KT_AVRO_FIXED:
		type->least = type->size;
		break;
	case KT_AVRO_RECORD:
	case KT_AVRO_UNION:
		type->least = least_of_parts(types, type, visited);
		break;
	case KT_AVRO_ARRAY:
	case KT_AVRO_MAP:
		(void)least_of(types, types[type->fields[0].type->id], visited);
		type->least = 1;
		break;
	default:
		type->least = 1;
	}
	return type->least;
}

static int read_root(struct draft *d)
{
	struct kt_avro_schema *schema = d->schema;
	schema->root = read_type(d, schema->json, "");
	if (!schema->root)
		return -1;
	kt_auto(kt_free_ptr) bool *visited = kt_calloc(schema->n_types, sizeof(*visited));
	for (size_t i = 0; i < schema->n_types; i++)
		(void)least_of(schema->types, schema->types[i], visited);
	return 0;
}

int kt_avro_schema_parse(struct kt_avro_schema **out, const char *text, size_t len, struct kt_err *err)
{
	json_error_t problem;
	if (len > KT_AVRO_SCHEMA_MAX)
		return kt_err_set(err, KT_FAILED, "the schema has %zu bytes, more than %d", len, KT_AVRO_SCHEMA_MAX);
	json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &problem);
	if (!json)
		return kt_err_set(err, KT_FAILED, "the schema is not JSON: %s (line %d, column %d)", problem.text,
			problem.line, problem.column);
	struct kt_avro_schema *schema = kt_calloc(1, sizeof(*schema));
	schema->json = json;
	struct draft d = {.schema = schema, .named = json_object(), .err = err};
	int result = read_root(&d);
	json_decref(d.named);
	if (result < 0) {
		kt_avro_schema_free(schema);
		return kt_err_wrap(err, "the schema is not valid");
	}
	*out = schema;
	return 0;
}

void kt_avro_schema_free(struct kt_avro_schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < schema->n_types; i++) {
		free(schema->types[i]->fields);
		free(schema->types[i]->symbols);
		free(schema->types[i]->name);
		free(schema->types[i]);
	}
	free(schema->types);
	json_decref(schema->json);
	free(schema);
}

bool kt_avro_is_alias(const json_t *aliases, const char *of, const char *name)
{
	size_t i;
	const json_t *json;
	const char *dot = of ? strrchr(of, '.') : NULL;
	size_t space = dot ? (size_t)(dot + 1 - of) : 0;
	json_array_foreach(aliases, i, json)
	{
		const char *alias = text_of(json);
		if (!alias)
			continue;
		bool relative = space && !strchr(alias, '.');
		if (relative ? !strncmp(name, of, space) && !strcmp(name + space, alias) : !strcmp(name, alias))
			return true;
	}
	return false;
}

const char *kt_avro_name(const struct kt_avro_type *type)
{
	return type->name ? type->name : kt_avro_kinds[type->kind];
}
