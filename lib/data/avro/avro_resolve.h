/* What of a writer's schema stands for what of a reader's: the rules of schema resolution. For avro_compile.c.
 *
 *   if (kt_avro_schema_parse(&reader, text, len, err) < 0 || kt_avro_check_reader(reader, err) < 0)   (avro_check.h)
 *           return -1;
 *   … kt_avro_printer_resolve(&program, writer, reader, &how, err) …                              (avro_printer.h)
 *
 * By the specification, and where that leaves it open as Apache Avro for Java does it: the names of records are not
 * compared, those of enums and fixed without their namespaces; a union's branch is the one of the same full name, else
 * the first record whose fields can be read (rather one of the same name), else the first type that the data's can be
 * promoted to. Beyond Java: aliases of fields count whatever the records are called, and two decimals must have the
 * same scale.
 */
#ifndef KT_AVRO_RESOLVE_H
#define KT_AVRO_RESOLVE_H

#include "avro_schema.h"
#include "idmap.h"

#define KT_AVRO_NONE UINT32_MAX

/* So many pairs of branches without a name in common are compared, of one pair of schemas: the time for it would grow
 * with the square of their number. */
enum { KT_AVRO_PAIRS_MAX = 250000 };

/* Remembers which records can be read as which. Starts as {0}. */
struct kt_avro_resolver {
	struct kt_idmap records;
	struct kt_idmap names; /* of the branches of large unions */
	unsigned depth;
	int64_t pairs; /* more than KT_AVRO_PAIRS_MAX: what was found since is not to be relied on */
};

void kt_avro_resolver_fini(struct kt_avro_resolver *resolver);

/* A pair of types as the key of a map. */
struct kt_uuid kt_avro_pair(const struct kt_avro_type *writer, const struct kt_avro_type *reader);

/* Whether data of one type can be read as the other, neither of which is a union, as far as that can be said without
 * looking into them. If not, the reason is appended to why, which may be NULL. */
bool kt_avro_fits(const struct kt_avro_type *writer, const struct kt_avro_type *reader, struct kt_buf *why);

/* Appends what a type is, in words: int; enum "a.E"; fixed "F" of 4 bytes. */
void kt_avro_describe(struct kt_buf *out, const struct kt_avro_type *type);

/* The branch of a reader's union for data of a type that is none, or KT_AVRO_NONE. */
uint32_t kt_avro_branch(
	struct kt_avro_resolver *resolver, const struct kt_avro_type *writer, const struct kt_avro_type *reader);

/* Of two records: sources[i] becomes which of the writer's fields the reader's field i is, or KT_AVRO_NONE where it has
 * to take its default. Returns the first field that has neither, or KT_AVRO_NONE. */
uint32_t kt_avro_sources(uint32_t *sources, const struct kt_avro_type *writer, const struct kt_avro_type *reader);

#endif
