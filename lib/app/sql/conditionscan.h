/* The text of a condition on records: SQL, in which "$.a.b" stands for a field of the value, and _offset and the like
 * for what the record has of its own.
 *
 *   kt_auto(kt_conditionscan_fini) struct kt_conditionscan scan = {0};
 *   if (kt_conditionscan(&scan, "$.temperature > 30 AND _key = 'a'", err) < 0)
 *           return -1;
 *   … scan.sql: SELECT (?1 > 30 AND ?2 = 'a'): scan.terms says what the parameters are …
 */
#ifndef KT_CONDITIONSCAN_H
#define KT_CONDITIONSCAN_H

#include "jsoncolumns.h"
#include "list.h"

struct kt_conditionscan {
	struct kt_buf sql;
	struct kt_jsoncolumns columns; /* the fields */
	int *terms;                    /* of parameter i + 1: a column's number, or -1 - one of enum kt_own */
	size_t n, cap;
};

/* KT_USAGE: a path that is none, or parameters of the condition's own. */
int kt_conditionscan(struct kt_conditionscan *scan, const char *text, struct kt_err *err) kt_must_check;

void kt_conditionscan_fini(struct kt_conditionscan *scan);

#endif
