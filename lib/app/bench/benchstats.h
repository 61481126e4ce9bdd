/* What a run of `kt bench` has measured: how many, how fast, how long each took; in all, per interval, and for each
 * rate of a ramp.
 *
 *   kt_benchstats_init(&s, warm_us, interval_us, &pace);
 *   kt_benchstats_sent(&s, intended_us, now_us)
 *   kt_benchstats_done(&s, intended_us, now_us)          latency counts from the intended time
 *   while ((row = kt_benchstats_turn(&s, now_us))) …     an interval is over
 *   kt_benchstats_end(&s, now_us)
 *
 * Times are microseconds from the start of the run. What was to be sent within the first warm_us is not counted.
 */
#ifndef KT_BENCHSTATS_H
#define KT_BENCHSTATS_H

#include "benchpace.h"
#include "histogram.h"

enum { KT_BENCH_LATE_US = 1000 }; /* what is sent later than that after its time is late */

/* The share of a rate that was asked for below which it was not reached. */
#define KT_BENCH_ACHIEVED 0.99

struct kt_benchrow {
	int64_t from_us, to_us;
	int64_t n, bytes, failed;
	int64_t refused;                /* of n */
	int64_t p50_us, p99_us, max_us; /* of the latency */
};

/* How many were done by when, in steps of a millisecond, or of more in a long run. */
struct kt_benchdone {
	uint32_t *v;
	size_t n, cap;
	unsigned shift; /* a place is 1024 << shift microseconds */
	int64_t first_us;
};

struct kt_benchstep {
	struct kt_histogram latency;
	struct kt_benchdone done;
	int64_t failed;
};

struct kt_benchstats {
	int64_t warm_us, interval_us;
	int64_t begin_us; /* rates count from then; 0, or after the warm-up */
	const struct kt_pace *pace;
	bool untimed;                      /* there is no latency: things are only counted */
	struct kt_histogram latency, part; /* of the finished intervals; of the one that runs */
	struct kt_histogram delay;         /* from the intended time to the actual one */
	int64_t n, bytes, failed, late;    /* of the whole run, without the warm-up */
	int64_t refused;                   /* of n: done, with an answer that says no, or another one than the first */
	int64_t first_us, last_us;         /* when the first and the last one were done */
	struct kt_benchdone done;          /* of an open loop */
	int64_t part_n, part_bytes, part_failed, part_refused, part_us;
	struct kt_benchrow *rows;
	size_t n_rows, rows_cap;
	struct kt_benchstep *steps; /* of a ramp, as many as the pace has */
	size_t whole;               /* of these: who ends the run before all were sent sets it */
};

void kt_benchstats_init(struct kt_benchstats *s, int64_t warm_us, int64_t interval_us, const struct kt_pace *pace);

void kt_benchstats_sent(struct kt_benchstats *s, int64_t intended_us, int64_t at_us);
void kt_benchstats_done(struct kt_benchstats *s, int64_t intended_us, int64_t at_us, int64_t bytes);
void kt_benchstats_failed(struct kt_benchstats *s, int64_t intended_us);
/* What is done besides is no good answer. */
void kt_benchstats_refused(struct kt_benchstats *s, int64_t intended_us);
/* Many at once, of which only their number is measured. */
void kt_benchstats_count(struct kt_benchstats *s, int64_t n, int64_t bytes, int64_t at_us);

/* Closes an interval whose time is over; NULL when none is. Valid until the next call. */
const struct kt_benchrow *kt_benchstats_turn(struct kt_benchstats *s, int64_t now_us);

/* Nothing comes any more: the last interval, shorter than the others, is closed. NULL when nothing was in it. */
const struct kt_benchrow *kt_benchstats_end(struct kt_benchstats *s, int64_t now_us);

/* Seconds in which the things were done, and how many that is in one. */
double kt_benchstats_seconds(const struct kt_benchstats *s);
double kt_benchstats_rate(const struct kt_benchstats *s);

/* Of a rate asked for (of a step, or step -1: of the run), which share was done: the time in which 99 % were to be done
 * over the time in which they were, so that the latency of a few does not count as a rate; without those that failed.
 * At most 1. */
double kt_benchstats_achieved(const struct kt_benchstats *s, int step);

/* Whether the rate was held: 99 % of it were achieved, or these 99 % were done a tenth of a second late at most, by
 * which a short run may be behind without being slower. */
bool kt_benchstats_held(const struct kt_benchstats *s, int step);

/* The last whole step of the ramp before the first one that did not hold, -1 when none did. Holding is 99 % of the
 * rate, and a p99 of at most ten times the first step's, or 10 ms. */
int kt_benchstats_knee(const struct kt_benchstats *s);

void kt_benchstats_fini(struct kt_benchstats *s);

#endif
