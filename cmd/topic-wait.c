/* kt topic wait: until topics are there, and hold so many records. */
#include <inttypes.h>

#include "cmd.h"
#include "everybroker.h"
#include "num.h"
#include "offsetquery.h"
#include "topicselect.h"
#include "waituntil.h"

struct wait_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	int64_t records;
};
#define OPTS struct wait_opts

enum { PAUSE_MS = 200, HEAR_MS = 500 };

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names of topics (default: kt.topic of the configuration)"),
	{.name = "records",
		.letter = 'n',
		KT_I64(records),
		.arg = "N",
		.def = "0",
		.help = "and each holds at least this many records"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Waits until every broker shows each of the topics, with a leader for each partition, and then ends with 0: "
	"writers and readers find it from now on. It ends with 124 when --run-for is over first.",
	"With --records the topic has to hold that many records too, as `kt topic offsets` counts them.",
	NULL,
};

static const char *const examples[] = {
	"Go on when somebody has made the topic",
	"kt topic wait orders --run-for 60s && kt produce orders orders.txt",
	"A hundred records are there",
	"kt topic wait orders --records 100 --run-for 60s",
	NULL,
};

struct wait {
	const OPTS *opts;
	struct kt_topicselect topics;
};

static void wait_fini(struct wait *w)
{
	kt_topicselect_fini(&w->topics);
}

static rd_kafka_topic_partition_list_t *all_of(const struct rd_kafka_metadata_topic *topic)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->partition_cnt);
	for (int i = 0; i < topic->partition_cnt; i++)
		rd_kafka_topic_partition_list_add(list, topic->topic, topic->partitions[i].id);
	return list;
}

/* 1 when it holds enough. */
static int holds(struct wait *w, const struct rd_kafka_metadata_topic *topic, struct kt_buf *why, struct kt_err *err)
{
	int64_t n = 0;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = all_of(topic), *ends = all_of(topic);
	if (kt_offsetquery_bounds(w->topics.client, begins, ends, w->topics.timeout_ms, err) < 0)
		return -1;
	for (int i = 0; i < ends->cnt; i++)
		if (__builtin_add_overflow(n, ends->elems[i].offset - begins->elems[i].offset, &n))
			n = INT64_MAX;
	kt_buf_addf(why, "topic %s holds %" PRId64 " of %" PRId64 " record%s", topic->topic, n, w->opts->records,
		kt_plural(w->opts->records));
	return n >= w->opts->records;
}

/* 1 when the topic is as the command wants it to be. */
static int look_at(struct wait *w, char *name, struct kt_buf *why, struct kt_err *err)
{
	const struct rd_kafka_metadata_topic *topic = kt_topicselect_find(&w->topics, name);
	if (!topic) {
		kt_buf_addf(why, "there is no topic %s", name);
		return 0;
	}
	kt_buf_addf(why, "not every broker shows topic %s with leaders", name);
	int late = w->topics.embedded ? 0 : kt_everybroker_await(w->topics.client, &name, 1, 1, HEAR_MS, err);
	if (late)
		return late < 0 ? -1 : 0;
	why->len = 0;
	return w->opts->records ? holds(w, topic, why, err) : 1;
}

static int look_once(struct wait *w, struct kt_buf *why, struct kt_err *err)
{
	int ready = 1;
	for (size_t i = 0; i < w->opts->names.n && ready > 0; i++) {
		why->len = 0;
		ready = look_at(w, w->opts->names.v[i], why, err);
	}
	return ready;
}

/* A broker that is away for a while is waited for as well. */
static int look(void *user, bool again, struct kt_buf *why, struct kt_err *err)
{
	struct wait *w = user;
	int ready = again && kt_topicselect_again(&w->topics, err) < 0 ? -1 : look_once(w, why, err);
	if (ready >= 0 || !again || (err->status != KT_UNREACHABLE && err->status != KT_FAILED))
		return ready;
	why->len = 0;
	kt_buf_adds(why, err->msg);
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(wait_fini) struct wait w = {.opts = o};
	struct kt_waituntil until = {.look = look, .user = &w, .pause_ms = PAUSE_MS};
	if (o->records < 0)
		return kt_err_set(err, KT_USAGE, "--records is 0 or more");
	kt_waituntil_begin(&until, &o->client);
	if (kt_topicselect_open(&w.topics, &o->client, err) < 0 ||
		kt_topicselect_default(&w.topics, &o->names, err) < 0)
		return -1;
	return kt_waituntil(&until, err);
}

const struct kt_cmd kt_cmd_topic_wait = {
	.name = "topic wait",
	.summary = "wait until topics are there, and hold records",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
