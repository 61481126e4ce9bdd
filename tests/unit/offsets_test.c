#include "offsets.h"

#include "tap.h"

static const int64_t now = 1700000000123, untouched = 77;

static bool same(const struct kt_span *a, const struct kt_span *b)
{
	return a->start.where == b->start.where && a->start.n == b->start.n && a->end.where == b->end.where &&
	       a->end.n == b->end.n;
}

TEST(span_reads)
{
	static const struct {
		const char *text;
		struct kt_span span;
	} rows[] = {
		{"beginning", {{KT_AT_BEGINNING, 0}, {0, 0}}},
		{"earliest", {{KT_AT_BEGINNING, 0}, {0, 0}}},
		{"end", {{KT_AT_END, 0}, {0, 0}}},
		{"latest", {{KT_AT_END, 0}, {0, 0}}},
		{"start", {{KT_AT_BEGINNING, 0}, {0, 0}}},
		{"oldest", {{KT_AT_BEGINNING, 0}, {0, 0}}},
		{"newest", {{KT_AT_END, 0}, {0, 0}}},
		{"start:end", {{KT_AT_BEGINNING, 0}, {KT_AT_END, 0}}},
		{":end", {{0, 0}, {KT_AT_END, 0}}},
		{"5:end", {{KT_AT_OFFSET, 5}, {KT_AT_END, 0}}},
		{"oldest:5", {{KT_AT_BEGINNING, 0}, {KT_AT_OFFSET, 5}}},
		{"2023-11-14T22:13:20Z", {{KT_AT_TIME, 1700000000000}, {0, 0}}},
		{"2023-11-14T22:13:20Z:now", {{KT_AT_TIME, 1700000000000}, {KT_AT_TIME, now}}},
		{"stored", {{KT_AT_STORED, 0}, {0, 0}}},
		{"0", {{KT_AT_OFFSET, 0}, {0, 0}}},
		{"9223372036854775807", {{KT_AT_OFFSET, INT64_MAX}, {0, 0}}},
		{"-10", {{KT_AT_TAIL, 10}, {0, 0}}},
		{"-0", {{KT_AT_TAIL, 0}, {0, 0}}},
		{"+10", {{KT_AT_HEAD, 10}, {0, 0}}},
		{"+0", {{KT_AT_HEAD, 0}, {0, 0}}},
		{"@-1h:end", {{KT_AT_TIME, now - 3600000}, {KT_AT_END, 0}}},
		{"@2023-11-14T22:13:20Z:end", {{KT_AT_TIME, 1700000000000}, {KT_AT_END, 0}}},
		{"@start:now", {{KT_AT_BEGINNING, 0}, {KT_AT_TIME, now}}},
		{"5:10", {{KT_AT_OFFSET, 5}, {KT_AT_OFFSET, 10}}},
		{"5:5", {{KT_AT_OFFSET, 5}, {KT_AT_OFFSET, 5}}},
		{"5:", {{KT_AT_OFFSET, 5}, {0, 0}}},
		{":10", {{0, 0}, {KT_AT_OFFSET, 10}}},
		{"@1700000000", {{KT_AT_TIME, 1700000000000}, {0, 0}}},
		{"@-1h30m", {{KT_AT_TIME, now - 5400000}, {0, 0}}},
		{"@now", {{KT_AT_TIME, now}, {0, 0}}},
		{"now", {{KT_AT_TIME, now}, {0, 0}}},
		{"now-1h", {{KT_AT_TIME, now - 3600000}, {0, 0}}},
		{"2 hours ago", {{KT_AT_TIME, now - 7200000}, {0, 0}}},
		{"@-1h:-30m", {{KT_AT_TIME, now - 3600000}, {KT_AT_TIME, now - 1800000}}},
		{"@-1h:", {{KT_AT_TIME, now - 3600000}, {0, 0}}},
		{"@:now", {{0, 0}, {KT_AT_TIME, now}}},
		{"@1:2", {{KT_AT_TIME, 1000}, {KT_AT_TIME, 2000}}},
		{"@2023-11-14T22:13:20Z", {{KT_AT_TIME, 1700000000000}, {0, 0}}},
		{"@2023-11-14T22:13:20Z:", {{KT_AT_TIME, 1700000000000}, {0, 0}}},
		{"@2023-11-14T22:13:20Z:now", {{KT_AT_TIME, 1700000000000}, {KT_AT_TIME, now}}},
		{"@:2023-11-14T22:13:20Z", {{0, 0}, {KT_AT_TIME, 1700000000000}}},
		{"@2023-11-14T22:13:20Z:2023-11-14T22:13:21.5Z",
			{{KT_AT_TIME, 1700000000000}, {KT_AT_TIME, 1700000001500}}},
		{"@2023-11-15T00:13:20+02:00:2023-11-15T00:13:21+02:00",
			{{KT_AT_TIME, 1700000000000}, {KT_AT_TIME, 1700000001000}}},
		{"@2023-11-14T22:13Z:1700000000", {{KT_AT_TIME, 1699999980000}, {KT_AT_TIME, 1700000000000}}},
		{"s@1700000000123", {{KT_AT_TIME, now}, {0, 0}}},
		{"e@1700000000123", {{0, 0}, {KT_AT_TIME, now}}},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_span span = {{KT_AT_DEFAULT, untouched}, {KT_AT_DEFAULT, untouched}}, want = rows[i].span;
		if (want.start.where == KT_AT_DEFAULT)
			want.start.n = untouched;
		if (want.end.where == KT_AT_DEFAULT)
			want.end.n = untouched;
		if (kt_span_parse(&span, rows[i].text, now, &err) < 0 || !same(&span, &want))
			TAP_FAIL("%s: %d %lld, %d %lld (%s)", rows[i].text, (int)span.start.where,
				(long long)span.start.n, (int)span.end.where, (long long)span.end.n, err.msg);
	}
}

TEST(span_refuses_and_changes_nothing)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"", "\"\" is not an offset"},
		{"x", "\"x\" is not an offset"},
		{"Beginning", "\"Beginning\" is not an offset"},
		{"5x", "\"5x\" is not an offset"},
		{"+", "\"+\" is not a number of records after the beginning"},
		{"++5", "\"++5\" is not a number of records after the beginning"},
		{"+-5", "\"+-5\" is not a number of records after the beginning"},
		{"+5:", "\"+5:\" is not a number of records after the beginning"},
		{"+5x", "\"+5x\" is not a number of records after the beginning"},
		{"1:+2", "\"1:+2\" is not an offset"},
		{"@now:stored", "\"@now:stored\" is neither a point in time nor two"},
		{":", "\":\" is not an offset"},
		{"1:2:3", "\"1:2:3\" is not an offset"},
		{"1:-2", "\"1:-2\" is not an offset"},
		{"9223372036854775808", "\"9223372036854775808\" is not an offset"},
		{"-", "\"-\" is not a number of records before the end"},
		{"--5", "\"--5\" is not a number of records before the end"},
		{"-5:", "\"-5:\" is not a number of records before the end"},
		{"10:5", "\"10:5\" ends before it starts"},
		{"@", "\"@\" is neither a point in time nor two"},
		{"@:", "\"@:\" is neither a point in time nor two"},
		{"@tomorrow", "\"@tomorrow\" is neither a point in time nor two"},
		{"@now:tomorrow", "\"@now:tomorrow\" is neither a point in time nor two"},
		{"@now:-1h", "\"@now:-1h\" ends before it starts"},
		{"s@", "\"\" is not a point in time"},
		{"e@x", "\"x\" is not a point in time"},
		{"x@5", "\"x@5\" is not an offset"},
		{"stored:5", "\"stored:5\" is not an offset"},
		{"2023-13-14", "\"2023-13-14\" is neither a point in time nor two"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_span span = {{KT_AT_DEFAULT, untouched}, {KT_AT_DEFAULT, untouched}}, before = span;
		CHECK_INT(kt_span_parse(&span, rows[i].text, now, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(strstr(err.hint, "understood: beginning"));
		CHECK(same(&span, &before));
	}
}

TEST(says_what_was_meant)
{
	static const char *const rows[][2] = {{"1h", "that long ago is -1h"}, {"1h30m", "that long ago is -1h30m"},
		{"end-5", "the last 5 of each partition are -5"},
		{"latest-10", "the last 10 of each partition are -10"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_span span = {0};
		struct kt_err err = {0};
		CHECK_INT(kt_span_parse(&span, rows[i][0], now, &err), -1);
		CHECK_STR(err.hint, rows[i][1]);
	}
}

TEST(span_adds_up)
{
	struct kt_err err = {0};
	struct kt_span span = {0};
	CHECK_INT(kt_span_parse(&span, "s@1000", now, &err), 0);
	CHECK_INT(kt_span_parse(&span, "e@2000", now, &err), 0);
	CHECK_INT(span.start.n, 1000000);
	CHECK_INT(span.end.n, 2000000);
	CHECK_INT(kt_span_parse(&span, "e@500", now, &err), -1);
	CHECK_STR(err.msg, "\"e@500\" ends before it starts");
	CHECK_INT(span.end.n, 2000000);
}
