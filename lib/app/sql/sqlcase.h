/* Topics whose names differ only in case: SQL takes them for one, and would show the one that it met first.
 *
 *   if (kt_sqlcase_check(&tables, sql, err) < 0)
 *           return -1;
 */
#ifndef KT_SQLCASE_H
#define KT_SQLCASE_H

#include "sqltable.h"

/* Looks at the names of the first statement of sql that stand where a table's may. Those that would be a table of
 * another topic are KT_USAGE; only then a broker is asked. */
int kt_sqlcase_check(const struct kt_sqltables *tables, const char *sql, struct kt_err *err) kt_must_check;

#endif
