#include "avro_path.h"

#include "jsonfind.h"
#include "mem.h"

/* The types that a path can have led to so far, each once. */
struct front {
	const struct kt_avro_type **v;
	bool *has; /* by the id of the type */
	size_t n;
};

/* Unions stand for their branches. */
static void add(struct front *front, const struct kt_avro_type *type)
{
	if (front->has[type->id])
		return;
	front->has[type->id] = true;
	if (type->kind != KT_AVRO_UNION)
		front->v[front->n++] = type;
	for (uint32_t i = 0; type->kind == KT_AVRO_UNION && i < type->n; i++)
		add(front, type->fields[i].type);
}

static void add_field(struct front *front, const struct kt_avro_type *record, struct kt_bytes name)
{
	for (uint32_t i = 0; i < record->n; i++)
		if (strlen(record->fields[i].name) == name.len && !memcmp(record->fields[i].name, name.data, name.len))
			add(front, record->fields[i].type);
}

/* name: data NULL: an element of a list. */
static void go(struct front *to, const struct front *from, struct kt_bytes name)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct kt_avro_type *type = from->v[i];
		if (type->kind == KT_AVRO_RECORD && name.data)
			add_field(to, type, name);
		else if (type->kind == (name.data ? KT_AVRO_MAP : KT_AVRO_ARRAY))
			add(to, type->fields[0].type);
	}
}

static struct front new_front(const struct kt_avro_schema *schema)
{
	return (struct front){.v = kt_calloc(schema->n_types, sizeof(const struct kt_avro_type *)),
		.has = kt_calloc(schema->n_types, sizeof(bool))};
}

static void fini(struct front *front)
{
	free(front->v);
	free(front->has);
}

bool kt_avro_has_path(const struct kt_avro_schema *schema, const char *path)
{
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	kt_auto(fini) struct front front = new_front(schema);
	add(&front, schema->root);
	for (bool first = true; *path && front.n; first = false) {
		struct kt_bytes name;
		int64_t index;
		struct front next = new_front(schema);
		size_t len = kt_json_step(path, first, &name, &index, &scratch);
		if (len)
			go(&next, &front, name);
		fini(&front);
		front = next;
		path += len ? len : strlen(path);
	}
	return front.n > 0;
}
