#include "givenout.h"

#include "tap.h"

static struct kt_record of(int32_t partition, int64_t offset, int64_t ts_ms, const char *value)
{
	return (struct kt_record){.partition = partition,
		.offset = offset,
		.ts_ms = ts_ms,
		.tstype = KT_TS_CREATE,
		.value = {.data = value, .len = strlen(value)}};
}

static bool again(struct kt_givenout *given, const struct kt_record *record)
{
	return kt_givenout_again(given, record, 1000000);
}

TEST(the_same_record_is_given_out_once)
{
	struct kt_givenout given = {0};
	struct kt_record r = of(3, 0, 7, "value");
	CHECK(!again(&given, &r));
	CHECK(again(&given, &r));
	CHECK(again(&given, &r));
	kt_givenout_fini(&given);
}

TEST(others_at_the_same_offset_are_others)
{
	struct kt_record r = of(0, 5, 7, "value");
	struct kt_record others[] = {of(1, 5, 7, "value"), of(0, 6, 7, "value"), of(0, 5, 8, "value"),
		of(0, 5, 7, "valuf"), of(0, 5, 7, "value2"), of(0, 5, 7, "")};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct kt_givenout given = {0};
		CHECK(!again(&given, &r));
		CHECK(!again(&given, &others[i]));
		kt_givenout_fini(&given);
	}
}

TEST(a_null_value_is_a_record_too)
{
	struct kt_givenout given = {0};
	struct kt_record r = {.partition = 0, .offset = 9, .ts_ms = 1}, keyed = r;
	keyed.key = (struct kt_bytes){"k", 1};
	CHECK(!again(&given, &r));
	CHECK(again(&given, &r));
	CHECK(!again(&given, &keyed));
	kt_givenout_fini(&given);
}

TEST(what_is_long_ago_is_forgotten)
{
	struct kt_givenout given = {0};
	struct kt_record r = of(0, 1, 7, "value");
	CHECK(!kt_givenout_again(&given, &r, 1000000));
	CHECK(kt_givenout_again(&given, &r, 6900000));
	CHECK(!kt_givenout_again(&given, &r, 7100000));
	kt_givenout_fini(&given);
}

TEST(thousands_of_a_partition_are_remembered)
{
	struct kt_givenout given = {0};
	struct kt_record r;
	for (int i = 0; i < 20000; i++) {
		r = of(2, i, i, "v");
		CHECK(!again(&given, &r));
	}
	r = of(2, 20000 - 16384, 20000 - 16384, "v");
	CHECK(again(&given, &r));
	r = of(2, 0, 0, "v");
	CHECK(!again(&given, &r));
	kt_givenout_fini(&given);
}
