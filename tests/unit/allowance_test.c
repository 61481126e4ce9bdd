#include "allowance.h"

#include "tap.h"

static int take(struct kt_allowance *a, uint64_t who, int64_t now_us)
{
	int n = 0;
	while (n < 1000 && kt_allowance_take(a, who, now_us))
		n++;
	return n;
}

TEST(a_second_at_once_then_one_after_another)
{
	struct kt_allowance *a = kt_allowance_new(10);
	CHECK_INT(take(a, 1, 5000000), 10);
	CHECK_INT(take(a, 1, 5099999), 0);
	CHECK_INT(take(a, 1, 5100000), 1);
	CHECK_INT(take(a, 1, 5500000), 4);
	CHECK_INT(take(a, 1, 60000000), 10);
	kt_allowance_free(a);
}

TEST(a_client_does_not_use_up_what_others_may)
{
	struct kt_allowance *a = kt_allowance_new(1);
	int others = 0;
	CHECK_INT(take(a, 0, 1), 1);
	for (uint64_t who = 1; who <= 100; who++)
		others += take(a, who, 1);
	CHECK(others > 95);
	kt_allowance_free(a);
}

TEST(as_many_as_there_may_be)
{
	struct kt_allowance *a = kt_allowance_new(KT_ALLOWANCE_MOST);
	CHECK_INT(take(a, 7, 0), 1000);
	kt_allowance_free(a);
}
