#include "sqlvalue.h"

#include "buf.h"

static void bind(const struct kt_rowvalue *v, sqlite3_stmt *statement, int at, sqlite3_destructor_type lifetime)
{
	const struct kt_cell *cell = &v->cell;
	const char *data = cell->text.data ? cell->text.data : "";
	if (v->blob)
		kt_sqlite.bind_blob64(statement, at, data, cell->text.len, lifetime);
	else if (cell->kind == KT_CELL_TEXT)
		kt_sqlite.bind_text64(statement, at, data, cell->text.len, lifetime, SQLITE_UTF8);
	else if (cell->kind == KT_CELL_INT)
		kt_sqlite.bind_int64(statement, at, cell->i64);
	else if (cell->kind == KT_CELL_REAL)
		kt_sqlite.bind_double(statement, at, cell->real);
	else
		kt_sqlite.bind_null(statement, at);
}

void kt_rowvalue_bind(const struct kt_rowvalue *v, sqlite3_stmt *statement, int at)
{
	bind(v, statement, at, SQLITE_TRANSIENT);
}

void kt_rowvalue_lend(const struct kt_rowvalue *v, sqlite3_stmt *statement, int at)
{
	bind(v, statement, at, SQLITE_STATIC);
}

void kt_rowvalue_result(const struct kt_rowvalue *v, sqlite3_context *context)
{
	const struct kt_cell *cell = &v->cell;
	const char *data = cell->text.data ? cell->text.data : "";
	if (v->blob)
		kt_sqlite.result_blob64(context, data, cell->text.len, SQLITE_TRANSIENT);
	else if (cell->kind == KT_CELL_TEXT)
		kt_sqlite.result_text64(context, data, cell->text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	else if (cell->kind == KT_CELL_INT)
		kt_sqlite.result_int64(context, cell->i64);
	else if (cell->kind == KT_CELL_REAL)
		kt_sqlite.result_double(context, cell->real);
	else
		kt_sqlite.result_null(context);
}

void kt_sql_quote(struct kt_buf *out, const char *name)
{
	kt_buf_addc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			kt_buf_addc(out, '"');
		kt_buf_addc(out, *name);
	}
	kt_buf_addc(out, '"');
}
