/* kt produce: lines, files and JSON records to a topic. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "esc.h"
#include "producerwords.h"
#include "say.h"
#include "sendloop.h"
#include "serde.h"
#include "topic.h"
#include "transaction.h"

enum { POOL_BYTES = 16 << 20 };
enum { ON_ERROR_STOP, ON_ERROR_CONTINUE };

struct produce_opts {
	struct kt_client_opts client;
	struct kt_encode_opts encode;
	const char *topic_word, *key, *key_delim, *delim, *timestamp, *acks, *null_marker, *key_schema_id, *key_subject;
	struct kt_strs topics, headers, lines, files, serdes, key_schemas;
	int64_t partition, count, rate;
	int on_error, compression, partitioner;
	bool key_seq, null_empty, whole, json, keep_partition, no_idempotent, report, tee, until_blank, parse_headers,
		transaction;
};
#define OPTS struct produce_opts

static const char *const on_error_words[] = {"stop", "continue", NULL};
static const char *const codecs[] = {"default", "none", "gzip", "snappy", "lz4", "zstd", NULL};
static const char *const partitioners[] = {"default", "java", "consistent_random", "consistent", "random", "murmur2",
	"murmur2_random", "fnv1a", "fnv1a_random", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_STR(topic_word), .comp = KT_COMP_TOPIC,
		.help = "topic to write to (default: kt.topic of the configuration)"},
	{.name = "FILE", .positional = true, KT_LIST(files), .comp = KT_COMP_FILE,
		.help = "read these in place of stdin; - is stdin"},
	{.name = "topic", .letter = 't', KT_LIST(topics), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic to write to; every word is then a FILE"},
	{.name = "key", .often = true, .letter = 'k', KT_STR(key), .arg = "KEY", .conflict = 'k', .help = "give every record this key"},
	{.name = "key-delim", .often = true, .letter = 'K', KT_STR(key_delim), .arg = "BYTES", .conflict = 'k',
		.help = "the key comes before the first BYTES of a record"},
	{.name = "key-seq", KT_FLAG(key_seq), .conflict = 'k', .help = "keys 0, 1, 2, …: one per record"},
	{.name = "partition", .often = true, .letter = 'p', KT_I64(partition), .arg = "N", .def = "-1",
		.help = "write to this partition; -1: the partitioner's choice"},
	{.name = "delim", .letter = 'D', KT_STR(delim), .arg = "BYTES", .def = "\\n",
		.help = "what ends a record; escapes such as \\0 and \\x1e are understood"},
	{.name = "whole", .often = true, KT_FLAG(whole), .help = "each file, or all of stdin, is one record"},
	{.name = "lines", .often = true, .letter = 'l', KT_LIST(lines), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "read the lines of FILE; may be repeated"},
	{.name = "header", .often = true, .letter = 'H', KT_LIST(headers), .arg = "NAME=VALUE",
		.help = "add a header; NAME alone has a null value; may be repeated"},
	{.name = "parse-headers", KT_FLAG(parse_headers),
		.help = "NAME:VALUE,NAME:VALUE and a tab come before each record"},
	{.name = "null-marker", KT_STR(null_marker), .arg = "TEXT",
		.help = "keys, values and header values that are TEXT are sent as null"},
	{.name = "null-empty", .often = true, .letter = 'Z', KT_FLAG(null_empty), .help = "empty keys and values are sent as null"},
	{.name = "json", .often = true, .letter = 'J', KT_FLAG(json), .help = "read the records that `kt consume -J` writes"},
	{.name = "keep-partition", KT_FLAG(keep_partition), .help = "with -J: to the partition that the record names"},
	{.name = "timestamp", KT_STR(timestamp), .arg = "TIME",
		.help = "give every record this time: epoch s or ms, RFC 3339, now, -1h"},
	{.name = "compression", .often = true, .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "default",
		.help = "codec for the batches on the wire and in the log"},
	{.name = "acks", KT_STR(acks), .arg = "N", .help = "acknowledgements to wait for: all, 1, 0"},
	{.name = "partitioner", KT_ENUM(partitioner, partitioners), .arg = "NAME", .def = "default",
		.help = "where keys go; default: as kcat and librdkafka, java: as Java's client"},
	{.name = "no-idempotent", KT_FLAG(no_idempotent), .help = "a retry may then write a record twice"},
	{.name = "transaction", KT_FLAG(transaction),
		.help = "all records or none, in one transaction; -X transactional.id=NAME does it too"},
	{.name = "rate", KT_I64(rate), .arg = "N", .def = "0", .help = "at most N records per second; 0: no limit"},
	{.name = "count", .letter = 'c', .also = "n", KT_I64(count), .arg = "N", .def = "-1",
		.help = "stop after N records; -1: no limit"},
	{.name = "on-error", KT_ENUM(on_error, on_error_words), .def = "stop",
		.help = "after a record that cannot be sent or was not delivered"},
	{.name = "report", KT_FLAG(report), .help = "print one JSON line per delivery"},
	{.name = "tee", .letter = 'T', KT_FLAG(tee), .help = "print the records as they are sent"},
	{.name = "until-blank", KT_FLAG(until_blank), .help = "an empty record ends the input and is not sent"},
	{.name = "serde", .letter = 's', KT_LIST(serdes), .arg = "[PART=]TYPE",
		.help = "what values (or key=, value=) become: raw, avro, or packed as >bhiq s"},
	{.name = "key-schema", KT_LIST(key_schemas), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "with -s key=avro: what the keys are; repeated as --schema"},
	{.name = "key-schema-id", KT_STR(key_schema_id), .arg = "N",
		.help = "the number of that schema, like --schema-id"},
	{.name = "key-subject", KT_STR(key_subject), .arg = "NAME",
		.help = "its name in the registry (default: TOPIC-key)"},
	{KT_INCLUDE(encode, "Avro values (with -s avro)", kt_encode_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct produce {
	const struct produce_opts *opts;
	struct kt_producerwords words;
	struct kt_serdes serdes;
	struct kt_encode_opts key_encode;
	struct kt_strs files;
	struct kt_buf delim, key_delim;
	struct kt_owner owner; /* the command's, which the time of --run-for ends too */
	struct kt_sendloop loop;
};

static int check_words(const struct produce *p, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	const struct kt_producerwords *w = &p->words;
	if (w->given && o->json)
		return kt_err_set(err, KT_USAGE, "parse.key and the like do not go with -J");
	if (w->parse_key && (o->key || o->key_delim || o->key_seq))
		return kt_err_set(err, KT_USAGE, "parse.key does not go with -k, -K and --key-seq");
	return 0;
}

static int check_serdes(struct produce *p, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	if (kt_serdes_parse(&p->serdes, &o->serdes, err) < 0)
		return -1;
	if (o->encode.schemas.n && !p->serdes.value.avro)
		return kt_err_set(err, KT_USAGE, "--schema is for -s avro");
	if ((o->key_schemas.n || o->key_schema_id || o->key_subject) && !p->serdes.key.avro)
		return kt_err_set(err, KT_USAGE, "--key-schema, --key-schema-id and --key-subject are for -s key=avro");
	p->key_encode = o->encode;
	p->key_encode.schemas = o->key_schemas;
	p->key_encode.schema_id = o->key_schema_id;
	p->key_encode.subject = o->key_subject;
	return 0;
}

static int check_usage(const struct produce_opts *o, struct kt_err *err)
{
	if (o->partition < -1 || o->partition > INT32_MAX)
		return kt_err_set(err, KT_USAGE, "--partition %lld is out of range", (long long)o->partition);
	if (o->rate < 0 || o->rate > KT_RATELIMIT_MOST)
		return kt_err_set(
			err, KT_USAGE, "--rate %lld: expected 0 to %d", (long long)o->rate, KT_RATELIMIT_MOST);
	if (o->topics.n > 1) {
		kt_err_set(err, KT_USAGE, "records go to one topic, not %zu", o->topics.n);
		return kt_err_hint(err, "tee >(kt produce %s) | kt produce %s", o->topics.v[0], o->topics.v[1]);
	}
	if (o->json && (o->key || o->key_delim || o->key_seq || o->headers.n || o->timestamp || o->whole ||
			       o->parse_headers || o->null_marker)) {
		kt_err_set(err, KT_USAGE, "-J takes key, headers and timestamp from the JSON record");
		return kt_err_hint(err, "jq can change them on the way");
	}
	if (o->keep_partition && !o->json)
		return kt_err_set(err, KT_USAGE, "--keep-partition goes with -J");
	return 0;
}

static int use_transaction(const struct produce_opts *o, struct kt_settings *s, bool *used, struct kt_err *err)
{
	*used = o->transaction || kt_settings_get(s, "transactional.id");
	if (*used && o->on_error == ON_ERROR_CONTINUE)
		return kt_err_set(
			err, KT_USAGE, "a transaction is all or nothing: --on-error continue does not go with it");
	if (*used && o->no_idempotent)
		return kt_err_set(err, KT_USAGE, "--no-idempotent does not go with a transaction");
	if (*used && !kt_settings_get(s, "transactional.id"))
		kt_transaction_name(s, "--transaction");
	return 0;
}

/* The options that are properties of the library under another name. */
static void put_properties(const struct produce_opts *o, struct kt_settings *s)
{
	const char *partitioner = partitioners[o->partitioner];
	const struct {
		const char *key, *value, *origin;
	} rows[] = {
		{"compression.type", o->compression ? codecs[o->compression] : NULL, "--compression"},
		{"acks", o->acks, "--acks"},
		{"partitioner",
			!o->partitioner                ? NULL
			: !strcmp(partitioner, "java") ? "murmur2_random"
						       : partitioner,
			"--partitioner"},
		{"kt.topic", o->topics.n ? o->topics.v[0] : o->topic_word, "the command line"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		if (rows[i].value)
			kt_settings_put(s, KT_RANK_FLAG, rows[i].key, rows[i].value, rows[i].origin);
}

static int read_delimiters(struct produce *p, struct kt_split *split, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	if (kt_unescape(&p->delim, o->delim, err) < 0)
		return kt_err_wrap(err, "--delim");
	if (o->key_delim && kt_unescape(&p->key_delim, o->key_delim, err) < 0)
		return kt_err_wrap(err, "--key-delim");
	if (!p->delim.len || (o->key_delim && !p->key_delim.len))
		return kt_err_set(err, KT_USAGE, "a delimiter cannot be empty");
	split->delim = (struct kt_bytes){p->delim.data, p->delim.len};
	if (o->key_delim)
		split->key_delim = (struct kt_bytes){p->key_delim.data, p->key_delim.len};
	if (p->words.parse_key)
		split->key_delim = (struct kt_bytes){p->words.key_separator, strlen(p->words.key_separator)};
	if (o->tee)
		p->loop.tee = split->delim;
	return 0;
}

static bool takes_headers(const struct produce *p)
{
	return p->opts->parse_headers || p->words.parse_headers;
}

static int set_up_input(struct produce *p, const struct kt_settings *s, struct kt_split *split, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	struct kt_input_how how = {.files = &p->files, .whole = o->whole, .max_record = kt_producer_max_record(s)};
	if (read_delimiters(p, split, err) < 0)
		return -1;
	how.split = *split;
	if (takes_headers(p))
		how.split.key_delim = (struct kt_bytes){0};
	/* Values of JSON may span several lines where nothing else is in them. */
	bool bare = p->serdes.value.avro && !split->key_delim.data && !takes_headers(p);
	how.json = (o->json || bare) && !strcmp(o->delim, "\\n");
	/* A JSON record is longer than the record that it means: an escape takes up to six bytes for one. */
	if (o->json || p->serdes.value.avro || p->serdes.key.avro)
		how.max_record = how.max_record * 6 + 4096;
	how.max_bytes = how.max_record > POOL_BYTES / 8 ? how.max_record * 8 : POOL_BYTES;
	if (o->topics.n && o->topic_word)
		kt_strs_add(&p->files, o->topic_word);
	for (size_t i = 0; i < o->files.n; i++)
		kt_strs_add(&p->files, o->files.v[i]);
	for (size_t i = 0; i < o->lines.n; i++)
		kt_strs_add(&p->files, o->lines.v[i]);
	p->loop.terminal = !p->files.n && isatty(STDIN_FILENO);
	kt_input_init(&p->loop.input, &how);
	return kt_sendloop_check_files(&p->loop, &p->files, &o->lines, err);
}

static int set_up_build(struct produce *p, const struct kt_settings *s, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	struct kt_recordbuild_how how = {
		.key = o->key,
		.key_seq = o->key_seq,
		.headers = &o->headers,
		.timestamp = o->timestamp,
		.null_empty = o->null_empty,
		.null_marker = p->words.null_marker ? p->words.null_marker : o->null_marker,
		.parse_headers = takes_headers(p),
		.headers_delim = p->words.headers_delimiter,
		.headers_separator = p->words.headers_separator,
		.header_separator = p->words.headers_key_separator,
		.strict = p->words.parse_key && !p->words.ignore_error,
		.lenient = p->words.ignore_error,
		.json = o->json,
		.keep_partition = o->keep_partition,
		.encode = p->serdes.value.avro ? &o->encode : NULL,
		.encode_keys = p->serdes.key.avro ? &p->key_encode : NULL,
		.pack = p->serdes.value.packed,
		.pack_keys = p->serdes.key.packed,
		.whom = {.client = &o->client, .settings = s, .topic = p->loop.topic},
	};
	if (set_up_input(p, s, &how.split, err) < 0)
		return -1;
	return kt_recordbuild_open(&p->loop.build, &how, err);
}

static int set_up(struct produce *p, struct kt_settings *s, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	struct kt_sendloop *l = &p->loop;
	bool empty;
	if (set_up_build(p, s, err) < 0 || kt_sendloop_is_empty(l, &empty, err) < 0)
		return -1;
	/* Brokers may create a topic for whoever means to write to it. */
	if (empty)
		kt_settings_put(s, KT_RANK_FLAG, "allow.auto.create.topics", "false", "an empty input");
	l->until_blank = o->until_blank;
	l->skips_blank = o->json || (p->serdes.value.avro && !o->null_empty);
	l->keeps_going = o->on_error == ON_ERROR_CONTINUE;
	l->timeout_ms = o->client.timeout_ms;
	l->pace.rate = o->rate;
	l->account = (struct kt_deliveries){
		.topic = l->topic,
		.input = &l->input,
		.report = o->report ? &l->out.buf : NULL,
		.terminal = l->terminal,
		.stops = o->on_error == ON_ERROR_STOP,
		.unheard = !strcmp(kt_settings_text(s, "acks", ""), "0"),
	};
	struct kt_producer_how how = {
		.owner = &p->owner,
		.topic = l->topic,
		.partition = (int32_t)o->partition,
		.idempotent = !o->no_idempotent,
		.transactional = l->transactional,
		.prompt = l->terminal,
		.key = {o->key, o->key ? strlen(o->key) : 0},
		.timeout_ms = o->client.timeout_ms,
		.pool = &l->input.pool,
		.done = kt_deliveries_delivery,
		.every_delivery = o->report,
		.user = &l->account,
	};
	return kt_producer_open(&l->producer, s, &how, err);
}

static void tear_down(struct produce *p)
{
	kt_sendloop_fini(&p->loop);
	kt_producerwords_fini(&p->words);
	kt_serdes_fini(&p->serdes);
	kt_strs_fini(&p->files);
	kt_buf_fini(&p->delim);
	kt_buf_fini(&p->key_delim);
}

static int produce_run(void *data, struct kt_err *err)
{
	const struct produce_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(tear_down) struct produce p = {.opts = o, .loop = {.count = o->count, .input.fd = -1}};
	struct kt_sendloop *l = &p.loop;
	kt_out_init(&l->out, STDOUT_FILENO);
	p.owner = *o->client.owner;
	p.owner.stop = &l->stop;
	l->stop.outer = o->client.owner->stop;
	kt_stop_begin(&l->stop, o->client.run_for_ms);
	if (check_usage(o, err) < 0 || kt_producerwords_init(&p.words, &o->client, err) < 0 ||
		check_words(&p, err) < 0 || check_serdes(&p, err) < 0 ||
		kt_conf_load(&settings, &p.words.client, err) < 0)
		return -1;
	put_properties(o, &settings);
	l->topic = kt_settings_text(&settings, "kt.topic", NULL);
	if (!l->topic)
		return kt_conf_no_topic("kt produce TOPIC", err);
	if (kt_topic_check(l->topic, err) < 0 || use_transaction(o, &settings, &l->transactional, err) < 0 ||
		kt_conf_resolve(&settings, err) < 0 || set_up(&p, &settings, err) < 0)
		return -1;
	if ((l->terminal || o->until_blank) && kt_says(KT_NORMAL))
		fprintf(stderr, "Enter lines of text to be written to \"%s\":%s\n", l->topic,
			o->until_blank ? "" : " (Ctrl-D ends)");
	return kt_sendloop_run(l, err);
}

static const char *const about[] = {
	"Reads records from files or stdin, a line each unless told otherwise, and writes them to TOPIC. The bytes "
	"between the delimiters are the record, all of them; an empty line is an empty record. A line that arrives on "
	"a pipe is on its way within linger.ms, also while the pipe stays open; the end of the input flushes. A file "
	"or /dev/null with nothing in it makes no topic, where brokers do that for whoever writes.",
	"Retries never write a record twice (idempotence is on; --no-idempotent, or a property that it refuses, such "
	"as acks=1, switches it off). Whatever is not delivered is named with its line on stderr, and the status is 3.",
	"On a terminal there is a prompt, each line is sent at once, and Ctrl-C and Ctrl-D both flush and end the run "
	"with 0 when everything was acknowledged. Elsewhere a signal flushes what was read, for a few seconds, and "
	"ends the run with 128 + its number; a second one ends it at once.",
	"With --transaction (or -X transactional.id=NAME) a run is one transaction: read_committed consumers see all "
	"of it once it ends with 0, and nothing of it after any other end: a failure, Ctrl-C, a signal, the end of "
	"--run-for. It may take as long as transaction.timeout.ms says, 15 minutes. The transaction of a run that "
	"was killed holds such consumers up for that long, unless a run with the same transactional.id follows, "
	"which ends it at once.",
	"With -s avro --framing confluent the schema's number goes in front of each value: --schema-id gives it, "
	"or else a schema registry is asked (--registry, KT_REGISTRY, kt.registry), once, before the first record. "
	"It has to have the schema under its subject already; --register adds it.",
	"A key goes to the partition that kcat, Python's and the other clients of librdkafka choose; --partitioner "
	"java puts it where Java's clients do. Kafka and its library cannot carry a timestamp of 0, nor a NUL byte in "
	"the name of a header: such a record is refused, with status 3.",
	NULL,
};

static const char *const examples[] = {
	"the lines of a pipe",
	"date | kt produce client58",
	"keys in front of a colon, from a file",
	"kt produce -K : prices prices.txt",
	"copy a topic with keys, headers and timestamps",
	"kt consume -J -e orders | kt produce -J orders-copy",
	"all of a file, or none of it",
	"kt produce --transaction orders orders.txt",
	"lines of JSON as Avro",
	"kt produce client58 -s avro --schema event.avsc events.jsonl",
	"keys that are integers of four bytes",
	"kt produce orders -K : -s key=i orders.txt",
	"and with the number that a schema registry gives to the schema",
	"kt produce t -s avro --schema e.avsc --framing confluent -r https://reg",
	"type lines, a blank one ends (the Go lab's writer)",
	"kt produce --until-blank testtopic",
	NULL,
};

const struct kt_cmd kt_cmd_produce = {
	.name = "produce",
	.also = "-P",
	.summary = "write lines, files or JSON records to a topic",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = produce_run,
};
