#include "benchpace.h"

#include "tap.h"

TEST(one_rate)
{
	struct kt_pace pace = {.rate = 1000};
	CHECK_INT(kt_pace_at(&pace, 0), 0);
	CHECK_INT(kt_pace_at(&pace, 1), 1000);
	CHECK_INT(kt_pace_at(&pace, 86400000), INT64_C(86400000000));
	CHECK_INT(kt_pace_due(&pace, 0), 1);
	CHECK_INT(kt_pace_due(&pace, 999), 1);
	CHECK_INT(kt_pace_due(&pace, 1000), 2);
	/* Nothing that is late moves what comes after it. */
	CHECK_INT(kt_pace_due(&pace, 5000000), 5001);
}

/* What is due, and when each thing is due, have to agree: or else a turn would wait for what is there. */
static void check_agrees(const struct kt_pace *pace, int64_t step_us, int64_t end_us)
{
	for (int64_t at_us = 0; at_us < end_us; at_us += step_us) {
		int64_t due = kt_pace_due(pace, at_us);
		if (due > 0)
			CHECK(kt_pace_at(pace, due - 1) <= at_us);
		CHECK(kt_pace_at(pace, due) > at_us);
	}
}

/* Whose second thing comes later than there are microseconds. */
TEST(rates_that_are_next_to_none)
{
	struct kt_err err = {0};
	struct kt_pace pace = {0};
	CHECK_INT(kt_pace_ramp(&pace, "1e-15:1:1", 1000, &err), -1);
	CHECK_INT(kt_pace_ramp(&pace, "0.001:1:1", 1000, &err), 0);
}

TEST(due_and_times_agree)
{
	const double rates[] = {1, 3, 7, 997, 1000, 30000, 333333, 1e6, 7e6};
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		struct kt_pace pace = {.rate = rates[i]};
		check_agrees(&pace, 997, 2000000);
		check_agrees(&pace, 1000000007, INT64_C(1000000000000));
	}
}

TEST(a_ramp)
{
	struct kt_err err = {0};
	struct kt_pace pace = {0};
	CHECK_INT(kt_pace_ramp(&pace, "100:300:100", 1000, &err), 0);
	CHECK_INT(pace.n_steps, 3);
	CHECK(kt_pace_rate(&pace, 0) == 100 && kt_pace_rate(&pace, 2) == 300);
	CHECK_INT(pace.first[3], 600);
	CHECK_INT(kt_pace_at(&pace, 99), 990000);
	CHECK_INT(kt_pace_at(&pace, 100), 1000000);
	CHECK_INT(kt_pace_at(&pace, 101), 1005000);
	CHECK_INT(kt_pace_at(&pace, 600), INT64_MAX);
	CHECK_INT(kt_pace_due(&pace, 999999), 100);
	CHECK_INT(kt_pace_due(&pace, 1000000), 101);
	CHECK_INT(kt_pace_due(&pace, 100000000), 600);
	CHECK_INT(kt_pace_step(&pace, 999999), 0);
	CHECK_INT(kt_pace_step(&pace, 1000000), 1);
	CHECK_INT(kt_pace_step(&pace, 100000000), 2);
	check_agrees(&pace, 997, 3000000);
}

TEST(ramps_that_are_none)
{
	static const char *const bad[] = {
		"", "1", "1:2", "1:2:0", "2:1:1", "1:2:x", "0:2:1", "1:2:3:4", "1:2000:1", "-1:2:1", "1:nan:1"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct kt_err err = {0};
		struct kt_pace pace = {0};
		CHECK_INT(kt_pace_ramp(&pace, bad[i], 1000, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
	struct kt_err err = {0};
	struct kt_pace pace = {0};
	CHECK_INT(kt_pace_ramp(&pace, "1:2:1", 1, &err), -1);
	CHECK_INT(kt_pace_ramp(&pace, "5:5:1", 1000, &err), 0);
	CHECK_INT(pace.n_steps, 1);
}
