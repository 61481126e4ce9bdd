/* kt topic elect: lets partitions be led by the replica that should lead them. */
#include "ask.h"
#include "cmd.h"
#include "election.h"
#include "num.h"
#include "say.h"
#include "topicselect.h"

struct elect_opts {
	struct kt_client_opts client;
	struct kt_strs names, partitions;
	bool unclean, yes;
};
#define OPTS struct elect_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns of the topics"),
	{.name = "partition",
		.letter = 'p',
		KT_LIST(partitions),
		.arg = "P",
		.help = "only this partition; may be repeated"},
	{.name = "unclean",
		KT_FLAG(unclean),
		.help = "where there is no leader: any replica, and what it lacks is lost"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask, with --unclean"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Has the controller elect leaders: for each partition the first of its replicas, if that is in sync. After "
	"brokers were down this brings the load back to where it was. It needs librdkafka 2.6 and the right to Alter "
	"the cluster.",
	"With --unclean a partition that has no leader gets one, even one that lacks records, which are then "
	"lost. It asks on the terminal first; without a terminal, --yes has to be given.",
	NULL,
};

static const char *const examples[] = {
	"Back to the replicas that should lead",
	"kt topic elect 'client*'",
	NULL,
};

/* The partitions of a topic that are meant; KT_NOT_FOUND for one that it does not have. */
static int add_topic(rd_kafka_topic_partition_list_t *list, const struct rd_kafka_metadata_topic *topic, const OPTS *o,
	struct kt_err *err)
{
	for (int i = 0; i < topic->partition_cnt && !o->partitions.n; i++)
		rd_kafka_topic_partition_list_add(list, topic->topic, topic->partitions[i].id);
	for (size_t i = 0; i < o->partitions.n; i++) {
		int64_t partition;
		if (kt_parse_i64(o->partitions.v[i], 0, INT32_MAX, &partition, err) < 0)
			return kt_err_wrap(err, "--partition");
		if (kt_client_check_partition(topic, (int32_t)partition, err) < 0)
			return -1;
		if (!rd_kafka_topic_partition_list_find(list, topic->topic, (int32_t)partition))
			rd_kafka_topic_partition_list_add(list, topic->topic, (int32_t)partition);
	}
	return 0;
}

static int confirm(const struct kt_topicselect *t, const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	if (!o->unclean || o->yes)
		return 0;
	kt_buf_adds(&question, "Elect leaders that may lack records for ");
	kt_match_show(&question, "topic", &t->pick.found);
	kt_buf_addf(&question, " of %s?", kt_client_brokers(t->client));
	return kt_ask_yes(kt_buf_cstr(&question), "no leader was elected", err);
}

static int judge(const rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	int refused = 0;
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *p = &list->elems[i];
		bool needed = p->err != RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED;
		refused += p->err && needed;
		if (p->err && needed)
			kt_say(KT_QUIET, "%s [%d]: %s", p->topic, (int)p->partition, rd_kafka_err2str(p->err));
		else
			kt_say(KT_NORMAL, needed ? "elected the leader of %s [%d]" : "left as it was: %s [%d]",
				p->topic, (int)p->partition);
	}
	if (!refused)
		return 0;
	return kt_err_set(err, refused < list->cnt ? KT_PARTIAL : KT_FAILED, "%d of %d partition%s got no leader",
		refused, list->cnt, kt_plural(list->cnt));
}

static int elect(struct kt_topicselect *t, const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	for (size_t i = 0; i < t->pick.found.n; i++)
		if (add_topic(list, kt_topicselect_find(t, t->pick.found.v[i]), o, err) < 0)
			return -1;
	if (!list->cnt)
		return 0;
	if (confirm(t, o, err) < 0 || kt_elect_leaders(t->client, list, o->unclean, t->timeout_ms, err) < 0)
		return -1;
	return judge(list, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (kt_election_can(err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "elect leaders", err) < 0)
		return -1;
	kt_topicselect_pick(&t, &o->names);
	if (elect(&t, o, err) < 0)
		return -1;
	return kt_topicselect_shown(&t, err);
}

const struct kt_cmd kt_cmd_topic_elect = {
	.name = "topic elect",
	.summary = "have partitions led by the replica that should",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
