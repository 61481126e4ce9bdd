/* kt sql: topics and files as tables. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "file.h"
#include "serde.h"
#include "sqlprompt.h"

enum { STATEMENTS_MAX = 1 << 20 };

struct sql_opts {
	struct kt_client_opts client;
	struct kt_read_opts read;
	struct kt_filter_opts filter;
	struct kt_decode_opts decode;
	const char *statement, *db, *form;
	struct kt_strs columns, serdes;
};
#define OPTS struct sql_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "STATEMENT", .positional = true, KT_STR(statement),
		.help = "what to ask, in SQL; several with ; between (default: a prompt, or stdin)"},
	{.name = "show", KT_PRESET(form, "show"), .conflict = 'f', .help = "draw what Spark's show() draws: 20 rows, cut to 20 characters"},
	{.name = "csv", KT_PRESET(form, "csv"), .conflict = 'f', .help = "print CSV with a heading"},
	{.name = "json", .often = true, .letter = 'J', KT_PRESET(form, "json"), .conflict = 'f', .help = "print one JSON object per row"},
	{.name = "table", KT_PRESET(form, "table"), .conflict = 'f', .help = "print an aligned table, in a pipe too"},
	{.name = "column", .often = true, KT_LIST(columns), .arg = "NAME=PATH[:TYPE]",
		.help = "a column of all topics and files, in place of those found; may be repeated"},
	{.name = "db", KT_STR(db), .arg = "FILE", .comp = KT_COMP_FILE, .help = "a file of SQLite's, whose tables are there too, to read"},
	{.name = "offset", .often = true, .letter = 'o', .also = "from", KT_LIST(read.offsets), .arg = "WHERE",
		.help = "beginning (default), end, N, -N, A:B, @TIME, @FROM:TO, -1h; or P=N,P=N"},
	{.name = "since", .often = true, KT_STR(read.since), .arg = "TIME", .help = "start at a time, or this long ago: 10m, 2h"},
	{.name = "tail", KT_STR(read.tail), .arg = "N", .help = "start N records before the end of each partition"},
	{.name = "partition", .letter = 'p', KT_LIST(read.partitions), .arg = "N", .help = "read only these: 3, 0,1 or 0-7; may be repeated"},
	{.name = "exit-at-end", .letter = 'e', KT_FLAG(read.exit_at_end), .conflict = 'e',
		.help = "end where the topics end at the start (default)"},
	{.name = "follow", KT_FLAG(read.follow), .conflict = 'e', .help = "go on with what comes next"},
	{.name = "isolation", KT_STR(read.isolation), .arg = "LEVEL", .help = "read_committed (default) or read_uncommitted"},
	{.name = "serde", .often = true, .letter = 's', KT_LIST(serdes), .arg = "TYPE", .help = "what values are: json (default) or avro"},
	{KT_INCLUDE(filter, "Only some records", kt_filter_opts)},
	{KT_INCLUDE(decode, "Avro values (with -s avro)", kt_decode_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static int choose_serde(const struct sql_opts *o, bool *avro, struct kt_err *err)
{
	for (size_t i = 0; i < o->serdes.n; i++) {
		const char *word = o->serdes.v[i];
		*avro = !strcmp(word, "avro") || !strcmp(word, "value=avro");
		if (!*avro && strcmp(word, "json") != 0)
			return kt_err_set(err, KT_USAGE, "--serde %s: expected json or avro", word);
	}
	return 0;
}

static int run_statements(const struct sql_opts *o, const struct kt_sqlrun_how *how, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_sqlrun *run = NULL;
	bool prompts = !o->statement && isatty(STDIN_FILENO);
	if (o->statement)
		kt_buf_adds(&text, o->statement);
	else if (!prompts && kt_file_read(&text, "/dev/stdin", STATEMENTS_MAX, err) < 0)
		return -1;
	if (kt_sqlrun_open(&run, how, err) < 0)
		return -1;
	int result = prompts ? kt_sqlprompt(run, how, err) : kt_sqlrun_statements(run, kt_buf_cstr(&text), err);
	return kt_sqlrun_close(run, result, err);
}

static int sql_run(void *data, struct kt_err *err)
{
	const struct sql_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_filter_fini) struct kt_filter filter = {0};
	bool avro = false;
	if (choose_serde(o, &avro, err) < 0 || kt_filter_open(&filter, &o->filter, err) < 0 ||
		kt_conf_load(&settings, &o->client, err) < 0 || kt_conf_resolve(&settings, err) < 0)
		return -1;
	/* A query is nobody's member: a group of the configuration stays as it is. */
	kt_settings_put(&settings, KT_RANK_FLAG, "kt.group", "", "kt sql");
	const struct kt_sqlrun_how how = {
		.client = &o->client,
		.read = &o->read,
		.decode = avro ? &o->decode : NULL,
		.filter = &filter,
		.settings = &settings,
		.columns = &o->columns,
		.db = o->db,
		.form = o->form,
		.follow = o->read.follow,
	};
	return run_statements(o, &how, err);
}

static const char *const about[] = {
	"Asks topics in SQL. A name in FROM is a topic, or a pattern of topics; a file of JSON lines or an Avro container, where it "
	"has a slash or ends in .jsonl, .ndjson, .json or .avro; or a table of the database that --db names. Names with "
	"dashes, dots or slashes stand in double quotes. Of topics whose names differ only in case a run can ask one.",
	"Columns are the fields of the values, JSON or (with -s avro) Avro, as the first 1000 records have them; that is said. "
	"Fields that come later are counted, and said at the end. --column names columns instead: temp=sensor.t:real is "
	"the field t in sensor; types are text, int, real, json, and any (as it is). Objects and lists are JSON text "
	"(`sensor->>'$.t'`), true and false are 1 and 0. A whole number beyond 64 bits is text, digit by digit, since as "
	"the nearest number with a fraction two ids could be one; to SQL such a text is above every number, and :real makes "
	"it a number. Names that differ only in case are one to SQL: the second becomes NAME_2.",
	"Always there, and not among the columns of *: _topic, _partition, _offset, _timestamp (milliseconds), _key, _value and "
	"_headers (an object); without the underscore too, where no field has the name. ms('2026-01-31'), ms('-1h') and "
	"iso(_timestamp) are from time to milliseconds and back. A value that is not a JSON object is a row with NULL in its "
	"fields; such rows are counted.",
	"Topics are read from the beginning to where they end now, or as -o says, as the query asks for their rows; "
	"nothing is kept but what SQL needs for GROUP BY and ORDER BY, which goes to a temporary file when it is large. "
	"Conditions on _partition, _offset and (downwards) _timestamp are looked up rather than read through, and "
	"LIMIT ends the reading. Later times than a condition allows may stand anywhere in a topic; -o @FROM:TO ends there. In a "
	"join all topics but one are read once into a temporary file. --follow goes on with what comes next, in queries "
	"that need not wait for an end; in a join with one topic, while the others are what they hold at the start.",
	"Without a statement there is a prompt on a terminal: statements end with a semicolon, .tables, .schema NAME, .mode FORM and "
	".help do what they say, the Tab key completes topics and columns, and Ctrl-C ends what a statement does. What was typed "
	"is kept in ~/.local/state/kt/sql-history.",
	"Output is a table on a terminal, and lines with tabs in a pipe, in which tabs, newlines and backslashes of values are "
	"\\t, \\n and \\\\ and NULL is nothing; or --csv, where an empty text is \"\" and NULL is nothing, or -J. Bytes "
	"that are not text are base64 there. Statements can only read.",
	NULL,
};

static const char *const examples[] = {
	"as a table",
	"kt sql 'SELECT * FROM \"game-events\" LIMIT 10'",
	"what Spark's show() draws",
	"kt sql --show 'SELECT * FROM \"game-events\"'",
	"how often each value comes",
	"kt sql 'SELECT event_type, count(*) FROM \"game-events\" GROUP BY 1'",
	"the last hour, by partition",
	"kt sql --since 1h 'SELECT _partition, count(*) FROM orders GROUP BY 1'",
	"with a file beside it",
	"kt sql 'SELECT * FROM orders o JOIN \"./users.jsonl\" u ON u.id = o.user'",
	"a field deep inside, named and typed",
	"kt sql --column t=sensor.t:real 'SELECT avg(t) FROM client58'",
	"what is hot from now on",
	"kt sql --follow -o end 'SELECT * FROM client58 WHERE temperature > 30'",
	NULL,
};

const struct kt_cmd kt_cmd_sql = {
	.name = "sql",
	.summary = "ask topics and files in SQL",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = sql_run,
};
