#include "ratelimit.h"

#include <unistd.h>

#include "tap.h"
#include "when.h"

TEST(no_limit)
{
	struct kt_ratelimit p = {0};
	CHECK(kt_ratelimit_due(&p, 0) == INT64_MAX);
}

TEST(the_first_one_is_due_at_once)
{
	struct kt_ratelimit p = {.rate = 1};
	CHECK_INT(kt_ratelimit_due(&p, 0), 1);
	CHECK_INT(kt_ratelimit_due(&p, 1), 1);
}

TEST(grows_with_time)
{
	int64_t start_us = kt_clock_us();
	struct kt_ratelimit p = {.rate = 1000};
	kt_ratelimit_due(&p, 0);
	usleep(20000);
	int64_t due = kt_ratelimit_due(&p, 0);
	CHECK(due >= 21);
	CHECK(due <= (kt_clock_us() - start_us) / 1000 + 1);
}

TEST(an_idle_time_is_not_saved_up)
{
	struct kt_ratelimit p = {.rate = 100, .due = 5, .at_us = kt_clock_us() - 60000000};
	CHECK_INT(kt_ratelimit_due(&p, 5), 5 + 10 + 1);
	CHECK_INT(kt_ratelimit_due(&p, 5), 5 + 10 + 1);
}

TEST(the_highest_rate_does_not_overflow)
{
	struct kt_ratelimit p = {.rate = KT_RATELIMIT_MOST, .at_us = kt_clock_us() - 3600000000};
	int64_t due = kt_ratelimit_due(&p, 1000000000000);
	CHECK(due > 0 && due <= 1000000000000 + KT_RATELIMIT_MOST);
}
