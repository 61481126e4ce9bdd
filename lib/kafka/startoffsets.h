/* Decides where each partition starts and ends, before anything is fetched: one request per leader for all partitions
 * at once, so that `-e` can stop by position and the start positions can be told.
 */
#ifndef KT_STARTOFFSETS_H
#define KT_STARTOFFSETS_H

#include "client.h"
#include "offsets.h"
#include "partitions.h"

enum kt_reset { KT_RESET_EARLIEST, KT_RESET_LATEST, KT_RESET_NONE };

/* Where one partition starts. */
struct kt_start {
	int32_t partition;
	struct kt_place place;
	const char *topic; /* NULL: the partition of that number of each topic */
};

struct kt_startoffsets_how {
	struct kt_span span;           /* -o; KT_AT_DEFAULT or KT_AT_STORED: the committed offset, else reset */
	const struct kt_start *starts; /* these differ from span.start: no times */
	size_t n_starts;
	enum kt_reset reset;
	bool group;   /* there may be committed offsets */
	bool running; /* the run has begun: span.start counts no more, the group goes on where it is */
	int64_t timeout_ms;
};

/* Fills begin, end, start, next, why and done of the n given entries. KT_FAILED with a hint when reset is
 * KT_RESET_NONE and there is no committed offset (or it has expired); KT_UNREACHABLE when no answer comes. */
int kt_startoffsets_resolve(struct kt_client *c, struct kt_partition *const *parts, size_t n,
	const struct kt_startoffsets_how *how, struct kt_err *err) kt_must_check;

#endif
