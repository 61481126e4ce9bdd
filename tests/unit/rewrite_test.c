#include "rewrite.h"

#include "tap.h"

static struct kt_err err;

static bool is_b(void *data, const struct kt_property *row)
{
	++*(int *)data;
	return !strcmp(row->key, "b");
}

/* Leaves out the properties named b and adds n=1. */
static const char *changed(const char *text, const char *profile, bool in_place)
{
	static struct kt_buf out;
	int asked = 0;
	struct kt_rewrite change = {
		.name = "f", .profile = profile, .stale = is_b, .data = &asked, .in_place = in_place};
	out.len = 0;
	err = (struct kt_err){0};
	if (kt_properties_rewrite(&out, &change, text, strlen(text), (struct kt_bytes){"n=1\n", 4}, &err) < 0)
		return "error";
	return kt_buf_cstr(&out);
}

static const char *rewritten(const char *text, const char *profile)
{
	return changed(text, profile, false);
}

TEST(in_place_of_what_is_left_out)
{
	static const char *const cases[][2] = {
		{"", "n=1\n"},
		{"a=1\nb=1\nc=1\n[profile p]\nb=2\n", "a=1\nn=1\nc=1\n[profile p]\nb=2\n"},
		{"# c\nb=1\\\n  2\n# d\nb=3", "# c\nn=1\n# d\n"},
		{"a=1\r\nb=1\r\nc=1\r\n", "a=1\r\nn=1\nc=1\r\n"},
		{"a=1\n\n[profile p]\nb=1\n", "a=1\nn=1\n\n[profile p]\nb=1\n"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(changed(cases[i][0], NULL, true), cases[i][1]);
	CHECK_STR(changed("b=1\n[profile p]\nb=2\nc=1\n[profile p]\nb=3\n", "p", true),
		"b=1\n[profile p]\nn=1\nc=1\n[profile p]\n");
}

TEST(what_stands_in_front_of_the_sections)
{
	static const char *const cases[][2] = {
		{"", "n=1\n"},
		{"a=1", "a=1\nn=1\n"},
		{"a=1\n", "a=1\nn=1\n"},
		{"# c\na=1\nb=2\nc=3\n\n\n[profile p]\nb=4\n", "# c\na=1\nc=3\nn=1\n\n\n[profile p]\nb=4\n"},
		{"[profile p]\nb=4\n", "n=1\n[profile p]\nb=4\n"},
		{"b=1\\\n  2\na=1\n", "a=1\nn=1\n"},
		{"a=\\\n[profile x]\nb=1\n", "a=\\\n[profile x]\nn=1\n"},
		{"b=1", "n=1\n"},
		{"a=1\r\nb=1\r\n", "a=1\r\nn=1\n"},
		{"a=1\rb=1\rc=1", "a=1\rc=1\nn=1\n"},
		{"b=1\ra=1\r", "a=1\rn=1\n"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(rewritten(cases[i][0], NULL), cases[i][1]);
}

TEST(a_section)
{
	static const char *const cases[][2] = {
		{"", "[profile p]\nn=1\n"},
		{"a=1", "a=1\n\n[profile p]\nn=1\n"},
		{"b=1\n[profile p]\nb=2\na=2\n", "b=1\n[profile p]\na=2\nn=1\n"},
		{"[profile p]\nb=2\n\n# about q\n[profile q]\nb=3\n",
			"[profile p]\n\n# about q\nn=1\n[profile q]\nb=3\n"},
		{"[profile p]\nb=2\n\n[profile q]\nb=3\n", "[profile p]\nn=1\n\n[profile q]\nb=3\n"},
		{"[profile q]\nb=3", "[profile q]\nb=3\n\n[profile p]\nn=1\n"},
		{"[profile p]\nb=1\n[profile q]\n[profile p]\nb=1\nc=1\n",
			"[profile p]\nn=1\n[profile q]\n[profile p]\nc=1\n"},
		{"[profile p]", "[profile p]\nn=1\n"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(rewritten(cases[i][0], "p"), cases[i][1]);
}

TEST(a_broken_file_is_not_rewritten)
{
	CHECK_STR(rewritten("a=1\nnonsense\n", NULL), "error");
	CHECK_STR(err.msg, "f:2: expected \"property=value\"");
}

TEST(lines_read_back_as_written)
{
	static const struct {
		const char *value, *line;
		enum kt_style style;
	} cases[] = {
		{"simple", "k=simple\n", KT_STYLE_PLAIN},
		{"", "k=\n", KT_STYLE_PLAIN},
		{"a b=c#d", "k=a b=c#d\n", KT_STYLE_PLAIN},
		{"a\\b", "k=a\\b\n", KT_STYLE_PLAIN},
		{"a\\b", "k=a\\\\b\n", KT_STYLE_JAVA},
		{" a ", "k=\\ a\\ \n", KT_STYLE_JAVA},
		{"a\nb", "k=a\\nb\n", KT_STYLE_JAVA},
		{"a\r\t", "k=a\\r\\t\n", KT_STYLE_JAVA},
		{"\xc3\xbc\xf0\x9f\x98\x80", "k=\\u00fc\\ud83d\\ude00\n", KT_STYLE_JAVA},
		{"\xc3\xbc", "k=\xc3\xbc\n", KT_STYLE_PLAIN},
		{"${HOME}", "k=$${HOME}\n", KT_STYLE_PLAIN},
		{"a\nb", NULL, KT_STYLE_PLAIN},
		{" a", NULL, KT_STYLE_PLAIN},
		{"a ", NULL, KT_STYLE_PLAIN},
		{"a\\", NULL, KT_STYLE_PLAIN},
		{"a\\=b", NULL, KT_STYLE_PLAIN},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_buf out = {0};
		int result = kt_property_line(&out, "k", cases[i].value, cases[i].style, &err);
		CHECK_INT(result, cases[i].line ? 0 : -1);
		CHECK_STR(kt_buf_cstr(&out), cases[i].line ? cases[i].line : "");
		kt_buf_fini(&out);
	}
	struct kt_buf out = {0};
	CHECK_INT(kt_property_line(&out, "sasl.password", "gehe\nim", KT_STYLE_PLAIN, &err), -1);
	CHECK(!strstr(err.msg, "gehe"));
	CHECK_STR(err.hint, "keep it in a file of its own: sasl.password=file:PATH");
}
