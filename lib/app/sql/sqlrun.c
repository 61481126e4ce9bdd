#include "sqlrun.h"

#include <ctype.h>
#include <unistd.h>

#include "ending.h"
#include "mem.h"
#include "out.h"
#include "say.h"
#include "sqlcase.h"
#include "sqlguard.h"
#include "sqlplan.h"
#include "sqlrun_own.h"
#include "sqlshow.h"
#include "sqltable.h"
#include "suggest.h"
#include "when.h"

enum { LOOK_OPS = 100000, BUSY_MS = 2000, PATIENCE_MS = 500, PIECE = 1 << 20 };

struct kt_sqlrun {
	const struct kt_sqlrun_how *how;
	sqlite3 *db;
	struct kt_sqlguard guard;
	struct kt_rowreads reads;
	struct kt_sqltables tables;
	struct kt_sqlshow show;
	struct kt_out out;
	struct kt_loop_source output;
	struct kt_stop stop;
	int64_t waited_us; /* since when a statement has waited for records; 0: it has not */
};

/* What is there is shown before it is waited for more. */
static bool waits(void *user)
{
	struct kt_sqlrun *run = user;
	struct kt_err ignored;
	/* With an end in sight a table's columns become as wide as they need to be, unless that takes long. */
	run->waited_us = run->waited_us ? run->waited_us : kt_clock_us();
	if (run->how->follow || !kt_left_ms(run->waited_us, PATIENCE_MS))
		kt_sqlshow_flush(&run->show);
	return kt_out_drain(&run->out, &ignored) < 0 || run->out.closed;
}

/* A query may work for long without reading anything. */
static int look_at_stop(void *user)
{
	const struct kt_sqlrun *run = user;
	return kt_stop_status(&run->stop) != 0;
}

static int open_db(struct kt_sqlrun *run, struct kt_err *err)
{
	const char *path = run->how->db;
	int flags = path ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (kt_sqlite.open_v2(path ? path : ":memory:", &run->db, flags, NULL) == SQLITE_OK) {
		kt_sqlite.busy_timeout(run->db, BUSY_MS);
		/* It opens anything, and looks at it when it is first read. */
		if (!path || kt_sqlite.exec(run->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
			return 0;
	}
	return kt_err_set(
		err, KT_USAGE, "--db %s: %s", path ? path : "", run->db ? kt_sqlite.errmsg(run->db) : "no memory");
}

static void choose_form(struct kt_sqlrun *run)
{
	const char *word = run->how->form;
	run->show.form = run->out.terminal ? KT_SQLFORM_TABLE : KT_SQLFORM_TSV;
	for (size_t i = 0; word && kt_sqlforms[i]; i++)
		if (!strcmp(word, kt_sqlforms[i]))
			run->show.form = (enum kt_sqlform)i;
	kt_looks_choose(&run->show.looks, run->out.terminal, run->how->client->color);
}

static void free_run(struct kt_sqlrun **at)
{
	struct kt_sqlrun *run = *at;
	if (!run)
		return;
	kt_sqlshow_fini(&run->show);
	if (run->db)
		kt_sqlite.close(run->db);
	kt_sqltables_fini(&run->tables);
	kt_out_fini(&run->out);
	free(run);
	*at = NULL;
}

int kt_sqlrun_open(struct kt_sqlrun **out, const struct kt_sqlrun_how *how, struct kt_err *err)
{
	if (kt_sqlite_load(err) < 0)
		return -1;
	kt_auto(free_run) struct kt_sqlrun *run = kt_calloc(1, sizeof(*run));
	run->how = how;
	kt_out_init(&run->out, STDOUT_FILENO);
	run->output = kt_out_source(&run->out);
	run->stop.outer = how->client->owner->stop;
	kt_stop_begin(&run->stop, how->client->run_for_ms);
	run->show.out = &run->out;
	choose_form(run);
	run->reads = (struct kt_rowreads){
		.client = how->client,
		.read = how->read,
		.decode = how->decode,
		.filter = how->filter,
		.where = how->where,
		.settings = how->settings,
		.stop = &run->stop,
		.follow = how->follow,
		.user = run,
		.waits = waits,
		.output = &run->output,
	};
	run->tables.words = how->columns;
	run->tables.by_name = run->show.form == KT_SQLFORM_SPARK;
	if (how->where)
		kt_condition_stop(how->where, &run->stop);
	if (open_db(run, err) < 0 || kt_sqltables_init(&run->tables, run->db, &run->reads, err) < 0)
		return -1;
	kt_sqlguard_set(&run->guard, run->db);
	kt_sqlite.progress_handler(run->db, LOOK_OPS, look_at_stop, run);
	*out = kt_steal(run);
	return 0;
}

/* The name that a message of SQLite's says there is no table of; NULL: it says something else. */
static const char *missing_table(const char *message)
{
	static const char words[] = "no such table: ";
	return strncmp(message, words, sizeof(words) - 1) != 0 ? NULL : message + sizeof(words) - 1;
}

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._-/", c));
}

/* Around the place of a syntax error: a name that SQL takes for more than one word. */
static int hint_quotes(struct kt_sqlrun *run, const char *sql, struct kt_err *err)
{
	int at = kt_sqlite.error_offset(run->db);
	if (at < 0 || (size_t)at >= strlen(sql) || !strchr("-./", sql[at]))
		return -1;
	int begin = at, end = at;
	while (begin > 0 && is_of_name(sql[begin - 1]))
		begin--;
	while (is_of_name(sql[end]))
		end++;
	if (end - begin < 2)
		return -1;
	return kt_err_hint(err, "a name with a dash, a dot or a slash stands in double quotes: \"%.*s\"", end - begin,
		sql + begin);
}

static int hint_column(struct kt_sqlrun *run, const char *name, struct kt_err *err)
{
	const char *dot = strrchr(name, '.');
	struct kt_suggest near = {.word = dot ? dot + 1 : name};
	for (size_t i = 0; i < run->tables.n; i++)
		for (size_t k = 0; k < run->tables.v[i]->columns.n; k++)
			kt_suggest_offer(&near, run->tables.v[i]->columns.v[k].name);
	if (near.best)
		return kt_err_hint(err, "did you mean %s?", near.best);
	return kt_err_hint(err, "text stands in single quotes; a field that the sample did not have is _value->>'$.%s'",
		near.word);
}

static int deny(const struct kt_sqlrun *run, struct kt_err *err)
{
	return kt_err_set(err, KT_USAGE, "statements can only read: %s is not allowed", run->guard.denied);
}

/* What is wrong with the statement, in SQLite's words. */
static int refuse(struct kt_sqlrun *run, const char *sql, struct kt_err *err)
{
	static const char column[] = "no such column: ";
	const char *message = kt_sqlite.errmsg(run->db);
	if (run->guard.denied[0])
		return deny(run, err);
	kt_err_set(err, KT_USAGE, "%s", message);
	if (!strncmp(message, column, sizeof(column) - 1))
		return hint_column(run, message + sizeof(column) - 1, err);
	return hint_quotes(run, sql, err);
}

/* A statement that names what is no table yet: makes it one. */
static int add_table(struct kt_sqlrun *run, const char *sql, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *message = kt_strdup(kt_sqlite.errmsg(run->db));
	const char *name = missing_table(message);
	if (!name)
		return refuse(run, sql, err);
	if (kt_sqltables_find(&run->tables, name)) {
		kt_err_set(err, KT_USAGE, "%s", message);
		return kt_err_hint(err, "a name with a dot stands in double quotes: \"%s\"", name);
	}
	run->guard.off = true;
	int result = kt_sqltables_add(&run->tables, name, err);
	run->guard.off = false;
	return result;
}

/* The first topic that is read has no end. */
static int check_follow(const struct kt_sqlplan *plan, struct kt_err *err)
{
	if (plan->waits) {
		kt_err_set(err, KT_USAGE,
			"--follow has no end, and this query shows nothing before it: a sum, an order or a group");
		return kt_err_hint(err, "leave out --follow for what is there now");
	}
	if (plan->scans < 2)
		return 0;
	kt_err_set(err, KT_USAGE, "--follow has no end, and what this query reads second would never be reached");
	return kt_err_hint(err, "in an OR, a + before _partition, _offset and _timestamp has each row looked at once");
}

/* Until all names are known, and what is read again and again is stored. */
static int prepare(
	struct kt_sqlrun *run, const char *sql, sqlite3_stmt **statement, const char **rest, struct kt_err *err)
{
	struct kt_sqlplan plan;
	for (;;) {
		run->guard.denied[0] = '\0';
		if (kt_sqlcase_check(&run->tables, sql, err) < 0)
			return -1;
		if (kt_sqlite.prepare_v2(run->db, sql, -1, statement, rest) != SQLITE_OK) {
			if (add_table(run, sql, err) < 0)
				return -1;
			continue;
		}
		if (!*statement || !strncasecmp(sql, "explain", 7))
			return 0;
		if (kt_sqlplan_read(&plan, &run->tables, run->db, (struct kt_bytes){sql, (size_t)(*rest - sql)}, err) <
			0)
			return -1;
		if (!plan.repeats)
			break;
		kt_sqlite.finalize(kt_steal(*statement));
	}
	run->reads.progresses = plan.waits;
	return run->how->follow ? check_follow(&plan, err) : 0;
}

static int step_through(struct kt_sqlrun *run, sqlite3_stmt *statement, struct kt_err *err)
{
	int code, stopped;
	kt_sqlshow_begin(&run->show, statement);
	while ((code = kt_sqlite.step(statement)) == SQLITE_ROW && !run->out.closed) {
		if (!kt_sqlshow_row(&run->show, statement))
			break;
		if (run->out.buf.len >= PIECE && kt_out_drain(&run->out, err) < 0)
			return -1;
		if (kt_stop_status(&run->stop) && kt_out_pending(&run->out))
			break;
	}
	if (run->tables.failed) {
		*err = run->tables.err;
		return -1;
	}
	stopped = kt_stop_status(&run->stop);
	if (stopped && !run->how->follow)
		return kt_ended(stopped, err, "after %lld rows", (long long)run->show.rows);
	if (run->guard.denied[0])
		return deny(run, err);
	if (code != SQLITE_ROW && code != SQLITE_DONE && code != SQLITE_INTERRUPT)
		return kt_err_set(err, KT_FAILED, "%s", kt_sqlite.errmsg(run->db));
	return 0;
}

static int run_one(struct kt_sqlrun *run, const char *sql, const char **rest, struct kt_err *err)
{
	sqlite3_stmt *statement = NULL;
	run->waited_us = 0;
	kt_sqltables_begin(&run->tables);
	int result = prepare(run, sql, &statement, rest, err);
	if (result == 0 && statement) {
		struct kt_ending end = {.err = err, .result = step_through(run, statement, err)};
		if (end.result == 0 || run->show.form != KT_SQLFORM_SPARK)
			kt_sqlshow_end(&run->show);
		kt_ending_add(&end, kt_out_drain(&run->out, kt_ending_err(&end)));
		kt_sqltables_end(&run->tables);
		result = end.result;
	}
	kt_sqlite.finalize(statement);
	return result;
}

int kt_sqlrun_statements(struct kt_sqlrun *run, const char *text, struct kt_err *err)
{
	int result = 0;
	while (*text && result == 0 && !kt_sqlrun_is_over(run)) {
		text += strspn(text, " \t\r\n;");
		if (*text)
			result = run_one(run, text, &text, err);
	}
	return result;
}

int kt_sqlrun_table(struct kt_sqlrun *run, const char *topic, int64_t count, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	kt_buf_adds(&sql, "SELECT * FROM ");
	kt_sql_quote(&sql, topic);
	if (count >= 0)
		kt_buf_addf(&sql, " LIMIT %lld", (long long)count);
	run->tables.only_topics = true;
	return kt_sqlrun_statements(run, kt_buf_cstr(&sql), err);
}

bool kt_sqlrun_is_complete(const char *text)
{
	return kt_sqlite.complete(text);
}

int kt_sqlrun_form(struct kt_sqlrun *run, const char *form, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	for (size_t i = 0; kt_sqlforms[i]; i++) {
		kt_buf_addf(&words, "%s%s", i ? ", " : "", kt_sqlforms[i]);
		if (strcmp(form, kt_sqlforms[i]) != 0)
			continue;
		run->show.form = (enum kt_sqlform)i;
		return 0;
	}
	if (*form)
		return kt_err_set(err, KT_USAGE, ".mode %s: expected one of %s", form, kt_buf_cstr(&words));
	kt_say(KT_QUIET, "%s, of %s", kt_sqlforms[run->show.form], kt_buf_cstr(&words));
	return 0;
}

int kt_sqlrun_look(struct kt_sqlrun *run, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	sqlite3_stmt *statement = NULL;
	const char *rest;
	kt_buf_adds(&sql, "SELECT 1 FROM ");
	kt_sql_quote(&sql, name);
	int result = prepare(run, kt_buf_cstr(&sql), &statement, &rest, err);
	kt_sqlite.finalize(statement);
	return result;
}

void kt_sqlrun_columns(const struct kt_sqlrun *run, struct kt_strs *out)
{
	for (size_t i = 0; i < run->tables.n; i++)
		for (size_t k = 0; k < run->tables.v[i]->columns.n; k++)
			kt_strs_add_new(out, run->tables.v[i]->columns.v[k].name);
	for (size_t i = 0; kt_own_names[i]; i++)
		kt_strs_add_new(out, kt_own_names[i]);
}

void kt_sqlrun_renew(struct kt_sqlrun *run)
{
	if (run->stop.outer)
		kt_stop_begin(run->stop.outer, 0);
	kt_stop_begin(&run->stop, run->how->client->run_for_ms);
}

bool kt_sqlrun_is_over(const struct kt_sqlrun *run)
{
	return run->out.closed || kt_stop_status(&run->stop);
}

int kt_sqlrun_close(struct kt_sqlrun *run, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	kt_ending_add(&end, kt_out_drain(&run->out, kt_ending_err(&end)));
	free_run(&run);
	return end.result;
}
