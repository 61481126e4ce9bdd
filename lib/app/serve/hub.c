#include "hub.h"

#include "chat.h"
#include "eventtext.h"
#include "mem.h"
#include "socketiopacket.h"
#include "websocket.h"

/* TAKE: messages in a turn of the loop, so that what else there is to do comes in between. */
enum { TAKE = 1000 };

struct kt_hub *kt_hub_new(struct kt_follow *follow, const char *topic)
{
	struct kt_hub *hub = kt_calloc(1, sizeof(*hub));
	hub->followed = follow ? kt_follow_begin(follow, topic) : NULL;
	return hub;
}

void kt_hub_position(const struct kt_hub *hub, struct kt_buf *out)
{
	const struct kt_followed *t = hub->followed;
	for (size_t i = 0; i < t->n_parts; i++)
		if (t->parts[i].next != KT_FOLLOW_UNKNOWN)
			kt_eventtext_position(out, i, t->parts[i].next);
}

/* Positions have gone back, or there are more partitions: from here on other offsets count. */
static void look_at_log(struct kt_hub *hub)
{
	const struct kt_followed *t = hub->followed;
	if (t->era != hub->era) {
		hub->era = t->era;
		hub->join_first = hub->ring.end;
		hub->n_low = 0;
	}
	hub->low = kt_grow(hub->low, &hub->cap_low, t->n_parts, sizeof(*hub->low));
	while (hub->n_low < t->n_parts)
		hub->low[hub->n_low++] = KT_FOLLOW_UNKNOWN;
}

static void drop_oldest(struct kt_hub *hub)
{
	bool joins = hub->n_low && hub->ring.first >= hub->join_first;
	struct kt_streamed *r = kt_ring_drop(&hub->ring);
	if (joins) {
		hub->low[r->partition] = r->offset + 1;
		hub->join_first = hub->ring.first;
	}
	kt_streamed_unref(r);
}

void kt_hub_put(struct kt_hub *hub, const struct kt_record *record)
{
	static bool (*const makes[KT_TEXTS])(struct kt_buf * out, const struct kt_record *record) = {
		[KT_TEXT_CHAT] = kt_chat_of_record, [KT_TEXT_SOCKETIO] = kt_socketio_of_record};
	struct kt_buf made[KT_TEXTS] = {0};
	struct kt_bytes texts[KT_TEXTS] = {0};
	for (size_t i = 0; i < KT_TEXTS; i++)
		if (hub->texts[i] && makes[i](&made[i], record))
			texts[i] = (struct kt_bytes){made[i].data, made[i].len};
	kt_ring_put(&hub->ring, kt_streamed_new((struct kt_bytes){hub->id.data, hub->id.len}, record, texts));
	for (size_t i = 0; i < KT_TEXTS; i++)
		kt_buf_fini(&made[i]);
	while (kt_ring_is_over(&hub->ring))
		drop_oldest(hub);
}

static void take_record(void *user, const struct kt_record *record)
{
	struct kt_hub *hub = user;
	look_at_log(hub);
	if (hub->low[record->partition] == KT_FOLLOW_UNKNOWN)
		hub->low[record->partition] = record->offset;
	hub->id.len = 0;
	kt_hub_position(hub, &hub->id);
	kt_hub_put(hub, record);
}

void kt_hub_wake(struct kt_hub *hub)
{
	for (struct kt_hub_member *m = hub->members, *next; m; m = next) {
		next = m->next;
		if (m->ws)
			kt_websocket_wake(m->ws);
	}
}

/* All who listen are far behind. */
static bool is_held(const struct kt_hub *hub)
{
	for (const struct kt_hub_member *m = hub->members; m; m = m->next)
		if (m->at >= hub->ring.first && hub->ring.end - m->at <= KT_RING_RECORDS / 2 &&
			kt_ring_left(&hub->ring, m->at) <= KT_RING_BYTES / 2)
			return false;
	return hub->members;
}

bool kt_hub_turn(struct kt_hub *hub)
{
	uint64_t before = hub->ring.end;
	bool held = is_held(hub);
	size_t taken = held ? 0 : kt_followed_take(hub->followed, TAKE, take_record, hub);
	/* The descriptor tells of the first record in a queue that was empty, and of no other one. */
	hub->more = held || taken == TAKE;
	look_at_log(hub);
	for (size_t i = 0; i < hub->n_low; i++)
		if (hub->low[i] == KT_FOLLOW_UNKNOWN)
			hub->low[i] = hub->followed->parts[i].next;
	return taken > 0 || hub->ring.end != before;
}

bool kt_hub_is_eager(const struct kt_hub *hub)
{
	return hub->more && !is_held(hub);
}

void kt_hub_join_at(struct kt_hub *hub, struct kt_hub_member *member, uint64_t at)
{
	*member = (struct kt_hub_member){.next = hub->members, .link = &hub->members, .at = at, .ws = member->ws};
	if (hub->members)
		hub->members->link = &member->next;
	hub->members = member;
}

void kt_hub_join(struct kt_hub *hub, struct kt_hub_member *member)
{
	kt_hub_join_at(hub, member, hub->ring.end);
}

void kt_hub_leave(struct kt_hub_member *member)
{
	if (!member->link)
		return;
	*member->link = member->next;
	if (member->next)
		member->next->link = member->link;
	member->link = NULL;
}

/* A partition that the query does not name begins at its beginning, which is in the ring only if that holds all of it;
 * one whose end is not known may be anywhere, and a position behind the last record is of a log that is no more. */
static bool has_from(const struct kt_hub *hub, const struct kt_readquery *where, int32_t partition)
{
	struct kt_place from = kt_readquery_from(where, partition);
	return (size_t)partition < hub->n_low && hub->low[partition] != KT_FOLLOW_UNKNOWN &&
	       from.where == KT_AT_OFFSET && from.n >= hub->low[partition] &&
	       from.n <= hub->followed->parts[partition].next;
}

bool kt_hub_has(const struct kt_hub *hub, const struct kt_readquery *where)
{
	bool all = !where->n_partitions;
	size_t n = all ? hub->n_low : where->n_partitions;
	for (size_t i = 0; i < n; i++)
		if (!has_from(hub, where, all ? (int32_t)i : where->partitions[i]))
			return false;
	return hub->followed->found && !hub->followed->gone;
}

bool kt_hub_is_behind(const struct kt_hub *hub, const struct kt_hub_member *member)
{
	return member->at < hub->ring.first;
}

uint64_t kt_hub_lag(const struct kt_hub *hub)
{
	uint64_t lag = 0;
	for (const struct kt_hub_member *m = hub->members; m; m = m->next)
		lag = hub->ring.end - m->at > lag ? hub->ring.end - m->at : lag;
	return lag;
}

void kt_hub_free(struct kt_hub *hub)
{
	if (!hub)
		return;
	if (hub->followed)
		kt_follow_end(hub->followed);
	kt_ring_fini(&hub->ring);
	kt_buf_fini(&hub->id);
	free(hub->low);
	free(hub);
}
