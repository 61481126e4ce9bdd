#include "benchcompare.h"

#include "tap.h"

#define RESULT(rate, p50, intervals)                                                                                   \
	"{\"bench\":\"produce\",\"loop\":\"open\",\"asked\":1000.0,\"rate\":" rate ",\"failed\":0,\"cpu_s\":0.5,"      \
	"\"latency_ms\":{\"mean\":1.5,\"p50\":" p50                                                                    \
	",\"p90\":2,\"p99\":3,\"p99.9\":4,\"max\":5},\"intervals\":[" intervals "]}"

static const char a[] = RESULT("1000", "1.0",
	"{\"rate\":900,\"p50_ms\":1.0},{\"rate\":1000,\"p50_ms\":1.0},{\"rate\":1100,\"p50_ms\":1.0},{\"rate\":3,\"p50_ms\":77}");
static const char near_it[] = RESULT("1130", "1.5",
	"{\"rate\":1030,\"p50_ms\":1.4},{\"rate\":1130,\"p50_ms\":1.5},{\"rate\":1230,\"p50_ms\":1.6},{\"rate\":3,\"p50_ms\":77}");
static const char far_off[] = RESULT("1150", "0.5",
	"{\"rate\":1050,\"p50_ms\":0.5},{\"rate\":1150,\"p50_ms\":0.5},{\"rate\":1250,\"p50_ms\":0.5},{\"rate\":3,\"p50_ms\":77}");
static const char short_run[] = RESULT("2000", "1.0", "{\"rate\":900},{\"rate\":1000},{\"rate\":1100}");

static void compare(struct kt_buf *out, const char *left, const char *right)
{
	struct kt_err err = {0};
	struct kt_benchresult one, two;
	CHECK_INT(kt_benchresult_parse(&one, left, strlen(left), "a", &err), 0);
	CHECK_INT(kt_benchresult_parse(&two, right, strlen(right), "b", &err), 0);
	CHECK(one.open && one.asked == 1000);
	kt_benchcompare_add(out, &one, &two, false);
}

/* Intervals of 900, 1000, 1100 have a spread of 100; two of those are 141 together. */
TEST(what_is_more_than_the_spread)
{
	kt_auto(kt_buf_fini) struct kt_buf within = {0}, more = {0}, unknown = {0};
	compare(&within, a, near_it);
	CHECK(strstr(
		kt_buf_cstr(&within), "per second\t1000.00\t1130.00\t+13.0 %\t100.00\t100.00\twithin the spread\n"));
	CHECK(strstr(kt_buf_cstr(&within), "p50 ms\t1.00\t1.50\t+50.0 %\t0.00\t0.10\tworse\n"));
	compare(&more, a, far_off);
	CHECK(strstr(kt_buf_cstr(&more), "per second\t1000.00\t1150.00\t+15.0 %\t100.00\t100.00\tbetter\n"));
	CHECK(strstr(kt_buf_cstr(&more), "p50 ms\t1.00\t0.50\t-50.0 %\t0.00\t0.00\tbetter\n"));
	CHECK(strstr(kt_buf_cstr(&more), "p99.9 ms\t4.00\t4.00\t+0.0 %\t\t\t\n"));
	CHECK(strstr(kt_buf_cstr(&more), "failed\t0.00\t0.00\t+0.00\t"));
	CHECK(!strstr(kt_buf_cstr(&more), "MiB/s")); /* neither has it */
	compare(&unknown, a, short_run);
	CHECK(strstr(kt_buf_cstr(&unknown), "per second\t1000.00\t2000.00\t+100.0 %\t100.00\t\t\n"));
}

TEST(what_is_no_result)
{
	static const char *const bad[] = {"", "{", "[]", "{}", "{\"bench\":\"produce\"}",
		"{\"bench\":1,\"intervals\":[]}", "{\"bench\":\"x\",\"intervals\":{}}"};
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		struct kt_err err = {0};
		struct kt_benchresult r;
		CHECK_INT(kt_benchresult_parse(&r, bad[i], strlen(bad[i]), "x.json", &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(strstr(err.msg, "x.json"));
	}
}
