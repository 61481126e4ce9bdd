/* Rows of a query as text: a table for people, values with tabs, CSV, JSON lines, or what Spark's show() draws.
 *
 *   struct kt_sqlshow show = {.out = &out, .form = KT_SQLFORM_CSV};
 *   kt_sqlshow_begin(&show, statement);
 *   while (sqlite3_step(statement) == SQLITE_ROW && kt_sqlshow_row(&show, statement))
 *           …
 *   kt_sqlshow_end(&show, true);
 *
 * A table is drawn when enough rows are there to know how wide its columns are, or by kt_sqlshow_flush(). SQLite has no
 * booleans: what was true comes here as 1 (jsoncolumns.h).
 */
#ifndef KT_SQLSHOW_H
#define KT_SQLSHOW_H

#include "list.h"
#include "looks.h"
#include "out.h"
#include "sqlitelib.h"

enum kt_sqlform { KT_SQLFORM_TABLE, KT_SQLFORM_TSV, KT_SQLFORM_CSV, KT_SQLFORM_JSON, KT_SQLFORM_SPARK };
extern const char *const kt_sqlforms[]; /* their words; NULL at the end */

enum { KT_SQLSHOW_SPARK_ROWS = 20, KT_SQLSHOW_SPARK_CUT = 20 };

struct kt_sqlshow {
	struct kt_out *out;
	enum kt_sqlform form;
	struct kt_looks looks; /* chosen by the caller; for JSON */
	/* The rest is sqlshow.c's own. */
	size_t n; /* columns */
	struct kt_strs names;
	struct kt_strs cells; /* of rows that are not drawn yet */
	size_t bytes;         /* of those */
	size_t *widths;
	bool *texts; /* columns that hold something else than numbers */
	bool headed; /* the heading is drawn */
	int64_t rows;
	struct kt_buf cell;
};

void kt_sqlshow_begin(struct kt_sqlshow *show, sqlite3_stmt *statement);

/* The row that the statement has. False: no more are wanted. */
bool kt_sqlshow_row(struct kt_sqlshow *show, sqlite3_stmt *statement);

/* What has come is to be seen now. */
void kt_sqlshow_flush(struct kt_sqlshow *show);

void kt_sqlshow_end(struct kt_sqlshow *show);

void kt_sqlshow_fini(struct kt_sqlshow *show);

#endif
