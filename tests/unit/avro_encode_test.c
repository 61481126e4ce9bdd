#include "avro_encode.h"

#include "tap.h"

#define RECORD                                                                                                          \
	"{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[{\"name\":\"e\",\"type\":\"string\"},{\"name\":\"sensors\"," \
	"\"type\":{\"type\":\"array\",\"items\":\"string\"},\"default\":[\"d\"]},{\"name\":\"o\",\"type\":[\"null\","   \
	"\"R\"],\"default\":null}]}"
#define ENUM "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"
#define FIXED "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"

static const char *encode(struct kt_buf *hex, const char *schema, const char *json)
{
	struct kt_err err = {0};
	struct kt_avro_schema *parsed = NULL;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	hex->len = 0;
	if (kt_avro_schema_parse(&parsed, schema, strlen(schema), &err) < 0)
		return "no schema";
	kt_buf_addc(&out, 'x');
	if (kt_avro_encode(&out, parsed, json, strlen(json), &err) < 0) {
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
	static const struct {
		const char *schema, *json, *hex;
	} rows[] = {
		{"\"null\"", "null", ""},
		{"\"boolean\"", "true", "01"},
		{"\"int\"", "-64", "7f"},
		{"\"int\"", "2147483647", "feffffff0f"},
		{"\"long\"", "-9223372036854775808", "ffffffffffffffffff01"},
		{"\"float\"", "0.1", "cdcccc3d"},
		{"\"float\"", "1", "0000803f"},
		{"\"float\"", "\"NaN\"", "0000c07f"},
		{"\"double\"", "\"-Infinity\"", "000000000000f0ff"},
		{"\"double\"", "1694266072.6484454", "218029b61c3fd941"},
		{"\"string\"", "\"a\\u0000\\u00e9\"", "086100c3a9"},
		{"\"bytes\"", "\"\\u0000\\u00ffA\"", "0600ff41"},
		{FIXED, "\"\\u0080\\u007f\"", "807f"},
		{ENUM, "\"B\"", "02"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "[1,2]", "04020400"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "[]", "00"},
		{"{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1}", "0202610200"},
		{RECORD, "{\"sensors\":[],\"e\":\"x\"}", "02780000"},
		{RECORD, "{\"e\":\"x\",\"o\":{\"e\":\"\",\"sensors\":[\"s\"]}}",
			"0278020264000200020273"
			"0000"},
		{RECORD, "{\"e\":\"x\",\"o\":{\"n.R\":{\"e\":\"\",\"sensors\":[]}}}", "02780202640002000000"},
		{"[\"null\",\"string\"]", "null", "00"},
		{"[\"null\",\"string\"]", "\"a\"", "020261"},
		{"[\"null\",\"string\"]", "{\"string\":\"a\"}", "020261"},
		{"[\"double\",\"string\"]", "\"NaN\"", "02064e614e"},
		{"[\"null\",\"double\"]", "\"NaN\"", "02000000000000f87f"},
		{"[\"int\",\"long\"]", "3000000000", "0280f882ad16"},
		{"[\"int\",\"double\"]", "1.0", "02000000000000f03f"},
		{"[{\"type\":\"map\",\"values\":\"string\"},\"string\"]", "{\"string\":\"a\"}", "020261"},
		{"[{\"type\":\"map\",\"values\":\"string\"},\"string\"]", "{\"x\":\"a\"}",
			"000202780261"
			"00"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf hex = {0};
		CHECK_STR(encode(&hex, rows[i].schema, rows[i].json), rows[i].hex);
	}
}

TEST(refusals)
{
	static const struct {
		const char *schema, *json, *why;
	} rows[] = {
		{"\"int\"", "{", "not JSON: string or '}' expected near end of file (column 1)"},
		{"\"int\"", "1 2", "not JSON: end of file expected near '2' (column 3)"},
		{"\"null\"", "0", "expected null, got a whole number"},
		{"\"boolean\"", "0", "expected boolean, got a whole number"},
		{"\"int\"", "2147483648", "2147483648 is no int"},
		{"\"int\"", "1.0", "expected int, got a number"},
		{"\"long\"", "\"1\"", "expected long, got a string"},
		{"\"float\"", "1e300", "1e+300 is no float"},
		{"\"double\"", "\"nan\"", "expected double, got a string"},
		{"\"string\"", "null", "expected string, got null"},
		{"\"bytes\"", "\"\\u0100\"", "a character beyond U+00FF in bytes"},
		{FIXED, "\"a\"", "expected 2 bytes, got 1"},
		{ENUM, "\"C\"", "\"C\" is no symbol of E"},
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
