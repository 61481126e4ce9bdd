/* How far one partition has come: which of its records were read and not finished, and so what may be committed.
 *
 *   kt_workwindow_init(&w, max_ahead, start)
 *   if (kt_workwindow_has_room(&w))
 *           serial = kt_workwindow_add(&w, offset);
 *   kt_workwindow_finish(&w, serial)                   in any order
 *   commit(kt_workwindow_ask(&w)) … kt_workwindow_committed(&w)
 *   kt_workwindow_fini(&w)
 *
 * It counts records, not offsets: what compaction, retention and transactions leave out takes no room. The room counts
 * from the last commit that was acknowledged, so that after a hard kill no more than max_ahead finished records come
 * again.
 */
#ifndef KT_WORKWINDOW_H
#define KT_WORKWINDOW_H

#include "base.h"

struct kt_workwindow {
	int64_t committed; /* acknowledged: all before it is finished; -1: nothing is known */
	int64_t asked;     /* what the commit that was asked for last is to make of that */
	/* The rest is workwindow.c's own. */
	int64_t end;               /* everything before it was read */
	uint64_t asked_low;        /* what was the oldest not finished then */
	int64_t *offsets;          /* a ring of cap records, as the next */
	unsigned char *states;     /* of enum kt_workwindow_state */
	uint64_t first, low, next; /* serials: oldest not committed, oldest not finished, of the next record */
	size_t cap;
};

enum kt_workwindow_state { KT_WORKWINDOW_READ, KT_WORKWINDOW_HANDED, KT_WORKWINDOW_FINISHED };

/* start: where the partition is read from, -1: not known. max_ahead: 1 at least. */
void kt_workwindow_init(struct kt_workwindow *w, size_t max_ahead, int64_t start);

bool kt_workwindow_has_room(const struct kt_workwindow *w);

/* A record was read, above all before it; there is room. Returns its serial number. */
uint64_t kt_workwindow_add(struct kt_workwindow *w, int64_t offset);

/* The partition's end was reached: what lies before it and was not read is not a record. */
void kt_workwindow_ended(struct kt_workwindow *w, int64_t offset);

/* It was handed out, at least once; it is finished. */
void kt_workwindow_handed(struct kt_workwindow *w, uint64_t serial);
void kt_workwindow_finish(struct kt_workwindow *w, uint64_t serial);

/* The offset that may be committed: that of the first record that is not finished. -1: not known. */
int64_t kt_workwindow_position(const struct kt_workwindow *w);

/* The same, and a commit of it is asked for now: the only one at this time. */
int64_t kt_workwindow_ask(struct kt_workwindow *w);

/* That commit was acknowledged. */
void kt_workwindow_committed(struct kt_workwindow *w);

/* How many are finished and not committed. */
uint64_t kt_workwindow_uncommitted(const struct kt_workwindow *w);

/* Whether a commit should not wait for its time: half of the room is taken by finished records. */
bool kt_workwindow_is_urgent(const struct kt_workwindow *w);

/* How many were handed out, and will be again by a member that goes on from that offset. */
uint64_t kt_workwindow_handed_after(const struct kt_workwindow *w, int64_t offset);

void kt_workwindow_fini(struct kt_workwindow *w);

#endif
