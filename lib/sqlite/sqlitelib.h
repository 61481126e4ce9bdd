/* SQLite, loaded by the first command that needs it: every function of it that is called here, as a pointer.
 *
 *   if (kt_sqlite_load(err) < 0)
 *           return -1;
 *   kt_sqlite.open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL)
 *
 * For sources that are only compiled where SQLite was found: others stand in for them in a kt without it.
 */
#ifndef KT_SQLITELIB_H
#define KT_SQLITELIB_H

#include <sqlite3.h>

#include "err.h"

/* clang-format off */
#define KT_SQLITE_FUNCTIONS(F) \
	F(bind_blob64) F(bind_double) F(bind_int) F(bind_int64) F(bind_null) F(bind_text64) F(bind_value) \
	F(busy_handler) F(busy_timeout) F(changes) F(close) F(column_blob) F(column_bytes) F(column_count) F(column_double) \
	F(column_int) F(column_int64) F(column_name) F(column_text) F(column_type) F(column_value) F(complete) F(create_function_v2) \
	F(create_module_v2) F(db_config) F(declare_vtab) F(errmsg) F(error_offset) F(exec) F(extended_errcode) F(finalize) F(free) \
	F(malloc64) F(mprintf) F(open_v2) F(prepare_v2) F(progress_handler) F(reset) F(result_blob64) \
	F(result_double) F(result_error) F(result_int64) F(result_null) F(result_text64) F(result_value) \
	F(set_authorizer) F(step) F(user_data) F(value_blob) F(value_bytes) F(value_double) F(value_int64) \
	F(value_numeric_type) F(value_text) F(value_type) F(vtab_collation) F(vtab_in) F(vtab_in_first) F(vtab_in_next)
/* clang-format on */

struct kt_sqlitelib {
#define KT_SQLITE_DECLARE(name) __typeof__(sqlite3_##name) *name;
	KT_SQLITE_FUNCTIONS(KT_SQLITE_DECLARE)
#undef KT_SQLITE_DECLARE
};
extern struct kt_sqlitelib kt_sqlite;

/* Once per process is enough. KT_FAILED with the package that the library is in. */
int kt_sqlite_load(struct kt_err *err) kt_must_check;

/* A blob, copied, or null. */
void kt_sqlite_bind_bytes(sqlite3_stmt *statement, int at, struct kt_bytes bytes);

#endif
