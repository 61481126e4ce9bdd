/* kt topic describe: partitions, leaders and replicas; without a topic the brokers too, as kcat's -L. */
#include "client.h"
#include "cmd.h"
#include "conf.h"
#include "json.h"
#include "local.h"
#include "table.h"

struct describe_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool json;
};
#define OPTS struct describe_opts

static const struct kt_opt opts[] = {
	{.name = "TOPIC",
		.positional = true,
		KT_LIST(names),
		.comp = KT_COMP_TOPIC,
		.help = "topics to describe; none: the brokers and all topics"},
	{.name = "topic",
		.letter = 't',
		KT_LIST(names),
		.arg = "TOPIC",
		.comp = KT_COMP_TOPIC,
		.help = "the same as TOPIC; may be repeated"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per line and broker or partition"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints for each partition its leader, the brokers that hold a replica, and those of them that are in sync. A "
	"partition without a leader has - in its place, and an error is named behind the partition.",
	NULL,
};

static const char *const examples[] = {
	"Who leads which partition",
	"kt topic describe client58",
	"Brokers and all topics",
	"kt -L",
	"Partitions with a replica that is behind",
	"kt topic describe -J | jq -c 'select((.isr|length) < (.replicas|length))'",
	NULL,
};

static void add_ids(struct kt_buf *out, const int32_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		kt_buf_addf(out, "%s%d", i ? "," : "", ids[i]);
}

static void add_json_partition(
	struct kt_buf *out, const struct rd_kafka_metadata_topic *topic, const struct rd_kafka_metadata_partition *p)
{
	kt_buf_adds(out, "{\"topic\":");
	kt_json_string(out, topic->topic, strlen(topic->topic));
	kt_buf_addf(out, ",\"partition\":%d,\"leader\":", p->id);
	if (p->leader < 0)
		kt_buf_adds(out, "null");
	else
		kt_buf_add_i64(out, p->leader);
	kt_buf_adds(out, ",\"replicas\":[");
	add_ids(out, p->replicas, p->replica_cnt);
	kt_buf_adds(out, "],\"isr\":[");
	add_ids(out, p->isrs, p->isr_cnt);
	kt_buf_adds(out, "]");
	if (p->err)
		kt_buf_addf(out, ",\"error\":\"%s\"", rd_kafka_err2name(p->err));
	kt_buf_adds(out, "}\n");
}

static void add_text_partition(struct kt_table *table, const struct rd_kafka_metadata_partition *p)
{
	kt_auto(kt_buf_fini) struct kt_buf replicas = {0}, isr = {0};
	add_ids(&replicas, p->replicas, p->replica_cnt);
	add_ids(&isr, p->isrs, p->isr_cnt);
	kt_table_add(table, "%d", p->id);
	if (p->leader < 0)
		kt_table_add(table, "-");
	else
		kt_table_add(table, "%d", p->leader);
	kt_table_add(table, "%s", kt_buf_cstr(&replicas));
	kt_table_add(table, "%s", kt_buf_cstr(&isr));
	kt_table_add(table, "%s", p->err ? rd_kafka_err2str(p->err) : "");
}

static void add_topic(struct kt_buf *out, const struct rd_kafka_metadata_topic *topic, bool json)
{
	static const struct kt_column columns[] = {
		{"PARTITION", .right = true}, {"LEADER", .right = true}, {"REPLICAS"}, {"ISR"}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (int i = 0; i < topic->partition_cnt; i++) {
		if (json)
			add_json_partition(out, topic, &topic->partitions[i]);
		else
			add_text_partition(&table, &topic->partitions[i]);
	}
	if (json)
		return;
	kt_buf_addf(out, "topic %s: %d partition%s\n", topic->topic, topic->partition_cnt,
		topic->partition_cnt == 1 ? "" : "s");
	kt_table_render(&table, out, true);
}

static void add_brokers(struct kt_buf *out, const struct rd_kafka_metadata *metadata, int controller, bool json)
{
	static const struct kt_column columns[] = {{"BROKER", .right = true}, {"ADDRESS"}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (int i = 0; i < metadata->broker_cnt; i++) {
		const struct rd_kafka_metadata_broker *broker = &metadata->brokers[i];
		bool controls = broker->id == controller;
		if (json) {
			kt_buf_addf(out, "{\"broker\":%d,\"host\":", broker->id);
			kt_json_string(out, broker->host, strlen(broker->host));
			kt_buf_addf(
				out, ",\"port\":%d,\"controller\":%s}\n", broker->port, controls ? "true" : "false");
		} else {
			kt_table_add(&table, "%d", broker->id);
			kt_table_add(&table, "%s:%d", broker->host, broker->port);
			kt_table_add(&table, "%s", controls ? "controller" : "");
		}
	}
	if (!json)
		kt_table_render(&table, out, true);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct rd_kafka_metadata_topic *)a)->topic, ((const struct rd_kafka_metadata_topic *)b)->topic);
}

static void print_all(struct kt_client *c, const struct rd_kafka_metadata *metadata, bool json)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	add_brokers(&out, metadata, rd_kafka_controllerid(kt_client_handle(c), 1000), json);
	for (int i = 0; i < metadata->topic_cnt; i++) {
		if (!json)
			kt_buf_addc(&out, '\n');
		add_topic(&out, &metadata->topics[i], json);
	}
	if (out.len)
		fwrite(out.data, 1, out.len, stdout);
}

static const struct rd_kafka_metadata_topic *find_topic(const struct rd_kafka_metadata *metadata, const char *name)
{
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (!strcmp(metadata->topics[i].topic, name))
			return &metadata->topics[i];
	return NULL;
}

/* Why the cluster does not show the topic: a topic that this client may not see is not in the list of all. The mock
 * cluster is not asked by name, since that would create the topic. */
static int explain_missing(struct kt_client *c, const char *name, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_local embedded;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (!kt_local_find(kt_client_brokers(c), &embedded)) {
		const struct rd_kafka_metadata *metadata;
		if (kt_client_metadata(c, name, timeout_ms, &metadata, err) < 0)
			return -1;
		if (metadata->topic_cnt == 1 && metadata->topics[0].err)
			code = metadata->topics[0].err;
		rd_kafka_metadata_destroy(metadata);
	}
	return kt_client_topic_error(c, name, code, err);
}

/* What is there is printed also when another topic is missing. */
static int print_named(struct kt_client *c, const struct rd_kafka_metadata *metadata, const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	const char *missing = NULL;
	for (size_t i = 0; i < o->names.n; i++) {
		const struct rd_kafka_metadata_topic *topic = find_topic(metadata, o->names.v[i]);
		if (!topic) {
			missing = missing ? missing : o->names.v[i];
			continue;
		}
		if (out.len && !o->json)
			kt_buf_addc(&out, '\n');
		add_topic(&out, topic, o->json);
	}
	if (out.len)
		fwrite(out.data, 1, out.len, stdout);
	return missing ? explain_missing(c, missing, o->client.timeout_ms, err) : 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_client_fini) struct kt_client *client = NULL;
	const struct rd_kafka_metadata *metadata;
	int result = 0;
	if (kt_conf_load(&settings, &o->client, err) < 0 || kt_conf_reveal(&settings, err) < 0 ||
		kt_client_open(&client, KT_ROLE_ADMIN, &settings, err) < 0 ||
		kt_client_metadata(client, "", o->client.timeout_ms, &metadata, err) < 0)
		return -1;
	qsort(metadata->topics, (size_t)metadata->topic_cnt, sizeof(*metadata->topics), by_name);
	if (o->names.n)
		result = print_named(client, metadata, o, err);
	else
		print_all(client, metadata, o->json);
	rd_kafka_metadata_destroy(metadata);
	return result;
}

const struct kt_cmd kt_cmd_topic_describe = {
	.name = "topic describe",
	.also = "-L",
	.summary = "show partitions, leaders and replicas",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
