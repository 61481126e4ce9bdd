#include "sqlitelib.h"

#include "dlload.h"

struct kt_sqlitelib kt_sqlite;

int kt_sqlite_load(struct kt_err *err)
{
	static bool loaded;
#define ROW(name) {"sqlite3_" #name, &kt_sqlite.name},
	const struct kt_dlload_row rows[] = {KT_SQLITE_FUNCTIONS(ROW)};
	loaded = loaded || kt_dlload(KT_SONAME_SQLITE3, rows, KT_LEN(rows), err) == 0;
	if (loaded)
		return 0;
	kt_err_wrap(err, "cannot load SQLite");
	return kt_err_hint(err, "the library is in the package libsqlite3-0");
}

void kt_sqlite_bind_bytes(sqlite3_stmt *statement, int at, struct kt_bytes bytes)
{
	if (bytes.data)
		kt_sqlite.bind_blob64(statement, at, bytes.len ? bytes.data : "", bytes.len, SQLITE_STATIC);
	else
		kt_sqlite.bind_null(statement, at);
}
