/* kt loadgen: simulated experiments, as the course's experiment-producer sends them, or plain records. */
#include <unistd.h>

#include "benchplain.h"
#include "cmd.h"
#include "conf.h"
#include "ending.h"
#include "experimentrun.h"
#include "loadfile.h"
#include "num.h"
#include "out.h"
#include "say.h"

enum { SPEED_MAX = 1000000 };
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
		.help = "the same; the options of the single experiment then mean nothing"},
	{.name = "topic", .often = true, .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
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
	{.name = "file-subscriber", .often = true, KT_FLAG(file_subscriber),
		.help = "log what is sent as JSON lines to logs/producer.json.log.DATE"},
	{.name = "log-file", .often = true, KT_STR(log_file), .arg = "FILE", .comp = KT_COMP_FILE, .help = "log to FILE; appends"},
	{.name = "metrics-listen", .often = true, KT_STR(metrics_listen), .arg = "ADDR:PORT", .conflict = 'm',
		.help = "serve /metrics and a live page there (default: 127.0.0.1:3001, or the next free)"},
	{.name = "no-metrics", KT_FLAG(no_metrics), .conflict = 'm', .help = "do not serve metrics"},
	{.name = "no-ssl", KT_FLAG(no_ssl), .help = "a plain text connection, whatever the configuration says"},
	{.name = "plan", .often = true, KT_FLAG(plan), .help = "show what would be sent when, and send nothing"},
	{.name = "speed", .often = true, KT_STR(speed), .arg = "N|max", .def = "1",
		.help = "this many times as fast; max: as fast as the events are taken"},
	{.name = "pacing", KT_ENUM(pacing, pacings), .def = "closed",
		.help = "open: on time, whatever is not acknowledged yet"},
	{.name = "repeat", .often = true, KT_I64(repeat), .arg = "N", .def = "1",
		.help = "run the load N times in a row; 0: until it is stopped"},
	{.name = "seed", KT_STR(seed), .arg = "N", .help = "the same ids and temperatures each time"},
	{.name = "rate", .often = true, KT_I64(rate), .arg = "N", .def = "0", .help = "at most N events per second; 0: no limit"},
	{.name = "duration", .often = true, KT_MS(duration_ms), .arg = "DUR", .def = "0",
		.help = "end what runs after DUR; 0: at its own end"},
	{.name = "size", .often = true, KT_BYTES(size), .arg = "BYTES",
		.help = "no experiments: plain records of that size; see kt bench produce"},
	{.name = "count", .often = true, .letter = 'c', KT_I64(count), .arg = "N", .def = "-1",
		.help = "for records other than experiments: stop after N; -1: no limit"},
	{.name = "json", .often = true, .letter = 'J', KT_FLAG(json), .help = "print the summary, or the plan, as JSON lines"},
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
	struct kt_settings settings;
	double speed; /* 0: max */
	uint64_t seed;
	struct kt_loads loads;
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

/* Otherwise, options about another kind of load would pass unnoticed. */
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
		return kt_err_set(err, KT_USAGE, "--size and --schema: only one can be given");
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
		return kt_err_set(err, KT_USAGE, "two load files, %s and %s: only one can be given", o->config_file,
			o->load_word);
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

/* What the original sets, unless somebody says otherwise; but its queue of 8 GiB is a quarter of one here. */
static int resolve(struct loadgen *g, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	struct kt_settings *s = &g->settings;
	kt_settings_put(s, KT_RANK_BUILTIN, "delivery.timeout.ms", "5000", "kt loadgen");
	kt_settings_put(s, KT_RANK_BUILTIN, "queue.buffering.max.kbytes", "262144", "kt loadgen");
	if (o->no_ssl)
		kt_settings_put(s, KT_RANK_FLAG, "security.protocol", "plaintext", "--no-ssl");
	if (o->topic)
		kt_settings_put(s, KT_RANK_FLAG, "kt.topic", o->topic, "--topic");
	kt_settings_put(s, KT_RANK_BUILTIN, "kt.topic", "experiment", "kt loadgen");
	return kt_conf_resolve(s, err);
}

static int run_experiments(struct loadgen *g, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_experimentrun_fini) struct kt_experimentrun run = KT_EXPERIMENTRUN_NONE;
	struct kt_experimentrun_how how = {
		.owner = o->client.owner,
		.loads = &g->loads,
		.document = o->document,
		.secret_key = o->secret_key,
		.seed = o->seed ? &g->seed : NULL,
		.speed = g->speed,
		.open = o->pacing == PACING_OPEN,
		.repeat = o->repeat,
		.rate = o->rate,
		.duration_ms = o->duration_ms,
		.run_for_ms = o->client.run_for_ms,
		.timeout_ms = o->client.timeout_ms,
		.logs = o->file_subscriber || o->log_file,
		.log_file = o->log_file,
		.log_filter = getenv("RUST_LOG"),
		.no_metrics = o->no_metrics,
		.metrics_listen = o->metrics_listen,
	};
	kt_experimentrun_init(&run, &how, &g->settings);
	if (resolve(g, err) < 0 || kt_experimentrun_open(&run, &g->settings, err) < 0)
		return -1;
	struct kt_ending end = {.err = err, .result = kt_experimentrun_run(&run, err)};
	kt_experimentrun_summary(&run, &out, o->json);
	kt_ending_add(&end, kt_out_print(STDOUT_FILENO, &out, kt_ending_err(&end)));
	return end.result < 0 ? -1 : kt_experimentrun_judge(&run, err);
}

static int run_plain(struct loadgen *g, struct kt_err *err)
{
	const struct loadgen_opts *o = g->opts;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_benchplain_fini) struct kt_benchplain plain = {.bench.run.timer = -1};
	const struct kt_benchplain_how how = {
		.client = &o->client,
		.records =
			{
				.encode = &o->encode,
				.size = o->size,
				.fields = o->fields,
				.rules_file = o->config_file ? o->config_file : o->load_word,
				.key_field = o->key_field,
				.seed = o->seed,
			},
		.count = o->count,
		.rate = o->rate,
		.duration_ms = o->duration_ms,
		.run_for_ms = o->client.run_for_ms,
	};
	if (resolve(g, err) < 0 || kt_benchplain_open(&plain, &g->settings, &how, err) < 0)
		return -1;
	kt_say(KT_NORMAL, "--size and --schema have gone to kt bench produce, and are understood here for a while");
	struct kt_ending end = {.err = err, .result = kt_benchplain_run(&plain, err)};
	kt_benchplain_summary(&plain, &out, o->json);
	kt_ending_add(&end, kt_out_print(STDOUT_FILENO, &out, kt_ending_err(&end)));
	return end.result < 0 ? -1 : kt_benchplain_judge(&plain, err);
}

static int show_plan(const struct loadgen *g, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_loadview_plan(&out, &g->loads, g->speed, g->opts->json);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static void tear_down(struct loadgen *g)
{
	kt_loads_fini(&g->loads);
	kt_settings_fini(&g->settings);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(tear_down) struct loadgen g = {.opts = o};
	if (read_options(&g, err) < 0)
		return -1;
	if (o->plan)
		return show_plan(&g, err);
	if (kt_conf_load(&g.settings, &o->client, err) < 0)
		return -1;
	return is_plain(o) ? run_plain(&g, err) : run_experiments(&g, err);
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
	"With --size or --schema there are no experiments but records of their own, at --rate or as fast as it goes, until "
	"--count, --duration or a signal ends them. That has gone to kt bench produce, which says more of it, and is "
	"understood here for a while. Those of a schema are random. A number is within "
	"a million of 0, text a word, a list has up to three items; timestamps, dates, decimals and UUIDs are what they "
	"stand for. The header record_name is the schema's name.",
	"--field PATH=GENERATOR says how a value is made, as in customer.id=zipf:1000, and so does a load file that is "
	"a JSON object of paths and generators. A path is made of fields with dots between them, [] after a list or "
	"map. The generators: sequence (1, 2, 3, …; sequence:START,STEP); uniform:MIN,MAX, or range:MIN,MAX; "
	"normal:MEAN,DEVIATION; zipf:N,EXPONENT (1 to N, the small ones often; the exponent is 1 unless given); uuid; "
	"now; choice:A,B,…; constant:X. In a union, the first branch that the generator fits is always taken. "
	"Numbers for logical types are those that Avro stores, like a timestamp's milliseconds, but for decimals "
	"they are what they mean. Values of a choice are JSON where that fits the type, else text; "
	"choice:[\"A\",\"B\"] where they hold commas. With --seed the records are the same each time, except for "
	"now, and for dates and times: without a generator those are from the day before.",
	"The log of --file-subscriber holds what was sent, in the original's form; its lines are whole whatever "
	"happens, and several producers may share the file. RUST_LOG says how much, as it did there: info for the stages "
	"alone, debug (which it is here where RUST_LOG is not set) for temperatures and range events too, trace for every "
	"message, or target=level,… for parts.",
	"Metrics and the page are served without a password. On 127.0.0.1 they are for this machine only, and a request "
	"that was made for another host name is refused; on another address, which --metrics-listen names, they are for "
	"everybody who can reach it, by any name. They show counts and rates, and nothing can be changed through them.",
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
