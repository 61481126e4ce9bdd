#include "jsonsplit.h"

#include "tap.h"

/* The records with | between, of the text given in pieces of so many bytes. */
static void split(const char *text, size_t step, char *out, size_t size)
{
	struct kt_jsonsplit s = {0};
	struct kt_bytes record;
	size_t at = 0, have = 0, all = strlen(text), used, n = 0;
	out[0] = '\0';
	while (at < all) {
		have = have + step < all ? have + step : all;
		while ((used = kt_jsonsplit(&s, text + at, have - at, have == all, &record))) {
			n += (size_t)snprintf(out + n, size - n, "%s%.*s", n ? "|" : "", (int)record.len, record.data);
			at += used;
		}
	}
}

TEST(records_end_where_they_should)
{
	static const char *const rows[][2] = {
		{"{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}"},
		{"{\"a\":1}\n{\"b\":2}", "{\"a\":1}|{\"b\":2}"},
		{"{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\"c\":1}\n", "{\n  \"a\": {\n    \"b\": 1\n  }\n}|{\"c\":1}"},
		{"{\r\n\"a\": 1\r\n}\r\n{}\r\n", "{\r\n\"a\": 1\r\n}\r|{}\r"},
		{"{\n\"a\": \"}\\\"}{\",\n\"b\": [\n1,\n2]\n}\n", "{\n\"a\": \"}\\\"}{\",\n\"b\": [\n1,\n2]\n}"},
		{"x\n\n{\n\"a\":1\n}", "x||{\n\"a\":1\n}"},
		{"{\"torn\":\n{\"a\":1}\n", "{\"torn\":|{\"a\":1}"},
		{"{\"torn\":\n{\"a\":1}", "{\"torn\":|{\"a\":1}"},
		{"{\"torn\":\"x\n{\n\"a\":1\n}\n", "{\"torn\":\"x|{\n\"a\":1\n}"},
		{"[\n{\"a\":1},\n{\"b\":1}\n]\n", "[|{\"a\":1},|{\"b\":1}|]"},
		{"[\n  {\"a\":1}\n]\n", "[\n  {\"a\":1}\n]"},
		{"  {\n  \"a\":1\n  }\n", "  {\n  \"a\":1\n  }"},
		{"{\n\"a\":1", "{\n\"a\":1"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		for (size_t step = 1; step <= strlen(rows[i][0]); step++) {
			char got[256];
			split(rows[i][0], step, got, sizeof(got));
			CHECK_STR(got, rows[i][1]);
		}
}
