#include "avro_check.h"

#include "avro_encode.h"
#include "esc.h"

struct check {
	const struct kt_avro_schema *schema;
	struct kt_err *err;
};

/* Text from a schema in a message. */
static const char *shown(char out[80], const char *text)
{
	return kt_quote(out, 80, (struct kt_bytes){text, strlen(text)});
}

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return len > 0;
}

/* Names with dots between them. */
static bool is_full_name(const char *text)
{
	for (;; text++) {
		size_t len = strcspn(text, ".");
		if (!is_name(text, len))
			return false;
		text += len;
		if (!*text)
			return true;
	}
}

static int bad_name(struct check *c, const char *what, const char *name)
{
	char quoted[80];
	kt_err_set(c->err, KT_FAILED, "%s%s%s is not a name", what, *what ? " " : "", shown(quoted, name));
	return kt_err_hint(c->err, "names are letters, digits and _, and do not begin with a digit");
}

/* A member that has to be text where there is one; null counts as none. */
static int check_text(struct check *c, const struct kt_jsonnode *json, const char *name)
{
	const struct kt_jsonnode *value = kt_jsontree_member(&c->schema->json, json, name);
	if (!value || value->kind == '"' || value->kind == 'n')
		return 0;
	return kt_err_set(c->err, KT_FAILED, "%s is not a string", name);
}

/* of a type: full names, too. */
static int check_aliases(
	struct check *c, const struct kt_jsonnode *json, const struct kt_avro_aliases *all, bool of_type)
{
	const struct kt_jsonnode *list = kt_jsontree_member(&c->schema->json, json, "aliases");
	if (list && (!kt_jsontree_is(list, '[') || list->n != all->n))
		return kt_err_set(c->err, KT_FAILED, "aliases is not a list of names");
	for (uint32_t i = 0; i < all->n; i++)
		if (of_type ? !is_full_name(all->v[i]) : !is_name(all->v[i], strlen(all->v[i])))
			return bad_name(c, "the alias", all->v[i]);
	return 0;
}

static int check_order(struct check *c, const struct kt_jsonnode *json)
{
	const struct kt_jsonnode *value = kt_jsontree_member(&c->schema->json, json, "order");
	const char *order = kt_jsontree_text(&c->schema->json, value);
	if (!value ||
		(order && (!strcmp(order, "ascending") || !strcmp(order, "descending") || !strcmp(order, "ignore"))))
		return 0;
	return kt_err_set(c->err, KT_FAILED, "order is not ascending, descending or ignore");
}

static int check_default(const struct kt_avro_field *field, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	if (field->fallback.data && kt_avro_encode_default(&bytes, field, err) < 0)
		return kt_err_wrap(err, "a default");
	return 0;
}

static int check_enum_default(const struct kt_avro_type *type, struct kt_err *err)
{
	uint32_t i = 0;
	while (type->fallback && i < type->n && strcmp(type->symbols[i], type->fallback) != 0)
		i++;
	return type->fallback && i == type->n ? kt_err_set(err, KT_FAILED, "its default is not one of its symbols") : 0;
}

static int check_field(struct check *c, const struct kt_avro_field *field)
{
	char quoted[80];
	if (!is_name(field->name, strlen(field->name)))
		return bad_name(c, "the field", field->name);
	if (check_text(c, field->json, "doc") < 0 || check_order(c, field->json) < 0 ||
		check_aliases(c, field->json, &field->aliases, false) < 0)
		return kt_err_wrap(c->err, "field %s", shown(quoted, field->name));
	return check_default(field, c->err);
}

/* The name is new among those that were put into the map. */
static bool is_new(struct kt_idmap *map, const char *name)
{
	struct kt_uuid id = kt_idmap_name(map, name, strlen(name));
	uint32_t *known = kt_idmap_put(map, &id);
	bool fresh = *known == KT_IDMAP_NEW;
	*known = 0;
	return fresh;
}

static int check_symbols(struct check *c, const struct kt_avro_type *type)
{
	kt_auto(kt_idmap_fini) struct kt_idmap seen = {0};
	char quoted[80];
	for (uint32_t i = 0; i < type->n; i++) {
		const char *symbol = type->symbols[i];
		if (!is_name(symbol, strlen(symbol)))
			return bad_name(c, "the symbol", symbol);
		if (!is_new(&seen, symbol))
			return kt_err_set(c->err, KT_FAILED, "the symbol %s is there twice", shown(quoted, symbol));
	}
	if (kt_jsontree_member(&c->schema->json, type->json, "default") && !type->fallback)
		return kt_err_set(c->err, KT_FAILED, "its default is not one of its symbols");
	return check_enum_default(type, c->err);
}

static int check_branches(struct check *c, const struct kt_avro_type *type)
{
	kt_auto(kt_idmap_fini) struct kt_idmap seen = {0};
	char quoted[80];
	for (uint32_t i = 0; i < type->n; i++) {
		const char *name = kt_avro_name(type->fields[i].type);
		if (!is_new(&seen, name))
			return kt_err_set(c->err, KT_FAILED, "a union holds %s twice", shown(quoted, name));
	}
	return 0;
}

static bool is_primitive(const char *name)
{
	size_t kind = 0;
	while (kind <= KT_AVRO_STRING && strcmp(kt_avro_kinds[kind], name) != 0)
		kind++;
	return kind <= KT_AVRO_STRING;
}

static int check_named(struct check *c, const struct kt_avro_type *type)
{
	const char *dot = strrchr(type->name, '.'), *base = dot ? dot + 1 : type->name;
	if (!is_full_name(type->name))
		return bad_name(c, "", type->name);
	if (is_primitive(base))
		return kt_err_set(c->err, KT_FAILED, "nothing but the primitive type may be called %s", base);
	if (check_text(c, type->json, "doc") < 0 || check_text(c, type->json, "namespace") < 0 ||
		check_aliases(c, type->json, &type->aliases, true) < 0)
		return -1;
	for (uint32_t i = 0; type->kind == KT_AVRO_RECORD && i < type->n; i++)
		if (check_field(c, &type->fields[i]) < 0)
			return -1;
	return type->kind == KT_AVRO_ENUM ? check_symbols(c, type) : 0;
}

static int wrap(struct kt_err *err, const struct kt_avro_type *type)
{
	char quoted[80];
	if (type->name)
		kt_err_wrap(err, "%s %s", kt_avro_kinds[type->kind], shown(quoted, type->name));
	return kt_err_wrap(err, "the schema is not valid");
}

int kt_avro_check_writer(const struct kt_avro_schema *schema, struct kt_err *err)
{
	struct check c = {.schema = schema, .err = err};
	if (schema->loose)
		return kt_err_set(
			err, KT_FAILED, "the schema is not valid: a type is wrapped in one more {\"type\": …}");
	for (size_t i = 0; i < schema->n_types; i++) {
		const struct kt_avro_type *type = schema->types[i];
		if (type->kind == KT_AVRO_UNION ? check_branches(&c, type) < 0
						: type->name && check_named(&c, type) < 0)
			return wrap(err, type);
	}
	return 0;
}

int kt_avro_check_reader(const struct kt_avro_schema *schema, struct kt_err *err)
{
	for (size_t i = 0; i < schema->n_types; i++) {
		const struct kt_avro_type *type = schema->types[i];
		for (uint32_t k = 0; type->kind == KT_AVRO_RECORD && k < type->n; k++)
			if (check_default(&type->fields[k], err) < 0)
				return wrap(err, type);
		if (check_enum_default(type, err) < 0)
			return wrap(err, type);
	}
	return 0;
}
