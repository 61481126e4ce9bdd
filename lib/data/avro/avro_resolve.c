#include "avro_resolve.h"

#include "esc.h"
#include "mem.h"

enum {
	DEPTH = 100,       /* records within each other that are looked into to choose a branch */
	FEW_BRANCHES = 16, /* are compared one by one */
};

static bool record_fits(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader);

void kt_avro_resolver_fini(struct kt_avro_resolver *resolver)
{
	kt_idmap_fini(&resolver->records);
	kt_idmap_fini(&resolver->names);
}

struct kt_uuid kt_avro_pair(const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	return (struct kt_uuid){(uintptr_t)writer, (uintptr_t)reader};
}

/* A name without its namespace. */
static const char *base_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

static bool has_full_name(const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	return !strcmp(writer->name, reader->name) || kt_avro_is_alias(&reader->aliases, reader->name, writer->name);
}

static bool has_name(const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	return has_full_name(writer, reader) || !strcmp(base_name(writer->name), base_name(reader->name));
}

static bool promotes(enum kt_avro_kind writer, enum kt_avro_kind reader)
{
	static const unsigned to[] = {
		[KT_AVRO_INT] = 1u << KT_AVRO_LONG | 1u << KT_AVRO_FLOAT | 1u << KT_AVRO_DOUBLE,
		[KT_AVRO_LONG] = 1u << KT_AVRO_FLOAT | 1u << KT_AVRO_DOUBLE,
		[KT_AVRO_FLOAT] = 1u << KT_AVRO_DOUBLE,
		[KT_AVRO_STRING] = 1u << KT_AVRO_BYTES,
		[KT_AVRO_BYTES] = 1u << KT_AVRO_STRING,
	};
	return writer < KT_LEN(to) && to[writer] & 1u << reader;
}

void kt_avro_describe(struct kt_buf *out, const struct kt_avro_type *type)
{
	char quoted[80];
	kt_buf_adds(out, kt_avro_kinds[type->kind]);
	if (type->name)
		kt_buf_addf(out, " %s",
			kt_quote(quoted, sizeof(quoted), (struct kt_bytes){type->name, strlen(type->name)}));
	if (type->kind == KT_AVRO_FIXED)
		kt_buf_addf(out, " of %u bytes", type->size);
	if (type->logical == KT_AVRO_DECIMAL)
		kt_buf_addf(out, " (decimal with scale %u)", type->scale);
}

static bool fits(const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	if (writer->logical == KT_AVRO_DECIMAL && reader->logical == KT_AVRO_DECIMAL && writer->scale != reader->scale)
		return false;
	if (writer->kind != reader->kind)
		return promotes(writer->kind, reader->kind);
	if (writer->kind == KT_AVRO_FIXED && writer->size != reader->size)
		return false;
	return (writer->kind != KT_AVRO_ENUM && writer->kind != KT_AVRO_FIXED) || has_name(writer, reader);
}

bool kt_avro_fits(const struct kt_avro_type *writer, const struct kt_avro_type *reader, struct kt_buf *why)
{
	if (fits(writer, reader))
		return true;
	if (why) {
		kt_buf_adds(why, "the data has ");
		kt_avro_describe(why, writer);
		kt_buf_adds(why, ", the reader's schema ");
		kt_avro_describe(why, reader);
	}
	return false;
}

/* The writer's fields that have one of the names: each goes to the field of the reader that the name stands for, unless
 * that has one. */
static void assign(uint32_t *sources, bool *taken, const struct kt_avro_type *writer, struct kt_idmap *names)
{
	for (uint32_t k = 0; k < writer->n; k++) {
		if (taken[k])
			continue;
		const char *name = writer->fields[k].name;
		struct kt_uuid id = kt_idmap_name(names, name, strlen(name));
		const uint32_t *field = kt_idmap_get(names, &id);
		if (!field || sources[*field] != KT_AVRO_NONE)
			continue;
		sources[*field] = k;
		taken[k] = true;
	}
}

/* The first field that claims a name has it. */
static void add_name(struct kt_idmap *names, const char *name, uint32_t field)
{
	struct kt_uuid id = kt_idmap_name(names, name, strlen(name));
	uint32_t *known = kt_idmap_put(names, &id);
	if (*known == KT_IDMAP_NEW)
		*known = field;
}

/* Direct names before aliases. The names are looked up, and those of the reader: a writer's schema from a message can
 * have a great many. */
uint32_t kt_avro_sources(uint32_t *sources, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	kt_auto(kt_free_ptr) bool *taken = kt_calloc(writer->n + 1, sizeof(*taken));
	kt_auto(kt_idmap_fini) struct kt_idmap names = {0}, aliases = {0};
	uint32_t missing = KT_AVRO_NONE;
	for (uint32_t i = 0; i < reader->n; i++) {
		sources[i] = KT_AVRO_NONE;
		add_name(&names, reader->fields[i].name, i);
	}
	assign(sources, taken, writer, &names);
	for (uint32_t i = 0; i < reader->n; i++)
		for (uint32_t k = 0; sources[i] == KT_AVRO_NONE && k < reader->fields[i].aliases.n; k++)
			add_name(&aliases, reader->fields[i].aliases.v[k], i);
	if (aliases.n)
		assign(sources, taken, writer, &aliases);
	for (uint32_t i = 0; i < reader->n && missing == KT_AVRO_NONE; i++)
		if (sources[i] == KT_AVRO_NONE && !reader->fields[i].fallback.data)
			missing = i;
	return missing;
}

/* Whether data of the type can be read at all, but for what depends on the data: branches, symbols, items. */
static bool field_fits(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	if (writer == reader || writer->kind == KT_AVRO_UNION)
		return true;
	if (reader->kind == KT_AVRO_UNION)
		return kt_avro_branch(resolver, writer, reader) != KT_AVRO_NONE;
	return fits(writer, reader) && (writer->kind != KT_AVRO_RECORD || record_fits(resolver, writer, reader));
}

static bool fields_fit(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	kt_auto(kt_free_ptr) uint32_t *sources = kt_calloc(reader->n + 1, sizeof(*sources));
	bool fine = kt_avro_sources(sources, writer, reader) == KT_AVRO_NONE;
	for (uint32_t i = 0; fine && i < reader->n; i++)
		fine = sources[i] == KT_AVRO_NONE ||
		       field_fits(resolver, writer->fields[sources[i]].type, reader->fields[i].type);
	return fine;
}

/* A record inside itself fits as far as the rest of it does. */
static bool record_fits(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	const struct kt_uuid pair = kt_avro_pair(writer, reader);
	uint32_t *known = kt_idmap_put(&resolver->records, &pair);
	if (*known != KT_IDMAP_NEW || resolver->depth == DEPTH)
		return *known != 0;
	*known = 1;
	resolver->depth++;
	bool fine = fields_fit(resolver, writer, reader);
	resolver->depth--;
	*kt_idmap_put(&resolver->records, &pair) = fine;
	return fine;
}

/* Of a type's name in a union, with its namespace or without; the names of all unions are in one map. */
static struct kt_uuid branch_id(struct kt_avro_resolver *resolver, const struct kt_avro_type *reader,
	enum kt_avro_kind kind, const char *name, bool full)
{
	struct kt_uuid id = kt_idmap_name(&resolver->names, name, strlen(name));
	id.low ^= (uint64_t)reader->id << 32 | kind << 1 | full;
	return id;
}

static void add_branch_name(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *reader, uint32_t i, const char *name, bool full)
{
	struct kt_uuid id = branch_id(resolver, reader, reader->fields[i].type->kind, name, full);
	uint32_t *known = kt_idmap_put(&resolver->names, &id);
	*known = *known == KT_IDMAP_NEW ? i : *known;
}

/* The names and aliases of a union's branches, once. */
static void add_branches(struct kt_avro_resolver *resolver, const struct kt_avro_type *reader)
{
	const struct kt_uuid all = kt_avro_pair(reader, NULL);
	uint32_t *known = kt_idmap_put(&resolver->names, &all);
	if (*known != KT_IDMAP_NEW)
		return;
	*known = 0;
	for (uint32_t i = 0; i < reader->n; i++) {
		const struct kt_avro_type *branch = reader->fields[i].type;
		if (branch->name) {
			add_branch_name(resolver, reader, i, branch->name, true);
			add_branch_name(resolver, reader, i, base_name(branch->name), false);
		}
		for (uint32_t k = 0; branch->name && k < branch->aliases.n; k++) {
			const char *alias = branch->aliases.v[k];
			int space = strchr(alias, '.') ? 0 : (int)(base_name(branch->name) - branch->name);
			kt_auto(kt_free_ptr) char *full = kt_asprintf("%.*s%s", space, branch->name, alias);
			add_branch_name(resolver, reader, i, full, true);
		}
	}
}

/* The first branch that has the full name, also as an alias; or, in a large union, the name without its namespace. */
static uint32_t branch_by_name(struct kt_avro_resolver *resolver, const struct kt_avro_type *writer,
	const struct kt_avro_type *reader, bool full)
{
	if (reader->n > FEW_BRANCHES) {
		add_branches(resolver, reader);
		struct kt_uuid id =
			branch_id(resolver, reader, writer->kind, full ? writer->name : base_name(writer->name), full);
		const uint32_t *known = kt_idmap_get(&resolver->names, &id);
		return known ? *known : KT_AVRO_NONE;
	}
	for (uint32_t i = 0; full && i < reader->n; i++)
		if (reader->fields[i].type->kind == writer->kind && has_full_name(writer, reader->fields[i].type))
			return i;
	return KT_AVRO_NONE;
}

/* Among the branches whose data can be read, one that has the name is preferred, else it is the first. */
static uint32_t branch_that_fits(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	bool record = writer->kind == KT_AVRO_RECORD, named = false;
	bool enough = reader->n > FEW_BRANCHES && branch_by_name(resolver, writer, reader, false) == KT_AVRO_NONE;
	uint32_t found = KT_AVRO_NONE;
	for (uint32_t i = 0; i < reader->n && !named && !(enough && found != KT_AVRO_NONE); i++) {
		const struct kt_avro_type *branch = reader->fields[i].type;
		if (branch->kind != writer->kind)
			continue;
		if (++resolver->pairs > KT_AVRO_PAIRS_MAX)
			return KT_AVRO_NONE;
		named = has_name(writer, branch);
		bool fine = (found == KT_AVRO_NONE || named) &&
			    (record ? record_fits(resolver, writer, branch) : fits(writer, branch));
		named &= fine;
		found = fine ? i : found;
	}
	return found;
}

uint32_t kt_avro_branch(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	uint32_t found = writer->name ? branch_by_name(resolver, writer, reader, true) : KT_AVRO_NONE;
	if (writer->name && found == KT_AVRO_NONE)
		found = branch_that_fits(resolver, writer, reader);
	for (uint32_t i = 0; i < reader->n && found == KT_AVRO_NONE && !writer->name; i++)
		if (reader->fields[i].type->kind == writer->kind)
			found = i;
	for (uint32_t i = 0; i < reader->n && found == KT_AVRO_NONE; i++)
		if (promotes(writer->kind, reader->fields[i].type->kind))
			found = i;
	return found;
}
