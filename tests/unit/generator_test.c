#include "generator.h"

#include <math.h>

#include "tap.h"

static void parse(struct kt_generator *g, const char *text)
{
	struct kt_err err = {0};
	if (kt_generator_parse(g, text, &err) < 0)
		TAP_FAIL("%s: %s", text, err.msg);
}

TEST(refused)
{
	static const struct {
		const char *text, *msg, *hint;
	} rows[] = {
		{"", "there is no generator \"\"",
			"there are sequence, uniform, normal, zipf, uuid, now, choice and constant"},
		{"sequense", "there is no generator \"sequense\"", "did you mean sequence?"},
		{"sequence:", NULL, NULL},
		{"sequence:a", "sequence:a: \"a\" is not a whole number", ""},
		{"sequence:1,2,3", "sequence:1,2,3: expected sequence, sequence:START or sequence:START,STEP", ""},
		{"uuid:1", "uuid:1: expected uuid", ""},
		{"now:", "now:: expected now", ""},
		{"uniform", "uniform: expected uniform:MIN,MAX", ""},
		{"range:1", "range:1: expected range:MIN,MAX", ""},
		{"uniform:2,1", "uniform:2,1: 2 is more than 1", ""},
		{"uniform:0.5,x", "uniform:0.5,x: \"x\" is not a number", ""},
		{"normal:1", "normal:1: expected normal:MEAN,DEVIATION", ""},
		{"normal:1,-1", "normal:1,-1: a deviation of -1", ""},
		{"zipf", "zipf: expected zipf:N or zipf:N,EXPONENT", ""},
		{"zipf:0", "zipf:0: 0 is out of range: 1 to 1000000000", ""},
		{"zipf:5,0", "zipf:5,0: an exponent of 0: more than 0 and at most 100", ""},
		{"choice", "choice: expected choice:A,B,… or choice:[\"A\",\"B\",…]", ""},
		{"choice:", "choice:: nothing to choose from", ""},
		{"choice:[]", "choice:[]: nothing to choose from", ""},
		{"choice:[1", "choice:[1: expected ',' or ']', got the end of the text (column 3)", ""},
		{"constant", "constant: expected constant:X", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_generator g;
		struct kt_err err = {0};
		if (!rows[i].msg) {
			parse(&g, rows[i].text);
			kt_generator_fini(&g);
			continue;
		}
		CHECK_INT(kt_generator_parse(&g, rows[i].text, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
	}
}

TEST(sequences)
{
	struct kt_generator g;
	struct kt_random r;
	kt_random_seed(&r, 1, 0);
	parse(&g, "sequence");
	CHECK_INT(kt_generator_whole(&g, &r, INT32_MIN, INT32_MAX), 1);
	CHECK_INT(kt_generator_whole(&g, &r, INT32_MIN, INT32_MAX), 2);
	CHECK(kt_generator_real(&g, &r) == 3);
	parse(&g, "sequence:-5,-2");
	CHECK_INT(kt_generator_whole(&g, &r, -8, 8), -5);
	CHECK_INT(kt_generator_whole(&g, &r, -8, 8), -7);
	CHECK_INT(kt_generator_whole(&g, &r, -8, 8), -5);
	parse(&g, "sequence:9223372036854775807");
	CHECK_INT(kt_generator_whole(&g, &r, INT64_MIN, INT64_MAX), INT64_MAX);
	CHECK_INT(kt_generator_whole(&g, &r, INT64_MIN, INT64_MAX), INT64_MAX);
}

TEST(uniform_numbers)
{
	struct kt_generator g;
	struct kt_random r;
	int seen[4] = {0};
	kt_random_seed(&r, 1, 0);
	parse(&g, "range:-1,2");
	for (int i = 0; i < 4000; i++) {
		int64_t n = kt_generator_whole(&g, &r, INT32_MIN, INT32_MAX);
		if (n < -1 || n > 2)
			TAP_FAIL("%lld", (long long)n);
		else
			seen[n + 1]++;
	}
	for (int i = 0; i < 4; i++)
		CHECK(seen[i] > 850 && seen[i] < 1150);
	parse(&g, "uniform:-9223372036854775808,9223372036854775807");
	bool negative = false, positive = false;
	for (int i = 0; i < 100; i++) {
		int64_t n = kt_generator_whole(&g, &r, INT64_MIN, INT64_MAX);
		negative |= n < 0;
		positive |= n > 0;
	}
	CHECK(negative && positive);
	parse(&g, "uniform:-1e308,1e308");
	double sum = 0;
	for (int i = 0; i < 1000; i++) {
		double n = kt_generator_real(&g, &r);
		CHECK(fabs(n) <= 1e308);
		sum += n / 1e308;
	}
	CHECK(fabs(sum) < 60);
	parse(&g, "uniform:7,7");
	CHECK_INT(kt_generator_whole(&g, &r, 0, 9), 7);
}

TEST(other_numbers_stay_in_their_type)
{
	struct kt_generator g;
	struct kt_random r;
	kt_random_seed(&r, 1, 0);
	parse(&g, "normal:0,1e30");
	for (int i = 0; i < 100; i++) {
		int64_t n = kt_generator_whole(&g, &r, INT32_MIN, INT32_MAX);
		CHECK(n == INT32_MIN || n == INT32_MAX);
		n = kt_generator_whole(&g, &r, INT64_MIN, INT64_MAX);
		CHECK(n == INT64_MIN || n == INT64_MAX);
	}
	parse(&g, "normal:2.6,0");
	CHECK_INT(kt_generator_whole(&g, &r, 0, 9), 3);
	CHECK(kt_generator_real(&g, &r) == 2.6);
	parse(&g, "zipf:3");
	for (int i = 0; i < 100; i++) {
		int64_t n = kt_generator_whole(&g, &r, INT32_MIN, INT32_MAX);
		CHECK(n >= 1 && n <= 3);
	}
}

TEST(fits)
{
	static const struct {
		const char *text, *msg;
		double min, max;
		bool whole;
	} rows[] = {
		{"sequence:300", "sequence has 300, which is beyond 255", 0, 255, true},
		{"sequence:-1", "sequence has -1, which is beyond 0", 0, 255, true},
		{"sequence", "", 0, 255, true},
		{"zipf:256", "zipf has 256, which is beyond 255", 0, 255, true},
		{"zipf:255", "", 0, 255, true},
		{"uniform:0,255", "", 0, 255, true},
		{"uniform:0,256", "uniform has 256, which is beyond 255", 0, 255, true},
		{"uniform:0,2.5", "uniform has to have whole numbers here", 0, 255, true},
		{"uniform:0,2.5", "", 0, 255, false},
		{"normal:250,1000", "", 0, 255, true},
		{"normal:256,0", "normal has 256, which is beyond 255", 0, 255, true},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_generator g;
		struct kt_err err = {0};
		parse(&g, rows[i].text);
		CHECK_INT(
			kt_generator_fits(&g, rows[i].min, rows[i].max, rows[i].whole, &err), rows[i].msg[0] ? -1 : 0);
		CHECK_STR(err.msg, rows[i].msg);
		kt_generator_fini(&g);
	}
}

TEST(values)
{
	struct kt_generator g;
	parse(&g, "choice:a, b ,,c:d");
	CHECK_INT(g.values.n, 3);
	CHECK_STR(g.values.v[1], "b");
	CHECK_STR(g.values.v[2], "c:d");
	kt_generator_fini(&g);
	parse(&g, "choice:[\"a,b\", 1, {\"x\": [ ]}]");
	CHECK_INT(g.values.n, 3);
	CHECK_STR(g.values.v[0], "\"a,b\"");
	CHECK_STR(g.values.v[2], "{\"x\":[]}");
	kt_generator_fini(&g);
	parse(&g, "constant: x, y");
	CHECK_INT(g.values.n, 1);
	CHECK_STR(g.values.v[0], " x, y");
	kt_generator_fini(&g);
}
