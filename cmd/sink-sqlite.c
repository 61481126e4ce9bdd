/* kt sink sqlite: records of topics as rows of a file of SQLite's. */
#include <unistd.h>

#include "cmd.h"
#include "ending.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "sinkcmd.h"
#include "sinkdb.h"

struct sinksqlite_opts {
	struct kt_client_opts client;
	struct kt_sink_opts sink;
	const char *file, *table, *import;
	struct kt_strs topics, columns;
	bool add_columns;
};
#define OPTS struct sinksqlite_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "FILE", .positional = true, .required = true, KT_STR(file), .comp = KT_COMP_FILE,
		.help = "a file of SQLite's; made if need be"},
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read, or quoted patterns (default: kt.topic of the configuration)"},
	{.name = "column", .often = true, KT_LIST(columns), .arg = "NAME=PATH[:TYPE]",
		.help = "a column of the tables, in place of those found; may be repeated"},
	{.name = "add-columns", .often = true, KT_FLAG(add_columns), .help = "fields met later become columns too"},
	{.name = "table", .often = true, KT_STR(table), .arg = "NAME",
		.help = "all rows go into this table, not into one of each topic's name"},
	{.name = "import", .often = true, KT_STR(import), .arg = "PATH", .comp = KT_COMP_FILE,
		.help = "in place of topics: the lines of a .csv or .jsonl file"},
	{KT_INCLUDE(sink, "Which records", kt_sink_opts)},
	{KT_INCLUDE(sink.filter, "Only some of them", kt_filter_opts)},
	{KT_INCLUDE(sink.decode, "Avro values (with -s avro)", kt_decode_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct sink {
	const OPTS *opts;
	struct kt_sinkcmd cmd;
	struct kt_sinkdb *db;
};

static void free_sink(struct sink *s)
{
	kt_sinkcmd_fini(&s->cmd);
	kt_sinkdb_close(s->db);
}

static int open_db(struct sink *s, struct kt_err *err)
{
	const OPTS *o = s->opts;
	const struct kt_sinkdb_how how = {
		.client = &o->client,
		.decode = s->cmd.decode,
		.path = o->file,
		.table = o->table,
		.columns = &o->columns,
		.add_columns = o->add_columns,
	};
	return kt_sinkdb_open(&s->db, &how, err);
}

static int open_sink(struct sink *s, struct kt_err *err)
{
	if (open_db(s, err) < 0)
		return -1;
	struct kt_sinkrun_how own = {.name = s->opts->file, .store_word = "file", .store = kt_sinkdb_store(s->db)};
	own.places = kt_sinkdb_places(s->db, &own.n_places);
	return kt_sinkcmd_open(&s->cmd, &own, err);
}

static int print_counts(const struct sink *s, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	kt_jsonout_begin(&line, NULL, '{');
	kt_jsonout_words(&line, "file", s->opts->file);
	return kt_sinkcmd_print(&s->cmd, &line, err);
}

/* --import: the whole file, or nothing. */
static int import(struct sink *s, struct kt_err *err)
{
	const OPTS *o = s->opts;
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	char digits[32];
	int64_t rows;
	if (o->topics.n || o->sink.read.topics.n || s->cmd.decode.opts)
		return kt_err_set(err, KT_USAGE, "--import takes the place of topics, and is CSV or JSON");
	if (open_db(s, err) < 0 || kt_sinkdb_import(s->db, o->import, o->client.owner, &rows, err) < 0)
		return -1;
	kt_sinkdb_say(s->db);
	kt_say(KT_NORMAL, "%s line%s of %s into %s", kt_group_digits(rows, digits), kt_plural(rows), o->import,
		o->file);
	if (!o->sink.json)
		return 0;
	kt_jsonout_begin(&line, NULL, '{');
	kt_jsonout_words(&line, "file", o->file);
	kt_jsonout_i64(&line, "written", rows);
	kt_jsonout_end(&line, '}');
	kt_buf_addc(&line, '\n');
	return kt_out_print(STDOUT_FILENO, &line, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(free_sink) struct sink s = {.opts = o, .cmd = {.client = &o->client, .opts = &o->sink}};
	if (kt_sinkcmd_serde(&s.cmd, err) < 0)
		return -1;
	if (o->import)
		return import(&s, err);
	if (kt_sinkcmd_read(&s.cmd, &o->topics, err) < 0 || open_sink(&s, err) < 0)
		return -1;
	if (kt_sinkcmd_is_endless(&s.cmd))
		kt_say(KT_NORMAL, "writing %s, and what comes: Ctrl-C ends it, -e at the end of what is there",
			o->file);
	struct kt_ending end = {.err = err, .result = kt_sinkrun_go(s.cmd.run, err)};
	kt_sinkdb_say(s.db);
	kt_sinkrun_say(s.cmd.run);
	if (o->sink.json)
		kt_ending_add(&end, print_counts(&s, kt_ending_err(&end)));
	return end.result;
}

static const char *const about[] = {
	"Writes the records of topics into a file of SQLite's, each of them as a row, exactly once: rows and how far each "
	"partition has come are one transaction, of 10,000 rows or a second. Whatever is killed, the next start goes on "
	"where the file says, with all topics that are named then; no group is asked (-g GROUP only shows others the "
	"lag). A pattern stands for the topics that there are at the start. Without an end (-e, -c, -o :B) it goes on with what comes, and Ctrl-C commits what it has.",
	"Each topic has a table of its name, or all of them that of --table. Columns are the fields of the values, JSON or "
	"(with -s avro) Avro, as the first 1000 records have them; --column names columns instead: temp=sensor.t:real is "
	"the field t in sensor; types are text, int, real, json, and any (as it is). Objects and lists are JSON text, true "
	"and false are 1 and 0, and a whole number beyond 64 bits is text, digit by digit. Names that differ only in case are one "
	"to SQL: the second becomes NAME_2. Fields that come later are counted, and said at the end; --add-columns makes "
	"them columns, which are NULL in the rows before.",
	"After them come _topic, _partition, _offset (together the primary key), _timestamp (milliseconds), _key, _value and "
	"_headers (an object): what no column has is in _value. A value that is not a JSON object is a row with NULL in its "
	"fields. With -s avro a message may hold several records, which _part counts; _value is JSON then.",
	"Others read the file while it is written (`kt sql --db FILE`, sqlite3): it is in WAL mode, and they see whole "
	"commits. While another program writes it the sink waits; a second sink on the same file is refused. Where a topic was "
	"recreated or cut, so that it ends before what the file has, the start is refused: its records belong into another "
	"file. What retention took before the sink came to it is said with its offsets, and it goes on after that. With a full "
	"disk it ends with status 1; what was committed stays, and the next start goes on there.",
	"--import writes the lines of a file as a topic's records are: CSV (RFC 4180, in UTF-8), whose first line names the "
	"fields, or lines of JSON, into a table of the file's name without its ending. A column of CSV whose first thousand "
	"fields are numbers has numbers; a field of nothing is NULL. _topic is ./NAME then, and _offset the number of the "
	"line. The whole file is one transaction: a mistake in it is said with its line, and nothing has changed; a second "
	"import takes the place of the first.",
	"Its own tables are kt_sink_offsets (how far each partition has come), kt_sink_tables and kt_sink_columns.",
	NULL,
};

static const char *const examples[] = {
	"all that is there",
	"kt sink sqlite games.db game-events -e",
	"for good, with new fields as they come",
	"kt sink sqlite games.db game-events --add-columns",
	"and beside it",
	"kt sql --db games.db 'SELECT count(*) FROM \"game-events\"'",
	"a file beside them, to be joined",
	"kt sink sqlite games.db --import users.csv",
	"a field deep inside, named and typed, of several topics in one table",
	"kt sink sqlite rooms.db 'client*' --table rooms --column t=sensor.t:real",
	NULL,
};

const struct kt_cmd kt_cmd_sink_sqlite = {
	.name = "sink sqlite",
	.summary = "records of topics into a file of SQLite's, each once",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
