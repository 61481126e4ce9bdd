#include "sqlitestore.h"

#include "mem.h"
#include "sqlitelib.h"

struct kt_sqlitestore {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *put, *get;
};

static int fail(const struct kt_sqlitestore *s, struct kt_err *err)
{
	return kt_err_set(
		err, KT_FAILED, "storing into %s: %s", s->path, s->db ? kt_sqlite.errmsg(s->db) : "no memory");
}

static const char table[] = "CREATE TABLE IF NOT EXISTS records ("
			    "topic TEXT NOT NULL, partition INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, "
			    "key BLOB, value BLOB, PRIMARY KEY (topic, partition, \"offset\"))";
static const char put[] = "INSERT OR IGNORE INTO records (topic, partition, \"offset\", key, value) "
			  "VALUES (?, ?, ?, ?, ?)";
static const char get[] = "SELECT value FROM records WHERE topic = ? AND partition = ? AND \"offset\" = ?";

/* Another process that makes the table at the same moment is waited for, this once. */
enum { OPEN_MS = 2000 };

int kt_sqlitestore_open(struct kt_sqlitestore **out, const char *path, struct kt_err *err)
{
	if (kt_sqlite_load(err) < 0)
		return -1;
	kt_auto(kt_sqlitestore_close) struct kt_sqlitestore *s = kt_calloc(1, sizeof(*s));
	s->path = path;
	if (kt_sqlite.open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return fail(s, err);
	kt_sqlite.busy_timeout(s->db, OPEN_MS);
	if (kt_sqlite.exec(s->db, table, NULL, NULL, NULL) != SQLITE_OK ||
		kt_sqlite.prepare_v2(s->db, put, -1, &s->put, NULL) != SQLITE_OK ||
		kt_sqlite.prepare_v2(s->db, get, -1, &s->get, NULL) != SQLITE_OK)
		return fail(s, err);
	kt_sqlite.busy_timeout(s->db, 0);
	*out = kt_steal(s);
	return 0;
}

static void bind_key(sqlite3_stmt *statement, const struct kt_record *r)
{
	kt_sqlite.reset(statement);
	kt_sqlite.bind_text64(statement, 1, r->topic.data, r->topic.len, SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_int(statement, 2, r->partition);
	kt_sqlite.bind_int64(statement, 3, r->offset);
}

static bool is_same(sqlite3_stmt *row, struct kt_bytes value)
{
	if (kt_sqlite.column_type(row, 0) == SQLITE_NULL || !value.data)
		return kt_sqlite.column_type(row, 0) == SQLITE_NULL && !value.data;
	size_t len = (size_t)kt_sqlite.column_bytes(row, 0);
	return len == value.len && (!len || !memcmp(kt_sqlite.column_blob(row, 0), value.data, len));
}

static int compare(struct kt_sqlitestore *s, const struct kt_record *r, struct kt_err *err)
{
	bind_key(s->get, r);
	int code = kt_sqlite.step(s->get);
	bool same = code == SQLITE_ROW && is_same(s->get, r->value);
	kt_sqlite.reset(s->get);
	if (code == SQLITE_BUSY)
		return KT_STORED_BUSY;
	if (code != SQLITE_ROW)
		return fail(s, err);
	if (same)
		return KT_STORED_BEFORE;
	kt_err_set(err, KT_FAILED, "%s holds another value for %.*s [%d] offset %lld", s->path, (int)r->topic.len,
		r->topic.data, (int)r->partition, (long long)r->offset);
	return kt_err_hint(err, "it is from another cluster, or from a topic that was recreated: use another file");
}

int kt_sqlitestore_put(struct kt_sqlitestore *s, const struct kt_record *r, struct kt_err *err)
{
	bind_key(s->put, r);
	kt_sqlite_bind_bytes(s->put, 4, r->key);
	kt_sqlite_bind_bytes(s->put, 5, r->value);
	int code = kt_sqlite.step(s->put);
	int changed = kt_sqlite.changes(s->db);
	if (code == SQLITE_BUSY) {
		kt_sqlite.reset(s->put);
		return KT_STORED_BUSY;
	}
	if (code != SQLITE_DONE) {
		fail(s, err);
		kt_sqlite.reset(s->put);
		return -1;
	}
	kt_sqlite.reset(s->put);
	return changed ? KT_STORED_NEW : compare(s, r, err);
}

void kt_sqlitestore_close(struct kt_sqlitestore **at)
{
	struct kt_sqlitestore *s = *at;
	if (!s)
		return;
	kt_sqlite.finalize(s->put);
	kt_sqlite.finalize(s->get);
	kt_sqlite.close(s->db);
	free(s);
	*at = NULL;
}
