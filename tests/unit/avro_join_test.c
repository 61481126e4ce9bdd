#include "avro_join.h"

#include "tap.h"

/* What several schemas are put together to, or the message in angle brackets; up to a NULL. */
static const char *joined(const char *const *schemas)
{
	static struct kt_buf out;
	struct kt_err err = {0};
	kt_auto(kt_avro_pool_fini) struct kt_avro_pool pool = {0};
	int result = 0;
	for (size_t n = 1; schemas[0] && schemas[n] && result == 0; n++)
		result = kt_avro_pool_add(&pool, schemas[n], strlen(schemas[n]), &err);
	out.len = 0;
	if (result < 0 || kt_avro_pool_join(&pool, &out, schemas[0], strlen(schemas[0]), &err) < 0)
		kt_buf_addf(&out, "<%s>", err.msg);
	return kt_buf_cstr(&out);
}

#define RECORD(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define SPACED(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "],\"namespace\":\"\"}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"

TEST(joining)
{
	static const char *const cases[][6] = {
		{"\"int\"", "\"int\""},
		{"\"B\"", "\"B\"", "\"int\""},
		{SPACED("B", FIELD("n", "\"int\"")), "\"B\"", RECORD("B", FIELD("n", "\"int\""))},
		/* The first use is the definition, and every name is full. */
		{RECORD("a.M", FIELD("x", RECORD("a.B", "")) "," FIELD("y", "\"a.B\"")),
			RECORD("a.M", FIELD("x", "\"B\"") "," FIELD("y", "\"a.B\"")), RECORD("a.B", "")},
		/* What a reference defines inside may be used before it. */
		{RECORD("a.M", FIELD("x", RECORD("a.C", "")) "," FIELD("y", RECORD("a.B", FIELD("c", "\"a.C\"")))),
			RECORD("a.M", FIELD("x", "\"C\"") "," FIELD("y", "\"B\"")),
			RECORD("a.B", FIELD("c", RECORD("C", "")))},
		/* References of references, in a circle, in lists, maps and unions. */
		{RECORD("a.M", FIELD("x", "[\"null\",{\"type\":\"map\",\"values\":" RECORD(
						  "b.N", FIELD("m", "{\"type\":\"array\",\"items\":\"a.M\"}")) "}]")),
			RECORD("a.M", FIELD("x", "[\"null\",{\"type\":\"map\",\"values\":\"b.N\"}]")),
			RECORD("b.N", FIELD("m", "{\"type\":\"array\",\"items\":\"a.M\"}")), RECORD("a.M", "")},
		/* Without namespace, used from inside one. */
		{RECORD("a.M", FIELD("x", SPACED("P", "")) "," FIELD("y", "\"P\"")),
			RECORD("a.M", FIELD("x", "\"P\"") "," FIELD("y", "\"P\"")), RECORD("P", "")},
		/* Its own definition goes before another's, even where it comes after the name. */
		{SPACED("M", FIELD("x", SPACED("F", FIELD("a", "\"int\""))) "," FIELD("y", "\"F\"")),
			RECORD("M", FIELD("x", "\"F\"") "," FIELD("y", RECORD("F", FIELD("a", "\"int\"")))),
			RECORD("F", "")},
		/* What is not a type stays as it is, including what is there twice. */
		{"{\"type\":\"record\",\"doc\":\"B\",\"name\":\"a.M\",\"doc\":\"b\",\"fields\":[{\"name\":\"x\",\"type\":"
		 "{\"type\":\"fixed\",\"size\":1,\"name\":\"a.B\"},\"default\":\"B\",\"n\":1e999}]}",
			"{\"type\":\"record\",\"name\":\"x\",\"doc\":\"B\",\"name\":\"a.M\",\"doc\":\"b\",\"fields\":[{\"name\":\"x\","
			"\"type\":\"B\", \"default\":\"B\",\"n\":1e999}]}",
			"{\"type\":\"fixed\",\"size\":1,\"name\":\"B\",\"namespace\":\"a\"}"},
		/* One list or map after another. */
		{"[{\"type\":\"array\",\"items\":" RECORD("a.B",
			 "") "},{\"type\":\"map\",\"values\":\"a.B\"},"
			     "{\"type\":\"array\",\"items\":\"a.B\"},{\"type\":\"map\",\"values\":\"a.B\"},{\"type\":\"a.B\"}]",
			"[{\"type\":\"array\",\"items\":\"a.B\"},{\"type\":\"map\",\"values\":\"a.B\"},"
			"{\"type\":\"array\",\"items\":\"a.B\"},{\"type\":\"map\",\"values\":\"a.B\"},{\"type\":\"a.B\"}]",
			RECORD("a.B", "")},
		/* Names of primitive types stay what they are. */
		{RECORD("a.M", FIELD("x", "\"string\"")), RECORD("a.M", FIELD("x", "\"string\"")),
			RECORD("a.string", "")},
		{"<the schema is not JSON: expected a value, got the end of the text (column 1)>", ""},
	};
	for (size_t i = 0; i + 1 < KT_LEN(cases); i++)
		CHECK_STR(joined(cases[i] + 1), cases[i][0]);
	CHECK(strstr(joined((const char *const[]){"\"int\"", "{", NULL}), "<the schema is not JSON: "));
}

/* Long names, often repeated, and types within types do not make more of a schema than a schema may be. */
TEST(joining_is_bounded)
{
	kt_auto(kt_buf_fini) struct kt_buf main = {0}, other = {0}, deep = {0};
	char space[KT_AVRO_NAME_MAX - 10];
	memset(space, 'x', sizeof(space));
	space[sizeof(space) - 1] = '\0';
	kt_buf_addf(&other, "{\"type\":\"fixed\",\"size\":1,\"name\":\"%s.B\"}", space);
	kt_buf_addf(&main, "{\"type\":\"record\",\"name\":\"%s.M\",\"fields\":[", space);
	for (size_t i = 0; i < 10000; i++)
		kt_buf_addf(&main, "%s{\"name\":\"f%zu\",\"type\":\"B\"}", i ? "," : "", i);
	kt_buf_adds(&main, "]}");
	const char *text = joined((const char *const[]){kt_buf_cstr(&main), kt_buf_cstr(&other), NULL});
	CHECK(strlen(text) < KT_AVRO_SCHEMA_MAX + (1 << 20));
	for (size_t i = 0; i < 1000; i++)
		kt_buf_adds(&deep, "[");
	for (size_t i = 0; i < 1000; i++)
		kt_buf_adds(&deep, "]");
	text = joined((const char *const[]){kt_buf_cstr(&deep), kt_buf_cstr(&deep), NULL});
	CHECK(strstr(text, "null"));
}
