#include "avro_schema.h"

#include "esc.h"
#include "idmap.h"
#include "mem.h"

const char *const kt_avro_kinds[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string", "record",
	"enum", "fixed", "array", "map", "union"};

/* A schema that is being read. */
struct draft {
	struct kt_avro_schema *schema;
	const struct kt_jsontree *json;
	struct kt_idmap named; /* full names of the types so far, and their ids */
	unsigned depth;
	struct kt_err *err;
};

static struct kt_avro_type *read_type(struct draft *d, const struct kt_jsonnode *json, const char *space);

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

static const struct kt_jsonnode *member(const struct draft *d, const struct kt_jsonnode *json, const char *name)
{
	return kt_jsontree_member(d->json, json, name);
}

/* The text of a value, or NULL when it is not a string, is empty, or holds a NUL. */
static const char *text_of(const struct draft *d, const struct kt_jsonnode *json)
{
	const char *text = kt_jsontree_text(d->json, json);
	return text && *text ? text : NULL;
}

static struct kt_avro_aliases aliases_of(const struct draft *d, const struct kt_jsonnode *json)
{
	const struct kt_jsonnode *list = member(d, json, "aliases"), *item = kt_jsontree_first(list);
	struct kt_avro_aliases all = {0};
	if (!kt_jsontree_is(list, '[') || !list->n)
		return all;
	all.v = kt_calloc(list->n, sizeof(*all.v));
	for (uint32_t i = 0; i < list->n; i++, item = kt_jsontree_next(item))
		if (text_of(d, item))
			all.v[all.n++] = text_of(d, item);
	return all;
}

static struct kt_uuid name_id(struct draft *d, const char *name)
{
	return kt_idmap_name(&d->named, name, strlen(name));
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

/* The namespace of a full name: what comes before its last dot. Allocated. */
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
	struct kt_uuid within = name_id(d, full), alone = name_id(d, name);
	const uint32_t *id = kt_idmap_get(&d->named, &within);
	/* As in Java, a type without namespace is found from inside one, too. */
	id = id ? id : kt_idmap_get(&d->named, &alone);
	if (!id) {
		kt_err_set(d->err, KT_FAILED, "there is no type %s", shown(quoted, full));
		return NULL;
	}
	struct kt_avro_type *type = d->schema->types[*id];
	type->uses++;
	return type;
}

/* Gives a record, enum or fixed its full name, under which it is then known. */
static int name_type(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json, const char *space)
{
	char quoted[80];
	const char *name = text_of(d, member(d, json, "name")), *word = kt_avro_kinds[type->kind];
	const char *own = kt_jsontree_text(d->json, member(d, json, "namespace"));
	if (!name)
		return kt_err_set(
			d->err, KT_FAILED, "%s %s without a name", type->kind == KT_AVRO_ENUM ? "an" : "a", word);
	type->name = full_name(name, own ? own : space);
	if (strlen(type->name) > KT_AVRO_NAME_MAX)
		return kt_err_set(
			d->err, KT_FAILED, "a name of %zu bytes, more than %d", strlen(type->name), KT_AVRO_NAME_MAX);
	if (kind_of(type->name) <= KT_AVRO_STRING)
		return kt_err_set(d->err, KT_FAILED, "%s %s cannot be called %s", strchr("aeiou", *word) ? "an" : "a",
			word, type->name);
	struct kt_uuid id = name_id(d, type->name);
	uint32_t *known = kt_idmap_put(&d->named, &id);
	if (*known != KT_IDMAP_NEW)
		return kt_err_set(d->err, KT_FAILED, "%s is defined twice", shown(quoted, type->name));
	*known = type->id;
	return 0;
}

/* names: of the fields before it. */
static int read_field(struct draft *d, struct kt_avro_field *field, struct kt_idmap *names,
	const struct kt_jsonnode *json, const char *space)
{
	char quoted[80];
	const struct kt_jsonnode *fallback = member(d, json, "default");
	struct kt_uuid id = kt_idmap_name(names, field->name, strlen(field->name));
	uint32_t *known = kt_idmap_put(names, &id);
	if (*known != KT_IDMAP_NEW)
		return kt_err_set(d->err, KT_FAILED, "field %s is defined twice", shown(quoted, field->name));
	*known = 0;
	field->type = read_type(d, member(d, json, "type"), space);
	if (!field->type)
		return kt_err_wrap(d->err, "field %s", shown(quoted, field->name));
	field->fallback = fallback ? kt_jsontree_json(d->json, fallback) : (struct kt_bytes){0};
	field->aliases = aliases_of(d, json);
	field->json = json;
	return 0;
}

static int read_fields(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *fields, const char *space)
{
	const struct kt_jsonnode *json = kt_jsontree_first(fields);
	kt_auto(kt_idmap_fini) struct kt_idmap names = {0};
	size_t cap = 0;
	for (uint32_t i = 0; i < fields->n; i++, json = kt_jsontree_next(json)) {
		struct kt_avro_field field = {.name = text_of(d, member(d, json, "name"))};
		if (!field.name)
			return kt_err_set(d->err, KT_FAILED, "field %u has no name", i);
		if (read_field(d, &field, &names, json, space) < 0)
			return -1;
		*add_field(type, &cap) = field;
	}
	return 0;
}

static int read_symbols(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *symbols)
{
	const struct kt_jsonnode *json = kt_jsontree_first(symbols);
	if (!kt_jsontree_is(symbols, '['))
		return kt_err_set(d->err, KT_FAILED, "an enum needs a list of symbols");
	type->symbols = kt_calloc(symbols->n, sizeof(*type->symbols));
	for (uint32_t i = 0; i < symbols->n; i++, json = kt_jsontree_next(json)) {
		const char *symbol = text_of(d, json);
		if (!symbol)
			return kt_err_set(d->err, KT_FAILED, "symbol %u is not a name", i);
		type->symbols[type->n++] = symbol;
	}
	return 0;
}

static int read_size(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json)
{
	int64_t size;
	if (!kt_jsontree_i64(d->json, json, &size) || size < 0 || size > KT_AVRO_FIXED_MAX)
		return kt_err_set(d->err, KT_FAILED, "a fixed needs a size from 0 to %d", KT_AVRO_FIXED_MAX);
	type->size = (uint32_t)size;
	return 0;
}

static int fill_named(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json)
{
	kt_auto(kt_free_ptr) char *space = space_of(type->name);
	const struct kt_jsonnode *fields = member(d, json, "fields");
	type->json = json;
	type->aliases = aliases_of(d, json);
	type->fallback = type->kind == KT_AVRO_ENUM ? text_of(d, member(d, json, "default")) : NULL;
	if (type->kind == KT_AVRO_ENUM)
		return read_symbols(d, type, member(d, json, "symbols"));
	if (type->kind == KT_AVRO_FIXED)
		return read_size(d, type, member(d, json, "size"));
	if (!kt_jsontree_is(fields, '['))
		return kt_err_set(d->err, KT_FAILED, "a record needs a list of fields");
	return read_fields(d, type, fields, space);
}

static int read_named(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json, const char *space)
{
	char quoted[80];
	if (name_type(d, type, json, space) < 0)
		return -1;
	if (fill_named(d, type, json) < 0)
		return kt_err_wrap(d->err, "%s %s", kt_avro_kinds[type->kind], shown(quoted, type->name));
	return 0;
}

/* Types that a union may hold once are one bit each; of named ones each name. */
static int read_branches(
	struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *branches, const char *space)
{
	const struct kt_jsonnode *json = kt_jsontree_first(branches);
	size_t cap = 0;
	unsigned seen = 0;
	for (uint32_t i = 0; i < branches->n; i++, json = kt_jsontree_next(json)) {
		struct kt_avro_type *branch = read_type(d, json, space);
		if (!branch)
			return kt_err_wrap(d->err, "branch %u of a union", i);
		if (branch->kind == KT_AVRO_UNION)
			return kt_err_set(d->err, KT_FAILED, "a union directly inside a union");
		if (!branch->name && seen & 1u << branch->kind)
			return kt_err_set(d->err, KT_FAILED, "a union holds %s twice", kt_avro_kinds[branch->kind]);
		seen |= 1u << branch->kind;
		add_field(type, &cap)->type = branch;
	}
	return 0;
}

static int read_items(struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json, const char *space)
{
	const char *word = type->kind == KT_AVRO_ARRAY ? "items" : "values";
	const struct kt_jsonnode *items = member(d, json, word);
	size_t cap = 0;
	if (!items)
		return kt_err_set(d->err, KT_FAILED, "%s %s without %s", type->kind == KT_AVRO_ARRAY ? "an" : "a",
			kt_avro_kinds[type->kind], word);
	struct kt_avro_type *child = read_type(d, items, space);
	if (!child)
		return kt_err_wrap(d->err, "%s", word);
	add_field(type, &cap)->type = child;
	return 0;
}

/* Precision and scale decide whether a decimal is one. */
static bool is_decimal(const struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json)
{
	int64_t precision, scale = 0;
	const struct kt_jsonnode *given = member(d, json, "scale");
	if (!kt_jsontree_i64(d->json, member(d, json, "precision"), &precision) ||
		(given && !kt_jsontree_i64(d->json, given, &scale)))
		return false;
	if (precision < 1 || precision > INT32_MAX || scale < 0 || scale > precision)
		return false;
	type->scale = (uint32_t)scale;
	type->precision = (uint32_t)precision;
	return true;
}

static void read_logical(const struct draft *d, struct kt_avro_type *type, const struct kt_jsonnode *json)
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
		{"big-decimal", KT_AVRO_BIG_DECIMAL, 1u << KT_AVRO_BYTES, 0},
	};
	const char *word = text_of(d, member(d, json, "logicalType"));
	for (size_t i = 0; word && i < KT_LEN(rows); i++)
		if (!strcmp(word, rows[i].word) && rows[i].kinds & 1u << type->kind &&
			(type->kind != KT_AVRO_FIXED || !rows[i].size || rows[i].size == type->size) &&
			(rows[i].logical != KT_AVRO_DECIMAL || is_decimal(d, type, json)))
			type->logical = rows[i].logical;
}

/* {"type": …} */
static struct kt_avro_type *read_object(struct draft *d, const struct kt_jsonnode *json, const char *space)
{
	const struct kt_jsonnode *inner = member(d, json, "type");
	const char *word = text_of(d, inner);
	if (!word) {
		d->schema->loose = true;
		return read_type(d, inner, space);
	}
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
	read_logical(d, type, json);
	return type;
}

static struct kt_avro_type *read_list(struct draft *d, const struct kt_jsonnode *json, const char *space)
{
	struct kt_avro_type *type = add_type(d, KT_AVRO_UNION);
	return read_branches(d, type, json, space) < 0 ? NULL : type;
}

/* space: the namespace of names without one. NULL and err when it is not a type. */
static struct kt_avro_type *read_type(struct draft *d, const struct kt_jsonnode *json, const char *space)
{
	struct kt_avro_type *type = NULL;
	if (d->depth == KT_AVRO_SCHEMA_DEPTH) {
		kt_err_set(d->err, KT_FAILED, "nested deeper than %d types", KT_AVRO_SCHEMA_DEPTH);
		return NULL;
	}
	d->depth++;
	if (kt_jsontree_is(json, '{'))
		type = read_object(d, json, space);
	else if (kt_jsontree_is(json, '['))
		type = read_list(d, json, space);
	else if (text_of(d, json))
		type = refer(d, text_of(d, json), space);
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
	schema->root = read_type(d, schema->json.nodes, "");
	if (!schema->root)
		return -1;
	kt_auto(kt_free_ptr) bool *visited = kt_calloc(schema->n_types, sizeof(*visited));
	for (size_t i = 0; i < schema->n_types; i++)
		(void)least_of(schema->types, schema->types[i], visited);
	return 0;
}

int kt_avro_schema_parse(struct kt_avro_schema **out, const char *text, size_t len, struct kt_err *err)
{
	if (len > KT_AVRO_SCHEMA_MAX)
		return kt_err_set(err, KT_FAILED, "the schema has %zu bytes, more than %d", len, KT_AVRO_SCHEMA_MAX);
	struct kt_avro_schema *schema = kt_calloc(1, sizeof(*schema));
	struct draft d = {.schema = schema, .json = &schema->json, .err = err};
	int read = kt_jsontree_read(&schema->json, text, len, err), result = read < 0 ? read : read_root(&d);
	kt_idmap_fini(&d.named);
	if (result < 0) {
		kt_avro_schema_free(schema);
		return kt_err_wrap(err, read < 0 ? "the schema is not JSON" : "the schema is not valid");
	}
	*out = schema;
	return 0;
}

static void free_type(struct kt_avro_type *type)
{
	for (uint32_t i = 0; type->fields && i < type->n; i++)
		free(type->fields[i].aliases.v);
	free(type->aliases.v);
	free(type->fields);
	free(type->symbols);
	free(type->name);
	free(type);
}

void kt_avro_schema_free(struct kt_avro_schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < schema->n_types; i++)
		free_type(schema->types[i]);
	free(schema->types);
	kt_jsontree_fini(&schema->json);
	free(schema);
}

bool kt_avro_is_alias(const struct kt_avro_aliases *aliases, const char *of, const char *name)
{
	const char *dot = of ? strrchr(of, '.') : NULL;
	size_t space = dot ? (size_t)(dot + 1 - of) : 0;
	for (uint32_t i = 0; i < aliases->n; i++) {
		const char *alias = aliases->v[i];
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
