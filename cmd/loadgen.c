/* kt loadgen: simulated experiments, as the course's experiment-producer sends them. */
#include <unistd.h>

#include "bytesload.h"
#include "cmd.h"
#include "conf.h"
#include "ending.h"
#include "loadfile.h"
#include "loadview.h"
#include "loop.h"
#include "metrics.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "topic.h"

enum { GRACE_MS = 5000, SERVE_MS = 200, LINGER_MS = 100, GATHER_US = 5000, IN_FLIGHT = 20000, SPEED_MAX = 1000000 };
enum { PACING_CLOSED, PACING_OPEN };

struct loadgen_opts {
	struct kt_client_opts client;
	const char *load_word, *config_file, *topic, *document, *secret_key, *speed, *seed, *log_file, *metrics_listen;
	const char *start, *lower, *upper, *key_field;
	struct kt_encode_opts encode;
	struct kt_strs fields;
	int64_t sensors, sample_ms, stabilization, carry_out, repeat, rate, duration_ms, size, count;
	int pacing;
	bool plan, json, no_ssl, file_subscriber, no_metrics;
};
#define OPTS struct loadgen_opts

static const char *const pacings[] = {"closed", "open", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "LOAD", .positional = true, KT_STR(load_word), .comp = KT_COMP_FILE,
		.help = "load file: yours, or an installed one such as 3.json"},
	{.name = "config-file", KT_STR(config_file), .arg = "LOAD", .comp = KT_COMP_FILE,
		.help = "the same; the options of the single experiment mean nothing then"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic for the events (default: kt.topic, else experiment)"},
	{.name = "topic-document", KT_STR(document), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "one document per experiment goes there at its end"},
	{.name = "secret-key", KT_STR(secret_key), .arg = "KEY", .def = KT_MEASUREMENTHASH_KEY,
		.help = "32 characters: the key of measurement_hash"},
	{.name = "num-sensors", KT_I64(sensors), .arg = "N", .def = "2", .help = "sensors of the single experiment"},
	{.name = "sample-rate", KT_I64(sample_ms), .arg = "MS", .def = "1000",
		.help = "its milliseconds between samples; 100 in older versions"},
	{.name = "stabilization-samples", KT_I64(stabilization), .arg = "N", .def = "2", .help = "samples of its first phase"},
	{.name = "carry-out-samples", KT_I64(carry_out), .arg = "N", .def = "20", .help = "samples of its second phase"},
	{.name = "start-temperature", KT_STR(start), .arg = "DEGREES", .def = "16", .help = "where its temperature begins"},
	{.name = "lower-threshold", KT_STR(lower), .arg = "DEGREES", .def = "25.5", .help = "lower end of its range"},
	{.name = "upper-threshold", KT_STR(upper), .arg = "DEGREES", .def = "26.5", .help = "upper end of its range"},
	{.name = "file-subscriber", KT_FLAG(file_subscriber),
		.help = "log what is sent as JSON lines to logs/producer.json.log.DATE"},
	{.name = "log-file", KT_STR(log_file), .arg = "FILE", .comp = KT_COMP_FILE, .help = "log to FILE; appends"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .conflict = 'm',
		.help = "serve /metrics and a live page there (default: 127.0.0.1:3001, or the next free)"},
	{.name = "no-metrics", KT_FLAG(no_metrics), .conflict = 'm', .help = "do not serve metrics"},
	{.name = "no-ssl", KT_FLAG(no_ssl), .help = "a plain text connection, whatever the configuration says"},
	{.name = "plan", KT_FLAG(plan), .help = "show what would be sent when, and send nothing"},
	{.name = "speed", KT_STR(speed), .arg = "N|max", .def = "1",
		.help = "so many times as fast; max: as fast as the events are taken"},
	{.name = "pacing", KT_ENUM(pacing, pacings), .def = "closed",
		.help = "open: on time, whatever is not acknowledged yet"},
	{.name = "repeat", KT_I64(repeat), .arg = "N", .def = "1",
		.help = "run the load N times in a row; 0: until it is stopped"},
	{.name = "seed", KT_STR(seed), .arg = "N", .help = "the same ids and temperatures each time"},
	{.name = "rate", KT_I64(rate), .arg = "N", .def = "0", .help = "at most N events per second; 0: no limit"},
	{.name = "duration", KT_MS(duration_ms), .arg = "DUR", .def = "0",
		.help = "end what runs after DUR; 0: at its own end"},
	{.name = "size", KT_BYTES(size), .arg = "BYTES",
		.help = "no experiments: plain records of that size, as fast as --rate allows"},
	{.name = "count", .letter = 'c', KT_I64(count), .arg = "N", .def = "-1",
		.help = "of other records than experiments: stop after N; -1: no limit"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print the summary, or the plan, as JSON lines"},
	{KT_INCLUDE(encode, "Random records of an Avro schema (no experiments)", kt_encode_opts)},
	{.name = "field", KT_LIST(fields), .arg = "PATH=GENERATOR",
		.help = "with --schema: how a field's values are made; may be repeated"},
	{.name = "key-field", KT_STR(key_field), .arg = "PATH", .help = "with --schema: that field is the record's key"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct loadgen {
	const struct loadgen_opts *opts;
	double speed; /* 0: max */
	uint64_t seed;
	struct kt_loads loads;
	struct kt_loadlog loadlog;
	struct kt_producer *producer;
	int document_topic; /* its handle of it */
	struct kt_workload work;
	struct kt_bytesload plain; /* in place of work, with --size and --schema */
	struct kt_loadview view;
	struct kt_metrics metrics;
	int64_t gather_us; /* the events wait that long here, in place of the library's linger.ms */
	struct kt_stop stop;
	int64_t idle_ms; /* nothing is to be sent for so long */
	bool complete;   /* all was sent, and not because somebody ended it */
};

static bool is_plain(const struct loadgen_opts *o)
{
	return o->size || o->encode.schemas.n;
}

static int read_degrees(const char *option, const char *text, float *out, struct kt_err *err)
{
	double n;
	if (kt_parse_double(text, &n, err) < 0)
		return kt_err_wrap(err, "%s", option);
	*out = (float)n;
	return 0;
}

static int check_range(const char *option, int64_t n, int64_t min, int64_t max, struct kt_err *err)
{
	if (n >= min && n <= max)
		return 0;
	return kt_err_set(err, KT_USAGE, "%s %lld is out of range: %lld to %lld", option, (long long)n, (long long)min,
		(long long)max);
}

/* The one experiment that the flags describe. */
static int read_flags(struct loadgen *g, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	struct kt_load load = kt_load_default;
	load.researcher = "d.landau@uu.nl";
	load.sensors = o->sensors;
	load.sample_ms = o->sample_ms;
	load.stabilization = o->stabilization;
	load.carry_out = o->carry_out;
	if (check_range("--num-sensors", o->sensors, 1, KT_LOAD_SENSORS, err) < 0 ||
		check_range("--sample-rate", o->sample_ms, 0, KT_LOAD_RATE_MS, err) < 0 ||
		check_range("--stabilization-samples", o->stabilization, 0, KT_LOAD_SAMPLES, err) < 0 ||
		check_range("--carry-out-samples", o->carry_out, 0, KT_LOAD_SAMPLES, err) < 0 ||
		read_degrees("--start-temperature", o->start, &load.start, err) < 0 ||
		read_degrees("--lower-threshold", o->lower, &load.lower, err) < 0 ||
		read_degrees("--upper-threshold", o->upper, &load.upper, err) < 0)
		return -1;
	return kt_loads_add(&g->loads, &load, err);
}

static int read_speed(struct loadgen *g, struct kt_err *err)
{
	const char *text = g->opts->speed;
	if (!strcmp(text, "max"))
		return 0;
	if (kt_parse_double(text, &g->speed, err) < 0)
		return kt_err_wrap(err, "--speed");
	if (!(g->speed > 0 && g->speed <= SPEED_MAX))
		return kt_err_set(
			err, KT_USAGE, "--speed %s: expected more than 0 and at most %d, or max", text, SPEED_MAX);
	return 0;
}

/* What is about another kind of load would otherwise pass unnoticed. */
static int check_kind(const struct loadgen_opts *o, struct kt_err *err)
{
	const struct {
		bool given;
		const char *name;
	} rows[] = {
		{o->plan, "plan"},
		{o->document, "topic-document"},
		{o->repeat != 1, "repeat"},
		{strcmp(o->speed, "1") != 0, "speed"},
		{o->pacing != PACING_CLOSED, "pacing"},
		{o->file_subscriber, "file-subscriber"},
		{o->log_file, "log-file"},
		{o->metrics_listen, "metrics-listen"},
	};
	if (!o->encode.schemas.n && (o->fields.n || o->key_field))
		return kt_err_set(err, KT_USAGE, "--field and --key-field need a schema: --schema FILE");
	if (o->size && o->encode.schemas.n)
		return kt_err_set(err, KT_USAGE, "--size and --schema: one is taken");
	if (o->size && (o->config_file || o->load_word))
		return kt_err_set(err, KT_USAGE, "a load file is not for --size");
	for (size_t i = 0; is_plain(o) && i < KT_LEN(rows); i++)
		if (rows[i].given)
			return kt_err_set(
				err, KT_USAGE, "--%s is for experiments, not for --size and --schema", rows[i].name);
	if (is_plain(o) || o->count < 0)
		return 0;
	return kt_err_set(
		err, KT_USAGE, "--count is for --size and --schema; of experiments there are as many as the load has");
}

static int read_options(struct loadgen *g, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	const char *file = o->config_file ? o->config_file : o->load_word;
	int64_t seed = 0;
	if (check_kind(o, err) < 0)
		return -1;
	if (o->config_file && o->load_word)
		return kt_err_set(
			err, KT_USAGE, "two load files, %s and %s: one is taken", o->config_file, o->load_word);
	if (o->seed && kt_parse_i64(o->seed, INT64_MIN, INT64_MAX, &seed, err) < 0)
		return kt_err_wrap(err, "--seed");
	g->seed = (uint64_t)seed;
	if (check_range("--repeat", o->repeat, 0, INT32_MAX, err) < 0 ||
		check_range("--rate", o->rate, 0, KT_RATELIMIT_MOST, err) < 0 || read_speed(g, err) < 0)
		return -1;
	if (is_plain(o))
		return 0;
	return file ? kt_loadfile_read(&g->loads, file, err) : read_flags(g, err);
}

/* Closed pacing waits for company as the original does, scaled with the speed since its samples wait for it too. Open
 * pacing waits as long as the library would, but for the events of all partitions at once. */
static void put_linger(struct loadgen *g, struct kt_settings *s)
{
	char linger[32];
	if (is_plain(g->opts) || g->speed <= 0)
		return;
	snprintf(linger, sizeof(linger), "%.3g", LINGER_MS / (g->speed > 1 ? g->speed : 1));
	if (g->opts->pacing == PACING_OPEN && !kt_settings_get(s, "linger.ms"))
		g->gather_us = GATHER_US;
	kt_settings_put(s, KT_RANK_BUILTIN, "linger.ms", g->opts->pacing == PACING_OPEN ? "0" : linger, "kt loadgen");
}

/* What the original sets, where nobody says otherwise; but its 8 GiB of queue are a quarter of one here. */
static void put_properties(struct loadgen *g, struct kt_settings *s)
{
	const struct loadgen_opts *o = g->opts;
	put_linger(g, s);
	if (!is_plain(o))
		kt_settings_put(s, KT_RANK_BUILTIN, "queue.buffering.max.messages", "1000000", "kt loadgen");
	kt_settings_put(s, KT_RANK_BUILTIN, "delivery.timeout.ms", "5000", "kt loadgen");
	kt_settings_put(s, KT_RANK_BUILTIN, "queue.buffering.max.kbytes", "262144", "kt loadgen");
	if (o->no_ssl)
		kt_settings_put(s, KT_RANK_FLAG, "security.protocol", "plaintext", "--no-ssl");
	if (o->topic)
		kt_settings_put(s, KT_RANK_FLAG, "kt.topic", o->topic, "--topic");
	kt_settings_put(s, KT_RANK_BUILTIN, "kt.topic", "experiment", "kt loadgen");
}

static int64_t in_flight(const struct kt_settings *s)
{
	int64_t room = strtoll(kt_settings_text(s, "queue.buffering.max.messages", "1000000"), NULL, 10);
	return room / 2 < IN_FLIGHT ? room / 2 : IN_FLIGHT;
}

static int open_producer(struct loadgen *g, const struct kt_settings *s, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	struct kt_producer_how how = {
		.owner = o->client.owner,
		.topic = kt_settings_text(s, "kt.topic", NULL),
		.partition = -1,
		.idempotent = true,
		.timeout_ms = o->client.timeout_ms,
		.done = kt_workload_delivery,
		.every_delivery = true,
		.user = &g->work,
	};
	if (kt_topic_check(how.topic, err) < 0 || kt_producer_open(&g->producer, s, &how, err) < 0)
		return -1;
	if (!o->document)
		return 0;
	g->document_topic = kt_producer_topic(g->producer, o->document, err);
	return g->document_topic < 0 ? -1 : kt_producer_await(g->producer, g->document_topic, err);
}

static int send_event(void *user, bool document, const struct kt_record *record, int64_t tag, struct kt_err *err)
{
	struct loadgen *g = user;
	int topic = document ? g->document_topic : KT_PRODUCER_TOPIC;
	return kt_producer_send(g->producer, topic, record, tag, KT_SEND_BORROWED, err);
}

static int64_t waiting(void *user)
{
	const struct loadgen *g = user;
	return g->producer ? kt_producer_waiting(g->producer) : 0;
}

static int set_up(struct loadgen *g, const struct kt_settings *s, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	struct kt_workload_how how = {
		.user = g,
		.send = send_event,
		.waiting = waiting,
		.loads = &g->loads,
		.secret_key = o->secret_key,
		.seed = o->seed ? &g->seed : NULL,
		.speed = g->speed,
		.repeat = o->repeat,
		.rate = o->rate,
		.in_flight = in_flight(s),
		.gather_us = g->gather_us,
		.open = o->pacing == PACING_OPEN,
		.documents = o->document != NULL,
	};
	if (kt_workload_init(&g->work, &how, err) < 0)
		return -1;
	if (o->file_subscriber || o->log_file) {
		if (kt_loadlog_open(&g->loadlog, o->log_file, err) < 0)
			return -1;
		if (getenv("RUST_LOG"))
			kt_loadlog_filter(&g->loadlog, getenv("RUST_LOG"));
		g->loadlog.topic = kt_settings_text(s, "kt.topic", NULL);
		g->loadlog.document = o->document;
		g->work.how.loadlog = &g->loadlog;
	}
	if (open_producer(g, s, err) < 0)
		return -1;
	g->metrics = (struct kt_metrics){
		.work = &g->work, .topic = kt_settings_text(s, "kt.topic", NULL), .document = o->document};
	if (!o->no_metrics && kt_metrics_open(&g->metrics, o->metrics_listen, err) < 0)
		return kt_err_wrap(err, "--metrics-listen");
	return 0;
}

static int set_up_plain(struct loadgen *g, const struct kt_settings *s, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	struct kt_bytesload_how how = {
		.owner = o->client.owner,
		.size = o->size,
		.records =
			{
				.encode = &o->encode,
				.whom = {&o->client, s, kt_settings_text(s, "kt.topic", "")},
				.rules = &o->fields,
				.file = o->config_file ? o->config_file : o->load_word,
				.key = o->key_field,
				.seed = o->seed ? &g->seed : NULL,
				.most = kt_producer_max_record(s),
			},
		.count = o->count,
		.rate = o->rate,
		.duration_ms = o->duration_ms,
		.run_for_ms = o->client.run_for_ms,
		.timeout_ms = o->client.timeout_ms,
	};
	return kt_bytesload_open(&g->plain, s, &how, err);
}

/* Reports that come in the last millisecond before something else is due are taken with that. */
static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct loadgen *g = user;
	if (!g->gather_us || g->idle_ms > 1)
		*fd = (struct pollfd){.fd = kt_producer_fd(g->producer), .events = POLLIN};
	return g->idle_ms;
}

static int64_t wait_for_requests(void *user, struct pollfd *fd)
{
	const struct loadgen *g = user;
	*fd = (struct pollfd){.fd = kt_httpd_fd(g->metrics.httpd), .events = POLLIN};
	return kt_metrics_wait_ms(&g->metrics);
}

static int serve_requests(void *user, short revents, struct kt_err *err)
{
	struct loadgen *g = user;
	(void)revents, (void)err;
	kt_metrics_serve(&g->metrics);
	return 0;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct loadgen *g = user;
	(void)revents;
	return kt_producer_serve(g->producer, err);
}

static int run_loop(struct loadgen *g, struct kt_err *err)
{
	struct kt_stop duration = {.outer = &g->stop};
	struct kt_loop_source requests = {.user = g, .wait = wait_for_requests, .serve = serve_requests};
	struct kt_loop_source reports = {.user = g, .wait = wait_for_reports, .serve = serve_reports};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &duration};
	kt_stop_begin(&duration, g->opts->duration_ms);
	kt_loop_add(&loop, &requests);
	kt_loop_add(&loop, &reports);
	while (!kt_workload_over(&g->work)) {
		if (kt_stop_status(&duration))
			return kt_workload_stop(&g->work, err);
		if (kt_workload_turn(&g->work, &g->idle_ms, err) < 0)
			return -1;
		g->idle_ms = g->idle_ms < SERVE_MS ? g->idle_ms : SERVE_MS;
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
		kt_workload_tell(&g->work, false);
		kt_loadview_progress(&g->view, &g->work);
	}
	g->complete = true;
	return 0;
}

static int run_plain(struct loadgen *g, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_ending end = {.err = err, .result = kt_bytesload_run(&g->plain, err)};
	kt_bytesload_summary(&g->plain, &out, g->opts->json);
	kt_ending_add(&end, kt_out_print(STDOUT_FILENO, &out, kt_ending_err(&end)));
	return end.result < 0 ? -1 : kt_bytesload_judge(&g->plain, err);
}

/* The worst that happened decides. */
static int judge(const struct loadgen *g, struct kt_err *err)
{
	struct kt_event_counts total = kt_workload_total(&g->work);
	int64_t failed = total.sent - total.delivered + total.refused;
	int stopped = g->complete ? 0 : kt_stop_status(&g->stop);
	if (stopped > KT_SIGNAL && (g->opts->repeat || failed))
		return kt_err_set(err, stopped, "ended by a signal: %lld events delivered, %lld not",
			(long long)total.delivered, (long long)failed);
	if (failed || g->work.failed_runs)
		return kt_err_set(err, KT_PARTIAL, "%lld of %lld events not delivered, %lld experiments failed",
			(long long)failed, (long long)(total.sent + total.refused), (long long)g->work.failed_runs);
	if (g->loadlog.failed.msg[0]) {
		*err = g->loadlog.failed;
		return -1;
	}
	return stopped == KT_RUN_ENDED ? kt_ended(stopped, err, "before the experiments did") : 0;
}

static int finish(struct loadgen *g, int result, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_ending end = {.err = err, .result = result};
	kt_workload_hand_over(&g->work);
	kt_ending_add(&end, kt_producer_drain(g->producer, -1, GRACE_MS, kt_ending_err(&end)));
	kt_workload_tell(&g->work, true);
	kt_loadview_summary(&out, &g->work, g->opts->json);
	kt_ending_add(&end, kt_out_print(STDOUT_FILENO, &out, kt_ending_err(&end)));
	return end.result < 0 ? -1 : judge(g, err);
}

static void tear_down(struct loadgen *g)
{
	kt_metrics_close(&g->metrics);
	kt_producer_close(g->producer);
	kt_workload_fini(&g->work);
	kt_bytesload_fini(&g->plain);
	kt_loadlog_close(&g->loadlog);
	kt_loads_fini(&g->loads);
}

static int show_plan(const struct loadgen *g, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_loadview_plan(&out, &g->loads, g->speed, g->opts->json);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(tear_down) struct loadgen g = {.opts = o, .loadlog.fd = -1};
	if (read_options(&g, err) < 0)
		return -1;
	if (o->plan)
		return show_plan(&g, err);
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	put_properties(&g, &settings);
	if (kt_conf_resolve(&settings, err) < 0 || (is_plain(o) ? set_up_plain : set_up)(&g, &settings, err) < 0)
		return -1;
	g.stop.outer = o->client.owner->stop;
	kt_stop_begin(&g.stop, o->client.run_for_ms);
	if (is_plain(o))
		return run_plain(&g, err);
	return finish(&g, run_loop(&g, err), err);
}

static const char *const about[] = {
	"Simulates experiments in which sensors measure temperatures, and sends their events to a topic: each is an "
	"Avro object container with one record, its kind in the header record_name, its key the experiment. One "
	"experiment comes from the options, many from a load file: a JSON list of objects with start_time (in "
	"seconds) and researcher, and, where the options' defaults do not fit, num_sensors, sample_rate, temp_range "
	"(lower_threshold, upper_threshold), stabilization_samples, carry_out_samples and start_temperature (which is "
	"0 there). Two more make large loads short: copies, and stagger, the milliseconds between their starts. Lines "
	"at the top that begin with # are comments.",
	"With closed pacing a sample follows when its time has come and the one before is acknowledged, as in the "
	"original program; that includes linger.ms, which is 100 divided by the speed unless -X says otherwise. Open "
	"pacing keeps to the plan, and latency counts from the planned time, so that a slow broker shows. Its events "
	"are handed over every 5 milliseconds and their reports looked at once a millisecond, or without any delay of kt's "
	"own with -X linger.ms. --speed max is open, too.",
	"An event that is not acknowledged within 5 seconds (-X message.timeout.ms), or finds the queue full, is "
	"counted as failed and the run goes on; an experiment of which something other than a sample failed ends. The "
	"status is 3 then. A signal, and the end of --duration, let running experiments send their end first.",
	"With --size or --schema there are no experiments but records of their own, as fast as --rate allows, until "
	"--count, --duration or a signal ends them: to load any topic. Those of a schema are random. A number is within "
	"a million of 0, text a word, a list has up to three items; timestamps, dates, decimals and UUIDs are what they "
	"stand for. The header record_name is the schema's name.",
	"--field PATH=GENERATOR says how a value is made, as in customer.id=zipf:1000, and so does a load file that is "
	"a JSON object of paths and generators. A path is made of fields with dots between them, [] after a list or "
	"map. The generators: sequence (1, 2, 3, …; sequence:START,STEP); uniform:MIN,MAX, or range:MIN,MAX; "
	"normal:MEAN,DEVIATION; zipf:N,EXPONENT (1 to N, the small ones often; the exponent is 1 unless given); uuid; "
	"now; choice:A,B,…; constant:X. Of a union the first branch that the generator fits is taken each time. "
	"Numbers of logical types are those that Avro stores, a timestamp's milliseconds, but of decimals what they "
	"mean. Values of a choice are JSON where that fits the type, else text; choice:[\"A\",\"B\"] where they hold "
	"commas. With --seed the records are the same each time, but for now, and for dates and times: without a "
	"generator those are of the day before.",
	"The log of --file-subscriber holds what was sent in the original's form; its lines are whole whatever "
	"happens, and several producers may share the file. RUST_LOG says how much, as it did there: info for the stages "
	"alone, debug (which it is here where RUST_LOG is not set) for temperatures and range events too, trace for every "
	"message, or target=level,… for parts.",
	"Metrics and the page are served without a password. On 127.0.0.1 they are for this machine only, and a request "
	"that was made for another host name is refused; on another address, which --metrics-listen names, they are for "
	"everybody who can reach it, by any name. They show counts and rates, and nothing can be changed by them.",
	NULL,
};

static const char *const examples[] = {
	"the tutorial's third load",
	"kt loadgen --auth auth -b host:19093 --topic client58 --config-file 3.json",
	"what that will look like, ten times as fast",
	"kt loadgen 3.json --speed 10 --plan",
	"one experiment of many sensors, logged for a later check",
	"kt loadgen -t client58 --num-sensors 50 --file-subscriber",
	"orders, by an installed schema and its generators",
	"kt loadgen -t orders --schema orders.avsc orders.json --key-field customer",
	"records of any schema, with a generator for one of its fields",
	"kt loadgen -t users --schema user.avsc --field id=sequence --rate 100",
	"how many events per second there can be",
	"kt loadgen many.json --speed max --repeat 0 --duration 30s -J | jq .rate",
	NULL,
};

const struct kt_cmd kt_cmd_loadgen = {
	.name = "loadgen",
	.summary = "simulate experiments and send their events",
	.section = "Exercises",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
