#include "avro_printer.h"

#include "esc.h"
#include "tap.h"

static struct kt_avro_printer *program(const char *schema, const struct kt_avro_how *how)
{
	struct kt_err err = {0};
	struct kt_avro_schema *parsed = NULL;
	if (kt_avro_schema_parse(&parsed, schema, strlen(schema), &err) < 0) {
		TAP_FAIL("%s", err.msg);
		return NULL;
	}
	struct kt_avro_printer *text = kt_avro_printer_compile(parsed, how);
	kt_avro_schema_free(parsed);
	return text;
}

/* The text of the first datum of some hexadecimal bytes, or the error, into out; *rest: how much is after it. */
static const char *text_of(
	struct kt_buf *out, const char *schema, const char *hex, const struct kt_avro_how *how, size_t *rest)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_avro_printer *text = program(schema, how);
	struct kt_avro_run *run = kt_avro_run_new();
	CHECK_INT(kt_hex_decode(&bytes, hex, strlen(hex)), 0);
	/* A copy of exactly the right size, so that a sanitizer notices reads beyond it. */
	char *copy = malloc(bytes.len ? bytes.len : 1);
	if (bytes.len)
		memcpy(copy, bytes.data, bytes.len);
	struct kt_bytes data = {copy, bytes.len};
	out->len = 0;
	if (text && kt_avro_printer_run(text, run, &data, out, &err) < 0) {
		CHECK_INT(out->len, 0);
		CHECK_INT(err.status, KT_FAILED);
		kt_buf_addf(out, "%s @%zu", err.msg, (size_t)((const char *)run->at - copy));
	}
	*rest = data.len;
	free(copy);
	kt_avro_run_free(run);
	kt_avro_printer_free(text);
	return kt_buf_cstr(out);
}

#define EXPERIMENT                                                                                                     \
	"{\"type\":\"record\",\"name\":\"experiment_terminated\",\"fields\":[{\"name\":\"experiment\","                \
	"\"type\":\"string\"},{\"name\":\"timestamp\",\"type\":\"double\"}]}"
#define CONFIG                                                                                                         \
	"{\"type\":\"record\",\"name\":\"ExperimentConfig\",\"fields\":[{\"name\":\"experiment\",\"type\":\"string\"}" \
	","                                                                                                            \
	"{\"name\":\"researcher\",\"type\":\"string\"},{\"name\":\"sensors\",\"type\":{\"type\":\"array\",\"items\":"  \
	"\"string\"}},{\"name\":\"temperature_range\",\"type\":{\"type\":\"record\",\"name\":\"temperature_range\","   \
	"\"fields\":[{\"name\":\"upper_threshold\",\"type\":\"float\"},{\"name\":\"lower_threshold\",\"type\":"        \
	"\"float\"}]}}]}"
#define LIST                                                                                                           \
	"{\"type\":\"record\",\"name\":\"a.List\",\"fields\":[{\"name\":\"v\",\"type\":\"long\"},{\"name\":"           \
	"\"next\",\"type\":[\"null\",\"List\"]}]}"
#define ENUM "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"
#define TWICE                                                                                                          \
	"{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":"      \
	"\"P\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}},{\"name\":\"b\",\"type\":\"P\"}]}"

TEST(forms)
{
	static const struct {
		const char *schema, *hex, *json, *python, *tagged;
	} rows[] = {
		{"\"null\"", "", "null", "None", "null"},
		{"\"boolean\"", "01", "true", "True", "true"},
		{"\"boolean\"", "00", "false", "False", "false"},
		{"\"int\"", "01", "-1", "-1", "-1"},
		{"\"int\"", "feffffff0f", "2147483647", "2147483647", "2147483647"},
		{"\"int\"", "ffffffff0f", "-2147483648", "-2147483648", "-2147483648"},
		{"\"long\"", "8001", "64", "64", "64"},
		{"\"long\"", "feffffffffffffffff01", "9223372036854775807", "9223372036854775807",
			"9223372036854775807"},
		{"\"long\"", "ffffffffffffffffff01", "-9223372036854775808", "-9223372036854775808",
			"-9223372036854775808"},
		{"\"float\"", "cdcccc3d", "0.1", "0.10000000149011612", "0.1"},
		{"\"float\"", "0000c07f", "\"NaN\"", "nan", "\"NaN\""},
		{"\"float\"", "000080ff", "\"-Infinity\"", "-inf", "\"-Infinity\""},
		{"\"double\"", "9a9999999999b93f", "0.1", "0.1", "0.1"},
		{"\"double\"", "000000000000f07f", "\"Infinity\"", "inf", "\"Infinity\""},
		{"\"bytes\"", "0800ff2241", "\"\\u0000\\u00ff\\\"A\"", "b'\\x00\\xff\"A'", "\"\\u0000\\u00ff\\\"A\""},
		{"\"bytes\"", "00", "\"\"", "b''", "\"\""},
		{"\"string\"", "06666f6f", "\"foo\"", "'foo'", "\"foo\""},
		{"\"string\"", "0a69742773c2", NULL, NULL, NULL},
		{"\"string\"", "086974277a", "\"it'z\"", "\"it'z\"", "\"it'z\""},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "01ff", "\"\\u0001\\u00ff\"", "b'\\x01\\xff'",
			"\"\\u0001\\u00ff\""},
		{ENUM, "02", "\"B\"", "'B'", "\"B\""},
		{"[\"null\",\"string\"]", "00", "null", "None", "null"},
		{"[\"null\",\"string\"]", "020261", "\"a\"", "'a'", "{\"string\":\"a\"}"},
		{"[\"int\",{\"type\":\"array\",\"items\":\"int\"}]", "02020200", "[1]", "[1]", "{\"array\":[1]}"},
		{"{\"type\":\"array\",\"items\":\"long\"}", "04063600", "[3,27]", "[3, 27]", "[3,27]"},
		{"{\"type\":\"array\",\"items\":\"long\"}", "00", "[]", "[]", "[]"},
		/* Two blocks, the first one with its length. */
		{"{\"type\":\"array\",\"items\":\"long\"}", "03040636020800", "[3,27,4]", "[3, 27, 4]", "[3,27,4]"},
		{"{\"type\":\"array\",\"items\":\"null\"}", "0600", "[null,null,null]", "[None, None, None]",
			"[null,null,null]"},
		{"{\"type\":\"map\",\"values\":\"int\"}",
			"04026102046222"
			"0400",
			"{\"a\":1,\"b\\\"\":2}", "{'a': 1, 'b\"': 2}", "{\"a\":1,\"b\\\"\":2}"},
		{"{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"int\"}}", "0202610402040000",
			"{\"a\":[1,2]}", NULL, NULL},
		{EXPERIMENT,
			"4835373763623863332d306338312d343536652d393331342d333439393337636130386139218029b61c3fd941",
			"{\"experiment\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"timestamp\":1694266072.6484454}",
			"{'experiment': '577cb8c3-0c81-456e-9314-349937ca08a9', 'timestamp': 1694266072.6484454}",
			"{\"experiment\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"timestamp\":1694266072.6484454}"},
		{CONFIG, "026502720402730274000000d4410000cc41",
			"{\"experiment\":\"e\",\"researcher\":\"r\",\"sensors\":[\"s\",\"t\"],\"temperature_range\":"
			"{\"upper_threshold\":26.5,\"lower_threshold\":25.5}}",
			"{'experiment': 'e', 'researcher': 'r', 'sensors': ['s', 't'], 'temperature_range': "
			"{'upper_threshold': 26.5, 'lower_threshold': 25.5}}",
			"{\"experiment\":\"e\",\"researcher\":\"r\",\"sensors\":[\"s\",\"t\"],\"temperature_range\":"
			"{\"upper_threshold\":26.5,\"lower_threshold\":25.5}}"},
		{LIST, "0202040200", NULL, NULL, NULL},
		{LIST, "02020400", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}",
			"{'v': 1, 'next': {'v': 2, 'next': None}}",
			"{\"v\":1,\"next\":{\"a.List\":{\"v\":2,\"next\":null}}}"},
		{TWICE, "0204", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}", "{'a': {'x': 1}, 'b': {'x': 2}}",
			"{\"a\":{\"x\":1},\"b\":{\"x\":2}}"},
		{"{\"type\":\"record\",\"name\":\"Z\",\"fields\":[]}", "", "{}", "{}", "{}"},
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", "02", "1", "datetime.date(1970, 1, 2)", "1"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		const char *expected[] = {rows[i].json, rows[i].python, rows[i].tagged};
		size_t rest;
		for (int form = 0; form < 3; form++) {
			struct kt_avro_how how = {.form = (enum kt_avro_form)form};
			if (!expected[form])
				continue;
			CHECK_STR(text_of(&out, rows[i].schema, rows[i].hex, &how, &rest), expected[form]);
			CHECK_INT(rest, 0);
		}
	}
}

TEST(logical_types)
{
#define LOGICAL(type, name) "{\"type\":\"" type "\",\"logicalType\":\"" name "\"}"
#define DECIMAL(scale) "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":50,\"scale\":" #scale "}"
	static const struct {
		const char *schema, *hex, *json, *python;
	} rows[] = {
		{LOGICAL("int", "date"), "00", "\"1970-01-01\"", "datetime.date(1970, 1, 1)"},
		{LOGICAL("int", "date"), "01", "\"1969-12-31\"", "datetime.date(1969, 12, 31)"},
		{LOGICAL("int", "date"), "e0e202", "\"2032-02-29\"", NULL},
		{LOGICAL("int", "date"), "feffffff0f", "\"+5881580-07-11\"", "2147483647"},
		{LOGICAL("int", "date"), "ffffffff0f", "\"-5877641-06-23\"", "-2147483648"},
		{LOGICAL("int", "time-millis"), "00", "\"00:00:00.000\"", "datetime.time(0, 0)"},
		{LOGICAL("int", "time-millis"), "d00f", "\"00:00:01.000\"", "datetime.time(0, 0, 1)"},
		{LOGICAL("int", "time-millis"), "80f0b252", "86400000", "86400000"},
		{LOGICAL("int", "time-millis"), "feefb252", "\"23:59:59.999\"", "datetime.time(23, 59, 59, 999000)"},
		{LOGICAL("long", "time-micros"), "02", "\"00:00:00.000001\"", "datetime.time(0, 0, 0, 1)"},
		{LOGICAL("long", "timestamp-millis"), "00", "\"1970-01-01T00:00:00.000Z\"",
			"datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"},
		{LOGICAL("long", "timestamp-millis"), "01", "\"1969-12-31T23:59:59.999Z\"",
			"datetime.datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=datetime.timezone.utc)"},
		{LOGICAL("long", "timestamp-micros"), "02", "\"1970-01-01T00:00:00.000001Z\"",
			"datetime.datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=datetime.timezone.utc)"},
		{LOGICAL("long", "timestamp-nanos"), "02", "\"1970-01-01T00:00:00.000000001Z\"", "1"},
		{LOGICAL("long", "local-timestamp-millis"), "02", "\"1970-01-01T00:00:00.001\"",
			"datetime.datetime(1970, 1, 1, 0, 0, 0, 1000)"},
		{LOGICAL("long", "timestamp-millis"), "ffffffffffffffffff01", "\"-292275055-05-16T16:47:04.192Z\"",
			"-9223372036854775808"},
		{LOGICAL("string", "uuid"), "066e6f74", "\"not\"", "'not'"},
		{LOGICAL("string", "uuid"),
			"4831323334353637382d313233342d313233342d313233342d413233343536373839616263",
			"\"12345678-1234-1234-1234-A23456789abc\"", "UUID('12345678-1234-1234-1234-a23456789abc')"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":16,\"logicalType\":\"uuid\"}",
			"123456781234123412341234567890ff", "\"12345678-1234-1234-1234-1234567890ff\"", NULL},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":12,\"logicalType\":\"duration\"}",
			"010000000200000003000000", "\"P1M2DT0.003S\"",
			"b'\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00"
			"\\x03\\x00\\x00\\x00'"},
		{DECIMAL(2), "04ff38", "-2.00", "Decimal('-2.00')"},
		{DECIMAL(2), "0404d2", "12.34", "Decimal('12.34')"},
		{DECIMAL(0), "0280", "-128", "Decimal('-128')"},
		{DECIMAL(3), "0205", "0.005", "Decimal('0.005')"},
		{DECIMAL(9), "0205", "0.000000005", "Decimal('5E-9')"},
		{DECIMAL(9), "020f", "0.000000015", "Decimal('1.5E-8')"},
		{DECIMAL(2), "00", "0.00", "Decimal('0.00')"},
		{LOGICAL("bytes", "big-decimal"), "080404d204", "12.34", "b'\\x04\\x04\\xd2\\x04'"},
		{LOGICAL("bytes", "big-decimal"), "06020c05", "12000", NULL},
		{LOGICAL("bytes", "big-decimal"), "0602ff02", "-0.1", NULL},
		{LOGICAL("bytes", "big-decimal"), "06020005", "0", NULL},
		{LOGICAL("bytes", "big-decimal"), "0204", "1 byte that is not a big decimal @0", NULL},
		{LOGICAL("bytes", "big-decimal"), "08020c0502", "4 bytes that are not a big decimal @0", NULL},
		{LOGICAL("bytes", "big-decimal"), "0a020cfeff7f", "5 bytes that are not a big decimal @0", NULL},
		{DECIMAL(1), "2000ffffffffffffffffffffffffffffff", "132922799578491587290380706028034457.5", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_avro_how json = {.form = KT_AVRO_JSON, .logical = true}, python = {.form = KT_AVRO_PYTHON};
		size_t rest;
		if (rows[i].json)
			CHECK_STR(text_of(&out, rows[i].schema, rows[i].hex, &json, &rest), rows[i].json);
		if (rows[i].python)
			CHECK_STR(text_of(&out, rows[i].schema, rows[i].hex, &python, &rest), rows[i].python);
	}
}

TEST(refusals)
{
	static const struct {
		const char *schema, *hex, *why;
	} rows[] = {
		{"\"boolean\"", "", "the data ends inside a boolean @0"},
		{"\"boolean\"", "02", "a boolean is 0 or 1, not 2 @0"},
		{"\"int\"", "", "the data ends inside a number @0"},
		{"\"int\"", "8080", "the data ends inside a number @0"},
		{"\"int\"", "8080808010", "2147483648 is not an int @0"},
		{"\"long\"", "ffffffffffffffffff02", "a number of more than 64 bits @0"},
		{"\"long\"", "ffffffffffffffffffff01", "a number of more than 64 bits @0"},
		{"\"float\"", "000000", "the data ends inside a float @0"},
		{"\"double\"", "00000000000000", "the data ends inside a double @0"},
		{"\"string\"", "046e", "a string of 2 bytes, but 1 is left @0"},
		{"\"string\"", "01", "a string of -1 bytes @0"},
		{"\"string\"", "feffffffffffffffff01", "a string of 9223372036854775807 bytes, but 0 are left @0"},
		{"\"string\"", "02ff", "a string that is not UTF-8 @1"},
		{"\"bytes\"", "0400", "bytes of 2 bytes, but 1 is left @0"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}", "0102", "a fixed of 3 bytes, but 2 are left @0"},
		{ENUM, "04", "symbol 2 of an enum that has 2 @0"},
		{ENUM, "01", "symbol -1 of an enum that has 2 @0"},
		{"[\"null\",\"int\"]", "04", "branch 2 of a union that has 2 @0"},
		{"[]", "00", "branch 0 of a union that has 0 @0"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "06020408", "[3]: the data ends inside a number @4"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "0802", "a block of 4 items, but 1 byte is left @0"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "0304", "a block of 2 bytes, but 0 are left @0"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "0303", "a block of -2 bytes, but 0 are left @0"},
		{"{\"type\":\"array\",\"items\":\"int\"}", "ffffffffffffffffff0100",
			"a block of 9223372036854775808 items, but 0 bytes are left @0"},
		{"{\"type\":\"array\",\"items\":\"null\"}", "feffffffffffffffff0100",
			"more than 100000 values that take no bytes @10"},
		{"{\"type\":\"map\",\"values\":\"int\"}", "04026102026220",
			"[\"b\"]: the data ends inside a number @7"},
		{"{\"type\":\"map\",\"values\":\"int\"}", "0202ff02", "a string that is not UTF-8 @2"},
		{LIST, "0202020802ff", ".next.next: branch 4 of a union that has 2 @3"},
		{CONFIG, "026502720402730a74", ".sensors[1]: a string of 5 bytes, but 1 is left @7"},
		{TWICE, "02", ".b.x: the data ends inside a number @1"},
		{DECIMAL(2), "804100", "bytes of 4160 bytes, but 1 is left @0"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"map\",\"values\":" TWICE "}}", "02040261020402627f",
			"[0][\"b\"].b.x: the data ends inside a number @9"},
		/* A record of nothing but itself. */
		{"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"}]}", "", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		size_t rest;
		for (int form = 0; form < 3; form++) {
			struct kt_avro_how how = {.form = (enum kt_avro_form)form, .logical = true};
			const char *said = text_of(&out, rows[i].schema, rows[i].hex, &how, &rest);
			if (rows[i].why && (form == 0 || !strstr(rows[i].schema, "logical")))
				CHECK_STR(said, rows[i].why);
			CHECK_INT(rest, strlen(rows[i].hex) / 2);
		}
	}
}

/* Sixty records within each other, each used twice by the one around it, and nothing in the innermost: no bytes, and
 * 2^60 records. */
TEST(what_grows_is_bounded)
{
	kt_auto(kt_buf_fini) struct kt_buf schema = {0}, out = {0};
	size_t rest;
	for (int i = 0; i < 60; i++)
		kt_buf_addf(&schema, "{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"a\",\"type\":", i);
	kt_buf_adds(&schema, "\"null\"}]}");
	for (int i = 59; i > 0; i--)
		kt_buf_addf(&schema, "},{\"name\":\"b\",\"type\":\"R%d\"}]}", i);
	const char *said = text_of(&out, kt_buf_cstr(&schema), "", &(struct kt_avro_how){0}, &rest);
	CHECK(strstr(said, "more than 100000 values that take no bytes"));
	CHECK(strstr(said, "….b") || strstr(said, ".a.a"));
}

TEST(deep_lists_are_bounded)
{
	kt_auto(kt_buf_fini) struct kt_buf hex = {0}, out = {0};
	size_t rest;
	for (int i = 0; i < KT_AVRO_DEPTH - 1; i++)
		kt_buf_adds(&hex, "0202");
	kt_buf_adds(&hex, "0200");
	const char *said = text_of(&out, LIST, kt_buf_cstr(&hex), &(struct kt_avro_how){0}, &rest);
	CHECK(strstr(said, "{\"v\":1,\"next\":{\"v\":1,") == said);
	hex.len = 0;
	for (int i = 0; i < KT_AVRO_DEPTH; i++)
		kt_buf_adds(&hex, "0202");
	kt_buf_adds(&hex, "0200");
	said = text_of(&out, LIST, kt_buf_cstr(&hex), &(struct kt_avro_how){0}, &rest);
	CHECK(strstr(said, "….next.next"));
	CHECK(strstr(said, ".next: nested deeper than 1000 levels @"));
}

static void check_noted(const char *schema, const char *hex, const char *paths, const char *expected)
{
	kt_auto(kt_strs_fini) struct kt_strs wanted = {0};
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0}, out = {0}, noted = {0};
	struct kt_err err = {0};
	kt_strs_split(&wanted, paths, " ");
	struct kt_avro_printer *text = program(schema, &(struct kt_avro_how){.wanted = &wanted});
	struct kt_avro_run *run = kt_avro_run_new();
	CHECK_INT(kt_hex_decode(&bytes, hex, strlen(hex)), 0);
	struct kt_bytes data = {bytes.data, bytes.len};
	kt_buf_adds(&out, "before");
	CHECK_INT(kt_avro_printer_run(text, run, &data, &out, &err), 0);
	CHECK_STR(err.msg, "");
	for (size_t i = 0; i < wanted.n; i++) {
		kt_buf_addc(&noted, '<');
		if (run->noted[i].there)
			kt_buf_add(&noted, out.data + 6 + run->noted[i].at, run->noted[i].len);
		else
			kt_buf_adds(&noted, "-");
		kt_buf_addc(&noted, '>');
	}
	CHECK_STR(kt_buf_cstr(&noted), expected);
	kt_avro_run_free(run);
	kt_avro_printer_free(text);
}

TEST(wanted_fields)
{
	static const char config[] = "026502720402730274000000d4410000cc41";
	check_noted(CONFIG, config, "experiment sensors temperature_range.lower_threshold nothing",
		"<\"e\"><[\"s\",\"t\"]><25.5><->");
	check_noted(CONFIG, config, "temperature_range", "<{\"upper_threshold\":26.5,\"lower_threshold\":25.5}>");
	check_noted(TWICE, "0204", "a.x b.x b", "<1><2><{\"x\":2}>");
	check_noted(LIST, "02020400", "v next.v next.next next.next.v", "<1><2><null><->");
	check_noted("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"e\",\"type\":" ENUM
		    "},{\"name\":\"u\",\"type\":[\"null\",\"E\",\"bytes\"]},{\"name\":\"f\",\"type\":\"E\"}]}",
		"0004020002", "e u f", "<\"A\"><\"\\u0000\"><\"B\">");
}
