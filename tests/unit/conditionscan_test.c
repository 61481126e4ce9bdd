#include "conditionscan.h"

#include "tap.h"

TEST(conditions)
{
	static const struct {
		const char *text, *sql;
		size_t columns, terms;
	} cases[] = {
		{"$.temperature > 30", "SELECT (?1 > 30\n)", 1, 1},
		{"$.a.b[0]+$[\"c d\"].e", "SELECT (?1+?2\n)", 2, 2},
		{"_key = '$.a' AND _OFFSET>5 AND _key<>''", "SELECT (?1 = '$.a' AND ?2>5 AND ?1<>''\n)", 0, 2},
		{"\"$.a\" OR [$.b] OR `$.c`", "SELECT (\"$.a\" OR [$.b] OR `$.c`\n)", 0, 0},
		{"1 -- $.a ?\n+ 1 /* $.b : */", "SELECT (1 -- $.a ?\n+ 1 /* $.b : */\n)", 0, 0},
		{"my_offset", "SELECT (my_offset\n)", 0, 0},
		{"_value->>'$.x' -- open", "SELECT (?1->>'$.x' -- open\n)", 0, 1},
		{"$.h\xc3\xb6he<-1", "SELECT (?1<-1\n)", 1, 1},
		{"'no end", "SELECT ('no end\n)", 0, 0},
		{"$.a.1", "SELECT (?1\n)", 1, 1},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_conditionscan_fini) struct kt_conditionscan scan = {0};
		struct kt_err err = {0};
		if (kt_conditionscan(&scan, cases[i].text, &err) < 0)
			TAP_FAIL("%s: %s", cases[i].text, err.msg);
		CHECK_STR(kt_buf_cstr(&scan.sql), cases[i].sql);
		CHECK_INT(scan.columns.n, cases[i].columns);
		CHECK_INT(scan.n, cases[i].terms);
	}
}

TEST(what_is_none)
{
	static const char *const cases[] = {
		"$", "$a > 1", "$.", "$.[0]", "$['a']", "$[\"a\"", "a = ?", "a = ?1", ":a", "@a", "#1"};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_conditionscan_fini) struct kt_conditionscan scan = {0};
		struct kt_err err = {0};
		if (kt_conditionscan(&scan, cases[i], &err) == 0 || err.status != KT_USAGE || !err.hint[0])
			TAP_FAIL("%s is taken", cases[i]);
	}
}
