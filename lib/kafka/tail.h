/* Where the last N records of a partition begin. Offsets alone do not tell: transactions and compaction leave holes, so
 * the end of the log is read, and where it holds fewer than N, what is before it.
 *
 *   struct kt_tail tails[] = {{part, 5}};
 *   if (kt_tail_find(client, tails, 1, timeout_ms, err) < 0) …             part->start: of the fifth last record
 */
#ifndef KT_TAIL_H
#define KT_TAIL_H

#include "client.h"
#include "partitions.h"

struct kt_tail {
	struct kt_partition *part; /* whose begin and log_end are known */
	int64_t records;
};

/* Sets each start, which is begin where there are not so many records. Reads with a handle of its own, which is in no
 * group. KT_UNREACHABLE when nothing comes for timeout_ms. */
int kt_tail_find(struct kt_client *c, const struct kt_tail *tails, size_t n, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

#endif
