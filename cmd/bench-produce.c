/* kt bench produce: load on a topic, and how long each record takes to be acknowledged. */
#include "benchproduce.h"
#include "cmd.h"
#include "conf.h"

struct bench_opts {
	struct kt_client_opts client;
	struct kt_bench_opts bench;
	struct kt_bench_rate_opts rate;
	struct kt_benchrecords_opts records;
	struct kt_encode_opts encode;
	const char *topic, *acks;
	struct kt_strs words, props;
	int64_t partition, in_flight;
	int compression;
};
#define OPTS struct bench_opts

static const char *const codecs[] = {"default", "none", "gzip", "snappy", "lz4", "zstd", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(words), .comp = KT_COMP_TOPIC,
		.help = "topic to write to (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .help = "the same"},
	{KT_INCLUDE(rate, "How fast", kt_bench_rate_opts)},
	{.name = "in-flight", KT_I64(in_flight), .arg = "N", .def = "0",
		.help = "at most N not acknowledged yet; 0: as many as the queue takes"},
	{KT_INCLUDE(bench, "How long, and what is shown", kt_bench_opts)},
	{KT_INCLUDE(records, "What is sent", kt_benchrecords_opts)},
	{KT_INCLUDE(encode, "Random records of an Avro schema", kt_encode_opts)},
	{.name = "partition", .letter = 'p', KT_I64(partition), .arg = "N", .def = "-1",
		.help = "write to this partition; -1: the partitioner's choice"},
	{.name = "compression", .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "default",
		.help = "codec for the batches on the wire and in the log"},
	{.name = "acks", KT_STR(acks), .arg = "N", .help = "acknowledgements to wait for: all, 1, 0"},
	{.name = "producer-props", KT_LIST(props), .arg = "NAME=VALUE", .comp = KT_COMP_PROPERTY,
		.help = "as -X, and for further words with an = in them"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

/* The words of kafka-producer-perf-test's --producer-props stand one after the other, as a topic's name would. */
static int sort_words(OPTS *o, struct kt_err *err)
{
	for (size_t i = 0; i < o->props.n; i++)
		kt_strs_add(&o->client.properties, o->props.v[i]);
	for (size_t i = 0; i < o->words.n; i++) {
		const char *word = o->words.v[i];
		if (strchr(word, '=') && o->props.n)
			kt_strs_add(&o->client.properties, word);
		else if (o->topic)
			return kt_err_set(err, KT_USAGE, "records go to one topic, not to %s and %s", o->topic, word);
		else
			o->topic = word;
	}
	return 0;
}

static int resolve(const OPTS *o, struct kt_settings *s, struct kt_err *err)
{
	if (o->topic)
		kt_settings_put(s, KT_RANK_FLAG, "kt.topic", o->topic, "the command line");
	if (o->compression)
		kt_settings_put(s, KT_RANK_FLAG, "compression.type", codecs[o->compression], "--compression");
	if (o->acks)
		kt_settings_put(s, KT_RANK_FLAG, "acks", o->acks, "--acks");
	/* What waits for company would be measured as the broker's latency. */
	if (o->rate.rate > 0 || o->rate.ramp)
		kt_settings_put(s, KT_RANK_BUILTIN, "linger.ms", "0", "kt bench --rate");
	if (!kt_settings_text(s, "kt.topic", NULL))
		return kt_conf_no_topic("kt bench produce TOPIC", err);
	return kt_conf_resolve(s, err);
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_benchproduce_fini) struct kt_benchproduce bench = {.run.timer = -1};
	if (o->partition < -1 || o->partition > INT32_MAX)
		return kt_err_set(err, KT_USAGE, "--partition %lld is out of range", (long long)o->partition);
	if (o->in_flight < 0)
		return kt_err_set(err, KT_USAGE, "--in-flight %lld: expected 0 or more", (long long)o->in_flight);
	o->records.encode = &o->encode;
	if (sort_words(o, err) < 0 || kt_conf_load(&settings, &o->client, err) < 0 || resolve(o, &settings, err) < 0)
		return -1;
	struct kt_benchproduce_how how = {
		.run =
			{
				.owner = o->client.owner,
				.opts = &o->bench,
				.rate = &o->rate,
				.run_for_ms = o->client.run_for_ms,
				.kind = "produce",
				.what = "record",
				.target = kt_settings_text(&settings, "kt.topic", NULL),
			},
		.records = &o->records,
		.client = &o->client,
		.partition = o->partition,
		.in_flight = o->in_flight,
	};
	if (kt_benchproduce_open(&bench, &settings, &how, err) < 0)
		return -1;
	return kt_benchproduce_run(&bench, err);
}

static const char *const about[] = {
	"Writes records to TOPIC and measures how long each takes to be acknowledged. It ends after --count, --run-for or "
	"a signal, with a row for each --interval, the percentiles, and last of all the line that "
	"kafka-producer-perf-test ends with, whose options --num-records, --throughput, --record-size, --payload-file "
	"and --producer-props are understood.",
	"With --rate the loop is open: each record has a time at which it is to be sent, by an absolute clock, and its "
	"latency counts from then. A broker that stands still for a second is seen by every record of that second, as it "
	"is by those who would have sent them. Late sends are counted and said; when less than 99 % of the rate was "
	"achieved, the status is 3. linger.ms is 0 then, unless -X or the configuration says otherwise.",
	"Without --rate the loop is closed: the next record is sent when there is room for it, so that a stall delays "
	"what would have measured it. That says how fast it can go, and little about latency. --in-flight 1 is one record "
	"after the other.",
	"--ramp 1000:20000:1000 goes from 1,000 per second to 20,000, each for as long as --each says. The knee is the "
	"last rate before the first one that does not hold: of which less than 99 % is achieved, or whose p99 is over ten "
	"times that of the first (and over 10 ms).",
	"--noop makes the records and sends none. Each run measures that for a moment before it begins, and a rate above "
	"90 % of it is a statement about this program: it is said, with status 3.",
	KT_BENCH_LISTEN,
	KT_BENCH_HGRM " Rates with MiB are of values without keys.",
	NULL,
};

static const char *const examples[] = {
	"what users of a topic feel at 5,000 records a second, for a minute",
	"kt bench produce orders --rate 5000 --run-for 1m --warmup 5s",
	"how much it takes",
	"kt bench produce orders --ramp 10000:200000:10000 --size 1k",
	"a line written for kafka-producer-perf-test",
	"kt bench produce --topic t --num-records 100000 --throughput -1",
	"a thousand records of a schema, with keys",
	"kt bench produce orders --schema order.avsc --key-field id -n 1000",
	NULL,
};

const struct kt_cmd kt_cmd_bench_produce = {
	.name = "bench produce",
	.summary = "load a topic, and measure how long records take",
	.section = "Measuring",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
