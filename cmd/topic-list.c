/* kt topic list: topics, with their partitions and replicas for people, by their names for programs. */
#include <unistd.h>

#include "cmd.h"
#include "esc.h"
#include "jsonout.h"
#include "out.h"
#include "table.h"
#include "topicselect.h"
#include "watch.h"

struct list_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool all, json, wide, watch;
};
#define OPTS struct list_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns (* ? [a-z]); none: all topics"),
	{.name = "all", .letter = 'a', KT_FLAG(all), .help = "internal topics too (their names start with __)"},
	{.name = "long",
		.letter = 'l',
		KT_FLAG(wide),
		.help = "partitions and replicas of each also where stdout is not a terminal, as with -v"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per line: topic, partitions, replicas"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the topics that the cluster shows to this client, sorted, or those that are named or match a pattern: on "
	"a terminal a table of names, partitions and replicas, elsewhere the names, one per line. With --long the "
	"rows of the table have tabs between them there, and no heading.",
	NULL,
};

static const char *const examples[] = {
	"All topics of the configured cluster",
	"kt topic list",
	"Those that begin alike, with their partitions and replicas",
	"kt topic list -l 'client*'",
	"Topics with more than one partition",
	"kt topic list -J | jq -r 'select(.partitions > 1) | .topic'",
	NULL,
};

static int replicas(const struct rd_kafka_metadata_topic *topic)
{
	return topic->partition_cnt ? topic->partitions[0].replica_cnt : 0;
}

static void add_json(struct kt_buf *out, const struct rd_kafka_metadata_topic *topic)
{
	kt_buf_addc(out, '{');
	kt_jsonout_words(out, "topic", topic->topic);
	kt_jsonout_i64(out, "partitions", topic->partition_cnt);
	kt_jsonout_i64(out, "replicas", replicas(topic));
	kt_buf_adds(out, "}\n");
}

static int print(const struct kt_topicselect *t, const struct kt_strs *names, const OPTS *o, struct kt_err *err)
{
	static const struct kt_column columns[] = {
		{"TOPIC"}, {"PARTITIONS", .right = true}, {"REPLICAS", .right = true}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	bool terminal = isatty(STDOUT_FILENO) == 1, wide = o->wide || terminal || o->client.verbose;
	for (size_t i = 0; i < names->n; i++) {
		const struct rd_kafka_metadata_topic *topic = kt_topicselect_find(t, names->v[i]);
		if (o->json) {
			add_json(&out, topic);
		} else if (wide) {
			kt_table_add(&table, "%s", topic->topic);
			kt_table_add(&table, "%d", topic->partition_cnt);
			kt_table_add(&table, "%d", replicas(topic));
		} else {
			kt_words(&out, topic->topic);
			kt_buf_addc(&out, '\n');
		}
	}
	if (table.cells.n)
		kt_table_render(&table, &out, terminal);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_strs_fini) struct kt_strs all = {0};
	if (kt_topicselect_open(&t, &o->client, err) < 0)
		return -1;
	for (size_t i = 0; i < t.names.n; i++)
		if (o->all || strncmp(t.names.v[i], KT_TOPICSELECT_INTERNAL, strlen(KT_TOPICSELECT_INTERNAL)) != 0)
			kt_strs_add(&all, t.names.v[i]);
	kt_topicselect_pick(&t, &o->names);
	if (print(&t, o->names.n ? &t.pick.found : &all, o, err) < 0)
		return -1;
	return kt_topicselect_shown(&t, err);
}

const struct kt_cmd kt_cmd_topic_list = {
	.name = "topic list",
	.summary = "list topics, with their partitions and replicas",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
