#include "sqlprompt.h"

#include "clusternames.h"
#include "lineedit.h"
#include "mem.h"
#include "say.h"
#include "sig.h"
#include "sqlrun_own.h"
#include "when.h"

/* How long the names of topics are kept, and how long the Tab key waits for them. */
enum { KEPT_US = 10000000, TAB_MS = 1000 };

struct prompt {
	struct kt_sqlrun *run;
	const struct kt_sqlrun_how *how;
	struct kt_lineedit *lines;
	struct kt_strs topics;
	int64_t asked_us; /* when they were; 0: never */
	struct kt_buf statement;
};

static const char *const keywords[] = {"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "LIMIT", "JOIN", "LEFT", "ON",
	"AS", "AND", "OR", "NOT", "NULL", "IS", "IN", "LIKE", "BETWEEN", "DISTINCT", "HAVING", "DESC", "UNION", "CASE",
	"WHEN", "THEN", "ELSE", "END", "count(", "sum(", "avg(", "min(", "max(", "json_extract(", "ms(", "iso("};
static const char *const commands[] = {".tables", ".schema", ".mode", ".help", ".quit"};

static void say(const struct kt_err *err)
{
	if (err->msg[0])
		kt_say_plain("%s", err->msg);
	if (err->msg[0] && err->hint[0])
		kt_say_plain("hint: %s", err->hint);
}

static int list_topics(struct prompt *p, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	if (p->asked_us && kt_clock_us() - p->asked_us < KEPT_US)
		return 0;
	if (kt_clusternames_topics(&names, p->how->settings, p->how->client->owner, timeout_ms, err) < 0)
		return -1;
	kt_strs_fini(&p->topics);
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.v[i], "__", 2) != 0)
			kt_strs_add(&p->topics, names.v[i]);
	p->asked_us = kt_clock_us();
	kt_strs_sort(&p->topics);
	return 0;
}

static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name == '-' || *name == '.')
			return false;
	return true;
}

/* A name as it has to be typed: in quotes where SQL would see more than a word, or where they were begun. */
static void add_name(struct kt_strs *out, const char *name, bool quoted)
{
	kt_strs_take(out, quoted || !is_plain(name) ? kt_asprintf("\"%s\"", name) : kt_strdup(name));
}

static void complete(void *user, const char *word, struct kt_strs *out)
{
	struct prompt *p = user;
	kt_auto(kt_strs_fini) struct kt_strs columns = {0};
	struct kt_err ignored;
	if (*word == '.') {
		for (size_t i = 0; i < KT_LEN(commands); i++)
			kt_strs_add(out, commands[i]);
		return;
	}
	(void)!list_topics(p, TAB_MS, &ignored);
	kt_sqlrun_columns(p->run, &columns);
	for (size_t i = 0; i < p->topics.n; i++)
		add_name(out, p->topics.v[i], *word == '"');
	for (size_t i = 0; i < columns.n; i++)
		add_name(out, columns.v[i], *word == '"');
	for (size_t i = 0; i < KT_LEN(keywords) && *word; i++)
		kt_strs_add(out, keywords[i]);
}

static int print_tables(struct prompt *p, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	p->asked_us = 0;
	if (list_topics(p, p->how->client->timeout_ms, err) < 0)
		return -1;
	kt_buf_adds(&sql, "SELECT name, 'table' AS kind FROM sqlite_schema WHERE type IN ('table', 'view')");
	for (size_t i = 0; i < p->topics.n; i++)
		kt_buf_addf(&sql, " UNION ALL SELECT '%s', 'topic'", p->topics.v[i]);
	return kt_sqlrun_statements(p->run, kt_buf_cstr(&sql), err);
}

static int print_schema(struct prompt *p, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sql = {0};
	if (!*name)
		return kt_err_set(err, KT_USAGE, ".schema NAME: of a topic, a file or a table");
	if (kt_sqlrun_look(p->run, name, err) < 0)
		return -1;
	kt_buf_adds(&sql, "SELECT name, type, iif(hidden, 'not in *', '') AS note FROM pragma_table_xinfo('");
	for (const char *at = name; *at; at++) {
		kt_buf_addc(&sql, *at);
		if (*at == '\'')
			kt_buf_addc(&sql, '\'');
	}
	kt_buf_adds(&sql, "')");
	return kt_sqlrun_statements(p->run, kt_buf_cstr(&sql), err);
}

static int print_help(void)
{
	kt_say_plain(".tables          the topics, and the tables of --db");
	kt_say_plain(".schema NAME     the columns of one, or of a file");
	kt_say_plain(".mode [FORM]     how rows are shown: table, tsv, csv, json, show");
	kt_say_plain(".quit            the end, as Ctrl-D");
	kt_say_plain("SELECT … ;       a statement ends with a semicolon, and may go over several lines");
	return 0;
}

/* The quotes around a name, and the semicolon after it, that people type. */
static char *name_in(const char *words)
{
	size_t len = strlen(words);
	while (len && strchr("; \t\"", words[len - 1]))
		len--;
	size_t skip = strspn(words, " \t\"");
	return kt_strndup(words + skip, len > skip ? len - skip : 0);
}

/* 1: the prompt is over. */
static int run_command(struct prompt *p, const char *line, struct kt_err *err)
{
	size_t len = strcspn(line, " \t;");
	kt_auto(kt_free_ptr) char *word = kt_strndup(line, len);
	kt_auto(kt_free_ptr) char *rest = name_in(line + len);
	if (!strcmp(word, ".quit") || !strcmp(word, ".exit") || !strcmp(word, ".q"))
		return 1;
	if (!strcmp(word, ".help"))
		return print_help();
	if (!strcmp(word, ".tables"))
		return print_tables(p, err);
	if (!strcmp(word, ".schema"))
		return print_schema(p, rest, err);
	if (!strcmp(word, ".mode"))
		return kt_sqlrun_form(p->run, rest, err);
	kt_err_set(err, KT_USAGE, "%s means nothing", word);
	return kt_err_hint(err, ".help shows what does");
}

/* The history has a line for each statement. */
static void remember(struct prompt *p)
{
	kt_auto(kt_free_ptr) char *line = kt_strdup(kt_buf_cstr(&p->statement));
	for (char *at = line; (at = strchr(at, '\n')) != NULL;)
		*at = ' ';
	kt_lineedit_remember(p->lines, line);
}

static int run_line(struct prompt *p, const char *line, struct kt_err *err)
{
	struct kt_buf *statement = &p->statement;
	if (!statement->len && *line == '.') {
		kt_lineedit_remember(p->lines, line);
		return run_command(p, line, err);
	}
	if (!statement->len && !line[strspn(line, " \t")])
		return 0;
	kt_buf_addf(statement, "%s%s", statement->len ? "\n" : "", line);
	if (!kt_sqlrun_is_complete(kt_buf_cstr(statement)))
		return 0;
	remember(p);
	int result = kt_sqlrun_statements(p->run, kt_buf_cstr(statement), err);
	statement->len = 0;
	return result;
}

static void read_lines(struct prompt *p)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	for (;;) {
		struct kt_err err = {0};
		int got = kt_lineedit_read(p->lines, p->statement.len ? "...> " : "kt> ", &line);
		int over = got == KT_LINE ? run_line(p, kt_buf_cstr(&line), &err) : 0;
		if (over < 0 && err.status == KT_SIGNAL + SIGINT)
			kt_say_plain("stopped");
		else if (over < 0)
			say(&err);
		if (got == KT_LINE_END || over > 0)
			break;
		if (got == KT_LINE_DROPPED || kt_sig_caught()) {
			if (kt_sig_caught() != SIGINT)
				return;
			p->statement.len = 0;
			if (got == KT_LINE_DROPPED)
				kt_say_plain("%s", "");
			kt_sqlrun_renew(p->run);
		}
	}
}

int kt_sqlprompt(struct kt_sqlrun *run, const struct kt_sqlrun_how *how, struct kt_err *err)
{
	struct prompt p = {.run = run, .how = how};
	(void)err;
	p.lines = kt_lineedit_new("sql", complete, &p);
	kt_say(KT_NORMAL, "statements end with ; and .help has more; Ctrl-D ends");
	read_lines(&p);
	kt_lineedit_free(&p.lines);
	kt_strs_fini(&p.topics);
	kt_buf_fini(&p.statement);
	return 0;
}
