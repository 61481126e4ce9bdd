#include "counters.h"

#include "tap.h"

static double scrape(struct kt_counters *c, double a, double b)
{
	kt_counters_begin(c);
	if (a >= 0)
		kt_counters_add(c, "a", a);
	if (b >= 0)
		kt_counters_add(c, "b", b);
	return kt_counters_end(c);
}

TEST(growth)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	CHECK(scrape(&c, 1000, -1) == 0);
	CHECK(scrape(&c, 1010, -1) == 10);
	CHECK(scrape(&c, 1010, -1) == 0);
	CHECK(scrape(&c, 1020, 5) == 15);
	CHECK(c.v[0].grown == 10 && c.v[1].grown == 5);
}

TEST(a_new_process_starts_from_nothing)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	scrape(&c, 1000, 7);
	CHECK(scrape(&c, 30, 8) == 31);
	CHECK(scrape(&c, -1, 9) == 1);
	CHECK(scrape(&c, 40, 9) == 40);
}

TEST(one_label_is_summed)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	for (int i = 1; i <= 2; i++) {
		kt_counters_begin(&c);
		kt_counters_add(&c, "", 10 * i);
		kt_counters_add(&c, "", i);
		CHECK(kt_counters_end(&c) == (i - 1) * 11);
	}
	CHECK_INT(c.n, 1);
}

TEST(labels_are_bounded)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	kt_counters_begin(&c);
	for (int i = 0; i < KT_COUNTERS_MAX + 100; i++) {
		char label[16];
		snprintf(label, sizeof(label), "%d", i);
		kt_counters_add(&c, label, 1);
	}
	kt_counters_end(&c);
	CHECK_INT(c.n, KT_COUNTERS_MAX + 1);
	CHECK_STR(c.v[KT_COUNTERS_MAX].label, "");
	CHECK(c.v[KT_COUNTERS_MAX].last == 100);
}
