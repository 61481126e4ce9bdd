/* The Parsing Canonical Form of a schema, and its fingerprint. */
#include "avro_schema.h"
#include "json.h"
#include "mem.h"

static void add_type(struct kt_buf *out, const struct kt_avro_type *type, bool *named);

static void add_text(struct kt_buf *out, const char *text)
{
	kt_json_string(out, text, strlen(text));
}

/* A list of what each of a type's parts adds. */
static void add_list(struct kt_buf *out, const struct kt_avro_type *type, bool *named)
{
	kt_buf_addc(out, '[');
	for (uint32_t i = 0; i < type->n; i++) {
		if (i)
			kt_buf_addc(out, ',');
		if (type->kind == KT_AVRO_ENUM) {
			add_text(out, type->symbols[i]);
			continue;
		}
		if (type->fields[i].name) {
			kt_buf_adds(out, "{\"name\":");
			add_text(out, type->fields[i].name);
			kt_buf_adds(out, ",\"type\":");
		}
		add_type(out, type->fields[i].type, named);
		if (type->fields[i].name)
			kt_buf_addc(out, '}');
	}
	kt_buf_addc(out, ']');
}

/* The first time as its definition, later as its name. */
static void add_named(struct kt_buf *out, const struct kt_avro_type *type, bool *named)
{
	if (named[type->id]) {
		add_text(out, type->name);
		return;
	}
	named[type->id] = true;
	kt_buf_adds(out, "{\"name\":");
	add_text(out, type->name);
	kt_buf_addf(out, ",\"type\":\"%s\"", kt_avro_kinds[type->kind]);
	if (type->kind == KT_AVRO_FIXED) {
		kt_buf_addf(out, ",\"size\":%u", type->size);
	} else {
		kt_buf_adds(out, type->kind == KT_AVRO_ENUM ? ",\"symbols\":" : ",\"fields\":");
		add_list(out, type, named);
	}
	kt_buf_addc(out, '}');
}

static void add_type(struct kt_buf *out, const struct kt_avro_type *type, bool *named)
{
	if (type->name) {
		add_named(out, type, named);
	} else if (type->kind == KT_AVRO_UNION) {
		add_list(out, type, named);
	} else if (type->kind == KT_AVRO_ARRAY || type->kind == KT_AVRO_MAP) {
		kt_buf_adds(out, type->kind == KT_AVRO_ARRAY ? "{\"type\":\"array\",\"items\":"
							     : "{\"type\":\"map\",\"values\":");
		add_type(out, type->fields[0].type, named);
		kt_buf_addc(out, '}');
	} else {
		add_text(out, kt_avro_kinds[type->kind]);
	}
}

void kt_avro_canonical(struct kt_buf *out, const struct kt_avro_schema *schema)
{
	kt_auto(kt_free_ptr) bool *named = kt_calloc(schema->n_types, sizeof(*named));
	add_type(out, schema->root, named);
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
