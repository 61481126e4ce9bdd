#include "workanswer.h"

#include "tap.h"

/* The action, or -1. */
static int line(const char *text, char *why, size_t size)
{
	struct kt_workanswer answer;
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	int result = kt_workanswer_line(&answer, text, strlen(text), &scratch, &err);
	if (result < 0)
		snprintf(why, size, "%s", err.msg);
	else
		snprintf(why, size, "%.*s", (int)answer.text.len, answer.text.data);
	return result < 0 ? -1 : (int)answer.action;
}

TEST(lines)
{
	static const struct {
		const char *text;
		int action;
		const char *why;
	} rows[] = {
		{"ok", KT_WORK_DONE, ""},
		{"ok\r", KT_WORK_DONE, ""},
		{"ok made of it", KT_WORK_DONE, "made of it"},
		{"retry", KT_WORK_RETRY, ""},
		{"retry the line is busy", KT_WORK_RETRY, "the line is busy"},
		{"reject no such user", KT_WORK_REJECT, "no such user"},
		{"{\"ok\":true}", KT_WORK_DONE, ""},
		{"{\"ok\":true,\"out\":\"a\\n\\u00e9\"}", KT_WORK_DONE, "a\n\xc3\xa9"},
		{"{\"ok\": true, \"out\": {\"n\": [1, 2]}, \"more\": null}", KT_WORK_DONE, "{\"n\":[1,2]}"},
		{"{\"ok\":false,\"error\":\"later\"}", KT_WORK_RETRY, "later"},
		{"{\"ok\":false,\"retry\":false,\"error\":\"never\"}", KT_WORK_REJECT, "never"},
		{"{\"ok\":true,\"out\":null}", KT_WORK_DONE, ""},
	};
	char why[600];
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		CHECK_INT(line(rows[i].text, why, sizeof(why)), rows[i].action);
		CHECK_STR(why, rows[i].why);
	}
}

TEST(lines_that_are_none)
{
	static const char *const wrong[] = {"", " ", "OK", "okay", "oki", "0", "{", "{}", "{\"ok\":1}",
		"{\"ok\":\"true\"}", "{\"ok\":true", "{\"ok\":true}x", "{\"ok\":truer}", "[\"ok\"]", "\"ok\"", "null",
		"{\"ok\":true,\"out\":}", "{\"retry\":true}", "{\"ok\":false,\"retry\":0}"};
	char why[600];
	for (size_t i = 0; i < KT_LEN(wrong); i++)
		CHECK_INT(line(wrong[i], why, sizeof(why)), -1);
}

TEST(frames)
{
	static const char data[] = "\0\0\0\x0c\0\0\0\0\0\0\0\x07\0abc\0\0\0\x09\0\0\0\0\0\0\0\x08\x02";
	struct kt_workanswer answer;
	struct kt_err err = {0};
	for (size_t len = 0; len < 16; len++)
		CHECK_INT(kt_workanswer_frame(&answer, data, len, 100, &err), 0);
	CHECK_INT(kt_workanswer_frame(&answer, data, sizeof(data) - 1, 100, &err), 16);
	CHECK_INT(answer.id, 7);
	CHECK_INT(answer.action, KT_WORK_DONE);
	CHECK_INT(answer.text.len, 3);
	CHECK(!memcmp(answer.text.data, "abc", 3));
	CHECK_INT(kt_workanswer_frame(&answer, data + 16, sizeof(data) - 17, 100, &err), 13);
	CHECK_INT(answer.id, 8);
	CHECK_INT(answer.action, KT_WORK_REJECT);
	CHECK_INT(kt_workanswer_frame(&answer, data, sizeof(data) - 1, 2, &err), -1);
	CHECK_INT(kt_workanswer_frame(&answer, "\0\0\0\x08", 4, 100, &err), -1);
	CHECK_INT(kt_workanswer_frame(&answer, "\xff\xff\xff\xff", 4, 100, &err), -1);
	CHECK_INT(kt_workanswer_frame(&answer, "\0\0\0\x09\0\0\0\0\0\0\0\x08\x03", 13, 100, &err), -1);
}

TEST(questions)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_workanswer_ask(&out, 258, (struct kt_bytes){"{}", 2}, (struct kt_bytes){"body", 4});
	CHECK_INT(out.len, 22);
	CHECK(!memcmp(out.data, "\0\0\0\x12\0\0\0\0\0\0\x01\x02\0\0\0\x02{}body", 22));
	out.len = 0;
	kt_workanswer_ask(&out, 0, (struct kt_bytes){"{}", 2}, (struct kt_bytes){NULL, 0});
	CHECK_INT(out.len, 18);
}
