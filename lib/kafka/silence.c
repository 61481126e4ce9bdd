/* What a consumer waits for, said when nothing has come for a second; and when that is too long. */
#include "intake.h"

#include "when.h"

enum { PATIENCE_MS = 1000, LOOK_MS = 250, ASK_MS = 1000, AWAY_MS = 5000 };

/* A partition that is known to hold more. Without an end the library is not asked to say that the end of the log was
 * reached, and the last offsets may hold no records (transactions, compaction): then only while nothing has come at
 * all. */
static const struct kt_partition *waited_for(const struct kt_consumer *c)
{
	if (!c->how.exit_at_end && !c->how.bounded && c->member.read_any)
		return NULL;
	if (c->merge)
		return kt_merge_waits_for(c);
	for (size_t i = 0; i < c->parts.n; i++) {
		const struct kt_partition *part = &c->parts.v[i];
		int64_t end = c->how.exit_at_end ? part->end : part->log_end;
		if (part->assigned && !part->broken && !part->done && part->next != KT_NO_OFFSET && part->next < end)
			return part;
	}
	return NULL;
}

static bool is_joining(const struct kt_consumer *c)
{
	return c->how.group && c->member.state == KT_MEMBERSHIP_JOINING && !c->member.leaving;
}

/* The broker that has the partition: its address, or "" when nobody says. Not by kt_client_metadata(), which serves the
 * handle meanwhile: rd_kafka_poll() of a member asserts when it meets records. */
static void find_leader(struct kt_consumer *c, const struct kt_partition *part, char *out, size_t size)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(c->rk, part->topic, NULL);
	*out = '\0';
	rd_kafka_resp_err_t code = rkt ? rd_kafka_metadata(c->rk, 0, rkt, &md, ASK_MS) : rd_kafka_last_error();
	if (rkt)
		rd_kafka_topic_destroy(rkt);
	if (code)
		return;
	const struct rd_kafka_metadata_topic *t = &md->topics[0];
	int32_t leader = part->partition < t->partition_cnt ? t->partitions[part->partition].leader : -1;
	for (int i = 0; i < md->broker_cnt; i++)
		if (md->brokers[i].id == leader)
			snprintf(out, size, "broker %s:%d", md->brokers[i].host, md->brokers[i].port);
	rd_kafka_metadata_destroy(md);
}

static void explain(struct kt_consumer *c, const struct kt_partition *part)
{
	char leader[300];
	if (!part) {
		kt_owner_say(c->how.owner, KT_NOTE_GROUP,
			"waiting for group %s to give this member its partitions: it is rebalancing, or waits for one "
			"that was killed until its session ends",
			c->how.group);
		return;
	}
	find_leader(c, part, leader, sizeof(leader));
	kt_owner_say(c->how.owner, KT_NOTE_CONNECTION, "waiting for %s to send %s [%d] from offset %lld",
		*leader ? leader : "a broker that leads it", part->topic, (int)part->partition, (long long)part->next);
}

/* A broker that answers what else it is asked, but no Fetch in the time that the library gives a request. One that
 * cannot be reached may come back: that is told by what is said of connections. */
static int give_up(struct kt_consumer *c, const struct kt_partition *part, struct kt_err *err)
{
	char leader[300];
	find_leader(c, part, leader, sizeof(leader));
	c->asked_us = kt_clock_us();
	if (!*leader)
		return 0;
	kt_err_set(err, KT_UNREACHABLE,
		"%s has not answered Fetch for %.1f s: %s [%d] is read up to offset %lld of %lld", leader,
		(double)c->silent_ms / 1000, part->topic, (int)part->partition, (long long)part->next,
		(long long)(c->how.exit_at_end ? part->end : part->log_end));
	return kt_err_hint(err, "it answers other requests; -X socket.timeout.ms=MS waits for longer");
}

static bool has_end(const struct kt_consumer *c)
{
	return c->how.exit_at_end || c->how.bounded;
}

int kt_silence_note(struct kt_consumer *c, bool came, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	/* Nobody was looking for a while: the output was blocked, or the process stopped. */
	bool away = now_us - c->noted_us > AWAY_MS * 1000;
	c->noted_us = now_us;
	if (came || !c->came_us)
		c->explained = false;
	if (came || away || is_joining(c) || !c->came_us)
		c->asked_us = now_us;
	if (came || !c->came_us)
		c->came_us = now_us;
	if (now_us - c->came_us < PATIENCE_MS * 1000)
		return 0;
	const struct kt_partition *part = is_joining(c) ? NULL : waited_for(c);
	if (!part && !is_joining(c)) {
		c->asked_us = now_us;
		return 0;
	}
	if (!c->explained)
		explain(c, part);
	c->explained = true;
	return part && has_end(c) && now_us - c->asked_us > c->silent_ms * 1000 ? give_up(c, part, err) : 0;
}

int64_t kt_silence_ms(const struct kt_consumer *c)
{
	bool waits = (!c->explained || has_end(c)) && (is_joining(c) || waited_for(c));
	return !waits ? INT64_MAX : c->explained ? ASK_MS : LOOK_MS;
}
