#include "json.h"

#include <jansson.h>

#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		literal, sizeof(literal) - 1                                                                           \
	}

static struct kt_json reader(struct kt_buf *out, const char *text, size_t len, struct kt_err *err)
{
	return (struct kt_json){.start = text, .at = text, .end = text + len, .out = out, .err = err};
}

TEST(words_are_strings_that_a_terminal_leaves_alone)
{
	static const char *const rows[][2] = {
		{"", "\"\""},
		{"a \"name\" \\ gr\xc3\xbc\xc3\x9f", "\"a \\\"name\\\" \\\\ gr\xc3\xbc\xc3\x9f\""},
		{"\033]0;x\a\n\x7f", "\"\\u001b]0;x\\u0007\\n\\u007f\""},
		{"\xc2\x9b"
		 "31m\xe2\x80\xae",
			"\"\\u009b31m\\u202e\""},
		{"\x9b", "\"\xef\xbf\xbd\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_json_words(&out, rows[i][0]);
		CHECK_STR(kt_buf_cstr(&out), rows[i][1]);
	}
}

TEST(string_escapes)
{
	static const struct {
		struct kt_bytes bytes;
		const char *json;
	} rows[] = {
		{BYTES(""), "\"\""},
		{BYTES("plain"), "\"plain\""},
		{BYTES("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
		{BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
		{BYTES("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\""},
		{BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{BYTES("exactly sixteen!"), "\"exactly sixteen!\""},
		{BYTES("sixteen and a quote: \"0123456789abcdef"), "\"sixteen and a quote: \\\"0123456789abcdef\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK(kt_json_string_exact(&out, rows[i].bytes.data, rows[i].bytes.len));
		CHECK_STR(kt_buf_cstr(&out), rows[i].json);
		out.len = 0;
		kt_json_string(&out, rows[i].bytes.data, rows[i].bytes.len);
		CHECK_STR(kt_buf_cstr(&out), rows[i].json);
	}
}

TEST(string_that_is_not_utf8)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_buf_adds(&out, "before");
	CHECK(!kt_json_string_exact(&out, "long enough to grow the buffer \xff", 32));
	CHECK_MEM(out.data, out.len, "before", 6);
	out.len = 0;
	kt_json_string(&out, "a\xff\xc3(\xed\xa0\x80", 7);
	CHECK_STR(kt_buf_cstr(&out), "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(text_decodes)
{
	static const struct {
		struct kt_bytes json, bytes;
	} rows[] = {
		{BYTES("\"\""), BYTES("")},
		{BYTES(" \t\r\n\"a\" "), BYTES("a")},
		{BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), BYTES("\"\\/\b\f\n\r\t")},
		{BYTES("\"\\u0000\\u0041\\u00E9\\u20ac\\uFFFF\""), BYTES("\0A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf")},
		{BYTES("\"\\ud83d\\ude00\\uDBFF\\uDFFF\""), BYTES("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf")},
		{BYTES("\"0123456789abcdef\\n0123456789abcdef\""), BYTES("0123456789abcdef\n0123456789abcdef")},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_json j = reader(&out, rows[i].json.data, rows[i].json.len, &err);
		struct kt_bytes text = {0};
		CHECK_INT(kt_json_text(&j, &text), 0);
		CHECK_MEM(text.data, text.len, rows[i].bytes.data, rows[i].bytes.len);
		CHECK_INT(kt_json_finish(&j), 0);
	}
}

TEST(i64_is_exact)
{
	static const struct {
		const char *json;
		int64_t n;
		const char *msg;
	} rows[] = {
		{"0", 0, NULL},
		{"-0", 0, NULL},
		{"9223372036854775807", INT64_MAX, NULL},
		{"-9223372036854775808", INT64_MIN, NULL},
		{"9223372036854775808", 0, "got 9223372036854775808"},
		{"-9223372036854775809", 0, "got -9223372036854775809"},
		{"123456789012345678901234567890123456789012345", 0, "got 1234567890123456789012345678901234567890"},
		{"1.0", 0, "got 1.0"},
		{"1e3", 0, "got 1e3"},
		{"01", 0, "got a number (column 1)"},
		{"-", 0, "got a number (column 1)"},
		{"\"1\"", 0, "got a string (column 1)"},
		{"", 0, "got the end of the text (column 1)"},
		{"true", 0, "got \"t\" (column 1)"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_json j = reader(NULL, rows[i].json, strlen(rows[i].json), &err);
		int64_t n = 77;
		CHECK_INT(kt_json_i64(&j, INT64_MIN, INT64_MAX, &n), rows[i].msg ? -1 : 0);
		CHECK_INT(n, rows[i].msg ? 77 : rows[i].n);
		if (rows[i].msg)
			CHECK_STR(strstr(err.msg, "got"), rows[i].msg);
	}
}

TEST(doubles)
{
	static const struct {
		const char *json;
		double n;
		const char *msg;
	} rows[] = {
		{"0", 0, NULL},
		{" -1.5e2", -150, NULL},
		{"21", 21, NULL},
		{"1e400", 0, "got a number (column 1)"},
		{"\"1\"", 0, "got a string (column 1)"},
		{".5", 0, "got \".\" (column 1)"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_json j = reader(NULL, rows[i].json, strlen(rows[i].json), &err);
		double n = 77;
		CHECK_INT(kt_json_real(&j, &n), rows[i].msg ? -1 : 0);
		CHECK(n == (rows[i].msg ? 77 : rows[i].n));
		if (rows[i].msg)
			CHECK_STR(strstr(err.msg, "got"), rows[i].msg);
	}
}

TEST(columns_are_those_of_the_line)
{
	static const char text[] = "[1,\n 2,\n  x]";
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_json j = reader(&out, text, strlen(text), &err);
	CHECK_INT(kt_json_skip(&j), -1);
	CHECK_STR(err.msg, "expected a value, got \"x\" (column 3)");
}

TEST(compact_keeps_tokens)
{
	static const struct {
		const char *json, *compact;
	} rows[] = {
		{" { \"b\" : 1.0e+5 , \"a\\u0041\" : [ ] , \"c\" : { } } ", "{\"b\":1.0e+5,\"a\\u0041\":[],\"c\":{}}"},
		{"[ 1 ,\t-0 , true,false , null,\"a b\" ]", "[1,-0,true,false,null,\"a b\"]"},
		{"123456789012345678901234567890", "123456789012345678901234567890"},
		{" 1e999 ", "1e999"},
		{"[[[]]]", "[[[]]]"},
		{"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_json j = reader(&out, rows[i].json, strlen(rows[i].json), &err);
		struct kt_bytes text = {0};
		CHECK_INT(kt_json_compact(&j, &text), 0);
		CHECK_MEM(text.data, text.len, rows[i].compact, strlen(rows[i].compact));
		CHECK_INT(kt_json_finish(&j), 0);
	}
}

/* Reads any one value to the end of the text. */
static int check(const char *text, size_t len, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_json j = reader(&out, text, len, err);
	return kt_json_skip(&j) < 0 ? -1 : kt_json_finish(&j);
}

TEST(refuses)
{
	static const struct {
		struct kt_bytes json;
		const char *msg;
	} rows[] = {
		{BYTES(""), "expected a value, got the end of the text (column 1)"},
		{BYTES("{"), "expected a string, got the end of the text (column 2)"},
		{BYTES("{\"a\""), "expected ':', got the end of the text (column 5)"},
		{BYTES("{\"a\":1"), "expected ',' or '}', got the end of the text (column 7)"},
		{BYTES("{\"a\":1,}"), "expected a string, got \"}\" (column 8)"},
		{BYTES("{1:2}"), "expected a string, got a number (column 2)"},
		{BYTES("[1,]"), "expected a value, got \"]\" (column 4)"},
		{BYTES("[1 2]"), "expected ',' or ']', got a number (column 4)"},
		{BYTES("[1}"), "expected ',' or ']', got \"}\" (column 3)"},
		{BYTES("1 x"), "expected nothing more, got \"x\" (column 3)"},
		{BYTES("1\0"), "expected nothing more, got \"\\x00\" (column 2)"},
		{BYTES("nul"), "expected a value, got \"n\" (column 1)"},
		{BYTES("truex"), "expected nothing more, got \"x\" (column 5)"},
		{BYTES("+1"), "expected a value, got \"+\" (column 1)"},
		{BYTES("1."), "expected a value, got a number (column 1)"},
		{BYTES("1e"), "expected a value, got a number (column 1)"},
		{BYTES("NaN"), "expected a value, got \"N\" (column 1)"},
		{BYTES("'a'"), "expected a value, got \"'\" (column 1)"},
		{BYTES("\"a"), "expected the end of a string, got the end of the text (column 3)"},
		{BYTES("\"a\n\""), "expected the end of a string, got \"\\n\" (column 3)"},
		{BYTES("\"\\q\""), "expected one of \"\\/bfnrtu after the backslash, got \"q\" (column 3)"},
		{BYTES("\"\\"), "expected one of \"\\/bfnrtu after the backslash, got the end of the text (column 3)"},
		{BYTES("\"\\u12\""), "expected four hexadecimal digits, got a number (column 4)"},
		{BYTES("\"\\ud800\""), "half of a surrogate pair (column 8)"},
		{BYTES("\"\\ud800\\u0041\""), "half of a surrogate pair (column 14)"},
		{BYTES("\"\\udc00\""), "half of a surrogate pair (column 8)"},
		{BYTES("\"\xff\""), "not UTF-8 (column 2)"},
		{BYTES("\"\xed\xa0\x80\""), "not UTF-8 (column 2)"},
		{BYTES("\xef\xbb\xbf{}"), "expected a value, got \"\\xef\" (column 1)"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(check(rows[i].json.data, rows[i].json.len, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_FAILED);
	}
}

TEST(depth_is_bounded)
{
	struct kt_err err = {0};
	char text[2 * KT_JSON_DEPTH + 2];
	memset(text, '[', KT_JSON_DEPTH);
	memset(text + KT_JSON_DEPTH, ']', KT_JSON_DEPTH);
	CHECK_INT(check(text, 2 * KT_JSON_DEPTH, &err), 0);
	memset(text, '[', KT_JSON_DEPTH + 1);
	memset(text + KT_JSON_DEPTH + 1, ']', KT_JSON_DEPTH + 1);
	CHECK_INT(check(text, sizeof(text), &err), -1);
	CHECK_STR(err.msg, "nested deeper than 1000 levels (column 1001)");
}

/* What jansson refuses although it is JSON: numbers that no C type holds, and NUL in names. */
static bool is_limit(const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);
	return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

/* Changes a few bytes of text to others that matter in JSON, though not to NUL, which jansson 2.14 overlooks after a
 * number or a word. Returns the new length. */
static size_t mutate(char *text, size_t len, size_t cap)
{
	static const char bytes[] = "{}[]:,\"\\/u0019aeE+-. \n\t\x1f\x7f\x80\xc3\xa9\xed\xa0\xf4truefalsn d8";
	for (int n = (int)(random() % 4); n >= 0 && len; n--) {
		size_t at = (size_t)random() % len;
		char c = bytes[(size_t)random() % (sizeof(bytes) - 1)];
		int how = (int)(random() % 3);
		if (how == 0) {
			text[at] = c;
		} else if (how == 1) {
			memmove(text + at, text + at + 1, --len - at);
		} else if (len < cap) {
			memmove(text + at + 1, text + at, len++ - at);
			text[at] = c;
		}
	}
	return len;
}

TEST(agrees_with_jansson_on_what_is_json)
{
	static const char *const seeds[] = {
		"{\"a\":[1,-2.5e+3,true,false,null],\"b\":{\"c\":\"\\u00e9\\ud83d\\ude00\\n\"}}",
		"[\"0123456789abcdef0123456789\\\"abc\xc3\xa9\xf0\x9f\x98\x80\",{},[],0,-0,10,0.5]",
		"\"\\ud83d\\ude00\\udbff\\udfff\"", "-12.5e-3", "{\"key\":null,\"payload\":\"x\"}"};
	unsigned valid = 0, differ = 0;
	srandom(2);
	for (unsigned round = 0; round < 200000; round++) {
		char text[128];
		const char *seed = seeds[round % KT_LEN(seeds)];
		json_error_t error;
		struct kt_err err = {0};
		size_t len = strlen(seed);
		memcpy(text, seed, len);
		len = mutate(text, len, sizeof(text));
		json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
		if (json || !is_limit(&error)) {
			bool ours = !check(text, len, &err);
			valid += ours;
			if (ours != (json != NULL) && !differ++)
				TAP_FAIL("%.*s: %s", (int)len, text, ours ? error.text : err.msg);
		}
		json_decref(json);
	}
	CHECK_INT(differ, 0);
	CHECK(valid > 20000);
}

/* jansson reads the strings that we write as they were, and we those that it writes. */
TEST(agrees_with_jansson_on_strings)
{
	srandom(3);
	for (unsigned round = 0; round < 20000; round++) {
		char bytes[40];
		size_t len = (size_t)random() % sizeof(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(random() % 3 ? random() % 128 : "\xc3\xa9\"\\\0\x1f"[random() % 6]);
		struct kt_err err = {0};
		struct kt_bytes text;
		kt_auto(kt_buf_fini) struct kt_buf written = {0}, decoded = {0};
		json_t *value = json_stringn(bytes, len);
		CHECK(kt_json_string_exact(&written, bytes, len) == (value != NULL));
		if (!value)
			continue;
		json_t *back = json_loadb(written.data, written.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		CHECK_MEM(json_string_value(back), json_string_length(back), bytes, len);
		char *theirs = json_dumps(value, JSON_ENCODE_ANY | (round % 2 ? JSON_ENSURE_ASCII : 0));
		struct kt_json j = reader(&decoded, theirs, strlen(theirs), &err);
		CHECK_INT(kt_json_text(&j, &text), 0);
		CHECK_MEM(text.data, text.len, bytes, len);
		free(theirs);
		json_decref(back);
		json_decref(value);
	}
}

/* However a number is written, it becomes the nearest double. */
TEST(numbers_are_rounded_once)
{
	static const char *const rows[] = {"0", "-0", "0.1", "-12.5", "9007199254740993", "9007199254740992",
		"0.0000000000000000000001", "123456789012345678901234567890", "1694266072.6484454", "1e22", "1E-22",
		"4.9406564584124654e-324", "179769313486231570000000000000000000000", "0.30000000000000004",
		"9007199254740992.5"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		double n = kt_json_to_double((struct kt_bytes){rows[i], strlen(rows[i])}),
		       right = strtod(rows[i], NULL);
		CHECK(memcmp(&n, &right, sizeof(n)) == 0);
	}
}
