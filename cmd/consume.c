/* kt consume: topics to text, JSON or raw bytes, with or without a consumer group. */
#include <regex.h>
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "envelope.h"
#include "esc.h"
#include "fmt.h"
#include "local.h"
#include "mem.h"
#include "out.h"
#include "progress.h"
#include "python.h"
#include "reading.h"
#include "say.h"
#include "sig.h"
#include "when.h"

enum { OUT_BYTES = 1 << 20, BATCH_ENDS = 8192, FINISH_MS = 1000 };

struct consume_opts {
	struct kt_client_opts client;
	struct kt_read_opts read;
	const char *format, *delim, *key_delim, *grep;
	struct kt_strs topics;
	int encoding;
	bool json, python, unbuffered, null_empty;
};
#define OPTS struct consume_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read (default: kt.topic of the configuration)"},
	{KT_INCLUDE(read, "Which records", kt_read_opts)},
	{.name = "format", .letter = 'f', KT_STR(format), .arg = "FORMAT", .conflict = 'f',
		.help = "kcat's: %t topic %p partition %o offset %k key %s value %h headers"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .conflict = 'f', .help = "one JSON object per record"},
	{.name = "python", KT_FLAG(python), .conflict = 'f', .help = "print what the tutorial's Python consumer prints"},
	{.name = "encoding", KT_ENUM(encoding, kt_encodings), .def = "utf8",
		.help = "with -J: how bytes are written; utf8 falls back to base64"},
	{.name = "delim", .letter = 'D', KT_STR(delim), .arg = "BYTES", .def = "\\n",
		.help = "written behind each record; may be empty"},
	{.name = "key-delim", .letter = 'K', KT_STR(key_delim), .arg = "BYTES", .help = "write the key and BYTES first"},
	{.name = "null-empty", .letter = 'Z', KT_FLAG(null_empty), .help = "write NULL for a null key or value"},
	{.name = "grep", KT_STR(grep), .arg = "REGEX", .help = "only records whose value matches (POSIX extended)"},
	{.name = "unbuffered", .letter = 'u', KT_FLAG(unbuffered), .help = "write each record by itself"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct reached {
	struct kt_part part;
	bool last;
};

struct consume {
	const struct consume_opts *opts;
	struct kt_reading reading;
	struct kt_consumer *consumer;
	struct kt_out out;
	struct kt_progress progress;
	struct kt_format *format;
	struct kt_buf delim, key_delim;
	regex_t grep;
	struct reached *reached; /* ends that were not said yet */
	size_t n_reached, reached_cap;
	bool has_grep, ended;
	int64_t taken, seen, start_us;
	int64_t base;             /* out.written when the records below were begun */
	size_t n_ends;            /* records rendered since the last ones were counted as written */
	int64_t ends[BATCH_ENDS]; /* where each of them ends in the output, from base */
};

static void on_assigned(void *user, const struct kt_parts *parts)
{
	struct consume *c = user;
	if (c->opts->python)
		kt_buf_addc(&c->out.buf, '[');
	for (size_t i = 0, n = 0; c->opts->python && i < parts->n; i++)
		if (parts->v[i].assigned)
			kt_buf_addf(&c->out.buf,
				"%sTopicPartition{topic=%s,partition=%d,offset=-1001,leader_epoch=None,"
				"error=None}",
				n++ ? ", " : "", parts->v[i].topic, (int)parts->v[i].partition);
	if (c->opts->python)
		kt_buf_adds(&c->out.buf, "]\n");
	kt_reading_say_start(&c->reading, parts);
}

/* Said when the records before it were written, so that the order is right where both go to the same file. */
static void on_end(void *user, const struct kt_part *part, bool last)
{
	struct consume *c = user;
	c->reached = kt_grow(c->reached, &c->reached_cap, c->n_reached + 1, sizeof(*c->reached));
	c->reached[c->n_reached++] = (struct reached){.part = *part, .last = last};
}

static void say_ends(struct consume *c)
{
	for (size_t i = 0; i < c->n_reached; i++)
		kt_reading_say_end(&c->reached[i].part, c->reached[i].last);
	c->n_reached = 0;
}

static bool write_out(void *user)
{
	struct consume *c = user;
	struct kt_err ignored;
	int64_t deadline_us = kt_clock_us() + FINISH_MS * 1000;
	while (!c->out.closed && kt_out_pending(&c->out) && kt_clock_us() < deadline_us) {
		struct pollfd fd = kt_out_poll(&c->out);
		if (kt_out_pump(&c->out, &ignored) < 0)
			return false;
		if (kt_out_pending(&c->out))
			kt_wait(&fd, 1, 50);
	}
	return !c->out.closed && !kt_out_pending(&c->out);
}

static void render_plain(struct consume *c, const struct kt_record *r)
{
	struct kt_buf *out = &c->out.buf;
	const char *null_text = c->opts->null_empty ? "NULL" : "";
	if (c->key_delim.data) {
		if (r->key.data)
			kt_buf_add(out, r->key.data, r->key.len);
		else
			kt_buf_adds(out, null_text);
		kt_buf_add(out, c->key_delim.data, c->key_delim.len);
	}
	if (r->value.data)
		kt_buf_add(out, r->value.data, r->value.len);
	else
		kt_buf_adds(out, null_text);
	kt_buf_add(out, c->delim.data, c->delim.len);
}

static void render(struct consume *c, const struct kt_record *r)
{
	struct kt_buf *out = &c->out.buf;
	if (c->opts->json) {
		kt_envelope_write(out, r, (enum kt_encoding)c->opts->encoding);
		kt_buf_addc(out, '\n');
	} else if (c->format) {
		kt_format_render(c->format, out, r);
	} else if (c->opts->python) {
		if (++c->seen % 1000 == 0)
			kt_buf_addf(out, "%lld\n", (long long)c->seen);
		kt_python_bytes(out, r->value);
		kt_buf_addc(out, '\n');
	} else {
		render_plain(c, r);
	}
}

static bool matches(const struct consume *c, const struct kt_record *r)
{
	regmatch_t span = {.rm_so = 0, .rm_eo = (regoff_t)r->value.len};
	return !c->has_grep || (r->value.data && regexec(&c->grep, r->value.data, 1, &span, REG_STARTEND) == 0);
}

static bool has_count(const struct consume *c)
{
	return c->opts->read.count >= 0 && c->taken >= c->opts->read.count;
}

/* Renders until the buffer is full, the batch is used up, or --count is reached. */
static void render_batch(struct consume *c)
{
	struct kt_record r;
	size_t limit = c->opts->unbuffered ? 1 : OUT_BYTES;
	while (!has_count(c) && c->out.buf.len < limit && c->n_ends < BATCH_ENDS && kt_consumer_next(c->consumer, &r)) {
		if (matches(c, &r)) {
			render(c, &r);
			c->taken++;
		}
		c->ends[c->n_ends++] = (int64_t)c->out.buf.len;
	}
}

/* Everything rendered was accepted by write(2), or, when the reader has gone, a part of it. */
static int count_written(struct consume *c, struct kt_err *err)
{
	size_t whole = 0;
	int64_t accepted = c->out.written - c->base;
	while (whole < c->n_ends && c->ends[whole] <= accepted)
		whole++;
	bool all = whole == c->n_ends;
	c->n_ends = 0;
	c->base = c->out.written;
	return all ? kt_consumer_written(c->consumer, err) : kt_consumer_written_only(c->consumer, whole, err);
}

/* One turn of the loop: take, render, write, or else wait. Sets ended when there is nothing left to do. */
static int turn(struct consume *c, struct kt_err *err)
{
	enum { RECORDS, OUTPUT };
	bool blocked = kt_out_pending(&c->out);
	int took = blocked ? kt_consumer_idle(c->consumer, err) : kt_consumer_fill(c->consumer, err);
	if (took < 0)
		return -1;
	if (!c->out.terminal)
		kt_progress_records(&c->progress, c->taken);
	if (!blocked)
		render_batch(c);
	if (kt_out_pump(&c->out, err) < 0)
		return -1;
	if (!kt_out_pending(&c->out)) {
		if (count_written(c, err) < 0)
			return -1;
		say_ends(c);
		c->ended = c->out.closed || has_count(c) || kt_consumer_is_done(c->consumer);
		/* Only a fill that found nothing may be followed by waiting: the library tells of records when its
		 * queue stops being empty, and not again. */
		if (c->ended || blocked || took)
			return 0;
	}
	struct pollfd fds[] = {
		[RECORDS] = {.fd = kt_out_pending(&c->out) ? -1 : kt_consumer_fd(c->consumer), .events = POLLIN},
		[OUTPUT] = kt_out_poll(&c->out),
	};
	int64_t poll_ms = kt_consumer_poll_ms(c->consumer);
	int64_t left_ms = kt_left_ms(c->start_us, c->opts->client.run_for_ms);
	kt_wait(fds, KT_LEN(fds), poll_ms < left_ms ? poll_ms : left_ms);
	if (fds[OUTPUT].revents & (POLLERR | POLLHUP) && kt_out_reader_gone(&c->out))
		c->ended = !kt_out_pending(&c->out);
	return 0;
}

static int run_loop(struct consume *c, struct kt_err *err)
{
	c->ended = has_count(c);
	while (!c->ended && !kt_sig_caught() && kt_left_ms(c->start_us, c->opts->client.run_for_ms))
		if (turn(c, err) < 0)
			return -1;
	if (c->opts->python && kt_sig_caught() == SIGTERM) {
		kt_buf_adds(&c->out.buf, "EXITING SAFELY!\n");
		return kt_out_pump(&c->out, err);
	}
	return 0;
}

static int finish(struct consume *c, int result, struct kt_err *err)
{
	struct kt_err later = {0};
	int sig = kt_sig_caught();
	bool complete = c->ended || !c->reading.bounded;
	/* What was begun is finished where the reader allows it. */
	write_out(c);
	if (c->n_ends && count_written(c, result < 0 ? &later : err) < 0)
		result = -1;
	if (kt_consumer_close(kt_steal(c->consumer), result < 0 ? &later : err) < 0)
		result = -1;
	if (result < 0 || complete)
		return result;
	if (sig)
		return kt_err_set(err, KT_SIGNAL + sig, "ended by a signal after %lld records", (long long)c->taken);
	return kt_err_set(err, KT_RUN_ENDED, "--run-for ended the run after %lld records", (long long)c->taken);
}

static int compile_output(struct consume *c, struct kt_err *err)
{
	const struct consume_opts *o = c->opts;
	char why[128];
	if (kt_unescape(&c->delim, o->delim, err) < 0)
		return kt_err_wrap(err, "--delim");
	if (o->key_delim && kt_unescape(&c->key_delim, o->key_delim, err) < 0)
		return kt_err_wrap(err, "--key-delim");
	if (o->format && kt_format_compile(&c->format, o->format, o->null_empty ? "NULL" : NULL, err) < 0)
		return kt_err_wrap(err, "--format");
	int code = o->grep ? regcomp(&c->grep, o->grep, REG_EXTENDED | REG_NEWLINE) : 0;
	c->has_grep = o->grep && !code;
	if (!code)
		return 0;
	regerror(code, &c->grep, why, sizeof(why));
	return kt_err_set(err, KT_USAGE, "--grep %s: %s", o->grep, why);
}

static void tear_down(struct consume *c)
{
	kt_consumer_free(&c->consumer);
	kt_out_fini(&c->out);
	kt_format_free(c->format);
	free(c->reached);
	kt_buf_fini(&c->delim);
	kt_buf_fini(&c->key_delim);
	kt_reading_fini(&c->reading);
	if (c->has_grep)
		regfree(&c->grep);
}

static void free_consume(struct consume **c)
{
	tear_down(*c);
	free(*c);
}

static int consume_run(void *data, struct kt_err *err)
{
	const struct consume_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(free_consume) struct consume *c = kt_calloc(1, sizeof(*c));
	c->opts = o;
	kt_out_init(&c->out, STDOUT_FILENO);
	if (kt_conf_load(&settings, &o->client, err) < 0 ||
		kt_reading_init(&c->reading, &o->read, &o->topics, &settings, o->client.timeout_ms, err) < 0 ||
		compile_output(c, err) < 0 || kt_conf_reveal(&settings, err) < 0)
		return -1;
	struct kt_consumer_how *how = &c->reading.how;
	how->headers = o->json || (c->format && kt_format_wants_headers(c->format));
	how->user = c;
	how->assigned = on_assigned;
	how->at_end = on_end;
	how->write_out = write_out;
	c->start_us = kt_clock_us();
	if (kt_consumer_open(&c->consumer, &settings, how, err) < 0)
		return -1;
	return finish(c, run_loop(c, err), err);
}

static const char *const about[] = {
	"Writes the records of one or more topics to stdout: the bytes of the value and a newline, unless told "
	"otherwise. "
	"Without a group it starts at the beginning, and nothing is left behind on the cluster.",
	"With -g it joins the group and starts at the committed offsets, or where there are none, at --reset (latest). "
	"An "
	"offset is committed only after the bytes that stand for it were accepted by write(2): what a closed pipe did "
	"not "
	"take comes again.",
	"The exercise of the tutorial: `kt consume TOPIC -g fresh1 --reset earliest` prints history and then what is "
	"new, `kt consume TOPIC -g fresh2 --reset latest` only what is new, and with --reset none a fresh group is an "
	"error.",
	"Once a group has committed, --reset is idle, and its members go on from there: `kt group describe fresh2` "
	"shows "
	"where that is and how far behind, `kt group reset fresh2 --to earliest --execute` moves it, and the next "
	"member sees history. -o beginning goes elsewhere for one run.",
	"-e ends where the partitions ended when the run started, whatever is produced meanwhile. WHERE of -o also "
	"knows "
	"TIME as epoch seconds or milliseconds, RFC 3339, now, -1h30m, and kcat's s@ms and e@ms; ends are exclusive.",
	NULL,
};

static const char *const examples[] = {
	"everything, then end",
	"kt consume client58 -e",
	"as a member of a group, from the beginning",
	"kt consume client58 --group g --reset earliest",
	"the values that a JSON tool sees",
	"kt consume client58 -e -J | jq -r .payload",
	"the last hour, with key and time",
	"kt consume client58 -o @-1h: -e -f '%T %k: %s\\n'",
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
