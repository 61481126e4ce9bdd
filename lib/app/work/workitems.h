/* The records in work, and which of them may be handed out now: as many of a lane at a time as it is deep. A lane is a
 * partition, or the keys that share a number, or there is none. A record that waits for its retry keeps its lane, or
 * those after it would overtake it.
 *
 *   struct kt_workitem *item = kt_workitems_add(&items, &read, lane)    it is ready, or stands in line
 *   while ((item = kt_workitems_next(&items)))                          the oldest that is ready
 *           … hand it out … or kt_workitems_put_aside(&items, item)
 *   kt_workitems_put_back(&items)
 *   kt_workitems_retry(&items, item, due_us)      kt_workitems_due() gives it back: it is ready again
 *   kt_workitems_leave_lane(&items, item)         the next of its lane may come
 *   kt_workitems_remove(&items, item)
 *
 * An item stays where it is until it is removed, and can be found by its number.
 */
#ifndef KT_WORKITEMS_H
#define KT_WORKITEMS_H

#include "buf.h"
#include "duequeue.h"
#include "member.h"

#define KT_WORKITEM_NONE UINT32_MAX

enum kt_workitem_state {
	KT_WORKITEM_READY,   /* may be handed out */
	KT_WORKITEM_IN_LINE, /* after others of its lane */
	KT_WORKITEM_RUNNING,
	KT_WORKITEM_WAITING, /* for its next attempt */
	KT_WORKITEM_SENDING, /* what became of it is being written */
};

/* What is written of an item, in this order. */
enum kt_workitem_stage { KT_WORKITEM_RESULT, KT_WORKITEM_LETTER, KT_WORKITEM_NOTICE, KT_WORKITEM_OVER };

/* How its last attempt ended; filled in by what ran it. */
struct kt_workitem_ending {
	int end;             /* enum kt_workend */
	int code;            /* exit status, signal, HTTP's status */
	int action;          /* enum kt_workaction */
	int64_t delay_ms;    /* of a retry, told by the answer; -1: none */
	bool decided;        /* a worker said what is to happen: action counts, and not the status */
	struct kt_buf out;   /* its result */
	struct kt_buf words; /* the end of what it said on stderr, or the reason it gave */
};

struct kt_workitem {
	struct kt_member_read read;
	uint32_t number;
	uint32_t part; /* the owner's number of its partition */
	uint64_t serial;
	uint32_t lane; /* KT_WORKITEM_NONE: none, or it has left */
	enum kt_workitem_state state;
	bool orphan;    /* its partition is somebody else's: whatever becomes of it does not count */
	bool uncharged; /* its last attempt is not counted: it was not the one at fault */
	int64_t attempt, read_us, started_us;
	int64_t started_ms, ended_ms; /* of the clock on the wall, where they are told */
	struct kt_workitem_ending ending;
	/* For the writer: */
	enum kt_workitem_stage stage;
	unsigned unacknowledged; /* records of the stage that are on their way */
	int cut;                 /* how much was left out of its dead letter */
	size_t sent;             /* bytes of the result that are sent */
	bool stuck;              /* the queue was full */
	/* workitems.c's own: */
	uint32_t next;
	size_t bytes; /* of the record, about */
};

struct kt_workline {
	uint32_t first, last, inside; /* inside: of a lane, how many have left the line and not the lane */
};

struct kt_workitems {
	struct kt_workitem **v; /* by number; NULL: free */
	uint32_t *free;
	size_t n, cap, n_free, free_cap;
	struct kt_workline ready, aside, *lanes;
	size_t n_lanes;
	uint32_t depth;
	struct kt_duequeue due;
	size_t count, n_ready, n_waiting; /* items; of them ready, or waiting for a retry */
	size_t bytes;                     /* of the records, about */
};

/* depth: how many of a lane may be in work at a time. */
void kt_workitems_init(struct kt_workitems *items, size_t n_lanes, uint32_t depth);

/* Lanes of higher numbers are added. */
void kt_workitems_lanes(struct kt_workitems *items, size_t n_lanes);

/* Takes what was read. lane: below the number of lanes, or KT_WORKITEM_NONE. */
struct kt_workitem *kt_workitems_add(struct kt_workitems *items, struct kt_member_read *read, uint32_t lane);

/* Whether another record of the lane could be handed out at once. */
bool kt_workitems_has_room(const struct kt_workitems *items, uint32_t lane);

/* The oldest that is ready, which is then running; NULL when there is none. */
struct kt_workitem *kt_workitems_next(struct kt_workitems *items);

/* It could not be handed out after all, and is put aside: those after it may have more luck. Before anything else
 * becomes of the items all of those are put back, and stand first again. */
void kt_workitems_put_aside(struct kt_workitems *items, struct kt_workitem *item);
void kt_workitems_put_back(struct kt_workitems *items);

/* It waits until due_us. */
void kt_workitems_retry(struct kt_workitems *items, struct kt_workitem *item, int64_t due_us);

/* Makes all ready whose time has come. Returns when the next one is due, INT64_MAX when none waits. */
int64_t kt_workitems_due(struct kt_workitems *items, int64_t now_us);

void kt_workitems_leave_lane(struct kt_workitems *items, struct kt_workitem *item);

/* Its partition was given up. One that is not running and not being written is gone after this; the others stay until
 * they are removed. */
void kt_workitems_orphan(struct kt_workitems *items, struct kt_workitem *item);

/* The item of a number. */
static inline struct kt_workitem *kt_workitems_at(const struct kt_workitems *items, uint32_t number)
{
	return items->v[number];
}

void kt_workitems_remove(struct kt_workitems *items, struct kt_workitem *item);

void kt_workitems_fini(struct kt_workitems *items);

#endif
