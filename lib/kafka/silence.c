/* What a consumer waits for, said when nothing has come for a second; and when that is too long. */
#include "askonce.h"
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

/* The broker that has the partition: its address, or "" when nobody says. */
static void find_leader(struct kt_consumer *c, const struct kt_partition *part)
{
	const struct rd_kafka_metadata *md;
	struct kt_waiting untold = {0};
	c->leader[0] = '\0';
	if (kt_askonce(c->client, part->topic, ASK_MS, &untold, &md))
		return;
	const struct rd_kafka_metadata_topic *t = &md->topics[0];
	int32_t leader = part->partition < t->partition_cnt ? t->partitions[part->partition].leader : -1;
	for (int i = 0; i < md->broker_cnt; i++)
		if (md->brokers[i].id == leader)
			snprintf(
				c->leader, sizeof(c->leader), "broker %s:%d", md->brokers[i].host, md->brokers[i].port);
	rd_kafka_metadata_destroy(md);
}

/* On a terminal as long as it lasts, else once. */
static void explain(struct kt_consumer *c, const struct kt_partition *part)
{
	bool first = !c->explained;
	c->explained = true;
	c->wait.owner = c->how.owner;
	c->wait.start_us = c->came_us;
	if (!part) {
		if (!kt_membership_say_joining(&c->member, &c->wait) && first)
			kt_owner_say(c->how.owner, KT_NOTE_WORDS,
				"waiting for group %s to give this member its partitions: it is rebalancing, or waits "
				"for one that was killed until its session ends",
				c->how.group);
		return;
	}
	if (first)
		find_leader(c, part);
	const char *whom = c->leader[0] ? c->leader : "a broker that leads it";
	if (!kt_waiting_say(&c->wait, "%s to send %s [%d] from offset %lld", whom, part->topic, (int)part->partition,
		    (long long)part->next) &&
		first)
		kt_owner_say(c->how.owner, KT_NOTE_WORDS, "waiting for %s to send %s [%d] from offset %lld", whom,
			part->topic, (int)part->partition, (long long)part->next);
}

/* A broker that answers what else it is asked, but no Fetch in the time that the library gives a request. One that
 * cannot be reached may come back: that is told by what is said of connections. */
static int give_up(struct kt_consumer *c, const struct kt_partition *part, struct kt_err *err)
{
	find_leader(c, part);
	c->asked_us = kt_clock_us();
	if (!c->leader[0])
		return 0;
	kt_err_set(err, KT_UNREACHABLE,
		"%s has not answered Fetch for %.1f s: %s [%d] is read up to offset %lld of %lld", c->leader,
		(double)c->silent_ms / 1000, part->topic, (int)part->partition, (long long)part->next,
		(long long)(c->how.exit_at_end ? part->end : part->log_end));
	return kt_err_hint(err, "it answers other requests; -X socket.timeout.ms=MS waits for longer");
}

static bool has_end(const struct kt_consumer *c)
{
	return c->how.exit_at_end || c->how.bounded;
}

/* Whether something came, or the member was let in or sent away. */
static bool has_moved(struct kt_consumer *c, bool came)
{
	bool joins = is_joining(c), moved = came || !c->came_us || joins != c->joins;
	c->joins = joins;
	return moved;
}

int kt_silence_note(struct kt_consumer *c, bool came, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	/* Nobody was looking for a while: the output was blocked, or the process stopped. */
	int64_t late_us = now_us - c->noted_us - KT_WAITING_LOOK_US;
	bool away = now_us - c->noted_us > AWAY_MS * 1000;
	if (c->noted_us && late_us > 0 && !c->explained)
		c->came_us += late_us;
	c->noted_us = now_us;
	if (has_moved(c, came)) {
		c->explained = false;
		c->asked_us = c->came_us = now_us;
		kt_waiting_end(&c->wait);
	}
	if (away || c->joins)
		c->asked_us = now_us;
	if (now_us - c->came_us < PATIENCE_MS * 1000)
		return 0;
	const struct kt_partition *part = c->joins ? NULL : waited_for(c);
	if (!part && !c->joins) {
		c->asked_us = now_us;
		return 0;
	}
	explain(c, part);
	return part && has_end(c) && now_us - c->asked_us > c->silent_ms * 1000 ? give_up(c, part, err) : 0;
}

int64_t kt_silence_ms(const struct kt_consumer *c)
{
	if (!is_joining(c) && !waited_for(c))
		return INT64_MAX;
	if (!c->explained || c->wait.seen)
		return LOOK_MS;
	return has_end(c) ? ASK_MS : INT64_MAX;
}
