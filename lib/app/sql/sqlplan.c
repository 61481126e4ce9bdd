#include "sqlplan.h"

#include "mem.h"

/* An instruction of SQLite's machine: of those that scan, jump back or run once. */
struct op {
	int64_t at, to; /* its address, and where it jumps */
	enum { OP_SCAN, OP_BACK, OP_ONCE } kind;
	struct kt_sqltable *table; /* of a scan */
};

struct ops {
	struct op *v;
	size_t n, cap;
};

static bool ends_loop(const char *name, int64_t at, int64_t to)
{
	static const char *const names[] = {"Next", "Prev", "VNext", "SorterNext", "Goto"};
	/* Each program begins by jumping to its end and back to 1. */
	for (size_t i = 0; i < KT_LEN(names) && to > 1 && to < at; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static void add(struct ops *ops, struct op op)
{
	ops->v = kt_grow(ops->v, &ops->cap, ops->n + 1, sizeof(*ops->v));
	ops->v[ops->n++] = op;
}

/* addr, opcode, p1, p2, p3, p4: as EXPLAIN has them. */
static void take(struct ops *ops, struct kt_sqlplan *plan, const struct kt_sqltables *tables, sqlite3_stmt *row)
{
	const char *name = (const char *)kt_sqlite.column_text(row, 1);
	int64_t at = kt_sqlite.column_int64(row, 0), to = kt_sqlite.column_int64(row, 3);
	if (!name)
		return;
	plan->waits |= !strncmp(name, "Agg", 3) || strstr(name, "Sort");
	if (!strcmp(name, "VFilter")) {
		struct kt_sqltable *t = kt_sqltables_planned(tables, (const char *)kt_sqlite.column_text(row, 5));
		if (t)
			add(ops, (struct op){at, to, OP_SCAN, t});
	} else if (!strcmp(name, "Once")) {
		add(ops, (struct op){at, to, OP_ONCE, NULL});
	} else if (ends_loop(name, at, to)) {
		add(ops, (struct op){at, to, OP_BACK, NULL});
	}
}

/* Whether what is at `at` runs once, although the loop that begins at `begin` is around it. */
static bool is_once(const struct ops *ops, int64_t begin, int64_t at)
{
	for (size_t i = 0; i < ops->n; i++)
		if (ops->v[i].kind == OP_ONCE && ops->v[i].at >= begin && ops->v[i].at < at && ops->v[i].to > at)
			return true;
	return false;
}

static bool is_in_loop(const struct ops *ops, int64_t at)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *back = &ops->v[i];
		if (back->kind == OP_BACK && back->to <= at && back->at > at && !is_once(ops, back->to, at))
			return true;
	}
	return false;
}

int kt_sqlplan_read(struct kt_sqlplan *plan, const struct kt_sqltables *tables, sqlite3 *db, struct kt_bytes sql,
	struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *text = kt_asprintf("EXPLAIN %.*s", (int)sql.len, sql.data);
	struct ops ops = {0};
	sqlite3_stmt *statement = NULL;
	*plan = (struct kt_sqlplan){0};
	int code = kt_sqlite.prepare_v2(db, text, -1, &statement, NULL);
	while (code == SQLITE_OK && kt_sqlite.step(statement) == SQLITE_ROW)
		take(&ops, plan, tables, statement);
	kt_sqlite.finalize(statement);
	for (size_t i = 0; i < ops.n; i++) {
		if (ops.v[i].kind != OP_SCAN || ops.v[i].table->stored)
			continue;
		plan->scans += !ops.v[i].table->file;
		if (!is_in_loop(&ops, ops.v[i].at))
			continue;
		ops.v[i].table->stored = plan->repeats = true;
	}
	free(ops.v);
	return code == SQLITE_OK ? 0 : kt_err_set(err, KT_FAILED, "SQLite: %s", kt_sqlite.errmsg(db));
}
