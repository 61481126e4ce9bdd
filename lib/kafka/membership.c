#include "membership.h"

#include "mem.h"
#include "offsetquery.h"
#include "when.h"

#define SESSION_MS "45000" /* the library's default */

enum { JOIN_MS = 3000, COMMIT_MS = 5000, COMMIT_HURRY_MS = 2000, LOOK_MS = 100, IDLE_MS = 1000 };
enum { LEAVE_MS = 3000, LEAVE_HURRY_MS = 1000, NOBODY_MS = 150 };

void kt_membership_configure(rd_kafka_conf_t *conf, const char *group, bool timer)
{
	rd_kafka_conf_set(conf, "group.id", group, NULL, 0);
	/* What the library takes off its queue is neither given out nor written yet, so positions are stored by us. */
	rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", timer ? "true" : "false", NULL, 0);
}

void kt_membership_init(struct kt_membership *m, struct kt_client *client, rd_kafka_queue_t *queue,
	struct kt_partitions *parts, const struct kt_membership_how *how)
{
	*m = (struct kt_membership){.how = *how, .client = client, .queue = queue, .parts = parts};
}

int kt_membership_join(struct kt_membership *m, struct kt_err *err)
{
	const struct kt_strs *topics = m->how.topics;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)topics->n);
	for (size_t i = 0; i < topics->n; i++)
		rd_kafka_topic_partition_list_add(list, topics->v[i], RD_KAFKA_PARTITION_UA);
	m->joined_us = kt_clock_us();
	rd_kafka_resp_err_t code = rd_kafka_subscribe(kt_client_handle(m->client), list);
	return code ? kt_client_fail(m->client, code, err, "joining group %s", m->how.group) : 0;
}

bool kt_membership_say_joining(const struct kt_membership *m, struct kt_waiting *wait)
{
	const struct kt_settings *settings = kt_client_settings(m->client);
	int64_t session_ms = strtol(kt_settings_text(settings, "session.timeout.ms", SESSION_MS), NULL, 10);
	int64_t left_s = kt_left_ms(wait->start_us ? wait->start_us : kt_clock_us(), session_ms) / 1000;
	if (kt_client_is_down(m->client))
		return kt_client_say_waiting(m->client, wait);
	if (left_s <= 0)
		return kt_waiting_say(wait, "group %s, which is rebalancing", m->how.group);
	/* Short enough for 80 columns. */
	return kt_waiting_say(
		wait, "group %s: %lld s at most, if a member was killed", m->how.group, (long long)left_s);
}

bool kt_membership_is_cooperative(const struct kt_membership *m)
{
	const char *protocol = rd_kafka_rebalance_protocol(kt_client_handle(m->client));
	return protocol && !strcmp(protocol, "COOPERATIVE");
}

/* As the group's protocol wants it: the partitions are the whole assignment, or a part of it. */
static int change(
	struct kt_membership *m, bool take, const rd_kafka_topic_partition_list_t *partitions, struct kt_err *err)
{
	rd_kafka_t *rk = kt_client_handle(m->client);
	rd_kafka_error_t *error = NULL;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	if (!kt_membership_is_cooperative(m)) {
		code = rd_kafka_assign(rk, take ? partitions : NULL);
	} else {
		error = take ? rd_kafka_incremental_assign(rk, partitions)
			     : rd_kafka_incremental_unassign(rk, partitions);
		code = error ? rd_kafka_error_code(error) : code;
	}
	if (error)
		rd_kafka_error_destroy(error);
	return code ? kt_client_fail(m->client, code, err, "%s partitions", take ? "taking" : "giving up") : 0;
}

/* The library waits for an answer to its assignment, even where there is nothing left to take. */
static int take_nothing(struct kt_membership *m, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(1);
	return change(m, true, nothing, err);
}

static struct kt_partition *entry(struct kt_membership *m, const rd_kafka_topic_partition_t *at)
{
	return kt_partitions_find(m->parts, at->topic, at->partition);
}

/* Where each of the new partitions starts. */
static int resolve(struct kt_membership *m, rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	struct kt_startoffsets_how how = {.span = m->how.span,
		.starts = m->how.starts,
		.n_starts = m->how.n_starts,
		.reset = m->how.reset,
		.group = true,
		.running = m->started,
		.timeout_ms = m->how.timeout_ms};
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc((size_t)list->cnt, sizeof(struct kt_partition *));
	for (int i = 0; i < list->cnt; i++)
		kt_partitions_add(m->parts, list->elems[i].topic, list->elems[i].partition);
	for (int i = 0; i < list->cnt; i++)
		parts[i] = entry(m, &list->elems[i]);
	bool known = kt_startoffsets_resolve(m->client, parts, (size_t)list->cnt, &how, err) == 0;
	if (!known && (m->how.needs_starts || (err->status != KT_UNREACHABLE && !kt_client_stopped(m->client))))
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		if (!known)
			parts[i]->start = parts[i]->next = KT_NO_OFFSET;
		kt_partition_take(parts[i], m->takes);
		list->elems[i].offset = known ? parts[i]->start : RD_KAFKA_OFFSET_INVALID;
	}
	return 0;
}

/* Cut off from the consumer's queue before the first fetch: then no record ever comes there. */
static void split(struct kt_membership *m, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++) {
		struct kt_partition *part = entry(m, &list->elems[i]);
		if (!part->queue)
			part->queue =
				rd_kafka_queue_get_partition(kt_client_handle(m->client), part->topic, part->partition);
		rd_kafka_queue_forward(part->queue, NULL);
	}
}

int kt_membership_take(struct kt_membership *m, rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	struct kt_err ignored;
	if (m->leaving)
		return take_nothing(m, err);
	m->takes++;
	if (resolve(m, list, err) < 0) {
		(void)!take_nothing(m, &ignored);
		return -1;
	}
	if (m->how.split)
		split(m, list);
	if (change(m, true, list, err) < 0)
		return -1;
	m->state = KT_MEMBERSHIP_ASSIGNED;
	m->started = true;
	return 0;
}

void kt_membership_revoke(struct kt_membership *m)
{
	bool lost = rd_kafka_assignment_lost(kt_client_handle(m->client));
	m->state = lost ? KT_MEMBERSHIP_LOST : KT_MEMBERSHIP_REVOKING;
}

int kt_membership_give_up(struct kt_membership *m, const rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	for (int i = 0; i < list->cnt; i++) {
		struct kt_partition *part = entry(m, &list->elems[i]);
		if (part)
			part->assigned = false;
	}
	m->state = kt_partitions_assigned(m->parts) ? KT_MEMBERSHIP_ASSIGNED : KT_MEMBERSHIP_JOINING;
	return change(m, false, list, err);
}

static bool is_to_store(const struct kt_membership *m, const struct kt_partition *part, bool with_starts)
{
	bool counts = with_starts || m->read_any || part->why != KT_START_END;
	return part->assigned && counts && part->written != KT_NO_OFFSET && part->written != part->stored;
}

int kt_membership_store(struct kt_membership *m, struct kt_partition *only, bool with_starts, struct kt_err *err)
{
	if (!m->how.stores || m->state == KT_MEMBERSHIP_LOST)
		return 0;
	size_t n = only ? 1 : m->parts->n;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)n + 1);
	for (size_t i = 0; i < n; i++) {
		struct kt_partition *part = only ? only : &m->parts->v[i];
		if (!is_to_store(m, part, with_starts))
			continue;
		rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = part->written;
		part->stored = part->written;
	}
	if (list->cnt) {
		rd_kafka_offsets_store(kt_client_handle(m->client), list);
		m->stored = true;
	}
	/* The call as a whole succeeds as long as one of the partitions did. */
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err && list->elems[i].err != RD_KAFKA_RESP_ERR__STATE)
			return kt_client_fail(m->client, list->elems[i].err, err, "storing the offset of %s [%d]",
				list->elems[i].topic, (int)list->elems[i].partition);
	return 0;
}

/* While the group rebalances: the positions are kept, and committed when that is over, or read again by their owner. */
static bool is_rebalancing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
	       code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

static int64_t commit_ms(const struct kt_membership *m)
{
	if (kt_client_stopped(m->client) <= KT_SIGNAL)
		return COMMIT_MS;
	return kt_client_is_down(m->client) ? NOBODY_MS : COMMIT_HURRY_MS;
}

static rd_kafka_resp_err_t await_commit(const struct kt_membership *m, rd_kafka_queue_t *answers)
{
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(m->client)};
	int64_t start_us = kt_clock_us();
	rd_kafka_event_t *event;
	while (!(event = rd_kafka_queue_poll(answers, LOOK_MS))) {
		if (!kt_left_ms(start_us, commit_ms(m)))
			return RD_KAFKA_RESP_ERR__TIMED_OUT;
		kt_waiting_say(&wait, "the broker to take the commit of group %s", m->how.group);
	}
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	rd_kafka_event_destroy(event);
	return code;
}

/* With a bound of our own: rd_kafka_commit() waits as long as the coordinator is away. */
int kt_membership_commit(struct kt_membership *m, struct kt_err *err)
{
	rd_kafka_t *rk = kt_client_handle(m->client);
	if (!m->stored || m->state == KT_MEMBERSHIP_LOST)
		return 0;
	rd_kafka_queue_t *answers = rd_kafka_queue_new(rk);
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(rk, NULL, answers, NULL, NULL);
	if (!code)
		code = await_commit(m, answers);
	rd_kafka_queue_destroy(answers);
	m->stored = is_rebalancing(code);
	if (!code || code == RD_KAFKA_RESP_ERR__NO_OFFSET || m->stored)
		return 0;
	kt_client_fail(m->client, code, err, "committing offsets of group %s", m->how.group);
	/* The brokers were reached and the records read: how the library words their absence makes no difference. */
	if (err->status == KT_UNREACHABLE)
		err->status = KT_FAILED;
	return -1;
}

int kt_membership_commit_at(
	struct kt_membership *m, const char *topic, int32_t partition, int64_t offset, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(kt_client_handle(m->client), list, m->queue, NULL, NULL);
	return code ? kt_client_fail(m->client, code, err, "committing an offset of group %s", m->how.group) : 0;
}

bool kt_membership_leave(struct kt_membership *m)
{
	if (m->leaving)
		return true;
	m->leaving = true;
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(kt_client_handle(m->client), m->queue);
	if (error)
		rd_kafka_error_destroy(error);
	return !error;
}

/* Up to 2.2.0 the library aborts when a member is destroyed that may be of a cooperative group and never had an
 * assignment (its assignor has no state yet). The configuration is asked: the handle of a group that was left knows no
 * protocol any more. */
static bool is_stuck(const struct kt_membership *m)
{
	enum { FIXED_IN = 0x02030000 };
	char assignors[512] = "";
	size_t size = sizeof(assignors);
	if (!m->client || m->started || rd_kafka_version() >= FIXED_IN)
		return false;
	rd_kafka_conf_get(
		rd_kafka_conf(kt_client_handle(m->client)), "partition.assignment.strategy", assignors, &size);
	return strstr(assignors, "cooperative");
}

void kt_membership_end(const struct kt_membership *m)
{
	if (is_stuck(m) || (m->leaving && !kt_membership_has_left(m)))
		kt_client_leave(m->client);
}

int64_t kt_membership_leave_ms(const struct kt_membership *m, bool hurry)
{
	if (m->state == KT_MEMBERSHIP_JOINING || (hurry && kt_client_is_down(m->client)))
		return NOBODY_MS;
	return hurry ? LEAVE_HURRY_MS : LEAVE_MS;
}

bool kt_membership_has_left(const struct kt_membership *m)
{
	return m->leaving && rd_kafka_consumer_closed(kt_client_handle(m->client));
}

bool kt_membership_is_shut_out(const struct kt_membership *m)
{
	return !m->started && !m->leaving && kt_client_is_refused(m->client) &&
	       kt_clock_us() - m->joined_us >= JOIN_MS * 1000;
}

bool kt_membership_is_over(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
	case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
		return true;
	default:
		return false;
	}
}

/* _FATAL stands for an error that the handle keeps. */
static rd_kafka_resp_err_t real_code(struct kt_client *c, rd_kafka_resp_err_t code)
{
	char ignored[8];
	rd_kafka_resp_err_t kept = rd_kafka_fatal_error(kt_client_handle(c), ignored, sizeof(ignored));
	return code == RD_KAFKA_RESP_ERR__FATAL && kept ? kept : code;
}

int kt_membership_fail(
	struct kt_client *c, const char *group, rd_kafka_resp_err_t code, const char *topic, struct kt_err *err)
{
	code = real_code(c, code);
	if (!group || code != RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
		return kt_client_fail(c, code, err, "consuming %s", topic);
	kt_err_set(err, KT_FAILED,
		"another member of group %s joined with the same group.instance.id and took this one's place", group);
	return kt_err_hint(err, "each member needs a group.instance.id of its own, or none");
}

int64_t kt_membership_poll_ms(const struct kt_settings *settings)
{
	int64_t ms = strtol(kt_settings_text(settings, "max.poll.interval.ms", "300000"), NULL, 10) / 3;
	return ms < IDLE_MS ? ms : IDLE_MS;
}
