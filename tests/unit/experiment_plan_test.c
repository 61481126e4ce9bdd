#include "experiment_plan.h"

#include <math.h>

#include "mem.h"
#include "tap.h"

/* The tutorial's load files. */
static const struct kt_load entries[] = {
	{.start_s = 0, .sensors = 10, .sample_ms = 1000, .stabilization = 10, .carry_out = 50, .copies = 1},
	{.start_s = 30, .sensors = 8, .sample_ms = 200, .stabilization = 10, .carry_out = 80, .copies = 1},
	{.start_s = 45, .sensors = 20, .sample_ms = 500, .stabilization = 5, .carry_out = 50, .copies = 1},
};

TEST(one_experiment)
{
	static const struct {
		double rate;
		int64_t start_ms, length_ms, end_ms, messages;
	} expected[] = {{10, 0, 60000, 60000, 604}, {40, 30000, 18000, 48000, 724}, {40, 45000, 27500, 72500, 1104}};
	for (size_t i = 0; i < KT_LEN(entries); i++) {
		struct kt_load_plan plan = kt_load_plan(&entries[i]);
		CHECK(plan.rate == expected[i].rate);
		CHECK_INT(plan.start_ms, expected[i].start_ms);
		CHECK_INT(plan.length_ms, expected[i].length_ms);
		CHECK_INT(plan.end_ms, expected[i].end_ms);
		CHECK_INT(plan.messages, expected[i].messages);
	}
}

TEST(copies)
{
	struct kt_load load = entries[2];
	load.copies = 5;
	load.stagger_ms = 100;
	struct kt_load_plan plan = kt_load_plan(&load);
	CHECK_INT(plan.end_ms, 72900);
	CHECK_INT(plan.messages, 5 * 1104);
	load.sample_ms = 0;
	CHECK(isinf(kt_load_plan(&load).rate));
}

static void check_plateaus(const struct kt_load *v, size_t n, const struct kt_plateau *expected, size_t n_expected)
{
	struct kt_loads loads = {.v = (struct kt_load *)(uintptr_t)v, .n = n};
	kt_auto(kt_free_ptr) struct kt_plateau *got = NULL;
	CHECK_INT(kt_loads_plateaus(&loads, &got), n_expected);
	for (size_t i = 0; i < n_expected; i++) {
		CHECK_INT(got[i].start_ms, expected[i].start_ms);
		CHECK_INT(got[i].end_ms, expected[i].end_ms);
		CHECK_INT(got[i].experiments, expected[i].experiments);
		CHECK(got[i].rate == expected[i].rate);
	}
}

TEST(plateaus)
{
	static const struct kt_plateau two[] = {{0, 30000, 1, 10}, {30000, 48000, 2, 50}, {48000, 60000, 1, 10}};
	static const struct kt_plateau three[] = {{0, 30000, 1, 10}, {30000, 45000, 2, 50}, {45000, 48000, 3, 90},
		{48000, 60000, 2, 50}, {60000, 72500, 1, 40}};
	check_plateaus(entries, 2, two, KT_LEN(two));
	check_plateaus(entries, 3, three, KT_LEN(three));
}

TEST(plateaus_of_copies)
{
	struct kt_load load = {.sensors = 1, .sample_ms = 1000, .carry_out = 2, .copies = 2, .stagger_ms = 1000};
	static const struct kt_plateau staggered[] = {{0, 1000, 1, 1}, {1000, 2000, 2, 2}, {2000, 3000, 1, 1}};
	check_plateaus(&load, 1, staggered, KT_LEN(staggered));
	static const struct kt_plateau together[] = {{0, 2000, 2, 2}};
	load.stagger_ms = 0;
	check_plateaus(&load, 1, together, 1);
	static const struct kt_plateau apart[] = {{0, 2000, 1, 1}, {2000, 5000, 0, 0}, {5000, 7000, 1, 1}};
	load.stagger_ms = 5000;
	check_plateaus(&load, 1, apart, KT_LEN(apart));
}

TEST(nothing_to_wait_for)
{
	struct kt_load load = {.sensors = 1, .sample_ms = 0, .carry_out = 2, .copies = 2};
	check_plateaus(&load, 1, NULL, 0);
}
