#include "rowstore.h"

#include "buf.h"
#include "mem.h"

static int fail(struct kt_rowstore *s, struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "storing rows for a join: %s", s->db ? kt_sqlite.errmsg(s->db) : "no memory");
	return kt_err_hint(err, "they go to $SQLITE_TMPDIR, $TMPDIR or /var/tmp");
}

/* What a comparison could make of a value by an affinity: a number, where it is one. */
static void key(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	(void)kt_sqlite.value_numeric_type(values[0]);
	kt_sqlite.result_value(context, values[0]);
}

static int create(struct kt_rowstore *s, struct kt_err *err)
{
	static const char settings[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE";
	kt_auto(kt_buf_fini) struct kt_buf sql = {0}, add = {0};
	kt_buf_adds(&sql, "CREATE TABLE r(");
	kt_buf_adds(&add, "INSERT INTO r VALUES(");
	for (size_t i = 0; i < s->n; i++) {
		kt_buf_addf(&sql, "%sc%zu", i ? "," : "", i);
		kt_buf_adds(&add, i ? ",?" : "?");
	}
	kt_buf_adds(&sql, "); BEGIN");
	kt_buf_adds(&add, ")");
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	if (kt_sqlite.exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK ||
		kt_sqlite.create_function_v2(s->db, "kt_key", 1, flags, NULL, key, NULL, NULL, NULL) != SQLITE_OK ||
		kt_sqlite.exec(s->db, kt_buf_cstr(&sql), NULL, NULL, NULL) != SQLITE_OK ||
		kt_sqlite.prepare_v2(s->db, kt_buf_cstr(&add), -1, &s->add, NULL) != SQLITE_OK)
		return fail(s, err);
	return 0;
}

int kt_rowstore_new(struct kt_rowstore **out, size_t n, struct kt_err *err)
{
	kt_auto(kt_rowstore_free) struct kt_rowstore *s = kt_calloc(1, sizeof(*s));
	s->n = n;
	s->indexed = kt_calloc(n, sizeof(*s->indexed));
	/* No name: a file that is on disk as far as it does not fit into a small cache, and has no name there either.
	 */
	if (kt_sqlite.open_v2("", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return fail(s, err);
	if (create(s, err) < 0)
		return -1;
	*out = kt_steal(s);
	return 0;
}

int kt_rowstore_add(struct kt_rowstore *s, struct kt_err *err)
{
	int code = kt_sqlite.step(s->add);
	if (code != SQLITE_DONE)
		fail(s, err);
	kt_sqlite.reset(s->add);
	s->rows += code == SQLITE_DONE;
	return code == SQLITE_DONE ? 0 : -1;
}

int kt_rowstore_ready(struct kt_rowstore *s, struct kt_err *err)
{
	return kt_sqlite.exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, err);
}

static int make_index(struct kt_rowstore *s, int column, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *sql = kt_asprintf("CREATE INDEX i%d ON r(kt_key(c%d))", column, column);
	if (s->indexed[column])
		return 0;
	s->indexed[column] = true;
	return kt_sqlite.exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, err);
}

int kt_rowstore_search(struct kt_rowstore *s, const int *columns, size_t n, sqlite3_stmt **out, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	kt_buf_adds(&sql, "SELECT *, rowid FROM r");
	for (size_t i = 0; i < n; i++)
		kt_buf_addf(&sql, "%skt_key(c%d) = kt_key(?)", i ? " AND " : " WHERE ", columns[i]);
	if (n && make_index(s, columns[0], err) < 0)
		return -1;
	return kt_sqlite.prepare_v2(s->db, kt_buf_cstr(&sql), -1, out, NULL) == SQLITE_OK ? 0 : fail(s, err);
}

void kt_rowstore_free(struct kt_rowstore **at)
{
	struct kt_rowstore *s = *at;
	if (!s)
		return;
	kt_sqlite.finalize(s->add);
	kt_sqlite.close(s->db);
	free(s->indexed);
	free(s);
	*at = NULL;
}
