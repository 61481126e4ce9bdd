/* kt produce: lines, files and JSON records to a topic. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "deliveries.h"
#include "ending.h"
#include "esc.h"
#include "input.h"
#include "loop.h"
#include "out.h"
#include "producer.h"
#include "progress.h"
#include "ratelimit.h"
#include "recordbuild.h"
#include "say.h"
#include "topic.h"
#include "when.h"

enum { POOL_BYTES = 16 << 20, OUT_LIMIT = 4 << 20, GRACE_MS = 5000, SERVE_MS = 1000 };
enum { ON_ERROR_STOP, ON_ERROR_CONTINUE };

enum serde { RAW, AVRO };

struct produce_opts {
	struct kt_client_opts client;
	struct kt_encode_opts encode;
	const char *topic_word, *topic, *key, *key_delim, *delim, *timestamp, *acks;
	struct kt_strs headers, lines, files;
	int64_t partition, count, rate;
	int on_error, compression, partitioner, serde;
	bool key_seq, null_empty, whole, json, keep_partition, no_idempotent, report, tee, until_blank;
};
#define OPTS struct produce_opts

static const char *const serdes[] = {"raw", "avro", NULL};
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
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic to write to; every word is then a FILE"},
	{.name = "key", .letter = 'k', KT_STR(key), .arg = "KEY", .conflict = 'k', .help = "give every record this key"},
	{.name = "key-delim", .letter = 'K', KT_STR(key_delim), .arg = "BYTES", .conflict = 'k',
		.help = "the key stands before the first BYTES of a record"},
	{.name = "key-seq", KT_FLAG(key_seq), .conflict = 'k', .help = "keys 0, 1, 2, …: one per record"},
	{.name = "partition", .letter = 'p', KT_I64(partition), .arg = "N", .def = "-1",
		.help = "write to this partition; -1: the partitioner's choice"},
	{.name = "delim", .letter = 'D', KT_STR(delim), .arg = "BYTES", .def = "\\n",
		.help = "what ends a record; escapes such as \\0 and \\x1e are understood"},
	{.name = "whole", KT_FLAG(whole), .help = "each file, or all of stdin, is one record"},
	{.name = "lines", .letter = 'l', KT_LIST(lines), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "read the lines of FILE; may be repeated"},
	{.name = "header", .letter = 'H', KT_LIST(headers), .arg = "NAME=VALUE",
		.help = "add a header; NAME alone has a null value; may be repeated"},
	{.name = "null-empty", .letter = 'Z', KT_FLAG(null_empty), .help = "empty keys and values are sent as null"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "read the records that `kt consume -J` writes"},
	{.name = "keep-partition", KT_FLAG(keep_partition), .help = "with -J: to the partition that the record names"},
	{.name = "timestamp", KT_STR(timestamp), .arg = "TIME",
		.help = "give every record this time: epoch s or ms, RFC 3339, now, -1h"},
	{.name = "compression", .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "default",
		.help = "codec for the batches on the wire and in the log"},
	{.name = "acks", KT_STR(acks), .arg = "N", .help = "acknowledgements to wait for: all, 1, 0"},
	{.name = "partitioner", KT_ENUM(partitioner, partitioners), .arg = "NAME", .def = "default",
		.help = "where keys go; default: as kcat and librdkafka, java: as Java's client"},
	{.name = "no-idempotent", KT_FLAG(no_idempotent), .help = "a retry may then write a record twice"},
	{.name = "rate", KT_I64(rate), .arg = "N", .def = "0", .help = "at most N records per second; 0: no limit"},
	{.name = "count", .letter = 'c', .also = "n", KT_I64(count), .arg = "N", .def = "-1",
		.help = "stop after N records; -1: no limit"},
	{.name = "on-error", KT_ENUM(on_error, on_error_words), .def = "stop",
		.help = "after a record that cannot be sent or was not delivered"},
	{.name = "report", KT_FLAG(report), .help = "print one JSON line per delivery"},
	{.name = "tee", .letter = 'T', KT_FLAG(tee), .help = "print the records as they are sent"},
	{.name = "until-blank", KT_FLAG(until_blank), .help = "an empty record ends the input and is not sent"},
	{.name = "serde", .letter = 's', KT_ENUM(serde, serdes), .def = "raw",
		.help = "avro: values are JSON, and are encoded by --schema"},
	{KT_INCLUDE(encode, "Avro values (with -s avro)", kt_encode_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct produce {
	const struct produce_opts *opts;
	const char *topic;
	struct kt_strs files;
	struct kt_input input;
	struct kt_producer *producer;
	struct kt_out out;
	struct kt_progress progress;
	struct kt_recordbuild compose;
	struct kt_buf delim, key_delim;
	struct kt_deliveries account;
	int64_t taken;
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source sources[3];
	enum kt_input_state state; /* what the input has for the turn that waits */
	struct kt_owner owner;     /* the command's, which the time of --run-for ends too */
	struct kt_ratelimit pace;
	struct kt_piece piece; /* the one that the queue did not take yet */
	bool have_piece, plain, terminal, ended, stopping;
};

static void drop_piece(struct produce *p)
{
	if (p->have_piece)
		kt_block_unref(&p->input.pool, p->piece.block);
	p->have_piece = false;
}

static int send_built(struct produce *p, struct kt_err *why)
{
	if (kt_recordbuild(&p->compose, &p->piece, p->taken, why) < 0)
		return -1;
	return kt_producer_send(p->producer, KT_PRODUCER_TOPIC, &p->compose.record, p->piece.line, 0, why);
}

/* Sends the piece, or counts it as refused. False: the queue is full, and the piece is kept. */
static bool send_piece(struct produce *p)
{
	struct kt_err why = {0};
	int sent = p->plain ? kt_producer_add(p->producer, &p->piece, &why) : send_built(p, &why);
	if (sent == 0)
		return false;
	if (sent > 0 && p->plain)
		p->have_piece = false; /* its block is the producer's now */
	if (sent < 0)
		kt_deliveries_refuse(&p->account, p->piece.line, why.msg);
	if (p->opts->tee && !p->out.closed) {
		kt_buf_add(&p->out.buf, p->piece.value.data, p->piece.value.len);
		kt_buf_add(&p->out.buf, p->delim.data, p->delim.len);
	}
	drop_piece(p);
	p->taken++;
	return true;
}

/* Whether the next piece is the one that ends the input. Blank lines between JSON records stand for nothing. */
static bool is_end_mark(const struct produce *p)
{
	return p->opts->until_blank && !p->piece.value.len && !p->piece.key.data;
}

static bool is_nothing(const struct produce *p)
{
	const struct kt_bytes v = p->piece.value;
	bool json = p->opts->json || (p->opts->serde == AVRO && !p->piece.key.data && !p->opts->null_empty);
	for (size_t i = 0; json && i < v.len; i++)
		if (!strchr(" \t\r\n", v.data[i]))
			return false;
	return json;
}

static bool has_to_stop(const struct produce *p)
{
	const struct produce_opts *o = p->opts;
	return (p->account.failed && o->on_error == ON_ERROR_STOP) || (o->count >= 0 && p->taken >= o->count);
}

static enum kt_input_state next_piece(struct produce *p)
{
	enum kt_input_state state = kt_input_next(&p->input, &p->piece);
	if (state == KT_INPUT_TOO_LARGE)
		kt_deliveries_refuse(&p->account, p->piece.line, KT_TOO_LARGE);
	p->have_piece = state == KT_INPUT_PIECE;
	if (p->have_piece && is_end_mark(p))
		return KT_INPUT_END;
	if (p->have_piece && is_nothing(p))
		drop_piece(p);
	return state;
}

/* Sends what is in memory. Returns what it ended at: KT_INPUT_EMPTY (read more), KT_INPUT_FULL (wait for deliveries),
 * KT_INPUT_PIECE (wait for --rate), KT_INPUT_END. */
static enum kt_input_state feed(struct produce *p)
{
	int64_t limit = p->stopping ? INT64_MAX : kt_ratelimit_due(&p->pace, p->taken);
	for (;;) {
		if (has_to_stop(p))
			return KT_INPUT_END;
		enum kt_input_state state = p->have_piece ? KT_INPUT_PIECE : next_piece(p);
		if (state == KT_INPUT_TOO_LARGE || (state == KT_INPUT_PIECE && !p->have_piece))
			continue;
		if (state != KT_INPUT_PIECE || p->taken >= limit)
			return state;
		if (kt_out_pending(&p->out) > OUT_LIMIT || !send_piece(p))
			return KT_INPUT_FULL;
	}
}

static bool is_unopened(const struct produce *p)
{
	return p->state == KT_INPUT_EMPTY && p->input.fd < 0;
}

static int64_t wait_for_input(void *user, struct pollfd *fd)
{
	const struct produce *p = user;
	if (p->state == KT_INPUT_EMPTY)
		*fd = (struct pollfd){.fd = p->input.fd, .events = POLLIN};
	return is_unopened(p) ? 0 : p->state == KT_INPUT_PIECE ? kt_ratelimit_wait_ms(&p->pace) : SERVE_MS;
}

static int serve_input(void *user, short revents, struct kt_err *err)
{
	struct produce *p = user;
	return is_unopened(p) || revents ? kt_input_fill(&p->input, err) : 0;
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct produce *p = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(p->producer), .events = POLLIN};
	return INT64_MAX;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct produce *p = user;
	(void)revents;
	return kt_producer_serve(p->producer, err);
}

/* Waits for whatever can make progress, and handles it. */
static int turn(struct produce *p, enum kt_input_state state, struct kt_err *err)
{
	p->state = state;
	if (kt_loop_turn(&p->loop, err) < 0)
		return -1;
	kt_deliveries_tell(&p->account);
	if (!p->terminal)
		kt_progress_records(&p->progress, kt_producer_counts(p->producer).delivered);
	return kt_out_pump(&p->out, err);
}

static int run_loop(struct produce *p, struct kt_err *err)
{
	p->sources[0] = (struct kt_loop_source){.user = p, .wait = wait_for_input, .serve = serve_input};
	p->sources[1] = (struct kt_loop_source){.user = p, .wait = wait_for_reports, .serve = serve_reports};
	p->sources[2] = kt_out_source(&p->out);
	p->loop.stop = &p->stop;
	for (size_t i = 0; i < KT_LEN(p->sources); i++)
		kt_loop_add(&p->loop, &p->sources[i]);
	for (int64_t prompted = -1;;) {
		enum kt_input_state state = feed(p);
		kt_producer_hand_over(p->producer);
		p->ended = state == KT_INPUT_END;
		if (p->ended || kt_stop_status(&p->stop))
			return 0;
		if (p->terminal && prompted != p->input.line && kt_says(KT_NORMAL))
			fprintf(stderr, "%s> ", p->topic);
		prompted = p->input.line;
		if (turn(p, state, err) < 0)
			return -1;
	}
}

/* After a signal, or when time is up: what was read is still sent, for a while. */
static int send_rest(struct produce *p, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + GRACE_MS * 1000;
	p->stopping = true;
	p->loop.stop = NULL;
	kt_input_stop(&p->input);
	while (kt_clock_us() < deadline_us && kt_producer_silent_ms(p->producer) < SERVE_MS) {
		enum kt_input_state state = feed(p);
		kt_producer_hand_over(p->producer);
		if (state == KT_INPUT_END)
			return 0;
		if (turn(p, state, err) < 0)
			return -1;
	}
	return 0;
}

/* The flush comes before stdout is drained: the reports of what it delivered belong there. An error that ended the loop
 * keeps its place in err. */
static int finish(struct produce *p, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	if (result == 0 && !p->ended)
		kt_ending_add(&end, send_rest(p, err));
	drop_piece(p);
	kt_ending_add(&end, kt_producer_drain(p->producer, -1, GRACE_MS, kt_ending_err(&end)));
	kt_ending_add(&end, kt_out_drain(&p->out, kt_ending_err(&end)));
	if (p->terminal && kt_says(KT_NORMAL))
		fputc('\n', stderr);
	int stopped = kt_stop_status(&p->stop);
	p->account.complete = p->ended;
	p->account.stopped = stopped;
	kt_ending_add(&end, kt_deliveries_close(&p->account, kt_producer_counts(p->producer), kt_ending_err(&end)));
	/* A terminal's signal is an end like any other. */
	return kt_ending_close(&end, p->ended || stopped > KT_SIGNAL ? 0 : stopped, "before the input did");
}

static int check_usage(const struct produce_opts *o, struct kt_err *err)
{
	if (o->partition < -1 || o->partition > INT32_MAX)
		return kt_err_set(err, KT_USAGE, "--partition %lld is out of range", (long long)o->partition);
	if (o->rate < 0 || o->rate > KT_RATELIMIT_MOST)
		return kt_err_set(
			err, KT_USAGE, "--rate %lld: expected 0 to %d", (long long)o->rate, KT_RATELIMIT_MOST);
	if (o->json && (o->key || o->key_delim || o->key_seq || o->headers.n || o->timestamp || o->whole)) {
		kt_err_set(err, KT_USAGE, "-J takes key, headers and timestamp from the JSON record");
		return kt_err_hint(err, "jq can change them on the way");
	}
	if (o->encode.schemas.n && o->serde != AVRO)
		return kt_err_set(err, KT_USAGE, "--schema is for -s avro");
	if (o->keep_partition && !o->json)
		return kt_err_set(err, KT_USAGE, "--keep-partition goes with -J");
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
		{"kt.topic", o->topic ? o->topic : o->topic_word, "the command line"},
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
	return 0;
}

static int set_up_input(struct produce *p, const struct kt_settings *s, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	struct kt_input_how how = {.files = &p->files, .whole = o->whole, .max_record = kt_producer_max_record(s)};
	if (read_delimiters(p, &how.split, err) < 0)
		return -1;
	/* A JSON record is longer than the record that it stands for: an escape takes up to six bytes for one. */
	if (o->json || o->serde == AVRO)
		how.max_record = how.max_record * 6 + 4096;
	how.max_bytes = how.max_record > POOL_BYTES / 8 ? how.max_record * 8 : POOL_BYTES;
	if (o->topic && o->topic_word)
		kt_strs_add(&p->files, o->topic_word);
	for (size_t i = 0; i < o->files.n; i++)
		kt_strs_add(&p->files, o->files.v[i]);
	for (size_t i = 0; i < o->lines.n; i++)
		kt_strs_add(&p->files, o->lines.v[i]);
	p->terminal = !p->files.n && isatty(STDIN_FILENO);
	kt_input_init(&p->input, &how);
	return 0;
}

static int set_up(struct produce *p, const struct kt_settings *s, struct kt_err *err)
{
	const struct produce_opts *o = p->opts;
	struct kt_recordbuild_how composed = {
		.key = o->key,
		.key_seq = o->key_seq,
		.headers = &o->headers,
		.timestamp = o->timestamp,
		.null_empty = o->null_empty,
		.json = o->json,
		.keep_partition = o->keep_partition,
		.encode = o->serde == AVRO ? &o->encode : NULL,
		.whom = {&o->client, s, p->topic},
	};
	if (set_up_input(p, s, err) < 0 || kt_recordbuild_open(&p->compose, &composed, err) < 0)
		return -1;
	p->plain = kt_recordbuild_is_plain(&p->compose);
	p->account = (struct kt_deliveries){
		.topic = p->topic,
		.input = &p->input,
		.report = o->report ? &p->out.buf : NULL,
		.terminal = p->terminal,
		.stops = o->on_error == ON_ERROR_STOP,
	};
	struct kt_producer_how how = {
		.owner = &p->owner,
		.topic = p->topic,
		.partition = (int32_t)o->partition,
		.idempotent = !o->no_idempotent,
		.prompt = p->terminal,
		.key = {o->key, o->key ? strlen(o->key) : 0},
		.timeout_ms = o->client.timeout_ms,
		.pool = &p->input.pool,
		.done = kt_deliveries_delivery,
		.every_delivery = o->report,
		.user = &p->account,
	};
	return kt_producer_open(&p->producer, s, &how, err);
}

static void tear_down(struct produce *p)
{
	kt_producer_close(p->producer);
	kt_input_fini(&p->input);
	kt_recordbuild_fini(&p->compose);
	kt_strs_fini(&p->files);
	kt_buf_fini(&p->delim);
	kt_buf_fini(&p->key_delim);
	kt_out_fini(&p->out);
	kt_loop_fini(&p->loop);
}

static int produce_run(void *data, struct kt_err *err)
{
	const struct produce_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(tear_down) struct produce p = {.opts = o, .input.fd = -1};
	kt_out_init(&p.out, STDOUT_FILENO);
	p.owner = *o->client.owner;
	p.owner.stop = &p.stop;
	p.stop.outer = o->client.owner->stop;
	kt_stop_begin(&p.stop, o->client.run_for_ms);
	if (check_usage(o, err) < 0 || kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	put_properties(o, &settings);
	p.topic = kt_settings_text(&settings, "kt.topic", NULL);
	if (!p.topic) {
		kt_err_set(err, KT_USAGE, "no topic is given");
		return kt_err_hint(err, "kt produce TOPIC; KT_TOPIC or kt.topic in a profile serve as well");
	}
	if (kt_topic_check(p.topic, err) < 0 || kt_conf_resolve(&settings, err) < 0 || set_up(&p, &settings, err) < 0)
		return -1;
	if ((p.terminal || o->until_blank) && kt_says(KT_NORMAL))
		fprintf(stderr, "Enter lines of text to be written to \"%s\":%s\n", p.topic,
			o->until_blank ? "" : " (Ctrl-D ends)");
	p.pace.rate = o->rate;
	return finish(&p, run_loop(&p, err), err);
}

static const char *const about[] = {
	"Reads records from files or stdin, a line each unless told otherwise, and writes them to TOPIC. The bytes "
	"between the delimiters are the record, all of them; an empty line is an empty record. A line that arrives on "
	"a pipe is on its way within linger.ms, also while the pipe stays open; the end of the input flushes.",
	"Retries never write a record twice (idempotence is on; --no-idempotent, or a property that it refuses, such "
	"as acks=1, switches it off). Whatever is not delivered is named with its line on stderr, and the status is 3.",
	"On a terminal there is a prompt, each line is sent at once, and Ctrl-C and Ctrl-D both flush and end the run "
	"with 0 when everything was acknowledged. Elsewhere a signal flushes what was read, for some seconds, and "
	"ends the run with 128 + its number; a second one ends it at once.",
	"With -s avro --framing confluent the schema's number stands in front of each value: --schema-id says it, or else a "
	"schema registry is asked (--registry, KT_REGISTRY, kt.registry), once, before the first record. It has to have the "
	"schema under its subject already; --register adds it.",
	"A key goes to the partition that kcat, Python's and the other clients of librdkafka choose; --partitioner "
	"java puts it where Java's clients do. Kafka and its library cannot carry a timestamp of 0, nor a NUL byte in "
	"the name of a header: such a record is refused, status 3.",
	NULL,
};

static const char *const examples[] = {
	"the lines of a pipe",
	"date | kt produce client58",
	"keys in front of a colon, from a file",
	"kt produce -K : prices prices.txt",
	"copy a topic with keys, headers and timestamps",
	"kt consume -J -e orders | kt produce -J orders-copy",
	"lines of JSON as Avro",
	"kt produce client58 -s avro --schema event.avsc events.jsonl",
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
