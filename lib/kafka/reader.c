/* A batch consumer without a group. */
#include "intake.h"

#include "mem.h"
#include "when.h"

/* A partition of the topic that is read here and has no leader; NULL: all have one. */
static const struct kt_partition *find_leaderless(struct kt_consumer *c, const struct rd_kafka_metadata_topic *t)
{
	for (int k = 0; k < t->partition_cnt; k++) {
		const struct kt_partition *part = kt_partitions_find(&c->parts, t->topic, t->partitions[k].id);
		if (part && t->partitions[k].leader < 0)
			return part;
	}
	return NULL;
}

/* For a partition without a leader nobody answers, or another broker says that it is none: its name says more. */
static int name_leaderless(struct kt_consumer *c, struct kt_partition *const *parts, size_t n, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	const struct kt_partition *found = NULL;
	struct kt_err ignored;
	if (err->status != KT_UNREACHABLE && err->status != KT_FAILED)
		return -1;
	for (size_t i = 0; i < n && !found; i++) {
		if (i && !strcmp(parts[i]->topic, parts[i - 1]->topic))
			continue;
		if (kt_client_metadata(c->client, parts[i]->topic, KT_LOOK_MS, &md, &ignored) < 0)
			return -1;
		found = find_leaderless(c, &md->topics[0]);
		rd_kafka_metadata_destroy(md);
	}
	if (!found)
		return -1;
	kt_err_set(err, KT_FAILED, "%s [%d] has no leader: no broker that holds it is there", found->topic,
		(int)found->partition);
	return kt_err_hint(err, "`kt topic describe --unavailable` shows such partitions; -p reads others");
}

/* A partition that appears during a run is a new one: all of it counts. */
static int resolve(struct kt_consumer *c, struct kt_partition *const *parts, size_t n, struct kt_err *err)
{
	struct kt_startoffsets_how how = {.span = c->how.span, .reset = c->how.reset, .timeout_ms = c->how.timeout_ms};
	how.running = c->started;
	if (c->started) {
		how.span.start.where = KT_AT_BEGINNING;
	} else {
		how.starts = c->how.starts;
		how.n_starts = c->how.n_starts;
	}
	if (kt_startoffsets_resolve(c->client, parts, n, &how, err) < 0)
		return name_leaderless(c, parts, n, err);
	for (size_t i = 0; i < n; i++)
		kt_partition_take(parts[i], 0);
	return 0;
}

static int start_reading(struct kt_consumer *c, struct kt_partition *part, struct kt_err *err)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(c->rk, part->topic, NULL);
	if (c->how.by_time) {
		part->queue = rd_kafka_queue_new(c->rk);
		kt_queuefd_add(&c->wake, part->queue);
	}
	c->topics = kt_grow(c->topics, &c->topics_cap, c->n_topics + 1, sizeof(rd_kafka_topic_t *));
	c->topics[c->n_topics++] = rkt;
	if (rd_kafka_consume_start_queue(rkt, part->partition, part->start, part->queue ? part->queue : c->wake.queue) <
		0)
		return kt_client_fail(
			c->client, rd_kafka_last_error(), err, "reading %s [%d]", part->topic, (int)part->partition);
	return 0;
}

/* Without a group the old consumer interface is the right one: no coordinator, no group of any name on the cluster. */
int kt_reader_start(struct kt_consumer *c, struct kt_err *err)
{
	size_t n = c->parts.n;
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc(n, sizeof(struct kt_partition *));
	for (size_t i = 0; i < n; i++)
		parts[i] = &c->parts.v[i];
	if (resolve(c, parts, n, err) < 0)
		return -1;
	/* The first fetch leaves with whatever was started by then, and takes long to come back when that is empty. */
	for (size_t i = 0; i < n; i++)
		if (!parts[i]->done && start_reading(c, parts[i], err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (parts[i]->done && !c->how.exit_at_end && start_reading(c, parts[i], err) < 0)
			return -1;
	c->started = true;
	if (c->how.by_time)
		kt_merge_start(c);
	kt_intake_tell_assigned(c, parts, n);
	return 0;
}

static int read_added(struct kt_consumer *c, const struct rd_kafka_metadata_topic *t, struct kt_err *err)
{
	bool added = false;
	for (int i = 0; i < t->partition_cnt; i++) {
		int32_t id = t->partitions[i].id;
		if (t->partitions[i].leader < 0 || kt_partitions_find(&c->parts, t->topic, id))
			continue;
		struct kt_partition *part = kt_partitions_add(&c->parts, t->topic, id);
		if (resolve(c, &part, 1, err) < 0 || start_reading(c, part, err) < 0)
			return -1;
		kt_owner_say(c->how.owner, KT_NOTE_WORDS, "%s [%d] is new and read too", t->topic, (int)id);
		added = true;
	}
	if (added)
		kt_intake_tell_assigned(c, NULL, 0);
	return 0;
}

/* Without a group the library reports neither that a topic was deleted nor that it was given partitions. A single
 * answer that a topic is not there may come from a broker that has only just started. */
int kt_reader_look(struct kt_consumer *c, struct kt_err *err)
{
	bool gone = false, takes_all = !c->how.n_partitions && !c->how.exit_at_end;
	int result = 0;
	if (c->how.group || c->refresh_ms <= 0 || kt_clock_us() < c->look_us)
		return 0;
	for (size_t i = 0; i < c->how.topics->n && result == 0; i++) {
		const struct rd_kafka_metadata *md;
		struct kt_err ignored;
		if (kt_client_metadata(c->client, c->how.topics->v[i], KT_LOOK_MS, &md, &ignored) < 0)
			break;
		const struct rd_kafka_metadata_topic *t = &md->topics[0];
		gone |= t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		if (t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && c->gone)
			result = kt_client_topic_error(c->client, c->how.topics->v[i], t->err, err);
		else if (!t->err && takes_all)
			result = read_added(c, t, err);
		rd_kafka_metadata_destroy(md);
	}
	c->gone = gone;
	c->look_us = kt_clock_us() + (gone ? KT_LOOK_MS : c->refresh_ms) * 1000;
	return result;
}
