#include "esc.h"

#include "tap.h"

#define BYTES(literal) ((struct kt_bytes){literal, sizeof(literal) - 1})

TEST(unescape_gives_bytes)
{
	static const struct {
		const char *text;
		struct kt_bytes bytes;
	} rows[] = {
		{"", {"", 0}},
		{"plain", {"plain", 5}},
		{"a\\tb\\n", {"a\tb\n", 4}},
		{"\\r\\a\\b\\e\\f\\v", {"\r\a\b\033\f\v", 6}},
		{"\\0", {"\0", 1}},
		{"\\012", {"\00012", 3}},
		{"\\\\n\\\"\\'", {"\\n\"'", 4}},
		{"\\x1\\x1f\\xFFf", {"\x01\x1f\xff"
				     "f",
					    4}},
		{"\\u0041\\u00e9\\u20aC", {"A\xc3\xa9\xe2\x82\xac", 6}},
		{"\\u0000", {"\0", 1}},
		{"\xff", {"\xff", 1}},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK_INT(kt_unescape(&out, rows[i].text, &err), 0);
		CHECK_MEM(out.data, out.len, rows[i].bytes.data, rows[i].bytes.len);
	}
}

TEST(unescape_refuses_and_leaves_the_buffer)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"a\\", "it ends in a lone backslash at character 2 of \"a\\\\\""},
		{"\\n\\q", "unknown escape at character 3 of \"\\\\n\\\\q\""},
		{"\\xg", "\\x needs one or two hexadecimal digits at character 1 of \"\\\\xg\""},
		{"\\u12", "\\u needs four hexadecimal digits at character 1 of \"\\\\u12\""},
		{"\\ud83d\\ude00", "\\u of a surrogate is not a character at character 1 of \"\\\\ud83d\\\\ude00\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_buf_adds(&out, "before");
		CHECK_INT(kt_unescape(&out, rows[i].text, &err), -1);
		CHECK_MEM(out.data, out.len, "before", 6);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK(err.hint[0]);
	}
}

TEST(quote_shows_what_is_safe)
{
	static const struct {
		struct kt_bytes bytes;
		const char *text;
	} rows[] = {
		{{NULL, 0}, "null"},
		{{"", 0}, "\"\""},
		{{"abc", 3}, "\"abc\""},
		{{"a\0b\n\t\r\033[31m\x7f", 12}, "\"a\\x00b\\n\\t\\r\\x1b[31m\\x7f\""},
		{{"\"\\", 2}, "\"\\\"\\\\\""},
		{{"gr\xc3\xbc\xc3\x9f", 6}, "\"gr\xc3\xbc\xc3\x9f\""},
		{{"\xff\xc3", 2}, "\"\\xff\\xc3\""},
		{{"\xc2\x9b"
		  "0m",
			 4},
			"\"\\xc2\\x9b0m\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		char out[64];
		CHECK_STR(kt_quote(out, sizeof(out), rows[i].bytes), rows[i].text);
	}
}

TEST(quote_cuts_between_characters)
{
	char out[64];
	CHECK_STR(kt_quote(out, 12, BYTES("0123456789")), "\"012345…\"");
	CHECK_STR(kt_quote(out, 13, BYTES("0123456789")), "\"0123456789\"");
	CHECK_STR(kt_quote(out, 12, BYTES("\n\n\n\n\n\n")), "\"\\n\\n\\n…\"");
	CHECK_STR(kt_quote(out, 10, BYTES("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac")), "\"\xe2\x82\xac…\"");
	CHECK_STR(kt_quote(out, 8, BYTES("0123456789")), "\"01…\"");
	CHECK_STR(kt_quote(out, 7, BYTES("0")), "");
	for (size_t size = 8; size < 40; size++) {
		memset(out, 'x', sizeof(out));
		kt_quote(out, size, BYTES("ab\x01\xc2\x80\n\xe2\x82\xac\xff\"the end of it"));
		CHECK(strlen(out) < size && out[strlen(out) - 1] == '"' && out[size] == 'x');
	}
}

TEST(words_do_nothing_on_a_terminal)
{
	static const struct {
		struct kt_bytes bytes;
		const char *text;
	} rows[] = {
		{{"", 0}, ""},
		{{"a group, by \\name \"x\"", 21}, "a group, by \\name \"x\""},
		{{"0123456789abcdef\033]0;x\a", 22}, "0123456789abcdef\\x1b]0;x\\x07"},
		{{"row\nforged\trow\r\0", 16}, "row\\nforged\\trow\\r\\x00"},
		{{"\x7f", 1}, "\\x7f"},
		{{"\xc2\x9b"
		  "31m",
			 5},
			"\\xc2\\x9b31m"},
		{{"\x9b"
		  "31m",
			 4},
			"\\x9b31m"},
		{{"\xc2\x85"
		  "\xc2\xa0",
			 4},
			"\\xc2\\x85\xc2\xa0"},
		{{"a\xe2\x80\xa8"
		  "b\xe2\x80\xaetxt\xe2\x81\xa6",
			 14},
			"a\\xe2\\x80\\xa8"
			"b\\xe2\\x80\\xaetxt\\xe2\\x81\\xa6"},
		{{"\xd8\x9c\xe2\x80\x8f", 5}, "\\xd8\\x9c\\xe2\\x80\\x8f"},
		{{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", 15},
			"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
		{{"\xe2\x82", 2}, "\\xe2\\x82"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_words_add(&out, rows[i].bytes.data, rows[i].bytes.len);
		CHECK_STR(kt_buf_cstr(&out), rows[i].text);
	}
	for (unsigned c = 0; c < 256; c++) {
		/* At each place of a word of eight. */
		for (size_t at = 0; at < 8; at++) {
			char name[] = "abcdefgh";
			kt_auto(kt_buf_fini) struct kt_buf out = {0};
			name[at] = (char)c;
			kt_words_add(&out, name, 8);
			CHECK((strlen(kt_buf_cstr(&out)) == 8) == (c >= 0x20 && c < 0x7f));
		}
	}
}

TEST(utf8_knows_the_borders)
{
	static const struct {
		struct kt_bytes bytes;
		bool valid;
	} rows[] = {
		{{"", 0}, true},
		{{"a\0b", 3}, true},
		{{"\x7f", 1}, true},
		{{"\xc2\x80", 2}, true},
		{{"\xdf\xbf", 2}, true},
		{{"\xe0\xa0\x80", 3}, true},
		{{"\xed\x9f\xbf", 3}, true},
		{{"\xee\x80\x80", 3}, true},
		{{"\xef\xbf\xbf", 3}, true},
		{{"\xf0\x90\x80\x80", 4}, true},
		{{"\xf4\x8f\xbf\xbf", 4}, true},
		{{"\x80", 1}, false},
		{{"\xbf", 1}, false},
		{{"\xc0\x80", 2}, false},
		{{"\xc1\xbf", 2}, false},
		{{"\xc2", 1}, false},
		{{"\xc2\x7f", 2}, false},
		{{"\xe0\x9f\xbf", 3}, false},
		{{"\xe1\x80", 2}, false},
		{{"\xed\xa0\x80", 3}, false},
		{{"\xed\xbf\xbf", 3}, false},
		{{"\xf0\x8f\xbf\xbf", 4}, false},
		{{"\xf0\x90\x80", 3}, false},
		{{"\xf4\x90\x80\x80", 4}, false},
		{{"\xf5\x80\x80\x80", 4}, false},
		{{"\xff", 1}, false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK(kt_utf8_valid(rows[i].bytes.data, rows[i].bytes.len) == rows[i].valid);
}

/* Every position within the 8-byte steps, with ASCII around. */
TEST(utf8_finds_a_bad_byte_anywhere)
{
	char text[40];
	for (size_t len = 1; len < sizeof(text); len++)
		for (size_t at = 0; at < len; at++) {
			memset(text, 'a', len);
			CHECK(kt_utf8_valid(text, len));
			text[at] = (char)0xff;
			CHECK(!kt_utf8_valid(text, len));
			if (at + 1 < len) {
				memcpy(text + at, "\xc3\xa9", 2);
				CHECK(kt_utf8_valid(text, len));
			}
		}
}

/* All code points: what is encoded is valid, has the length that the sequence says, and is invalid when cut. */
TEST(utf8_encode_agrees)
{
	unsigned long wrong = 0;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char text[4];
		if (c == 0xd800)
			c = 0xe000;
		size_t len = kt_utf8_encode(text, c);
		const unsigned char *at = (const unsigned char *)text;
		wrong += !kt_utf8_valid(text, len) || kt_utf8_sequence(at, at + len) != len;
		wrong += len > 1 && kt_utf8_valid(text, len - 1);
	}
	CHECK_INT(wrong, 0);
}

TEST(base64_round_trip)
{
	char bytes[67];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 151 + 7);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		kt_auto(kt_buf_fini) struct kt_buf text = {0}, back = {0};
		kt_buf_add_base64(&text, bytes, len);
		CHECK_INT(kt_base64_decode(&back, text.data, text.len), 0);
		CHECK_MEM(back.data, back.len, bytes, len);
		while (text.len && text.data[text.len - 1] == '=')
			text.len--;
		back.len = 0;
		CHECK_INT(kt_base64_decode(&back, text.data, text.len), 0);
		CHECK_MEM(back.data, back.len, bytes, len);
	}
}

TEST(base64_refuses)
{
	static const char *const rows[] = {"A", "AAAAA", "====", "=", "A===", "AA=", "AAAA=", "AAAA==", "AA==AAAA",
		"AA A", "AAA\n", "AB-_", "AB==", "AAB=", "AA=A"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_buf_adds(&out, "before");
		if (!kt_base64_decode(&out, rows[i], strlen(rows[i])))
			TAP_FAIL("%s was decoded", rows[i]);
		CHECK_MEM(out.data, out.len, "before", 6);
	}
}

TEST(hex)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	CHECK_INT(kt_hex_decode(&out, "00fFA9", 6), 0);
	CHECK_MEM(out.data, out.len, "\0\xff\xa9", 3);
	CHECK_INT(kt_hex_decode(&out, "0", 1), -1);
	CHECK_INT(kt_hex_decode(&out, "0g", 2), -1);
	CHECK_INT(kt_hex_decode(&out, " 0", 2), -1);
	CHECK_INT(kt_hex_decode(&out, "", 0), 0);
	CHECK_INT(out.len, 3);
}
