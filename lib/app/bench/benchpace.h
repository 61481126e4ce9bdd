/* When each thing of an open loop is to be sent: an absolute schedule, which nothing that is late moves.
 *
 *   struct kt_pace pace = {.rate = 1000};                      or kt_pace_ramp()
 *   while (sent < kt_pace_due(&pace, now_us - start_us)) send(kt_pace_at(&pace, sent++));
 *
 * Times are microseconds from the start of the run. A ramp goes through rates one after the other, each for the same
 * time.
 */
#ifndef KT_BENCHPACE_H
#define KT_BENCHPACE_H

#include "err.h"

enum { KT_PACE_MOST = 1000000000, KT_PACE_STEPS = 200 };
#define KT_PACE_LEAST 0.001

struct kt_pace {
	double rate; /* per second, of a ramp the first; 0: no schedule */
	/* Of a ramp; n_steps 0: there is none. */
	double by;
	int64_t each_us;
	size_t n_steps;
	int64_t first[KT_PACE_STEPS + 1]; /* the number of the first thing of each step, and of the end */
};

/* "1000:20000:1000": from A to B by STEP. KT_USAGE. */
int kt_pace_ramp(struct kt_pace *p, const char *text, int64_t each_ms, struct kt_err *err) kt_must_check;

/* How many things are due by then, the first one at 0. */
int64_t kt_pace_due(const struct kt_pace *p, int64_t at_us);

/* When number n, counted from 0, is to be sent. INT64_MAX: never, the ramp is over. */
int64_t kt_pace_at(const struct kt_pace *p, int64_t n);

/* Rate of a step of the ramp, and the step in which a time lies. */
double kt_pace_rate(const struct kt_pace *p, size_t step);
size_t kt_pace_step(const struct kt_pace *p, int64_t at_us);

#endif
