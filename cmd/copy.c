/* kt copy: records from one topic to another, as they are. */
#include <unistd.h>

#include "cmd.h"
#include "copyexact.h"
#include "copyrun.h"
#include "ending.h"
#include "jsonout.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "sig.h"

struct copy_opts {
	struct kt_client_opts client;
	struct kt_read_opts read;
	struct kt_filter_opts filter;
	struct kt_strs to_properties, drop_headers;
	const char *source, *target, *to_brokers, *to_profile, *to_header, *metrics_listen, *speed;
	int compression;
	bool by_key, keep_partition, replay, create, exactly_once, verify, json;
};
#define OPTS struct copy_opts

static const char *const codecs[] = {"default", "none", "gzip", "snappy", "lz4", "zstd", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "SRC", .positional = true, KT_STR(source), .comp = KT_COMP_TOPIC,
		.help = "topic to copy (default: kt.topic of the configuration)"},
	{.name = "DST", .positional = true, KT_STR(target), .comp = KT_COMP_TOPIC,
		.help = "where to; on another cluster it may be left out, and is SRC then"},
	{.name = "to-brokers", .often = true, KT_STR(to_brokers), .arg = "LIST", .conflict = 't',
		.help = "DST is on the cluster of these brokers, of which only --to-property says more"},
	{.name = "to-profile", .often = true, KT_STR(to_profile), .arg = "NAME", .comp = KT_COMP_PROFILE, .conflict = 't',
		.help = "DST is on the cluster of this [profile NAME]"},
	{.name = "to-property", KT_LIST(to_properties), .arg = "NAME=VALUE", .comp = KT_COMP_PROPERTY,
		.help = "set a librdkafka property for that cluster, as -X does for the one of SRC"},
	{.name = "create", .often = true, KT_FLAG(create), .help = "make DST with SRC's partitions and configs, if it is not there"},
	{.name = "keep-partition", KT_FLAG(keep_partition), .conflict = 'p',
		.help = "refuse to begin where DST has not all of SRC's partitions"},
	{.name = "by-key", KT_FLAG(by_key), .conflict = 'p', .help = "keep no partition: keys decide, as in Java's client"},
	{.name = "to-header", KT_STR(to_header), .arg = "NAME",
		.help = "in place of DST: each record's header NAME says its topic"},
	{.name = "drop-header", KT_LIST(drop_headers), .arg = "PATTERN",
		.help = "leave out headers of such names: 'trace-*'; may be repeated"},
	{.name = "replay", .often = true, KT_FLAG(replay),
		.help = "SRC has dead letters of `kt work`: back where they were, without kt.errors.*"},
	{.name = "exactly-once", .often = true, .also = "exactly-once-semantics", KT_FLAG(exactly_once),
		.help = "in transactions with the place in them: nothing is lost or comes twice"},
	{.name = "verify", KT_FLAG(verify),
		.help = "read DST back and compare it with what was sent; needs an end, such as -e"},
	{.name = "as-recorded", KT_STR(speed), .arg = "SPEED",
		.help = "with the gaps of the timestamps, SPEED times as fast: 1, 10, 0.5; needs -e"},
	{.name = "compression", .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "default",
		.help = "codec for the batches that are written"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .help = "serve /metrics there"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "the last line, of counts, as JSON on stdout"},
	{KT_INCLUDE(read, "Which records", kt_read_opts)},
	{KT_INCLUDE(filter, "Only some of them", kt_filter_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct copy {
	const OPTS *opts;
	struct kt_strs words; /* SRC */
	const char *target;
	struct kt_reading reading;
	struct kt_filter filter;
	struct kt_copyends ends;
	struct kt_copyrun *run;
	const char *group; /* with --exactly-once */
	double speed;
};

static void free_copy(struct copy *c)
{
	kt_copyrun_close(c->run);
	kt_copyends_fini(&c->ends);
	kt_reading_fini(&c->reading);
	kt_filter_fini(&c->filter);
	kt_strs_fini(&c->words);
}

/* With -t the first word is DST. */
static int choose_words(struct copy *c, struct kt_err *err)
{
	const OPTS *o = c->opts;
	bool named = o->read.topics.n > 0;
	c->target = named ? o->source : o->target;
	if (!named && o->source)
		kt_strs_add(&c->words, o->source);
	if (o->read.topics.n > 1 || (named && o->target))
		return kt_err_set(err, KT_USAGE, "one topic is copied at a time");
	if (c->target && strchr(c->target, ':')) {
		const char *topic = strstr(c->target, "://") ? "" : strpbrk(c->target, "/");
		bool both = topic && topic[0] && topic[1];
		int brokers = topic && *topic ? (int)(topic - c->target) : 200;
		kt_err_set(err, KT_USAGE, "DST is a topic, and %.200s is an address", c->target);
		return kt_err_hint(
			err, "%.200s%s--to-brokers %.*s", both ? topic + 1 : "", both ? " " : "", brokers, c->target);
	}
	if (o->to_header && c->target)
		return kt_err_set(err, KT_USAGE, "--to-header takes the place of DST, but one is given: %s", c->target);
	return 0;
}

/* In the order of the timestamps, across partitions. */
static int read_speed(struct copy *c, struct kt_err *err)
{
	const char *text = c->opts->speed;
	if (!text)
		return 0;
	if (kt_parse_double(text, &c->speed, err) < 0)
		return kt_err_wrap(err, "--as-recorded");
	if (c->speed <= 0)
		return kt_err_set(err, KT_USAGE, "--as-recorded %s: expected a number above 0", text);
	if (!c->reading.how.exit_at_end || c->reading.group)
		return kt_err_set(err, KT_USAGE, "--as-recorded needs an end, such as -e, and no group");
	c->reading.how.by_time = true;
	return 0;
}

/* A copy begins with what there is, with a group too. */
static int init_reading(struct copy *c, struct kt_err *err)
{
	const OPTS *o = c->opts;
	struct kt_settings *s = &c->ends.source.settings;
	if (kt_reading_init(&c->reading, &o->read, &c->words, s, o->client.timeout_ms, err) < 0)
		return -1;
	if (!o->read.reset && !kt_settings_get(s, "auto.offset.reset"))
		c->reading.how.reset = KT_RESET_EARLIEST;
	if (c->reading.topics.v[0][0] == '^')
		return kt_err_set(err, KT_USAGE, "a pattern is not one topic: they are copied one at a time");
	if (c->reading.how.commit == KT_COMMIT_EACH)
		return kt_err_set(err, KT_USAGE, "--commit %s: for a copy it is auto, end or none", c->reading.commit);
	if (o->verify && !c->reading.bounded)
		return kt_err_set(err, KT_USAGE, "--verify needs an end, such as -e");
	if (o->verify && (o->to_header || (o->replay && !c->target)))
		return kt_err_set(err, KT_USAGE, "--verify needs a DST");
	return read_speed(c, err);
}

static int open_ends(struct copy *c, struct kt_err *err)
{
	const OPTS *o = c->opts;
	const struct kt_copyends_how how = {
		.client = &o->client,
		.source = c->reading.topics.v[0],
		.target = c->target,
		.to_brokers = o->to_brokers,
		.to_profile = o->to_profile,
		.to_properties = &o->to_properties,
		.to_header = o->to_header || o->replay,
		.create = o->create,
	};
	if (kt_copyends_open(&c->ends, &how, err) < 0)
		return -1;
	if (o->compression)
		kt_settings_put(&c->ends.target.settings, KT_RANK_FLAG, "compression.type", codecs[o->compression],
			"--compression");
	const struct kt_copyend *from = &c->ends.source, *to = &c->ends.target;
	if (o->keep_partition && to->topic && to->partitions < from->partitions)
		return kt_err_set(err, KT_FAILED, "%s has %d partitions, and %s only %d", from->topic,
			(int)from->partitions, to->topic, (int)to->partitions);
	return 0;
}

/* The reader is no member of a group then: its place is the copy's own business. */
static int prepare_exact(struct copy *c, struct kt_err *err)
{
	const OPTS *o = c->opts;
	struct kt_reading *r = &c->reading;
	if (!o->exactly_once)
		return 0;
	if (o->read.partitions.n)
		return kt_err_set(err, KT_USAGE, "--exactly-once copies all partitions: leave out -p");
	if (kt_client_is_embedded(c->ends.target.client))
		return kt_err_set(
			err, KT_FAILED, "--exactly-once: the embedded broker keeps no offsets of transactions");
	if (o->read.group && !c->ends.one_cluster)
		return kt_err_set(err, KT_USAGE,
			"--exactly-once to another cluster keeps its place there: leave out -g %s", o->read.group);
	c->group = c->ends.one_cluster ? r->group : NULL;
	if (!c->ends.target.topic && !c->group)
		return kt_err_set(err, KT_USAGE, "--exactly-once to topics that records name needs a group: -g GROUP");
	r->group = r->how.group = NULL;
	if (r->how.span.start.where == KT_AT_DEFAULT)
		r->how.span.start.where = r->how.reset == KT_RESET_LATEST ? KT_AT_END : KT_AT_BEGINNING;
	kt_copyexact_name(&c->ends, c->group);
	return 0;
}

static int open_run(struct copy *c, struct kt_err *err)
{
	const OPTS *o = c->opts;
	const char *to_header = o->to_header           ? o->to_header
				: c->ends.target.topic ? NULL
						       : KT_COPYRECORD_LETTER "topic";
	const struct kt_copyrun_how how = {
		.owner = o->client.owner,
		.ends = &c->ends,
		.reading = &c->reading,
		.filter = &c->filter,
		.record = {.to_header = to_header,
			.drop_header = &o->drop_headers,
			.replays = o->replay,
			.by_key = o->by_key,
			.partitions = c->ends.target.partitions},
		.metrics_listen = o->metrics_listen,
		.count = o->read.count,
		.run_for_ms = o->client.run_for_ms,
		.timeout_ms = o->client.timeout_ms,
		.exact = o->exactly_once,
		.group = c->group,
		.verifies = o->verify,
		.speed = c->speed,
	};
	return kt_copyrun_open(&c->run, &how, err);
}

static const char *target_text(const struct copy *c)
{
	return c->ends.target.topic ? c->ends.target.topic : "the topics that they name";
}

static void say_counts(const struct copy *c, const struct kt_copycounts *n)
{
	char copied[32], filtered[32], more[64] = "";
	if (n->filtered)
		snprintf(more, sizeof(more), ", %s left out", kt_group_digits(n->filtered, filtered));
	kt_say(KT_NORMAL, "%s record%s copied from %s to %s%s", kt_group_digits(n->copied, copied),
		n->copied == 1 ? "" : "s", c->ends.source.topic, target_text(c), more);
	if (n->retimed)
		kt_say(KT_WARNING, "%lld had a timestamp of 0, which cannot be sent: theirs is that of the copy",
			(long long)n->retimed);
	if (n->rekeyed)
		kt_say(KT_NORMAL, "%lld were of partitions that the destination does not have", (long long)n->rekeyed);
}

static int print_counts(const struct copy *c, const struct kt_copycounts *n, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	kt_jsonout_begin(&line, NULL, '{');
	kt_jsonout_words(&line, "source", c->ends.source.topic);
	kt_jsonout_words(&line, "destination", c->ends.target.topic);
	kt_jsonout_i64(&line, "copied", n->copied);
	kt_jsonout_i64(&line, "left_out", n->filtered);
	kt_jsonout_i64(&line, "retimed", n->retimed);
	kt_jsonout_i64(&line, "repartitioned", n->rekeyed);
	kt_jsonout_end(&line, '}');
	kt_buf_addc(&line, '\n');
	return kt_out_print(STDOUT_FILENO, &line, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(free_copy) struct copy c = {.opts = o};
	struct kt_settings *settings = &c.ends.source.settings;
	if (choose_words(&c, err) < 0 || kt_conf_load(settings, &o->client, err) < 0 || init_reading(&c, err) < 0 ||
		kt_filter_open(&c.filter, &o->filter, err) < 0 || kt_conf_resolve(settings, err) < 0 ||
		open_ends(&c, err) < 0 || prepare_exact(&c, err) < 0 || open_run(&c, err) < 0)
		return -1;
	kt_sig_take_second();
	if (!c.reading.bounded && !o->client.run_for_ms)
		kt_say(KT_NORMAL, "copying %s to %s, and what comes: Ctrl-C ends it, -e at the end of what is there",
			c.ends.source.topic, target_text(&c));
	struct kt_ending end = {.err = err, .result = kt_copyrun_go(c.run, err)};
	struct kt_copycounts n = kt_copyrun_counts(c.run);
	say_counts(&c, &n);
	if (o->json)
		kt_ending_add(&end, print_counts(&c, &n, kt_ending_err(&end)));
	return end.result;
}

static const char *const about[] = {
	"Copies the records of SRC to DST, a topic of the same cluster or of another one. A record stays as it is: key and "
	"value byte for byte, null or empty, its headers in their order, its timestamp, and its partition where DST has as "
	"many. Where DST has fewer, what belongs to the others goes where its key belongs, which is said. Without an end "
	"(-e, -c, -o :B) the copy goes on with what comes.",
	"-g keeps the place: an offset is committed only after the copy of its record, and of all before it, was acknowledged "
	"by all replicas. The guarantee is at least once: after a crash what was not committed yet is copied again. Several "
	"at a time share the partitions of SRC. Without a group it starts at the beginning, or where -o says. With a fresh "
	"group it starts at the beginning too, unless --reset says otherwise.",
	"Another cluster is named by --to-profile, or by --to-brokers for one that needs no credentials or those of "
	"--to-property. Credentials of one cluster are never sent to the other: -b, -X, --auth and the "
	"environment are about SRC's, and the configuration file says nothing about the brokers of --to-brokers.",
	"--create makes DST with SRC's number of partitions and the configs that were set on SRC; the number of replicas is "
	"its brokers' default. Filters run on the records as they are, and what they leave out is counted.",
	"--replay turns dead letters of `kt work` into the records that they were: to the topic and partition that they came "
	"from, without the headers kt.errors.*; with DST, all of them to DST. A record that does not say where it belongs "
	"ends the copy: --header kt.errors.topic copies only those that do.",
	"--exactly-once writes in transactions, each of which also holds how far the copy has come: whenever it is killed, or "
	"its brokers are, each record of SRC is once in DST when it is read with isolation.level=read_committed (the default "
	"of kt and of librdkafka, not of Java's client). That holds for one copy at a time, and a second one of the same "
	"topics ends the first, which says that it was fenced; as long as nobody else writes to DST; and for the order "
	"within a partition, not across them. Readers that take uncommitted records see those of transactions that were "
	"aborted too. A record is visible a tenth of a second later, or half a second while there is much to catch up with. On one cluster -g GROUP is where the place is "
	"kept, for partitions of SRC, as usual. Without -g, and on two clusters, it is kept at the destination, in a group "
	"kt-copy.CLUSTER.SRC with offsets of DST's partitions, of which there have to be as many as SRC has. All of it is committed again "
	"at each start and twice a day, since a cluster forgets what is older than offsets.retention.minutes (a week); if some "
	"of it is missing, or all of it while DST is not empty, or SRC ends before it, the start is refused. A transaction "
	"waits up to a minute for brokers that are away, long enough for another one to take over; one that cannot be finished "
	"ends the run, and the next run goes on where the last transaction was committed.",
	"--verify reads DST back when all is copied: every record that was acknowledged has to be at its offset, with the same "
	"key, value, headers and, where DST does not give its own, timestamp; status 1 says where that is not so.",
	"--as-recorded sends each record when its time has come: as long after the first one as their timestamps say, all "
	"partitions in the order of time.",
	"Memory is bounded: as long as DST takes nothing, nothing is read. A record that is refused (too large for DST, not "
	"acknowledged in time) ends the copy with status 3: nothing from it on is committed. Not copied are offsets, the markers "
	"of transactions (records of those that were aborted are left out, --isolation read_uncommitted copies them), and "
	"timestamps where DST has message.timestamp.type=LogAppendTime; a timestamp of 0 cannot be sent and becomes the "
	"time of the copy, which is counted.",
	NULL,
};

static const char *const examples[] = {
	"Everything that is there, into a new topic of the same kind",
	"kt copy orders orders-2 --create -e",
	"Onto another cluster, for good, from where it was",
	"kt copy -g mirror orders --to-profile backup",
	"What one customer ordered",
	"kt copy orders orders-4711 --key 4711 -e",
	"Each record once, whatever is killed",
	"kt copy --exactly-once orders --to-profile backup",
	"An hour of yesterday, ten times as fast",
	"kt copy orders orders-test -o @-25h:-24h --as-recorded 10",
	"Dead letters get another chance",
	"kt copy --replay -g replay mails.dead -e",
	NULL,
};

const struct kt_cmd kt_cmd_copy = {
	.name = "copy",
	.summary = "copy a topic, on its cluster or to another one",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
