/* kt topic describe: partitions, leaders, replicas and configs; without a topic the brokers too, as kcat's -L. */
#include <unistd.h>

#include "cmd.h"
#include "configjson.h"
#include "configtable.h"
#include "esc.h"
#include "jsonout.h"
#include "kcatjson.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "topicselect.h"
#include "watch.h"

struct describe_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool under_replicated, unavailable, at_min_isr, under_min_isr, overrides, configs, json, watch;
};
#define OPTS struct describe_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns; none: the brokers and all topics"),
	{.name = "under-replicated",
		.also = "under-replicated-partitions",
		KT_FLAG(under_replicated),
		.help = "only partitions with a replica that is not in sync"},
	{.name = "unavailable",
		.also = "unavailable-partitions",
		KT_FLAG(unavailable),
		.help = "only partitions without a leader"},
	{.name = "at-min-isr",
		.also = "at-min-isr-partitions",
		KT_FLAG(at_min_isr),
		.help = "only partitions with just as many replicas in sync as min.insync.replicas"},
	{.name = "under-min-isr",
		.also = "under-min-isr-partitions",
		KT_FLAG(under_min_isr),
		.help = "only partitions with fewer, to which acks=all cannot write"},
	{.name = "topics-with-overrides",
		KT_FLAG(overrides),
		.help = "only topics with configs of their own, without partitions"},
	{.name = "configs",
		.also = "print-configs",
		KT_FLAG(configs),
		.help = "only the configs that are not Kafka's defaults, one on a line"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per topic (or broker), each on a line"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints each topic with the configs that are not Kafka's defaults, and for each partition its leader, the "
	"brokers that hold a replica, and those of them that are in sync. A partition without a leader and one with a "
	"replica that is behind are marked.",
	"In a pipe these are the lines of `kafka-topics.sh --describe`, with tabs between; what librdkafka cannot "
	"know (TopicId, Elr) is left out, and \"UnderReplicated: true\" stands after partitions that are. With "
	"--json there is more: all configs, with the place where each is set.",
	"On a command line of kcat's (kt -L -J), JSON is the one object that kcat prints; `kt topic describe -J` is a line for each.",
	"--configs prints topic, name, value and where the value comes from, as `kt cluster config` does for brokers.",
	"Of several filters, one has to hold. Those about min.insync.replicas need the configs, and fail where these "
	"cannot be read.",
	"`kt cluster` says which broker is the controller, with racks and versions: what a client is told here may "
	"be any of them.",
	"Configs that the cluster's ACLs hide are `not permitted`; an embedded broker has none.",
	NULL,
};

static const char *const examples[] = {
	"Who leads which partition",
	"kt topic describe client58",
	"Brokers and all topics",
	"kt -L",
	"What is wrong in the cluster",
	"kt topic describe --under-replicated; kt topic describe --unavailable",
	"How long a topic keeps its records",
	"kt topic describe client58 -J | jq -r '.configs[\"retention.ms\"].value'",
	NULL,
};

struct out {
	struct kt_buf buf;
	const OPTS *o;
	bool terminal, filtered; /* filtered: only partitions that pass */
	bool partitions;
	bool wants_configs, needs_configs; /* needs: which ones are shown depends on them */
	int64_t min_isr;                   /* of the topic that is being shown; -1: not known */
	struct kt_table configs;           /* with --configs */
	size_t unknown;                    /* topics that may have to be shown */
	size_t unread;                     /* topics whose configs could not be read, though nothing forbids it */
	struct kt_err why;
};

static void add_ids(struct kt_buf *out, const int32_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		kt_buf_addf(out, "%s%d", i ? "," : "", ids[i]);
}

static bool is_under_replicated(const struct rd_kafka_metadata_partition *p)
{
	return p->isr_cnt < p->replica_cnt;
}

/* An error of the partition that says more than that it has no leader. */
static const char *error_of(const struct rd_kafka_metadata_partition *p)
{
	bool known = !p->err || (p->leader < 0 && p->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
	return known ? NULL : rd_kafka_err2str(p->err);
}

static bool shows(const struct out *out, const struct rd_kafka_metadata_partition *p)
{
	const OPTS *o = out->o;
	return !out->filtered || (o->under_replicated && is_under_replicated(p)) || (o->unavailable && p->leader < 0) ||
	       (o->at_min_isr && p->isr_cnt == out->min_isr) || (o->under_min_isr && p->isr_cnt < out->min_isr);
}

static int64_t min_isr_of(const struct kt_configs *configs)
{
	const struct kt_config *config = kt_configs_find(configs, "min.insync.replicas");
	struct kt_err ignored;
	int64_t n;
	return config && config->value && kt_parse_i64(config->value, 0, INT32_MAX, &n, &ignored) == 0 ? n : -1;
}

static void add_json_partition(struct kt_buf *buf, const struct rd_kafka_metadata_partition *p)
{
	kt_jsonout_begin(buf, NULL, '{');
	kt_jsonout_i64(buf, "partition", p->id);
	kt_jsonout_count(buf, "leader", p->leader);
	kt_jsonout_begin(buf, "replicas", '[');
	add_ids(buf, p->replicas, p->replica_cnt);
	kt_jsonout_end(buf, ']');
	kt_jsonout_begin(buf, "isr", '[');
	add_ids(buf, p->isrs, p->isr_cnt);
	kt_jsonout_end(buf, ']');
	kt_jsonout_bool(buf, "under_replicated", is_under_replicated(p));
	if (error_of(p))
		kt_jsonout_words(buf, "error", error_of(p));
	kt_jsonout_end(buf, '}');
}

/* A topic none of whose partitions passes the filter is left out. */
static void add_json(struct out *out, const struct rd_kafka_metadata_topic *topic, const struct kt_configs *configs)
{
	struct kt_buf *buf = &out->buf;
	size_t before = buf->len;
	bool any = !out->filtered;
	kt_buf_addc(buf, '{');
	kt_jsonout_words(buf, "topic", topic->topic);
	if (!out->filtered)
		kt_configjson(buf, configs);
	if (out->partitions)
		kt_jsonout_begin(buf, "partitions", '[');
	for (int i = 0; i < topic->partition_cnt && out->partitions; i++) {
		if (!shows(out, &topic->partitions[i]))
			continue;
		add_json_partition(buf, &topic->partitions[i]);
		any = true;
	}
	kt_buf_adds(buf, out->partitions ? "]}\n" : "}\n");
	if (!any)
		buf->len = before;
}

/* What kafka-topics shows: everything that is set somewhere. */
static void add_configs(struct kt_buf *buf, const struct kt_configs *configs)
{
	const char *comma = "";
	kt_buf_adds(buf, kt_configs_state_texts[configs->state]);
	for (size_t i = 0; i < configs->n; i++) {
		const struct kt_config *config = &configs->v[i];
		if (config->is_default)
			continue;
		kt_words_addf(buf, "%s%s=%s", comma, config->name, config->value ? config->value : "(hidden)");
		comma = ",";
	}
}

static void add_heading(struct out *out, const struct rd_kafka_metadata_topic *topic, const struct kt_configs *configs)
{
	const char *gap = out->terminal ? "  " : "\t";
	kt_words_addf(&out->buf, "Topic: %s", topic->topic);
	kt_buf_addf(&out->buf, "%sPartitionCount: %d%sReplicationFactor: %d%sConfigs: ", gap, topic->partition_cnt, gap,
		topic->partition_cnt ? topic->partitions[0].replica_cnt : 0, gap);
	add_configs(&out->buf, configs);
	kt_buf_addc(&out->buf, '\n');
}

static void add_line(struct kt_buf *buf, const char *topic, const struct rd_kafka_metadata_partition *p)
{
	kt_buf_adds(buf, "\tTopic: ");
	kt_words(buf, topic);
	kt_buf_addf(buf, "\tPartition: %d\tLeader: ", p->id);
	if (p->leader < 0)
		kt_buf_adds(buf, "none");
	else
		kt_buf_add_i64(buf, p->leader);
	kt_buf_adds(buf, "\tReplicas: ");
	add_ids(buf, p->replicas, p->replica_cnt);
	kt_buf_adds(buf, "\tIsr: ");
	add_ids(buf, p->isrs, p->isr_cnt);
	if (is_under_replicated(p))
		kt_buf_adds(buf, "\tUnderReplicated: true");
	if (error_of(p))
		kt_buf_addf(buf, "\tError: %s", error_of(p));
	kt_buf_addc(buf, '\n');
}

static void add_row(struct kt_table *table, const struct rd_kafka_metadata_partition *p)
{
	kt_auto(kt_buf_fini) struct kt_buf replicas = {0}, isr = {0};
	add_ids(&replicas, p->replicas, p->replica_cnt);
	add_ids(&isr, p->isrs, p->isr_cnt);
	kt_table_add(table, "%d", p->id);
	if (p->leader < 0)
		kt_table_add(table, "none");
	else
		kt_table_add(table, "%d", p->leader);
	kt_table_add(table, "%s", kt_buf_cstr(&replicas));
	kt_table_add(table, "%s", kt_buf_cstr(&isr));
	kt_table_add(table, "%s%s%s",
		p->leader < 0            ? "no leader"
		: is_under_replicated(p) ? "under-replicated"
					 : "",
		error_of(p) ? " " : "", error_of(p) ? error_of(p) : "");
}

static void add_text(struct out *out, const struct rd_kafka_metadata_topic *topic, const struct kt_configs *configs)
{
	static const struct kt_column columns[] = {
		{"PARTITION", .right = true}, {"LEADER", .right = true}, {"REPLICAS"}, {"ISR"}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	bool any = false;
	if (!out->filtered)
		add_heading(out, topic, configs);
	for (int i = 0; i < topic->partition_cnt && out->partitions; i++) {
		const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
		if (!shows(out, p))
			continue;
		if (out->terminal)
			add_row(&table, p);
		else
			add_line(&out->buf, topic->topic, p);
		any = true;
	}
	if (!out->terminal || !any)
		return;
	if (out->filtered) {
		kt_words_addf(&out->buf, "Topic: %s", topic->topic);
		kt_buf_addc(&out->buf, '\n');
	}
	kt_table_render(&table, &out->buf, true);
	kt_buf_addc(&out->buf, '\n');
}

static void add_brokers(struct out *out, const struct rd_kafka_metadata *metadata)
{
	static const struct kt_column columns[] = {{"BROKER", .right = true}, {"ADDRESS"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (int i = 0; i < metadata->broker_cnt; i++) {
		const struct rd_kafka_metadata_broker *broker = &metadata->brokers[i];
		if (out->o->json) {
			kt_buf_addc(&out->buf, '{');
			kt_jsonout_i64(&out->buf, "broker", broker->id);
			kt_jsonout_words(&out->buf, "host", broker->host);
			kt_jsonout_i64(&out->buf, "port", broker->port);
			kt_buf_adds(&out->buf, "}\n");
		} else if (!out->terminal) {
			kt_buf_addf(&out->buf, "Broker: %d\tAddress: ", broker->id);
			kt_words(&out->buf, broker->host);
			kt_buf_addf(&out->buf, ":%d\n", broker->port);
		} else {
			kt_table_add(&table, "%d", broker->id);
			kt_table_add(&table, "%s:%d", broker->host, broker->port);
		}
	}
	if (out->o->json || !out->terminal)
		return;
	kt_table_render(&table, &out->buf, true);
	kt_buf_addc(&out->buf, '\n');
}

/* That configs cannot be read does not hide anything else. */
static int read_configs(struct out *out, struct kt_topicselect *t, const struct kt_strs *names,
	struct kt_configs *configs, struct kt_err *err)
{
	for (size_t i = 0; i < names->n; i++)
		configs[i].state = t->embedded ? KT_CONFIGS_NOT_SUPPORTED : KT_CONFIGS_FAILED;
	if (!t->embedded && kt_configs_read(t->client, names, t->timeout_ms, configs, &out->why) < 0 &&
		out->why.status >= KT_SIGNAL) {
		*err = out->why;
		return -1;
	}
	for (size_t i = 0; i < names->n; i++)
		out->unread += configs[i].state == KT_CONFIGS_FAILED;
	return 0;
}

static int add_topics(struct out *out, struct kt_topicselect *t, const struct kt_strs *names, struct kt_err *err)
{
	struct kt_configs *configs = kt_calloc(names->n + 1, sizeof(*configs));
	int result = out->wants_configs ? read_configs(out, t, names, configs, err) : 0;
	for (size_t i = 0; i < names->n; i++) {
		const struct rd_kafka_metadata_topic *topic = kt_topicselect_find(t, names->v[i]);
		out->min_isr = min_isr_of(&configs[i]);
		out->unknown += out->needs_configs && configs[i].state != KT_CONFIGS_READ;
		bool skipped = out->o->overrides && !kt_configs_any_own(&configs[i]);
		if (out->o->json && !skipped)
			add_json(out, topic, &configs[i]);
		else if (out->o->configs && !skipped)
			kt_configtable_add(&out->configs, topic->topic, &configs[i], false);
		else if (!skipped)
			add_text(out, topic, &configs[i]);
		kt_configs_fini(&configs[i]);
	}
	free(configs);
	return result;
}

/* How it ends once everything is printed. */
static int judge(const struct out *out, struct kt_topicselect *t, struct kt_err *err)
{
	if (kt_topicselect_shown(t, err) < 0)
		return -1;
	if (!out->unread && out->unknown)
		return kt_err_set(err, KT_FAILED, "the configs of %zu topic%s may not be read%s", out->unknown,
			kt_plural(out->unknown), out->o->configs ? "" : ", which this filter needs");
	if (!out->unread)
		return 0;
	if (out->why.status)
		return kt_err_set(err, KT_PARTIAL, "%s", out->why.msg);
	return kt_err_set(
		err, KT_PARTIAL, "the configs of %zu topic%s could not be read", out->unread, kt_plural(out->unread));
}

static int run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"TOPIC"}, {"CONFIG"}, {"VALUE"}, {"SOURCE"}, {NULL}};
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	bool by_isr = o->at_min_isr || o->under_min_isr;
	struct out out = {.o = o,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.filtered = o->under_replicated || o->unavailable || by_isr,
		.needs_configs = by_isr || o->overrides || o->configs,
		.partitions = !o->overrides && !o->configs,
		.configs.columns = columns};
	if (o->configs && out.filtered)
		return kt_err_set(err, KT_USAGE, "--configs is without partitions, which the other option is about");
	out.wants_configs = out.needs_configs || !out.filtered;
	if (kt_topicselect_open(&t, &o->client, err) < 0)
		return -1;
	kt_topicselect_pick(&t, &o->names);
	if (out.needs_configs && kt_topicselect_refuse_embedded(&t, "tell configs", err) < 0)
		return -1;
	bool all = !out.filtered && out.partitions, as_kcat = all && o->json && o->client.as_kcat;
	int result = 0;
	if (as_kcat)
		kt_kcatjson_metadata(&out.buf, &t, &o->names);
	else if (!o->names.n && all)
		add_brokers(&out, t.metadata);
	if (!as_kcat)
		result = add_topics(&out, &t, o->names.n ? &t.pick.found : &t.names, err);
	if (out.configs.cells.n)
		kt_table_render(&out.configs, &out.buf, out.terminal);
	kt_table_fini(&out.configs);
	/* The last topic's table needs no gap after it. */
	if (out.terminal && !o->json && out.partitions && out.buf.len > 1 && out.buf.data[out.buf.len - 2] == '\n')
		out.buf.len--;
	if (result == 0)
		result = kt_out_print(STDOUT_FILENO, &out.buf, err);
	kt_buf_fini(&out.buf);
	return result < 0 ? -1 : judge(&out, &t, err);
}

const struct kt_cmd kt_cmd_topic_describe = {
	.name = "topic describe",
	.also = "-L",
	.summary = "show partitions, leaders, replicas and configs",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
