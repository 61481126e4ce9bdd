/* The query of a request's target, part by part, decoded: a + is a blank, %XX a byte.
 *
 *   struct kt_query q = kt_query_of("/produce/t?key=a%20b&partition=1");
 *   while (kt_query_next(&q))
 *           use(q.name, q.value);
 *   if (q.malformed) … 400 …
 *   kt_query_fini(&q);
 */
#ifndef KT_QUERY_H
#define KT_QUERY_H

#include "buf.h"

#define KT_QUERY_MALFORMED "a % in the query without two digits"

struct kt_query {
	const char *at;            /* what is left */
	struct kt_buf name, value; /* of this part; terminated, too */
	bool malformed;            /* a % without two digits: nothing comes after it */
};

/* Borrows target. */
struct kt_query kt_query_of(const char *target);

/* False at the end. Names and values may be empty. */
bool kt_query_next(struct kt_query *q);

void kt_query_fini(struct kt_query *q);

#endif
