/* How values are distributed, to less than one per cent and in fixed memory: 128 buckets for each doubling, the first
 * 256 numbers exact. Starts as {0}.
 *
 *   kt_histogram_add(&latency, us);
 *   kt_histogram_at(&latency, 0.99)                      the value that 99 % of all do not exceed
 */
#ifndef KT_HISTOGRAM_H
#define KT_HISTOGRAM_H

#include "base.h"

enum {
	KT_HISTOGRAM_STEPS = 128,
	KT_HISTOGRAM_BUCKETS = 36 * KT_HISTOGRAM_STEPS, /* up to 2^42: 50 days of microseconds */
};

struct kt_histogram {
	int64_t n, sum, max;
	int64_t buckets[KT_HISTOGRAM_BUCKETS];
};

/* Negative values count as 0; what is beyond the last bucket counts there. */
void kt_histogram_add(struct kt_histogram *h, int64_t value);

/* The upper end of the bucket in which the value at that share (0 to 1) of all lies, at most max; 0 when there is none.
 */
int64_t kt_histogram_at(const struct kt_histogram *h, double share);

/* How many values are at most this, give or take its bucket. */
int64_t kt_histogram_up_to(const struct kt_histogram *h, int64_t value);

/* Adds what from holds. */
void kt_histogram_merge(struct kt_histogram *h, const struct kt_histogram *from);

/* Of nothing 0. The standard deviation is that of the buckets' ends, over n. */
double kt_histogram_mean(const struct kt_histogram *h);
double kt_histogram_deviation(const struct kt_histogram *h);

/* The largest value of a bucket. */
int64_t kt_histogram_end(size_t bucket);

#endif
