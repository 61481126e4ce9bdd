/* A batch consumer as a member of a group: rebalances, commits, and leaving it. */
#include "intake.h"

#include "mem.h"
#include "sig.h"
#include "when.h"

enum { LAST_COMMIT_MS = 5000 };

static void on_assigned(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	size_t n = (size_t)list->cnt;
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc(n, sizeof(struct kt_partition *));
	struct kt_err err;
	if (kt_membership_take(&c->member, list, &err) < 0)
		kt_intake_fail(c, &err);
	if (c->failed || c->member.leaving)
		return;
	for (size_t i = 0; i < n; i++)
		parts[i] = kt_partitions_find(&c->parts, list->elems[i].topic, list->elems[i].partition);
	kt_intake_tell_assigned(c, parts, n);
}

/* What is in hand of partitions that are gone belongs to an assignment that is over; their next owner reads it. */
static void drop_foreign(struct kt_consumer *c)
{
	for (size_t i = c->given; i < c->n; i++) {
		const struct kt_partition *part = c->batch[i] ? kt_partitions_of(&c->parts, c->batch[i]) : NULL;
		if (part && !part->assigned)
			kt_intake_drop(c, i);
	}
}

static void on_revoked(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	struct kt_membership *m = &c->member;
	struct kt_err err;
	kt_membership_revoke(m);
	bool lost = m->state == KT_MEMBERSHIP_LOST;
	if (c->how.write_out && c->how.write_out(c->how.user))
		for (size_t i = 0; i < c->parts.n; i++)
			c->parts.v[i].written = c->parts.v[i].next;
	bool failed = kt_membership_store(m, NULL, !m->leaving, &err) < 0;
	c->uncommitted = m->stored ? 0 : c->uncommitted;
	if (failed || kt_membership_commit(m, &err) < 0)
		kt_owner_note(c->how.owner, KT_NOTE_COMMIT, &err);
	if (kt_membership_give_up(m, list, &err) < 0)
		kt_intake_fail(c, &err);
	drop_foreign(c);
	if (lost)
		kt_owner_say(c->how.owner, KT_NOTE_GROUP,
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
	char ignored[8];
	(void)list;
	/* After a fatal error nothing is tried again: the run ends by it, and says why. */
	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET || rd_kafka_fatal_error(rk, ignored, sizeof(ignored)))
		return;
	/* It is tried every few seconds, and the reason may last for hours. */
	if (code && code != c->commit_said)
		kt_owner_say(
			c->how.owner, KT_NOTE_COMMIT, "a commit failed, it is tried again: %s", rd_kafka_err2str(code));
	c->commit_said = code;
}

void kt_groupintake_configure(const struct kt_consumer *c, rd_kafka_conf_t *conf)
{
	kt_membership_configure(conf, c->how.group, c->how.commit == KT_COMMIT_AUTO);
	rd_kafka_conf_set_rebalance_cb(conf, rebalance_cb);
	rd_kafka_conf_set_offset_commit_cb(conf, offset_commit_cb);
}

int kt_groupintake_join(struct kt_consumer *c, struct kt_err *err)
{
	const struct kt_membership_how how = {
		.group = c->how.group,
		.topics = c->how.topics,
		.span = c->how.span,
		.starts = c->how.starts,
		.n_starts = c->how.n_starts,
		.reset = c->how.reset,
		.timeout_ms = c->how.timeout_ms,
		.needs_starts = true,
		.stores = c->how.commit != KT_COMMIT_NONE,
	};
	kt_membership_init(&c->member, c->client, c->wake.queue, &c->parts, &how);
	return kt_membership_join(&c->member, err);
}

/* Takes what there is without giving it out, while the group comes to its end. */
static void serve(struct kt_consumer *c, int64_t wait_ms)
{
	struct pollfd fd = {.fd = c->wake.fd, .events = POLLIN};
	struct kt_err ignored;
	kt_wait(&fd, 1, wait_ms);
	if (kt_intake_take(c, KT_BATCH, &ignored) < 0)
		c->failed = false;
	kt_intake_release(c);
}

/* rd_kafka_consumer_close() would wait for as long as the brokers are away. */
static void leave_group(struct kt_consumer *c)
{
	/* A revoke that is waiting is answered while its commit can still be made. */
	serve(c, 0);
	bool joins = c->member.state == KT_MEMBERSHIP_JOINING, hurry = kt_client_stopped(c->client) > KT_SIGNAL;
	int64_t deadline_us = kt_clock_us() + kt_membership_leave_ms(&c->member, hurry) * 1000;
	if (!kt_membership_leave(&c->member))
		return;
	while (!kt_membership_has_left(&c->member) && kt_clock_us() < deadline_us)
		serve(c, 10);
	if (!joins && !kt_membership_has_left(&c->member))
		kt_owner_say(c->how.owner, KT_NOTE_GROUP,
			"group %s may not have been left: no answer; its partitions are free again after "
			"session.timeout.ms",
			c->how.group);
}

/* A rebalance that is under way refuses commits: it is seen through first, within limits. */
static int commit_last(struct kt_consumer *c, struct kt_err *err)
{
	struct kt_membership *m = &c->member;
	int64_t deadline_us = kt_clock_us() + LAST_COMMIT_MS * 1000;
	while (kt_partitions_assigned(&c->parts) && kt_clock_us() < deadline_us) {
		if (kt_membership_commit(m, err) < 0)
			return -1;
		if (!m->stored)
			return 0;
		serve(c, 50);
	}
	if (!m->stored)
		return 0;
	return kt_err_set(err, KT_FAILED,
		"group %s was rebalancing and refused the last commit: what was read since the one before is read "
		"again",
		c->how.group);
}

int kt_groupintake_leave(struct kt_consumer *c, struct kt_err *err)
{
	int result = commit_last(c, err);
	leave_group(c);
	return result;
}
