/* kt sink files: records of topics as files in a folder. */
#include "cmd.h"
#include "conf.h"
#include "ending.h"
#include "num.h"
#include "say.h"
#include "sinkcmd.h"
#include "sinkfiles.h"

struct sinkfiles_opts {
	struct kt_client_opts client;
	struct kt_sink_opts sink;
	const char *dir, *roll;
	struct kt_strs topics, columns;
	int format, compression, partition_by;
	bool values;
};
#define OPTS struct sinkfiles_opts

/* Those of text are the first ones, in the order of kt_sinkpacking. */
static const char *const codecs[] = {"none", "gzip", "zstd", "deflate", "snappy", NULL};
enum { CODEC_DEFLATE = KT_SINKPACKING_ZSTD + 1 };
static const char *const folders[] = {"none", "dt", "dt/hour", NULL};

#define ROLL "64MiB,5m"

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "DIR", .positional = true, .required = true, KT_STR(dir), .comp = KT_COMP_FILE,
		.help = "the folder; made if need be"},
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read, or quoted patterns (default: kt.topic of the configuration)"},
	{.name = "format", .often = true, .letter = 'f', KT_ENUM(format, kt_sinkformats), .arg = "FORMAT", .def = "jsonl",
		.help = "lines of JSON, CSV, or Avro's containers"},
	{.name = "roll", .often = true, KT_STR(roll), .arg = "SIZE,DUR", .def = ROLL,
		.help = "finish a file at this size or age; one alone leaves the other as it is"},
	{.name = "compression", .often = true, .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "none",
		.help = "of text gzip or zstd, within Avro deflate or snappy"},
	{.name = "partition-by", .often = true, KT_ENUM(partition_by, folders), .arg = "TIME", .def = "none",
		.help = "folders by the records' time in UTC, named as Hive does: dt=2026-11-30/hour=21"},
	{.name = "column", .often = true, KT_LIST(columns), .arg = "NAME=PATH[:TYPE]",
		.help = "of CSV: a column, in place of those found; may be repeated"},
	{.name = "values", KT_FLAG(values), .help = "of JSON: a line is the value alone, not the record"},
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
	struct kt_sinkfiles_how how;
	struct kt_sinkfiles *files;
};

static void free_sink(struct sink *s)
{
	kt_sinkcmd_fini(&s->cmd);
	kt_sinkfiles_close(&s->files);
}

/* "5m" alone is a time, as "64" and "64m,…" are sizes: m is of both. */
static int read_roll(struct sink *s, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs parts = {0};
	struct kt_err ignored;
	kt_strs_split(&parts, text, ",");
	bool one = parts.n == 1, digits = one && !parts.v[0][strspn(parts.v[0], "0123456789")];
	if (parts.n < 1 || parts.n > 2)
		return kt_err_set(err, KT_USAGE, "--roll %s: expected a size and a time, such as " ROLL, text);
	if (one && !digits && kt_parse_duration_ms(parts.v[0], &s->how.roll_ms, &ignored) == 0)
		return s->how.roll_ms ? 0 : kt_err_set(err, KT_USAGE, "--roll %s: a time of 0", text);
	if (kt_parse_bytes(parts.v[0], &s->how.roll_bytes, err) < 0 ||
		(!one && kt_parse_duration_ms(parts.v[1], &s->how.roll_ms, err) < 0))
		return kt_err_wrap(err, "--roll");
	if (!s->how.roll_bytes || !s->how.roll_ms)
		return kt_err_set(err, KT_USAGE, "--roll %s: both have to be more than 0", text);
	return 0;
}

static int choose_compression(struct sink *s, struct kt_err *err)
{
	int codec = s->opts->compression;
	bool avro = s->how.lines.format == KT_SINKFORMAT_AVRO;
	if (codec && avro != (codec >= CODEC_DEFLATE))
		return kt_err_set(err, KT_USAGE, "--compression %s: for %s it is %s", codecs[codec],
			kt_sinkformats[s->how.lines.format], avro ? "deflate or snappy" : "gzip or zstd");
	if (avro)
		s->how.codec = codec ? KT_SINKCODEC_DEFLATE + (unsigned)(codec - CODEC_DEFLATE) : KT_SINKCODEC_NULL;
	else
		s->how.packing = (enum kt_sinkpacking)codec;
	return 0;
}

static int choose(struct sink *s, struct kt_err *err)
{
	const OPTS *o = s->opts;
	s->how = (struct kt_sinkfiles_how){
		.owner = o->client.owner,
		.path = o->dir,
		.lines =
			{
				.format = (enum kt_sinkformat)o->format,
				.values = o->values,
				.columns = &o->columns,
				.sample = {o->client.owner, &s->cmd.settings, &s->cmd.reading, s->cmd.decode},
			},
		.folders = (enum kt_sinkfolders)o->partition_by,
	};
	if (s->cmd.decode.opts && o->format == KT_SINKFORMAT_AVRO) {
		kt_err_set(err, KT_USAGE, "-s avro is for --format jsonl and csv");
		return kt_err_hint(err, "--format avro keeps containers as they are, and everything else as records");
	}
	if (o->values && o->format != KT_SINKFORMAT_JSONL)
		return kt_err_set(err, KT_USAGE, "--values is for --format jsonl");
	if (o->columns.n && o->format != KT_SINKFORMAT_CSV)
		return kt_err_set(err, KT_USAGE, "--column is for --format csv");
	if (read_roll(s, ROLL, err) < 0 || read_roll(s, o->roll, err) < 0)
		return -1;
	return choose_compression(s, err);
}

static int open_sink(struct sink *s, struct kt_err *err)
{
	if (kt_sinkfiles_open(&s->files, &s->how, err) < 0)
		return -1;
	struct kt_sinkrun_how own = {
		.name = s->opts->dir, .store_word = "folder", .store = kt_sinkfiles_store(s->files)};
	own.places = kt_sinkfiles_places(s->files, &own.n_places);
	return kt_sinkcmd_open(&s->cmd, &own, err);
}

static int print_counts(const struct sink *s, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	kt_jsonout_begin(&line, NULL, '{');
	kt_jsonout_words(&line, "dir", s->opts->dir);
	kt_jsonout_i64(&line, "files", kt_sinkfiles_count(s->files));
	return kt_sinkcmd_print(&s->cmd, &line, err);
}

static void say_files(const struct sink *s)
{
	char digits[32];
	int64_t n = kt_sinkfiles_count(s->files);
	kt_sinkfiles_say(s->files);
	kt_say(KT_NORMAL, "%s file%s finished", kt_group_digits(n, digits), kt_plural(n));
	kt_sinkrun_say(s->cmd.run);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(free_sink) struct sink s = {.opts = o, .cmd = {.client = &o->client, .opts = &o->sink}};
	if (kt_sinkcmd_serde(&s.cmd, err) < 0 || choose(&s, err) < 0 || kt_sinkcmd_read(&s.cmd, &o->topics, err) < 0 ||
		open_sink(&s, err) < 0)
		return -1;
	if (kt_sinkcmd_is_endless(&s.cmd))
		kt_say(KT_NORMAL, "writing to %s, and what comes: Ctrl-C ends it, -e at the end of what is there",
			o->dir);
	struct kt_ending end = {.err = err, .result = kt_sinkrun_go(s.cmd.run, err)};
	say_files(&s);
	if (o->sink.json)
		kt_ending_add(&end, print_counts(&s, kt_ending_err(&end)));
	return end.result;
}

static const char *const about[] = {
	"Writes the records of topics into files of a folder, for a warehouse (DuckDB, Spark, ClickHouse) to read. A file holds "
	"records of one partition and is named TOPIC.PARTITION.FIRST-LAST.EXT: the offsets of its first and its last one. While "
	"it is written it is hidden and ends in .part; it gets its name when all of it is on the disk, and is never changed after "
	"that. Without an end (-e, -c, -o :B) the sink goes on with what comes, and Ctrl-C finishes the files.",
	"Each record is in one file, exactly once, whatever is killed and whenever: a start goes on after the last file of each "
	"partition that is in the folder, whatever a group has committed (-g GROUP only shows others the lag), and removes what "
	"was not finished. So the last file of each partition has to stay, or an empty one of its name; the others may be moved "
	"away. Files whose offsets overlap are refused, and so is a second sink on the folder. "
	"Where a topic was recreated or cut, so that it ends before what the folder has, the start is refused. Options may "
	"change from one run to the next.",
	"Records that --grep, --key, --header and the like leave out are read all the same: the offsets of a file's name span them. "
	"Those after the last file of a partition are read again by the next start, which may have other filters.",
	"--roll says when a file is finished: when it has reached a size (as it is on the disk), or when the oldest of those that "
	"are being written has been for that long; then all are. What is not given stays as it is by default.",
	"--partition-by puts records into folders by their timestamps, in UTC; those without one go to "
	"__HIVE_DEFAULT_PARTITION__. The files of one roll of a partition then have the same name in several folders: FIRST and "
	"LAST are those of the roll, and the files appear together, or not at all until the next start.",
	"--format jsonl: a line is a record as `kt consume -J` prints it; with --values it is the value alone: JSON as it is, on "
	"one line; text that is not JSON as a JSON string; null; and what is not text as an object with payload (base64) and "
	"payload_encoding. With -s avro it is each datum of a value, as JSON.",
	"--format csv: a first line of names, _topic, _partition, _offset, _timestamp (milliseconds) and _key, then a column for "
	"each field that the first 1000 records of the topic have (JSON, or with -s avro Avro), and _value and _headers; _value is "
	"empty where the fields hold all of it. Of several partitions these are the earliest by their timestamps, so that each "
	"start finds the same ones, which are said. --column names columns in place of all "
	"these (as in `kt sql`: temp=sensor.t:real is the field t in sensor). Null is nothing, an empty text a pair of quotes, what "
	"is not text base64.",
	"--format avro: where a value is itself a small container, its data go into the file as they are, with the schema as it "
	"was written, and a new schema begins a new file; keys, times and headers are not in such a file. All other values "
	"(JSON, text, null, a damaged container) are records of the schema kt.Record: topic, partition, offset, timestamp "
	"(milliseconds, or null), key and value (bytes, or null), headers (key and value).",
	"What is in memory is bounded: 64 files are open at a time. With gzip and zstd a file that had to be closed meanwhile "
	"holds several streams, which together unpack to its text. With a full disk the sink ends with status 1: finished files "
	"stay, the others are removed, and the next start goes on there.",
	NULL,
};

static const char *const examples[] = {
	"all that is there",
	"kt sink files lake game-events -e",
	"for good, packed, in folders by day and hour",
	"kt sink files lake orders --partition-by dt/hour -z zstd --roll 1GiB,15m",
	"fields as columns",
	"kt sink files out client58 -e -f csv --column t=temp:real --column room",
	"each field a column, of Avro by a registry",
	"kt sink files csv client58 -f csv -s avro --registry http://h:8081",
	"values that are Avro, as large Avro files",
	"kt sink files avro client58 -f avro -z snappy",
	NULL,
};

const struct kt_cmd kt_cmd_sink_files = {
	.name = "sink files",
	.summary = "records of topics into files of a folder, each once",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
