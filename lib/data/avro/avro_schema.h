/* Avro schemas: from their JSON to a checked graph of types in which every name is resolved.
 *
 *   struct kt_avro_schema *schema;
 *   if (kt_avro_schema_parse(&schema, text, len, err) < 0)
 *           return -1;
 *   const struct kt_avro_type *type = schema->root;      type->kind, type->fields[i].name, …
 *   kt_avro_schema_free(schema);
 *
 * Text from outside: bounded in size and depth, everything checked that decoding relies on. What decoding does not need
 * (defaults, sort orders, what names are made of, comments in the JSON) is not judged: data that another library wrote
 * can be read. Writers ask kt_avro_check_writer() too (avro_check.h).
 */
#ifndef KT_AVRO_SCHEMA_H
#define KT_AVRO_SCHEMA_H

#include "buf.h"
#include "err.h"
#include "jsontree.h"

enum {
	KT_AVRO_SCHEMA_MAX = 4 << 20, /* bytes of a schema's text */
	KT_AVRO_SCHEMA_DEPTH = 200,   /* types within types */
	KT_AVRO_NAME_MAX = 1000,      /* bytes of a full name, which is repeated where it is used */
	KT_AVRO_FIXED_MAX = 1 << 30,  /* bytes of a fixed */
};

enum kt_avro_kind {
	KT_AVRO_NULL,
	KT_AVRO_BOOLEAN,
	KT_AVRO_INT,
	KT_AVRO_LONG,
	KT_AVRO_FLOAT,
	KT_AVRO_DOUBLE,
	KT_AVRO_BYTES,
	KT_AVRO_STRING, /* the last of the primitive types */
	KT_AVRO_RECORD,
	KT_AVRO_ENUM,
	KT_AVRO_FIXED, /* the last of the named types */
	KT_AVRO_ARRAY,
	KT_AVRO_MAP,
	KT_AVRO_UNION,
};

/* "null", "boolean", …: the words of the specification, by kind. */
extern const char *const kt_avro_kinds[];

/* Logical types that fit the type they are put on; any other is none, as the specification wants it. */
enum kt_avro_logical {
	KT_AVRO_PLAIN,
	KT_AVRO_DECIMAL,
	KT_AVRO_UUID,
	KT_AVRO_DATE,
	KT_AVRO_TIME_MILLIS,
	KT_AVRO_TIME_MICROS,
	KT_AVRO_TIMESTAMP_MILLIS,
	KT_AVRO_TIMESTAMP_MICROS,
	KT_AVRO_TIMESTAMP_NANOS,
	KT_AVRO_LOCAL_MILLIS,
	KT_AVRO_LOCAL_MICROS,
	KT_AVRO_LOCAL_NANOS,
	KT_AVRO_DURATION,
	KT_AVRO_BIG_DECIMAL, /* of Avro 1.12: each value has a scale of its own */
};

struct kt_avro_type;

/* Those of a list that are text. */
struct kt_avro_aliases {
	const char **v;
	uint32_t n;
};

struct kt_avro_field {
	const char *name; /* NULL: a branch of a union, or the items of an array or map */
	const struct kt_avro_type *type;
	struct kt_bytes
		fallback; /* the default of a record's field, as JSON; data NULL: none. Borrows from the schema */
	struct kt_avro_aliases aliases;
	const struct kt_jsonnode *json; /* of a record's field: what the schema says of it */
};

struct kt_avro_type {
	enum kt_avro_kind kind;
	enum kt_avro_logical logical;
	uint32_t n;         /* fields of a record, branches of a union, symbols of an enum; 1 for array and map */
	uint32_t size;      /* bytes of a fixed */
	uint32_t scale;     /* of a decimal: digits after the point */
	uint32_t precision; /* of a decimal: all digits */
	uint32_t least;     /* no datum of this type is shorter (a lower bound, not always reached) */
	uint32_t id;        /* its place in the schema, below n_types */
	uint32_t uses;      /* how often it is referred to, the place where it is defined included */
	char *name;         /* full name of a record, enum or fixed; else NULL */
	struct kt_avro_field *fields;
	const char **symbols;
	const char *fallback;           /* the default of an enum, one of its symbols or not, or NULL */
	struct kt_avro_aliases aliases; /* of a named type */
	const struct kt_jsonnode *json; /* of a named type: what the schema says of it */
};

struct kt_avro_schema {
	const struct kt_avro_type *root;
	struct kt_avro_type **types; /* each of them once */
	size_t n_types, cap;
	bool loose;              /* somewhere the type of an object is not a name, but a type in an object of its own */
	struct kt_jsontree json; /* what names, symbols and defaults borrow from; json.json is the schema's text */
};

/* KT_FAILED with what is wrong and where: "record a.B: field c: there is no type \"D\"". */
int kt_avro_schema_parse(struct kt_avro_schema **out, const char *text, size_t len, struct kt_err *err) kt_must_check;

void kt_avro_schema_free(struct kt_avro_schema *schema);

/* Whether one of the aliases of a field, or of a type whose full name is `of`, is this name. Aliases of types without a
 * dot are in the type's namespace. */
bool kt_avro_is_alias(const struct kt_avro_aliases *aliases, const char *of, const char *name);

/* The name to show for data of this schema: the full name of a record, enum or fixed, else the kind's word. */
const char *kt_avro_name(const struct kt_avro_type *type);

/* Appends the Parsing Canonical Form. */
void kt_avro_canonical(struct kt_buf *out, const struct kt_avro_schema *schema);

/* CRC-64-AVRO (Rabin) of the bytes: the fingerprint that single-object encoding puts in front, when they are a
 * canonical form. */
uint64_t kt_avro_rabin(const void *data, size_t len);

#endif
