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
