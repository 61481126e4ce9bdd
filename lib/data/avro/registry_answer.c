#include "registry_answer.h"

#include <jansson.h>

#include "esc.h"
#include "mem.h"

static json_t *load(const char *text, size_t len, struct kt_err *err)
{
	json_error_t problem;
	json_t *json = len > KT_REGISTRY_ANSWER_MAX ? NULL : json_loadb(text, len, 0, &problem);
	if (len > KT_REGISTRY_ANSWER_MAX)
		kt_err_set(err, KT_FAILED, "the answer is larger than %d bytes", KT_REGISTRY_ANSWER_MAX);
	else if (!json)
		kt_err_set(err, KT_FAILED, "the answer is not JSON");
	return json;
}

static int read_references(struct kt_registry_answer *out, const json_t *list, struct kt_err *err)
{
	size_t i, n = json_array_size(list);
	const json_t *json;
	if (n > KT_REGISTRY_REFERENCES)
		return kt_err_set(err, KT_FAILED, "%zu references, more than %d", n, KT_REGISTRY_REFERENCES);
	out->references = kt_calloc(n, sizeof(*out->references));
	json_array_foreach(list, i, json)
	{
		const char *subject = json_string_value(json_object_get(json, "subject"));
		const json_t *version = json_object_get(json, "version");
		if (!subject || !*subject || !json_is_integer(version))
			return kt_err_set(err, KT_FAILED, "reference %zu has no subject and version", i + 1);
		out->references[out->n_references++] = (struct kt_registry_reference){
			.subject = kt_strdup(subject), .version = json_integer_value(version)};
	}
	return 0;
}

static int read_schema(struct kt_registry_answer *out, const json_t *json, struct kt_err *err)
{
	const json_t *schema = json_object_get(json, "schema");
	const char *type = json_string_value(json_object_get(json, "schemaType"));
	if (!json_is_string(schema))
		return kt_err_set(err, KT_FAILED, "the answer holds no schema");
	out->schema = kt_strdup(json_string_value(schema));
	out->type = kt_strdup(type ? type : "AVRO");
	return read_references(out, json_object_get(json, "references"), err);
}

int kt_registry_answer_read(struct kt_registry_answer *out, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	int result = json ? read_schema(out, json, err) : -1;
	json_decref(json);
	if (result < 0)
		kt_registry_answer_fini(out);
	return result;
}

void kt_registry_answer_fini(struct kt_registry_answer *answer)
{
	for (size_t i = 0; i < answer->n_references; i++)
		free(answer->references[i].subject);
	free(answer->references);
	free(answer->schema);
	free(answer->type);
	*answer = (struct kt_registry_answer){0};
}

int64_t kt_registry_answer_error(char *message, size_t size, const char *text, size_t len)
{
	struct kt_err ignored;
	json_t *json = load(text, len, &ignored);
	const json_t *words = json_object_get(json, "message");
	int64_t code = json_integer_value(json_object_get(json, "error_code"));
	message[0] = '\0';
	if (json_is_string(words))
		kt_quote(message, size, (struct kt_bytes){json_string_value(words), json_string_length(words)});
	json_decref(json);
	return code;
}

int kt_registry_answer_id(int64_t *id, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	const json_t *number = json_object_get(json, "id");
	int result = json ? 0 : -1;
	if (json &&
		(!json_is_integer(number) || json_integer_value(number) < 0 || json_integer_value(number) > UINT32_MAX))
		result = kt_err_set(err, KT_FAILED, "the answer holds no number of a schema");
	if (result == 0)
		*id = json_integer_value(number);
	json_decref(json);
	return result;
}

/* Schemas that are put together. A name counts as defined once it was met in the result. */
struct joiner {
	json_t *known; /* of the other schemas: full name: {"type": its definition, "space": the namespace around it} */
	json_t *used;  /* full names that stand in the result */
	size_t names;  /* bytes of all names in the result */
	unsigned depth;
};

static json_t *join(struct joiner *j, const json_t *type, const char *space);

static bool is_word(const json_t *json, const char *a, const char *b)
{
	const char *text = json_string_value(json);
	return text && (!strcmp(text, a) || !strcmp(text, b));
}

static bool is_named(const json_t *type)
{
	const json_t *kind = json_object_get(type, "type");
	return is_word(kind, "record", "error") || is_word(kind, "enum", "fixed");
}

/* Whether text is the word of one of the kinds up to `last`. */
static bool is_kind(const char *text, enum kt_avro_kind last)
{
	for (size_t kind = 0; text && kind <= last; kind++)
		if (!strcmp(text, kt_avro_kinds[kind]))
			return true;
	return false;
}

/* The full name of a definition, or of a name that refers to one. Allocated. Of one that is too long so much that it
 * will be refused for that. */
static char *full_name(const json_t *type, const char *space)
{
	const char *name = json_string_value(json_is_string(type) ? type : json_object_get(type, "name"));
	const char *own = json_string_value(json_object_get(type, "namespace"));
	name = name ? name : "";
	space = own ? own : space;
	bool alone = strchr(name, '.') || !*space;
	return kt_asprintf(
		"%.*s%s%.*s", alone ? 0 : KT_AVRO_NAME_MAX, space, alone ? "" : ".", KT_AVRO_NAME_MAX + 1, name);
}

/* What stands in front of the last dot. Allocated. */
static char *space_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	return kt_strndup(name, dot ? (size_t)(dot - name) : 0);
}

/* Files every definition inside a schema under its full name; the first of a name counts. */
static void collect(struct joiner *j, json_t *type, const char *space)
{
	static const char *const inner[] = {"type", "items", "values"};
	size_t i;
	json_t *part;
	if (j->depth == KT_AVRO_SCHEMA_DEPTH)
		return;
	j->depth++;
	json_array_foreach(type, i, part) collect(j, part, space);
	kt_auto(kt_free_ptr) char *name = is_named(type) ? full_name(type, space) : NULL;
	kt_auto(kt_free_ptr) char *within = name ? space_of(name) : kt_strdup(space);
	if (name && !json_object_get(j->known, name))
		json_object_set_new(j->known, name, json_pack("{sOss}", "type", type, "space", space));
	json_array_foreach(json_object_get(type, "fields"), i, part) collect(j, json_object_get(part, "type"), within);
	for (i = 0; i < KT_LEN(inner) && json_is_object(type); i++)
		collect(j, json_object_get(type, inner[i]), within);
	j->depth--;
}

static json_t *join_list(struct joiner *j, const json_t *list, const char *space)
{
	size_t i;
	const json_t *part;
	json_t *out = json_array();
	json_array_foreach(list, i, part) json_array_append_new(out, join(j, part, space));
	return out;
}

static json_t *join_fields(struct joiner *j, const json_t *fields, const char *space)
{
	size_t i;
	const json_t *field;
	json_t *out = json_array();
	json_array_foreach(fields, i, field)
	{
		json_t *copy = json_copy((json_t *)(uintptr_t)field);
		if (json_object_get(field, "type"))
			json_object_set_new(copy, "type", join(j, json_object_get(field, "type"), space));
		json_array_append_new(out, copy);
	}
	return out;
}

/* Names are repeated, and long ones must not make more of a schema than it may be. */
static json_t *use_name(struct joiner *j, const char *name)
{
	j->names += strlen(name);
	return j->names > KT_AVRO_SCHEMA_MAX ? json_null() : json_string(name);
}

/* A definition under its full name, so that it means the same wherever it stands. */
static json_t *join_named(struct joiner *j, const json_t *type, const char *space)
{
	kt_auto(kt_free_ptr) char *name = full_name(type, space);
	kt_auto(kt_free_ptr) char *within = space_of(name);
	/* It stood in the result before what it is defined in. */
	if (json_object_get(j->used, name) && json_object_get(json_object_get(j->known, name), "type") == type)
		return use_name(j, name);
	json_t *out = json_copy((json_t *)(uintptr_t)type);
	json_object_set_new(j->used, name, json_true());
	json_object_set_new(out, "name", json_string(name));
	json_object_del(out, "namespace");
	if (!strchr(name, '.'))
		json_object_set_new(out, "namespace", json_string(""));
	if (json_is_array(json_object_get(type, "fields")))
		json_object_set_new(out, "fields", join_fields(j, json_object_get(type, "fields"), within));
	return out;
}

static json_t *join_object(struct joiner *j, const json_t *type, const char *space)
{
	static const char *const inner[] = {"type", "items", "values"};
	json_t *out = json_copy((json_t *)(uintptr_t)type);
	for (size_t i = 0; i < KT_LEN(inner); i++)
		if (json_object_get(type, inner[i]) &&
			!(i == 0 && is_kind(json_string_value(json_object_get(type, "type")), KT_AVRO_UNION)))
			json_object_set_new(out, inner[i], join(j, json_object_get(type, inner[i]), space));
	return out;
}

/* A name: of a type that was met, of one that is known, or one that is left to the schema's reader. As in Java, a type
 * without namespace is found from inside one, too. */
static json_t *join_name(struct joiner *j, const json_t *type, const char *space)
{
	kt_auto(kt_free_ptr) char *full = full_name(type, space);
	const char *names[] = {full, json_string_value(type)};
	if (is_kind(names[1], KT_AVRO_STRING))
		return json_string(names[1]);
	for (size_t i = 0; i < KT_LEN(names); i++) {
		const json_t *known = json_object_get(j->known, names[i]);
		if (json_object_get(j->used, names[i]))
			return use_name(j, names[i]);
		if (known)
			return join(
				j, json_object_get(known, "type"), json_string_value(json_object_get(known, "space")));
	}
	return json_copy((json_t *)(uintptr_t)type);
}

static json_t *join(struct joiner *j, const json_t *type, const char *space)
{
	json_t *out;
	if (j->depth == KT_AVRO_SCHEMA_DEPTH)
		return json_null();
	j->depth++;
	if (json_is_array(type))
		out = join_list(j, type, space);
	else if (json_is_string(type))
		out = join_name(j, type, space);
	else if (is_named(type))
		out = join_named(j, type, space);
	else if (json_is_object(type))
		out = join_object(j, type, space);
	else
		out = json_copy((json_t *)(uintptr_t)type);
	j->depth--;
	return out;
}

static int add_text(struct kt_buf *out, json_t *schema, struct kt_err *err)
{
	char *text = json_dumps(schema, JSON_COMPACT | JSON_ENCODE_ANY);
	size_t len = text ? strlen(text) : 0;
	if (text && len <= KT_AVRO_SCHEMA_MAX)
		kt_buf_add(out, text, len);
	free(text);
	if (!text)
		return kt_err_set(err, KT_FAILED, "the schema cannot be put together");
	if (len > KT_AVRO_SCHEMA_MAX)
		return kt_err_set(err, KT_FAILED, "the schema has %zu bytes, more than %d", len, KT_AVRO_SCHEMA_MAX);
	return 0;
}

int kt_registry_join(struct kt_buf *out, const struct kt_bytes *texts, size_t n, struct kt_err *err)
{
	json_error_t problem;
	struct joiner j = {.known = json_object(), .used = json_object()};
	json_t *schemas = json_array(), *schema = NULL;
	size_t i;
	int result = 0;
	for (i = 0; i < n && result == 0; i++) {
		schema = json_loadb(texts[i].data, texts[i].len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &problem);
		if (!schema || json_array_append_new(schemas, schema) < 0)
			result = kt_err_set(err, KT_FAILED, "the schema is not JSON: %s (line %d, column %d)",
				problem.text, problem.line, problem.column);
	}
	if (result == 0) {
		for (i = 1; i < n; i++)
			collect(&j, json_array_get(schemas, i), "");
		schema = join(&j, json_array_get(schemas, 0), "");
		result = add_text(out, schema, err);
		json_decref(schema);
	}
	json_decref(schemas);
	json_decref(j.known);
	json_decref(j.used);
	return result;
}
