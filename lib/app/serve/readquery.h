/* What the query of a request for records says.
 *
 *   struct kt_readquery q = {.max_bytes = 1 << 20, .most_bytes = 8 << 20};
 *   if (kt_readquery_parse(&q, "/consume/t?offset=0:43,1:7&count=100", false, err) < 0) … 400 …
 *
 * offset: beginning, end, N, -N (the last N of each partition), @TIME (as in when.h: the first record at or after it),
 * or PARTITION:N,…, as an answer's Kt-Next has it: there partitions that are not named begin at their beginning.
 * partition may be repeated. timeout is in ms.
 */
#ifndef KT_READQUERY_H
#define KT_READQUERY_H

#include "err.h"
#include "offsets.h"

/* READ_PARTITIONS: what a request can name and an answer's head can hold. */
enum {
	KT_READ_PARTITIONS = 256,
	KT_READ_COUNT = 500,
	KT_READ_MOST = 100000,
	KT_READ_MS = 1000,
	KT_READ_MOST_MS = 60000
};

struct kt_readquery_start {
	int32_t partition;
	int64_t offset;
};

struct kt_readquery {
	int32_t partitions[KT_READ_PARTITIONS]; /* none: all */
	size_t n_partitions;
	struct kt_readquery_start starts[KT_READ_PARTITIONS];
	size_t n_starts;
	struct kt_place from; /* of the others */
	int64_t count, timeout_ms, max_bytes;
	int64_t most_bytes; /* that max_bytes may be */
};

/* Fills in what is not said, too. one: of a partition that the path names, so that offset is a single place and
 * partition no parameter. KT_USAGE. */
int kt_readquery_parse(struct kt_readquery *q, const char *target, bool one, struct kt_err *err) kt_must_check;

/* The values of offset and of partition alone. */
int kt_readquery_offset(struct kt_readquery *q, const char *text, bool one, struct kt_err *err) kt_must_check;
int kt_readquery_partition(struct kt_readquery *q, const char *text, struct kt_err *err) kt_must_check;

/* Where a partition begins. */
struct kt_place kt_readquery_from(const struct kt_readquery *q, int32_t partition);

#endif
