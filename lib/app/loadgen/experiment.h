/* One simulated experiment: the events it sends in their order, and the temperatures it measures. Knows nothing of time
 * or Kafka: its caller decides when the next step is due.
 *
 *   struct kt_experiment e;
 *   kt_experiment_init(&e, &load, &random, true);
 *   while ((kind = kt_experiment_step(&e, now, &sample)) != KT_EVENT_NONE)
 *           send(kind, …);                                 KT_EVENT_MEASURED: once per sensor
 *   kt_experiment_fini(&e);
 *
 * The model, in single precision: stabilization goes in a straight line from the start to the middle of the range;
 * carrying out adds an even chance within the width of the range, up or down, and is never pulled back. What lies
 * within 0.01 of a threshold is reported 0.011 inside it. The sensors of a sample differ; their mean is the
 * sample's.
 */
#ifndef KT_EXPERIMENT_H
#define KT_EXPERIMENT_H

#include "experiment_kinds.h"
#include "experiment_load.h"
#include "random.h"

struct kt_sample {
	char measurement[KT_UUID_LEN]; /* its id, shared by all sensors */
	double timestamp;              /* seconds since the epoch */
	float average;                 /* as reported */
	enum kt_range_event range;
	const float *temperatures; /* one per sensor; valid until the next step of the same experiment */
};

struct kt_measured {
	double timestamp;
	float temperature;
};

struct kt_experiment {
	const struct kt_load *load; /* borrowed */
	char id[KT_UUID_LEN];
	char (*sensors)[KT_UUID_LEN];
	float *temperatures;
	struct kt_random random;
	enum kt_event_kind next;
	bool carries_out; /* in the second phase */
	bool had_previous, was_inside;
	int64_t sample; /* of the phase, from 0 */
	float current, delta;
	bool documents;
	struct kt_measured *measured; /* the samples of carrying out, for the document */
	size_t n_measured, measured_cap;
};

/* Draws the ids. random is copied: each experiment needs a stream of its own. documents: whether the last step is the
 * document. */
void kt_experiment_init(
	struct kt_experiment *e, const struct kt_load *load, const struct kt_random *random, bool documents);

/* The next event, now (seconds since the epoch), or KT_EVENT_NONE after the last one. Fills sample for
 * KT_EVENT_MEASURED. */
enum kt_event_kind kt_experiment_step(struct kt_experiment *e, double now, struct kt_sample *sample);

/* Measures no more: the next step of an experiment that was configured is its end, of another one there is none. */
void kt_experiment_stop(struct kt_experiment *e);

void kt_experiment_fini(struct kt_experiment *e);

#endif
