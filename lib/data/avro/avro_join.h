/* Schemas of which one refers to types of another: put together to one that stands alone.
 *
 *   kt_auto(kt_avro_pool_fini) struct kt_avro_pool pool = {0};
 *   if (kt_avro_pool_add(&pool, address.data, address.len, err) < 0 ||
 *       kt_avro_pool_join(&pool, &whole, user.data, user.len, err) < 0)
 *           return -1;
 *
 * Each named type that a schema does not define itself is put where its name comes first, from whichever text of the
 * pool defines it; of several the one that was added first.
 */
#ifndef KT_AVRO_JOIN_H
#define KT_AVRO_JOIN_H

#include "avro_schema.h"
#include "idmap.h"

struct kt_avro_definition {
	uint32_t text; /* of the pool */
	uint32_t node; /* in its tree */
	char *space;   /* the namespace around it */
};

struct kt_avro_definitions {
	struct kt_idmap names; /* full ones */
	struct kt_avro_definition *v;
	size_t n, cap;
};

struct kt_avro_pool {
	struct kt_jsontree *texts;
	size_t n, cap;
	struct kt_avro_definitions known;
	bool *wanted; /* by text: something of it was put into another */
	size_t wanted_cap;
};

/* Text n of the pool. KT_FAILED when it is not JSON. */
int kt_avro_pool_add(struct kt_avro_pool *pool, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* Appends the schema in one piece; a name that nobody defines stays as it is. The text may be one of the pool's, too.
 * KT_FAILED for what is not JSON, or becomes too large. */
int kt_avro_pool_join(
	struct kt_avro_pool *pool, struct kt_buf *out, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_avro_pool_fini(struct kt_avro_pool *pool);

#endif
