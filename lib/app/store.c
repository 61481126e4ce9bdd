#include "store.h"

#include <sqlite3.h>

#include "mem.h"

struct kt_store {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *put, *get;
};

static int fail(const struct kt_store *s, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "storing into %s: %s", s->path, s->db ? sqlite3_errmsg(s->db) : "no memory");
}

static const char table[] = "CREATE TABLE IF NOT EXISTS records ("
			    "topic TEXT NOT NULL, partition INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, "
			    "key BLOB, value BLOB, PRIMARY KEY (topic, partition, \"offset\"))";
static const char put[] = "INSERT OR IGNORE INTO records (topic, partition, \"offset\", key, value) "
			  "VALUES (?, ?, ?, ?, ?)";
static const char get[] = "SELECT value FROM records WHERE topic = ? AND partition = ? AND \"offset\" = ?";

/* Another process that makes the table at the same moment is waited for, this once. */
enum { OPEN_MS = 2000 };

int kt_store_open(struct kt_store **out, const char *path, struct kt_err *err)
{
	kt_auto(kt_store_close) struct kt_store *s = kt_calloc(1, sizeof(*s));
	s->path = path;
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return fail(s, err);
	sqlite3_busy_timeout(s->db, OPEN_MS);
	if (sqlite3_exec(s->db, table, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db, put, -1, &s->put, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db, get, -1, &s->get, NULL) != SQLITE_OK)
		return fail(s, err);
	sqlite3_busy_timeout(s->db, 0);
	*out = kt_steal(s);
	return 0;
}

static void bind_bytes(sqlite3_stmt *statement, int at, struct kt_bytes bytes)
{
	if (bytes.data)
		sqlite3_bind_blob64(statement, at, bytes.len ? bytes.data : "", bytes.len, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

static void bind_key(sqlite3_stmt *statement, const struct kt_record *r)
{
	sqlite3_reset(statement);
	sqlite3_bind_text64(statement, 1, r->topic.data, r->topic.len, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int(statement, 2, r->partition);
	sqlite3_bind_int64(statement, 3, r->offset);
}

static bool is_same(sqlite3_stmt *row, struct kt_bytes value)
{
	if (sqlite3_column_type(row, 0) == SQLITE_NULL || !value.data)
		return sqlite3_column_type(row, 0) == SQLITE_NULL && !value.data;
	size_t len = (size_t)sqlite3_column_bytes(row, 0);
	return len == value.len && (!len || !memcmp(sqlite3_column_blob(row, 0), value.data, len));
}

static int compare(struct kt_store *s, const struct kt_record *r, struct kt_err *err)
{
	bind_key(s->get, r);
	int code = sqlite3_step(s->get);
	bool same = code == SQLITE_ROW && is_same(s->get, r->value);
	sqlite3_reset(s->get);
	if (code == SQLITE_BUSY)
		return KT_STORED_BUSY;
	if (code != SQLITE_ROW)
		return fail(s, err);
	if (same)
		return KT_STORED_BEFORE;
	kt_err_set(err, KT_FAILED, "%s holds another value for %.*s [%d] offset %lld", s->path, (int)r->topic.len,
		r->topic.data, (int)r->partition, (long long)r->offset);
	return kt_err_hint(err, "it is of another cluster, or of a topic that was created anew: take another file");
}

int kt_store_put(struct kt_store *s, const struct kt_record *r, struct kt_err *err)
{
	bind_key(s->put, r);
	bind_bytes(s->put, 4, r->key);
	bind_bytes(s->put, 5, r->value);
	int code = sqlite3_step(s->put);
	int changed = sqlite3_changes(s->db);
	if (code == SQLITE_BUSY) {
		sqlite3_reset(s->put);
		return KT_STORED_BUSY;
	}
	if (code != SQLITE_DONE) {
		fail(s, err);
		sqlite3_reset(s->put);
		return -1;
	}
	sqlite3_reset(s->put);
	return changed ? KT_STORED_NEW : compare(s, r, err);
}

void kt_store_close(struct kt_store **at)
{
	struct kt_store *s = *at;
	if (!s)
		return;
	sqlite3_finalize(s->put);
	sqlite3_finalize(s->get);
	sqlite3_close(s->db);
	free(s);
	*at = NULL;
}
