#include "packed.h"

#include "tap.h"

/* The first ones are as kcat 1.7.1 prints them. */
TEST(texts)
{
	static const struct {
		const char *format, *text;
	} rows[] = {
		{"ih", "5-1"},
		{">ihs", "5-1hello"},
		{"i h s", "5 -1 hello"},
		{"ihccs$", "5-1hello"},
		{"q", "25769764965"},
		{"<i", "83886080"},
		{"i<h>b", "5-1104"},
		{"IHB", "565535104"},
		{"<H", "0"},
		{"b B", "0 0"},
		{"ih$", "!5 bytes are left where the end is expected"},
		{"ihQ", "!Q needs 8 bytes, but 5 are left"},
		{"ss", NULL},
	};
	static const struct kt_bytes bytes = {"\0\0\0\5\xff\xffhello", 11};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_err err = {0};
		CHECK_INT(kt_packed_check(rows[i].format, &err), 0);
		if (kt_packed_print(rows[i].format, bytes, &out, &err) < 0) {
			CHECK_INT(out.len, 0);
			kt_buf_addf(&out, "!%s", err.msg);
		}
		if (rows[i].text)
			CHECK_STR(kt_buf_cstr(&out), rows[i].text);
		else
			CHECK_MEM(out.data, out.len, bytes.data, bytes.len);
	}
}

TEST(largest)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_packed_print("q Q", (struct kt_bytes){"\x80\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16},
			  &out, &err),
		0);
	CHECK_STR(kt_buf_cstr(&out), "-9223372036854775808 18446744073709551615");
	CHECK_INT(kt_packed_print("s", (struct kt_bytes){"", 0}, &out, &err), 0);
}

/* What was printed goes back in; everything else is refused. */
TEST(texts_become_bytes)
{
	static const struct {
		const char *format, *text, *bytes; /* NULL: refused */
		size_t len;
	} rows[] = {
		{"i", "5", "\0\0\0\5", 4},
		{"<i", "-2", "\xfe\xff\xff\xff", 4},
		{">b <h s", "-128 258 a b", "\x80\2\1a b", 6},
		{"B", "255", "\xff", 1},
		{"b", "127", "\x7f", 1},
		{"q", "-9223372036854775808", "\x80\0\0\0\0\0\0\0", 8},
		{"Q", "18446744073709551615", "\xff\xff\xff\xff\xff\xff\xff\xff", 8},
		{"cc$", "xy", "xy", 2},
		{"s", "", "", 0},
		{"i i", "1  2", "\0\0\0\1\0\0\0\2", 8},
		{"b", "128", NULL, 0},
		{"b", "-129", NULL, 0},
		{"B", "256", NULL, 0},
		{"B", "-1", NULL, 0},
		{"Q", "18446744073709551616", NULL, 0},
		{"q", "9223372036854775808", NULL, 0},
		{"i", "", NULL, 0},
		{"i", "5x", NULL, 0},
		{"i", "0x5", NULL, 0},
		{"i", "+5", NULL, 0},
		{"i", "5.0", NULL, 0},
		{"i", "5 6", NULL, 0},
		{"i i", "5", NULL, 0},
		{"c", "", NULL, 0},
		{"c c", "xy", NULL, 0},
		{"i", "99999999999999999999999999999", NULL, 0},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_err err = {0};
		int result = kt_packed_read(
			rows[i].format, (struct kt_bytes){rows[i].text, strlen(rows[i].text)}, &out, &err);
		CHECK_INT(result, rows[i].bytes ? 0 : -1);
		CHECK_INT(out.len, rows[i].len);
		CHECK(!rows[i].len || !memcmp(out.data, rows[i].bytes, rows[i].len));
		CHECK((result < 0) == (err.msg[0] != '\0'));
	}
}

TEST(what_is_no_format)
{
	static const char *const rows[] = {"", "x", "i,h", "json"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_packed_check(rows[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
}
