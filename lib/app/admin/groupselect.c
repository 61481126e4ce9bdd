#include "groupselect.h"

#include "embedded.h"
#include "match.h"
#include "mem.h"
#include "num.h"

static int list(struct kt_groupselect *set, struct kt_err *err)
{
	if (!set->groups.blind && kt_groups_list(set->client, &set->groups, set->timeout_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < set->groups.n; i++)
		kt_strs_add(&set->names, set->groups.v[i].name);
	return 0;
}

int kt_groupselect_open(struct kt_groupselect *set, const struct kt_client_opts *opts, struct kt_err *err)
{
	struct kt_embedded embedded;
	set->timeout_ms = opts->timeout_ms;
	if (kt_conf_load(&set->settings, opts, err) < 0 || kt_conf_resolve(&set->settings, err) < 0 ||
		kt_client_open(&set->client, KT_ROLE_ADMIN, &set->settings, opts->owner, err) < 0 ||
		kt_client_reach(set->client, set->timeout_ms, err) < 0)
		return -1;
	set->groups.blind = kt_embedded_find(kt_client_brokers(set->client), &embedded) == 1;
	return list(set, err);
}

int kt_groupselect_default(const struct kt_groupselect *set, struct kt_strs *words, struct kt_err *err)
{
	const char *configured = kt_settings_text(&set->settings, "kt.group", NULL);
	if (!words->n && configured)
		kt_strs_add(words, configured);
	return words->n ? 0 : kt_err_set(err, KT_USAGE, "no group is given");
}

static void forget(struct kt_groupselect *set)
{
	free(set->v);
	if (set->metadata)
		rd_kafka_metadata_destroy(set->metadata);
	kt_strs_fini(&set->missing);
	kt_strs_fini(&set->names);
	kt_groups_fini(&set->groups);
	set->v = NULL;
	set->n = 0;
	set->metadata = NULL;
}

int kt_groupselect_again(struct kt_groupselect *set, struct kt_err *err)
{
	bool blind = set->groups.blind;
	forget(set);
	set->groups.blind = blind;
	return list(set, err);
}

int kt_groupselect_blind(const struct kt_groupselect *set, const char *what, struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "the embedded broker at %s cannot %s", kt_client_brokers(set->client), what);
	return kt_err_hint(err, "what a group has committed can be seen and changed there: `kt group describe GROUP`, "
				"`kt group reset`");
}

static struct kt_group *find(const struct kt_groupselect *set, const char *name)
{
	for (size_t i = 0; i < set->groups.n; i++)
		if (!strcmp(set->groups.v[i].name, name))
			return &set->groups.v[i];
	return NULL;
}

/* What is not in the cluster's list may still be there: a group that this client may not see, or of another kind. Its
 * description tells. */
static void add_unlisted(struct kt_groupselect *set, const struct kt_strs *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (!find(set, words->v[i]) && (set->groups.blind || !kt_is_pattern(words->v[i])))
			kt_groups_add(&set->groups, words->v[i]);
}

static void drop_dead(struct kt_groupselect *set)
{
	size_t n = 0;
	for (size_t i = 0; i < set->n; i++) {
		struct kt_group *group = set->v[i];
		bool dead = !group->listed && !group->code && group->state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
		if (dead && !set->take_new)
			kt_strs_add(&set->missing, group->name);
		else
			set->v[n++] = group;
	}
	set->n = n;
}

int kt_groupselect_pick(struct kt_groupselect *set, const struct kt_strs *words, bool describe, struct kt_err *err)
{
	kt_auto(kt_match_fini) struct kt_match pick = {0};
	kt_auto(kt_strs_fini) struct kt_strs all = {0};
	if (describe)
		add_unlisted(set, words);
	for (size_t i = 0; i < set->groups.n; i++)
		kt_strs_add(&all, set->groups.v[i].name);
	if (words->n)
		kt_match(&pick, words, &all, NULL);
	const struct kt_strs *names = words->n ? &pick.found : &all;
	set->partial = set->groups.incomplete && (!words->n || !describe);
	for (size_t i = 0; set->groups.incomplete && i < words->n; i++)
		set->partial |= kt_is_pattern(words->v[i]);
	for (size_t i = 0; i < pick.missing.n; i++)
		kt_strs_add(&set->missing, pick.missing.v[i]);
	set->v = kt_calloc(names->n + 1, sizeof(struct kt_group *));
	for (size_t i = 0; i < names->n; i++)
		set->v[set->n++] = find(set, names->v[i]);
	if (!describe || set->groups.blind)
		return 0;
	if (kt_groups_describe(set->client, set->v, set->n, set->timeout_ms, err) < 0)
		return -1;
	drop_dead(set);
	return 0;
}

/* The mock has to be asked for each partition by name. */
static rd_kafka_topic_partition_list_t *all_partitions(const struct rd_kafka_metadata *metadata)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (metadata->topics[i].partition_cnt)
			rd_kafka_topic_partition_list_add_range(
				list, metadata->topics[i].topic, 0, metadata->topics[i].partition_cnt - 1);
	return list;
}

static void drop_uncommitted(struct kt_groupselect *set)
{
	size_t n = 0;
	for (size_t i = 0; i < set->n; i++) {
		struct kt_group *group = set->v[i];
		if (!group->code && !group->n_parts && !set->take_new)
			kt_strs_add(&set->missing, group->name);
		else
			set->v[n++] = group;
	}
	set->n = n;
}

int kt_groupselect_commits(struct kt_groupselect *set, struct kt_err *err)
{
	if (kt_client_metadata(set->client, "", set->timeout_ms, &set->metadata, err) < 0)
		return -1;
	if (!set->groups.blind)
		return kt_groups_commits(set->client, set->v, set->n, NULL, set->timeout_ms, err);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *all = all_partitions(set->metadata);
	if (kt_groups_commits(set->client, set->v, set->n, all, set->timeout_ms, err) < 0)
		return -1;
	drop_uncommitted(set);
	return 0;
}

int kt_groupselect_logs(struct kt_groupselect *set, struct kt_group *group, struct kt_place at, struct kt_err *err)
{
	const struct kt_logs_how how = {
		.metadata = set->metadata, .at = at, .ask_by_name = !set->groups.blind, .timeout_ms = set->timeout_ms};
	return kt_group_logs(set->client, group, &how, err);
}

int kt_groupselect_held(struct kt_groupselect *set, struct kt_group *group, struct kt_err *err)
{
	if (!set->stable && kt_client_open_stable(&set->stable, set->client, err) < 0)
		return -1;
	kt_group_held(set->stable, group, set->timeout_ms);
	return 0;
}

int kt_groupselect_missing(const struct kt_groupselect *set, const char *word, struct kt_err *err)
{
	if (set->groups.blind && kt_is_pattern(word))
		return kt_groupselect_blind(set, "list the groups that a pattern could mean", err);
	if (set->groups.blind)
		return kt_err_set(err, KT_NOT_FOUND, "group %.200s has committed nothing on %s", word,
			kt_client_brokers(set->client));
	if (set->partial)
		return kt_err_set(err, KT_NOT_FOUND,
			"group %.200s was not found, but not every broker listed those it coordinates", word);
	return kt_match_missing("group", word, kt_client_brokers(set->client), &set->names, err);
}

static bool is_gone(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	       code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

int kt_groupselect_check(const struct kt_groupselect *set, const struct kt_group *group, struct kt_err *err)
{
	if (!group->code)
		return 0;
	if (group->code == RD_KAFKA_RESP_ERR__INVALID_ARG)
		return kt_err_set(err, KT_FAILED, "%s is a group of another kind, not of consumers", group->name);
	if (kt_group_is_hidden(group->code))
		return kt_err_set(err, KT_FAILED, "group %s: not permitted", group->name);
	return kt_client_fail(set->client, group->code, err, "group %s", group->name);
}

/* 0 when all partitions are known, hidden by ACLs, or gone with their topic. */
static int check_parts(const struct kt_group *group, struct kt_err *err)
{
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		if (part->code && !kt_group_is_hidden(part->code) && !is_gone(part->code))
			return kt_err_set(err, KT_PARTIAL, "group %s: %s [%d]: %s", group->name, part->log.topic,
				(int)part->log.partition, kt_groupselect_why(part->code));
	}
	return 0;
}

/* A static member does not leave its group when it ends. */
static const char *how_to_end(const struct kt_group *group)
{
	for (size_t i = 0; i < group->n_members; i++)
		if (group->members[i].instance)
			return "end them first; static ones (group.instance.id) stay for their session.timeout.ms after that";
	return "end them first; one that was killed is a member until its session ends (session.timeout.ms)";
}

int kt_groupselect_idle(const struct kt_group *group, struct kt_err *err)
{
	enum { SHOWN = 3 };
	kt_auto(kt_buf_fini) struct kt_buf who = {0};
	if (!kt_group_is_active(group))
		return 0;
	for (size_t i = 0; i < group->n_members && i < SHOWN; i++)
		kt_buf_addf(&who, "%s%s on %s", i ? ", " : "", group->members[i].client,
			kt_groupselect_host(&group->members[i]));
	if (group->n_members > SHOWN)
		kt_buf_addf(&who, " and %zu more", group->n_members - SHOWN);
	if (group->unseen)
		kt_err_set(err, KT_FAILED,
			"group %s has members of the newer protocol (KIP-848), which librdkafka cannot show",
			group->name);
	else if (!group->n_members)
		kt_err_set(err, KT_FAILED, "group %s is not idle: it is %s", group->name, kt_groupselect_state(group));
	else
		kt_err_set(err, KT_FAILED, "group %s has %zu member%s: %s", group->name, group->n_members,
			kt_plural(group->n_members), kt_buf_cstr(&who));
	return kt_err_hint(err, "%s", how_to_end(group));
}

int kt_groupselect_close(const struct kt_groupselect *set, const char *done, struct kt_err *err)
{
	struct kt_several several = {.kind = "group", .done_word = done, .total = set->n + set->missing.n};
	for (size_t i = 0; i < set->n && !several.stopped; i++) {
		struct kt_err one = {0};
		int result = kt_groupselect_check(set, set->v[i], &one);
		kt_several_add(&several, result < 0 ? -1 : check_parts(set->v[i], &one), &one);
	}
	for (size_t i = 0; i < set->missing.n && !several.stopped; i++) {
		struct kt_err one = {0};
		kt_several_add(&several, kt_groupselect_missing(set, set->missing.v[i], &one), &one);
	}
	return kt_groupselect_end(set, &several, err);
}

int kt_groupselect_end(const struct kt_groupselect *set, const struct kt_several *several, struct kt_err *err)
{
	if (kt_several_close(several, err) < 0)
		return -1;
	if (!set->partial)
		return 0;
	return kt_err_set(err, KT_PARTIAL,
		"there may be more groups: not every broker listed those it coordinates (%s)",
		rd_kafka_err2str(set->groups.incomplete));
}

const char *kt_groupselect_why(rd_kafka_resp_err_t code)
{
	if (kt_group_is_hidden(code))
		return "not permitted";
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
		return "the topic is gone";
	if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
		return "the topic has no such partition any more";
	if (code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		return "no leader";
	return rd_kafka_err2str(code);
}

const char *kt_groupselect_type(const struct kt_group *group)
{
	return group->unseen ? "consumer" : group->simple ? "none" : "classic";
}

const char *kt_groupselect_state(const struct kt_group *group)
{
	return group->state == RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN ? "-"
								     : rd_kafka_consumer_group_state_name(group->state);
}

const char *kt_groupselect_host(const struct kt_group_member *member)
{
	return member->host + (member->host[0] == '/');
}

void kt_groupselect_fini(struct kt_groupselect *set)
{
	forget(set);
	kt_client_close(set->stable);
	kt_client_close(set->client);
	kt_settings_fini(&set->settings);
}
