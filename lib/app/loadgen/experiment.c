#include "experiment.h"

#include <math.h>

#include "mem.h"

/* A value this near to a threshold could fall on either side of it after rounding, so it is moved inside. */
#define NEAR 0.01f
#define MOVED 0.011f

void kt_experiment_init(
	struct kt_experiment *e, const struct kt_load *load, const struct kt_random *random, bool documents)
{
	size_t n = (size_t)load->sensors;
	*e = (struct kt_experiment){.load = load, .random = *random, .documents = documents};
	e->sensors = kt_calloc(n, sizeof(*e->sensors));
	e->temperatures = kt_calloc(n, sizeof(*e->temperatures));
	e->current = load->start;
	kt_random_uuid(&e->random, e->id);
	for (size_t i = 0; i < n; i++)
		kt_random_uuid(&e->random, e->sensors[i]);
	if (load->stabilization)
		e->delta = ((load->upper + load->lower) / 2 - load->start) / (float)load->stabilization;
}

static float reported(const struct kt_load *load, float value)
{
	if (fabsf(value - load->upper) < NEAR)
		return load->upper - MOVED;
	if (fabsf(value - load->lower) < NEAR)
		return load->lower + MOVED;
	return value;
}

/* The first sample of a phase has no predecessor, which counts as one on the other side. */
static enum kt_range_event judge(const struct kt_experiment *e, bool inside)
{
	if (e->carries_out)
		return !inside && (!e->had_previous || e->was_inside) ? KT_RANGE_OUT : KT_RANGE_NONE;
	return inside && (!e->had_previous || !e->was_inside) ? KT_RANGE_STABILIZED : KT_RANGE_NONE;
}

static void spread_over_sensors(struct kt_experiment *e, float average)
{
	int64_t n = e->load->sensors;
	float sum = 0;
	for (int64_t i = 0; i < n - 1; i++) {
		e->temperatures[i] = average + kt_random_signed(&e->random);
		sum += e->temperatures[i];
	}
	e->temperatures[n - 1] = n == 1 ? average : (float)n * average - sum;
}

static void measure(struct kt_experiment *e, double now, struct kt_sample *sample)
{
	const struct kt_load *load = e->load;
	float width = load->upper - load->lower;
	e->current += e->carries_out ? (width > 0 ? kt_random_signed(&e->random) * width : 0) : e->delta;
	float average = reported(load, e->current);
	bool inside = load->lower <= average && average <= load->upper;
	*sample = (struct kt_sample){.timestamp = now, .average = average, .range = judge(e, inside)};
	kt_random_uuid(&e->random, sample->measurement);
	spread_over_sensors(e, average);
	sample->temperatures = e->temperatures;
	e->had_previous = true;
	e->was_inside = inside;
	if (!e->documents || !e->carries_out)
		return;
	e->measured = kt_grow(e->measured, &e->measured_cap, e->n_measured + 1, sizeof(*e->measured));
	e->measured[e->n_measured++] = (struct kt_measured){now, average};
}

static void begin_phase(struct kt_experiment *e, bool carries_out)
{
	e->carries_out = carries_out;
	e->had_previous = false;
	e->sample = 0;
}

static enum kt_event_kind after_samples(const struct kt_experiment *e)
{
	if (e->sample < (e->carries_out ? e->load->carry_out : e->load->stabilization))
		return KT_EVENT_MEASURED;
	return e->carries_out ? KT_EVENT_TERMINATED : KT_EVENT_STARTED;
}

enum kt_event_kind kt_experiment_step(struct kt_experiment *e, double now, struct kt_sample *sample)
{
	enum kt_event_kind kind = e->next;
	switch (kind) {
	case KT_EVENT_CONFIGURED:
		e->next = KT_EVENT_STABILIZATION;
		break;
	case KT_EVENT_STABILIZATION:
	case KT_EVENT_STARTED:
		begin_phase(e, kind == KT_EVENT_STARTED);
		e->next = after_samples(e);
		break;
	case KT_EVENT_MEASURED:
		measure(e, now, sample);
		e->sample++;
		e->next = after_samples(e);
		break;
	case KT_EVENT_TERMINATED:
		e->next = e->documents ? KT_EVENT_DOCUMENT : KT_EVENT_NONE;
		break;
	case KT_EVENT_DOCUMENT:
	case KT_EVENT_NONE:
		e->next = KT_EVENT_NONE;
	}
	return kind;
}

void kt_experiment_stop(struct kt_experiment *e)
{
	if (e->next == KT_EVENT_CONFIGURED)
		e->next = KT_EVENT_NONE;
	else if (e->next < KT_EVENT_TERMINATED)
		e->next = KT_EVENT_TERMINATED;
}

void kt_experiment_fini(struct kt_experiment *e)
{
	free(e->sensors);
	free(e->temperatures);
	free(e->measured);
	e->sensors = NULL;
	e->temperatures = NULL;
	e->measured = NULL;
}
