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

static void add_numbered(struct kt_counters *c, size_t from, size_t to, double value)
{
	char label[16];
	for (size_t i = from; i < to; i++) {
		snprintf(label, sizeof(label), "%zu", i);
		kt_counters_add(c, label, value);
	}
}

TEST(labels_are_found_in_any_order)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	for (int round = 0; round < 3; round++) {
		kt_counters_begin(&c);
		add_numbered(&c, 500, 1000, round);
		add_numbered(&c, 0, 500, round);
		add_numbered(&c, 250, 750, round);
		CHECK(kt_counters_end(&c) == (round ? 1500 : 0));
		CHECK_INT(c.n, 1000);
	}
	CHECK_STR(c.v[0].label, "500");
	CHECK(c.v[0].grown == 2 && c.v[499].grown == 1);
}

TEST(what_was_taken_over_is_no_growth)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	scrape(&c, 600, -1);
	CHECK(scrape(&c, -1, 605) == 5);
	CHECK(c.v[1].grown == 5);
	CHECK(scrape(&c, -1, 606) == 1);
}

TEST(labels_are_bounded)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	kt_counters_begin(&c);
	add_numbered(&c, 0, KT_COUNTERS_MAX + 100, 1);
	kt_counters_end(&c);
	CHECK_INT(c.n, KT_COUNTERS_MAX + 1);
	CHECK_STR(c.v[KT_COUNTERS_MAX].label, "");
	CHECK(c.v[KT_COUNTERS_MAX].last == 100);
}

TEST(labels_that_have_gone_are_forgotten)
{
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	for (size_t round = 0; round < 40; round++) {
		kt_counters_begin(&c);
		add_numbered(&c, round * 1000, round * 1000 + 2000, 7);
		kt_counters_end(&c);
		CHECK(c.n <= KT_COUNTERS_MAX / 2 + 2000);
	}
}
