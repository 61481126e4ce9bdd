#include "recordbuild.h"

#include "buf.h"
#include "tap.h"

/* A record as text: key|value|name=value,…|time|partition; null is -. */
static const char *show(struct kt_buf *b, const struct kt_record *r)
{
	const struct kt_bytes both[] = {r->key, r->value};
	b->len = 0;
	for (size_t i = 0; i < KT_LEN(both); i++) {
		if (both[i].data)
			kt_buf_add(b, both[i].data, both[i].len);
		kt_buf_adds(b, both[i].data ? "|" : "-|");
	}
	for (size_t i = 0; i < r->n_headers; i++) {
		const struct kt_header *h = &r->headers[i];
		kt_buf_adds(b, i ? "," : "");
		kt_buf_add(b, h->name.data, h->name.len);
		kt_buf_addf(b, "=%.*s", h->value.data ? (int)h->value.len : 1, h->value.data ? h->value.data : "-");
	}
	kt_buf_adds(b, "|");
	if (r->tstype != KT_TS_NONE)
		kt_buf_addf(b, "%lld", (long long)r->ts_ms);
	kt_buf_addf(b, "|%d", (int)r->partition);
	return kt_buf_cstr(b);
}

TEST(a_record_carries_what_the_options_say)
{
	const struct {
		const char *key, *value; /* of the piece; key NULL: none */
		const char *headers;     /* with blanks between */
		struct kt_recordbuild_how how;
		bool plain;
		const char *expected;
	} rows[] = {
		{NULL, "v", "", {0}, true, "-|v|||-1"},
		{"k", "v", "", {0}, true, "k|v|||-1"},
		{NULL, "v", "", {.key = "all"}, true, "all|v|||-1"},
		{NULL, "v", "", {.key_seq = true}, false, "41|v|||-1"},
		{"k", "v", "a=1 b c= d=x=y", {0}, false, "k|v|a=1,b=-,c=,d=x=y||-1"},
		{"", "", "", {0}, true, "||||-1"},
		{"", "", "", {.null_empty = true}, false, "-|-|||-1"},
		{NULL, "v", "", {.timestamp = "1700000000123"}, false, "-|v||1700000000123|-1"},
		{NULL, "a:x,b:y:z,c:\tv", "d=1", {.parse_headers = true}, false, "-|v|d=1,a=x,b=y:z,c=||-1"},
		{NULL, "\tv\tw", "", {.parse_headers = true}, false, "-|v\tw|||-1"},
		{NULL, "a:NULL\tk;NULL", "",
			{.parse_headers = true, .null_marker = "NULL", .split = {.key_delim = {";", 1}}}, false,
			"k|-|a=-||-1"},
		{NULL, "a=x;b=:|k,v", "",
			{.parse_headers = true,
				.headers_delim = "|",
				.headers_separator = ";",
				.header_separator = "=",
				.split = {.key_delim = {",", 1}}},
			false, "k|v|a=x,b=:||-1"},
		{NULL, "NULL\tv", "", {.parse_headers = true, .null_marker = "NULL"}, false, "-|v|||-1"},
		{NULL, "no tab", "", {.parse_headers = true, .lenient = true}, false, "-|no tab|||-1"},
		{"k", "v", "", {.strict = true}, false, "k|v|||-1"},
		{"5", "65 x", "", {.pack_keys = "c", .pack = "b s"}, false, "5|Ax|||-1"},
		{"-", "--", "", {.null_marker = "-"}, false, "-|--|||-1"},
		{"-", "--", "", {.null_marker = ""}, false, "-|--|||-1"},
		{NULL, "{\"key\":\"k\",\"payload\":\"v\",\"partition\":3}", "", {.json = true}, false, "k|v|||-1"},
		{NULL, "{\"key\":\"k\",\"payload\":\"v\",\"partition\":3}", "", {.json = true, .keep_partition = true},
			false, "k|v|||3"},
	};
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, in = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_recordbuild_fini) struct kt_recordbuild c = {0};
		kt_auto(kt_strs_fini) struct kt_strs headers = {0};
		struct kt_recordbuild_how how = rows[i].how;
		struct kt_err err = {0};
		in.len = 0;
		kt_buf_adds(&in, rows[i].value);
		struct kt_piece piece = {.value = {kt_buf_cstr(&in), in.len}};
		if (rows[i].key)
			piece.key = (struct kt_bytes){rows[i].key, strlen(rows[i].key)};
		kt_strs_split(&headers, rows[i].headers, " ");
		how.headers = &headers;
		CHECK_INT(kt_recordbuild_open(&c, &how, &err), 0);
		CHECK_INT(kt_recordbuild_is_plain(&c), rows[i].plain);
		CHECK_INT(kt_recordbuild(&c, &piece, 41, &err), 0);
		CHECK_STR(show(&text, &c.record), rows[i].expected);
	}
}

TEST(what_cannot_be_composed)
{
	kt_auto(kt_recordbuild_fini) struct kt_recordbuild late = {0}, json = {0};
	struct kt_strs none = {0};
	struct kt_err err = {0};
	const struct kt_piece piece = {.value = {"no JSON", 7}};
	CHECK_INT(kt_recordbuild_open(&late, &(struct kt_recordbuild_how){.headers = &none, .timestamp = "soon"}, &err),
		-1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK(!strncmp(err.msg, "--timestamp", 11));
	CHECK_INT(kt_recordbuild_open(&json, &(struct kt_recordbuild_how){.headers = &none, .json = true}, &err), 0);
	CHECK_INT(kt_recordbuild(&json, &piece, 0, &err), -1);
}
