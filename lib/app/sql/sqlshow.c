#include "sqlshow.h"

#include "csv.h"
#include "esc.h"
#include "json.h"
#include "mem.h"
#include "shortest.h"
#include "table.h"

const char *const kt_sqlforms[] = {"table", "tsv", "csv", "json", "show", NULL};

/* What is kept to see how wide columns are, and how wide one is made at most so that others have room after it. */
enum { KEPT_ROWS = 1000, KEPT_BYTES = 1 << 20, WIDEST = 80 };

static struct kt_bytes bytes_of(sqlite3_stmt *s, int i)
{
	const char *data = kt_sqlite.column_blob(s, i);
	return (struct kt_bytes){data ? data : "", (size_t)kt_sqlite.column_bytes(s, i)};
}

static bool add_number(struct kt_buf *out, sqlite3_stmt *s, int i)
{
	int type = kt_sqlite.column_type(s, i);
	if (type == SQLITE_INTEGER)
		kt_buf_add_i64(out, kt_sqlite.column_int64(s, i));
	else if (type == SQLITE_FLOAT)
		kt_python_double(out, kt_sqlite.column_double(s, i));
	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void add_json(struct kt_buf *out, sqlite3_stmt *s, int i)
{
	int type = kt_sqlite.column_type(s, i);
	struct kt_bytes bytes;
	if (type == SQLITE_NULL) {
		kt_buf_adds(out, "null");
	} else if (type == SQLITE_FLOAT) {
		kt_json_double(out, kt_sqlite.column_double(s, i));
	} else if (!add_number(out, s, i)) {
		bytes = bytes_of(s, i);
		if (type == SQLITE_TEXT) {
			kt_json_string(out, bytes.data, bytes.len);
			return;
		}
		kt_buf_addc(out, '"');
		kt_buf_add_base64(out, bytes.data, bytes.len);
		kt_buf_addc(out, '"');
	}
}

static void json_row(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	struct kt_buf *out = &show->out->buf;
	size_t from = out->len;
	for (size_t i = 0; i < show->n; i++) {
		kt_buf_addc(out, i ? ',' : '{');
		kt_json_string(out, show->names.v[i], strlen(show->names.v[i]));
		kt_buf_addc(out, ':');
		add_json(out, s, (int)i);
	}
	kt_buf_addc(out, '}');
	kt_looks_json(&show->looks, out, from);
	kt_buf_addc(out, '\n');
}

/* A terminal would act on some of it. */
static void add_csv_shown(struct kt_sqlshow *show, struct kt_bytes text)
{
	if (show->out->terminal) {
		show->cell.len = 0;
		kt_words_text(&show->cell, text.data, text.len);
		text = (struct kt_bytes){show->cell.data, show->cell.len};
	}
	kt_csv_field(&show->out->buf, text);
}

/* NULL is shown as nothing, and an empty text as a pair of quotes. */
static void csv_row(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	struct kt_buf *out = &show->out->buf;
	for (size_t i = 0; i < show->n; i++) {
		int type = kt_sqlite.column_type(s, (int)i);
		if (i)
			kt_buf_addc(out, ',');
		if (type == SQLITE_TEXT)
			add_csv_shown(show, bytes_of(s, (int)i));
		else if (type == SQLITE_BLOB)
			kt_buf_add_base64(out, bytes_of(s, (int)i).data, bytes_of(s, (int)i).len);
		else
			add_number(out, s, (int)i);
	}
	kt_buf_addc(out, '\n');
}

/* A tab, a line's end and a backslash are escaped: a row stays a line, a value stays between its tabs. */
static void add_tsv(struct kt_buf *out, struct kt_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i], letter = c == '\t'   ? 't'
						: c == '\n' ? 'n'
						: c == '\r' ? 'r'
						: c == '\\' ? '\\'
							    : 0;
		if (letter)
			kt_buf_addc(out, '\\');
		kt_buf_addc(out, letter ? letter : c);
	}
}

static void tsv_row(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	struct kt_buf *out = &show->out->buf;
	for (size_t i = 0; i < show->n; i++) {
		int type = kt_sqlite.column_type(s, (int)i);
		if (i)
			kt_buf_addc(out, '\t');
		if (add_number(out, s, (int)i) || type == SQLITE_NULL)
			continue;
		if (type == SQLITE_BLOB || show->out->terminal)
			kt_words_add(out, bytes_of(s, (int)i).data, bytes_of(s, (int)i).len);
		else
			add_tsv(out, bytes_of(s, (int)i));
	}
	kt_buf_addc(out, '\n');
}

/* Spark cuts what is longer: the first 17 characters, and three points. */
static void cut_for_spark(struct kt_buf *cell)
{
	size_t at = 0, characters = 0, cut = 0;
	for (; at < cell->len; at++) {
		if ((cell->data[at] & 0xc0) == 0x80)
			continue;
		if (characters == KT_SQLSHOW_SPARK_CUT - 3)
			cut = at;
		if (++characters > KT_SQLSHOW_SPARK_CUT) {
			cell->len = cut;
			kt_buf_adds(cell, "...");
			return;
		}
	}
}

static void widen(struct kt_sqlshow *show, size_t i, const char *cell)
{
	size_t width = kt_columns(cell, strlen(cell));
	if (show->form == KT_SQLFORM_TABLE && width > WIDEST)
		width = WIDEST;
	if (width > show->widths[i])
		show->widths[i] = width;
}

static void keep_row(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	bool spark = show->form == KT_SQLFORM_SPARK;
	for (size_t i = 0; i < show->n; i++) {
		struct kt_buf *cell = &show->cell;
		cell->len = 0;
		int type = kt_sqlite.column_type(s, (int)i);
		if (type == SQLITE_NULL) {
			kt_buf_adds(cell, spark ? "null" : "");
		} else if (!add_number(cell, s, (int)i)) {
			kt_words_add(cell, bytes_of(s, (int)i).data, bytes_of(s, (int)i).len);
			show->texts[i] = true;
		}
		if (spark)
			cut_for_spark(cell);
		kt_strs_add(&show->cells, kt_buf_cstr(cell));
		show->bytes += cell->len;
		if (!show->headed)
			widen(show, i, kt_buf_cstr(cell));
	}
}

static void pad(struct kt_buf *out, char c, size_t n)
{
	while (n--)
		kt_buf_addc(out, c);
}

static size_t rest(const struct kt_sqlshow *show, size_t i, const char *cell)
{
	size_t width = kt_columns(cell, strlen(cell));
	return width < show->widths[i] ? show->widths[i] - width : 0;
}

static void draw_row(struct kt_sqlshow *show, char *const *cells)
{
	struct kt_buf *out = &show->out->buf;
	size_t from = out->len;
	for (size_t i = 0; i < show->n; i++) {
		size_t blanks = rest(show, i, cells[i]);
		kt_buf_adds(out, i ? "  " : "");
		pad(out, ' ', show->texts[i] ? 0 : blanks);
		kt_buf_adds(out, cells[i]);
		pad(out, ' ', show->texts[i] ? blanks : 0);
	}
	while (out->len > from && out->data[out->len - 1] == ' ')
		out->len--;
	kt_buf_addc(out, '\n');
}

static void draw_line(struct kt_sqlshow *show)
{
	struct kt_buf *out = &show->out->buf;
	for (size_t i = 0; i < show->n; i++) {
		kt_buf_addc(out, '+');
		pad(out, '-', show->widths[i]);
	}
	kt_buf_adds(out, "+\n");
}

static void draw_spark_row(struct kt_sqlshow *show, char *const *cells)
{
	struct kt_buf *out = &show->out->buf;
	for (size_t i = 0; i < show->n; i++) {
		kt_buf_addc(out, '|');
		pad(out, ' ', rest(show, i, cells[i]));
		kt_buf_adds(out, cells[i]);
	}
	kt_buf_adds(out, "|\n");
}

void kt_sqlshow_flush(struct kt_sqlshow *show)
{
	if (show->form != KT_SQLFORM_TABLE)
		return;
	if (!show->headed && show->cells.n)
		draw_row(show, show->names.v);
	show->headed |= show->cells.n > 0;
	for (size_t at = 0; at < show->cells.n; at += show->n)
		draw_row(show, show->cells.v + at);
	kt_strs_fini(&show->cells);
	show->bytes = 0;
}

static void draw_spark(struct kt_sqlshow *show)
{
	struct kt_buf *out = &show->out->buf;
	draw_line(show);
	draw_spark_row(show, show->names.v);
	draw_line(show);
	for (size_t at = 0; at < show->cells.n; at += show->n)
		draw_spark_row(show, show->cells.v + at);
	draw_line(show);
	if (show->rows > KT_SQLSHOW_SPARK_ROWS)
		kt_buf_addf(out, "only showing top %d rows\n", KT_SQLSHOW_SPARK_ROWS);
	kt_buf_addc(out, '\n');
}

static void forget(struct kt_sqlshow *show)
{
	kt_strs_fini(&show->names);
	kt_strs_fini(&show->cells);
	free(kt_steal(show->widths));
	free(kt_steal(show->texts));
	show->headed = false;
	show->rows = 0;
	show->bytes = 0;
}

void kt_sqlshow_begin(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	kt_auto(kt_buf_fini) struct kt_buf name = {0};
	bool exact = show->form == KT_SQLFORM_JSON || show->form == KT_SQLFORM_CSV;
	forget(show);
	show->n = (size_t)kt_sqlite.column_count(s);
	show->widths = kt_calloc(show->n, sizeof(*show->widths));
	show->texts = kt_calloc(show->n, sizeof(*show->texts));
	for (size_t i = 0; i < show->n; i++) {
		const char *own = kt_sqlite.column_name(s, (int)i);
		name.len = 0;
		if (exact)
			kt_buf_adds(&name, own ? own : "");
		else
			kt_words(&name, own ? own : "");
		kt_strs_add(&show->names, kt_buf_cstr(&name));
		widen(show, i, show->names.v[i]);
		if (show->form == KT_SQLFORM_SPARK && show->widths[i] < 3)
			show->widths[i] = 3;
	}
	for (size_t i = 0; i < show->n && show->form == KT_SQLFORM_CSV; i++) {
		if (i)
			kt_buf_addc(&show->out->buf, ',');
		add_csv_shown(show, (struct kt_bytes){show->names.v[i], strlen(show->names.v[i])});
	}
	if (show->form == KT_SQLFORM_CSV)
		kt_buf_addc(&show->out->buf, '\n');
}

bool kt_sqlshow_row(struct kt_sqlshow *show, sqlite3_stmt *s)
{
	show->rows++;
	switch (show->form) {
	case KT_SQLFORM_JSON:
		json_row(show, s);
		return true;
	case KT_SQLFORM_CSV:
		csv_row(show, s);
		return true;
	case KT_SQLFORM_TSV:
		tsv_row(show, s);
		return true;
	case KT_SQLFORM_SPARK:
		if (show->rows > KT_SQLSHOW_SPARK_ROWS)
			return false;
		keep_row(show, s);
		return true;
	default:
		keep_row(show, s);
		if (show->cells.n >= KEPT_ROWS * show->n || show->bytes >= KEPT_BYTES)
			kt_sqlshow_flush(show);
		return true;
	}
}

void kt_sqlshow_end(struct kt_sqlshow *show)
{
	if (show->form == KT_SQLFORM_SPARK)
		draw_spark(show);
	else
		kt_sqlshow_flush(show);
	forget(show);
}

void kt_sqlshow_fini(struct kt_sqlshow *show)
{
	forget(show);
	kt_looks_fini(&show->looks);
	kt_buf_fini(&show->cell);
}
