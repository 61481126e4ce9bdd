#include "when.h"

#include "tap.h"

static const int64_t now = 1700000000123;

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

TEST(when_reads)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"now", now},
		{"now-10m", now - 600000},
		{"now+1s", now + 1000},
		{"-1h30m", now - 5400000},
		{"+5s", now + 5000},
		{"-.5s", now - 500},
		{"1h30m ago", now - 5400000},
		{"2 hours ago", now - 7200000},
		{"1 hour ago", now - 3600000},
		{"90 seconds ago", now - 90000},
		{"1.5 days ago", now - 129600000},
		{"5 ago", now - 5000},
		{"0", 0},
		{"1700000000", 1700000000000},
		{"1700000000.5", 1700000000500},
		{"1700000000.1239", 1700000000123},
		{"99999999999", 99999999999000},
		{"100000000000", 100000000000},
		{"1700000000123", 1700000000123},
		{"1700000000123.9", 1700000000123},
		{"9223372036854775807", INT64_MAX},
		{"2023-11-14T22:13:20Z", 1700000000000},
		{"2023-11-14t22:13:20.5z", 1700000000500},
		{"2023-11-14 22:13:20.123456789Z", 1700000000123},
		{"2023-11-15T00:13:20+02:00", 1700000000000},
		{"2023-11-14T16:43:20-0530", 1700000000000},
		{"2023-11-14T22:13Z", 1699999980000},
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59.999Z", -1},
		{"0001-01-01T00:00:00Z", -62135596800000},
		{"9999-12-31T23:59:59Z", 253402300799000},
		{"2024-02-29T00:00:00Z", 1709164800000},
		{"2000-02-29T00:00:00Z", 951782400000},
		{"2016-12-31T23:59:60Z", 1483228800000},
		/* local time, here two hours before UTC in winter */
		{"2023-11-14T22:13:20", 1700000000000 + 7200000},
		{"2023-11-14", 1699920000000 + 7200000},
		{"1969-12-31T21:59:59", -1000},
	};
	in_zone("XXX+2");
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		int64_t ms = -77;
		if (kt_parse_when_ms(rows[i].text, now, &ms, &err) < 0 || ms != rows[i].ms)
			TAP_FAIL("%s is %lld, not %lld", rows[i].text, (long long)ms, (long long)rows[i].ms);
	}
}

TEST(when_refuses)
{
	static const char *const rows[] = {"", " now", "now ", "nowish", "now1h", "now-", "-", "+", "--5s", "-+5s",
		"-5x", "-1", "-2", "+5", "-99", "1.", ".5", "1e3", "12 ", "9223372036854775808", "99999999999999999999",
		"2023-11", "2023-11-14T", "2023-11-14T22", "2023-13-01", "2023-00-01", "2023-02-29", "1900-02-29",
		"2023-04-31", "2023-01-00", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z", "2023-01-01T00:00:61Z",
		"2023-01-01T00:00:00.Z", "2023-01-01T00:00:00+2", "2023-01-01T00:00:00+24:00", "2023-01-01T00:00:00ZZ",
		"2023-01-01Z", "tomorrow", "ago", " ago", "1 ago now", "x ago", "1 fortnight ago", "-1h ago",
		"99999999999999999999 days ago", "1 hour  ago", "-99999999999999999999d"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		int64_t ms = -77;
		if (!kt_parse_when_ms(rows[i], now, &ms, &err))
			TAP_FAIL("\"%s\" was read as %lld", rows[i], (long long)ms);
		CHECK_INT(ms, -77);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(err.hint[0]);
	}
	struct kt_err err = {0};
	int64_t ms;
	CHECK_INT(kt_parse_when_ms("2023-02-29", now, &ms, &err), -1);
	CHECK_STR(err.msg, "\"2023-02-29\" is not a point in time");
	CHECK_INT(kt_parse_when_ms("-1h", INT64_MIN, &ms, &err), -1);
	CHECK_INT(kt_parse_when_ms("+1h", INT64_MAX, &ms, &err), -1);
}

TEST(kafkas_tools_mean_utc)
{
	struct kt_err err = {0};
	int64_t ms;
	in_zone("XXX+2");
	CHECK_INT(kt_parse_when_utc_ms("2023-11-14T22:13:20", now, &ms, &err), 0);
	CHECK_INT(ms, 1700000000000);
	CHECK_INT(kt_parse_when_utc_ms("today", now, &ms, &err), 0);
	CHECK_INT(ms, 1699920000000);
	CHECK_INT(kt_parse_when_utc_ms("yesterday", now, &ms, &err), 0);
	CHECK_INT(ms, 1699833600000);
	CHECK_INT(kt_parse_when_utc_ms("2023-11-14T22:13:20.000+01:00", now, &ms, &err), 0);
	CHECK_INT(ms, 1700000000000 - 3600000);
	CHECK_INT(kt_parse_when_ms("-2", now, &ms, &err), -1);
	CHECK_STR(err.msg, "-2 is a number without a unit");
	CHECK_STR(err.hint, "-2s is that many seconds ago");
}

TEST(when_shows)
{
	char out[40];
	CHECK_STR(kt_show_when(0, out), "1970-01-01T00:00:00.000Z");
	CHECK_STR(kt_show_when(1700000000123, out), "2023-11-14T22:13:20.123Z");
	CHECK_STR(kt_show_when(-1, out), "1969-12-31T23:59:59.999Z");
	CHECK_STR(kt_show_when(253402300799999, out), "9999-12-31T23:59:59.999Z");
	CHECK_STR(kt_show_when(INT64_MAX, out), "292278994-08-17T07:12:55.807Z");
	CHECK_STR(kt_show_when(INT64_MIN, out), "-292275055-05-16T16:47:04.192Z");
}

TEST(when_reads_what_it_shows)
{
	for (int64_t ms = -62135596800000; ms < 253402300799999; ms += 987654321987) {
		char out[40];
		int64_t back = 0;
		struct kt_err err = {0};
		CHECK_INT(kt_parse_when_ms(kt_show_when(ms, out), now, &back, &err), 0);
		CHECK_INT(back, ms);
	}
}

TEST(clocks_run)
{
	int64_t start = kt_clock_us();
	CHECK(kt_now_ms() > 1700000000000);
	CHECK(kt_clock_us() >= start);
}

TEST(a_moment_of_one_clock_is_one_of_the_other)
{
	int64_t at_us = kt_clock_us(), before_ms = kt_now_ms();
	int64_t wall_ms = kt_wall_ms(at_us);
	CHECK(wall_ms <= before_ms + 1);
	/* However long this program was held up meanwhile. */
	for (int i = 0; i < 3; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
		int64_t again_ms = kt_wall_ms(at_us);
		CHECK(again_ms >= wall_ms - 2 && again_ms <= wall_ms + 2);
	}
	int64_t earlier_ms = kt_wall_ms(at_us - 5000000);
	CHECK(earlier_ms >= wall_ms - 5002 && earlier_ms <= wall_ms - 4998);
}

TEST(how_long_until)
{
	int64_t now_us = kt_clock_us();
	CHECK_INT(kt_until_ms(INT64_MAX), INT64_MAX);
	CHECK_INT(kt_until_ms(now_us), 0);
	CHECK_INT(kt_until_ms(0), 0);
	/* An hour from a moment that has passed by now, and not an hour ago. */
	int64_t left_ms = kt_until_ms(now_us + 3600 * 1000000LL);
	CHECK(left_ms > 0 && left_ms <= 3600 * 1000);
}
