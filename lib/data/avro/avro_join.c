#include "avro_join.h"

#include "json.h"
#include "mem.h"

/* A schema that is put together. A name counts as defined once its definition is in the result. */
struct join {
	struct kt_avro_pool *pool;
	const struct kt_jsontree *own_text;
	struct kt_avro_definitions own;
	struct kt_idmap used; /* full names in the result */
	struct kt_buf *out;
	size_t start;
	unsigned depth;
};

/* A value in its text. */
struct at {
	const struct kt_jsontree *text;
	const struct kt_jsonnode *node;
};

static void add(struct join *j, struct at at, const char *space);

static struct at member(struct at at, const char *name)
{
	return (struct at){at.text, kt_jsontree_member(at.text, at.node, name)};
}

static const char *text_of(struct at at)
{
	return kt_jsontree_text(at.text, at.node);
}

static bool is_named(struct at at)
{
	static const char *const words[] = {"record", "error", "enum", "fixed"};
	const char *kind = text_of(member(at, "type"));
	size_t i = 0;
	while (kind && i < KT_LEN(words) && strcmp(kind, words[i]) != 0)
		i++;
	return kind && i < KT_LEN(words);
}

/* Whether text is the word of one of the kinds up to `last`. */
static bool is_kind(const char *text, enum kt_avro_kind last)
{
	for (size_t kind = 0; text && kind <= last; kind++)
		if (!strcmp(text, kt_avro_kinds[kind]))
			return true;
	return false;
}

/* Of a name that is too long, enough to have it refused for that. Allocated. */
static char *full_name(const char *name, const char *space)
{
	bool alone = strchr(name, '.') || !*space;
	return kt_asprintf(
		"%.*s%s%.*s", alone ? 0 : KT_AVRO_NAME_MAX, space, alone ? "" : ".", KT_AVRO_NAME_MAX + 1, name);
}

/* Of a definition. Allocated. */
static char *defined_name(struct at at, const char *space)
{
	const char *name = text_of(member(at, "name")), *own = text_of(member(at, "namespace"));
	return full_name(name ? name : "", own ? own : space);
}

/* What comes before the last dot. Allocated. */
static char *space_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	return kt_strndup(name, dot ? (size_t)(dot - name) : 0);
}

static void define(struct kt_avro_definitions *all, uint32_t text, struct at at, const char *name, const char *space)
{
	struct kt_uuid id = kt_idmap_name(&all->names, name, strlen(name));
	uint32_t *known = kt_idmap_put(&all->names, &id);
	if (*known != KT_IDMAP_NEW)
		return;
	*known = (uint32_t)all->n;
	all->v = kt_grow(all->v, &all->cap, all->n + 1, sizeof(*all->v));
	all->v[all->n++] = (struct kt_avro_definition){
		.text = text, .node = (uint32_t)(at.node - at.text->nodes), .space = kt_strdup(space)};
}

/* Files every definition inside a schema under its full name. */
static void collect(struct kt_avro_definitions *all, uint32_t text, struct at at, const char *space, unsigned depth)
{
	static const char *const inner[] = {"type", "items", "values"};
	struct at fields = member(at, "fields");
	struct at item = {at.text, kt_jsontree_first(at.node)}, field = {at.text, kt_jsontree_first(fields.node)};
	if (depth == KT_AVRO_SCHEMA_DEPTH)
		return;
	kt_auto(kt_free_ptr) char *name = is_named(at) ? defined_name(at, space) : NULL;
	kt_auto(kt_free_ptr) char *within = name ? space_of(name) : kt_strdup(space);
	if (name)
		define(all, text, at, name, space);
	for (uint32_t i = 0; kt_jsontree_is(at.node, '[') && i < at.node->n;
		i++, item.node = kt_jsontree_next(item.node))
		collect(all, text, item, space, depth + 1);
	for (uint32_t i = 0; kt_jsontree_is(fields.node, '[') && i < fields.node->n;
		i++, field.node = kt_jsontree_next(field.node))
		if (member(field, "type").node)
			collect(all, text, member(field, "type"), within, depth + 1);
	for (size_t i = 0; i < KT_LEN(inner); i++)
		if (member(at, inner[i]).node)
			collect(all, text, member(at, inner[i]), within, depth + 1);
}

static const struct kt_avro_definition *find(struct kt_avro_definitions *all, const char *name)
{
	struct kt_uuid id = kt_idmap_name(&all->names, name, strlen(name));
	const uint32_t *number = kt_idmap_get(&all->names, &id);
	return number ? &all->v[*number] : NULL;
}

static bool is_used(struct join *j, const char *name)
{
	struct kt_uuid id = kt_idmap_name(&j->used, name, strlen(name));
	return kt_idmap_get(&j->used, &id);
}

static void copy(struct join *j, struct at at)
{
	struct kt_bytes json = kt_jsontree_json(at.text, at.node);
	kt_buf_add(j->out, json.data, json.len);
}

static void add_name(struct join *j, const char *name)
{
	kt_json_string(j->out, name, strlen(name));
}

/* The definition of a name: the schema's own, or another's. */
static bool look_up(struct join *j, struct at *at, const char **space, const char *name, bool *others)
{
	const struct kt_avro_definition *found = find(&j->own, name);
	*others = !found;
	found = found ? found : find(&j->pool->known, name);
	if (!found)
		return false;
	at->text = *others ? &j->pool->texts[found->text] : j->own_text;
	at->node = at->text->nodes + found->node;
	*space = found->space;
	return true;
}

static void want(struct kt_avro_pool *pool, struct at at)
{
	pool->wanted[at.text - pool->texts] = true;
}

/* A name: of a type that was met, of one that is known, or one that is left to the schema's reader. As in Java, a type
 * without namespace is found from inside one, too. */
static void add_reference(struct join *j, struct at at, const char *space)
{
	const char *name = text_of(at), *around;
	kt_auto(kt_free_ptr) char *full = name ? full_name(name, space) : NULL;
	const char *names[] = {full, name};
	struct at found;
	bool others;
	for (size_t i = 0; name && !is_kind(name, KT_AVRO_STRING) && i < KT_LEN(names); i++) {
		if (is_used(j, names[i])) {
			add_name(j, names[i]);
			return;
		}
		if (look_up(j, &found, &around, names[i], &others)) {
			if (others)
				want(j->pool, found);
			add(j, found, around);
			return;
		}
	}
	copy(j, at);
}

static void add_items(
	struct join *j, struct at list, const char *space, void (*add_one)(struct join *, struct at, const char *))
{
	struct at item = {list.text, kt_jsontree_first(list.node)};
	kt_buf_addc(j->out, '[');
	for (uint32_t i = 0; i < list.node->n; i++, item.node = kt_jsontree_next(item.node)) {
		if (i)
			kt_buf_addc(j->out, ',');
		add_one(j, item, space);
	}
	kt_buf_addc(j->out, ']');
}

static void add_field(struct join *j, struct at at, const char *space);

/* How a member is written. */
enum part { PLAIN, TYPE, FIELDS, NAME, DROPPED };

/* Of those with the same name the last counts. */
static enum part part_of(
	struct at at, struct at key, const struct kt_jsonnode *value, const char *const *types, bool named)
{
	const char *name = text_of(key);
	for (size_t i = 0; types[i]; i++)
		if (member(at, types[i]).node == value)
			return TYPE;
	if (!named || !name)
		return PLAIN;
	if (!strcmp(name, "namespace"))
		return DROPPED;
	if (!strcmp(name, "name"))
		return member(at, "name").node == value ? NAME : DROPPED;
	return member(at, "fields").node == value && kt_jsontree_is(value, '[') ? FIELDS : PLAIN;
}

/* types: the members that hold types. name: of a definition, or NULL. */
static void add_members(struct join *j, struct at at, const char *space, const char *const *types, const char *name)
{
	struct at key = {at.text, kt_jsontree_first(at.node)};
	const char *between = "{";
	for (uint32_t i = 0; i < at.node->n; i += 2) {
		struct at value = {at.text, kt_jsontree_next(key.node)};
		enum part part = part_of(at, key, value.node, types, name);
		if (part != DROPPED) {
			kt_buf_adds(j->out, between);
			copy(j, key);
			kt_buf_addc(j->out, ':');
			between = ",";
		}
		if (part == NAME)
			add_name(j, name);
		else if (part == FIELDS)
			add_items(j, value, space, add_field);
		else if (part == TYPE)
			add(j, value, space);
		else if (part == PLAIN)
			copy(j, value);
		key.node = kt_jsontree_next(value.node);
	}
	kt_buf_adds(j->out, *between == '{' ? "{" : "");
	kt_buf_adds(j->out, name && !strchr(name, '.') ? ",\"namespace\":\"\"}" : "}");
}

static void add_field(struct join *j, struct at at, const char *space)
{
	static const char *const types[] = {"type", NULL};
	if (!kt_jsontree_is(at.node, '{')) {
		copy(j, at);
		return;
	}
	add_members(j, at, space, types, NULL);
}

/* A definition under its full name, so that it means the same wherever it stands. */
static void add_named(struct join *j, struct at at, const char *space)
{
	static const char *const none[] = {NULL};
	kt_auto(kt_free_ptr) char *name = defined_name(at, space);
	kt_auto(kt_free_ptr) char *within = space_of(name);
	struct kt_uuid id = kt_idmap_name(&j->used, name, strlen(name));
	const char *around;
	struct at known;
	bool others;
	/* It was put into the result before what it is defined in. */
	if (is_used(j, name) && look_up(j, &known, &around, name, &others) && known.node == at.node) {
		add_name(j, name);
		return;
	}
	*kt_idmap_put(&j->used, &id) = 0;
	add_members(j, at, within, none, name);
}

static void add_object(struct join *j, struct at at, const char *space)
{
	static const char *const types[] = {"type", "items", "values", NULL};
	/* The word of a kind is not a name. */
	bool kind = is_kind(text_of(member(at, "type")), KT_AVRO_UNION);
	add_members(j, at, space, kind ? types + 1 : types, NULL);
}

static void add(struct join *j, struct at at, const char *space)
{
	if (j->depth == KT_AVRO_SCHEMA_DEPTH || j->out->len - j->start > KT_AVRO_SCHEMA_MAX) {
		kt_buf_adds(j->out, "null");
		return;
	}
	j->depth++;
	if (kt_jsontree_is(at.node, '['))
		add_items(j, at, space, add);
	else if (is_named(at))
		add_named(j, at, space);
	else if (kt_jsontree_is(at.node, '{'))
		add_object(j, at, space);
	else
		add_reference(j, at, space);
	j->depth--;
}

static void fini_definitions(struct kt_avro_definitions *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i].space);
	free(all->v);
	kt_idmap_fini(&all->names);
	*all = (struct kt_avro_definitions){0};
}

static int read_text(struct kt_jsontree *tree, const char *text, size_t len, struct kt_err *err)
{
	return kt_jsontree_read(tree, text, len, err) < 0 ? kt_err_wrap(err, "the schema is not JSON") : 0;
}

int kt_avro_pool_add(struct kt_avro_pool *pool, const char *text, size_t len, struct kt_err *err)
{
	struct kt_jsontree tree = {0};
	if (read_text(&tree, text, len, err) < 0)
		return -1;
	pool->texts = kt_grow(pool->texts, &pool->cap, pool->n + 1, sizeof(*pool->texts));
	pool->wanted = kt_grow(pool->wanted, &pool->wanted_cap, pool->n + 1, sizeof(*pool->wanted));
	pool->texts[pool->n] = tree;
	pool->wanted[pool->n] = false;
	collect(&pool->known, (uint32_t)pool->n, (struct at){&tree, tree.nodes}, "", 0);
	pool->n++;
	return 0;
}

int kt_avro_pool_join(struct kt_avro_pool *pool, struct kt_buf *out, const char *text, size_t len, struct kt_err *err)
{
	kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
	struct join j = {.pool = pool, .own_text = &tree, .out = out, .start = out->len};
	if (read_text(&tree, text, len, err) < 0)
		return -1;
	struct at root = {&tree, tree.nodes};
	collect(&j.own, 0, root, "", 0);
	add(&j, root, "");
	fini_definitions(&j.own);
	kt_idmap_fini(&j.used);
	if (out->len - j.start <= KT_AVRO_SCHEMA_MAX)
		return 0;
	out->len = j.start;
	return kt_err_set(
		err, KT_FAILED, "the schema has more than %d bytes with what it refers to", KT_AVRO_SCHEMA_MAX);
}

void kt_avro_pool_fini(struct kt_avro_pool *pool)
{
	for (size_t i = 0; i < pool->n; i++)
		kt_jsontree_fini(&pool->texts[i]);
	free(pool->texts);
	free(pool->wanted);
	fini_definitions(&pool->known);
	*pool = (struct kt_avro_pool){0};
}
