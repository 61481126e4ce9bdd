#include "properties.h"

#include "tap.h"

static struct kt_err err;

static int parse(struct kt_properties *p, const char *text, enum kt_style style)
{
	err = (struct kt_err){0};
	return kt_properties_parse(p, text, strlen(text), "f", style, &err);
}

struct value_case {
	const char *text, *key, *value;
};

static void check_values(const struct value_case *cases, size_t n, enum kt_style style)
{
	for (size_t i = 0; i < n; i++) {
		struct kt_properties p = {0};
		if (parse(&p, cases[i].text, style) < 0 || p.n != 1)
			TAP_FAIL("case %zu: %zu properties, %s", i, p.n, err.msg);
		else if (strcmp(p.v[0].key, cases[i].key) || strcmp(p.v[0].value, cases[i].value))
			TAP_FAIL("case %zu: \"%s\" = \"%s\"", i, p.v[0].key, p.v[0].value);
		kt_properties_fini(&p);
	}
}

TEST(what_both_styles_understand)
{
	static const struct value_case cases[] = {
		{"a=b", "a", "b"},
		{"a=b\n", "a", "b"},
		{"a=b\r\n", "a", "b"},
		{"\n\n  a  =  b  \n", "a", "b"},
		{"a:b", "a", "b"},
		{"a : b", "a", "b"},
		{"a=", "a", ""},
		{"a = b c", "a", "b c"},
		{"a==b", "a", "=b"},
		{"a=b=c:d", "a", "b=c:d"},
		{"bootstrap.servers=h:1,i:2", "bootstrap.servers", "h:1,i:2"},
		{"# c\n! c\n; c\n   # c\na=b # not a comment", "a", "b # not a comment"},
		{"a=b\\\n   c", "a", "bc"},
		{"a=b\\\r\n\tc", "a", "bc"},
		{"a=b\\\n#c", "a", "b#c"},
		{"a=b\\", "a", "b"},
		{"\\\n\\\na=b", "a", "b"},
		{"\\\n\na=b", "a", "b"},
		{"\xef\xbb\xbf"
		 "a=b",
			"a", "b"},
		{"a=gr\xc3\xbc\xc3\x9f"
		 "e",
			"a",
			"gr\xc3\xbc\xc3\x9f"
			"e"},
		{"a=[profile x]", "a", "[profile x]"},
		{"a=h\\:1", "a", "h:1"},
		{"a=x\\=1", "a", "x=1"},
		{"a=b\r", "a", "b"},
		{"\r\r#c\ra=b\r\r", "a", "b"},
		{"a=b\\\r  c", "a", "bc"},
		{"a=b\r\r\n", "a", "b"},
		{"a=b \t\f", "a", "b"},
		{"a=b \r\n", "a", "b"},
	};
	check_values(cases, KT_LEN(cases), KT_STYLE_PLAIN);
	check_values(cases, KT_LEN(cases), KT_STYLE_JAVA);
}

TEST(plain_backslashes_stay)
{
	static const struct value_case cases[] = {
		{"a=b\\w\\n", "a", "b\\w\\n"},
		{"a=C:\\\\x", "a", "C:\\\\x"},
		{"a=\\u0041", "a", "\\u0041"},
		{"a=m\xfcller", "a", "m\xfcller"},
	};
	check_values(cases, KT_LEN(cases), KT_STYLE_PLAIN);
}

TEST(java_escapes)
{
	static const struct value_case cases[] = {
		{"a=b\\w\\\\x", "a", "bw\\x"},
		{"a=1\\n2\\t3\\r4\\f5", "a", "1\n2\t3\r4\f5"},
		{"a=\\u0041\\u00e4\\u20aC", "a", "A\xc3\xa4\xe2\x82\xac"},
		{"a=\\ud83d\\ude00", "a", "\xf0\x9f\x98\x80"},
		{"a b", "a", "b"},
		{"a", "a", ""},
		{"a\tb=c", "a", "b=c"},
		{"a\\ b=c", "a b", "c"},
		{"a\\==c", "a=", "c"},
		{"a=x\\ ", "a", "x "},
		{"a=x\\ \t ", "a", "x "},
		{"a=m\xfcller", "a", "m\xc3\xbcller"},
		{"a=\xc3\xbc\xff", "a", "\xc3\x83\xc2\xbc\xc3\xbf"},
		{"# \xe9t\xe9\na=\\u00fc\xfc", "a", "\xc3\xbc\xc3\xbc"},
		{"a=x\\\\\nb", "a", "x\\"},
	};
	check_values(cases, KT_LEN(cases) - 1, KT_STYLE_JAVA);
	struct kt_properties p = {0};
	CHECK_INT(parse(&p, cases[KT_LEN(cases) - 1].text, KT_STYLE_JAVA), 0);
	CHECK_INT(p.n, 2);
	CHECK_STR(p.v[0].value, "x\\");
	kt_properties_fini(&p);
}

TEST(a_backslash_that_java_leaves_out_is_told)
{
	static const struct {
		const char *text;
		enum kt_style style;
		bool dropped;
	} cases[] = {{"a=pa\\ss", KT_STYLE_JAVA, true}, {"a=C:\\1", KT_STYLE_JAVA, true},
		{"a=pa\\\\ss\\t\\u0041\\:\\ \\\"", KT_STYLE_JAVA, false}, {"a=pa\\ss", KT_STYLE_PLAIN, false}};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_properties p = {0};
		CHECK_INT(parse(&p, cases[i].text, cases[i].style), 0);
		CHECK_INT(p.v[0].dropped, cases[i].dropped);
		kt_properties_fini(&p);
	}
}

TEST(carriage_returns_end_lines)
{
	struct kt_properties p = {0};
	CHECK_INT(parse(&p, "a=1\rb=\\\r  2\r\nc=3\n\rd=4\r", KT_STYLE_JAVA), 0);
	CHECK_INT(p.n, 4);
	CHECK_STR(p.v[1].value, "2");
	CHECK_INT(p.v[1].line, 2);
	CHECK_INT(p.v[1].last, 3);
	CHECK_INT(p.v[2].line, 4);
	CHECK_STR(p.v[3].value, "4");
	CHECK_INT(p.v[3].line, 6);
	kt_properties_fini(&p);
}

TEST(sections_and_lines)
{
	struct kt_properties p = {0};
	CHECK_INT(parse(&p, "a=1\n\n[profile lab]\nb=\\\n  2\nc=3\n[profile\tempty]\n[profile two ]\nd=4",
			  KT_STYLE_PLAIN),
		0);
	CHECK_INT(p.n, 4);
	CHECK_STR(p.v[0].profile, NULL);
	CHECK_INT(p.v[0].line, 1);
	CHECK_STR(p.v[1].profile, "lab");
	CHECK_INT(p.v[1].line, 4);
	CHECK_STR(p.v[1].value, "2");
	CHECK_INT(p.v[2].line, 6);
	CHECK_STR(p.v[3].profile, "two");
	CHECK_INT(p.profiles.n, 3);
	CHECK(kt_strs_has(&p.profiles, "empty"));
	kt_properties_fini(&p);
}

TEST(mistakes_name_file_and_line)
{
	static const struct {
		const char *text, *message;
		enum kt_style style;
	} cases[] = {
		{"a=1\nb", "f:2: expected \"property=value\"", KT_STYLE_PLAIN},
		{"a b", "f:1: expected \"property=value\"", KT_STYLE_PLAIN},
		{"=b", "f:1: expected \"property=value\"", KT_STYLE_JAVA},
		{"\n[lab]", "f:2: expected \"[profile NAME]\"", KT_STYLE_PLAIN},
		{"[profile lab", "f:1: expected \"[profile NAME]\"", KT_STYLE_PLAIN},
		{"[profilelab]", "f:1: expected \"[profile NAME]\"", KT_STYLE_PLAIN},
		{"[profile ]", "f:1: expected one word as the profile's name", KT_STYLE_PLAIN},
		{"[profile a b]", "f:1: expected one word as the profile's name", KT_STYLE_PLAIN},
		{"a=\\u12", "f:1: \\u takes four hexadecimal digits, and not 0000", KT_STYLE_JAVA},
		{"a=\\u0000", "f:1: \\u takes four hexadecimal digits, and not 0000", KT_STYLE_JAVA},
		{"a=\\ud83dx", "f:1: \\u names half of a surrogate pair", KT_STYLE_JAVA},
		{"a=\\ude00", "f:1: \\u names half of a surrogate pair", KT_STYLE_JAVA},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_properties p = {0};
		CHECK_INT(parse(&p, cases[i].text, cases[i].style), -1);
		CHECK_STR(err.msg, cases[i].message);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_INT(p.n, 0);
	}
}

TEST(sizes_are_bounded)
{
	struct kt_properties p = {0};
	static char big[KT_PROPERTIES_MAX + 2];
	memset(big, 'x', sizeof(big) - 1);
	big[1] = '=';
	CHECK_INT(parse(&p, big, KT_STYLE_PLAIN), -1);
	big[KT_PROPERTIES_LINE_MAX + 1] = '\0';
	CHECK_INT(parse(&p, big, KT_STYLE_PLAIN), -1);
	CHECK_STR(err.msg, "f:1: the line is too long");
	big[KT_PROPERTIES_LINE_MAX] = '\0';
	CHECK_INT(parse(&p, big, KT_STYLE_PLAIN), 0);
	kt_properties_fini(&p);
	CHECK_INT(kt_properties_parse(&p, "a=\0b", 4, "f", KT_STYLE_PLAIN, &err), -1);
	CHECK_INT(kt_properties_parse(&p, NULL, 0, "f", KT_STYLE_PLAIN, &err), 0);
	CHECK_INT(p.n, 0);
}

TEST(the_name_decides_about_the_style)
{
	CHECK_INT(kt_properties_style("auth/client-ssl.properties"), KT_STYLE_JAVA);
	CHECK_INT(kt_properties_style("/home/x/.config/kcat.conf"), KT_STYLE_PLAIN);
	CHECK_INT(kt_properties_style("properties"), KT_STYLE_PLAIN);
}

static char *lookup(const char *name)
{
	static char value[] = "v$";
	return strcmp(name, "SET") ? NULL : value;
}

TEST(expansion)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"a$b", "a$b"},
		{"${SET}", "v$"},
		{"a${SET}b${SET}", "av$bv$"},
		{"$${SET}", "${SET}"},
		{"$$", "$$"},
		{"$", "$"},
	};
	static const char *const bad[][2] = {
		{"${SET", "\"${\" is not closed by \"}\" or names nothing"},
		{"${}", "\"${\" is not closed by \"}\" or names nothing"},
		{"x${NOT}", "${NOT} is not set in the environment"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		char *got = kt_properties_expand(cases[i][0], lookup, &err);
		CHECK_STR(got, cases[i][1]);
		free(got);
	}
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		CHECK(!kt_properties_expand(bad[i][0], lookup, &err));
		CHECK_STR(err.msg, bad[i][1]);
	}
}
