#include "num.h"

#include "tap.h"

TEST(parses_integers)
{
	static const struct {
		const char *text;
		int64_t min, max, n;
		const char *error;
	} rows[] = {
		{"0", 0, 9, 0, NULL},
		{"-0", 0, 9, 0, NULL},
		{"+7", 0, 9, 7, NULL},
		{"-1", -1, INT32_MAX, -1, NULL},
		{"9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX, NULL},
		{"-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN, NULL},
		{"9223372036854775808", INT64_MIN, INT64_MAX, 0, "9223372036854775808 does not fit into 64 bits"},
		{"-9223372036854775809", INT64_MIN, INT64_MAX, 0, "-9223372036854775809 does not fit into 64 bits"},
		{"9223372036854775808", 0, INT64_MAX, 0,
			"9223372036854775808 is too large: at most 9223372036854775807"},
		{"99999999999999999999", 0, 100, 0, "99999999999999999999 is out of range: 0 to 100"},
		{"101", 0, 100, 0, "101 is out of range: 0 to 100"},
		{"-1", 1, INT64_MAX, 0, "-1 is too small: at least 1 is needed"},
		{"", 0, 9, 0, "\"\" is not a whole number"},
		{"-", 0, 9, 0, "\"-\" is not a whole number"},
		{" 1", 0, 9, 0, "\" 1\" is not a whole number"},
		{"1 ", 0, 9, 0, "\"1 \" is not a whole number"},
		{"1.5", 0, 9, 0, "\"1.5\" is not a whole number"},
		{"0x10", 0, 99, 0, "\"0x10\" is not a whole number"},
		{"--1", -9, 9, 0, "\"--1\" is not a whole number"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		int64_t n = 4711;
		int result = kt_parse_i64(rows[i].text, rows[i].min, rows[i].max, &n, &err);
		CHECK_INT(result, rows[i].error ? -1 : 0);
		CHECK_INT(n, rows[i].error ? 4711 : rows[i].n);
		CHECK_INT(err.status, rows[i].error ? KT_USAGE : 0);
		CHECK_STR(err.msg, rows[i].error ? rows[i].error : "");
	}
}

TEST(parses_doubles)
{
	static const struct {
		const char *text;
		double n;
		bool ok;
	} rows[] = {
		{"0", 0, true},
		{"1.5", 1.5, true},
		{".5", .5, true},
		{"5.", 5, true},
		{"-2e3", -2000, true},
		{"+1E-2", .01, true},
		{"", 0, false},
		{".", 0, false},
		{"1e", 0, false},
		{"inf", 0, false},
		{"nan", 0, false},
		{"0x1p3", 0, false},
		{" 1", 0, false},
		{"1,5", 0, false},
		{"1e999", 0, false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		double n = 47;
		CHECK_INT(kt_parse_double(rows[i].text, &n, &err), rows[i].ok ? 0 : -1);
		CHECK(n == (rows[i].ok ? rows[i].n : 47));
	}
}

struct quantity {
	const char *text;
	int64_t n; /* -1: refused */
};

static void check_quantities(
	int (*parse)(const char *, int64_t *, struct kt_err *), const struct quantity *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kt_err err = {0};
		int64_t n = -1;
		int result = parse(rows[i].text, &n, &err);
		if (n != rows[i].n || (result == 0) != (n >= 0) || (result < 0 && err.status != KT_USAGE))
			TAP_FAIL("\"%s\" is %lld (%s), not %lld", rows[i].text, (long long)n, err.msg,
				(long long)rows[i].n);
	}
}

TEST(parses_durations)
{
	static const struct quantity rows[] = {
		{"0", 0},
		{"1", 1000},
		{"0.5", 500},
		{".25", 250},
		{"500ms", 500},
		{"10s", 10000},
		{"1.5s", 1500},
		{"2m", 120000},
		{"2min", 120000},
		{"1h30m", 5400000},
		{"PT1H30M", 5400000},
		{"P7D", 604800000},
		{"P1DT0.5S", 86400500},
		{"pt5m", 300000},
		{"1H30M", 5400000},
		{"7d", 604800000},
		{"1d1h1m1s1ms", 90061001},
		{"0.1d", 8640000},
		{"0.0001", 0},
		{"1.9999999999999999999s", 1999},
		{"", -1},
		{"-1s", -1},
		{"+1s", -1},
		{"s", -1},
		{"1h30", -1},
		{"1x", -1},
		{"1 s", -1},
		{"1s ", -1},
		{".", -1},
		{"9223372036854775807ms", INT64_MAX},
		{"9223372036854775807ms1ms", -1},
		{"9223372036854775807s", -1},
		{"99999999999999999999ms", -1},
	};
	check_quantities(kt_parse_duration_ms, rows, KT_LEN(rows));
}

TEST(parses_sizes)
{
	static const struct quantity rows[] = {
		{"0", 0},
		{"4096", 4096},
		{"64k", 65536},
		{"64KiB", 65536},
		{"64kb", 65536},
		{"1MB", 1048576},
		{"1MiB", 1048576},
		{"1m", 1048576},
		{"1.5m", 1572864},
		{"2g", 2147483648},
		{"1t", 1099511627776},
		{"5b", 5},
		{"", -1},
		{"k", -1},
		{"-1", -1},
		{"1kk", -1},
		{"1k1", -1},
		{"1 k", -1},
		{"1e3", -1},
		{"8388608t", -1},
		{"9223372036854775808", -1},
	};
	check_quantities(kt_parse_bytes, rows, KT_LEN(rows));
}

TEST(names_what_it_could_not_read)
{
	struct kt_err err = {0};
	int64_t n;
	CHECK_INT(kt_parse_duration_ms("soon", &n, &err), -1);
	CHECK_STR(err.msg, "\"soon\" is not a duration");
	CHECK_STR(err.hint, "for example 500ms, 10s, 1h30m, 7d");
	CHECK_INT(kt_parse_bytes("big", &n, &err), -1);
	CHECK_STR(err.msg, "\"big\" is not a size");
}

TEST(groups_digits)
{
	char out[32];
	CHECK_STR(kt_group_digits(0, out), "0");
	CHECK_STR(kt_group_digits(999, out), "999");
	CHECK_STR(kt_group_digits(1000, out), "1,000");
	CHECK_STR(kt_group_digits(-1234567, out), "-1,234,567");
	CHECK_STR(kt_group_digits(INT64_MIN, out), "-9,223,372,036,854,775,808");
}

TEST(shows_durations)
{
	char out[32];
	CHECK_STR(kt_show_ms(0, out), "0 ms");
	CHECK_STR(kt_show_ms(350, out), "350 ms");
	CHECK_STR(kt_show_ms(12345, out), "12.3 s");
	CHECK_STR(kt_show_ms(125000, out), "2 min 5 s");
	CHECK_STR(kt_show_ms(7500000, out), "2 h 5 min");
	CHECK_STR(kt_show_ms(183600000, out), "2 d 3 h");
	CHECK_STR(kt_show_ms(INT64_MAX, out), "106751991167 d 7 h");
}
