#include "benchtrace.h"

#include "tap.h"

TEST(all_came_once_in_order)
{
	kt_auto(kt_benchtrace_fini) struct kt_benchtrace t = {0};
	for (uint64_t i = 0; i < 1000; i++) {
		kt_benchtrace_acked(&t, i);
		CHECK(kt_benchtrace_came(&t, (int32_t)(i % 3), i));
	}
	CHECK_INT(kt_benchtrace_lost(&t), 0);
	CHECK_INT(kt_benchtrace_missing(&t), 0);
	CHECK_INT(t.twice + t.unordered, 0);
}

TEST(what_was_lost)
{
	kt_auto(kt_benchtrace_fini) struct kt_benchtrace t = {0};
	for (uint64_t i = 0; i < 200; i++)
		kt_benchtrace_acked(&t, i);
	CHECK_INT(kt_benchtrace_lost(&t), 200);
	for (uint64_t i = 0; i < 200; i++)
		if (i != 63 && i != 64 && i != 199)
			kt_benchtrace_came(&t, 0, i);
	CHECK_INT(kt_benchtrace_lost(&t), 3);
	CHECK_INT(kt_benchtrace_missing(&t), 2); /* that there was a 199 nobody who only reads can know */
	/* What failed and came all the same takes nothing off what is lost. */
	kt_benchtrace_came(&t, 0, 200);
	CHECK_INT(kt_benchtrace_lost(&t), 3);
	kt_benchtrace_came(&t, 0, 63);
	CHECK_INT(kt_benchtrace_lost(&t), 2);
	CHECK_INT(t.unordered, 1);
}

TEST(what_came_before_its_report)
{
	kt_auto(kt_benchtrace_fini) struct kt_benchtrace t = {0};
	kt_benchtrace_came(&t, 0, 5);
	CHECK_INT(kt_benchtrace_lost(&t), 0);
	kt_benchtrace_acked(&t, 5);
	kt_benchtrace_acked(&t, 5);
	CHECK_INT(kt_benchtrace_lost(&t), 0);
	CHECK_INT(t.n_acked, 1);
}

TEST(twice_and_out_of_order)
{
	kt_auto(kt_benchtrace_fini) struct kt_benchtrace t = {0};
	static const struct {
		int32_t partition;
		uint64_t number;
	} rows[] = {{0, 0}, {1, 1}, {0, 3}, {1, 2}, {0, 3}, {0, 5}, {0, 4}, {1, 6}};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		kt_benchtrace_came(&t, rows[i].partition, rows[i].number);
	CHECK_INT(t.twice, 1);
	CHECK_INT(t.unordered, 1); /* 4 after 5; 2 after 3 is in another partition */
	CHECK_INT(t.n_came, 7);
}

TEST(numbers_of_somebody_else)
{
	kt_auto(kt_benchtrace_fini) struct kt_benchtrace t = {0};
	CHECK(!kt_benchtrace_came(&t, 0, UINT64_MAX));
	CHECK(!kt_benchtrace_came(&t, 0, KT_BENCHTRACE_AHEAD));
	CHECK(!kt_benchtrace_came(&t, -1, 0));
	CHECK(!kt_benchtrace_came(&t, INT32_MAX, 0));
	CHECK(kt_benchtrace_came(&t, 0, KT_BENCHTRACE_AHEAD - 1));
	CHECK_INT(t.n_came, 1);
}

TEST(heads)
{
	char bytes[KT_BENCHTRACE_HEAD + 1] = {0};
	struct kt_benchtrace_head in = {.run = UINT64_MAX,
					  .number = 7,
					  .clock_us = 1234567890123,
					  .wall_us = -1,
					  .boot = 9},
				  out;
	kt_benchtrace_write(bytes, &in);
	CHECK(kt_benchtrace_read(&out, (struct kt_bytes){bytes, sizeof(bytes)}));
	CHECK(out.run == in.run && out.number == 7 && out.clock_us == in.clock_us && out.wall_us == -1 &&
		out.boot == 9);
	CHECK(!kt_benchtrace_read(&out, (struct kt_bytes){bytes, KT_BENCHTRACE_HEAD - 1}));
	CHECK(!kt_benchtrace_read(&out, (struct kt_bytes){NULL, 0}));
	bytes[7]++;
	CHECK(!kt_benchtrace_read(&out, (struct kt_bytes){bytes, sizeof(bytes)}));
	CHECK(kt_benchtrace_boot() != 0 && kt_benchtrace_boot() == kt_benchtrace_boot());
}
