#include "avro_schema.h"

#include "esc.h"
#include "tap.h"

static struct kt_avro_schema *parse(const char *text, struct kt_err *err)
{
	struct kt_avro_schema *schema = NULL;
	return kt_avro_schema_parse(&schema, text, strlen(text), err) < 0 ? NULL : schema;
}

/* Canonical forms by the rules of the specification, and the fingerprints that other implementations give them. */
TEST(canonical_forms)
{
	static const struct {
		const char *schema, *canonical;
		int64_t fingerprint;
	} rows[] = {
		{"\"null\"", "\"null\"", 7195948357588979594},
		{" {\"type\" : \"null\"}", "\"null\"", 7195948357588979594},
		{"\"boolean\"", "\"boolean\"", -6970731678124411036},
		{"\"int\"", "\"int\"", 8247732601305521295},
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", "\"int\"", 8247732601305521295},
		{"\"long\"", "\"long\"", -3434872931120570953},
		{"\"float\"", "\"float\"", 5583340709985441680},
		{"\"double\"", "\"double\"", -8181574048448539266},
		{"\"bytes\"", "\"bytes\"", 5746618253357095269},
		{"\"string\"", "\"string\"", -8142146995180207161},
		{"[ ]", "[]", -1241056759729112623},
		{"[ \"int\" , {\"type\":\"boolean\"} ]", "[\"int\",\"boolean\"]", 5392556393470105090},
		{"{\"fields\":[], \"type\":\"record\", \"name\":\"a.b.foo\", \"namespace\":\"x.y\", \"doc\":\"d\"}",
			"{\"name\":\"a.b.foo\",\"type\":\"record\",\"fields\":[]}", -4616218487480524110},
		{"{\"fields\":[], \"type\":\"error\", \"name\":\"foo\", \"namespace\":\"x.y\"}",
			"{\"name\":\"x.y.foo\",\"type\":\"record\",\"fields\":[]}", 5916914534497305771},
		{"{\"namespace\":\"x.y.z\", \"type\":\"enum\", \"name\":\"foo\", \"symbols\":[\"A1\", \"A2\"]}",
			"{\"name\":\"x.y.z.foo\",\"type\":\"enum\",\"symbols\":[\"A1\",\"A2\"]}", -4448647247586288245},
		{"{\"name\":\"foo\",\"type\":\"fixed\",\"size\":15}",
			"{\"name\":\"foo\",\"type\":\"fixed\",\"size\":15}", 1756455273707447556},
		{"{ \"items\":{\"type\":\"null\"}, \"type\":\"array\"}", "{\"type\":\"array\",\"items\":\"null\"}",
			-589620603366471059},
		{"{ \"values\":\"string\", \"type\":\"map\"}", "{\"type\":\"map\",\"values\":\"string\"}",
			-8732877298790414990},
		{"{\"name\":\"PigValue\",\"type\":\"record\",\"fields\":[{\"name\":\"value\",\"type\":[\"null\","
		 "\"int\","
		 "\"long\",\"PigValue\"],\"default\":null,\"order\":\"ignore\"}]}",
			"{\"name\":\"PigValue\",\"type\":\"record\",\"fields\":[{\"name\":\"value\",\"type\":[\"null\","
			"\"int\",\"long\",\"PigValue\"]}]}",
			-1759257747318642341},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		struct kt_avro_schema *schema = parse(rows[i].schema, &err);
		CHECK_STR(err.msg, "");
		if (!schema)
			continue;
		kt_avro_canonical(&out, schema);
		CHECK_STR(kt_buf_cstr(&out), rows[i].canonical);
		CHECK_INT((int64_t)kt_avro_rabin(out.data, out.len), rows[i].fingerprint);
		kt_avro_schema_free(schema);
	}
}

TEST(names_are_resolved)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_avro_schema *schema =
		parse("{\"type\":\"record\",\"name\":\"a.b.R\",\"fields\":[{\"name\":\"e\",\"type\":{\"type\":\"enum\","
		      "\"name\":\"E\",\"symbols\":[\"X\"]}},{\"name\":\"f\",\"type\":\"E\"},{\"name\":\"g\",\"type\":"
		      "\"a.b.E\"},{\"name\":\"h\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"namespace\":\"\","
		      "\"size\":2}},{\"name\":\"r\",\"type\":{\"type\":[\"null\",\"R\"]}}]}",
			&err);
	CHECK_STR(err.msg, "");
	const struct kt_avro_type *root = schema->root;
	CHECK_STR(kt_avro_name(root), "a.b.R");
	CHECK_INT(root->n, 5);
	CHECK_STR(root->fields[0].type->name, "a.b.E");
	CHECK(root->fields[1].type == root->fields[0].type && root->fields[2].type == root->fields[0].type);
	CHECK_INT(root->fields[0].type->uses, 3);
	CHECK_STR(root->fields[3].type->name, "F");
	CHECK(root->fields[4].type->fields[1].type == root);
	CHECK_INT(root->least, 1 + 1 + 1 + 2 + 1);
	kt_avro_canonical(&out, schema);
	CHECK_STR(kt_buf_cstr(&out),
		"{\"name\":\"a.b.R\",\"type\":\"record\",\"fields\":[{\"name\":\"e\",\"type\":{\"name\":\"a.b.E\","
		"\"type\":\"enum\",\"symbols\":[\"X\"]}},{\"name\":\"f\",\"type\":\"a.b.E\"},{\"name\":\"g\",\"type\":"
		"\"a.b.E\"},{\"name\":\"h\",\"type\":{\"name\":\"F\",\"type\":\"fixed\",\"size\":2}},{\"name\":\"r\","
		"\"type\":[\"null\",\"a.b.R\"]}]}");
	kt_avro_schema_free(schema);
}

TEST(logical_types)
{
	static const struct {
		const char *schema;
		enum kt_avro_logical logical;
	} rows[] = {
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", KT_AVRO_DATE},
		{"{\"type\":\"long\",\"logicalType\":\"date\"}", KT_AVRO_PLAIN},
		{"{\"type\":\"int\",\"logicalType\":\"what\"}", KT_AVRO_PLAIN},
		{"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", KT_AVRO_TIMESTAMP_MILLIS},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}", KT_AVRO_DECIMAL},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4}", KT_AVRO_DECIMAL},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":5}", KT_AVRO_PLAIN},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\"}", KT_AVRO_PLAIN},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":12,\"logicalType\":\"duration\"}", KT_AVRO_DURATION},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":11,\"logicalType\":\"duration\"}", KT_AVRO_PLAIN},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":16,\"logicalType\":\"uuid\"}", KT_AVRO_UUID},
		{"{\"type\":\"string\",\"logicalType\":\"uuid\"}", KT_AVRO_UUID},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema = parse(rows[i].schema, &err);
		CHECK_STR(err.msg, "");
		CHECK_INT(schema->root->logical, rows[i].logical);
		kt_avro_schema_free(schema);
	}
}

TEST(what_is_no_schema)
{
	static const struct {
		const char *schema, *why;
	} rows[] = {
		{"", "the schema is not JSON: "},
		{"{\"type\":\"int\"", "the schema is not JSON: "},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":4\001}", "the schema is not JSON: "},
		{"\n{\"type\":\n7,}", "the schema is not JSON: line 3: "},
		{"\"int\" /*", "the schema is not JSON: "},
		{"# int\n\"int\"", "the schema is not JSON: "},
		{"7", "the schema is not valid: a type is a name, an object or a list"},
		{"{}", "the schema is not valid: the type is missing"},
		{"\"\"", "the schema is not valid: a type is a name, an object or a list"},
		{"\"record\"", "the schema is not valid: there is no type \"record\""},
		{"\"what\"", "the schema is not valid: there is no type \"what\""},
		{"{\"type\":\"array\"}", "the schema is not valid: an array without items"},
		{"{\"type\":\"map\"}", "the schema is not valid: a map without values"},
		{"{\"type\":\"enum\",\"symbols\":[\"A\"]}", "the schema is not valid: an enum without a name"},
		{"{\"type\":\"enum\",\"name\":\"e\"}",
			"the schema is not valid: enum \"e\": an enum needs a list of symbols"},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}",
			"the schema is not valid: fixed \"f\": a fixed needs a size from 0 to 1073741824"},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":1e1}",
			"the schema is not valid: fixed \"f\": a fixed needs"},
		{"{\"type\":\"fixed\",\"name\":\"int\",\"size\":1}",
			"the schema is not valid: a fixed cannot be called int"},
		{"{\"type\":\"record\",\"name\":\"r\"}",
			"the schema is not valid: record \"r\": a record needs a list of fields"},
		{"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"type\":\"int\"}]}",
			"the schema is not valid: record \"r\": field 0 has no name"},
		{"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"a\","
		 "\"type\":\"int\"}]}",
			"the schema is not valid: record \"r\": field \"a\" is defined twice"},
		{"{\"type\":\"record\",\"name\":\"a.r\",\"fields\":[{\"name\":\"b\",\"type\":\"s\"}]}",
			"the schema is not valid: record \"a.r\": field \"b\": there is no type \"a.s\""},
		{"[\"int\",\"int\"]", "the schema is not valid: a union holds int twice"},
		{"[\"int\",[\"long\"]]", "the schema is not valid: a union directly inside a union"},
		{"[{\"type\":\"fixed\",\"name\":\"f\",\"size\":1},{\"type\":\"fixed\",\"name\":\"f\",\"size\":2}]",
			"the schema is not valid: branch 1 of a union: \"f\" is defined twice"},
		{"{\"type\":\"record\",\"name\":\"a\\u0000b\",\"fields\":[]}",
			"the schema is not valid: a record without a name"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema = parse(rows[i].schema, &err);
		CHECK(!schema);
		if (strncmp(err.msg, rows[i].why, strlen(rows[i].why)) != 0)
			TAP_FAIL("%s: %s", rows[i].schema, err.msg);
		kt_avro_schema_free(schema);
	}
}

/* JSON that other libraries accept: what decoding does not need must not keep data from being read. */
TEST(lenient_json)
{
	static const char *const rows[] = {
		"/* licence */\n{\"type\":\"int\"} // end",
		"// a\n/**/ { /* , */ \"type\" /*:*/ : // b\n \"int\" }",
		"\xef\xbb\xbf\"int\"",
		"{\"type\":\"long\",\"type\":\"int\"}",
		"{\"type\":\"int\",\"doc\":\"a\",\"doc\":\"b\"}",
		"{\"type\":\"int\",\"n\":[18446744073709551615,-1e999,0.1e-9999]}",
		"{\"type\":\"int\",\"doc\":\"\\ud83d\"}",
		"{\"type\":\"int\",\"doc\":\"\\ude00\\ud83dx\\ud83d\\u0041\"}",
		"{\"type\":\"int\",\"doc\":\"caf\xe9\"}",
		"{\"type\":\"int\",\"a\\u0000b\":\"\\u0000\"}",
		"{\"type\":\"int\",\"doc\":\"/* no comment */ // nor this\"}",
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema = parse(rows[i], &err), *again = NULL;
		CHECK_STR(err.msg, "");
		if (!schema)
			continue;
		CHECK_INT(schema->root->kind, KT_AVRO_INT);
		/* Its own text is JSON even for the strict. */
		CHECK(kt_utf8_valid(schema->json.json.data, schema->json.json.len));
		CHECK(!(again = parse(kt_buf_cstr(&schema->json.json), &err)) || again->root->kind == KT_AVRO_INT);
		CHECK_INT(again->json.json.len, schema->json.json.len);
		kt_avro_schema_free(schema);
		kt_avro_schema_free(again);
	}
}

TEST(an_enum_may_be_empty)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema = parse("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[]}", &err);
	CHECK_STR(err.msg, "");
	CHECK_INT(schema->root->n, 0);
	kt_avro_schema_free(schema);
}

TEST(depth_is_bounded)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err err = {0};
	for (int i = 0; i < 1000; i++)
		kt_buf_adds(&text, "{\"type\":\"array\",\"items\":");
	kt_buf_adds(&text, "\"int\"");
	for (int i = 0; i < 1000; i++)
		kt_buf_addc(&text, '}');
	CHECK(!parse(kt_buf_cstr(&text), &err));
	CHECK(strstr(err.msg, "nested deeper than 200 types") || strlen(err.msg) > 400);
}
