/* sqlrun.c for sqlprompt.c: a run that goes on after what went wrong. */
#ifndef KT_SQLRUN_OWN_H
#define KT_SQLRUN_OWN_H

#include "sqlrun.h"

/* Whether text is one or more whole statements, a semicolon behind the last. */
bool kt_sqlrun_is_complete(const char *text);

/* Rows are shown so from now on; form: a word of kt_sqlforms, or "" to say which it is. KT_USAGE. */
int kt_sqlrun_form(struct kt_sqlrun *run, const char *form, struct kt_err *err) kt_must_check;

/* Makes a topic or a file a table, unless the database has one of that name. */
int kt_sqlrun_look(struct kt_sqlrun *run, const char *name, struct kt_err *err) kt_must_check;

/* Adds the names of the columns of all tables so far. */
void kt_sqlrun_columns(const struct kt_sqlrun *run, struct kt_strs *out);

/* After Ctrl-C: what comes next is not stopped by it. */
void kt_sqlrun_renew(struct kt_sqlrun *run);

#endif
