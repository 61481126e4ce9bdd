/* When the records of requests go to the producer. Times are made up. */
#include "gather.h"

#include "tap.h"

enum { NOW = 5000000, SMALL = 100 };

TEST(what_comes_while_nothing_is_on_its_way_goes_at_once)
{
	struct kt_gather g = {0};
	CHECK_INT(kt_gather_look(&g, 3, NOW), KT_GATHER_GO);
	CHECK(kt_gather_until_us(&g) == INT64_MAX);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 0, NOW), KT_GATHER_HURRY);
}

TEST(else_it_waits_for_what_is_for_a_millisecond_at_most)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_WAIT);
	/* Who comes later waits less. */
	kt_gather_add(&g, SMALL, false, NOW + 900);
	CHECK(kt_gather_until_us(&g) == NOW + 1000);
	CHECK_INT(kt_gather_look(&g, 1, NOW + 999), KT_GATHER_WAIT);
	CHECK_INT(kt_gather_look(&g, 1, NOW + 1000), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, NOW + 1000);
	CHECK_INT(kt_gather_look(&g, 1, NOW + 1001), KT_GATHER_WAIT);
	CHECK(kt_gather_until_us(&g) == NOW + 2000);
	CHECK_INT(kt_gather_look(&g, 0, NOW + 1002), KT_GATHER_HURRY);
	CHECK(kt_gather_until_us(&g) == INT64_MAX);
}

TEST(what_fills_a_batch_waits_no_more)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, KT_GATHER_BYTES - 1, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_WAIT);
	kt_gather_add(&g, 1, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_WAIT);
}

/* Its client goes on as soon as its records are in the queue, and does not care when they leave it. */
TEST(nor_does_what_nobody_waits_for)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, SMALL, false, NOW);
	kt_gather_add(&g, SMALL, true, NOW);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_WAIT);
}

TEST(where_the_user_has_the_library_wait_nothing_waits_here_and_nothing_is_hurried)
{
	struct kt_gather g = {.off = true};
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 0, NOW + 5000), KT_GATHER_GO);
	CHECK(kt_gather_until_us(&g) == INT64_MAX);
}

/* One request, which is hurried and answered after so long. */
static int64_t answer(struct kt_gather *g, int64_t now_us, int64_t took_us)
{
	kt_gather_add(g, SMALL, false, now_us);
	CHECK_INT(kt_gather_look(g, 0, now_us), KT_GATHER_HURRY);
	CHECK_INT(kt_gather_look(g, 1, now_us + took_us / 2), KT_GATHER_GO);
	CHECK_INT(kt_gather_look(g, 0, now_us + took_us), KT_GATHER_GO);
	return now_us + took_us;
}

TEST(slow_brokers_are_left_to_the_library_for_a_second)
{
	struct kt_gather g = {0};
	int64_t now_us = NOW;
	for (int i = 0; i < 100; i++)
		now_us = answer(&g, now_us, KT_GATHER_SLOW_US / 2);
	/* One that is slow is none. */
	now_us = answer(&g, now_us, 1000000);
	int n = 0;
	while (now_us >= g.paused_us && ++n < 100)
		now_us = answer(&g, now_us, 3000);
	CHECK(n > 1);
	CHECK(n < 100);
	kt_gather_add(&g, SMALL, false, now_us);
	CHECK_INT(kt_gather_look(&g, 0, now_us), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, now_us);
	CHECK_INT(kt_gather_look(&g, 1, now_us + 999999), KT_GATHER_GO);
	/* Then it is tried once more. */
	now_us = answer(&g, now_us + 1000000, 3000);
	kt_gather_add(&g, SMALL, false, now_us);
	CHECK_INT(kt_gather_look(&g, 0, now_us), KT_GATHER_GO);
	for (now_us += 1000000; now_us < NOW + 10000000 && n; n--)
		now_us = answer(&g, now_us, 500);
	kt_gather_add(&g, SMALL, false, now_us);
	CHECK_INT(kt_gather_look(&g, 0, now_us), KT_GATHER_HURRY);
}

/* Others are on their way all the time, so that there is never nothing. */
TEST(an_answer_that_does_not_come_is_slow)
{
	struct kt_gather g = {.answer_us = KT_GATHER_SLOW_US};
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 0, NOW), KT_GATHER_HURRY);
	CHECK_INT(kt_gather_look(&g, 5, NOW + 2 * KT_GATHER_SLOW_US), KT_GATHER_GO);
	kt_gather_add(&g, SMALL, false, NOW + 2 * KT_GATHER_SLOW_US);
	CHECK_INT(kt_gather_look(&g, 5, NOW + 2 * KT_GATHER_SLOW_US), KT_GATHER_GO);
}
