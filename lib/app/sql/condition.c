#include "condition.h"

#include "conditionscan.h"
#include "mem.h"
#include "say.h"
#include "sig.h"
#include "sqlguard.h"
#include "sqlvalue.h"

enum { LOOK_OPS = 100000 };

struct kt_condition {
	sqlite3 *db;
	struct kt_sqlguard guard;
	struct kt_conditionscan scan;
	sqlite3_stmt *statement;
	const struct kt_stop *stop; /* NULL: only signals end it */
	struct kt_buf headers;
	bool has_fields, has_headers;
	bool stopped; /* before the last record was decided */
	int64_t bad, failed;
	char *why; /* the first one did */
};

static int prepare(struct kt_condition *w, const char *text, struct kt_err *err)
{
	const char *rest;
	const char *sql = kt_buf_cstr(&w->scan.sql);
	int code = kt_sqlite.prepare_v2(w->db, sql, -1, &w->statement, &rest);
	if (code != SQLITE_OK)
		return kt_err_set(err, KT_USAGE, "--where %s: %s", text, kt_sqlite.errmsg(w->db));
	if (*rest || kt_sqlite.column_count(w->statement) != 1)
		return kt_err_set(err, KT_USAGE, "--where %s: it is more than one expression", text);
	return 0;
}

/* An expression may be a query without an end. */
static int is_stopped(void *user)
{
	const struct kt_condition *w = user;
	return kt_sig_caught() != 0 || (w->stop && kt_stop_status(w->stop) != 0);
}

int kt_condition_open(struct kt_condition **out, const char *text, struct kt_err *err)
{
	if (kt_sqlite_load(err) < 0)
		return -1;
	kt_auto(kt_condition_close) struct kt_condition *w = kt_calloc(1, sizeof(*w));
	w->scan.columns.rounds = true;
	if (kt_conditionscan(&w->scan, text, err) < 0)
		return kt_err_wrap(err, "--where");
	if (kt_sqlite.open_v2(":memory:", &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return kt_err_set(err, KT_FAILED, "SQLite: no memory");
	kt_sqlguard_set(&w->guard, w->db);
	kt_sqlite.progress_handler(w->db, LOOK_OPS, is_stopped, w);
	if (prepare(w, text, err) < 0)
		return -1;
	w->has_fields = w->scan.columns.n > 0;
	for (size_t i = 0; i < w->scan.n; i++)
		w->has_headers |= w->scan.terms[i] == -1 - KT_OWN_HEADERS;
	*out = kt_steal(w);
	return 0;
}

void kt_condition_stop(struct kt_condition *w, const struct kt_stop *stop)
{
	w->stop = stop;
}

bool kt_condition_wants_headers(const struct kt_condition *w)
{
	return w->has_headers;
}

static void bind_terms(struct kt_condition *w, const struct kt_record *r)
{
	for (size_t i = 0; i < w->scan.n; i++) {
		struct kt_rowvalue v = {0};
		int term = w->scan.terms[i];
		if (term < 0)
			kt_rowvalue_own(&v, r, (enum kt_own)(-1 - term), &w->headers);
		else
			kt_jsoncolumns_cell(&w->scan.columns, (size_t)term, &v.cell);
		kt_rowvalue_bind(&v, w->statement, (int)i + 1);
	}
}

bool kt_condition_takes(struct kt_condition *w, const struct kt_record *r)
{
	if (w->has_fields && !kt_jsoncolumns_cut(&w->scan.columns, r->value) && r->value.data)
		w->bad++;
	bind_terms(w, r);
	int code = kt_sqlite.step(w->statement);
	/* What counts as true where SQL has a condition: a number that is not 0, also in a text. */
	bool takes = code == SQLITE_ROW && kt_sqlite.column_double(w->statement, 0) != 0.0;
	w->stopped = code == SQLITE_INTERRUPT;
	if (code != SQLITE_ROW && !w->stopped && !w->failed++)
		w->why = kt_strdup(kt_sqlite.errmsg(w->db));
	kt_sqlite.reset(w->statement);
	return takes;
}

bool kt_condition_is_stopped(const struct kt_condition *w)
{
	return w->stopped;
}

void kt_condition_close(struct kt_condition **at)
{
	struct kt_condition *w = *at;
	if (!w)
		return;
	if (w->bad)
		kt_say(KT_NORMAL, "--where: %lld value%s, without any field", (long long)w->bad,
			w->bad == 1 ? " is not a JSON object" : "s are not JSON objects");
	if (w->failed)
		kt_say(KT_NORMAL, "--where: left out %lld record%s: %s", (long long)w->failed,
			w->failed == 1 ? "" : "s", w->why);
	kt_sqlite.finalize(w->statement);
	kt_sqlite.close(w->db);
	kt_conditionscan_fini(&w->scan);
	kt_buf_fini(&w->headers);
	free(w->why);
	free(w);
	*at = NULL;
}
