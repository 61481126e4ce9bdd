/* Which schemas there were, and how many records of each: what --schema-only and --stats print.
 *
 *   kt_auto(kt_schemasums_fini) struct kt_schemasums sums = {.schemas = opts->schema_only, .json = opts->json};
 *   kt_schemasums_count(&sums, out, &datum);                                                   for each datum
 *   kt_schemasums_print(&sums, out, terminal);                                                 at the end
 *   … sums.n schemas, or names of records of a schema …
 */
#ifndef KT_SCHEMASUMS_H
#define KT_SCHEMASUMS_H

#include "decode.h"
#include "idmap.h"

struct kt_schemasum;

struct kt_schemasums {
	bool schemas; /* schemas are printed when they are met, whatever their records are called */
	bool json;    /* with fingerprints and the canonical form; sums as objects */
	/* The rest is schemasums.c's own. */
	struct kt_schemasum *v; /* in the order in which they were met */
	size_t n, size;
	struct kt_idmap by_key;
	struct kt_buf key;
};

/* Counts a datum, or, datum->met, only notes its schema. With schemas a new one is appended to out, in a line. */
void kt_schemasums_count(struct kt_schemasums *s, struct kt_buf *out, const struct kt_datum *datum);

/* Appends the sums as a table, or as lines of JSON. aligned: for a terminal. */
void kt_schemasums_print(const struct kt_schemasums *s, struct kt_buf *out, bool aligned);

void kt_schemasums_fini(struct kt_schemasums *s);

#endif
