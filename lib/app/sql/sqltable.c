#include "sqltable.h"

#include <sys/stat.h>

#include "columnssay.h"
#include "mem.h"
#include "num.h"
#include "say.h"

static const char *const own_types[] = {"TEXT", "INTEGER", "INTEGER", "INTEGER", "", "", "TEXT"};
_Static_assert(KT_LEN(own_types) == KT_OWNS, "a type for each");

int kt_sqltables_init(struct kt_sqltables *tables, sqlite3 *db, const struct kt_rowreads *reads, struct kt_err *err)
{
	tables->db = db;
	tables->reads = reads;
	return kt_sqlmodule_create(tables, err);
}

struct kt_sqltable *kt_sqltables_find(const struct kt_sqltables *tables, const char *name)
{
	for (size_t i = 0; i < tables->n; i++)
		if (!strcasecmp(tables->v[i]->name, name))
			return tables->v[i];
	return NULL;
}

static bool is_file(const char *name)
{
	static const char *const endings[] = {".jsonl", ".ndjson", ".json", ".avro"};
	struct stat info;
	if (strchr(name, '/'))
		return true;
	size_t len = strlen(name);
	for (size_t i = 0; i < KT_LEN(endings); i++) {
		size_t own = strlen(endings[i]);
		if (len > own && !strcmp(name + len - own, endings[i]))
			return stat(name, &info) == 0 && !S_ISDIR(info.st_mode);
	}
	return false;
}

static bool is_field(const struct kt_sqltable *t, const char *name)
{
	for (size_t i = 0; i < t->columns.n; i++)
		if (!strcasecmp(t->columns.v[i].name, name))
			return true;
	return false;
}

void kt_sqltable_declare(const struct kt_sqltable *t, struct kt_buf *out)
{
	size_t n = t->columns.n;
	kt_buf_adds(out, "CREATE TABLE x(");
	for (size_t i = 0; i < n + t->n_owns; i++) {
		int own = i < n ? 0 : t->owns[i - n];
		bool plain = i >= n + KT_OWNS;
		kt_buf_adds(out, i ? "," : "");
		kt_sql_quote(out, i < n ? t->columns.v[i].name : kt_own_names[own] + plain);
		if (i >= n)
			kt_buf_addf(out, " %s%s", own_types[own], n || !plain ? " HIDDEN" : "");
	}
	kt_buf_addc(out, ')');
}

/* The record's own under both names; without the underscore only where no field has the name. */
static void add_owns(struct kt_sqltable *t)
{
	for (int own = 0; own < KT_OWNS; own++)
		t->owns[t->n_owns++] = own;
	for (int own = 0; own < KT_OWNS; own++)
		if (!is_field(t, kt_own_names[own] + 1))
			t->owns[t->n_owns++] = own;
}

static int open_sample(struct kt_sqltable *t, bool tail, struct kt_rowsource **rows, struct kt_err *err)
{
	struct kt_rowwant want = KT_ROWWANT_ALL;
	want.sample = true;
	want.tail = tail;
	return t->file ? kt_rowsource_file(rows, t->all->reads, t->name, err)
		       : kt_rowsource_topic(rows, t->all->reads, t->name, &t->bounds, &want, err);
}

static int read_sample(struct kt_sqltable *t, bool tail, struct kt_err *err)
{
	kt_auto(kt_rowsource_free) struct kt_rowsource *rows = NULL;
	struct kt_row row;
	int more = 1;
	if (open_sample(t, tail, &rows, err) < 0)
		return -1;
	while (!t->all->words->n && t->sampled < KT_SQLTABLE_SAMPLE &&
		(more = kt_rowsource_next(rows, &row, err)) > 0) {
		t->sampled++;
		if (!row.bad && row.record.value.data)
			kt_jsoncolumns_learn(&t->columns, row.record.value);
	}
	return more < 0 ? -1 : 0;
}

static bool has_records(const struct kt_sqltable *t)
{
	for (size_t i = 0; i < t->bounds.n; i++)
		if (t->bounds.v[i].log_end > t->bounds.v[i].begin)
			return true;
	return false;
}

/* Where nothing is in the range that is to be read, what is at the end of the log tells the columns. */
static int look(struct kt_sqltable *t, struct kt_err *err)
{
	if (read_sample(t, false, err) < 0)
		return -1;
	if (t->sampled || t->file || t->all->words->n || (!has_records(t) && !t->all->reads->follow))
		return 0;
	return read_sample(t, true, err);
}

static void say_columns(const struct kt_sqltable *t)
{
	if (t->all->words->n)
		return;
	if (t->sampled)
		kt_columnssay_found(&t->columns, t->name, t->sampled);
	else
		kt_say(KT_NORMAL, "%s holds no records", t->name);
	kt_columnssay_renamed(&t->columns, t->name);
}

static int find_columns(struct kt_sqltable *t, struct kt_err *err)
{
	t->columns.reserved = kt_own_names;
	for (size_t i = 0; i < t->all->words->n; i++)
		if (kt_jsoncolumns_add(&t->columns, t->all->words->v[i], err) < 0)
			return kt_err_wrap(err, "--column");
	if (look(t, err) < 0)
		return -1;
	if (t->all->by_name && !t->all->words->n)
		kt_jsoncolumns_sort(&t->columns);
	add_owns(t);
	say_columns(t);
	return 0;
}

static void free_table(struct kt_sqltable **at)
{
	struct kt_sqltable *t = *at;
	if (!t)
		return;
	kt_rowstore_free(&t->store);
	kt_jsoncolumns_fini(&t->columns);
	kt_partitions_fini(&t->bounds);
	free(t->name);
	free(t);
	*at = NULL;
}

int kt_sqltables_add(struct kt_sqltables *tables, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	kt_auto(free_table) struct kt_sqltable *t = kt_calloc(1, sizeof(*t));
	t->all = tables;
	t->name = kt_strdup(name);
	t->number = tables->n;
	t->file = !tables->only_topics && is_file(name);
	if (find_columns(t, err) < 0)
		return -1;
	tables->v = kt_grow(tables->v, &tables->cap, tables->n + 1, sizeof(*tables->v));
	tables->v[tables->n++] = kt_steal(t);
	kt_buf_adds(&sql, "CREATE VIRTUAL TABLE temp.");
	kt_sql_quote(&sql, name);
	kt_buf_addf(&sql, " USING kt(%zu)", tables->n - 1);
	if (kt_sqlite.exec(tables->db, kt_buf_cstr(&sql), NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return kt_err_set(err, KT_FAILED, "%s as a table: %s", name, kt_sqlite.errmsg(tables->db));
}

void kt_sqltables_begin(struct kt_sqltables *tables)
{
	tables->failed = false;
	for (size_t i = 0; i < tables->n; i++) {
		struct kt_sqltable *t = tables->v[i];
		kt_rowstore_free(&t->store);
		kt_partitions_fini(&t->bounds);
		t->bounds = (struct kt_partitions){0};
		t->stored = false;
		t->used = 0;
		t->bad = 0;
	}
}

struct kt_sqltable *kt_sqltables_planned(const struct kt_sqltables *tables, const char *words)
{
	char *end;
	unsigned long number = words && *words == 't' ? strtoul(words + 1, &end, 10) : tables->n;
	return number < tables->n && *end == ';' ? tables->v[number] : NULL;
}

static void say_later(const struct kt_sqltable *t)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *example = kt_columnssay_later(&t->columns, &text);
	kt_say(KT_NORMAL, "%s: %s: --column %s makes it one, and so does _value->>'$.%s'", t->name, kt_buf_cstr(&text),
		example, example);
}

void kt_sqltables_end(struct kt_sqltables *tables)
{
	for (size_t i = 0; i < tables->n; i++) {
		struct kt_sqltable *t = tables->v[i];
		bool avro = tables->reads->decode;
		if (t->bad == 1)
			kt_say(KT_NORMAL, "%s: 1 value is not %s: the columns of its row are NULL", t->name,
				avro ? "an Avro record" : "a JSON object");
		else if (t->bad)
			kt_say(KT_NORMAL, "%s: %lld values are not %s: the columns of their rows are NULL", t->name,
				(long long)t->bad, avro ? "Avro records" : "JSON objects");
		if (t->columns.n_later && !tables->words->n)
			say_later(t);
	}
}

void kt_sqltables_fini(struct kt_sqltables *tables)
{
	for (size_t i = 0; i < tables->n; i++)
		free_table(&tables->v[i]);
	free(tables->v);
	*tables = (struct kt_sqltables){0};
}
