/* Exactly once: what was copied and how far that is are one transaction at the destination.
 *
 *   kt_copyexact_open(&x, &how, err)                       fences a twin, and reads how far it has come
 *   kt_copyexact_starts(x, &reading, err)                  the reader goes on there
 *   kt_copyexact_check(x, parts, err)                      that these are still the same logs; takes their starts over
 *   kt_copyexact_begin(x, err)                             unless a transaction is open; before each record
 *   kt_copyexact_passed(x, partition, next)                when its copy is acknowledged
 *   if (kt_copyexact_is_due(x, …)) kt_copyexact_commit(x, …)
 *   kt_copyexact_close(x)
 *
 * The place is kept at the destination, for a group of its own: `kt-copy.CLUSTER.SRC`, as offsets of (DST, partition),
 * since a cluster keeps offsets of no topics but its own. On one cluster a group of the user's is kept as usual, of
 * (SRC, partition). transactional.id is made of all that tells one copy from another, so a second copy ends the first.
 *
 * A group without members forgets what was committed longer ago than offsets.retention.minutes, a week by default: all
 * of it is committed again at each start and twice a day. Where only some of it is there, nothing can be trusted.
 */
#ifndef KT_COPYEXACT_H
#define KT_COPYEXACT_H

#include "copyends.h"
#include "producer.h"
#include "reading.h"

struct kt_copyexact;

/* For how long a commit may be tried, and what has begun be finished once the run has been told to stop. */
enum { KT_COPY_COMMIT_MS = 60000, KT_COPY_STOPPED_MS = 5000 };

struct kt_copyexact_how {
	const struct kt_owner *owner;
	const struct kt_copyends *ends;
	struct kt_producer *producer;
	const char *group; /* NULL: the copy's own */
	int64_t timeout_ms;
};

/* transactional.id of such a copy into the settings of its destination, unless the user has named one. */
void kt_copyexact_name(struct kt_copyends *ends, const char *group);

int kt_copyexact_open(struct kt_copyexact **out, const struct kt_copyexact_how *how, struct kt_err *err) kt_must_check;

/* Where -o names a place it counts for partitions of which nothing is kept. KT_FAILED where that is missing. */
int kt_copyexact_starts(struct kt_copyexact *x, struct kt_reading *reading, struct kt_err *err) kt_must_check;
int kt_copyexact_check(struct kt_copyexact *x, const struct kt_partitions *parts, struct kt_err *err) kt_must_check;

int kt_copyexact_begin(struct kt_copyexact *x, struct kt_err *err) kt_must_check;

/* What the next record of the partition is to be at least, or -1: the partition is new. */
int64_t kt_copyexact_next(const struct kt_copyexact *x, int32_t partition);
void kt_copyexact_passed(struct kt_copyexact *x, int32_t partition, int64_t next);

/* A transaction is old or large enough to be committed; or it is time to commit what has not changed. behind: there is
 * more to copy already. */
bool kt_copyexact_is_due(const struct kt_copyexact *x, int64_t records, bool behind);

/* How long until that is so by itself. */
int64_t kt_copyexact_due_ms(const struct kt_copyexact *x, bool behind);

bool kt_copyexact_is_open(const struct kt_copyexact *x);

/* Waits for the records of the transaction, and commits it; or aborts it. */
int kt_copyexact_commit(struct kt_copyexact *x, struct kt_err *err) kt_must_check;
void kt_copyexact_abort(struct kt_copyexact *x);

/* At the end: until what it committed to the topics can be read. */
void kt_copyexact_settle(const struct kt_copyexact *x, const struct kt_strs *topics);

/* Says what ended the run, where that was another copy. */
void kt_copyexact_explain(const struct kt_copyexact *x, struct kt_err *err);

/* NULL is allowed. */
void kt_copyexact_close(struct kt_copyexact *x);

#endif
