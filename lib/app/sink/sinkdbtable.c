#include "sinkdbtable.h"

#include "columnssay.h"
#include "mem.h"
#include "num.h"
#include "rowvalue.h"
#include "say.h"

#define PART "_part"

static const char *const own_types[] = {
	"TEXT NOT NULL", "INTEGER NOT NULL", "INTEGER NOT NULL", "INTEGER", "", "", "TEXT"};
_Static_assert(KT_LEN(own_types) == KT_OWNS, "a type for each");

static const char *const field_types[] = {"", " TEXT", " INTEGER", " REAL", " TEXT"};

/* The names of a record's own columns, which no field gets. */
static const char *const reserved[] = {
	"_topic", "_partition", "_offset", "_timestamp", "_key", "_value", "_headers", PART, NULL};

/* What stands in the table of columns. */
static int keep_column(struct kt_sinkdbtable *t, size_t i, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	sqlite3_stmt *add = NULL;
	const struct kt_jsoncolumn *column = &t->columns.v[i];
	const char *type = kt_column_types[column->type];
	if (kt_sinkdbfile_prepare(t->file, "INSERT INTO kt_sink_columns VALUES(?,?,?,?,?)", &add, err) < 0)
		return -1;
	kt_jsoncolumns_path(&t->columns, i, &path);
	kt_sqlite.bind_text64(add, 1, t->name, strlen(t->name), SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_int64(add, 2, (int64_t)i);
	kt_sqlite.bind_text64(add, 3, column->name, strlen(column->name), SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_text64(add, 4, path.data, path.len, SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_text64(add, 5, type, strlen(type), SQLITE_STATIC, SQLITE_UTF8);
	int result = kt_sinkdbfile_step(t->file, add, err);
	kt_sqlite.finalize(add);
	return result;
}

static enum kt_column_type type_of(const char *word)
{
	for (size_t i = 0; word && kt_column_types[i]; i++)
		if (!strcmp(word, kt_column_types[i]))
			return (enum kt_column_type)i;
	return KT_COLUMN_ANY;
}

/* Columns that the table has already. */
static int read_columns(struct kt_sinkdbtable *t, struct kt_err *err)
{
	static const char sql[] = "SELECT name, path, type FROM kt_sink_columns WHERE \"table\" = ? ORDER BY place";
	sqlite3_stmt *all = NULL;
	int code, result = 0;
	if (kt_sinkdbfile_prepare(t->file, sql, &all, err) < 0)
		return -1;
	kt_sqlite.bind_text64(all, 1, t->name, strlen(t->name), SQLITE_STATIC, SQLITE_UTF8);
	while (result == 0 && (code = kt_sqlite.step(all)) == SQLITE_ROW) {
		const char *name = (const char *)kt_sqlite.column_text(all, 0);
		const char *path = (const char *)kt_sqlite.column_text(all, 1);
		const char *type = (const char *)kt_sqlite.column_text(all, 2);
		result = kt_jsoncolumns_put(&t->columns, name ? name : "", path ? path : "", type_of(type), err);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = kt_sinkdbfile_fail(t->file, err);
	kt_sqlite.finalize(all);
	return result < 0 ? kt_err_wrap(err, "the columns of %s in %s", t->name, t->file->path) : 0;
}

/* Whether a record may be several rows is what the table was made for. */
static int check_parts(struct kt_sinkdbtable *t, struct kt_err *err)
{
	sqlite3_stmt *one = NULL;
	if (kt_sinkdbfile_prepare(t->file, "SELECT 1 FROM pragma_table_info(?) WHERE name = '" PART "'", &one, err) < 0)
		return -1;
	kt_sqlite.bind_text64(one, 1, t->name, strlen(t->name), SQLITE_STATIC, SQLITE_UTF8);
	bool parts = kt_sqlite.step(one) == SQLITE_ROW;
	kt_sqlite.finalize(one);
	if (parts == t->how->parts)
		return 0;
	kt_err_set(err, KT_USAGE, "%s in %s has rows of values that %s Avro", t->name, t->file->path,
		parts ? "were" : "were not");
	return kt_err_hint(err, "%s -s avro, or another --table", parts ? "with" : "without");
}

static int alter(struct kt_sinkdbtable *t, size_t first, struct kt_err *err)
{
	for (size_t i = first; i < t->columns.n; i++) {
		kt_auto(kt_buf_fini) struct kt_buf sql = {0};
		kt_buf_adds(&sql, "ALTER TABLE ");
		kt_sql_quote(&sql, t->name);
		kt_buf_adds(&sql, " ADD COLUMN ");
		kt_sql_quote(&sql, t->columns.v[i].name);
		kt_buf_adds(&sql, field_types[t->columns.v[i].type]);
		if (kt_sinkdbfile_begin(t->file, err) < 0 || kt_sinkdbfile_exec(t->file, kt_buf_cstr(&sql), err) < 0 ||
			keep_column(t, i, err) < 0)
			return -1;
		kt_say(KT_NORMAL, "%s has a new column: %s", t->name, t->columns.v[i].name);
	}
	kt_sqlite.finalize(kt_steal(t->insert));
	return 0;
}

/* --column for a table that is there. */
static int add_named(struct kt_sinkdbtable *t, const char *word, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0}, other = {0};
	struct kt_jsoncolumns one = {0};
	int result = kt_jsoncolumns_add(&one, word, err);
	if (result == 0) {
		const struct kt_jsoncolumn *column = &one.v[0];
		size_t at = kt_jsoncolumns_find(&t->columns, column->name);
		kt_jsoncolumns_path(&one, 0, &path);
		if (at != KT_JSONCOLUMNS_WHOLE) {
			kt_jsoncolumns_path(&t->columns, at, &other);
			if (strcmp(kt_buf_cstr(&path), kt_buf_cstr(&other)) != 0 ||
				column->type != t->columns.v[at].type)
				result = kt_err_set(err, KT_USAGE, "%s has a column %s of another path or type: %s:%s",
					t->name, column->name, kt_buf_cstr(&other),
					kt_column_types[t->columns.v[at].type]);
		} else if (!t->how->add_columns) {
			kt_err_set(
				err, KT_USAGE, "%s in %s has no column %s yet", t->name, t->file->path, column->name);
			result = kt_err_hint(err, "--add-columns adds it; it is NULL in the rows that are there");
		} else {
			result = kt_jsoncolumns_put(&t->columns, column->name, kt_buf_cstr(&path), column->type, err);
		}
	}
	kt_jsoncolumns_fini(&one);
	return result < 0 ? kt_err_wrap(err, "--column") : 0;
}

static void add_own_columns(const struct kt_sinkdbtable *t, struct kt_buf *sql)
{
	for (size_t own = 0; own < KT_OWNS; own++) {
		kt_buf_addf(sql, "%s%s %s", own || t->columns.n ? "," : "", kt_own_names[own], own_types[own]);
		if (own == KT_OWN_OFFSET && t->how->parts)
			kt_buf_adds(sql, "," PART " INTEGER NOT NULL");
	}
	kt_buf_adds(sql, ",PRIMARY KEY(_topic,_partition,_offset");
	kt_buf_adds(sql, t->how->parts ? "," PART ")) WITHOUT ROWID" : ")) WITHOUT ROWID");
}

static void say_columns(const struct kt_sinkdbtable *t)
{
	if (t->how->columns->n)
		return;
	kt_columnssay_found(&t->columns, t->name, (int64_t)t->n_held);
	kt_columnssay_renamed(&t->columns, t->name);
}

static int make(struct kt_sinkdbtable *t, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	say_columns(t);
	kt_buf_adds(&sql, "CREATE TABLE ");
	kt_sql_quote(&sql, t->name);
	kt_buf_addc(&sql, '(');
	for (size_t i = 0; i < t->columns.n; i++) {
		kt_buf_adds(&sql, i ? "," : "");
		kt_sql_quote(&sql, t->columns.v[i].name);
		kt_buf_adds(&sql, field_types[t->columns.v[i].type]);
	}
	add_own_columns(t, &sql);
	if (kt_sinkdbfile_begin(t->file, err) < 0)
		return -1;
	if (kt_sinkdbfile_exec(t->file, kt_buf_cstr(&sql), err) < 0)
		return kt_err_hint(err, "--table NAME gives it another name");
	for (size_t i = 0; i < t->columns.n; i++)
		if (keep_column(t, i, err) < 0)
			return -1;
	t->made = true;
	return 0;
}

static int prepare(struct kt_sinkdbtable *t, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	size_t n = t->columns.n + KT_OWNS + t->how->parts;
	kt_buf_adds(&sql, "INSERT INTO ");
	kt_sql_quote(&sql, t->name);
	kt_buf_addc(&sql, '(');
	for (size_t i = 0; i < t->columns.n; i++) {
		kt_sql_quote(&sql, t->columns.v[i].name);
		kt_buf_addc(&sql, ',');
	}
	for (size_t own = 0; own < KT_OWNS; own++)
		kt_buf_addf(&sql, "%s%s", own ? "," : "", kt_own_names[own]);
	kt_buf_adds(&sql, t->how->parts ? "," PART ") VALUES(" : ") VALUES(");
	for (size_t i = 0; i < n; i++)
		kt_buf_adds(&sql, i ? ",?" : "?");
	kt_buf_addc(&sql, ')');
	return kt_sinkdbfile_prepare(t->file, kt_buf_cstr(&sql), &t->insert, err);
}

int kt_sinkdbtable_open(struct kt_sinkdbtable *t, struct kt_sinkdbfile *file, const char *name,
	const struct kt_sinkdbtable_how *how, struct kt_err *err)
{
	*t = (struct kt_sinkdbtable){.file = file, .how = how, .name = kt_strdup(name)};
	t->columns.reserved = reserved;
	if (kt_sinkdbfile_has(file, name, &t->made, err) < 0 ||
		(t->made && (check_parts(t, err) < 0 || read_columns(t, err) < 0)))
		return -1;
	size_t before = t->columns.n;
	for (size_t i = 0; i < how->columns->n; i++) {
		const char *word = how->columns->v[i];
		if (!t->made && kt_jsoncolumns_add(&t->columns, word, err) < 0)
			return kt_err_wrap(err, "--column");
		if (t->made && add_named(t, word, err) < 0)
			return -1;
	}
	return t->made ? alter(t, before, err) : 0;
}

/* A text is lent where it stands in the record, and copied where it does not. */
static void bind_field(struct kt_sinkdbtable *t, size_t i, struct kt_bytes value)
{
	struct kt_rowvalue v = {0};
	kt_jsoncolumns_cell(&t->columns, i, &v.cell);
	const char *text = v.cell.text.data;
	bool stands = text >= value.data && text < value.data + value.len;
	if (v.cell.kind == KT_CELL_TEXT && !stands) {
		v.blob = v.cell.text.len && memchr(text, '\0', v.cell.text.len);
		kt_rowvalue_bind(&v, t->insert, (int)i + 1);
	} else {
		kt_rowvalue_lend(&v, t->insert, (int)i + 1);
	}
}

static int bind_row(struct kt_sinkdbtable *t, const struct kt_record *r, uint32_t part, struct kt_err *err)
{
	size_t later = t->columns.n_later;
	bool good = kt_jsoncolumns_cut(&t->columns, r->value);
	t->bad += r->value.data && !good;
	if (t->how->add_columns && t->columns.n_later > later) {
		size_t before = t->columns.n;
		kt_jsoncolumns_adopt(&t->columns);
		if (alter(t, before, err) < 0)
			return -1;
	}
	if (!t->insert && prepare(t, err) < 0)
		return -1;
	size_t n = t->columns.n;
	for (size_t i = 0; i < n; i++)
		bind_field(t, i, r->value);
	for (size_t own = 0; own < KT_OWNS; own++) {
		struct kt_rowvalue v;
		kt_rowvalue_own(&v, r, (enum kt_own)own, &t->headers);
		kt_rowvalue_lend(&v, t->insert, (int)(n + own) + 1);
	}
	if (t->how->parts)
		kt_sqlite.bind_int64(t->insert, (int)(n + KT_OWNS) + 1, part);
	return 0;
}

/* What is too large for SQLite (a billion bytes) is left out of its row. */
static int step_without(struct kt_sinkdbtable *t, struct kt_err *err)
{
	size_t n = t->columns.n;
	kt_sqlite.reset(t->insert);
	for (size_t i = 0; i < n; i++)
		kt_sqlite.bind_null(t->insert, (int)i + 1);
	for (size_t own = KT_OWN_KEY; own < KT_OWNS; own++)
		kt_sqlite.bind_null(t->insert, (int)(n + own) + 1);
	t->cut++;
	return kt_sinkdbfile_step(t->file, t->insert, err);
}

static int insert(struct kt_sinkdbtable *t, const struct kt_record *r, uint32_t part, struct kt_err *err)
{
	if (bind_row(t, r, part, err) < 0)
		return -1;
	int code = kt_sqlite.step(t->insert);
	if (code == SQLITE_DONE) {
		kt_sqlite.reset(t->insert);
		return 0;
	}
	if (code == SQLITE_TOOBIG)
		return step_without(t, err);
	kt_sinkdbfile_fail(t->file, err);
	if (code == SQLITE_CONSTRAINT)
		kt_err_hint(err, "rows of %s were written by somebody else, or the topic was recreated", t->name);
	kt_sqlite.reset(t->insert);
	return kt_err_wrap(err, "%.*s [%d] offset %lld", (int)r->topic.len, r->topic.data, (int)r->partition,
		(long long)r->offset);
}

static void hold(struct kt_sinkdbtable *t, const struct kt_record *r, uint32_t part)
{
	if (!t->held) {
		t->held = kt_calloc(KT_SINKDB_SAMPLE, sizeof(*t->held));
		t->held_parts = kt_calloc(KT_SINKDB_SAMPLE, sizeof(*t->held_parts));
	}
	t->held_parts[t->n_held] = part;
	struct kt_recordcopy *copy = &t->held[t->n_held++];
	kt_recordcopy_set(copy, r);
	t->held_bytes += copy->bytes.len + r->n_headers * sizeof(*r->headers);
	if (r->value.data)
		kt_jsoncolumns_learn(&t->columns, r->value);
}

int kt_sinkdbtable_take(struct kt_sinkdbtable *t, const struct kt_record *r, uint32_t part, struct kt_err *err)
{
	if (!t->made && !t->how->columns->n) {
		hold(t, r, part);
		bool enough = t->n_held == KT_SINKDB_SAMPLE || t->held_bytes >= KT_SINKDB_SAMPLE_BYTES;
		return enough ? kt_sinkdbtable_settle(t, err) : 0;
	}
	if (!t->made && make(t, err) < 0)
		return -1;
	if (kt_sinkdbfile_begin(t->file, err) < 0)
		return -1;
	return insert(t, r, part, err);
}

int kt_sinkdbtable_settle(struct kt_sinkdbtable *t, struct kt_err *err)
{
	int result = t->n_held ? make(t, err) : 0;
	for (size_t i = 0; i < t->n_held && result == 0; i++)
		result = insert(t, &t->held[i].record, t->held_parts[i], err);
	for (size_t i = 0; i < t->n_held; i++)
		kt_recordcopy_fini(&t->held[i]);
	free(kt_steal(t->held));
	free(kt_steal(t->held_parts));
	t->n_held = 0;
	return result;
}

/* With r those of one record, else all of the topic. */
static int remove_rows(struct kt_sinkdbtable *t, struct kt_bytes topic, const struct kt_record *r, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	sqlite3_stmt *remove = NULL;
	kt_buf_adds(&sql, "DELETE FROM ");
	kt_sql_quote(&sql, t->name);
	kt_buf_adds(&sql, " WHERE _topic = ?");
	kt_buf_adds(&sql, r ? " AND _partition = ? AND _offset = ?" : "");
	if (kt_sinkdbfile_begin(t->file, err) < 0 ||
		kt_sinkdbfile_prepare(t->file, kt_buf_cstr(&sql), &remove, err) < 0)
		return -1;
	kt_sqlite.bind_text64(remove, 1, topic.data, topic.len, SQLITE_STATIC, SQLITE_UTF8);
	if (r) {
		kt_sqlite.bind_int(remove, 2, r->partition);
		kt_sqlite.bind_int64(remove, 3, r->offset);
	}
	int result = kt_sinkdbfile_step(t->file, remove, err);
	kt_sqlite.finalize(remove);
	return result;
}

int kt_sinkdbtable_drop(struct kt_sinkdbtable *t, const struct kt_record *r, struct kt_err *err)
{
	return kt_sinkdbtable_settle(t, err) < 0 ? -1 : remove_rows(t, r->topic, r, err);
}

int kt_sinkdbtable_clear(struct kt_sinkdbtable *t, struct kt_bytes topic, struct kt_err *err)
{
	return t->made ? remove_rows(t, topic, NULL, err) : 0;
}

static void say_later(const struct kt_sinkdbtable *t)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *example = kt_columnssay_later(&t->columns, &text);
	kt_say(KT_NORMAL, "%s: %s: --add-columns adds them, and _value->>'$.%s' has one", t->name, kt_buf_cstr(&text),
		example);
}

void kt_sinkdbtable_say(const struct kt_sinkdbtable *t)
{
	if (t->bad)
		kt_say(KT_NORMAL, "%s: %lld value%s are NULL", t->name, (long long)t->bad,
			t->bad == 1 ? " is not a JSON object: the fields of its row"
				    : "s are not JSON objects: the fields of their rows");
	if (t->cut)
		kt_say(KT_WARNING, "%s: %lld row%s too large for SQLite: without key, value and fields", t->name,
			(long long)t->cut, kt_plural_are(t->cut));
	if (t->columns.n_later && !t->how->columns->n)
		say_later(t);
}

void kt_sinkdbtable_fini(struct kt_sinkdbtable *t)
{
	for (size_t i = 0; i < t->n_held; i++)
		kt_recordcopy_fini(&t->held[i]);
	free(t->held);
	free(t->held_parts);
	if (t->insert)
		kt_sqlite.finalize(t->insert);
	kt_jsoncolumns_fini(&t->columns);
	kt_buf_fini(&t->headers);
	free(t->name);
	*t = (struct kt_sinkdbtable){0};
}
