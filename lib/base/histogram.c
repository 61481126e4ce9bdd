#include "histogram.h"

#include <math.h>

/* The first 2 * STEPS numbers have a bucket each; then each doubling has STEPS buckets of twice the width. */
static size_t bucket_of(int64_t value)
{
	uint64_t n = value > 0 ? (uint64_t)value : 0;
	int above = n < 2 * KT_HISTOGRAM_STEPS ? 0 : 63 - __builtin_clzll(n / (2 * KT_HISTOGRAM_STEPS)) + 1;
	size_t bucket = (size_t)above * KT_HISTOGRAM_STEPS + (size_t)(n >> above);
	return bucket < KT_HISTOGRAM_BUCKETS ? bucket : KT_HISTOGRAM_BUCKETS - 1;
}

int64_t kt_histogram_end(size_t bucket)
{
	if (bucket < 2 * KT_HISTOGRAM_STEPS)
		return (int64_t)bucket;
	size_t above = bucket / KT_HISTOGRAM_STEPS - 1;
	return (int64_t)((bucket - above * KT_HISTOGRAM_STEPS + 1) << above) - 1;
}

void kt_histogram_add(struct kt_histogram *h, int64_t value)
{
	value = value > 0 ? value : 0;
	h->n++;
	h->sum += value;
	h->max = value > h->max ? value : h->max;
	h->buckets[bucket_of(value)]++;
}

int64_t kt_histogram_at(const struct kt_histogram *h, double share)
{
	int64_t seen = 0, wanted = (int64_t)(share * (double)h->n);
	/* Rounded up: half of three values are reached with the second. */
	wanted += (double)wanted < share * (double)h->n;
	wanted = wanted > 0 ? wanted : 1;
	for (size_t i = 0; h->n && i < KT_HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= wanted)
			return kt_histogram_end(i) < h->max ? kt_histogram_end(i) : h->max;
	}
	return h->max;
}

int64_t kt_histogram_up_to(const struct kt_histogram *h, int64_t value)
{
	int64_t seen = 0;
	for (size_t i = 0, last = bucket_of(value); i <= last; i++)
		seen += h->buckets[i];
	return seen;
}

void kt_histogram_merge(struct kt_histogram *h, const struct kt_histogram *from)
{
	h->n += from->n;
	h->sum += from->sum;
	h->max = from->max > h->max ? from->max : h->max;
	for (size_t i = 0; from->n && i < KT_HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += from->buckets[i];
}

double kt_histogram_mean(const struct kt_histogram *h)
{
	return h->n ? (double)h->sum / (double)h->n : 0;
}

double kt_histogram_deviation(const struct kt_histogram *h)
{
	double mean = kt_histogram_mean(h), squares = 0;
	for (size_t i = 0; h->n && i < KT_HISTOGRAM_BUCKETS; i++) {
		double away = (double)kt_histogram_end(i) - mean;
		squares += h->buckets[i] ? (double)h->buckets[i] * away * away : 0;
	}
	return h->n ? sqrt(squares / (double)h->n) : 0;
}
