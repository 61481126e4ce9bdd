/* The module of virtual tables: what SQLite asks of a table, and of a scan of it.
 *
 * A plan's words for a scan (idxStr) are "tN;" and terms, each a letter for a column, one for the operator, and a
 * comma: p partition, o offset, t timestamp with = > } (>=) < { (<=) and @ (IN), or k and the number of a stored
 * table's column.
 */
#include <math.h>

#include "mem.h"
#include "say.h"
#include "sqltable.h"

struct vtab {
	sqlite3_vtab base; /* the first member */
	struct kt_sqltable *table;
};

/* A row that is being looked at. */
struct view {
	struct kt_sqltable *table;
	struct kt_row row;
	bool cut, counted;
	struct kt_buf headers;
};

struct cursor {
	sqlite3_vtab_cursor base; /* the first member */
	struct view view;
	struct kt_rowsource *rows;
	bool ended;
	sqlite3_stmt *search; /* of a stored table, */
	char *plan;           /* made for this plan */
};

static int fail(struct kt_sqltable *t)
{
	t->all->failed = true;
	return SQLITE_ERROR;
}

static int make_table(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	const struct kt_sqltables *tables = user;
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	(void)error;
	size_t number = argc > 3 ? strtoul(argv[3], NULL, 10) : tables->n;
	if (number >= tables->n)
		return SQLITE_ERROR;
	kt_sqltable_declare(tables->v[number], &sql);
	int code = kt_sqlite.declare_vtab(db, kt_buf_cstr(&sql));
	if (code != SQLITE_OK)
		return code;
	struct vtab *v = kt_calloc(1, sizeof(*v));
	v->table = tables->v[number];
	*out = &v->base;
	return SQLITE_OK;
}

/* Not the same function: SQLite takes that for a table that is there without being created. */
static int create(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	return make_table(db, user, argc, argv, out, error);
}

static int disconnect(sqlite3_vtab *v)
{
	free(v);
	return SQLITE_OK;
}

static int own_of(const struct kt_sqltable *t, int column)
{
	return column < (int)t->columns.n ? -1 : t->owns[column - (int)t->columns.n];
}

static char operator_of(int op)
{
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		return '=';
	case SQLITE_INDEX_CONSTRAINT_GT:
		return '>';
	case SQLITE_INDEX_CONSTRAINT_GE:
		return '}';
	case SQLITE_INDEX_CONSTRAINT_LT:
		return '<';
	case SQLITE_INDEX_CONSTRAINT_LE:
		return '{';
	default:
		return 0;
	}
}

/* Adds the term for a condition: true when its value is of use. */
static bool add_term(const struct kt_sqltable *t, sqlite3_index_info *info, int i, struct kt_buf *plan)
{
	const struct sqlite3_index_constraint *c = &info->aConstraint[i];
	char op = operator_of(c->op);
	if (!c->usable || !op || c->iColumn < 0)
		return false;
	int own = own_of(t, c->iColumn);
	if (t->stored) {
		const char *collation = kt_sqlite.vtab_collation(info, i);
		if (op != '=' || !collation || strcasecmp(collation, "BINARY") != 0)
			return false;
		kt_buf_addf(plan, "k%d,", c->iColumn);
		return true;
	}
	/* All values of an IN at once: else SQLite reads the topic for each. */
	bool in = op == '=' && kt_sqlite.vtab_in(info, i, -1);
	if (own == KT_OWN_PARTITION && op == '=')
		kt_buf_addf(plan, "p%c,", in && kt_sqlite.vtab_in(info, i, 1) ? '@' : '=');
	else if ((own == KT_OWN_OFFSET || own == KT_OWN_TIMESTAMP) && !in)
		kt_buf_addf(plan, "%c%c,", own == KT_OWN_OFFSET ? 'o' : 't', op);
	else
		return false;
	return true;
}

/* Reading a topic costs more than anything else, so that it becomes the outermost loop; a stored one is cheap to look
 * into by what it is equal to. */
static int best_index(sqlite3_vtab *v, sqlite3_index_info *info)
{
	struct kt_sqltable *t = ((struct vtab *)v)->table;
	kt_auto(kt_buf_fini) struct kt_buf plan = {0};
	int n = 0;
	kt_buf_addf(&plan, "t%zu;", t->number);
	for (int i = 0; i < info->nConstraint; i++)
		if (add_term(t, info, i, &plan))
			info->aConstraintUsage[i].argvIndex = ++n;
	t->used |= info->colUsed;
	info->idxStr = kt_sqlite.mprintf("%s", kt_buf_cstr(&plan));
	info->needToFreeIdxStr = 1;
	info->estimatedCost = t->stored ? (n ? 20 : 1e6) : (n ? 1e9 : 1e10);
	info->estimatedRows = t->stored && n ? 10 : n ? 100000 : 1000000;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct cursor *c = kt_calloc(1, sizeof(*c));
	c->view.table = ((struct vtab *)v)->table;
	*out = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	kt_rowsource_free(&c->rows);
	kt_sqlite.finalize(c->search);
	kt_buf_fini(&c->view.headers);
	free(c->plan);
	free(c);
	return SQLITE_OK;
}

static bool is_used(const struct kt_sqltable *t, size_t column)
{
	return t->used >> (column < 63 ? column : 63) & 1;
}

static bool uses_headers(const struct kt_sqltable *t)
{
	for (size_t i = 0; i < t->n_owns; i++)
		if (t->owns[i] == KT_OWN_HEADERS && is_used(t, t->columns.n + i))
			return true;
	return false;
}

/* What columns are cut from is the row of the table's that was looked at last. */
static void cut(struct view *view)
{
	struct kt_sqltable *t = view->table;
	struct kt_bytes value = view->row.record.value;
	if (view->cut && t->cut_by == view)
		return;
	bool good = !view->row.bad && kt_jsoncolumns_cut(&t->columns, value);
	if (view->row.bad)
		kt_jsoncolumns_cut(&t->columns, (struct kt_bytes){0});
	t->bad += !good && !view->counted && (value.data || view->row.bad);
	view->counted = true;
	view->cut = true;
	t->cut_by = view;
}

static void evaluate(struct kt_rowvalue *v, struct view *view, int column)
{
	int own = own_of(view->table, column);
	v->blob = false;
	if (own >= 0) {
		kt_rowvalue_own(v, &view->row.record, (enum kt_own)own, &view->headers);
		return;
	}
	cut(view);
	kt_jsoncolumns_cell(&view->table->columns, (size_t)column, &v->cell);
}

static int open_rows(struct kt_sqltable *t, struct kt_rowsource **rows, struct kt_rowwant *want, struct kt_err *err)
{
	want->headers = uses_headers(t);
	return t->file ? kt_rowsource_file(rows, t->all->reads, t->name, err)
		       : kt_rowsource_topic(rows, t->all->reads, t->name, &t->bounds, want, err);
}

static int fill_store(struct kt_sqltable *t, struct kt_rowstore *store, struct view *view, struct kt_err *err)
{
	kt_auto(kt_rowsource_free) struct kt_rowsource *rows = NULL;
	struct kt_rowwant want = KT_ROWWANT_ALL;
	struct kt_rowvalue value;
	int more;
	want.whole = true;
	if (open_rows(t, &rows, &want, err) < 0)
		return -1;
	while ((more = kt_rowsource_next(rows, &view->row, err)) > 0) {
		view->cut = view->counted = false;
		for (size_t i = 0; i < store->n; i++) {
			if (!is_used(t, i))
				continue;
			evaluate(&value, view, (int)i);
			kt_rowvalue_bind(&value, store->add, (int)i + 1);
		}
		if (kt_rowstore_add(store, err) < 0)
			return -1;
	}
	return more < 0 ? -1 : kt_rowstore_ready(store, err);
}

static int make_store(struct kt_sqltable *t, struct kt_err *err)
{
	kt_auto(kt_rowstore_free) struct kt_rowstore *store = NULL;
	struct view view = {.table = t};
	kt_say(KT_NORMAL, "%s is read once into a temporary file: the query comes to its rows again and again",
		t->name);
	if (kt_rowstore_new(&store, t->columns.n + t->n_owns, err) < 0)
		return -1;
	int result = fill_store(t, store, &view, err);
	kt_buf_fini(&view.headers);
	if (result == 0)
		t->store = kt_steal(store);
	return result;
}

/* A whole number that value is, or lies above by less than one. False: it is no number, or out of range. */
static bool floor_of(sqlite3_value *value, int64_t *n, bool *exact)
{
	int type = kt_sqlite.value_numeric_type(value);
	*exact = type == SQLITE_INTEGER;
	*n = type == SQLITE_INTEGER ? kt_sqlite.value_int64(value) : 0;
	if (type != SQLITE_FLOAT)
		return type == SQLITE_INTEGER;
	double real = floor(kt_sqlite.value_double(value));
	if (!(fabs(real) < 0x1p62))
		return false;
	*n = (int64_t)real;
	*exact = real == kt_sqlite.value_double(value);
	return true;
}

/* The range of whole numbers that the condition leaves: from, and up to but not including to. */
static void range_of(char op, sqlite3_value *value, int64_t *from, int64_t *to)
{
	int64_t n, low = INT64_MIN, high = INT64_MAX;
	bool exact;
	if (!floor_of(value, &n, &exact) || n == INT64_MAX)
		return;
	if (op == '>')
		low = n + 1;
	else if (op == '}')
		low = exact ? n : n + 1;
	else if (op == '<')
		high = exact ? n : n + 1;
	else if (op == '{')
		high = n + 1;
	else {
		low = n;
		high = n + 1;
	}
	*from = low > *from ? low : *from;
	*to = high < *to ? high : *to;
}

static void want_partition(struct kt_rowwant *want, sqlite3_value *value)
{
	int64_t n;
	bool exact;
	if (!floor_of(value, &n, &exact) || !exact || n < 0 || n > INT32_MAX)
		return;
	want->partitions = kt_grow(want->partitions, &want->cap, want->n + 1, sizeof(*want->partitions));
	want->partitions[want->n++] = (int32_t)n;
}

/* Of several conditions on partitions one narrows what is read; SQLite looks at all. */
static void want_partitions(struct kt_rowwant *want, char op, sqlite3_value *value)
{
	sqlite3_value *one;
	if (want->some)
		return;
	want->some = true;
	if (op == '=') {
		want_partition(want, value);
		return;
	}
	for (int code = kt_sqlite.vtab_in_first(value, &one); code == SQLITE_OK && one;
		code = kt_sqlite.vtab_in_next(value, &one))
		want_partition(want, one);
}

static void read_plan(struct kt_rowwant *want, const char *plan, sqlite3_value **values)
{
	int64_t never = INT64_MAX;
	for (const char *at = strchr(plan, ';') + 1; *at; at += 3, values++) {
		if (at[0] == 'p')
			want_partitions(want, at[1], *values);
		else if (at[0] == 'o')
			range_of(at[1], *values, &want->from, &want->to);
		else
			range_of(at[1], *values, &want->from_ms, &never);
	}
}

static int next_stored(struct cursor *c)
{
	int code = kt_sqlite.step(c->search);
	c->ended = code == SQLITE_DONE;
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int filter_stored(struct cursor *c, const char *plan, int argc, sqlite3_value **argv)
{
	struct kt_sqltable *t = c->view.table;
	struct kt_err *err = &t->all->err;
	if (!t->store && make_store(t, err) < 0)
		return fail(t);
	if (c->plan && strcmp(c->plan, plan) != 0) {
		kt_sqlite.finalize(kt_steal(c->search));
		free(kt_steal(c->plan));
	}
	if (!c->search) {
		kt_auto(kt_free_ptr) int *columns = kt_calloc((size_t)argc + 1, sizeof(*columns));
		const char *at = strchr(plan, ';') + 1;
		for (int i = 0; i < argc; i++, at = strchr(at, ',') + 1)
			columns[i] = (int)strtol(at + 1, NULL, 10);
		if (kt_rowstore_search(t->store, columns, (size_t)argc, &c->search, err) < 0)
			return fail(t);
		c->plan = kt_strdup(plan);
	}
	kt_sqlite.reset(c->search);
	for (int i = 0; i < argc; i++)
		kt_sqlite.bind_value(c->search, i + 1, argv[i]);
	return next_stored(c);
}

static int next_row(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	struct view *view = &c->view;
	if (c->search)
		return next_stored(c);
	int more = kt_rowsource_next(c->rows, &view->row, &view->table->all->err);
	view->cut = view->counted = false;
	c->ended = more <= 0;
	return more < 0 ? fail(view->table) : SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *plan, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	struct kt_sqltable *t = c->view.table;
	struct kt_rowwant want = KT_ROWWANT_ALL;
	(void)number;
	if (t->stored)
		return filter_stored(c, plan, argc, argv);
	kt_rowsource_free(&c->rows);
	read_plan(&want, plan, argv);
	int result = open_rows(t, &c->rows, &want, &t->all->err);
	free(want.partitions);
	return result < 0 ? fail(t) : next_row(base);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->ended;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i)
{
	struct cursor *c = (struct cursor *)base;
	struct kt_rowvalue v;
	if (c->search) {
		kt_sqlite.result_value(context, kt_sqlite.column_value(c->search, i));
		return SQLITE_OK;
	}
	evaluate(&v, &c->view, i);
	kt_rowvalue_result(&v, context);
	return SQLITE_OK;
}

/* Topics of a pattern have partitions of the same numbers: the place among all of them tells those apart. */
static uint64_t place_of(struct kt_sqltable *t, const struct kt_record *r)
{
	const struct kt_partition *part = kt_partitions_find(&t->bounds, r->topic.data, r->partition);
	return part ? (uint64_t)(part - t->bounds.v) : (uint64_t)r->partition;
}

/* The same row has the same number whenever it is read: SQLite takes rows of two scans (of an OR) with the same number
 * for one. */
static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct cursor *c = (const struct cursor *)base;
	const struct kt_record *r = &c->view.row.record;
	struct kt_sqltable *t = c->view.table;
	uint64_t place = c->search ? 0 : place_of(t, r) & 0x3fff;
	place = (uint64_t)r->offset << 28 ^ place << 14 ^ (c->view.row.part & 0x3fff);
	*out = c->search ? kt_sqlite.column_int64(c->search, (int)t->store->n) : (sqlite3_int64)place;
	return SQLITE_OK;
}

int kt_sqlmodule_create(struct kt_sqltables *tables, struct kt_err *err)
{
	static const sqlite3_module module = {
		.xCreate = create,
		.xConnect = make_table,
		.xBestIndex = best_index,
		.xDisconnect = disconnect,
		.xDestroy = disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next_row,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = rowid,
	};
	if (kt_sqlite.create_module_v2(tables->db, "kt", &module, tables, NULL) == SQLITE_OK)
		return 0;
	return kt_err_set(err, KT_FAILED, "SQLite: %s", kt_sqlite.errmsg(tables->db));
}
