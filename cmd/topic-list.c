/* kt topic list: the names of all topics. */
#include "client.h"
#include "cmd.h"
#include "conf.h"
#include "json.h"
#include "table.h"

struct list_opts {
	struct kt_client_opts client;
	bool all, json;
};
#define OPTS struct list_opts

static const struct kt_opt opts[] = {
	{.name = "all", .letter = 'a', KT_FLAG(all), .help = "internal topics too (their names start with __)"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per line: topic, partitions, replicas"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the name of each topic that the cluster shows to this client, one per line and sorted.",
	NULL,
};

static const char *const examples[] = {
	"All topics of the configured cluster",
	"kt topic list",
	"Topics with more than one partition",
	"kt topic list -J | jq -r 'select(.partitions > 1) | .topic'",
	NULL,
};

static int by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct rd_kafka_metadata_topic *)a)->topic, ((const struct rd_kafka_metadata_topic *)b)->topic);
}

static void add_json(struct kt_buf *out, const struct rd_kafka_metadata_topic *topic)
{
	kt_buf_adds(out, "{\"topic\":");
	kt_json_string(out, topic->topic, strlen(topic->topic));
	kt_buf_addf(out, ",\"partitions\":%d,\"replicas\":%d}\n", topic->partition_cnt,
		topic->partition_cnt ? topic->partitions[0].replica_cnt : 0);
}

static void print(const struct rd_kafka_metadata *metadata, const OPTS *o)
{
	static const struct kt_column columns[] = {{"TOPIC"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	qsort(metadata->topics, (size_t)metadata->topic_cnt, sizeof(*metadata->topics), by_name);
	for (int i = 0; i < metadata->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
		if (!o->all && !strncmp(topic->topic, "__", 2))
			continue;
		if (o->json)
			add_json(&out, topic);
		else
			kt_table_add(&table, "%s", topic->topic);
	}
	kt_table_render(&table, &out, false);
	if (out.len)
		fwrite(out.data, 1, out.len, stdout);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_client_fini) struct kt_client *client = NULL;
	const struct rd_kafka_metadata *metadata;
	if (kt_conf_load(&settings, &o->client, err) < 0 || kt_conf_reveal(&settings, err) < 0 ||
		kt_client_open(&client, KT_ROLE_ADMIN, &settings, err) < 0 ||
		kt_client_metadata(client, "", o->client.timeout_ms, &metadata, err) < 0)
		return -1;
	print(metadata, o);
	rd_kafka_metadata_destroy(metadata);
	return 0;
}

const struct kt_cmd kt_cmd_topic_list = {
	.name = "topic list",
	.summary = "list the names of topics",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
