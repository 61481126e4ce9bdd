/* What a load will send and when, as far as that can be told beforehand: nominal times, at the original's speed and
 * without the time that acknowledgements take.
 *
 *   struct kt_load_plan plan = kt_load_plan(&loads.v[0]);
 *   struct kt_plateau *plateaus;
 *   size_t n = kt_loads_plateaus(&loads, &plateaus);
 */
#ifndef KT_EXPERIMENT_PLAN_H
#define KT_EXPERIMENT_PLAN_H

#include "experiment_load.h"

/* Nominal times in milliseconds from the start of the program, at the original's speed. */
struct kt_load_plan {
	double rate;              /* events per second of one copy while it samples; infinite with sample_ms 0 */
	int64_t start_ms, end_ms; /* of the first copy, and of the last one */
	int64_t length_ms;        /* of one copy */
	int64_t messages;         /* of all copies, without documents */
};

struct kt_load_plan kt_load_plan(const struct kt_load *load);

/* A time in which the same experiments run. */
struct kt_plateau {
	int64_t start_ms, end_ms;
	int64_t experiments;
	double rate;
};

/* The combined rates from the first start to the last end, in order, stretches without experiments included. *out is
 * allocated; returns how many there are. */
size_t kt_loads_plateaus(const struct kt_loads *loads, struct kt_plateau **out);

#endif
