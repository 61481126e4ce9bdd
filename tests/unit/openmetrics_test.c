#include "openmetrics.h"

#include "tap.h"

TEST(samples)
{
	static const char text[] =
		"# HELP a b\n# TYPE a counter\na_total{key=\"k\",topic=\"t\"} 22\n"
		"plain 1.5e3\nwith_time{} 7 1700000000.5\r\n  blanks \t -0.5\n\n"
		"bad\nbad{ 1\nbad{a=\"}\"\nbad x\nbad NaN\nbad +Inf\n{} 1\n{\"bad\nlast{a=\"}\\\"\"} 3\n"
		"{\"my.counter_total\",x=\"y\"} 2\n { \"b c\" } 4 1\n{x=\"y\", \"after\"} 5\n"
		"{\"a\\\"b\\\\\\n\"} 6\n{x=\"y\"} 1\n\"bad\" 1\n{\"bad\" x} \ntight{}7";
	static const struct {
		const char *name, *labels;
		double value;
	} expected[] = {
		{"a_total", "key=\"k\",topic=\"t\"", 22},
		{"plain", NULL, 1500},
		{"with_time", "", 7},
		{"blanks", NULL, -0.5},
		{"last", "a=\"}\\\"\"", 3},
		{"my.counter_total", "\"my.counter_total\",x=\"y\"", 2},
		{"b c", " \"b c\" ", 4},
		{"after", "x=\"y\", \"after\"", 5},
		{"a\"b\\\n", "\"a\\\"b\\\\\\n\"", 6},
		{"tight", "", 7},
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
		{"key = \"k\"", "key", "k"},
		{" a=\"x\" , key\t= \"k\" ,", "key", "k"},
		{"\"the.name\",key=\"k\"", "key", "k"},
		{"\"the.name\",key=\"k\"", "the.name", NULL},
		{"\"my.key\" = \"k\"", "my.key", "k"},
		{"\"a\\\"b\"=\"k\"", "a\"b", "k"},
		{"key=k", "key", NULL},
		{"key k=\"k\"", "key", NULL},
		{"key=", "key", NULL},
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

TEST(families)
{
	static const char text[] =
		"# HELP a b\n# TYPE a counter\na 1\n# TYPE  b.c gauge\n# TYPE \"b.c\" counter\n# TYPE \n# TYPE\n"
		"#TYPE x y\n# TYPE last";
	static const char *const expected[] = {"a", "b", "b.c", "last"};
	const char *at = text;
	struct kt_bytes name;
	for (size_t i = 0; i < KT_LEN(expected); i++) {
		CHECK(kt_family_next(&at, text + strlen(text), &name));
		CHECK_MEM(name.data, name.len, expected[i], strlen(expected[i]));
	}
	CHECK(!kt_family_next(&at, text + strlen(text), &name));
}
