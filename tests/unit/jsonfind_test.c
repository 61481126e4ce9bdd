#include "jsonfind.h"

#include "tap.h"

static const char text[] =
	"{\"a\":1,\"l\":[{\"id\":\"x\"},[2,3],null],\"o\":{\"b\":{\"c\":\"\\u0041\"}},\"a\":2,\"\\u0041\":4,"
	"\"d\":{\"x\":5,\"x.y[0]\\\"}\":7}}";

static const char *found(const char *path)
{
	static struct kt_buf scratch, out;
	struct kt_bytes value;
	out.len = 0;
	if (!kt_json_find(&value, (struct kt_bytes){text, sizeof(text) - 1}, path, &scratch))
		return NULL;
	kt_buf_add(&out, value.data, value.len);
	return kt_buf_cstr(&out);
}

TEST(values)
{
	static const char *const cases[][2] = {
		{"a", "1"},
		{"l[0]", "{\"id\":\"x\"}"},
		{"l[0].id", "\"x\""},
		{"l[1][1]", "3"},
		{"l[2]", "null"},
		{"o.b.c", "\"\\u0041\""},
		{"A", "4"},
		{"l[3]", NULL},
		{"l[1][2]", NULL},
		{"l[999999999999999999]", NULL},
		{"l.id", NULL},
		{"a[0]", NULL},
		{"a.b", NULL},
		{"o.x", NULL},
		{"o.b.c.d", NULL},
		{"[0]", NULL},
		{"[\"a\"]", "1"},
		{"o[\"b\"].c", "\"\\u0041\""},
		{"o[\"\\u0062\"][\"c\"]", "\"\\u0041\""},
		{"d[\"x.y[0]\\\"}\"]", "7"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(found(cases[i][0]), cases[i][1]);
}

TEST(text_that_ends)
{
	struct kt_bytes value;
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *copy = malloc(len + 1);
		memcpy(copy, text, len);
		if (kt_json_find(&value, (struct kt_bytes){copy, len}, "o.b.c", &scratch))
			CHECK(value.len && value.data >= copy && value.data + value.len <= copy + len);
		free(copy);
	}
}

TEST(paths)
{
	static const struct {
		const char *path;
		bool is;
	} cases[] = {{"a", true}, {"a.b", true}, {"a[0]", true}, {"[10]", true}, {"[0][1].x[2]", true}, {"ü b", true},
		{"", false}, {".a", false}, {"a.", false}, {"a..b", false}, {"a[", false}, {"a[]", false},
		{"a[x]", false}, {"a[-1]", false}, {"a[00]", false}, {"a[01]", false}, {"a]", false}, {"a[0]b", false},
		{"a.[0]", false}, {"[1234567890123456789]", false}, {"m[\"a.b}\"].c", true}, {"[\"\"]", true},
		{"m[\"a", false}, {"m[\"a\"", false}, {"m[\"a\"]b", false}, {"m[\"\\q\"]", false},
		{"m.[\"a\"]", false}};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		if ((kt_json_path(cases[i].path) == strlen(cases[i].path) && *cases[i].path) != cases[i].is)
			TAP_FAIL("%s", cases[i].path);
}
