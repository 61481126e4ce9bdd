#include "avro_check.h"

#include "tap.h"

#define FIELD(rest) "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":" rest "}]}"

static const char *check(struct kt_err *err, const char *text)
{
	struct kt_avro_schema *schema = NULL;
	CHECK_INT(kt_avro_schema_parse(&schema, text, strlen(text), err), 0);
	if (schema && kt_avro_check_writer(schema, err) < 0)
		CHECK_INT(err->status, KT_FAILED);
	kt_avro_schema_free(schema);
	return err->msg;
}

/* What reading accepts and writing does not, by the sentences of the specification. */
TEST(refused)
{
	static const struct {
		const char *schema, *why;
	} rows[] = {
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\",\"A\"]}",
			"enum \"E\": the symbol \"A\" is there twice"},
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A-B\"]}",
			"enum \"E\": the symbol \"A-B\" is not a name"},
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"Z\"}",
			"enum \"E\": its default is not one of its symbols"},
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":5}",
			"enum \"E\": its default is not one of its symbols"},
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[],\"default\":\"\"}",
			"enum \"E\": its default is not one of its symbols"},
		{"[{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]},\"E\"]", "a union holds \"E\" twice"},
		{"{\"type\":\"record\",\"name\":\"my-record\",\"fields\":[]}",
			"record \"my-record\": \"my-record\" is not a name"},
		{"{\"type\":\"record\",\"name\":\".R\",\"namespace\":\"n\",\"fields\":[]}",
			"record \".R\": \".R\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"a..R\",\"fields\":[]}", "record \"a..R\": \"a..R\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"R.\",\"fields\":[]}", "record \"R.\": \"R.\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a-b\",\"fields\":[]}",
			"record \"a-b.R\": \"a-b.R\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"R\",\"namespace\":5,\"fields\":[]}",
			"record \"R\": namespace is not a string"},
		{"{\"type\":\"record\",\"name\":\"R\",\"doc\":5,\"fields\":[]}", "record \"R\": doc is not a string"},
		{"{\"type\":\"fixed\",\"name\":\"1F\",\"size\":1}", "fixed \"1F\": \"1F\" is not a name"},
		{"{\"type\":\"fixed\",\"name\":\"F\\u00e9\",\"size\":1}",
			"fixed \"F\xc3\xa9\": \"F\xc3\xa9\" is not a name"},
		{"{\"type\":\"fixed\",\"name\":\"long\",\"namespace\":\"a\",\"size\":1}",
			"fixed \"a.long\": nothing but the primitive type may be called long"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":1,\"aliases\":\"G\"}",
			"fixed \"F\": aliases is not a list of names"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":1,\"aliases\":[\"G\",1]}",
			"fixed \"F\": aliases is not a list of names"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":1,\"aliases\":[\"a.b-c\"]}",
			"fixed \"F\": the alias \"a.b-c\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a b\",\"type\":\"int\"}]}",
			"record \"R\": the field \"a b\" is not a name"},
		{"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a.b\",\"type\":\"int\"}]}",
			"record \"R\": the field \"a.b\" is not a name"},
		{FIELD("\"int\",\"default\":\"x\""), "record \"R\": a default: .a: expected int, got a string"},
		{FIELD("\"int\",\"default\":1.0"), "record \"R\": a default: .a: expected int, got a number"},
		{FIELD("\"string\",\"default\":null"), "record \"R\": a default: .a: expected string, got null"},
		{FIELD("[\"null\",\"int\"],\"default\":\"x\""),
			"record \"R\": a default: .a: expected int, got a string"},
		{FIELD("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2},\"default\":\"abc\""),
			"record \"R\": a default: .a: expected 2 bytes, got 3"},
		{FIELD("{\"type\":\"map\",\"values\":\"int\"},\"default\":{\"x\":\"y\"}"),
			"record \"R\": a default: .a[\"x\"]: expected int, got a string"},
		{FIELD("\"int\",\"order\":\"up\""),
			"record \"R\": field \"a\": order is not ascending, descending or ignore"},
		{FIELD("\"int\",\"order\":5"),
			"record \"R\": field \"a\": order is not ascending, descending or ignore"},
		{FIELD("\"int\",\"doc\":[]"), "record \"R\": field \"a\": doc is not a string"},
		{FIELD("\"int\",\"aliases\":[\"n.b\"]"), "record \"R\": field \"a\": the alias \"n.b\" is not a name"},
		{FIELD("\"int\",\"aliases\":{}"), "record \"R\": field \"a\": aliases is not a list of names"},
		{FIELD("{\"type\":{\"type\":\"string\"}}"), "a type is wrapped in one more {\"type\": …}"},
		{FIELD("{\"type\":[\"null\",\"int\"]}"), "a type is wrapped in one more {\"type\": …}"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		static const char front[] = "the schema is not valid: ";
		const char *said = check(&err, rows[i].schema);
		CHECK_INT(strncmp(said, front, strlen(front)), 0);
		CHECK_STR(said + strlen(front), rows[i].why);
	}
}

/* What looks odd but is allowed. */
TEST(allowed)
{
	static const char *const rows[] = {
		"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[]}",
		"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"a\",\"_1\"],\"default\":\"a\",\"aliases\":[\"F\",\"x.G\"]}",
		"[]",
		"[\"null\",{\"type\":\"array\",\"items\":\"int\"},{\"type\":\"map\",\"values\":\"int\"},\"int\",\"long\"]",
		"{\"type\":\"error\",\"name\":\"a.R\",\"namespace\":\"b-c\",\"doc\":null,\"fields\":[]}",
		"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"\",\"fields\":[]}",
		"{\"type\":\"record\",\"name\":\"R\",\"namespace\":null,\"fields\":[]}",
		FIELD("[\"int\",\"null\"],\"default\":null,\"order\":\"descending\",\"doc\":\"\",\"aliases\":[\"b\"]"),
		FIELD("\"double\",\"default\":1"),
		FIELD("\"double\",\"default\":\"NaN\""),
		FIELD("[\"null\",\"R\"],\"default\":null"),
		"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":5}",
		"{\"type\":\"fixed\",\"name\":\"F\",\"size\":0}",
		"{\"type\":\"int\",\"order\":5,\"aliases\":1,\"default\":\"x\"}",
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_STR(check(&err, rows[i]), "");
	}
}
