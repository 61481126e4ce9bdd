#include "sinkdb.h"

#include "ending.h"
#include "mem.h"
#include "progress.h"
#include "say.h"
#include "sinkdbtable.h"
#include "sinkimport.h"
#include "when.h"

/* A topic, and the table of its rows. */
struct dbtopic {
	char *name;
	struct kt_sinkdbtable *table;
	bool kept;        /* the file knows that the topic has that table */
	struct kt_buf id; /* the topic's, as the file knows it; empty: it does not */
};

struct kt_sinkdb {
	struct kt_sinkdb_how how;
	struct kt_sinkdbtable_how table_how;
	struct kt_sinkdbfile file;
	struct kt_sinkdbtable **tables;
	size_t n_tables, tables_cap;
	struct dbtopic *topics;
	size_t n_topics, topics_cap, topic; /* and the one that came last */
	struct kt_sinkplace *places;        /* as they are in the file */
	size_t n_places, places_cap;
	struct kt_sinkdecode decode;
	char *file_table;       /* of the file that is imported; NULL: none is */
	int64_t rows, first_us; /* since the last commit; when the first of them came */
};

static void free_db(struct kt_sinkdb **db)
{
	kt_sinkdb_close(*db);
}

int kt_sinkdb_open(struct kt_sinkdb **out, const struct kt_sinkdb_how *how, struct kt_err *err)
{
	kt_auto(free_db) struct kt_sinkdb *db = kt_calloc(1, sizeof(*db));
	db->how = *how;
	db->table_how = (struct kt_sinkdbtable_how){
		.columns = how->columns, .add_columns = how->add_columns, .parts = how->decode.opts != NULL};
	if (kt_sinkdbfile_open(&db->file, how->path, how->client->owner, err) < 0 ||
		kt_sinkdbfile_places(&db->file, &db->places, &db->n_places, err) < 0)
		return -1;
	db->places_cap = db->n_places;
	if (kt_sinkdecode_open(&db->decode, &how->decode, err) < 0)
		return -1;
	*out = kt_steal(db);
	return 0;
}

const struct kt_sinkplace *kt_sinkdb_places(const struct kt_sinkdb *db, size_t *n)
{
	*n = db->n_places;
	return db->places;
}

/* The name of the table that a topic went into before, into name, and its id; nothing where it went into none. */
static int known_table(struct kt_sinkdb *db, struct dbtopic *t, struct kt_buf *name, struct kt_err *err)
{
	sqlite3_stmt *one = NULL;
	if (kt_sinkdbfile_prepare(&db->file, "SELECT name, id FROM kt_sink_tables WHERE topic = ?", &one, err) < 0)
		return -1;
	kt_sqlite.bind_text64(one, 1, t->name, strlen(t->name), SQLITE_STATIC, SQLITE_UTF8);
	int code = kt_sqlite.step(one);
	if (code == SQLITE_ROW) {
		kt_buf_add(name, kt_sqlite.column_blob(one, 0), (size_t)kt_sqlite.column_bytes(one, 0));
		kt_buf_add(&t->id, kt_sqlite.column_blob(one, 1), (size_t)kt_sqlite.column_bytes(one, 1));
	}
	int result = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : kt_sinkdbfile_fail(&db->file, err);
	kt_sqlite.finalize(one);
	return result;
}

static int keep_table(struct kt_sinkdb *db, struct dbtopic *t, struct kt_err *err)
{
	sqlite3_stmt *add = NULL;
	if (kt_sinkdbfile_begin(&db->file, err) < 0 ||
		kt_sinkdbfile_prepare(&db->file, "INSERT OR REPLACE INTO kt_sink_tables VALUES(?,?,?)", &add, err) < 0)
		return -1;
	kt_sqlite.bind_text64(add, 1, t->name, strlen(t->name), SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_text64(add, 2, t->table->name, strlen(t->table->name), SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite_bind_bytes(add, 3, (struct kt_bytes){t->id.data, t->id.len});
	int result = kt_sinkdbfile_step(&db->file, add, err);
	kt_sqlite.finalize(add);
	t->kept = result == 0;
	return result;
}

static struct kt_sinkdbtable *find_table(const struct kt_sinkdb *db, const char *name)
{
	for (size_t i = 0; i < db->n_tables; i++)
		if (!strcasecmp(db->tables[i]->name, name))
			return db->tables[i];
	return NULL;
}

/* A topic that is new to the file: its table is new too, or one that --table shares among topics. */
static int check_new(struct kt_sinkdb *db, const char *topic, const char *name, struct kt_err *err)
{
	static const char sql[] = "SELECT topic FROM kt_sink_tables WHERE name = ? COLLATE NOCASE";
	sqlite3_stmt *one = NULL;
	const struct kt_sinkdbtable *ours = find_table(db, name);
	bool has;
	if (kt_sinkdbfile_has(&db->file, name, &has, err) < 0 || kt_sinkdbfile_prepare(&db->file, sql, &one, err) < 0)
		return -1;
	kt_sqlite.bind_text64(one, 1, name, strlen(name), SQLITE_STATIC, SQLITE_UTF8);
	bool sinks = kt_sqlite.step(one) == SQLITE_ROW || ours;
	const char *other = ours ? ours->name : sinks ? (const char *)kt_sqlite.column_text(one, 0) : NULL;
	bool good = sinks ? db->how.table != NULL : !has;
	if (!good && sinks)
		kt_err_set(err, KT_FAILED, "%s has a table of that name from topic %s, and SQL sees no case",
			db->how.path, other ? other : "");
	else if (!good)
		kt_err_set(err, KT_FAILED, "%s has a table %s already, which no sink made", db->how.path, name);
	kt_sqlite.finalize(one);
	if (good)
		return 0;
	kt_err_wrap(err, "%s", topic);
	return kt_err_hint(err, "--table NAME gives its rows another one");
}

static int open_table(struct kt_sinkdb *db, const char *name, struct kt_sinkdbtable **out, struct kt_err *err)
{
	*out = find_table(db, name);
	if (*out)
		return 0;
	struct kt_sinkdbtable *table = kt_malloc(sizeof(*table));
	db->tables = kt_grow(db->tables, &db->tables_cap, db->n_tables + 1, sizeof(*db->tables));
	db->tables[db->n_tables++] = table;
	*out = table;
	return kt_sinkdbtable_open(table, &db->file, name, &db->table_how, err);
}

static int add_topic(struct kt_sinkdb *db, struct kt_bytes topic, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf known = {0};
	struct dbtopic *t;
	db->topics = kt_grow(db->topics, &db->topics_cap, db->n_topics + 1, sizeof(*db->topics));
	db->topic = db->n_topics++;
	t = &db->topics[db->topic];
	*t = (struct dbtopic){.name = kt_strndup(topic.data, topic.len)};
	if (known_table(db, t, &known, err) < 0)
		return -1;
	const char *name = known.len        ? kt_buf_cstr(&known)
			   : db->how.table  ? db->how.table
			   : db->file_table ? db->file_table
					    : t->name;
	if (db->how.table && strcasecmp(name, db->how.table) != 0)
		return kt_err_set(err, KT_USAGE, "--table %s: the rows of %s are in the table %s of %s already",
			db->how.table, t->name, name, db->how.path);
	if (!known.len && check_new(db, t->name, name, err) < 0)
		return -1;
	if (open_table(db, name, &t->table, err) < 0)
		return -1;
	if (known.len && !t->table->made && !t->table->n_held)
		return kt_err_set(err, KT_FAILED, "%s: the table %s of topic %s is gone, but not how far it had come",
			db->how.path, name, t->name);
	t->kept = known.len > 0;
	return 0;
}

static bool is_topic(const struct dbtopic *t, struct kt_bytes topic)
{
	return !strncmp(t->name, topic.data, topic.len) && !t->name[topic.len];
}

/* Makes it the one that came last. Records of a topic come in runs. */
static int find_topic(struct kt_sinkdb *db, struct kt_bytes topic, struct kt_err *err)
{
	if (db->topic < db->n_topics && is_topic(&db->topics[db->topic], topic))
		return 0;
	for (db->topic = 0; db->topic < db->n_topics; db->topic++)
		if (is_topic(&db->topics[db->topic], topic))
			return 0;
	return add_topic(db, topic, err);
}

static int topic_id(void *user, const char *topic, struct kt_bytes id, struct kt_err *err)
{
	struct kt_sinkdb *db = user;
	if (find_topic(db, (struct kt_bytes){topic, strlen(topic)}, err) < 0)
		return -1;
	struct dbtopic *t = &db->topics[db->topic];
	if (t->id.len)
		return t->id.len != id.len || memcmp(t->id.data, id.data, id.len) != 0;
	/* With its first record, or now where it has some without. */
	kt_buf_add(&t->id, id.data, id.len);
	return t->kept ? keep_table(db, t, err) : 0;
}

static int begin(void *user, const struct kt_partitions *parts, struct kt_err *err)
{
	struct kt_sinkdb *db = user;
	for (size_t i = 0; i < parts->n; i++)
		if (find_topic(db, (struct kt_bytes){parts->v[i].topic, parts->v[i].topic_len}, err) < 0)
			return -1;
	return 0;
}

/* The rows of a message. */
struct dbrows {
	struct kt_sinkdbtable *table;
	int64_t n;
};

static int take_datum(void *user, const struct kt_record *shown, uint32_t part, bool json, struct kt_err *err)
{
	struct dbrows *rows = user;
	(void)json;
	rows->n++;
	return kt_sinkdbtable_take(rows->table, shown, part, err);
}

/* Each datum of a message is a row; what nothing can be read of is one too, with what came as its value. */
static int take_avro(struct kt_sinkdb *db, const struct kt_record *r, struct kt_err *err)
{
	struct kt_err ignored;
	struct dbrows rows = {.table = db->topics[db->topic].table};
	int64_t n = kt_sinkdecode_each(&db->decode, r, take_datum, &rows, err);
	if (n < 0 && rows.n && kt_sinkdbtable_drop(rows.table, r, &ignored) < 0)
		return -1;
	if (n < 0)
		return -1;
	db->rows += n;
	return n ? 0 : 1;
}

static int take(void *user, const struct kt_record *r, struct kt_err *err)
{
	struct kt_sinkdb *db = user;
	if (!db->rows++)
		db->first_us = kt_clock_us();
	if (find_topic(db, r->topic, err) < 0)
		return -1;
	struct dbtopic *t = &db->topics[db->topic];
	if (!t->kept && keep_table(db, t, err) < 0)
		return -1;
	return db->decode.on ? take_avro(db, r, err) : kt_sinkdbtable_take(t->table, r, 0, err);
}

/* Where the file says that a partition is; made where it says nothing. */
static struct kt_sinkplace *place_of(struct kt_sinkdb *db, const struct kt_partition *part)
{
	for (size_t i = 0; i < db->n_places; i++)
		if (db->places[i].partition == part->partition && !strcmp(db->places[i].topic, part->topic))
			return &db->places[i];
	db->places = kt_grow(db->places, &db->places_cap, db->n_places + 1, sizeof(*db->places));
	struct kt_sinkplace *place = &db->places[db->n_places++];
	*place = (struct kt_sinkplace){kt_strdup(part->topic), part->partition, KT_NO_OFFSET};
	return place;
}

static int put_places(struct kt_sinkdb *db, const struct kt_partitions *parts, struct kt_err *err)
{
	for (size_t i = 0; i < parts->n; i++) {
		const struct kt_partition *part = &parts->v[i];
		struct kt_sinkplace *place = place_of(db, part);
		if (place->next == part->written)
			continue;
		if (kt_sinkdbfile_begin(&db->file, err) < 0 ||
			kt_sinkdbfile_put_place(&db->file, part->topic, part->partition, part->written, err) < 0)
			return -1;
		place->next = part->written;
	}
	return 0;
}

static int commit(void *user, const struct kt_partitions *parts, struct kt_err *err)
{
	struct kt_sinkdb *db = user;
	for (size_t i = 0; i < db->n_tables && !db->file.failed; i++)
		if (kt_sinkdbtable_settle(db->tables[i], err) < 0)
			return -1;
	if (!db->file.failed && put_places(db, parts, err) < 0)
		return -1;
	db->rows = 0;
	return kt_sinkdbfile_commit(&db->file, err);
}

static int64_t due_ms(void *user)
{
	const struct kt_sinkdb *db = user;
	/* Columns may have been added before the first row: others can write meanwhile. */
	if (!db->rows)
		return db->file.open ? 0 : INT64_MAX;
	return db->rows >= KT_SINKDB_ROWS ? 0 : kt_left_ms(db->first_us, KT_SINKDB_MS);
}

struct kt_sinkstore kt_sinkdb_store(struct kt_sinkdb *db)
{
	return (struct kt_sinkstore){.user = db,
		.topic_id = topic_id,
		.begin = begin,
		.filters = db->decode.on,
		.take = take,
		.commit = commit,
		.due_ms = due_ms};
}

static int import_lines(struct kt_sinkdb *db, struct kt_sinkimport *in, struct kt_record *r,
	const struct kt_owner *owner, int64_t *rows, struct kt_err *err)
{
	struct kt_sinkdbtable *table = db->topics[db->topic].table;
	struct kt_progress progress = {.total = kt_sinkimport_size(in)};
	int more;
	while ((more = kt_sinkimport_next(in, &r->value, err)) > 0) {
		int stopped = kt_owner_stopped(owner);
		if (stopped)
			return kt_ended(stopped, err, "after %lld lines, of which none is kept", (long long)*rows);
		r->offset = kt_sinkimport_line(in);
		if (kt_sinkdbtable_take(table, r, 0, err) < 0)
			return -1;
		++*rows;
		progress.done = kt_sinkimport_done(in);
		kt_progress_records(&progress, *rows);
	}
	if (progress.shown_us)
		kt_say_progress("%s", "");
	return more < 0 ? -1 : kt_sinkdbtable_settle(table, err);
}

int kt_sinkdb_import(
	struct kt_sinkdb *db, const char *path, const struct kt_owner *owner, int64_t *rows, struct kt_err *err)
{
	kt_auto(kt_sinkimport_free) struct kt_sinkimport *in = NULL;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	kt_auto(kt_free_ptr) char *topic = kt_asprintf("./%s", name);
	struct kt_record r = {.topic = {topic, strlen(topic)}};
	*rows = 0;
	if (kt_sinkimport_open(&in, path, err) < 0)
		return -1;
	const char *dot = strrchr(name, '.');
	db->file_table = dot > name ? kt_strndup(name, (size_t)(dot - name)) : kt_strdup(name);
	if (find_topic(db, r.topic, err) < 0)
		return -1;
	struct dbtopic *t = &db->topics[db->topic];
	if (kt_sinkdbtable_clear(t->table, r.topic, err) < 0 || import_lines(db, in, &r, owner, rows, err) < 0)
		return -1;
	/* Without a line there may be no table yet. */
	if (t->table->made && !t->kept && keep_table(db, t, err) < 0)
		return -1;
	return kt_sinkdbfile_commit(&db->file, err);
}

void kt_sinkdb_say(const struct kt_sinkdb *db)
{
	for (size_t i = 0; i < db->n_tables; i++)
		kt_sinkdbtable_say(db->tables[i]);
}

void kt_sinkdb_close(struct kt_sinkdb *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->n_tables; i++) {
		kt_sinkdbtable_fini(db->tables[i]);
		free(db->tables[i]);
	}
	for (size_t i = 0; i < db->n_topics; i++) {
		free(db->topics[i].name);
		kt_buf_fini(&db->topics[i].id);
	}
	for (size_t i = 0; i < db->n_places; i++)
		free(db->places[i].topic);
	kt_sinkdecode_fini(&db->decode);
	kt_sinkdbfile_close(&db->file);
	free(db->file_table);
	free(db->tables);
	free(db->topics);
	free(db->places);
	free(db);
}
