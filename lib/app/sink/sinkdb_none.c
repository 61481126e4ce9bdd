/* A kt without SQLite. */
#include "sinkdb.h"

int kt_sinkdb_open(struct kt_sinkdb **out, const struct kt_sinkdb_how *how, struct kt_err *err)
{
	(void)out;
	(void)how;
	kt_err_set(err, KT_USAGE, "this kt was built without SQLite");
	return kt_err_hint(err, "with its headers (libsqlite3-dev) there, Meson builds it in");
}

struct kt_sinkstore kt_sinkdb_store(struct kt_sinkdb *db)
{
	(void)db;
	return (struct kt_sinkstore){0};
}

const struct kt_sinkplace *kt_sinkdb_places(const struct kt_sinkdb *db, size_t *n)
{
	(void)db;
	*n = 0;
	return NULL;
}

int kt_sinkdb_import(
	struct kt_sinkdb *db, const char *path, const struct kt_owner *owner, int64_t *rows, struct kt_err *err)
{
	(void)db;
	(void)path;
	(void)owner;
	(void)rows;
	(void)err;
	return -1;
}

void kt_sinkdb_say(const struct kt_sinkdb *db)
{
	(void)db;
}

void kt_sinkdb_close(struct kt_sinkdb *db)
{
	(void)db;
}
