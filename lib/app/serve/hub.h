/* A topic that is read once for all who listen to it: its latest records in a ring, in which each of them is at a place
 * of its own.
 *
 *   struct kt_hub *hub = kt_hub_new(follow, "chat");
 *   if (kt_hub_turn(hub)) … there are more records: wake those who listen …
 *   kt_hub_join(hub, &l->member);                     with what comes from now on
 *   if (kt_hub_has(hub, &where)) kt_hub_join_at(hub, &l->member, hub->join_first);     or with what the ring has
 *   kt_hub_leave(hub, &l->member);
 *   kt_hub_free(hub);
 *
 * Who is behind the ring's first record has to be let go: kt_hub_is_behind(). Nothing more is read while all of them
 * are more than half a ring behind, so that a topic that is fast and a single listener that is slow get along.
 */
#ifndef KT_HUB_H
#define KT_HUB_H

#include "follow.h"
#include "readquery.h"
#include "ring.h"

struct kt_websocket;

struct kt_hub_member {
	struct kt_hub_member *next, **link;
	uint64_t at;             /* the number of the record that it gets next; moved by its owner */
	struct kt_websocket *ws; /* that is to be woken when there are more; NULL: none */
};

struct kt_hub {
	struct kt_followed *followed; /* NULL: of no topic */
	struct kt_ring ring;
	struct kt_hub_member *members;
	int64_t *low; /* by partition: from this offset on, all records are in the ring, at join_first and behind it; */
	size_t n_low, cap_low; /* KT_FOLLOW_UNKNOWN: it is not known yet */
	uint64_t join_first;
	unsigned era;
	struct kt_buf id;     /* of the record that came last */
	bool texts[KT_TEXTS]; /* that are made of records */
	bool more;            /* there may be records that were not taken yet, of which nothing else tells */
};

/* Both NULL: of no topic, for what is put there. */
struct kt_hub *kt_hub_new(struct kt_follow *follow, const char *topic);

/* A record without a topic. */
void kt_hub_put(struct kt_hub *hub, const struct kt_record *record);

/* Those who have a WebSocket send what there is for them. */
void kt_hub_wake(struct kt_hub *hub);

/* Takes what came; true: that was something. */
bool kt_hub_turn(struct kt_hub *hub);

/* There is more to take, and somebody to take it for: the next turn is not to be put off. */
bool kt_hub_is_eager(const struct kt_hub *hub);

void kt_hub_join(struct kt_hub *hub, struct kt_hub_member *member);
void kt_hub_join_at(struct kt_hub *hub, struct kt_hub_member *member, uint64_t at);

/* All that a listener from these positions on has not seen is in the ring. */
bool kt_hub_has(const struct kt_hub *hub, const struct kt_readquery *where);

bool kt_hub_is_behind(const struct kt_hub *hub, const struct kt_hub_member *member);

/* The most records that one of the members is behind. */
uint64_t kt_hub_lag(const struct kt_hub *hub);

/* Appends the positions of all partitions whose logs' ends are known: an event's id. */
void kt_hub_position(const struct kt_hub *hub, struct kt_buf *out);

/* Does nothing for one that is not a member. */
void kt_hub_leave(struct kt_hub_member *member);

/* It has no members. */
void kt_hub_free(struct kt_hub *hub);

#endif
