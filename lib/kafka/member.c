#include "consumer_own.h"
#include "mem.h"
#include "say.h"
#include "sig.h"
#include "when.h"

enum { CLOSE_MS = 3000, COMMIT_MS = 5000 };

/* Hands the written positions to the library, which commits them on its timer, on request and at the end. So are
 * starts, without which the next run would start at its end in a partition that was empty in this one. Only a start at
 * the end, in a run that has read nothing, is left to --reset of the next time, unless others go on from it
 * (with_starts). */
int kt_member_store(struct kt_consumer *c, bool with_starts, struct kt_err *err)
{
	if (!c->how.group || c->how.commit == KT_COMMIT_NONE)
		return 0;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)c->parts.n + 1);
	for (size_t i = 0; i < c->parts.n; i++) {
		struct kt_partition *part = &c->parts.v[i];
		bool counts = with_starts || c->read_any || part->why != KT_START_END;
		if (!part->assigned || part->written == part->stored || !counts)
			continue;
		rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = part->written;
		part->stored = part->written;
	}
	if (list->cnt) {
		rd_kafka_offsets_store(c->rk, list);
		c->stored = true;
	}
	/* The call as a whole succeeds as long as one of the partitions did. */
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err && list->elems[i].err != RD_KAFKA_RESP_ERR__STATE)
			return kt_client_fail(c->client, list->elems[i].err, err, "storing the offset of %s [%d]",
				list->elems[i].topic, (int)list->elems[i].partition);
	return 0;
}

/* While the group rebalances: the positions are kept, and committed when that is over, or read again by their owner. */
static bool is_rebalancing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
	       code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

/* Commits what is stored, with a bound of our own: rd_kafka_commit() waits as long as the coordinator is away. */
int kt_member_commit(struct kt_consumer *c, struct kt_err *err)
{
	if (!c->stored)
		return 0;
	rd_kafka_queue_t *answers = rd_kafka_queue_new(c->rk);
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(c->rk, NULL, answers, NULL, NULL);
	if (!code) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(answers, COMMIT_MS);
		code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
		if (event)
			rd_kafka_event_destroy(event);
	}
	rd_kafka_queue_destroy(answers);
	c->uncommitted = 0;
	c->stored = is_rebalancing(code);
	if (!code || code == RD_KAFKA_RESP_ERR__NO_OFFSET || c->stored)
		return 0;
	kt_client_fail(c->client, code, err, "committing offsets of group %s", c->how.group);
	/* The brokers were reached and the records read: how the library words their absence makes no difference. */
	if (err->status == KT_UNREACHABLE)
		err->status = KT_FAILED;
	return -1;
}

static void change_assignment(struct kt_consumer *c, bool take, const rd_kafka_topic_partition_list_t *list)
{
	struct kt_err err;
	if (kt_membership_change(c->client, take, list, &err) < 0)
		kt_consumer_fail(c, &err);
}

static void on_assigned(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	size_t n = (size_t)list->cnt;
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc(n, sizeof(struct kt_partition *));
	struct kt_err err;
	for (size_t i = 0; i < n; i++)
		kt_partitions_add(&c->parts, list->elems[i].topic, list->elems[i].partition);
	for (size_t i = 0; i < n; i++)
		parts[i] = kt_partitions_find(&c->parts, list->elems[i].topic, list->elems[i].partition);
	if (kt_consumer_resolve(c, parts, n, &err) < 0) {
		kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *nothing =
			rd_kafka_topic_partition_list_new(1);
		kt_consumer_fail(c, &err);
		change_assignment(c, true, nothing);
		return;
	}
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = parts[i]->start;
	change_assignment(c, true, list);
	c->settled = c->started = true;
	if (c->failed)
		return;
	c->how.assigned(c->how.user, &c->parts);
	for (size_t i = 0; i < n; i++)
		kt_consumer_tell_end(c, parts[i]);
}

/* What is in hand of these partitions belongs to an assignment that is over; their next owner reads it. */
static void on_revoked(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	struct kt_err err;
	bool lost = rd_kafka_assignment_lost(c->rk);
	if (c->how.write_out(c->how.user))
		for (size_t i = 0; i < c->parts.n; i++)
			c->parts.v[i].written = c->parts.v[i].next;
	if (!lost && (kt_member_store(c, !c->closing, &err) < 0 || kt_member_commit(c, &err) < 0))
		kt_say(KT_NORMAL, "%s", err.msg);
	for (int i = 0; i < list->cnt; i++) {
		struct kt_partition *part =
			kt_partitions_find(&c->parts, list->elems[i].topic, list->elems[i].partition);
		if (part)
			part->assigned = false;
	}
	for (size_t i = c->given; i < c->n; i++) {
		const struct kt_partition *part = c->batch[i] ? kt_partitions_of(&c->parts, c->batch[i]) : NULL;
		if (part && !part->assigned)
			kt_consumer_drop(c, i);
	}
	/* Until the next assignment, having nothing does not mean that nothing is left. */
	if (kt_partitions_assigned(&c->parts) == 0)
		c->settled = false;
	change_assignment(c, false, list);
	if (lost)
		kt_say(KT_NORMAL,
			"group %s: the partitions were lost to other members, uncommitted records are read again there",
			c->how.group);
}

static void rebalance_cb(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct kt_consumer *c = kt_client_user(opaque);
	(void)rk;
	c->mixed = true;
	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		on_assigned(c, list);
	else
		on_revoked(c, list);
}

static void offset_commit_cb(
	rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct kt_consumer *c = kt_client_user(opaque);
	(void)rk, (void)list;
	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	/* It is tried every few seconds, and the reason may last for hours. */
	if (code && code != c->commit_said)
		kt_say(KT_NORMAL, "a commit failed, it is tried again: %s", rd_kafka_err2str(code));
	c->commit_said = code;
}

void kt_member_configure(const struct kt_consumer *c, rd_kafka_conf_t *conf)
{
	rd_kafka_conf_set(conf, "group.id", c->how.group, NULL, 0);
	rd_kafka_conf_set_rebalance_cb(conf, rebalance_cb);
	rd_kafka_conf_set_offset_commit_cb(conf, offset_commit_cb);
}

int kt_member_join(struct kt_consumer *c, struct kt_err *err)
{
	c->joined_us = kt_clock_us();
	return kt_membership_join(c->client, c->how.topics, c->how.group, err);
}

/* rd_kafka_consumer_close() would wait for as long as the brokers are away. */
static void leave_group(struct kt_consumer *c)
{
	struct kt_err ignored;
	/* A revoke that waits is answered while its commit can still be made. */
	if (kt_consumer_take(c, 1, &ignored) < 0)
		c->failed = false;
	c->closing = true;
	int64_t deadline_us = kt_clock_us() + CLOSE_MS * 1000;
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(c->rk, c->wake.queue);
	if (error) {
		rd_kafka_error_destroy(error);
		return;
	}
	while (!rd_kafka_consumer_closed(c->rk) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = c->wake.fd, .events = POLLIN};
		if (kt_consumer_take(c, KT_BATCH, &ignored) < 0)
			c->failed = false;
		kt_consumer_release(c);
		if (!rd_kafka_consumer_closed(c->rk))
			kt_wait(&fd, 1, 10);
	}
	if (!rd_kafka_consumer_closed(c->rk))
		kt_say(KT_NORMAL,
			"group %s may not have been left: no answer; its partitions are free again after "
			"session.timeout.ms",
			c->how.group);
}

/* A rebalance that is under way refuses commits: it is seen through first, within bounds. */
static int commit_last(struct kt_consumer *c, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + COMMIT_MS * 1000;
	while (kt_partitions_assigned(&c->parts) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = c->wake.fd, .events = POLLIN};
		struct kt_err ignored;
		if (kt_member_commit(c, err) < 0)
			return -1;
		if (!c->stored)
			return 0;
		kt_wait(&fd, 1, 50);
		if (kt_consumer_take(c, KT_BATCH, &ignored) < 0)
			c->failed = false;
		kt_consumer_release(c);
	}
	if (!c->stored)
		return 0;
	return kt_err_set(err, KT_FAILED,
		"group %s was rebalancing and refused the last commit: what was read since the one before is read "
		"again",
		c->how.group);
}

int kt_member_leave(struct kt_consumer *c, struct kt_err *err)
{
	int result = commit_last(c, err);
	leave_group(c);
	return result;
}
