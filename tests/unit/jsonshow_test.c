#include "jsonshow.h"

#include "tap.h"

TEST(shows)
{
	static const struct {
		const char *text;
		struct kt_jsonshow how;
		const char *expected;
	} rows[] = {
		{"{\"a\": [1, {}]}", {0}, "{\"a\": [1, {}]}"},
		{"{\"a\":[1,{},[ ]],\"b\":{\"c\":null}}", {.indent = true},
			"{\n  \"a\": [\n    1,\n    {},\n    []\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}"},
		{" 5 ", {.indent = true}, "5"},
		{"{\"a\":\"b\",\"c\":1}", {.color = true},
			"{\033[34;1m\"a\"\033[0m:\033[32m\"b\"\033[0m,\033[34;1m\"c\"\033[0m:\033[36m1\033[0m}"},
		{"\"a\\\"}\\\\\"", {.indent = true}, "\"a\\\"}\\\\\""},
		{"\"\302\233\303\251\177\"", {.escapes = true}, "\"\\u009b\303\251\\u007f\""},
		{"\"\302\2332J\"", {0}, "\"\302\2332J\""},
		{"\"\342\200\256\360\237\230\200\"", {.escapes = true}, "\"\\u202e\360\237\230\200\""},
		/* Not JSON, and ended in the middle. */
		{"\"a\\", {.indent = true}, "\"a\\"},
		{"]]{", {.indent = true}, "\n]\n]{\n  "},
		{"", {.indent = true, .color = true}, ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_jsonshow(&out, rows[i].text, strlen(rows[i].text), &rows[i].how);
		CHECK_STR(kt_buf_cstr(&out), rows[i].expected);
	}
}

TEST(is_an_object_or_a_list)
{
	CHECK(kt_jsonshow_is(" {\"a\":1}\n", 9));
	CHECK(kt_jsonshow_is("[]", 2));
	CHECK(!kt_jsonshow_is("{", 1));
	CHECK(!kt_jsonshow_is("[}", 2));
	CHECK(!kt_jsonshow_is("5", 1));
	CHECK(!kt_jsonshow_is("", 0));
}
