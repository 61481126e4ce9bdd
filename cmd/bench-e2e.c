/* kt bench e2e: how long records take from who sends them to who reads them, and whether all arrive. */
#include "benche2e.h"
#include "cmd.h"
#include "conf.h"
#include "distribution.h"

/* What it asks for where nobody says a rate: it is about latency, which a closed loop does not show. */
enum { RATE = 1000 };

struct bench_opts {
	struct kt_client_opts client;
	struct kt_bench_opts bench;
	struct kt_bench_rate_opts rate;
	const char *topic_word, *topic;
	int64_t size, keys, wait_ms;
	int role;
	bool skew_ok;
};
#define OPTS struct bench_opts

/* In the order of enum kt_benche2e_role. */
static const char *const roles[] = {"both", "send", "receive", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_STR(topic_word), .comp = KT_COMP_TOPIC,
		.help = "topic to write to and read (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .help = "the same"},
	{KT_INCLUDE(rate, "How fast", kt_bench_rate_opts)},
	{KT_INCLUDE(bench, "How long, and what is shown", kt_bench_opts)},
	{.name = "size", .often = true, KT_BYTES(size), .arg = "BYTES", .def = "100", .help = "bytes in each value"},
	{.name = "keys", KT_I64(keys), .arg = "N", .def = "0", .help = "this many different keys; 0: no keys"},
	{.name = "role", .often = true, KT_ENUM(role, roles), .def = "both",
		.help = "send or receive only: the other half runs elsewhere"},
	{.name = "wait", KT_MS(wait_ms), .arg = "DUR", .def = "10s",
		.help = "at the end, for records that are still on their way"},
	{.name = "clock-skew-ok", KT_FLAG(skew_ok),
		.help = "with --role receive: from another host too, whose clock differs"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static int check(const OPTS *o, struct kt_err *err)
{
	if (o->rate.noop)
		return kt_err_set(err, KT_USAGE, "--noop: what is not sent cannot arrive (kt bench produce --noop)");
	if (o->keys < 0 || o->keys > KT_ZIPF_MOST)
		return kt_err_set(err, KT_USAGE, "--keys %lld: expected 0 to %d", (long long)o->keys, KT_ZIPF_MOST);
	if (o->skew_ok && o->role != KT_BENCH_RECEIVES)
		return kt_err_set(err, KT_USAGE, "--clock-skew-ok is for --role receive");
	if (o->wait_ms < 1)
		return kt_err_set(err, KT_USAGE, "--wait: expected at least a millisecond");
	return 0;
}

static int resolve(const OPTS *o, struct kt_settings *s, struct kt_err *err)
{
	const char *topic = o->topic_word ? o->topic_word : o->topic;
	if (topic)
		kt_settings_put(s, KT_RANK_FLAG, "kt.topic", topic, "the command line");
	kt_settings_put(s, KT_RANK_BUILTIN, "linger.ms", "0", "kt bench e2e");
	if (!kt_settings_text(s, "kt.topic", NULL))
		return kt_conf_no_topic("kt bench e2e TOPIC", err);
	return kt_conf_resolve(s, err);
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_benche2e_fini) struct kt_benche2e bench = {.run.timer = -1};
	if (check(o, err) < 0 || kt_conf_load(&settings, &o->client, err) < 0 || resolve(o, &settings, err) < 0)
		return -1;
	o->rate.rate = o->rate.rate == 0 && !o->rate.ramp ? RATE : o->rate.rate;
	struct kt_benche2e_how how = {
		.run =
			{
				.owner = o->client.owner,
				.opts = &o->bench,
				.rate = &o->rate,
				.run_for_ms = o->client.run_for_ms,
				.kind = "e2e",
				.what = "record",
				.target = kt_settings_text(&settings, "kt.topic", NULL),
			},
		.role = (enum kt_benche2e_role)o->role,
		.size = o->size,
		.keys = o->keys,
		.timeout_ms = o->client.timeout_ms,
		.wait_ms = o->wait_ms,
		.skew_ok = o->skew_ok,
	};
	if (kt_benche2e_open(&bench, &settings, &how, err) < 0)
		return -1;
	return kt_benche2e_run(&bench, err);
}

static const char *const about[] = {
	"Sends records to TOPIC and reads them from its end, and measures how long each takes from when it was meant to be "
	"sent until it is read. Each value begins with the run, the record's number and its time, so that the same run says "
	"what was lost (acknowledged, but did not come), what came twice, and what came out of order in its partition: "
	"status 3. Other records of the topic are counted and left alone.",
	"The loop is open, with 1,000 records per second unless --rate or --ramp says otherwise; --rate -1 is a closed one, "
	"as fast as it goes. linger.ms is 0 unless the configuration says otherwise.",
	"With --role the two halves are two runs, the receiver first. What it has of the first run that it hears of counts; "
	"it ends after --count, or when nothing came for --wait. On one host both have one clock. Two hosts have two, and "
	"their difference is part of each latency: that is refused, unless --clock-skew-ok says that it is known.",
	KT_BENCH_LISTEN,
	KT_BENCH_HGRM,
	NULL,
};

static const char *const examples[] = {
	"latency from end to end at 2,000 records a second",
	"kt bench e2e orders --rate 2000 --run-for 1m --warmup 5s",
	"from another host whose clock is known to be near enough",
	"kt bench e2e orders --role receive --clock-skew-ok -n 10000",
	NULL,
};

const struct kt_cmd kt_cmd_bench_e2e = {
	.name = "bench e2e",
	.summary = "measure how long records take until they are read",
	.section = "Measuring",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
