/* Resetting what a group has committed: the partitions it is about, and the commit. */
#include "groupreset.h"

#include "client.h"
#include "groupedit.h"
#include "match.h"
#include "num.h"
#include "say.h"

static bool has_topic(const struct kt_group *group, const char *topic)
{
	for (size_t i = 0; i < group->n_parts; i++)
		if (!strcmp(group->parts[i].log.topic, topic))
			return true;
	return false;
}

/* A topic that this client may not see is not in the list of all; the mock would create what it is asked for. */
static int explain_missing(
	struct kt_groupselect *set, const char *topic, const struct kt_strs *existing, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	if (set->groups.blind)
		return kt_match_missing("topic", topic, kt_client_brokers(set->client), existing, err);
	if (kt_client_metadata(set->client, topic, set->timeout_ms, &metadata, err) < 0)
		return -1;
	rd_kafka_resp_err_t code = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
	rd_kafka_metadata_destroy(metadata);
	return kt_client_topic_error(set->client, topic, code ? code : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, err);
}

/* A pattern is about what the group has committed. */
int kt_groupreset_topics(
	struct kt_groupselect *set, struct kt_group *group, const struct kt_plan_how *how, struct kt_err *err)
{
	const struct kt_plan_topics *topics = how->topics;
	const struct kt_group *other = how->other;
	kt_auto(kt_strs_fini) struct kt_strs existing = {0};
	for (int i = 0; i < set->metadata->topic_cnt; i++)
		kt_strs_add(&existing, set->metadata->topics[i].topic);
	for (size_t i = 0; other && !topics->n && i < other->n_parts; i++)
		if (!has_topic(group, other->parts[i].log.topic))
			kt_group_part(group, other->parts[i].log.topic, 0);
	for (size_t i = 0; i < topics->n; i++) {
		const char *name = topics->v[i].name;
		if (kt_strs_has(&existing, name))
			kt_group_part(group, name, 0);
		else if (!kt_is_pattern(name) && !has_topic(group, name))
			return explain_missing(set, name, &existing, err);
	}
	kt_group_settle(group);
	return 0;
}

static int commit(struct kt_groupselect *set, const struct kt_owner *owner, const struct kt_group *group,
	rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	if (kt_group_commit(set->client, group->name, list, set->timeout_ms, err) < 0)
		return -1;
	if (!set->groups.blind || list->elems[0].err != RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
		return 0;
	kt_say(KT_NORMAL, "the embedded broker lets only members commit: joining group %s for a moment", group->name);
	return kt_group_commit_joined(&set->settings, owner, group->name, list, err);
}

static const char *why_refused(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ? "the group has members by now" : kt_groupselect_why(code);
}

/* Counts the partitions that were refused, and names them unless the reason is the same for all. */
static size_t say_refused(const struct kt_group *group, const rd_kafka_topic_partition_list_t *list)
{
	size_t refused = 0, same = 0;
	for (int i = 0; i < list->cnt; i++) {
		refused += list->elems[i].err != 0;
		same += list->elems[i].err == list->elems[0].err;
	}
	if (refused && same == (size_t)list->cnt) {
		kt_say(KT_QUIET, "group %s stays where it is: %s", group->name, why_refused(list->elems[0].err));
		return refused;
	}
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err)
			kt_say(KT_QUIET, "group %s stays where it is in %s [%d]: %s", group->name, list->elems[i].topic,
				(int)list->elems[i].partition, why_refused(list->elems[i].err));
	return refused;
}

int kt_groupreset_commit(struct kt_groupselect *set, const struct kt_owner *owner, const struct kt_group *group,
	const struct kt_plan *plan, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)plan->n);
	if (kt_groupselect_idle(group, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n; i++) {
		const struct kt_partition *log = &plan->v[i].part->log;
		if (plan->v[i].to != KT_NO_OFFSET)
			rd_kafka_topic_partition_list_add(list, log->topic, log->partition)->offset = plan->v[i].to;
	}
	if (list->cnt && commit(set, owner, group, list, err) < 0)
		return -1;
	size_t refused = say_refused(group, list), done = plan->moved - refused;
	if (done)
		kt_say(KT_NORMAL, "group %s: %zu partition%s reset", group->name, done, kt_plural(done));
	refused += plan->hidden;
	if (!refused)
		return 0;
	return kt_err_set(err, done ? KT_PARTIAL : KT_FAILED, "group %s: %zu of %zu partition%s %s not reset",
		group->name, refused, plan->moved + plan->hidden, kt_plural((int64_t)(plan->moved + plan->hidden)),
		refused == 1 ? "was" : "were");
}
