/* Topics whose names differ only in case: SQL takes them for one, and would show the one that it met first.
 *
 *   if (kt_sqlcase_check(&tables, sql, err) < 0)
 *           return -1;
 */
#ifndef KT_SQLCASE_H
#define KT_SQLCASE_H

#include "sqltable.h"

/* What of a statement's text has not been looked at; begins as {.at = sql}. */
struct kt_sqlcase {
	const char *at;
	bool table; /* what comes next stands where a table's name may */
};

/* The next word, sign or name (without its quotes) of the first statement that stands where a table's name may,
 * borrowed from the text; false: there is none any more. */
bool kt_sqlcase_next(struct kt_sqlcase *scan, struct kt_bytes *name);

/* Looks at the names of the first statement of sql that stand where a table's may. Those that would be a table of
 * another topic are KT_USAGE; only then a broker is asked. */
int kt_sqlcase_check(const struct kt_sqltables *tables, const char *sql, struct kt_err *err) kt_must_check;

#endif
