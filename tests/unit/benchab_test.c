/* ab's lines and formulas, worked out by hand as its source has them. */
#include "benchab.h"

#include "tap.h"

static char *report(struct kt_benchab *ab, struct kt_buf *out)
{
	ab->host = "h";
	ab->path = "/";
	kt_benchab_report(ab, out);
	return (char *)(uintptr_t)kt_buf_cstr(out);
}

/* Requests of 1, 2, … n ms, of which a quarter is the connection. */
static void fill(struct kt_benchab *ab, int64_t n)
{
	for (int64_t i = n; i >= 1; i--)
		kt_benchab_add(ab, i * 250, i * 1000, i * 500);
}

static bool says(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	return at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

TEST(of_100)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_benchab_fini) struct kt_benchab ab = {
		.concurrency = 4, .seconds = 2, .received = 20480, .received_body = 1000};
	fill(&ab, 100);
	const char *text = report(&ab, &out);
	CHECK(says(text, "Concurrency Level:      4"));
	CHECK(says(text, "Time taken for tests:   2.000 seconds"));
	CHECK(says(text, "Complete requests:      100"));
	CHECK(says(text, "Total transferred:      20480 bytes"));
	CHECK(says(text, "HTML transferred:       1000 bytes"));
	CHECK(says(text, "Requests per second:    50.00 [#/sec] (mean)"));
	CHECK(says(text, "Time per request:       80.000 [ms] (mean)"));
	CHECK(says(text, "Time per request:       20.000 [ms] (mean, across all concurrent requests)"));
	CHECK(says(text, "Transfer rate:          10.00 [Kbytes/sec] received"));
	CHECK(says(text, "              min  mean[+/-sd] median   max"));
	/* sd over n - 1: 29.01 ms; of an even number the element n / 2 is the median. */
	CHECK(says(text, "Connect:        0   13   7.3     13      25"));
	CHECK(says(text, "Processing:     1   38  21.8     38      75"));
	CHECK(says(text, "Waiting:        1   25  14.5     26      50"));
	CHECK(says(text, "Total:          1   51  29.0     51     100"));
	CHECK(says(text, "  50%     51"));
	CHECK(says(text, "  66%     67"));
	CHECK(says(text, "  99%    100"));
	CHECK(says(text, " 100%    100 (longest request)"));
	CHECK(!strstr(text, "Keep-Alive") && !strstr(text, "Non-2xx") && !strstr(text, "sent"));
}

TEST(of_other_numbers)
{
	static const struct {
		int64_t n;
		const char *total, *half, *ninety_nine;
	} rows[] = {
		{2, "Total:          1    2   0.7      2       2", "  50%      2", "  99%      2"},
		{3, "Total:          1    2   1.0      3       3", "  50%      2", "  99%      3"},
		{99, "Total:          1   50  28.7     51      99", "  50%     50", "  99%     99"},
		{101, "Total:          1   51  29.3     52     101", "  50%     51", "  99%    100"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_auto(kt_benchab_fini) struct kt_benchab ab = {.concurrency = 1, .seconds = 1};
		fill(&ab, rows[i].n);
		const char *text = report(&ab, &out);
		CHECK(says(text, rows[i].total));
		CHECK(says(text, rows[i].half));
		CHECK(says(text, rows[i].ninety_nine));
	}
}

TEST(of_one_and_of_none)
{
	kt_auto(kt_buf_fini) struct kt_buf one = {0}, none = {0};
	kt_auto(kt_benchab_fini) struct kt_benchab ab = {.concurrency = 1, .seconds = 1}, nothing = {.document = -1};
	fill(&ab, 1);
	const char *text = report(&ab, &one);
	CHECK(says(text, "Total:          1    1   0.0      1       1"));
	CHECK(!strstr(text, "Percentage"));
	text = report(&nothing, &none);
	CHECK(says(text, "Document Length:        0 bytes"));
	CHECK(says(text, "Complete requests:      0"));
	CHECK(!strstr(text, "Connection Times") && !strstr(text, "per second"));
}

TEST(lines_that_are_there_when_needed)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_benchab_fini) struct kt_benchab ab = {.concurrency = 1,
		.seconds = 1,
		.keep = true,
		.kept = 7,
		.posts = true,
		.sent = 2048,
		.received = 1024,
		.failed = 10,
		.failed_connect = 1,
		.failed_receive = 2,
		.failed_length = 3,
		.failed_other = 4,
		.not_2xx = 5};
	fill(&ab, 10);
	const char *text = report(&ab, &out);
	CHECK(strstr(text, "Failed requests:        10\n   (Connect: 1, Receive: 2, Length: 3, Exceptions: 4)\n"
			   "Non-2xx responses:      5\nKeep-Alive requests:    7\nTotal transferred:      1024 bytes\n"
			   "Total body sent:        2048\nHTML transferred:       0 bytes\n"));
	CHECK(strstr(text,
		"Transfer rate:          1.00 [Kbytes/sec] received\n                        2.00 kb/s sent\n"
		"                        3.00 kb/s total\n"));
}

/* By whole milliseconds, which is why times that are near to each other can be so far apart. */
TEST(its_warnings)
{
	static const struct {
		int64_t us[3];
		const char *says;
	} rows[] = {
		{{1000, 1000, 1000}, NULL},
		{{500, 1500, 1600},
			"WARNING: The median and mean for the total time are not within a normal deviation\n"
			"        These results are probably not that reliable.\n"},
		{{1000, 1400, 1700}, "ERROR: The median and mean for the total time are more than twice the standard\n"
				     "       deviation apart. These results are NOT reliable.\n"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_auto(kt_benchab_fini) struct kt_benchab ab = {.concurrency = 1, .seconds = 1};
		for (size_t k = 0; k < 3; k++)
			kt_benchab_add(&ab, 0, rows[i].us[k], 0);
		const char *text = report(&ab, &out);
		CHECK(rows[i].says ? strstr(text, rows[i].says) != NULL : !strstr(text, "The median and mean"));
	}
}
