/* The records of all partitions in the order of their timestamps. Each partition has a queue of its own, which the
 * library fills up to a bound and then leaves alone; the next record is the earliest of their first ones. So none is
 * given out while a partition that has more before its end shows nothing: whoever does not know its first record does
 * not know the earliest. Within a partition the order is the log's, whatever the timestamps are.
 *
 * Nothing is paused or sought, see librdkafka's notes on reading in batches: what is not taken stays in its queue. */
#include "intake.h"

#include "mem.h"

enum { LANE = 500 };

struct lane {
	size_t place;    /* of its partition */
	bool open;       /* there is more before the end */
	bool was_long;   /* its fetcher may have gone to sleep, see fetchnudge.h */
	int64_t at_ms;   /* of its first record; INT64_MIN: what is no record, or lies behind the end, goes first */
	size_t n, given; /* in batch */
	rd_kafka_message_t *batch[LANE];
};

struct kt_merge {
	size_t n, n_heads;
	struct lane *lanes;
	struct lane **heap; /* those that show a record, the earliest in front */
};

void kt_merge_start(struct kt_consumer *c)
{
	struct kt_merge *m = c->merge = kt_calloc(1, sizeof(*m));
	m->n = c->parts.n;
	m->lanes = kt_calloc(m->n, sizeof(*m->lanes));
	m->heap = kt_calloc(m->n, sizeof(struct lane *));
	for (size_t i = 0; i < m->n; i++)
		m->lanes[i] = (struct lane){.place = i, .open = !c->parts.v[i].done};
}

void kt_merge_free(struct kt_merge **at)
{
	struct kt_merge *m = *at;
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		for (size_t j = m->lanes[i].given; j < m->lanes[i].n; j++)
			rd_kafka_message_destroy(m->lanes[i].batch[j]);
	free(m->lanes);
	free(m->heap);
	free(m);
	*at = NULL;
}

static bool has_head(const struct lane *lane)
{
	return lane->given < lane->n;
}

/* Records of the same time come in the order of their partitions. */
static bool is_before(const struct lane *a, const struct lane *b)
{
	return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->place < b->place);
}

static void sift_down(struct kt_merge *m)
{
	struct lane *moved = m->heap[0];
	size_t at = 0;
	for (size_t child; (child = 2 * at + 1) < m->n_heads; at = child) {
		if (child + 1 < m->n_heads && is_before(m->heap[child + 1], m->heap[child]))
			child++;
		if (!is_before(m->heap[child], moved))
			break;
		m->heap[at] = m->heap[child];
	}
	m->heap[at] = moved;
}

static void push(struct kt_merge *m, struct lane *lane)
{
	size_t at = m->n_heads++;
	for (; at && is_before(lane, m->heap[(at - 1) / 2]); at = (at - 1) / 2)
		m->heap[at] = m->heap[(at - 1) / 2];
	m->heap[at] = lane;
}

/* Takes the first lane out of the heap when it shows nothing more, or else to its new place. */
static void settle_first(struct kt_merge *m)
{
	if (!has_head(m->heap[0]))
		m->heap[0] = m->heap[--m->n_heads];
	if (m->n_heads)
		sift_down(m);
}

/* Whether so much was waiting that the library may have stopped fetching. */
static bool is_long(const struct kt_consumer *c, const struct lane *lane)
{
	int64_t bytes = 0;
	for (size_t i = 0; i < lane->n; i++)
		bytes += (int64_t)lane->batch[i]->len;
	return lane->n == LANE || bytes >= c->refill.most_bytes / 2;
}

/* Whether the lane shows something, from its queue where nothing is in hand. */
static bool look(struct kt_consumer *c, struct lane *lane)
{
	const struct kt_partition *part = &c->parts.v[lane->place];
	rd_kafka_timestamp_type_t type;
	if (!has_head(lane)) {
		ssize_t got = rd_kafka_consume_batch_queue(part->queue, 0, lane->batch, LANE);
		lane->n = got > 0 ? (size_t)got : 0;
		lane->given = 0;
		lane->was_long |= is_long(c, lane);
	}
	if (!has_head(lane))
		return false;
	const rd_kafka_message_t *head = lane->batch[lane->given];
	bool goes_first = head->err || head->offset >= part->end;
	lane->at_ms = goes_first ? INT64_MIN : rd_kafka_message_timestamp(head, &type);
	return true;
}

/* The lane's first message goes into the consumer's batch. With the last one before the end the rest is of no interest.
 */
static void give(struct kt_consumer *c, struct lane *lane)
{
	const struct kt_partition *part = &c->parts.v[lane->place];
	rd_kafka_message_t *m = c->batch[c->n++] = lane->batch[lane->given++];
	bool at_end = m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && m->offset >= part->end;
	lane->open = !at_end && (m->err || m->offset + 1 < part->end);
	while (!lane->open && has_head(lane))
		rd_kafka_message_destroy(lane->batch[lane->given++]);
}

/* Whether nothing can be given out before this lane shows a record. One that cannot be unpacked is not waited for: that
 * it was not read to its end is what the run ends with. */
static bool is_waited_for(const struct kt_consumer *c, const struct lane *lane)
{
	return lane->open && !has_head(lane) && !c->parts.v[lane->place].broken;
}

const struct kt_partition *kt_merge_waits_for(const struct kt_consumer *c)
{
	for (size_t i = 0; i < c->merge->n; i++)
		if (is_waited_for(c, &c->merge->lanes[i]))
			return &c->parts.v[c->merge->lanes[i].place];
	return NULL;
}

static void look_at_all(struct kt_consumer *c)
{
	struct kt_merge *m = c->merge;
	for (size_t i = 0; i < m->n; i++)
		if (m->lanes[i].open && !has_head(&m->lanes[i]) && look(c, &m->lanes[i]))
			push(m, &m->lanes[i]);
}

/* An empty queue after a full one: its fetcher may not have seen that yet. */
static void nudge(struct kt_consumer *c)
{
	for (size_t i = 0; i < c->merge->n; i++) {
		struct lane *lane = &c->merge->lanes[i];
		if (!is_waited_for(c, lane) || !lane->was_long)
			continue;
		lane->was_long = false;
		kt_fetchnudge_one(&c->refill, c->rk, &c->parts.v[lane->place]);
	}
}

size_t kt_merge_take(struct kt_consumer *c, size_t most)
{
	struct kt_merge *m = c->merge;
	size_t before = c->n;
	look_at_all(c);
	bool waits = kt_merge_waits_for(c) != NULL;
	while (!waits && m->n_heads && c->n - before < most) {
		struct lane *lane = m->heap[0];
		give(c, lane);
		if (lane->open)
			look(c, lane);
		settle_first(m);
		waits = is_waited_for(c, lane);
	}
	if (waits)
		nudge(c);
	return c->n - before;
}
