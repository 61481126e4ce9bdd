#include "openmetrics.h"

#include "tap.h"

TEST(samples)
{
	static const char text[] = "# HELP a b\n# TYPE a counter\na_total{key=\"k\",topic=\"t\"} 22\n"
				   "plain 1.5e3\nwith_time{} 7 1700000000.5\r\n  blanks \t -0.5\n\n"
				   "bad\nbad{ 1\nbad{a=\"}\"\nbad x\nbad NaN\nbad +Inf\n{} 1\nlast{a=\"}\\\"\"} 3";
	static const struct {
		const char *name, *labels;
		double value;
	} expected[] = {
		{"a_total", "key=\"k\",topic=\"t\"", 22},
		{"plain", NULL, 1500},
		{"with_time", "", 7},
		{"blanks", NULL, -0.5},
		{"last", "a=\"}\\\"\"", 3},
	};
	const char *at = text;
	struct kt_sample_line s;
	for (size_t i = 0; i < KT_LEN(expected); i++) {
		CHECK(kt_sample_next(&at, text + strlen(text), &s));
		CHECK(kt_sample_is(&s, expected[i].name));
		CHECK(!expected[i].labels == !s.labels.data);
		if (expected[i].labels)
			CHECK_MEM(s.labels.data, s.labels.len, expected[i].labels, strlen(expected[i].labels));
		CHECK(s.value == expected[i].value);
	}
	CHECK(!kt_sample_next(&at, text + strlen(text), &s));
}

TEST(labels)
{
	static const struct {
		const char *labels, *name, *value;
	} rows[] = {
		{"key=\"k\",topic=\"t\"", "topic", "t"},
		{"key=\"k\",topic=\"t\",", "key", "k"},
		{"key=\"a\\\\b\\\"c\\nd\"", "key", "a\\b\"c\nd"},
		{"key=\"a\\\\n\"", "key", "a\\n"},
		{"a=\"x,b=\\\"y\",b=\"z\"", "b", "z"},
		{"key = \"k\"", "key", NULL},
		{"key=\"\"", "key", ""},
		{"key=\"k\"", "ke", NULL},
		{"key=\"k", "key", NULL},
		{"key", "key", NULL},
		{"", "key", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_bytes labels = {rows[i].labels, strlen(rows[i].labels)};
		CHECK(kt_label(labels, rows[i].name, &out) == (rows[i].value != NULL));
		CHECK_STR(kt_buf_cstr(&out), rows[i].value ? rows[i].value : "");
	}
}
