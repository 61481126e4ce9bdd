#include "avro_encode.h"

#include "avro_rows.h"
#include "tap.h"

static const char *encode(struct kt_buf *hex, const char *schema, const char *json)
{
	struct kt_err err = {0};
	struct kt_avro_schema *parsed = NULL;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	hex->len = 0;
	if (kt_avro_schema_parse(&parsed, schema, strlen(schema), &err) < 0)
		return "no schema";
	kt_buf_addc(&out, 'x');
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder encoder = {.type = parsed->root};
	if (kt_avro_encode(&encoder, &out, json, strlen(json), &err) < 0) {
		CHECK_INT(out.len, 1);
		CHECK_INT(err.status, KT_FAILED);
		kt_buf_adds(hex, err.msg);
	} else {
		kt_buf_add_hex(hex, out.data + 1, out.len - 1);
	}
	kt_avro_schema_free(parsed);
	return kt_buf_cstr(hex);
}

TEST(values)
{
	for (size_t i = 0; i < KT_LEN(avro_rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf hex = {0};
		CHECK_STR(encode(&hex, avro_rows[i].schema, avro_rows[i].json), avro_rows[i].hex);
	}
}

/* Maps that avro-c does not have. */
TEST(maps)
{
	kt_auto(kt_buf_fini) struct kt_buf hex = {0};
	CHECK_STR(encode(&hex, "{\"type\":\"map\",\"values\":\"int\"}", "{\"a\\u0000b\":1}"), "02066100620200");
	CHECK_STR(encode(&hex, "{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1,\"a\":2}"), "0402610202610400");
}

#define BIG_DECIMAL "{\"type\":\"bytes\",\"logicalType\":\"big-decimal\"}"

/* The scale is that of the text, as in Java's BigDecimal. */
TEST(big_decimals)
{
	static const struct {
		const char *json, *hex;
	} rows[] = {
		{"12.34", "080404d204"},
		{"12.340", "0804303406"},
		{"-0.1", "0602ff02"},
		{"0", "06020000"},
		{"0.00", "06020004"},
		{"12e3", "06020c05"},
		{"1.5e1", "06020f00"},
		{"12000", "08042ee000"},
		{"\"\\u0002\\f\\u0005\"", "06020c05"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf hex = {0};
		CHECK_STR(encode(&hex, BIG_DECIMAL, rows[i].json), rows[i].hex);
	}
}

TEST(refusals)
{
	static const struct {
		const char *schema, *json, *why;
	} rows[] = {
		{"\"int\"", "{", "not JSON: expected a string, got the end of the text (column 2)"},
		{"\"int\"", "1 2", "not JSON: expected nothing more, got a number (column 3)"},
		{RECORD, "{\"e\":\"\"", "not JSON: expected ',' or '}', got the end of the text (column 8)"},
		{RECORD, "{\"e\":7,}", "not JSON: expected a string, got \"}\" (column 8)"},
		{"\"int\"", "01", "not JSON: expected a value, got a number (column 1)"},
		{"\"int\"", "1 /* one */", "not JSON: expected nothing more, got \"/\" (column 3)"},
		{"\"string\"", "\"\\ud800\"", "not JSON: half of a surrogate pair (column 8)"},
		{"\"double\"", "1e999", "1e999 is not a double"},
		{"\"long\"", "9223372036854775808", "9223372036854775808 is not a long"},
		{DECIMAL, "\"1.23\"",
			"these bytes are a decimal of more than 5 digits; one in words has no quotes: 1.23"},
		{DECIMAL, "1.234",
			"1.234 has more digits after the point than the scale of bytes (5 digits, 2 of them after the point)"},
		{DECIMAL, "12345.6",
			"12345.6 has more digits than the precision of bytes (5 digits, 2 of them after the point)"},
		{BIG_DECIMAL, "\"1.23\"", "these bytes are not a big decimal; one in words has no quotes: 1.23"},
		{BIG_DECIMAL, "1e5000", "1e5000 has more digits than kt reads"},
		{BIG_DECIMAL, "1e-5000", "1e-5000 has more digits than kt reads"},
		{BIG_DECIMAL, "null", "expected bytes, got null"},
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", "\"today\"",
			"expected a date as 2026-01-31, got \"today\""},
		{"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "\"2026-01-31\"",
			"expected a point in time as 2026-01-31T12:00:00.123Z, got \"2026-01-31\""},
		{"\"null\"", "0", "expected null, got a whole number"},
		{"\"boolean\"", "0", "expected boolean, got a whole number"},
		{"\"int\"", "2147483648", "2147483648 is not an int"},
		{"\"int\"", "1.0", "expected int, got a number"},
		{"\"long\"", "\"1\"", "expected long, got a string"},
		{"\"float\"", "1e300", "1e300 is not a float"},
		{"\"double\"", "\"nan\"", "expected double, got a string"},
		{"\"string\"", "null", "expected string, got null"},
		{"\"bytes\"", "\"\\u0100\"", "a character beyond U+00FF in bytes"},
		{FIXED, "\"a\"", "expected 2 bytes, got 1"},
		{ENUM, "\"C\"", "\"C\" is not a symbol of E"},
		{RECORD, "[]", "expected record, got a list"},
		{RECORD, "{}", ".e: is missing, and has no default"},
		{RECORD, "{\"e\":\"\",\"x\":1}", ".x: n.R has no such field"},
		{RECORD, "{\"e\":\"\",\"sensors\":[\"a\",7]}", ".sensors[1]: expected string, got a whole number"},
		{RECORD, "{\"e\":\"\",\"o\":{\"e\":\"\",\"sensors\":{}}}", ".o.sensors: expected array, got an object"},
		{"{\"type\":\"map\",\"values\":\"int\"}", "{\"a\\n\":true}", "[\"a\\n\"]: expected int, got true"},
		{"[\"null\",\"int\",\"string\"]", "true", "true fits no branch of the union"},
		{"[\"int\",\"string\"]", "null", "null fits no branch of the union"},
		{"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"r\",\"type\":\"R\",\"default\":{}}]}",
			"{}", "nested deeper than 1000 levels"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf hex = {0};
		CHECK_STR(encode(&hex, rows[i].schema, rows[i].json), rows[i].why);
	}
}

/* What JSON does not have, but readers written in C may accept. */
TEST(nul)
{
	static const struct {
		const char *schema, *json;
		size_t len;
	} rows[] = {
		{"\"int\"", "1\0", 2},
		{"\"double\"", "1.5\0", 4},
		{"\"boolean\"", "true\0", 5},
		{"\"null\"", "null\0", 5},
		{"\"string\"", "\"a\"\0", 4},
		{"{\"type\":\"array\",\"items\":\"boolean\"}", "[true\0]", 7},
		{"{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1\0}", 8},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema = NULL;
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK_INT(kt_avro_schema_parse(&schema, rows[i].schema, strlen(rows[i].schema), &err), 0);
		kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = schema->root};
		CHECK_INT(kt_avro_encode(&e, &out, rows[i].json, rows[i].len, &err), -1);
		CHECK(!strncmp(err.msg, "not JSON: ", 10));
		CHECK_INT(kt_avro_encode(&e, &out, rows[i].json, rows[i].len - 1 - (i > 4), &err), i > 4 ? -1 : 0);
		kt_avro_schema_free(schema);
	}
}

/* Records with many fields are looked up: each field in its place, whatever the order. */
TEST(many_fields)
{
	enum { FIELDS = 2000 };
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, forward = {0}, backward = {0}, out = {0}, again = {0};
	struct kt_err err = {0};
	struct kt_avro_schema *schema = NULL;
	kt_buf_adds(&text, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
	for (int i = 0; i < FIELDS; i++) {
		int back = FIELDS - 1 - i;
		kt_buf_addf(&text, "%s{\"name\":\"f%d\",\"type\":\"int\"}", i ? "," : "", i);
		kt_buf_addf(&forward, "%c\"f%d\":%d", i ? ',' : '{', i, i);
		kt_buf_addf(&backward, "%c\"f%d\":%d", i ? ',' : '{', back, back);
	}
	kt_buf_adds(&text, "]}");
	kt_buf_addc(&forward, '}');
	kt_buf_addc(&backward, '}');
	CHECK_INT(kt_avro_schema_parse(&schema, text.data, text.len, &err), 0);
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = schema->root};
	CHECK_INT(kt_avro_encode(&e, &out, forward.data, forward.len, &err), 0);
	CHECK_INT(kt_avro_encode(&e, &again, backward.data, backward.len, &err), 0);
	CHECK(out.len == again.len && !memcmp(out.data, again.data, out.len));
	kt_avro_schema_free(schema);
}

/* Unions inside unions can be read in more ways than there is time for. */
TEST(tries_are_bounded)
{
	static const char text[] =
		"{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",\"A\",{\"type\":"
		"\"record\",\"name\":\"B\",\"fields\":[{\"name\":\"n\",\"type\":[\"A\",\"B\",\"null\"]}]}]}]}";
	kt_auto(kt_buf_fini) struct kt_buf json = {0}, out = {0};
	struct kt_err err = {0};
	struct kt_avro_schema *schema = NULL;
	for (int i = 0; i < 60; i++)
		kt_buf_adds(&json, "{\"n\":");
	kt_buf_adds(&json, "7");
	for (int i = 0; i < 60; i++)
		kt_buf_adds(&json, "}");
	CHECK_INT(kt_avro_schema_parse(&schema, text, strlen(text), &err), 0);
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = schema->root};
	CHECK_INT(kt_avro_encode(&e, &out, json.data, json.len, &err), -1);
	CHECK_STR(err.msg, "there are too many ways to read it as branches of unions");
	kt_avro_schema_free(schema);
}
