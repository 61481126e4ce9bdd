/* Values of a row on their way into SQLite, and names in its statements. */
#ifndef KT_SQLVALUE_H
#define KT_SQLVALUE_H

#include "rowvalue.h"
#include "sqlitelib.h"

/* As the value of a parameter of a statement, or of a function; copied. */
void kt_rowvalue_bind(const struct kt_rowvalue *v, sqlite3_stmt *statement, int at);
void kt_rowvalue_result(const struct kt_rowvalue *v, sqlite3_context *context);

/* As bind, but text is borrowed until the statement is reset and another value bound. */
void kt_rowvalue_lend(const struct kt_rowvalue *v, sqlite3_stmt *statement, int at);

/* "name", for SQL. */
void kt_sql_quote(struct kt_buf *out, const char *name);

#endif
