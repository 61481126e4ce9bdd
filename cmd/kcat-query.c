/* kt -Q: kcat's query mode. One offset for each topic, partition and time. */
#include <unistd.h>

#include "cmd.h"
#include "kcatjson.h"
#include "num.h"
#include "offsetquery.h"
#include "out.h"
#include "topicselect.h"

struct query_opts {
	struct kt_client_opts client;
	struct kt_strs places;
	bool json;
};
#define OPTS struct query_opts

static const struct kt_opt opts[] = {
	{.name = "topic",
		.letter = 't',
		KT_LIST(places),
		.arg = "TOPIC:PARTITION:MS",
		.required = true,
		.help = "the first offset there at or after MS since 1970; may be repeated"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object, as kcat's"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

struct place {
	char topic[256];
	int64_t partition, ms;
};

/* A topic's name has no colon. */
static int read_place(struct place *out, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs parts = {0};
	kt_strs_split(&parts, text, ":");
	if (parts.n != 3 || strlen(parts.v[0]) >= sizeof(out->topic))
		return kt_err_set(err, KT_USAGE, "-t %s: expected TOPIC:PARTITION:MS", text);
	snprintf(out->topic, sizeof(out->topic), "%s", parts.v[0]);
	if (kt_parse_i64(parts.v[1], 0, INT32_MAX, &out->partition, err) < 0 ||
		kt_parse_i64(parts.v[2], KT_OFFSETQUERY_BEGINNING, INT64_MAX, &out->ms, err) < 0)
		return kt_err_wrap(err, "-t %s", text);
	return 0;
}

/* Appends what one -t asks for, with its answer. */
static int query(struct kt_topicselect *t, const char *text, rd_kafka_topic_partition_list_t *found, struct kt_err *err)
{
	struct place place;
	if (read_place(&place, text, err) < 0)
		return -1;
	const struct rd_kafka_metadata_topic *topic = kt_topicselect_find(t, place.topic);
	if (!topic)
		return kt_match_missing("topic", place.topic, kt_client_brokers(t->client), &t->names, err);
	if (place.partition >= topic->partition_cnt)
		return kt_err_set(err, KT_NOT_FOUND, "%s has %d partition%s, there is no [%lld]", place.topic,
			topic->partition_cnt, kt_plural(topic->partition_cnt), (long long)place.partition);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, place.topic, (int32_t)place.partition);
	if (kt_offsetquery_offsets(t->client, list, place.ms, t->timeout_ms, err) < 0)
		return -1;
	rd_kafka_topic_partition_list_add(found, place.topic, (int32_t)place.partition)->offset = list->elems[0].offset;
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *found = rd_kafka_topic_partition_list_new(1);
	if (kt_topicselect_open(&t, &o->client, err) < 0)
		return -1;
	for (size_t i = 0; i < o->places.n; i++)
		if (query(&t, o->places.v[i], found, err) < 0)
			return -1;
	for (int i = 0; i < found->cnt && !o->json; i++)
		kt_buf_addf(&out, "%s [%d] offset %lld\n", found->elems[i].topic, (int)found->elems[i].partition,
			(long long)found->elems[i].offset);
	if (o->json)
		kt_kcatjson_offsets(&out, found);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static const char *const about[] = {
	"What kcat does with -Q: prints the first offset at or after a time for each -t, -1 where no record is that "
	"late. `kt topic offsets TOPIC --time TIME` does it for all partitions of a topic, with times as people "
	"write them.",
	NULL,
};

static const char *const examples[] = {
	"two partitions",
	"kt -Q -t client58:0:1700000000000 -t client58:1:1700000000000",
	NULL,
};

const struct kt_cmd kt_cmd_kcat_query = {
	.name = "kcat-query",
	.also = "-Q",
	.summary = "print the offset of a time, as kcat does with -Q",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.hidden = true,
	.run = run,
};
