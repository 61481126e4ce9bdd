/* What a consumer waits for, said when nothing has come for a second. */
#include "intake.h"

#include "when.h"

enum { PATIENCE_MS = 1000, LOOK_MS = 250, ASK_MS = 1000 };

/* A partition that is known to hold more. Without exit_at_end the library does not say that its end was reached, and
 * the last offsets may hold no records (transactions, compaction): then only while nothing has come at all. */
static const struct kt_partition *waited_for(const struct kt_consumer *c)
{
	if (!c->how.exit_at_end && c->member.read_any)
		return NULL;
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

void kt_silence_note(struct kt_consumer *c, bool came)
{
	int64_t now_us = kt_clock_us();
	if (came || !c->came_us) {
		c->came_us = now_us;
		c->explained = false;
	}
	if (c->explained || now_us - c->came_us < PATIENCE_MS * 1000)
		return;
	const struct kt_partition *part = is_joining(c) ? NULL : waited_for(c);
	if (!part && !is_joining(c))
		return;
	c->explained = true;
	explain(c, part);
}

int64_t kt_silence_ms(const struct kt_consumer *c)
{
	return !c->explained && (is_joining(c) || waited_for(c)) ? LOOK_MS : INT64_MAX;
}
