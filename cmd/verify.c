/* kt verify: the ground truth of an experiment producer's log, and whether it is what arrived. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "consumer.h"
#include "eachline.h"
#include "ending.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "progress.h"
#include "received.h"
#include "say.h"
#include "sentview.h"
#include "sig.h"

enum { PHASE_ALL, PHASE_CARRY_OUT };

struct verify_opts {
	struct kt_client_opts client;
	const char *log, *time, *topic, *against, *fields, *secret_key;
	int phase;
	bool json;
};
#define OPTS struct verify_opts

static const char *const phases[] = {"all", "carry-out", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "LOG", .positional = true, .required = true, KT_STR(log), .comp = KT_COMP_FILE,
		.help = "log of kt loadgen --file-subscriber, or of the original; - is stdin"},
	{.name = "TIME", .positional = true, KT_STR(time),
		.help = "only experiments seen at or after this time, written as in the log"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .conflict = 't',
		.help = "read the topic and compare it with the log"},
	{.name = "against", KT_STR(against), .arg = "FILE", .comp = KT_COMP_FILE, .conflict = 't',
		.help = "compare JSON lines that a service stored with the log"},
	{.name = "fields", KT_STR(fields), .arg = "E,M,V[,S]", .def = "experiment,measurement_id,temperature",
		.help = "their fields: experiment, measurement, value; with S per sensor"},
	{.name = "phase", KT_ENUM(phase, phases), .def = "all", .help = "which of them a service was to store"},
	{.name = "secret-key", KT_STR(secret_key), .arg = "KEY", .def = KT_MEASUREMENTHASH_KEY,
		.help = "32 characters: the key of measurement_hash"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print the comparison as JSON lines"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct verify {
	const struct verify_opts *opts;
	struct kt_sentlog sent;
	struct kt_received arrivals;
	struct kt_consumer *consumer;
	struct kt_strs topics, fields;
	struct kt_buf decoded;
	struct kt_each_line stored;
	int64_t strangers;
	struct kt_stop stop;
};

static int log_line(void *user, const char *data, size_t len, int64_t line)
{
	struct verify *v = user;
	struct kt_log_entry entry;
	struct kt_err ignored;
	(void)line;
	if (kt_log_read(&entry, &v->decoded, data, len, &ignored) < 0)
		return -1;
	kt_sentlog_log(&v->sent, &entry, v->opts->time);
	return 0;
}

/* The fields of one stored line, as --fields names them. */
static int read_stored(struct verify *v, const char *data, size_t len, struct kt_bytes texts[4], double *value)
{
	struct kt_err ignored;
	struct kt_bytes name;
	int more;
	bool has_value = false;
	v->decoded.len = 0;
	kt_buf_reserve(&v->decoded, len + KT_JSON_SLACK);
	struct kt_json j = {.start = data, .at = data, .end = data + len, .out = &v->decoded, .err = &ignored};
	if (kt_json_enter(&j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&j, &name)) > 0) {
		size_t i = 0;
		while (i < v->fields.n &&
			(name.len != strlen(v->fields.v[i]) || memcmp(name.data, v->fields.v[i], name.len) != 0))
			i++;
		bool number = i == 2 && kt_json_peek(&j) != '"';
		int read = i == v->fields.n ? kt_json_skip(&j)
			   : number         ? kt_json_real(&j, value)
					    : kt_json_text(&j, &texts[i]);
		if (read < 0)
			return -1;
		has_value |= number;
	}
	return more == 0 && has_value && texts[0].data && texts[1].data ? kt_json_finish(&j) : -1;
}

static int stored_line(void *user, const char *data, size_t len, int64_t line)
{
	struct verify *v = user;
	struct kt_bytes texts[4] = {{0}};
	struct kt_uuid id;
	double value;
	if (read_stored(v, data, len, texts, &value) < 0 || (v->fields.n > 3 && !texts[3].data))
		return -1;
	bool known = kt_uuid_read(&id, texts[0].data, texts[0].len);
	struct kt_sentlog_experiment *x = known ? kt_sentlog_find(&v->sent, &id) : NULL;
	if (x)
		kt_sentlog_stored(&v->sent, x, texts[1], texts[3], value, line);
	else
		v->strangers++;
	return 0;
}

static int read_log(struct verify *v, struct kt_err *err)
{
	const struct verify_opts *o = v->opts;
	struct kt_each_line each = {.path = o->log, .take = log_line, .user = v, .stop = o->client.owner->stop};
	size_t wanted = 0;
	if (kt_each_line(&each, err) < 0)
		return -1;
	if (each.bad == 1)
		kt_say(KT_WARNING, "%s:%lld is not a line of such a log", o->log, (long long)each.first_bad);
	else if (each.bad)
		kt_say(KT_WARNING, "%s:%lld is not a line of such a log, nor %s %lld more", o->log,
			(long long)each.first_bad, each.bad == 2 ? "is" : "are", (long long)each.bad - 1);
	for (size_t i = 0; i < v->sent.n; i++)
		wanted += v->sent.v[i].wanted;
	kt_sentlog_sort(&v->sent);
	if (wanted)
		return 0;
	return kt_err_set(err, KT_NOT_FOUND, "%s holds no experiment%s%s", o->log, o->time ? " at or after " : "",
		o->time ? o->time : "");
}

static int print_truth(const struct verify *v, struct kt_err *err)
{
	for (size_t i = 0; i < v->sent.n; i++) {
		if (!v->sent.v[v->sent.order[i]].wanted)
			continue;
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_sentlog_print(&v->sent, v->sent.order[i], &out);
		if (kt_out_print(STDOUT_FILENO, &out, err) < 0)
			return -1;
	}
	return 0;
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	*fd = (struct pollfd){.fd = kt_consumer_fd(user), .events = POLLIN};
	return kt_consumer_poll_ms(user);
}

static int read_records(struct verify *v, struct kt_err *err)
{
	struct kt_progress progress = {0};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &v->stop};
	struct kt_loop_source records = {.user = v->consumer, .wait = wait_for_records};
	kt_loop_add(&loop, &records);
	while (!kt_consumer_is_done(v->consumer)) {
		struct kt_record record;
		if (kt_ended(kt_stop_status(&v->stop), err, "before the topic's end") < 0)
			return -1;
		int took = kt_consumer_fill(v->consumer, err);
		if (took < 0)
			return -1;
		while (kt_consumer_next(v->consumer, &record))
			kt_received_take(&v->arrivals, &record);
		if (kt_consumer_written(v->consumer, err) < 0)
			return -1;
		kt_progress_records(&progress, v->arrivals.taken);
		if (!took && !kt_consumer_is_done(v->consumer) && kt_loop_turn(&loop, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_topic(struct verify *v, struct kt_err *err)
{
	const struct verify_opts *o = v->opts;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_strs_add(&v->topics, o->topic);
	struct kt_consumer_how how = {
		.owner = o->client.owner,
		.topics = &v->topics,
		.reset = KT_RESET_EARLIEST,
		.exit_at_end = true,
		.commit = KT_COMMIT_NONE,
		.timeout_ms = o->client.timeout_ms,
		.headers = true,
	};
	if (kt_received_init(&v->arrivals, &v->sent, o->secret_key, err) < 0 ||
		kt_conf_load(&settings, &o->client, err) < 0 || kt_conf_resolve(&settings, err) < 0 ||
		kt_consumer_open(&v->consumer, &settings, &how, err) < 0)
		return -1;
	v->stop.outer = o->client.owner->stop;
	kt_stop_begin(&v->stop, o->client.run_for_ms);
	int result = read_records(v, err);
	struct kt_err later;
	if (kt_consumer_close(kt_steal(v->consumer), result < 0 ? &later : err) < 0)
		return -1;
	kt_sentlog_settle(&v->sent, KT_SENTLOG_EVENTS, false);
	v->strangers = v->arrivals.strangers;
	return result;
}

static int compare_stored(struct verify *v, struct kt_err *err)
{
	const struct verify_opts *o = v->opts;
	kt_strs_split(&v->fields, o->fields, ",");
	if (v->fields.n < 3 || v->fields.n > 4) {
		kt_err_set(err, KT_USAGE, "--fields %s: expected three or four names", o->fields);
		return kt_err_hint(err, "for example experiment,measurement_id,average");
	}
	v->stored = (struct kt_each_line){
		.path = o->against, .take = stored_line, .user = v, .stop = o->client.owner->stop};
	if (kt_each_line(&v->stored, err) < 0)
		return -1;
	kt_sentlog_settle(
		&v->sent, v->fields.n > 3 ? KT_SENTLOG_SENSORS : KT_SENTLOG_SAMPLES, o->phase == PHASE_CARRY_OUT);
	return 0;
}

/* What is wrong as a whole, before what follows from it line by line. */
static void say_cause(const struct verify *v)
{
	const struct verify_opts *o = v->opts;
	int64_t there = 0;
	char digits[32];
	for (size_t i = 0; i < v->sent.n; i++)
		there += v->sent.v[i].there;
	if (o->topic && !v->arrivals.taken)
		kt_say(KT_NORMAL, "%s is empty", o->topic);
	else if (!there && v->strangers)
		kt_say(KT_NORMAL,
			"%s holds nothing of the experiments in %s, but %s of others: is it the log of another run?",
			o->topic ? o->topic : o->against, o->log, kt_group_digits(v->strangers, digits));
	if (v->arrivals.sealed)
		kt_say(KT_NORMAL, "--secret-key does not open the measurement_hash of %s events",
			kt_group_digits(v->arrivals.sealed, digits));
}

static int print_comparison(const struct verify *v, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	say_cause(v);
	for (size_t i = 0; i < v->sent.findings.n; i++)
		kt_say(KT_NORMAL, "%s", v->sent.findings.v[i]);
	(v->opts->json ? kt_sentview_json : kt_sentview_table)(&out, &v->sent);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

/* Agreement is everything that was acknowledged, once, in order, as it was sent, and nothing else. */
static int judge(const struct verify *v, struct kt_err *err)
{
	const struct verify_opts *o = v->opts;
	const char *where = o->topic ? o->topic : o->against;
	int64_t faults = 0, expected = 0, unacknowledged = 0;
	char digits[2][32];
	for (size_t i = 0; i < v->sent.n; i++) {
		expected += v->sent.v[i].expected;
		unacknowledged += v->sent.v[i].unacknowledged;
		for (int kind = 0; kind < KT_FINDINGS; kind++)
			faults += v->sent.v[i].counts[kind];
	}
	if (v->strangers)
		kt_say(KT_NORMAL, "%s of other experiments passed over", kt_group_digits(v->strangers, digits[0]));
	if (o->against && v->stored.bad)
		return kt_err_set(err, KT_PARTIAL, "%s:%lld does not hold the fields %s, nor do %lld more lines",
			o->against, (long long)v->stored.first_bad, o->fields, (long long)v->stored.bad - 1);
	if (faults)
		return kt_err_set(err, KT_PARTIAL, "%s and %s do not agree: %s faults, %s expected", where, o->log,
			kt_group_digits(faults, digits[0]), kt_group_digits(expected, digits[1]));
	kt_say(KT_NORMAL, "%s and %s agree: %s expected, %s of them not acknowledged", where, o->log,
		kt_group_digits(expected, digits[0]), kt_group_digits(unacknowledged, digits[1]));
	return 0;
}

static bool is_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00";
	for (size_t i = 0; shape[i]; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (shape[i] == '0' ? !digit : text[i] != shape[i])
			return false;
	}
	return true;
}

static void tear_down(struct verify *v)
{
	kt_consumer_free(&v->consumer);
	kt_received_fini(&v->arrivals);
	kt_sentlog_fini(&v->sent);
	kt_strs_fini(&v->topics);
	kt_strs_fini(&v->fields);
	kt_buf_fini(&v->decoded);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(tear_down) struct verify v = {.opts = o};
	if (o->time && !is_time(o->time)) {
		kt_err_set(err, KT_USAGE, "\"%.80s\" is not a time of the log", o->time);
		return kt_err_hint(err, "for example 2026-01-31T12:00:00");
	}
	if (read_log(&v, err) < 0)
		return -1;
	if (!o->topic && !o->against)
		return print_truth(&v, err);
	if ((o->topic ? compare_topic(&v, err) : compare_stored(&v, err)) < 0 || print_comparison(&v, err) < 0)
		return -1;
	return judge(&v, err);
}

static const char *const about[] = {
	"Reads the JSON log of an experiment producer and prints for each experiment what is true of it: its stages, "
	"the "
	"average of each sample and the range events, with their times. TIME leaves out experiments that were over by "
	"then; it is compared by the second with the times in the log, whatever zone they show.",
	"With --topic it reads the whole topic and says for each experiment what is missing, repeated, out of order, "
	"different from the log (values, the researcher and the sensors of the configuration, a measurement_hash that "
	"does not open or says something else) or not in the log at all, with partition:offset. What the log itself says was "
	"not acknowledged may be there or not. A log without the values of single sensors, as the original writes at "
	"its default level, vouches for stages only.",
	"With --against it compares what a service of your own stored: JSON lines with the id of the experiment, that "
	"of "
	"the measurement, and the average (to 0.001), or with a fourth field the temperature of that sensor.",
	"The status is 0 only when everything that was acknowledged is there once, in order and unchanged.",
	NULL,
};

static const char *const examples[] = {
	"the ground truth of what ran since noon",
	"kt verify logs/producer.json.log.2026-01-31 2026-01-31T12:00:00",
	"whether the topic holds it",
	"kt verify logs/producer.json.log.2026-01-31 --topic client58",
	"whether your service stored it",
	"kt verify log --against stored.jsonl --fields id,measurement,average",
	NULL,
};

const struct kt_cmd kt_cmd_verify = {
	.name = "verify",
	.summary = "compare a loadgen log with a topic or a file",
	.section = "Exercises",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
