/* In place of sqlitestore.c where SQLite was not found when kt was built. */
#include "sqlitestore.h"

int kt_sqlitestore_open(struct kt_sqlitestore **out, const char *path, struct kt_err *err)
{
	(void)out;
	kt_err_set(err, KT_USAGE, "storing into %s: this kt was built without SQLite", path);
	return kt_err_hint(err, "--store-command can store as well, with sqlite3(1) for example");
}

int kt_sqlitestore_put(struct kt_sqlitestore *store, const struct kt_record *record, struct kt_err *err)
{
	(void)store, (void)record;
	return kt_err_set(err, KT_USAGE, "this kt was built without SQLite");
}

void kt_sqlitestore_close(struct kt_sqlitestore **store)
{
	(void)store;
}
