/* The Parsing Canonical Form of a schema, and its fingerprint. */
#include "avro_schema.h"
#include "jsonout.h"
#include "mem.h"

static void add_type(struct kt_buf *out, const char *name, const struct kt_avro_type *type, bool *named);

/* A list of what each of a type's parts adds. name NULL: of a union. */
static void add_list(struct kt_buf *out, const char *name, const struct kt_avro_type *type, bool *named)
{
	kt_jsonout_begin(out, name, '[');
	for (uint32_t i = 0; i < type->n; i++) {
		if (type->kind == KT_AVRO_ENUM) {
			kt_jsonout_text(out, NULL, type->symbols[i]);
		} else if (!type->fields[i].name) {
			add_type(out, NULL, type->fields[i].type, named);
		} else {
			kt_jsonout_begin(out, NULL, '{');
			kt_jsonout_text(out, "name", type->fields[i].name);
			add_type(out, "type", type->fields[i].type, named);
			kt_jsonout_end(out, '}');
		}
	}
	kt_jsonout_end(out, ']');
}

/* The first time as its definition, later as its name. */
static void add_named(struct kt_buf *out, const char *name, const struct kt_avro_type *type, bool *named)
{
	if (named[type->id]) {
		kt_jsonout_text(out, name, type->name);
		return;
	}
	named[type->id] = true;
	kt_jsonout_begin(out, name, '{');
	kt_jsonout_text(out, "name", type->name);
	kt_jsonout_text(out, "type", kt_avro_kinds[type->kind]);
	if (type->kind == KT_AVRO_FIXED)
		kt_jsonout_i64(out, "size", type->size);
	else
		add_list(out, type->kind == KT_AVRO_ENUM ? "symbols" : "fields", type, named);
	kt_jsonout_end(out, '}');
}

/* As a member of that name; NULL: an element, or the whole. */
static void add_type(struct kt_buf *out, const char *name, const struct kt_avro_type *type, bool *named)
{
	if (type->name) {
		add_named(out, name, type, named);
	} else if (type->kind == KT_AVRO_UNION) {
		add_list(out, name, type, named);
	} else if (type->kind == KT_AVRO_ARRAY || type->kind == KT_AVRO_MAP) {
		kt_jsonout_begin(out, name, '{');
		kt_jsonout_text(out, "type", kt_avro_kinds[type->kind]);
		add_type(out, type->kind == KT_AVRO_ARRAY ? "items" : "values", type->fields[0].type, named);
		kt_jsonout_end(out, '}');
	} else {
		kt_jsonout_text(out, name, kt_avro_kinds[type->kind]);
	}
}

void kt_avro_canonical(struct kt_buf *out, const struct kt_avro_schema *schema)
{
	kt_auto(kt_free_ptr) bool *named = kt_calloc(schema->n_types, sizeof(*named));
	add_type(out, NULL, schema->root, named);
}

uint64_t kt_avro_rabin(const void *data, size_t len)
{
	static const uint64_t polynomial = 0xc15d213aa4d7a795;
	uint64_t fingerprint = polynomial;
	for (const unsigned char *at = data; len; at++, len--) {
		fingerprint ^= *at;
		for (int bit = 0; bit < 8; bit++)
			fingerprint = fingerprint >> 1 ^ (fingerprint & 1 ? polynomial : 0);
	}
	return fingerprint;
}
