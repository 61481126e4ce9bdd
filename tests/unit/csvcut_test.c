#include "csvcut.h"

#include "tap.h"

/* A record a line: its number, then its fields as <text>, in capitals <Q:text> when quoted. -1: the error. cut: how
 * many bytes are shown at first, and then one more at a time; 0: all. */
static const char *shown(const char *text, size_t cut)
{
	static struct kt_buf out;
	kt_auto(kt_csvcut_fini) struct kt_csvcut c = {0};
	struct kt_err err = {0};
	size_t len = strlen(text), at = 0, seen = cut ? cut : len;
	out.len = 0;
	while (at < len) {
		ssize_t used = kt_csvcut_record(&c, text + at, seen - at, seen == len, &err);
		if (used < 0) {
			kt_buf_adds(&out, err.msg);
			break;
		}
		if (used == 0) {
			if (seen == len)
				break;
			seen++;
			continue;
		}
		kt_buf_addf(&out, "%d", (int)c.line);
		for (size_t i = 0; i < c.n; i++)
			kt_buf_addf(
				&out, "<%s%.*s>", c.v[i].quoted ? "Q:" : "", (int)c.v[i].text.len, c.v[i].text.data);
		kt_buf_addc(&out, ' ');
		at += (size_t)used;
		seen = seen < at ? at : seen;
		if (cut && seen == at && seen < len)
			seen++;
	}
	return kt_buf_cstr(&out);
}

static const struct {
	const char *text, *records;
} cases[] = {
	{"", ""},
	{"a", "1<a> "},
	{"a\n", "1<a> "},
	{"a,b\r\nc,d", "1<a><b> 2<c><d> "},
	{",\n,", "1<><> 2<><> "},
	{"\n\na", "1<> 2<> 3<a> "},
	{"a,\n", "1<a><> "},
	{"\"a,\nb\",\"\"\r\nc\n", "1<Q:a,\nb><Q:> 3<c> "},
	{"\"a\"\"b\",\"\"\"\"\n", "1<Q:a\"b><Q:\"> "},
	{"\"x\"", "1<Q:x> "},
	{"a\"b\",c\n", "1<a\"b\"><c> "},
	{"a\rb\n", "1<a\rb> "},
	{"a\r", "1<a> "},
	{"\"a\"\r", "1<Q:a> "},
	{" \"a\"\n", "1< \"a\"> "},
	{"x\n\"a\"b\n", "1<x> line 2: a field in quotes is followed by neither a comma nor the end of the line"},
	{"\"a\"\rb\n", "line 1: a field in quotes is followed by neither a comma nor the end of the line"},
	{"x\ny,\"a\n\"\"", "1<x> line 2: a field in quotes has no end"},
};

TEST(records_and_fields)
{
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(shown(cases[i].text, 0), cases[i].records);
}

TEST(wherever_it_is_cut)
{
	for (size_t i = 0; i < KT_LEN(cases); i++)
		for (size_t cut = 1; cut <= strlen(cases[i].text); cut++)
			CHECK_STR(shown(cases[i].text, cut), cases[i].records);
}
