#include "groups.h"

#include "adminrequest.h"
#include "groupbatch.h"
#include "mem.h"
#include "offsetquery.h"
#include "startoffsets.h"

struct kt_group *kt_groups_add(struct kt_groups *groups, const char *name)
{
	groups->v = kt_grow(groups->v, &groups->cap, groups->n + 1, sizeof(*groups->v));
	struct kt_group *group = &groups->v[groups->n++];
	*group = (struct kt_group){.name = kt_strdup(name), .coordinator = -1};
	return group;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kt_group *)a)->name, ((const struct kt_group *)b)->name);
}

static void take_listing(struct kt_groups *groups, const rd_kafka_ListConsumerGroups_result_t *result)
{
	size_t n, n_errors;
	const rd_kafka_ConsumerGroupListing_t **listed = rd_kafka_ListConsumerGroups_result_valid(result, &n);
	const rd_kafka_error_t **errors = rd_kafka_ListConsumerGroups_result_errors(result, &n_errors);
	for (size_t i = 0; i < n; i++) {
		const char *name = rd_kafka_ConsumerGroupListing_group_id(listed[i]);
		struct kt_group *group = kt_groups_add(groups, name ? name : "");
		group->listed = true;
		group->simple = rd_kafka_ConsumerGroupListing_is_simple_consumer_group(listed[i]);
		group->state = rd_kafka_ConsumerGroupListing_state(listed[i]);
	}
	for (size_t i = 0; i < n_errors; i++) {
		rd_kafka_resp_err_t code = rd_kafka_error_code(errors[i]);
		groups->blind |= code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
		groups->incomplete = groups->blind ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
	}
	if (groups->n)
		qsort(groups->v, groups->n, sizeof(*groups->v), by_name);
}

int kt_groups_list(struct kt_client *c, struct kt_groups *groups, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_ListConsumerGroups(kt_client_handle(c), request.options, request.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "listing the groups");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	groups->blind = code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
	if (code && !groups->blind)
		return kt_client_fail(c, code, err, "listing the groups");
	if (!code)
		take_listing(groups, rd_kafka_event_ListConsumerGroups_result(event));
	if (!groups->n && groups->incomplete)
		return kt_client_fail(c, groups->incomplete, err, "listing the groups");
	return 0;
}

struct kt_group_part *kt_group_part(struct kt_group *group, const char *topic, int32_t partition)
{
	group->parts = kt_grow(group->parts, &group->parts_cap, group->n_parts + 1, sizeof(*group->parts));
	struct kt_group_part *part = &group->parts[group->n_parts++];
	*part = (struct kt_group_part){.committed = KT_NO_OFFSET, .member = -1};
	part->log.topic = kt_strdup(topic);
	part->log.topic_len = strlen(topic);
	part->log.partition = partition;
	return part;
}

static int by_partition(const void *a, const void *b)
{
	const struct kt_partition *x = &((const struct kt_group_part *)a)->log,
				  *y = &((const struct kt_group_part *)b)->log;
	int order = strcmp(x->topic, y->topic);
	return order ? order : (x->partition > y->partition) - (x->partition < y->partition);
}

const struct kt_group_part *kt_group_find(const struct kt_group *group, const char *topic, int32_t partition)
{
	kt_auto(kt_free_ptr) char *name = kt_strdup(topic);
	const struct kt_group_part wanted = {.log = {.topic = name, .partition = partition}};
	return group->n_parts ? bsearch(&wanted, group->parts, group->n_parts, sizeof(wanted), by_partition) : NULL;
}

void kt_group_settle(struct kt_group *group)
{
	size_t n = 0;
	if (group->n_parts)
		qsort(group->parts, group->n_parts, sizeof(*group->parts), by_partition);
	for (size_t i = 0; i < group->n_parts; i++) {
		struct kt_group_part *part = &group->parts[i], *last = n ? &group->parts[n - 1] : NULL;
		if (!last || by_partition(last, part) != 0) {
			group->parts[n++] = *part;
			continue;
		}
		if (part->committed != KT_NO_OFFSET)
			last->committed = part->committed;
		if (part->member >= 0)
			last->member = part->member;
		last->code = last->code ? last->code : part->code;
		free(part->log.topic);
	}
	group->n_parts = n;
}

static void free_members(struct kt_group *group)
{
	for (size_t i = 0; i < group->n_members; i++) {
		struct kt_group_member *m = &group->members[i];
		free(m->id);
		free(m->client);
		free(m->host);
		free(m->instance);
	}
	group->n_members = 0;
}

/* What the broker left out. */
static char *copy(const char *text)
{
	return kt_strdup(text ? text : "");
}

static void take_member(struct kt_group *group, const rd_kafka_MemberDescription_t *from)
{
	const rd_kafka_MemberAssignment_t *assignment = rd_kafka_MemberDescription_assignment(from);
	const rd_kafka_topic_partition_list_t *list =
		assignment ? rd_kafka_MemberAssignment_partitions(assignment) : NULL;
	const char *instance = rd_kafka_MemberDescription_group_instance_id(from);
	int number = (int)group->n_members;
	group->members = kt_grow(group->members, &group->members_cap, group->n_members + 1, sizeof(*group->members));
	group->members[group->n_members++] = (struct kt_group_member){
		.id = copy(rd_kafka_MemberDescription_consumer_id(from)),
		.client = copy(rd_kafka_MemberDescription_client_id(from)),
		.host = copy(rd_kafka_MemberDescription_host(from)),
		.instance = instance && *instance ? kt_strdup(instance) : NULL,
		.n_partitions = list ? (size_t)list->cnt : 0,
	};
	for (int i = 0; list && i < list->cnt; i++)
		kt_group_part(group, list->elems[i].topic, list->elems[i].partition)->member = number;
}

static void take_description(struct kt_group *group, const rd_kafka_ConsumerGroupDescription_t *from)
{
	const rd_kafka_error_t *error = rd_kafka_ConsumerGroupDescription_error(from);
	const rd_kafka_Node_t *node = rd_kafka_ConsumerGroupDescription_coordinator(from);
	const char *assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(from);
	rd_kafka_consumer_group_state_t state = rd_kafka_ConsumerGroupDescription_state(from);
	group->code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
	if (group->code)
		return;
	group->unseen = group->listed && state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
	if (!group->unseen)
		group->state = state;
	group->simple = rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(from) && !group->unseen;
	group->assignor = copy(assignor);
	if (node) {
		group->coordinator = rd_kafka_Node_id(node);
		group->address = kt_asprintf("%s:%d", rd_kafka_Node_host(node), rd_kafka_Node_port(node));
	}
	for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(from); i++)
		take_member(group, rd_kafka_ConsumerGroupDescription_member(from, i));
	kt_group_settle(group);
}

static int describe_round(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	int64_t left_ms, struct kt_err *err)
{
	(void)rounds;
	size_t n_results;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	kt_auto(kt_free_ptr) const char **names = kt_calloc(n, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = v[i]->name;
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, left_ms, err) < 0)
		return -1;
	rd_kafka_DescribeConsumerGroups(kt_client_handle(c), names, n, request.options, request.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "asking about groups");
	if (rd_kafka_event_error(event))
		return kt_client_fail(c, rd_kafka_event_error(event), err, "asking about groups");
	const rd_kafka_ConsumerGroupDescription_t **results = rd_kafka_DescribeConsumerGroups_result_groups(
		rd_kafka_event_DescribeConsumerGroups_result(event), &n_results);
	/* The library keeps the order of the question. */
	for (size_t i = 0; i < n; i++)
		if (i < n_results && results[i])
			take_description(v[i], results[i]);
		else
			v[i]->code = RD_KAFKA_RESP_ERR__BAD_MSG;
	return 0;
}

int kt_groups_describe(struct kt_client *c, struct kt_group *const *v, size_t n, int64_t timeout_ms, struct kt_err *err)
{
	return kt_groupbatch_run(
		c, v, n, &(struct kt_groupbatch){.ask = describe_round, .timeout_ms = timeout_ms}, err);
}

static void take_commits(struct kt_group *group, rd_kafka_event_t *event)
{
	size_t n = 0;
	group->code = rd_kafka_event_error(event);
	const rd_kafka_group_result_t **results =
		group->code ? NULL
			    : rd_kafka_ListConsumerGroupOffsets_result_groups(
				      rd_kafka_event_ListConsumerGroupOffsets_result(event), &n);
	const rd_kafka_topic_partition_list_t *list =
		n == 1 && results[0] ? rd_kafka_group_result_partitions(results[0]) : NULL;
	if (n == 1 && results[0] && rd_kafka_group_result_error(results[0]))
		group->code = rd_kafka_error_code(rd_kafka_group_result_error(results[0]));
	for (int i = 0; list && i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *from = &list->elems[i];
		if (!from->err && from->offset < 0)
			continue;
		struct kt_group_part *part = kt_group_part(group, from->topic, from->partition);
		part->committed = from->offset < 0 ? KT_NO_OFFSET : from->offset;
		part->code = from->err;
	}
	kt_group_settle(group);
}

/* The library takes one group per request. */
static int commits_round(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	int64_t left_ms, struct kt_err *err)
{
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, left_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		rd_kafka_ListConsumerGroupOffsets_t *question =
			rd_kafka_ListConsumerGroupOffsets_new(v[i]->name, rounds->of);
		rd_kafka_AdminOptions_set_opaque(request.options, v[i]);
		rd_kafka_ListConsumerGroupOffsets(kt_client_handle(c), &question, 1, request.options, request.queue);
		rd_kafka_ListConsumerGroupOffsets_destroy(question);
	}
	for (size_t i = 0; i < n; i++) {
		kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
		if (!event)
			return kt_err_wrap(err, "asking for committed offsets");
		take_commits(rd_kafka_event_opaque(event), event);
	}
	return 0;
}

int kt_groups_commits(struct kt_client *c, struct kt_group *const *v, size_t n,
	const rd_kafka_topic_partition_list_t *of, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_groupbatch rounds = {.ask = commits_round, .of = of, .timeout_ms = timeout_ms};
	/* The library refuses an empty list. */
	return of && !of->cnt ? 0 : kt_groupbatch_run(c, v, n, &rounds, err);
}

static const struct rd_kafka_metadata_topic *find_topic(const struct rd_kafka_metadata *metadata, const char *name)
{
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (!strcmp(metadata->topics[i].topic, name))
			return &metadata->topics[i];
	return NULL;
}

/* Why a topic is not among all that this client is shown. */
static int ask_missing(struct kt_client *c, const char *topic, const struct kt_logs_how *how, rd_kafka_resp_err_t *code,
	struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	*code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (!how->ask_by_name)
		return 0;
	if (kt_client_metadata(c, topic, how->timeout_ms, &metadata, err) < 0)
		return -1;
	if (metadata->topic_cnt == 1 && metadata->topics[0].err)
		*code = metadata->topics[0].err;
	rd_kafka_metadata_destroy(metadata);
	return 0;
}

/* The group's n partitions from `first` on, which are of one topic. */
static void judge_topic(struct kt_group *group, size_t first, size_t n, const struct rd_kafka_metadata_topic *topic)
{
	kt_auto(kt_free_ptr) bool *has = kt_calloc((size_t)topic->partition_cnt + 1, sizeof(*has));
	for (size_t i = first; i < first + n; i++) {
		struct kt_group_part *part = &group->parts[i];
		int32_t number = part->log.partition;
		if (number < 0 || number >= topic->partition_cnt)
			part->code = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
		else
			has[number] = true;
	}
	for (int i = 0; i < topic->partition_cnt; i++) {
		const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
		if (p->id >= 0 && p->id < topic->partition_cnt && !has[p->id])
			kt_group_part(group, topic->topic, p->id);
	}
}

static void mark_leaderless(struct kt_group_part *part, const struct rd_kafka_metadata_topic *topic)
{
	for (int i = 0; i < topic->partition_cnt && !part->code; i++)
		if (topic->partitions[i].id == part->log.partition && topic->partitions[i].leader < 0)
			part->code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

/* Compares the group's partitions with what the cluster has. */
static int judge(struct kt_client *c, struct kt_group *group, const struct kt_logs_how *how, struct kt_err *err)
{
	size_t n = group->n_parts, same;
	for (size_t i = 0; i < n; i += same) {
		/* Partitions that are added move the others. */
		kt_auto(kt_free_ptr) char *name = kt_strdup(group->parts[i].log.topic);
		const struct rd_kafka_metadata_topic *topic = find_topic(how->metadata, name);
		rd_kafka_resp_err_t code = topic ? topic->err : RD_KAFKA_RESP_ERR_NO_ERROR;
		for (same = 1; i + same < n && !strcmp(group->parts[i + same].log.topic, name);)
			same++;
		if (!topic && ask_missing(c, name, how, &code, err) < 0)
			return -1;
		for (size_t j = i; j < i + same; j++)
			group->parts[j].code = code;
		if (topic && !code)
			judge_topic(group, i, same, topic);
	}
	kt_group_settle(group);
	const struct rd_kafka_metadata_topic *topic = NULL;
	for (size_t i = 0; i < group->n_parts; i++) {
		struct kt_group_part *part = &group->parts[i];
		if (!topic || strcmp(topic->topic, part->log.topic) != 0)
			topic = find_topic(how->metadata, part->log.topic);
		if (topic)
			mark_leaderless(part, topic);
	}
	return 0;
}

int kt_group_logs(struct kt_client *c, struct kt_group *group, const struct kt_logs_how *how, struct kt_err *err)
{
	size_t n = 0;
	const struct kt_startoffsets_how starts = {.span.start = how->at, .timeout_ms = how->timeout_ms};
	if (judge(c, group, how, err) < 0)
		return -1;
	kt_auto(kt_free_ptr) struct kt_partition **logs = kt_calloc(group->n_parts + 1, sizeof(*logs));
	for (size_t i = 0; i < group->n_parts; i++)
		if (!group->parts[i].code)
			logs[n++] = &group->parts[i].log;
	return kt_startoffsets_resolve(c, logs, n, &starts, err);
}

void kt_group_held(struct kt_client *stable, struct kt_group *group, int64_t timeout_ms)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends =
		rd_kafka_topic_partition_list_new((int)group->n_parts);
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_partition *log = &group->parts[i].log;
		if (!group->parts[i].code)
			rd_kafka_topic_partition_list_add(ends, log->topic, log->partition)->offset = log->log_end;
	}
	kt_offsetquery_stable(stable, ends, timeout_ms);
	for (size_t i = 0, at = 0; i < group->n_parts; i++) {
		struct kt_group_part *part = &group->parts[i];
		part->held = part->code ? 0 : part->log.log_end - ends->elems[at++].offset;
	}
}

int64_t kt_group_lag(const struct kt_group_part *part)
{
	if (part->code || part->committed == KT_NO_OFFSET)
		return -1;
	return part->committed < part->log.log_end ? part->log.log_end - part->committed : 0;
}

/* A log is as long as a broker says it is: their sum may be too large. */
static int64_t sum(int64_t a, int64_t b)
{
	return __builtin_add_overflow(a, b, &a) ? INT64_MAX : a;
}

struct kt_group_total kt_group_total(const struct kt_group *group)
{
	struct kt_group_total total = {0};
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		bool committed = part->committed != KT_NO_OFFSET;
		int64_t unread = part->log.log_end - part->log.begin;
		total.unknown += part->code != 0;
		if (part->code)
			continue;
		total.uncommitted += !committed;
		total.unread = sum(total.unread, committed ? 0 : unread);
		total.known = sum(total.known, committed ? kt_group_lag(part) : unread);
	}
	total.lag = total.unknown || !group->n_parts ? -1 : total.known;
	return total;
}

bool kt_group_is_active(const struct kt_group *group)
{
	bool idle = group->state == RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY ||
		    group->state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
	return group->n_members || (group->address && !idle);
}

bool kt_group_is_hidden(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
	       code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
	       code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

static void free_group(struct kt_group *group)
{
	free_members(group);
	for (size_t i = 0; i < group->n_parts; i++)
		free(group->parts[i].log.topic);
	free(group->parts);
	free(group->members);
	free(group->assignor);
	free(group->address);
	free(group->name);
}

void kt_groups_fini(struct kt_groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		free_group(&groups->v[i]);
	free(groups->v);
	*groups = (struct kt_groups){0};
}
