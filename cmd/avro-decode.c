/* kt avro-decode: Avro from topics, files and pipes to text. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "decode.h"
#include "ending.h"
#include "esc.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "printloop.h"
#include "say.h"
#include "schemasums.h"
#include "sig.h"

struct decode_opts {
	struct kt_client_opts client;
	struct kt_read_opts read;
	struct kt_decode_opts decode;
	struct kt_strs words, files;
	const char *format;
	int encoding;
	bool json, python, avro_json, schema_only, stats, unbuffered;
};
#define OPTS struct decode_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC|FILE", .positional = true, KT_LIST(words), .comp = KT_COMP_TOPIC,
		.help = "topics, or files where they exist; - is stdin"},
	{.name = "python", KT_FLAG(python), .conflict = 'f', .help = "print what a Python consumer prints"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "like kt consume -J, with the record as payload"},
	{.name = "avro-json", KT_FLAG(avro_json), .conflict = 'f', .help = "Avro's own JSON, with tagged unions"},
	{.name = "format", .letter = 'f', KT_STR(format), .arg = "FORMAT", .conflict = 'f',
		.help = "kcat's, %s is the record; %{a.b}, %{list[0].x} a field of it"},
	{.name = "schema-only", KT_FLAG(schema_only), .help = "print each schema once"},
	{.name = "stats", KT_FLAG(stats), .help = "print how many records there are of each name and schema"},
	{.name = "file", KT_LIST(files), .arg = "FILE", .comp = KT_COMP_FILE, .help = "read this file"},
	{KT_INCLUDE(decode, "Schemas and values", kt_decode_opts)},
	{KT_INCLUDE(read, "Which records", kt_read_opts)},
	{.name = "encoding", KT_ENUM(encoding, kt_encodings), .def = "utf8",
		.help = "with -J: how keys and headers are written; utf8 falls back to base64"},
	{.name = "unbuffered", .letter = 'u', KT_FLAG(unbuffered), .help = "write each record at once"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct run {
	const struct decode_opts *opts;
	struct kt_decode decode;
	struct kt_format *format;
	struct kt_schemasums sums;
};

/* For kt_decode_file(), and for records of topics. */
static void print(void *user, struct kt_buf *out, const struct kt_record *record, const struct kt_datum *datum)
{
	struct run *run = user;
	const struct decode_opts *o = run->opts;
	enum kt_encoding encoding = (enum kt_encoding)o->encoding;
	if (o->schema_only || o->stats) {
		if (datum)
			kt_schemasums_count(&run->sums, out, datum);
	} else if (!datum) {
		if (o->json)
			kt_decode_add_raw(&run->decode, out, record, encoding);
	} else if (run->format) {
		kt_format_render_fields(run->format, out, datum->shown, datum->fields);
	} else {
		if (o->json) {
			kt_recordjson_begin(out, datum->shown, encoding, false);
		} else if (!run->decode.file) {
			kt_words_add(out, datum->name.data, datum->name.len);
			kt_buf_addc(out, '\n');
		}
		kt_buf_add(out, datum->shown->value.data, datum->shown->value.len);
		kt_buf_adds(out, o->json ? "}\n" : "\n");
	}
}

static int more(void *user, struct kt_buf *out, struct kt_err *err)
{
	struct run *run = user;
	struct kt_decode *d = &run->decode;
	struct kt_datum datum;
	int more;
	while ((more = kt_decode_next(d, out, &datum, err)) == KT_DECODED)
		print(run, out, &d->record, &datum);
	if (!more && d->bad)
		print(run, out, &d->record, NULL);
	return more < 0 ? -1 : more ? KT_PRINTED_PART : KT_PRINTED;
}

static int64_t awaits(void *user, struct pollfd *fd)
{
	const struct run *run = user;
	return kt_decode_awaits(&run->decode, fd);
}

static int render(void *user, struct kt_buf *out, const struct kt_record *record, struct kt_err *err)
{
	struct run *run = user;
	kt_decode_begin(&run->decode, record, NULL, out);
	return more(run, out, err);
}

static int decode_topics(struct run *run, struct kt_printloop *flow, struct kt_settings *settings,
	const struct kt_strs *topics, struct kt_err *err)
{
	const struct decode_opts *o = run->opts;
	if (kt_reading_init(&flow->reading, &o->read, topics, settings, o->client.timeout_ms, err) < 0 ||
		kt_conf_resolve(settings, err) < 0)
		return -1;
	/* Headers cost as much time as decoding does. */
	flow->reading.how.headers =
		!run->format || kt_format_wants_headers(run->format) || kt_decode_wants_headers(&run->decode, settings);
	flow->unbuffered = o->unbuffered;
	flow->render = render;
	flow->more = more;
	flow->awaits = awaits;
	run->decode.pauses = true;
	if (kt_printloop_open(flow, settings, err) < 0)
		return -1;
	kt_buf_adds(&flow->out.buf, run->format ? kt_format_heading(run->format) : "");
	int result = kt_printloop_run(flow, err);
	if (o->stats)
		kt_schemasums_print(&run->sums, &flow->out.buf, flow->out.terminal);
	return kt_printloop_close(flow, result, err);
}

/* What was decoded before is written by now. */
static int open_file(const char *path)
{
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int decode_file(struct run *run, struct kt_out *out, const char *path, struct kt_err *err)
{
	const struct decode_opts *o = run->opts;
	bool standard = !strcmp(path, "-");
	int64_t left = o->read.count < 0 ? -1 : o->read.count - run->decode.records;
	int fd = standard ? STDIN_FILENO : open_file(path);
	if (fd < 0) {
		bool missing = errno == ENOENT;
		kt_err_sys(err, "opening %s", path);
		err->status = missing ? KT_USAGE : KT_FAILED;
		return -1;
	}
	int result = kt_decode_file(&run->decode, out, fd, standard ? "stdin" : path, left, print, run, err);
	if (!standard)
		close(fd);
	return result;
}

static int decode_files(struct run *run, const struct kt_strs *files, struct kt_err *err)
{
	const struct decode_opts *o = run->opts;
	kt_auto(kt_out_fini) struct kt_out out;
	kt_out_init(&out, STDOUT_FILENO);
	kt_buf_adds(&out.buf, run->format ? kt_format_heading(run->format) : "");
	struct kt_stop stop = {.outer = o->client.owner->stop};
	kt_stop_begin(&stop, o->client.run_for_ms);
	run->decode.stop = &stop;
	int result = 0;
	for (size_t i = 0; i < files->n && result == 0 && !out.closed && !kt_stop_status(&stop); i++)
		result = decode_file(run, &out, files->v[i], err);
	if (o->stats)
		kt_schemasums_print(&run->sums, &out.buf, out.terminal);
	if (kt_out_drain(&out, err) < 0 || result < 0)
		return -1;
	return kt_ended(kt_stop_status(&stop), err, "after %lld record%s", (long long)run->decode.records,
		kt_plural(run->decode.records));
}

/* A word is a file when there is one of that name, and when it could not be a topic. */
static bool is_file(const char *word)
{
	struct stat info;
	return !strcmp(word, "-") || strchr(word, '/') || (stat(word, &info) == 0 && !S_ISDIR(info.st_mode));
}

static int sort_words(const struct decode_opts *o, struct kt_strs *topics, struct kt_strs *files, struct kt_err *err)
{
	for (size_t i = 0; i < o->words.n; i++)
		kt_strs_add(is_file(o->words.v[i]) ? files : topics, o->words.v[i]);
	for (size_t i = 0; i < o->files.n; i++)
		kt_strs_add(files, o->files.v[i]);
	if (files->n && (topics->n || o->read.topics.n))
		return kt_err_set(err, KT_USAGE, "%s is a topic and %s a file: one kind at a time",
			topics->n ? topics->v[0] : o->read.topics.v[0], files->v[0]);
	return 0;
}

static void free_run(struct run *run)
{
	kt_decode_fini(&run->decode);
	kt_format_free(run->format);
	kt_schemasums_fini(&run->sums);
}

static int open_decode(struct run *run, const struct kt_settings *settings, struct kt_err *err)
{
	const struct decode_opts *o = run->opts;
	struct kt_decode *d = &run->decode;
	if (o->json && (o->python || o->format))
		return kt_err_set(err, KT_USAGE, "--json does not go with %s", o->python ? "--python" : "--format");
	if (o->format && kt_format_compile(&run->format, o->format, NULL, err) < 0)
		return kt_err_wrap(err, "--format");
	d->form = o->python ? KT_AVRO_PYTHON : o->avro_json ? KT_AVRO_TAGGED : KT_AVRO_JSON;
	d->format = run->format;
	d->heads = o->schema_only || o->stats;
	d->blind = o->schema_only;
	return kt_decode_open(d, &o->decode, &o->client, settings, err);
}

/* Where nothing is named: the configured topic, else stdin. Says which. */
static void choose(const struct decode_opts *o, const struct kt_settings *settings, struct kt_strs *files)
{
	const char *topic = kt_settings_text(settings, "kt.topic", NULL);
	if (o->read.topics.n || (!topic && isatty(STDIN_FILENO)))
		return;
	kt_say(KT_NORMAL, topic ? "decoding topic %s" : "decoding stdin", topic);
	if (!topic)
		kt_strs_add(files, "-");
}

static int decode_run(void *data, struct kt_err *err)
{
	const struct decode_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_strs_fini) struct kt_strs topics = {0}, files = {0};
	kt_auto(free_run) struct run run = {
		.opts = o,
		.sums = {.schemas = o->schema_only, .json = o->json},
	};
	if (sort_words(o, &topics, &files, err) < 0)
		return -1;
	if (!files.n && kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	if (!files.n && !topics.n)
		choose(o, &settings, &files);
	if (open_decode(&run, files.n ? NULL : &settings, err) < 0)
		return -1;
	if (files.n)
		return kt_decode_close(&run.decode, decode_files(&run, &files, err), err);
	kt_auto(kt_printloop_free) struct kt_printloop *flow = kt_printloop_new(&o->client, &o->read, &run);
	return kt_decode_close(&run.decode, decode_topics(&run, flow, &settings, &topics, err), err);
}

static const char *const about[] = {
	"Decodes Avro: from topics, with every option of `kt consume`, from files, and from stdin. Object containers "
	"(a file, or one in each message) bring their schema; data in single-object encoding, with the number of a "
	"schema registry in front, or with nothing around it needs --schema, --schema-dir, or --registry.",
	"For a message two lines are printed: its header record_name, or without one the schema's name, and the record "
	"as JSON. For a container in a file, each record is one line. --python prints the dict that a Python consumer "
	"prints.",
	"What is not Avro is reported on stderr with its place and the path inside the record (the first ten, or all "
	"of them with -v); the run goes on, and ends with status 3. With -J such a message is printed as it came, "
	"with payload_error. So is what decodes to far too much text: a datum of 16 MiB is passed over, "
	"a message ends after 256 MiB.",
	"--reader-schema reads all data as that schema, by Avro's schema resolution: fields in its order, without those that "
	"it does not have, with its defaults and aliases, and with numbers promoted. Names on the first line, "
	"--stats and --schema-only stay those of the data. Data that cannot be read that way is treated like what is "
	"not Avro.",
	"--registry names a schema registry (Confluent's, or one that speaks like it), as KT_REGISTRY and a "
	"profile's kt.registry do. It is asked once for each number, and for what the schema refers to. User and "
	"password are in the address, or are kt.registry.username and kt.registry.password; https trusts the CAs of "
	"this machine and those of --auth or ssl.ca.location, and shows the client's certificate from there. A "
	"schema that the registry does not have, or that is not Avro, is reported like any message that cannot be "
	"decoded; a registry that cannot be reached within --timeout ends the run with status 5, before the message "
	"that needs it. The header __value_schema_id is understood, with a number or a GUID.",
	"Without a topic or file it reads the configured topic, or else stdin, where lines of `kt consume -J` are "
	"understood too.",
	NULL,
};

static const char *const examples[] = {
	"the events of an experiment, as the exercise wants them",
	"kt avro-decode client58 -g decoders --reset earliest --python",
	"a container file as JSON lines",
	"kt avro-decode users.avro | jq .name",
	"two fields of each record",
	"kt avro-decode client58 -e -f '%{experiment} %{temperature}\\n'",
	"and fields inside lists and maps",
	"kt avro-decode runs.avro -f '%{sensors[0].id} %{labels[\"app.name\"]}\\n'",
	"records that were stored before",
	"kt consume client58 -e -J | kt avro-decode",
	"old and new events alike, as today's schema has them",
	"kt avro-decode client58 -e --reader-schema sensor.avsc",
	"values with the number of a schema registry in front",
	"kt avro-decode orders -e --registry http://localhost:8081",
	"which records a topic holds",
	"kt avro-decode client58 -e --stats",
	NULL,
};

const struct kt_cmd kt_cmd_avro_decode = {
	.name = "avro-decode",
	.summary = "print Avro records of topics and files",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = decode_run,
};
