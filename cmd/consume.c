/* kt consume: topics to text, JSON or raw bytes, with or without a consumer group. */
#include "cmd.h"
#include "decode.h"
#include "embedded.h"
#include "esc.h"
#include "filter.h"
#include "printloop.h"
#include "recordprint.h"
#include "serde.h"
#include "sig.h"
#include "sqlconsume.h"

struct consume_opts {
	struct kt_client_opts client;
	struct kt_read_opts read;
	struct kt_filter_opts filter;
	struct kt_sqlconsume_opts sql;
	struct kt_decode_opts decode;
	const char *format, *delim, *key_delim, *metrics_listen;
	struct kt_strs topics, serdes;
	int encoding;
	bool json, python, unbuffered, null_empty, pretty, raw;
};
#define OPTS struct consume_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read (default: kt.topic of the configuration)"},
	{KT_INCLUDE(read, "Which records", kt_read_opts)},
	{.name = "format", .often = true, .letter = 'f', KT_STR(format), .arg = "FORMAT", .conflict = 'f',
		.help = "kcat's: %t topic %p partition %o offset %k key %s value %h headers"},
	{.name = "json", .often = true, .letter = 'J', KT_FLAG(json), .conflict = 'f', .help = "one JSON object per record"},
	{.name = "csv", KT_PRESET(format, KT_FORMAT_CSV), .conflict = 'f', .help = "CSV with a heading; of your own: -f '%o,%k{csv},%s{csv}\\n'"},
	{.name = "python", KT_FLAG(python), .conflict = 'f', .help = "print what the tutorial's Python consumer prints"},
	{.name = "encoding", KT_ENUM(encoding, kt_encodings), .def = "utf8",
		.help = "with -J: how bytes are written; utf8 falls back to base64"},
	{.name = "delim", .letter = 'D', KT_STR(delim), .arg = "BYTES", .def = "\\n",
		.help = "written after each record; may be empty"},
	{.name = "key-delim", .often = true, .letter = 'K', KT_STR(key_delim), .arg = "BYTES", .help = "write the key and BYTES first"},
	{.name = "null-empty", .letter = 'Z', KT_FLAG(null_empty), .help = "write NULL for a null key or value"},
	{.name = "serde", .often = true, .letter = 's', KT_LIST(serdes), .arg = "[PART=]TYPE",
		.help = "what values (or key=, value=) are: raw, avro, or packed as kcat's >bhiq s"},
	{.name = "pretty", KT_FLAG(pretty), .help = "indent JSON: values that are an object or a list, or all with -J"},
	{.name = "raw", KT_FLAG(raw), .help = "control characters go to a terminal as they are, not as escapes"},
	{.name = "unbuffered", .letter = 'u', KT_FLAG(unbuffered), .help = "write each record at once"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .help = "serve /metrics there"},
	{KT_INCLUDE(filter, "Only some of them", kt_filter_opts)},
	{KT_INCLUDE(sql, "Fields of JSON and Avro", kt_sqlconsume_opts)},
	{KT_INCLUDE(decode, "Avro values (with -s avro)", kt_decode_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct consume {
	const struct consume_opts *opts;
	struct kt_printloop *flow;
	struct kt_recordprint how;
	struct kt_serdes serdes;
	struct kt_decode decode, keys; /* of values, and of keys */
	struct kt_decode_opts key_opts;
	struct kt_record shown; /* with a key, and a value that was packed, as text */
	bool refused;           /* the key of the current record */
	struct kt_buf key_text, value_text;
	struct kt_filter filter;
	struct kt_condition *where; /* NULL: no condition */
	bool matched;
};

/* By its value, or what that was decoded to. */
static bool takes_value(const struct consume *c, const struct kt_record *r)
{
	return kt_filter_takes_value(&c->filter, r->value) && (!c->where || kt_condition_takes(c->where, r));
}

/* What becomes of a record that was not taken. */
static int left_out(const struct consume *c)
{
	return c->where && kt_condition_is_stopped(c->where) ? KT_PRINTED_STOP : KT_PRINTED_NOT;
}

static int render(void *user, struct kt_buf *out, const struct kt_record *r, struct kt_err *err)
{
	struct consume *c = user;
	(void)err;
	if (c->filter.any && !kt_filter_takes(&c->filter, r))
		return KT_PRINTED_NOT;
	if (!takes_value(c, r))
		return left_out(c);
	kt_recordprint(&c->how, out, r, NULL);
	return KT_PRINTED;
}

/* The data of a message, as far as there is room for them. */
static int more_avro(void *user, struct kt_buf *out, struct kt_err *err)
{
	struct consume *c = user;
	struct kt_datum datum;
	int more;
	while ((more = kt_decode_next(&c->decode, out, &datum, err)) == KT_DECODED) {
		if (!takes_value(c, datum.shown)) {
			if (left_out(c) == KT_PRINTED_STOP)
				return KT_PRINTED_STOP;
			continue;
		}
		c->matched = true;
		kt_recordprint(&c->how, out, datum.shown, datum.fields);
	}
	if (more)
		return more < 0 ? -1 : KT_PRINTED_PART;
	/* A record counts once. */
	c->decode.failed -= c->refused && c->decode.bad;
	if (c->decode.bad && c->opts->json)
		kt_decode_add_raw(&c->decode, out, &c->decode.record, (enum kt_encoding)c->opts->encoding);
	return c->matched || c->decode.bad ? KT_PRINTED : KT_PRINTED_NOT;
}

static int64_t awaits(void *user, struct pollfd *fd)
{
	const struct consume *c = user;
	return kt_decode_awaits(&c->decode, fd);
}

/* Keys and values that are more than bytes; an Avro message may hold several values. */
static int render_serdes(void *user, struct kt_buf *out, const struct kt_record *r, struct kt_err *err)
{
	struct consume *c = user;
	const struct kt_serdes *s = &c->serdes;
	int key = 0, value = 0;
	int64_t failed = c->decode.failed;
	if (!kt_filter_takes(&c->filter, r))
		return KT_PRINTED_NOT;
	c->shown = *r;
	c->matched = false;
	if (s->key.packed)
		key = kt_serdes_unpack(&c->key_text, s->key.packed, r, "key", &c->shown.key, &c->decode, err);
	int decoded = s->key.avro ? kt_serdes_decode_key(&c->keys, r, &c->shown.key, err) : 0;
	if (key < 0 || decoded < 0)
		return -1;
	c->how.json_key = decoded && !c->opts->python;
	if (s->value.avro) {
		c->refused = c->decode.failed > failed;
		c->decode.messages -= c->refused;
		kt_decode_begin(&c->decode, &c->shown, NULL, out);
		return more_avro(user, out, err);
	}
	if (s->value.packed)
		value = kt_serdes_unpack(&c->value_text, s->value.packed, r, "value", &c->shown.value, &c->decode, err);
	if (value < 0)
		return -1;
	if (!takes_value(c, &c->shown))
		return left_out(c);
	/* A record counts once. */
	bool both = c->decode.failed > failed + 1, fine = c->decode.failed == failed;
	c->decode.failed -= both;
	c->decode.messages += fine ? key > 0 || value > 0 : -both;
	kt_recordprint(&c->how, out, &c->shown, NULL);
	return KT_PRINTED;
}

static int compile_output(struct consume *c, struct kt_err *err)
{
	const struct consume_opts *o = c->opts;
	if (kt_serdes_parse(&c->serdes, &o->serdes, err) < 0)
		return -1;
	bool avro = c->serdes.value.avro || c->serdes.key.avro;
	if (c->how.words.given && (o->json || o->format || o->python || o->key_delim)) {
		kt_err_set(err, KT_USAGE, "print.key and the like do not go with -J, -f, -K or --python");
		return kt_err_hint(err, "leave them out: -J has keys, headers and times; -f has %%k, %%h and %%T");
	}
	if (kt_unescape(&c->how.delim, o->delim, err) < 0)
		return kt_err_wrap(err, "--delim");
	if (o->key_delim && kt_unescape(&c->how.key_delim, o->key_delim, err) < 0)
		return kt_err_wrap(err, "--key-delim");
	if (o->format && kt_format_compile(&c->how.format, o->format, c->how.null_text, err) < 0)
		return kt_err_wrap(err, "--format");
	if (c->how.format && kt_format_fields(c->how.format)->n && !c->serdes.value.avro)
		return kt_err_set(
			err, KT_USAGE, "--format: %%{%s} needs -s avro", kt_format_fields(c->how.format)->v[0]);
	if (o->pretty && (o->format || o->python || c->how.words.given))
		return kt_err_set(err, KT_USAGE, "--pretty is for values and -J");
	if ((!avro && kt_decode_without(&o->decode, err) < 0) ||
		(o->sql.where && kt_condition_open(&c->where, o->sql.where, err) < 0))
		return -1;
	if (o->sql.columns.n && !o->sql.table)
		return kt_err_set(err, KT_USAGE, "--column needs --table");
	return kt_filter_open(&c->filter, &o->filter, err);
}

static void choose_looks(struct consume *c, const struct kt_out *out)
{
	const struct consume_opts *o = c->opts;
	c->how.looks = (struct kt_looks){.pretty = o->pretty, .raw = o->raw || o->python};
	kt_recordprint_choose(&c->how, out->terminal, o->client.color);
}

static int open_decode(struct consume *c, const struct kt_settings *settings, struct kt_err *err)
{
	const struct consume_opts *o = c->opts;
	c->decode = (struct kt_decode){
		.form = o->python ? KT_AVRO_PYTHON : KT_AVRO_JSON,
		.format = c->how.format,
		.pauses = true,
	};
	c->keys = (struct kt_decode){.form = c->decode.form, .keys = true};
	c->key_opts = o->decode;
	c->key_opts.reader_schema = NULL;
	c->key_opts.decrypt_hash = false;
	if (kt_decode_open(&c->decode, &o->decode, &o->client, settings, err) < 0)
		return -1;
	return c->serdes.key.avro ? kt_decode_open(&c->keys, &c->key_opts, &o->client, settings, err) : 0;
}

static void tear_down(struct consume *c)
{
	kt_decode_fini(&c->decode);
	kt_decode_fini(&c->keys);
	kt_serdes_fini(&c->serdes);
	kt_buf_fini(&c->key_text);
	kt_buf_fini(&c->value_text);
	kt_printloop_free(&c->flow);
	kt_recordprint_fini(&c->how);
	kt_filter_fini(&c->filter);
	kt_condition_close(&c->where);
}

static int print_table(struct consume *c, struct kt_settings *settings, struct kt_err *err)
{
	const struct consume_opts *o = c->opts;
	struct kt_sqlrun_how how = {
		.filter = &c->filter, .where = c->where, .settings = settings, .client = &c->how.words.client};
	how.decode = c->serdes.value.avro ? &o->decode : NULL;
	if (o->metrics_listen)
		return kt_err_set(err, KT_USAGE, "--metrics-listen does not go with --table");
	if (o->key_delim || c->how.words.given || c->serdes.key.avro || c->serdes.key.packed || c->serdes.value.packed)
		return kt_err_set(
			err, KT_USAGE, "--table is for fields of values: it shows no keys, and nothing packed");
	return kt_sqlconsume(&how, &o->sql, &o->read, &o->topics, err);
}

static int consume_run(void *data, struct kt_err *err)
{
	const struct consume_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(tear_down) struct consume c = {.opts = o,
		.how = {.json = o->json,
			.python = o->python,
			.encoding = (enum kt_encoding)o->encoding,
			.null_text = o->null_empty ? "NULL" : NULL}};
	struct kt_printloop *flow = c.flow = kt_printloop_new(&o->client, &o->read, &c);
	if (kt_consolewords_init(&c.how.words, &o->client, err) < 0 ||
		kt_conf_load(&settings, &c.how.words.client, err) < 0 || compile_output(&c, err) < 0 ||
		kt_reading_init(&flow->reading, &o->read, &o->topics, &settings, o->client.timeout_ms, err) < 0 ||
		kt_conf_resolve(&settings, err) < 0)
		return -1;
	if (o->sql.table)
		return print_table(&c, &settings, err);
	if (o->serdes.n && open_decode(&c, &settings, err) < 0)
		return -1;
	flow->reading.how.headers = o->json || (c.how.format && kt_format_wants_headers(c.how.format)) ||
				    c.how.words.headers || kt_filter_wants_headers(&c.filter) ||
				    (c.where && kt_condition_wants_headers(c.where)) ||
				    (c.serdes.value.avro && kt_decode_wants_headers(&c.decode, &settings)) ||
				    (c.serdes.key.avro && kt_decode_wants_headers(&c.keys, &settings));
	choose_looks(&c, &flow->out);
	flow->unbuffered = o->unbuffered;
	flow->metrics_listen = o->metrics_listen;
	flow->render = o->serdes.n ? render_serdes : render;
	flow->more = more_avro;
	flow->awaits = c.serdes.value.avro ? awaits : NULL;
	flow->assigned = o->python ? kt_reading_print_assigned : NULL;
	if (c.where)
		kt_condition_stop(c.where, &flow->stop);
	if (kt_printloop_open(flow, &settings, err) < 0)
		return -1;
	kt_buf_adds(&flow->out.buf, c.how.format ? kt_format_heading(c.how.format) : "");
	int result = kt_printloop_run(flow, err);
	if (!result && o->python && kt_stop_status(&flow->stop) == KT_SIGNAL + SIGTERM)
		kt_buf_adds(&flow->out.buf, "EXITING SAFELY!\n");
	result = kt_decode_close(&c.decode, kt_printloop_close(flow, result, err), err);
	return kt_decode_close(&c.keys, result, err);
}

static const char *const about[] = {
	"Writes the records of one or more topics to stdout: the bytes of the value and a newline, unless told "
	"otherwise. Without a group it starts at the beginning, and nothing is left behind on the cluster.",
	"With -g it joins the group and starts at the committed offsets, or where there are none, at --reset "
	"(latest). An offset is committed only after the bytes that stand for it have been accepted by write(2): "
	"what a closed pipe did not take comes again.",
	"The exercise of the tutorial: `kt consume TOPIC -g fresh1 --reset earliest` prints history and then what is "
	"new, `kt consume TOPIC -g fresh2 --reset latest` only what is new, and with --reset none a fresh group is an "
	"error.",
	"Once a group has committed, --reset has no effect, and its members go on from there: `kt group describe "
	"fresh2` shows where that is and how far behind, `kt group reset fresh2 --to earliest --execute` moves it, "
	"and the next member sees history. -o beginning goes elsewhere for one run.",
	"-e ends where the partitions ended when the run started, whatever is produced meanwhile. WHERE of -o also "
	"knows TIME as epoch seconds or milliseconds, RFC 3339 (local time without a zone), now, -1h30m, and kcat's s@ms and e@ms; ends are "
	"exclusive. --since and --until are the two times alone. -o 0=10,1=-5 starts partitions at different places. With an end (-e, -c) the run gives up, with status 5, on a "
	"broker that answers all but Fetch for socket.timeout.ms (60 s).",
	"--sort time prints what several partitions or topics hold in the order of the records' timestamps, up to an end (-e, or one "
	"in -o): a merge, which waits for the next record of each partition, and reads half a megabyte of each ahead (-X "
	"queued.max.messages.kbytes). Within a partition the order of its log is kept, also where timestamps go back.",
	"--metrics-listen serves how many records were written, the lag of each partition, and with -g when records last "
	"counted, for Prometheus.",
	"A topic may be a pattern: 'ord*' as in the shell, or '^ord' as a regular expression. Without a group that "
	"means the topics that exist at the start.",
	"The words of kafka-console-consumer work: --property print.key=true, print.headers, print.timestamp, "
	"key.separator and so on, --max-messages, --timeout-ms, --from-beginning.",
	"--where keeps records of which a condition is true, on fields of JSON or (with -s avro) Avro: $.a.b, $.list[0], "
	"$[\"a-b\"]; on _key, _offset, _timestamp and the others that `kt sql` has; with SQLite's operators and functions: "
	"texts stand in single quotes. What is not a JSON object has no fields, and is counted. --table is for fields too: it shows "
	"them as `kt sql` does.",
	"On a terminal the control characters of records are shown as escapes (--raw passes them) and JSON is in colour "
	"(--color, NO_COLOR); in a pipe or a file there is what the record holds. --pretty indents JSON anywhere.",
	"A batch that unpacks to more than receive.message.max.bytes (100 MB) cannot be read. A few kilobytes may become as "
	"much, and an answer of the broker holds many: while more than 512 MB are in use the next one waits.",
	NULL,
};

static const char *const examples[] = {
	"everything, then end",
	"kt consume client58 -e",
	"as a member of a group, from the beginning",
	"kt consume client58 --group g --reset earliest",
	"the values that a JSON tool sees",
	"kt consume client58 -e -J | jq -r .payload",
	"values that are Avro, as JSON",
	"kt consume client58 -e -s avro | jq .temperature",
	"keys that are integers, values that are Avro",
	"kt consume client58 -e -s key=i,value=avro -K ': '",
	"the last hour of two topics, by time",
	"kt consume orders bills --since 1h --until now --sort time -f '%T %t %s\\n'",
	"what has one key, in all topics that begin with ord",
	"kt consume 'ord*' -e --key 4711",
	"what is hot, also from now on",
	"kt consume client58 --where '$.temperature > 30'",
	"as a table, with a column for each field",
	"kt consume client58 -e --table",
	"the last hour, for a spreadsheet",
	"kt consume client58 --since 1h -e --csv >hour.csv",
	NULL,
};

const struct kt_cmd kt_cmd_consume = {
	.name = "consume",
	.also = "-C",
	.summary = "print the records of topics, with or without a group",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = consume_run,
};
