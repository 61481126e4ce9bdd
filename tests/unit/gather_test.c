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
	CHECK_INT(kt_gather_look(&g, 0, NOW + 999), KT_GATHER_HURRY);
	CHECK_INT(kt_gather_look(&g, 1, NOW + 1000), KT_GATHER_HURRY);
}

TEST(and_the_next_ones_wait_as_long_again)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, KT_GATHER_BYTES, true, NOW);
	kt_gather_done(&g);
	CHECK(kt_gather_until_us(&g) == INT64_MAX);
	kt_gather_add(&g, SMALL, false, NOW + 1000);
	CHECK_INT(kt_gather_look(&g, 1, NOW + 1001), KT_GATHER_WAIT);
	CHECK(kt_gather_until_us(&g) == NOW + 2000);
}

TEST(what_fills_a_batch_waits_no_more)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, KT_GATHER_BYTES - 1, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_WAIT);
	kt_gather_add(&g, 1, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	CHECK_INT(kt_gather_look(&g, 0, NOW), KT_GATHER_HURRY);
}

/* Its client goes on as soon as its records are in the queue, and does not care when they leave it. */
TEST(nor_does_what_nobody_waits_for)
{
	struct kt_gather g = {0};
	kt_gather_add(&g, SMALL, false, NOW);
	kt_gather_add(&g, SMALL, true, NOW);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	CHECK_INT(kt_gather_look(&g, 0, NOW), KT_GATHER_GO);
}

TEST(where_the_user_has_the_library_wait_nothing_waits_here_and_nothing_is_hurried)
{
	struct kt_gather g = {.off = true};
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 1, NOW), KT_GATHER_GO);
	CHECK_INT(kt_gather_look(&g, 0, NOW), KT_GATHER_GO);
	kt_gather_done(&g);
	kt_gather_add(&g, SMALL, false, NOW);
	CHECK_INT(kt_gather_look(&g, 0, NOW + 5000), KT_GATHER_GO);
	CHECK(kt_gather_until_us(&g) == INT64_MAX);
}
