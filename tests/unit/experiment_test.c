#include "experiment.h"

#include <math.h>

#include "tap.h"

static const struct kt_load defaults = {.researcher = "r",
	.sensors = 2,
	.sample_ms = 1000,
	.stabilization = 2,
	.carry_out = 20,
	.copies = 1,
	.start = 16,
	.lower = 25.5f,
	.upper = 26.5f};

static void begin(struct kt_experiment *e, const struct kt_load *load, uint64_t seed, bool documents)
{
	struct kt_random random;
	kt_random_seed(&random, seed, 0);
	kt_experiment_init(e, load, &random, documents);
}

TEST(order_of_events)
{
	struct kt_experiment e;
	struct kt_sample sample;
	char order[64] = "";
	size_t n = 0;
	begin(&e, &defaults, 1, true);
	for (enum kt_event_kind kind; (kind = kt_experiment_step(&e, 5, &sample)) != KT_EVENT_NONE;)
		order[n++] = "cbsmtd"[kind];
	CHECK_STR(order, "cbmmsmmmmmmmmmmmmmmmmmmmmtd");
	CHECK_INT(kt_experiment_step(&e, 5, &sample), KT_EVENT_NONE);
	CHECK_INT(e.n_measured, 20);
	kt_experiment_fini(&e);
}

/* Averages of the stabilization by rule; the last number of a row is repeated in none. */
TEST(stabilization_is_a_straight_line)
{
	static const struct {
		struct kt_load load;
		int stabilized; /* at this sample, from 1 */
		float averages[10];
	} rows[] = {
		{{.sensors = 2, .stabilization = 2, .start = 16, .lower = 25.5f, .upper = 26.5f}, 2, {21, 26}},
		{{.sensors = 10, .stabilization = 10, .lower = 100, .upper = 150}, 8,
			{12.5f, 25, 37.5f, 50, 62.5f, 75, 87.5f, 100.011f, 112.5f, 125}},
		{{.sensors = 8, .stabilization = 10, .lower = 10, .upper = 20}, 7,
			{1.5f, 3, 4.5f, 6, 7.5f, 9, 10.5f, 12, 13.5f, 15}},
		{{.sensors = 20, .stabilization = 5, .lower = 100, .upper = 150}, 4, {25, 50, 75, 100.011f, 125}},
		{{.sensors = 1, .stabilization = 1, .lower = 3, .upper = 3}, 1, {2.989f}},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_experiment e;
		struct kt_sample sample;
		begin(&e, &rows[i].load, 1, false);
		CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_CONFIGURED);
		CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_STABILIZATION);
		for (int k = 0; k < rows[i].load.stabilization; k++) {
			CHECK_INT(kt_experiment_step(&e, k, &sample), KT_EVENT_MEASURED);
			CHECK(fabsf(sample.average - rows[i].averages[k]) < 1e-4f);
			bool inside = rows[i].load.lower <= sample.average && sample.average <= rows[i].load.upper;
			if (rows[i].load.lower < rows[i].load.upper)
				CHECK_INT(sample.range,
					k + 1 == rows[i].stabilized ? KT_RANGE_STABILIZED : KT_RANGE_NONE);
			CHECK(!inside || k + 1 >= rows[i].stabilized);
		}
		kt_experiment_fini(&e);
	}
}

/* Steps up to the first sample of carrying out. */
static void pass_stabilization(struct kt_experiment *e)
{
	struct kt_sample sample;
	while (kt_experiment_step(e, 0, &sample) != KT_EVENT_STARTED)
		;
}

TEST(range_events_while_carrying_out)
{
	struct kt_load load = defaults;
	load.carry_out = 10000;
	int events = 0;
	struct kt_experiment e;
	struct kt_sample sample;
	begin(&e, &load, 3, false);
	pass_stabilization(&e);
	for (bool first = true, inside = true; e.next == KT_EVENT_MEASURED; first = false) {
		bool before = inside;
		kt_experiment_step(&e, 0, &sample);
		inside = load.lower <= sample.average && sample.average <= load.upper;
		CHECK_INT(sample.range, !inside && (before || first) ? KT_RANGE_OUT : KT_RANGE_NONE);
		events += sample.range == KT_RANGE_OUT;
		CHECK(fabsf(sample.average - load.lower) >= 0.0099f && fabsf(sample.average - load.upper) >= 0.0099f);
	}
	CHECK(events > 0);
	kt_experiment_fini(&e);
}

/* The walk goes on from the true value, not from one that was reported differently, and it is never pulled back. */
TEST(walk)
{
	struct kt_load load = {.sensors = 1, .carry_out = 1000, .lower = 10, .upper = 12, .start = 11};
	struct kt_experiment e;
	struct kt_sample sample;
	float furthest = 0;
	begin(&e, &load, 5, false);
	pass_stabilization(&e);
	for (float last = 11; e.next == KT_EVENT_MEASURED; last = sample.average) {
		kt_experiment_step(&e, 0, &sample);
		CHECK(fabsf(sample.average - last) <= 2.03f);
		float distance = fabsf(sample.average - 11);
		furthest = distance > furthest ? distance : furthest;
	}
	CHECK(furthest > 5);
	kt_experiment_fini(&e);
	load.upper = load.lower = 10;
	begin(&e, &load, 5, false);
	pass_stabilization(&e);
	kt_experiment_step(&e, 0, &sample);
	CHECK(sample.average == 11 && sample.range == KT_RANGE_OUT);
	kt_experiment_fini(&e);
}

TEST(mean_of_the_sensors)
{
	struct kt_load load = defaults;
	load.sensors = 50;
	struct kt_experiment e;
	struct kt_sample sample;
	begin(&e, &load, 3, false);
	for (enum kt_event_kind kind; (kind = kt_experiment_step(&e, 0, &sample)) != KT_EVENT_NONE;) {
		double sum = 0;
		for (int64_t i = 0; kind == KT_EVENT_MEASURED && i < load.sensors; i++) {
			sum += (double)sample.temperatures[i];
			CHECK(i == 49 || fabsf(sample.temperatures[i] - sample.average) <= 1.0001f);
		}
		CHECK(kind != KT_EVENT_MEASURED || fabs(sum / 50 - (double)sample.average) < 1e-4);
	}
	kt_experiment_fini(&e);
}

TEST(seeds)
{
	struct kt_experiment a, b, c;
	struct kt_sample x, y;
	begin(&a, &defaults, 7, false);
	begin(&b, &defaults, 7, false);
	begin(&c, &defaults, 8, false);
	CHECK(!memcmp(a.id, b.id, sizeof(a.id)) && memcmp(a.id, c.id, sizeof(a.id)) != 0);
	CHECK(!memcmp(a.sensors, b.sensors, 2 * sizeof(*a.sensors)));
	CHECK(memcmp(a.sensors[0], a.sensors[1], sizeof(*a.sensors)) != 0);
	pass_stabilization(&a);
	pass_stabilization(&b);
	kt_experiment_step(&a, 1, &x);
	kt_experiment_step(&b, 2, &y);
	CHECK(x.average == y.average && !memcmp(x.measurement, y.measurement, sizeof(x.measurement)));
	CHECK(x.timestamp == 1 && y.timestamp == 2);
	kt_experiment_fini(&a);
	kt_experiment_fini(&b);
	kt_experiment_fini(&c);
}

TEST(stopped)
{
	struct kt_experiment e;
	struct kt_sample sample;
	begin(&e, &defaults, 1, true);
	kt_experiment_stop(&e);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_NONE);
	kt_experiment_fini(&e);
	begin(&e, &defaults, 1, true);
	pass_stabilization(&e);
	kt_experiment_step(&e, 0, &sample);
	kt_experiment_stop(&e);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_TERMINATED);
	kt_experiment_stop(&e);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_DOCUMENT);
	CHECK_INT(e.n_measured, 1);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_NONE);
	kt_experiment_fini(&e);
}

TEST(no_samples_at_all)
{
	struct kt_load load = {.sensors = 1};
	struct kt_experiment e;
	struct kt_sample sample;
	begin(&e, &load, 1, false);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_CONFIGURED);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_STABILIZATION);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_STARTED);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_TERMINATED);
	CHECK_INT(kt_experiment_step(&e, 0, &sample), KT_EVENT_NONE);
	kt_experiment_fini(&e);
}
