#include "packed.h"

#include "tap.h"

/* The first ones as kcat 1.7.1 prints them. */
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

TEST(what_is_no_format)
{
	static const char *const rows[] = {"", "x", "i,h", "json"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_packed_check(rows[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
}
