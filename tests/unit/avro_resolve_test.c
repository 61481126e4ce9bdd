#include "avro_check.h"
#include "avro_resolve.h"

#include "avro_printer.h"
#include "esc.h"
#include "tap.h"

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[" fields "]}"
#define ENUM(symbols, more) "{\"type\":\"enum\",\"name\":\"n.E\",\"symbols\":[" symbols "]" more "}"
#define A "{\"name\":\"a\",\"type\":\"int\"}"
#define B "{\"name\":\"b\",\"type\":\"string\"}"
#define C "{\"name\":\"c\",\"type\":\"boolean\"}"

static struct kt_avro_schema *parse(const char *text)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema = NULL;
	if (kt_avro_schema_parse(&schema, text, strlen(text), &err) < 0)
		TAP_FAIL("%s: %s", text, err.msg);
	return schema;
}

/* What a datum of one schema is in the form, read as the other; or why it is nothing, after a "!" when that is true of
 * all data. Everything of the datum has to be read. */
static const char *read_as(struct kt_buf *out, const char *writer, const char *reader, const char *hex,
	const struct kt_avro_how *how, struct kt_avro_run *run)
{
	struct kt_err err = {0};
	struct kt_avro_printer *program = NULL;
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_avro_schema *written = parse(writer), *wanted = parse(reader);
	CHECK_INT(kt_hex_decode(&bytes, hex, strlen(hex)), 0);
	struct kt_bytes data = {kt_buf_cstr(&bytes), bytes.len};
	out->len = 0;
	if (kt_avro_printer_resolve(&program, written, wanted, how, &err) < 0) {
		CHECK(strstr(err.msg, "the data cannot be read with the reader's schema: ") == err.msg);
		kt_buf_addf(out, "!%s", err.msg + strlen("the data cannot be read with the reader's schema: "));
	} else if (kt_avro_printer_run(program, run, &data, out, &err) < 0) {
		CHECK_INT(out->len, 0);
		kt_buf_addf(out, "%s @%zu", err.msg, (size_t)((const char *)run->at - data.data));
	} else {
		CHECK_INT(data.len, 0);
	}
	kt_avro_printer_free(program);
	kt_avro_schema_free(written);
	kt_avro_schema_free(wanted);
	return kt_buf_cstr(out);
}

static void check(const char *writer, const char *reader, const char *hex, const char *tagged, const char *python)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_avro_run *run = kt_avro_run_new();
	if (strcmp(read_as(&out, writer, reader, hex, &(struct kt_avro_how){.form = KT_AVRO_TAGGED}, run), tagged) != 0)
		TAP_FAIL("%s as %s: %s, expected %s", writer, reader, kt_buf_cstr(&out), tagged);
	if (python)
		CHECK_STR(
			read_as(&out, writer, reader, hex, &(struct kt_avro_how){.form = KT_AVRO_PYTHON}, run), python);
	kt_avro_run_free(run);
}

TEST(promotions)
{
	check("\"int\"", "\"long\"", "03", "-2", "-2");
	check("\"int\"", "\"float\"", "feffffff0f", "2147483600.0", "2147483648.0");
	check("\"int\"", "\"double\"", "feffffff0f", "2147483647.0", "2147483647.0");
	check("\"int\"", "\"double\"", "8080808010", "2147483648 is not an int @0", NULL);
	check("\"long\"", "\"float\"", "8280808020", "4294967300.0", "4294967296.0");
	check("\"long\"", "\"double\"", "8280808020", "4294967297.0", "4294967297.0");
	check("\"float\"", "\"double\"", "cdcccc3d", "0.10000000149011612", "0.10000000149011612");
	check("\"float\"", "\"double\"", "0000c07f", "\"NaN\"", "nan");
	check("\"string\"", "\"bytes\"", "04c3a9", "\"\\u00c3\\u00a9\"", "b'\\xc3\\xa9'");
	check("\"string\"", "\"bytes\"", "02ff", "\"\\u00ff\"", "b'\\xff'");
	check("\"bytes\"", "\"string\"", "04c3a9", "\"\u00e9\"", "'\u00e9'");
	check("\"bytes\"", "\"string\"", "02ff", "a string that is not UTF-8 @1", NULL);
	check("\"long\"", "\"int\"", "00", "!the data has long, the reader's schema int", NULL);
	check("\"double\"", "\"float\"", "00", "!the data has double, the reader's schema float", NULL);
	check("\"null\"", "\"int\"", "", "!the data has null, the reader's schema int", NULL);
	check("{\"type\":\"int\",\"logicalType\":\"date\"}", "\"int\"", "02", "1", "1");
	check("\"int\"", "{\"type\":\"int\",\"logicalType\":\"date\"}", "02", "1", "datetime.date(1970, 1, 2)");
	check("\"int\"", "{\"type\":\"long\",\"logicalType\":\"time-micros\"}", "02", "1", "datetime.time(0, 0, 0, 1)");
}

TEST(fields)
{
	check(RECORD(A "," B "," C), RECORD(A "," B "," C), "02027801", "{\"a\":1,\"b\":\"x\",\"c\":true}", NULL);
	check(RECORD(A "," B "," C), RECORD(B), "02027801", "{\"b\":\"x\"}", "{'b': 'x'}");
	check(RECORD(A "," B "," C), RECORD(""), "02027801", "{}", "{}");
	check(RECORD(A "," B "," C), RECORD(A "," C), "0202ff01", "{\"a\":1,\"c\":true}", "{'a': 1, 'c': True}");
	check(RECORD(A "," B "," C), RECORD(C "," A), "02027801", "{\"c\":true,\"a\":1}", "{'c': True, 'a': 1}");
	check(RECORD(A "," B "," C), RECORD(C "," B "," A), "02027801", "{\"c\":true,\"b\":\"x\",\"a\":1}",
		"{'c': True, 'b': 'x', 'a': 1}");
	check(RECORD(A "," B "," C), RECORD(C "," A), "02027802", ".c: a boolean is 0 or 1, not 2 @3", NULL);
	check(RECORD(B), RECORD(A "," B), "0278",
		"!the data has no field \"a\", which has no default in the reader's schema", NULL);
	check(RECORD(B),
		RECORD(B
			",{\"name\":\"d\",\"type\":\"int\",\"default\":7},{\"name\":\"n\",\"type\":\"null\",\"default\":null}"),
		"0278", "{\"b\":\"x\",\"d\":7,\"n\":null}", "{'b': 'x', 'd': 7, 'n': None}");
	check(RECORD(A "," B), RECORD("{\"name\":\"d\",\"type\":\"float\",\"default\":7}," B "," A), "020278",
		"{\"d\":7.0,\"b\":\"x\",\"a\":1}", NULL);
	check(RECORD(A), RECORD("{\"name\":\"z\",\"type\":\"long\",\"aliases\":[\"y\",\"a\"]}"), "02", "{\"z\":1}",
		NULL);
	check(RECORD(A "," B), RECORD("{\"name\":\"b\",\"type\":\"string\",\"aliases\":[\"a\"]}"), "020278",
		"{\"b\":\"x\"}", NULL);
}

/* As the specification writes them: bytes as code points, a branch without its tag, records with what they lack. */
TEST(defaults)
{
	static const struct {
		const char *type, *fallback, *tagged;
	} rows[] = {
		{"\"bytes\"", "\"\\u00ff\\u0001A\"", "\"\\u00ff\\u0001A\""},
		{"\"string\"", "\"\\u00ff\"", "\"\u00ff\""},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "\"\\u0080b\"", "\"\\u0080b\""},
		{"[\"null\",\"int\"]", "null", "null"},
		{"[\"null\",\"int\"]", "4", "{\"int\":4}"},
		{"[{\"type\":\"map\",\"values\":\"string\"},\"null\"]", "{\"string\":\"x\"}",
			"{\"map\":{\"string\":\"x\"}}"},
		{"{\"type\":\"array\",\"items\":\"double\"}", "[1,2.5]", "[1.0,2.5]"},
		{"{\"type\":\"record\",\"name\":\"I\",\"fields\":[{\"name\":\"i\",\"type\":\"int\",\"default\":5},{\"name\":"
		 "\"s\",\"type\":\"string\"}]}",
			"{\"s\":\"\"}", "{\"i\":5,\"s\":\"\"}"},
		{ENUM("\"X\",\"Y\"", ""), "\"Y\"", "\"Y\""},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}", "\"\\u0001\"",
			"\"\\u0001\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf reader = {0}, expected = {0};
		kt_buf_addf(&reader, RECORD("{\"name\":\"d\",\"type\":%s,\"default\":%s}," A), rows[i].type,
			rows[i].fallback);
		kt_buf_addf(&expected, "{\"d\":%s,\"a\":1}", rows[i].tagged);
		check(RECORD(A), kt_buf_cstr(&reader), "02", kt_buf_cstr(&expected), NULL);
	}
}

TEST(unions)
{
	check("[\"null\",\"int\"]", "[\"int\",\"null\"]", "0204", "{\"int\":2}", "2");
	check("[\"null\",\"int\"]", "\"int\"", "0204", "2", "2");
	check("[\"null\",\"int\"]", "\"long\"", "00", "the data has null, the reader's schema long @1", NULL);
	check("[\"null\",\"string\"]", "\"int\"", "00", "!the data has string, the reader's schema int", NULL);
	check("[\"int\"]", "\"string\"", "00", "!the data has int, the reader's schema string", NULL);
	check("\"int\"", "[\"string\",\"double\",\"float\",\"long\"]", "04", "{\"double\":2.0}", "2.0");
	check("\"int\"", "[\"double\",\"int\"]", "04", "{\"int\":2}", "2");
	check("\"bytes\"", "[\"null\",\"string\"]", "0278", "{\"string\":\"x\"}", NULL);
	check("\"boolean\"", "[\"int\",\"string\"]", "01", "!no branch of the reader's union takes boolean", NULL);
	check("{\"type\":\"array\",\"items\":\"int\"}", "[\"null\",{\"type\":\"array\",\"items\":[\"null\",\"long\"]}]",
		"020200", "{\"array\":[{\"long\":1}]}", "[1]");
	check("{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"array\",\"items\":\"string\"}", "00", "[]", "[]");
	check("{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"array\",\"items\":\"string\"}", "020200",
		"[0]: the data has int, the reader's schema string @1", NULL);
}

/* A record goes to the branch with its full name, else to the first that its fields fit, preferably one of its name. */
TEST(records_in_unions)
{
	static const char x[] = "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[{\"name\":\"%s\",\"type\":\"%s\"}]}";
	static const struct {
		const char *first[3], *second[3], *tagged;
	} rows[] = {
		{{"o.X", "a", "int"}, {"n.R", "a", "long"}, "{\"n.R\":{\"a\":1}}"},
		{{"o.X", "a", "int"}, {"o.R", "a", "long"}, "{\"o.R\":{\"a\":1}}"},
		{{"o.X", "b", "int"}, {"o.Y", "a", "long"}, "{\"o.Y\":{\"a\":1}}"},
		{{"o.X", "a", "string"}, {"o.R", "a", "long"}, "{\"o.R\":{\"a\":1}}"},
		{{"o.X", "a", "double"}, {"o.R", "a", "string"}, "{\"o.X\":{\"a\":1.0}}"},
		{{"o.X", "a", "string"}, {"o.R", "b", "int"}, "!no branch of the reader's union takes record \"n.R\""},
		{{"o.X", "a", "int"}, {"n.R", "b", "int"},
			"!the data has no field \"b\", which has no default in the reader's schema"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf reader = {0};
		kt_buf_addc(&reader, '[');
		kt_buf_addf(&reader, x, rows[i].first[0], rows[i].first[1], rows[i].first[2]);
		kt_buf_addc(&reader, ',');
		kt_buf_addf(&reader, x, rows[i].second[0], rows[i].second[1], rows[i].second[2]);
		kt_buf_addc(&reader, ']');
		check(RECORD(A), kt_buf_cstr(&reader), "02", rows[i].tagged, NULL);
	}
}

TEST(named_types)
{
	check(ENUM("\"X\",\"Y\"", ""), ENUM("\"Y\",\"X\"", ""), "02", "\"Y\"", "'Y'");
	check(ENUM("\"X\",\"Y\"", ""), ENUM("\"X\"", ""), "02",
		"the reader's enum does not have the symbol \"Y\", and no default @0", NULL);
	check(ENUM("\"X\",\"Y\"", ""), ENUM("\"X\"", ",\"default\":\"X\""), "02", "\"X\"", "'X'");
	check(ENUM("\"X\"", ""), "{\"type\":\"enum\",\"name\":\"o.E\",\"symbols\":[\"X\"]}", "00", "\"X\"", NULL);
	check(ENUM("\"X\"", ""), "{\"type\":\"enum\",\"name\":\"F\",\"symbols\":[\"X\"]}", "00",
		"!the data has enum \"n.E\", the reader's schema enum \"F\"", NULL);
	check(ENUM("\"X\"", ""), "{\"type\":\"enum\",\"name\":\"n.F\",\"symbols\":[\"X\"],\"aliases\":[\"E\"]}", "00",
		"\"X\"", NULL);
	check(ENUM("\"X\"", ""), "{\"type\":\"enum\",\"name\":\"o.F\",\"symbols\":[\"X\"],\"aliases\":[\"E\"]}", "00",
		"!the data has enum \"n.E\", the reader's schema enum \"o.F\"", NULL);
	check(ENUM("\"X\"", ""), "{\"type\":\"enum\",\"name\":\"o.F\",\"symbols\":[\"X\"],\"aliases\":[\"n.E\",7]}",
		"00", "\"X\"", NULL);
	check("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "00",
		"!the data has fixed \"F\" of 1 bytes, the reader's schema fixed \"F\" of 2 bytes", NULL);
	check("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}",
		"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":1}", "0201",
		"!the data has bytes (decimal with scale 2), the reader's schema bytes (decimal with scale 1)", NULL);
	check(RECORD(A), "{\"type\":\"record\",\"name\":\"Other\",\"fields\":[" A "]}", "02", "{\"a\":1}", NULL);
}

#define LIST(fields) "{\"type\":\"record\",\"name\":\"L\",\"fields\":[" fields "]}"
#define NEXT "{\"name\":\"next\",\"type\":[\"null\",\"L\"]}"

TEST(recursion)
{
	check(LIST(A "," NEXT), LIST(NEXT ",{\"name\":\"d\",\"type\":\"string\",\"default\":\"-\"}," A), "02020400",
		"{\"next\":{\"L\":{\"next\":null,\"d\":\"-\",\"a\":2}},\"d\":\"-\",\"a\":1}",
		"{'next': {'next': None, 'd': '-', 'a': 2}, 'd': '-', 'a': 1}");
	check(LIST(A "," NEXT "," B), LIST(A), "020204000278027a", "{\"a\":1}", NULL);
	check(LIST(A "," NEXT), LIST("{\"name\":\"a\",\"type\":\"string\"}," NEXT), "0200",
		"!.a: the data has int, the reader's schema string", NULL);
	/* Used twice, and after something that not all data has first. */
	check("{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"p\",\"type\":{\"type\":\"array\",\"items\":" RECORD(
		      A) "}},{\"name\":\"q\",\"type\":\"n.R\"}]}",
		"{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"p\",\"type\":{\"type\":\"array\",\"items\":" RECORD(
			B) "}},{\"name\":\"q\",\"type\":\"n.R\"}]}",
		"0000", "!the data has no field \"b\", which has no default in the reader's schema", NULL);
}

/* Where a wanted field is, is known wherever it is moved to. */
TEST(wanted_fields)
{
	static const char writer[] = RECORD(
		A ",{\"name\":\"r\",\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"x\",\"type\":"
		  "\"int\"},{\"name\":\"y\",\"type\":\"int\"}]}}," B),
			  reader[] =
				  RECORD("{\"name\":\"d\",\"type\":{\"type\":\"record\",\"name\":\"D\",\"fields\":[{"
					 "\"name\":\"e\",\"type\":\"string\"}]},\"default\":{\"e\":\"f\"}}," B
					 ",{\"name\":\"r\",\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":[{"
					 "\"name\":\"y\",\"type\":\"double\"},{\"name\":\"x\",\"type\":\"int\"}]}}," A);
	static const char *const expected[] = {"\"f\"", "\"z\"", "2", "4.0", "{\"y\":4.0,\"x\":2}", "1", ""};
	kt_auto(kt_strs_fini) struct kt_strs wanted = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_avro_run *run = kt_avro_run_new();
	kt_strs_split(&wanted, "d.e b r.x r.y r a none", " ");
	const struct kt_avro_how how = {.form = KT_AVRO_JSON, .wanted = &wanted};
	CHECK_STR(read_as(&out, writer, reader, "020408027a", &how, run),
		"{\"d\":{\"e\":\"f\"},\"b\":\"z\",\"r\":{\"y\":4.0,\"x\":2},\"a\":1}");
	for (size_t i = 0; i < KT_LEN(expected); i++) {
		char text[64];
		snprintf(text, sizeof(text), "%.*s", (int)run->noted[i].len, out.data + run->noted[i].at);
		CHECK_STR(text, expected[i]);
	}
	kt_avro_run_free(run);
}

TEST(what_is_no_readers_schema)
{
	static const struct {
		const char *schema, *why;
	} rows[] = {
		{RECORD(A), NULL},
		{RECORD("{\"name\":\"a\",\"type\":\"int\",\"default\":1.5}"),
			"the schema is not valid: record \"n.R\": a default: .a: expected int, got a number"},
		{RECORD("{\"name\":\"a\",\"type\":[\"null\",\"int\"],\"default\":\"x\"}"),
			"the schema is not valid: record \"n.R\": a default: .a: expected int, got a string"},
		{ENUM("\"X\"", ",\"default\":\"Y\""),
			"the schema is not valid: enum \"n.E\": its default is not one of its symbols"},
		{RECORD("{\"name\":\"a\",\"type\":\"n.R\",\"default\":{}}"),
			"the schema is not valid: record \"n.R\": a default: nested deeper than 1000 levels"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema = parse(rows[i].schema);
		CHECK_INT(kt_avro_check_reader(schema, &err), rows[i].why ? -1 : 0);
		CHECK_STR(err.msg, rows[i].why ? rows[i].why : "");
		kt_avro_schema_free(schema);
	}
}

/* Defaults that double what is in them: schemas of a few lines may mean more than there is memory. */
TEST(defaults_are_bounded)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err err = {0};
	kt_buf_adds(&text, "{\"type\":\"record\",\"name\":\"All\",\"fields\":[");
	for (int i = 0; i < 60; i++) {
		kt_buf_addf(&text, "%s{\"name\":\"f%d\",\"type\":{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[",
			i ? "," : "", i, i);
		if (i)
			kt_buf_addf(&text,
				"{\"name\":\"l\",\"type\":\"R%d\",\"default\":{}},{\"name\":\"r\",\"type\":\"R%d\","
				"\"default\":{}}",
				i - 1, i - 1);
		kt_buf_adds(&text, "]},\"default\":{}}");
	}
	kt_buf_adds(&text, "]}");
	struct kt_avro_schema *schema = parse(kt_buf_cstr(&text));
	CHECK_INT(kt_avro_check_reader(schema, &err), -1);
	CHECK(strstr(err.msg, "a default of more than 10000 values"));
	kt_avro_schema_free(schema);
}

static struct kt_avro_schema *large(const char *prefix, int n, const char *field, bool enums)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err err = {0};
	struct kt_avro_schema *schema = NULL;
	kt_buf_adds(&text, enums ? "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" : "[");
	for (int i = 0; i < n; i++)
		kt_buf_addf(&text,
			enums ? "%s\"%s%d\""
			      : "%s{\"type\":\"record\",\"name\":\"%s%d\",\"fields\":[{\"name\":\"%s\",\"type\":\"int\"}]}",
			i ? "," : "", prefix, i, field);
	kt_buf_adds(&text, enums ? "]}" : "]");
	CHECK_INT(kt_avro_schema_parse(&schema, text.data, text.len, &err), 0);
	return schema;
}

/* Names in common are found in time that does not grow with the square of their number; branches without one are
 * compared up to a limit. Without either this would take minutes. */
TEST(large_unions_and_enums)
{
	struct kt_avro_how how = {.form = KT_AVRO_JSON};
	struct kt_avro_schema *writer = large("R", 40000, "a", false), *reader = large("R", 40000, "a", false),
			      *other = large("S", 40000, "a", false), *none = large("S", 40000, "b", false),
			      *symbols = large("s", 100000, "", true), *more = large("s", 100001, "", true);
	struct kt_avro_printer *printer = NULL;
	struct kt_err err = {0};
	CHECK_INT(kt_avro_printer_resolve(&printer, writer, reader, &how, &err), 0);
	CHECK_STR(err.msg, "");
	kt_avro_printer_free(printer);
	printer = NULL;
	CHECK_INT(kt_avro_printer_resolve(&printer, writer, other, &how, &err), 0);
	kt_avro_printer_free(printer);
	printer = NULL;
	CHECK_INT(kt_avro_printer_resolve(&printer, writer, none, &how, &err), -1);
	CHECK(strstr(err.msg, "too much to resolve: more than 250000 pairs"));
	CHECK_INT(kt_avro_printer_resolve(&printer, symbols, more, &how, &err), 0);
	kt_avro_printer_free(printer);
	kt_avro_schema_free(writer);
	kt_avro_schema_free(reader);
	kt_avro_schema_free(other);
	kt_avro_schema_free(none);
	kt_avro_schema_free(symbols);
	kt_avro_schema_free(more);
}
