/* Conditions on records (kt consume --where): whether a record counts, by what SQLite makes of an expression.
 *
 *   struct kt_condition *where = NULL;
 *   if (kt_condition_open(&where, "$.temperature > 30", err) < 0)
 *           return -1;
 *   … kt_condition_takes(where, &record) …                          its value is JSON, or else its fields are NULL
 *   kt_condition_close(&where);
 */
#ifndef KT_CONDITION_H
#define KT_CONDITION_H

#include "err.h"
#include "record.h"
#include "stop.h"

struct kt_condition;

/* KT_USAGE for what is no expression; also in a kt without SQLite. */
int kt_condition_open(struct kt_condition **out, const char *text, struct kt_err *err) kt_must_check;

/* An expression that does not come to an end is given up when this is stopped, as for a signal. Borrowed. */
void kt_condition_stop(struct kt_condition *where, const struct kt_stop *stop);

/* Whether it needs the records' headers. */
bool kt_condition_wants_headers(const struct kt_condition *where);

/* Whether the expression is true: not false, not NULL, and not in error. */
bool kt_condition_takes(struct kt_condition *where, const struct kt_record *record);

/* Whether the last record's answer is none, as the expression was given up. */
bool kt_condition_is_stopped(const struct kt_condition *where);

/* Says how many values were no JSON, and where the expression failed. For kt_auto(). */
void kt_condition_close(struct kt_condition **where);

#endif
