/* kt bench consume: how fast records come from a topic. */
#include "benchconsume.h"
#include "cmd.h"
#include "conf.h"

struct bench_opts {
	struct kt_client_opts client;
	struct kt_bench_opts bench;
	const char *group, *reset;
	struct kt_strs topics, options;
	int64_t idle_ms;
	bool exit_at_end;
};
#define OPTS struct bench_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_LIST(options), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "the same; may be repeated"},
	{.name = "group", .often = true, .letter = 'g', KT_STR(group), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "as a member of this group, which commits (default: without a group)"},
	{.name = "from-latest", KT_PRESET(reset, "latest"), .help = "begin at the end, not at the beginning"},
	{.name = "exit-at-end", .often = true, .letter = 'e', KT_FLAG(exit_at_end),
		.help = "end where the partitions ended when the run started"},
	{.name = "idle", KT_MS(idle_ms), .arg = "DUR", .def = "10s", .help = "with --count: end when no record has come for this long"},
	{KT_INCLUDE(bench, "How long, and what is shown", kt_bench_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_benchconsume_fini) struct kt_benchconsume bench = {.run.timer = -1};
	struct kt_read_opts read = {
		.group = o->group,
		.reset = o->reset ? o->reset : "earliest",
		.topics = o->options,
		.count = o->bench.count,
		.exit_at_end = o->exit_at_end,
		.idle_ms = o->bench.count >= 0 ? o->idle_ms : 0,
	};
	struct kt_benchconsume_how how = {
		.run =
			{
				.owner = o->client.owner,
				.opts = &o->bench,
				.run_for_ms = o->client.run_for_ms,
				.kind = "consume",
				.what = "record",
			},
		.read = &read,
		.topics = &o->topics,
		.timeout_ms = o->client.timeout_ms,
	};
	if (o->bench.hgrm)
		return kt_err_set(err, KT_USAGE, "--hgrm is about latencies: reading has none (kt bench produce)");
	if (kt_conf_load(&settings, &o->client, err) < 0 || kt_conf_resolve(&settings, err) < 0 ||
		kt_benchconsume_open(&bench, &settings, &how, err) < 0)
		return -1;
	return kt_benchconsume_run(&bench, err);
}

static const char *const about[] = {
	"Reads TOPIC from its beginning as fast as records come, throws them away, and says how fast that was: a row for "
	"each --interval, and last of all the two lines that kafka-consumer-perf-test ends with, whose options --messages, "
	"--from-latest and --group are understood. Without --count, --exit-at-end and --run-for it ends with a signal.",
	"How long it took to get partitions, with a group the joining of it, is told apart: rates count from then. Those "
	"in the fields MB.sec and nMsg.sec of the last line do not, as with the original, and fetch.MB.sec and "
	"fetch.nMsg.sec do.",
	"With --count it ends once that many have come; when none has come for --idle there are fewer, and the "
	"status is 3.",
	KT_BENCH_LISTEN,
	NULL,
};

static const char *const examples[] = {
	"all of a topic",
	"kt bench consume orders -e",
	"a line written for kafka-consumer-perf-test",
	"kt bench consume --topic orders --messages 1000000",
	NULL,
};

const struct kt_cmd kt_cmd_bench_consume = {
	.name = "bench consume",
	.summary = "measure how fast records come from a topic",
	.section = "Measuring",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
