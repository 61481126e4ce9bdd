#include "fmt.h"

#include "csv.h"

#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		literal, sizeof(literal) - 1                                                                           \
	}

static const struct kt_header headers[] = {
	{BYTES("a"), BYTES("x\0y")}, {BYTES("a"), {NULL, 0}}, {BYTES("b"), BYTES("")}};

static const struct kt_record full = {
	.topic = BYTES("t"),
	.partition = 3,
	.offset = 42,
	.tstype = KT_TS_CREATE,
	.ts_ms = 1700000000123,
	.key = BYTES("k\n"),
	.value = BYTES("v\0%s"),
	.headers = headers,
	.n_headers = KT_LEN(headers),
};

static const struct kt_record empty = {.topic = BYTES("t"), .offset = -1, .ts_ms = 5};

TEST(format_renders)
{
	static const struct {
		const char *text, *null_text;
		const struct kt_record *record;
		struct kt_bytes output;
	} rows[] = {
		{"", NULL, &full, BYTES("")},
		{"plain\\n", NULL, &full, BYTES("plain\n")},
		{"%t [%p] %o: %k %s\\n", NULL, &full, BYTES("t [3] 42: k\n v\0%s\n")},
		{"%S %K %T", NULL, &full, BYTES("4 2 1700000000123")},
		{"%R", NULL, &full, BYTES("\0\0\0\4")},
		{"%h", NULL, &full, BYTES("a=x\0y,a=NULL,b=")},
		{"%h", "-", &full, BYTES("a=x\0y,a=-,b=")},
		/* From kcat's README. */
		{"\\nKey (%K bytes): %k\t\\n\\Partition: %p\\n--\\n", NULL, &full,
			BYTES("\nKey (2 bytes): k\n\t\nPartition: 3\n--\n")},
		{"x", NULL, &full, BYTES("x")},
		{"x\\n", NULL, &full, BYTES("x\n")},
		{"xy\n", NULL, &full, BYTES("xy\n")},
		{"\\q\\xg\\u12\\", NULL, &full, BYTES("qxgu12\\")},
		{"%h", "NULL", &full, BYTES("a=x\0y,a=NULL,b=")},
		{"100%%\\x25s%%", NULL, &full, BYTES("100%%s%")},
		{"a\\0b", NULL, &full, BYTES("a\0b")},
		{"%s|%k|%S|%K|%T|%R|%h|", NULL, &empty, BYTES("||-1|-1|-1|\xff\xff\xff\xff||")},
		{"%s|%k|%h", "NULL", &empty, BYTES("NULL|NULL|")},
		{"%p %o", NULL, &empty, BYTES("0 -1")},
		{"%v %v{hex}", NULL, &full, BYTES("v\0%s 76002573")},
		{"%s{hex} %k{base64} %T{iso}", NULL, &full, BYTES("76002573 awo= 2023-11-14T22:13:20.123Z")},
		{"%s{hex}|%k{base64}|%T{iso}|", "NULL", &empty, BYTES("NULL|NULL|NULL|")},
		{"%s{csv},%k{csv},%h{csv},%o{csv}", NULL, &full, BYTES("v\0%s,\"k\n\",\"a=x\0y,a=NULL,b=\",42{csv}")},
		{"%s{csv}|%k{csv}|%h{csv}|", NULL, &empty, BYTES("|||")},
		{"%s{csv}|%k{csv}|%h{csv}|", "NULL", &empty, BYTES("NULL|NULL||")},
		{"csv", NULL, &empty, BYTES("t,0,-1,,,\n")},
		{"%o{hex} %s{} %k{iso}", NULL, &full, BYTES("42{hex} v\0%s{} k\n{iso}")},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_format *f = NULL;
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK_INT(kt_format_compile(&f, rows[i].text, rows[i].null_text, &err), 0);
		if (!f)
			continue;
		kt_format_render(f, &out, rows[i].record);
		CHECK_MEM(out.data, out.len, rows[i].output.data, rows[i].output.len);
		CHECK_INT(kt_format_wants_headers(f), strstr(rows[i].text, "%h") != NULL);
		kt_format_free(f);
	}
	kt_format_free(NULL);
}

TEST(csv_has_a_heading_and_quotes)
{
	static const struct {
		const char *text, *field;
	} rows[] = {{"", "\"\""}, {"a b", "a b"}, {"a,b", "\"a,b\""}, {"say \"x\"", "\"say \"\"x\"\"\""},
		{"a\r", "\"a\r\""}, {"\xff", "\xff"}};
	struct kt_format *f = NULL;
	struct kt_err err = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_csv_field(&out, (struct kt_bytes){rows[i].text, strlen(rows[i].text)});
		CHECK_STR(kt_buf_cstr(&out), rows[i].field);
	}
	CHECK_INT(kt_format_compile(&f, KT_FORMAT_CSV, NULL, &err), 0);
	CHECK_STR(kt_format_heading(f), "topic,partition,offset,timestamp,key,value\n");
	kt_format_free(f);
	CHECK_INT(kt_format_compile(&f, "%s\n", NULL, &err), 0);
	CHECK_STR(kt_format_heading(f), "");
	kt_format_for_terminal(f);
	kt_format_free(f);
	const struct kt_record bell = {.topic = BYTES("t"), .value = BYTES("a\ab,c")};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	CHECK_INT(kt_format_compile(&f, "%s{csv}", NULL, &err), 0);
	kt_format_for_terminal(f);
	kt_format_render(f, &out, &bell);
	CHECK_STR(kt_buf_cstr(&out), "\"a\\x07b,c\"");
	kt_format_free(f);
}

TEST(format_refuses)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"ab%q", "unknown \"%q\" at character 3 of the format"},
		{"a%{b", "unknown \"%{\" at character 2 of the format"},
		{"%{}", "unknown \"%{\" at character 1 of the format"},
		{"%", "unfinished \"%\" at character 1 of the format"},
		{"%%%", "unfinished \"%\" at character 3 of the format"},
		{"tsv", "\"tsv\" has neither a % nor a backslash: nothing of a record would be printed"},
		{"a b", "\"a b\" has neither a % nor a backslash: nothing of a record would be printed"},
		{"%\n", "unknown \"%\\n\" at character 1 of the format"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_format *f = NULL;
		CHECK_INT(kt_format_compile(&f, rows[i].text, NULL, &err), -1);
		CHECK(!f);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(err.hint[0]);
	}
}

TEST(format_fields)
{
	struct kt_err err = {0};
	struct kt_format *f = NULL;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	const struct kt_bytes fields[] = {BYTES("1\0"), {NULL, 0}};
	CHECK_INT(kt_format_compile(&f, "%{a}%p%{b.c}%%{a}%{a}\\n", "NULL", &err), 0);
	const struct kt_strs *names = kt_format_fields(f);
	CHECK_INT(names->n, 2);
	CHECK_STR(names->v[0], "a");
	CHECK_STR(names->v[1], "b.c");
	kt_format_render_fields(f, &out, &full, fields);
	CHECK_MEM(out.data, out.len, "1\0003NULL%{a}1\0\n", 14);
	out.len = 0;
	kt_format_render(f, &out, &full);
	CHECK_STR(kt_buf_cstr(&out), "NULL3NULL%{a}NULL\n");
	kt_format_free(f);
}

TEST(for_a_terminal)
{
	struct kt_err err = {0};
	struct kt_format *f = NULL;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	const struct kt_record hostile = {.key = BYTES("\033[2J"), .value = BYTES("a\tb\n\302\233")};
	CHECK_INT(kt_format_compile(&f, "\\e[1m%k %s %S", NULL, &err), 0);
	kt_format_for_terminal(f);
	kt_format_render(f, &out, &hostile);
	CHECK_STR(kt_buf_cstr(&out), "\033[1m\\x1b[2J a\tb\n\\xc2\\x9b 6");
	kt_format_free(f);
}
