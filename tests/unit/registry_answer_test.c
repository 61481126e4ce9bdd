#include "registry_answer.h"

#include "tap.h"

/* "TYPE SCHEMA SUBJECT@VERSION …", or the message in angle brackets. Valid until the next call. */
static const char *outcome(const char *text)
{
	static struct kt_buf out;
	struct kt_err err = {0};
	kt_auto(kt_registry_answer_fini) struct kt_registry_answer a = {0};
	out.len = 0;
	if (kt_registry_answer_read(&a, text, strlen(text), &err) < 0) {
		CHECK(!a.schema && !a.type && !a.references && err.status == KT_FAILED);
		kt_buf_addf(&out, "<%s>", err.msg);
		return kt_buf_cstr(&out);
	}
	kt_buf_addf(&out, "%s %s", a.type, a.schema);
	for (size_t i = 0; i < a.n_references; i++)
		kt_buf_addf(&out, " %s@%lld", a.references[i].subject, (long long)a.references[i].version);
	return kt_buf_cstr(&out);
}

TEST(schemas)
{
	static const char *const cases[][2] = {
		{"{\"schema\":\"\\\"int\\\"\"}", "AVRO \"int\""},
		{"{\"subject\":\"s\",\"version\":3,\"id\":7,\"schemaType\":\"JSON\",\"schema\":\"{}\"}", "JSON {}"},
		{"{\"schema\":\"x\",\"references\":[{\"name\":\"a.B\",\"subject\":\"b\",\"version\":2},"
		 "{\"subject\":\"c\",\"version\":-1}]}",
			"AVRO x b@2 c@-1"},
		{"{\"schema\":\"x\",\"references\":null}", "AVRO x"},
		{"", "<the answer is not JSON>"},
		{"<html>", "<the answer is not JSON>"},
		{"{\"schema\":\"x\"} ,", "<the answer is not JSON>"},
		{"[]", "<the answer holds no schema>"},
		{"{}", "<the answer holds no schema>"},
		{"{\"schema\":{\"type\":\"int\"}}", "<the answer holds no schema>"},
		{"{\"schema\":\"x\",\"references\":[{}]}", "<reference 1 has no subject and version>"},
		{"{\"schema\":\"x\",\"references\":[{\"subject\":\"s\",\"version\":\"1\"}]}",
			"<reference 1 has no subject and version>"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome(cases[i][0]), cases[i][1]);
	kt_auto(kt_buf_fini) struct kt_buf many = {0};
	kt_buf_adds(&many, "{\"schema\":\"x\",\"references\":[0");
	for (size_t i = 0; i < KT_REGISTRY_REFERENCES; i++)
		kt_buf_adds(&many, ",0");
	kt_buf_adds(&many, "]}");
	CHECK_STR(outcome(kt_buf_cstr(&many)), "<101 references, more than 100>");
}

TEST(errors)
{
	static const struct {
		const char *text;
		int64_t code;
		const char *message;
	} cases[] = {
		{"{\"error_code\":40403,\"message\":\"Schema not found\"}", 40403, "\"Schema not found\""},
		{"{\"error_code\":\"x\",\"message\":7}", 0, ""},
		{"{\"message\":\"\\u001b[31m\"}", 0, "\"\\x1b[31m\""},
		{"nothing", 0, ""},
		{"", 0, ""},
	};
	char message[40];
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		CHECK_INT(kt_registry_answer_error(message, sizeof(message), cases[i].text, strlen(cases[i].text)),
			cases[i].code);
		CHECK_STR(message, cases[i].message);
	}
	static const char longer[] = "{\"message\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}";
	kt_registry_answer_error(message, sizeof(message), longer, strlen(longer));
	CHECK(strlen(message) < sizeof(message));
}

TEST(numbers)
{
	static const struct {
		const char *text;
		int64_t id;
	} cases[] = {{"{\"id\":7}", 7}, {"{\"id\":4294967295}", UINT32_MAX}, {"{\"id\":4294967296}", -1},
		{"{\"id\":-1}", -1}, {"{\"id\":\"7\"}", -1}, {"7", -1}, {"{", -1}};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_err err = {0};
		int64_t id = -1;
		int result = kt_registry_answer_id(&id, cases[i].text, strlen(cases[i].text), &err);
		CHECK_INT(id, cases[i].id);
		CHECK_INT(result, cases[i].id < 0 ? -1 : 0);
	}
}

/* What several schemas come to, or the message in angle brackets; up to a NULL. */
static const char *joined(const char *const *schemas)
{
	static struct kt_buf out;
	struct kt_err err = {0};
	struct kt_bytes texts[8];
	size_t n = 0;
	for (; schemas[n]; n++)
		texts[n] = (struct kt_bytes){schemas[n], strlen(schemas[n])};
	out.len = 0;
	if (kt_registry_join(&out, texts, n, &err) < 0)
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
		/* Names of primitive types stay what they are. */
		{RECORD("a.M", FIELD("x", "\"string\"")), RECORD("a.M", FIELD("x", "\"string\"")),
			RECORD("a.string", "")},
		{"<the schema is not JSON: '[' or '{' expected near end of file (line 1, column 0)>", ""},
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
