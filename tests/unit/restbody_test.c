#include "restbody.h"

#include "mem.h"
#include "tap.h"

/* The records of a body as one text: "key=value@partition#timestamp{name:value;};", null as ~. */
static void show_bytes(struct kt_buf *out, struct kt_bytes bytes)
{
	if (bytes.data)
		kt_buf_add(out, bytes.data, bytes.len);
	else
		kt_buf_addc(out, '~');
}

static void show(struct kt_buf *out, const struct kt_restbody *body)
{
	for (size_t i = 0; i < body->n; i++) {
		struct kt_record r;
		kt_restbody_record(body, i, &r);
		show_bytes(out, r.key);
		kt_buf_addc(out, '=');
		show_bytes(out, r.value);
		if (r.partition >= 0)
			kt_buf_addf(out, "@%d", (int)r.partition);
		if (r.tstype == KT_TS_CREATE)
			kt_buf_addf(out, "#%lld", (long long)r.ts_ms);
		for (size_t k = 0; k < r.n_headers; k++) {
			kt_buf_addf(out, "{%.*s:", (int)r.headers[k].name.len, r.headers[k].name.data);
			show_bytes(out, r.headers[k].value);
			kt_buf_addc(out, '}');
		}
		kt_buf_addc(out, ';');
	}
}

TEST(records)
{
	static const struct {
		enum kt_rest_format format;
		const char *text, *shown;
	} rows[] = {
		{KT_REST_JSON, "{\"records\":[{\"value\":1}]}", "~=1;"},
		{KT_REST_JSON, " { \"records\" : [ { \"value\" : { \"a\" : 1.50 } , \"key\" : \"k\" } ] } ",
			"\"k\"={ \"a\" : 1.50 };"},
		{KT_REST_JSON, "{\"records\":[{\"key\":null,\"value\":null},{}]}", "~=~;~=~;"},
		{KT_REST_JSON, "{\"records\":[{\"value\":\"\\u00e9\\n\",\"partition\":3,\"timestamp\":5}]}",
			"~=\"\\u00e9\\n\"@3#5;"},
		{KT_REST_JSON,
			"{\"records\":[{\"value\":1,\"headers\":[{\"key\":\"a\",\"value\":\"eA==\"},{\"key\":\"b\"}]}]}",
			"~=1{a:x}{b:~};"},
		{KT_REST_JSON, "{\"records\":[{\"partition\":null,\"timestamp\":null,\"headers\":null}]}", "~=~;"},
		{KT_REST_TEXT, "{\"records\":[{\"key\":\"\",\"value\":\"h\\u00e9\\\"\"}]}", "=h\xc3\xa9\";"},
		{KT_REST_BINARY, "{\"records\":[{\"key\":\"\",\"value\":\"aGk=\"},{\"value\":\"aGk\"}]}", "=hi;~=hi;"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_err err = {0};
		struct kt_bytes text = {rows[i].text, strlen(rows[i].text)};
		CHECK_INT(kt_restbody_read(&body, text, rows[i].format, &err), 0);
		CHECK_STR(err.msg, "");
		show(&out, &body);
		CHECK_STR(kt_buf_cstr(&out), rows[i].shown);
	}
}

TEST(what_is_refused)
{
	static const struct {
		enum kt_rest_format format;
		const char *text;
		unsigned status;
		const char *msg;
	} rows[] = {
		{KT_REST_JSON, "", 400, "expected a value, got the end of the text (column 1)"},
		{KT_REST_JSON, "{\"records\":[{\"value\":1}]} x", 400, NULL},
		{KT_REST_JSON, "{\"records\":[{\"value\":\"\xff\"}]}", 400, NULL},
		{KT_REST_JSON, "{\"records\":[{\"value\":1},]}", 400, NULL},
		{KT_REST_JSON, "[]", 422, "expected an object, got a list (column 1)"},
		{KT_REST_JSON, "{}", 422, "there are no records"},
		{KT_REST_JSON, "{\"records\":[]}", 422, "there are no records"},
		{KT_REST_JSON, "{\"records\":[{}],\"records\":[{}]}", 422, NULL},
		{KT_REST_JSON, "{\"value_schema\":\"x\",\"records\":[{}]}", 422,
			"\"value_schema\" does not belong here; expected {\"records\":[…]}"},
		{KT_REST_JSON, "{\"records\":[{\"value\":1},{\"valu\":1}]}", 422,
			"record 2: a record has no member \"valu\""},
		{KT_REST_JSON, "{\"records\":[{\"value\":1,\"value\":2}]}", 422, "record 1: \"value\" appears twice"},
		{KT_REST_JSON, "{\"records\":[{\"partition\":-1}]}", 422, NULL},
		{KT_REST_JSON, "{\"records\":[{\"timestamp\":0}]}", 422, NULL},
		{KT_REST_JSON, "{\"records\":[{\"headers\":[{\"value\":\"eA==\"}]}]}", 422,
			"record 1: a header without a key, or a NUL in it"},
		{KT_REST_JSON, "{\"records\":[{\"headers\":[{\"key\":\"a\\u0000\"}]}]}", 422,
			"record 1: a header without a key, or a NUL in it"},
		{KT_REST_JSON, "{\"records\":[{\"headers\":[{\"key\":\"a\",\"value\":\"!\"}]}]}", 422,
			"record 1: this is not base64"},
		{KT_REST_TEXT, "{\"records\":[{\"value\":1}]}", 422, NULL},
		{KT_REST_BINARY, "{\"records\":[{\"value\":\"!!\"}]}", 422, "record 1: this is not base64"},
		{KT_REST_BINARY, "{\"records\":[{\"value\":{}}]}", 422, NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
		struct kt_err err = {0};
		struct kt_bytes text = {rows[i].text, strlen(rows[i].text)};
		CHECK_INT(kt_restbody_read(&body, text, rows[i].format, &err), rows[i].status);
		if (rows[i].msg)
			CHECK_STR(err.msg, rows[i].msg);
		CHECK(err.msg[0]);
	}
}

/* A value may be nested 64 deep, whatever the request's own braces. */
TEST(depth)
{
	for (unsigned depth = KT_REST_DEPTH; depth <= KT_REST_DEPTH + 1; depth++) {
		kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
		kt_auto(kt_buf_fini) struct kt_buf text = {0};
		struct kt_err err = {0};
		kt_buf_adds(&text, "{\"records\":[{\"value\":");
		for (unsigned i = 0; i < depth; i++)
			kt_buf_addc(&text, '[');
		kt_buf_adds(&text, "\"]]\\\"[[\"");
		for (unsigned i = 0; i < depth; i++)
			kt_buf_addc(&text, ']');
		kt_buf_adds(&text, "}]}");
		struct kt_bytes bytes = {kt_buf_cstr(&text), text.len};
		CHECK_INT(kt_restbody_read(&body, bytes, KT_REST_JSON, &err), depth > KT_REST_DEPTH ? 422 : 0);
	}
}

/* What was decoded stays where it is while the rest is being read. */
TEST(too_many_records)
{
	for (int extra = 0; extra < 2; extra++) {
		kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
		kt_auto(kt_buf_fini) struct kt_buf text = {0};
		struct kt_err err = {0};
		kt_buf_adds(&text, "{\"records\":[{}");
		for (int i = 1; i < KT_REST_RECORDS + extra; i++)
			kt_buf_adds(&text, ",{}");
		kt_buf_adds(&text, "]}");
		CHECK_INT(kt_restbody_read(&body, (struct kt_bytes){text.data, text.len}, KT_REST_JSON, &err),
			extra ? 413 : 0);
		CHECK_STR(err.msg, extra ? "more than 100000 records" : "");
		CHECK_INT(body.n, KT_REST_RECORDS);
		CHECK_INT(kt_restbody_size(&body), KT_REST_RECORDS * sizeof(struct kt_rest_record) + strlen("records"));
	}
}

TEST(many_records_point_to_what_they_hold)
{
	kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err err = {0};
	kt_buf_adds(&text, "{\"records\":[");
	for (unsigned i = 0; i < 10000; i++)
		kt_buf_addf(&text, "%s{\"key\":\"k\\u0030%u\",\"value\":\"v%u\"}", i ? "," : "", i, i);
	kt_buf_adds(&text, "]}");
	struct kt_bytes bytes = {kt_buf_cstr(&text), text.len};
	CHECK_INT(kt_restbody_read(&body, bytes, KT_REST_TEXT, &err), 0);
	CHECK_INT(body.n, 10000);
	for (unsigned i = 0; i < 10000; i++) {
		char key[24], value[24];
		int n_key = snprintf(key, sizeof(key), "k0%u", i), n_value = snprintf(value, sizeof(value), "v%u", i);
		CHECK_MEM(body.v[i].key.data, body.v[i].key.len, key, (size_t)n_key);
		CHECK_MEM(body.v[i].value.data, body.v[i].value.len, value, (size_t)n_value);
	}
}
