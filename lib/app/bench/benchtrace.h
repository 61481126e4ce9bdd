/* The records of `kt bench e2e` by their numbers: which were acknowledged, which came, which came twice, and whether
 * those of a partition came in the order in which they were sent.
 *
 *   kt_auto(kt_benchtrace_fini) struct kt_benchtrace trace = {0};
 *   kt_benchtrace_acked(&trace, number);
 *   kt_benchtrace_came(&trace, partition, number)
 *   kt_benchtrace_lost(&trace)
 *
 * And what stands in front of each value: the run, the number, and when it was meant to be sent.
 */
#ifndef KT_BENCHTRACE_H
#define KT_BENCHTRACE_H

#include "buf.h"

enum { KT_BENCHTRACE_AHEAD = 1 << 24, KT_BENCHTRACE_HEAD = 48 /* bytes */ };

struct kt_benchtrace_head {
	uint64_t run, number;
	int64_t clock_us; /* of kt_clock_us() on the host of that boot */
	int64_t wall_us;  /* since the epoch */
	uint64_t boot;
};

struct kt_benchtrace {
	uint64_t *came, *acked; /* a bit each */
	size_t came_cap, acked_cap;
	int64_t *last; /* per partition, the highest number so far, plus one */
	size_t last_cap;
	int64_t end; /* above all numbers that were seen */
	int64_t n_came, n_acked, twice, unordered;
	int64_t both; /* came and acknowledged */
};

/* Writes KT_BENCHTRACE_HEAD bytes; reads them: false when the value has no such head. */
void kt_benchtrace_write(char *to, const struct kt_benchtrace_head *head);
bool kt_benchtrace_read(struct kt_benchtrace_head *head, struct kt_bytes value);

/* What tells this host's clock from those of others: it is a new one after each start of the machine. */
uint64_t kt_benchtrace_boot(void);

void kt_benchtrace_acked(struct kt_benchtrace *t, uint64_t number);

/* False: the number is too far from all others to be one of this run. */
bool kt_benchtrace_came(struct kt_benchtrace *t, int32_t partition, uint64_t number);

/* Acknowledged, and did not come. */
int64_t kt_benchtrace_lost(const struct kt_benchtrace *t);

/* Numbers below the highest that did not come: for who reads only. */
int64_t kt_benchtrace_missing(const struct kt_benchtrace *t);

void kt_benchtrace_fini(struct kt_benchtrace *t);

#endif
