#include "tokens.h"

#include "tap.h"

#define TEST_HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  /* of "test" */
#define OTHER_HASH "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa" /* of "other" */

static int add(struct kt_tokens *tokens, const char *text, struct kt_err *err)
{
	return kt_tokens_add(tokens, "f", (struct kt_bytes){text, strlen(text)}, err);
}

TEST(a_token_has_rights_by_topic)
{
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	struct kt_err err = {0};
	CHECK_INT(
		add(&tokens, "# a comment\n" TEST_HASH " a produce:t* produce:x\r\n\n" OTHER_HASH "\tb consume:[ab]\n",
			&err),
		0);
	CHECK_INT(tokens.n, 2);
	const struct kt_token *a = kt_tokens_find(&tokens, "Bearer test");
	CHECK(a && !strcmp(a->name, "a"));
	CHECK(kt_tokens_find(&tokens, "bearer  other") == &tokens.v[1]);
	CHECK(kt_token_may(a, KT_RIGHT_PRODUCE, "t1"));
	CHECK(kt_token_may(a, KT_RIGHT_PRODUCE, "x"));
	CHECK(!kt_token_may(a, KT_RIGHT_PRODUCE, "xt"));
	CHECK(!kt_token_may(a, KT_RIGHT_CONSUME, "t1"));
	CHECK(kt_token_may(&tokens.v[1], KT_RIGHT_CONSUME, "b"));
}

TEST(who_has_no_token_is_nobody)
{
	static const char *const wrong[] = {
		"", "Bearer", "Bearer ", "Bearer tes", "Bearer test ", "Basic test", "test", "Bearer " TEST_HASH};
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	struct kt_err err = {0};
	CHECK_INT(add(&tokens, TEST_HASH " a produce:t", &err), 0);
	for (size_t i = 0; i < KT_LEN(wrong); i++)
		CHECK(!kt_tokens_find(&tokens, wrong[i]));
}

TEST(what_is_wrong_is_said_with_its_line)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{"x", "f:1: expected a SHA-256 in 64 digits, a name and rights"},
		{"\n" TEST_HASH "0 a produce:t", "f:2: expected a SHA-256 in 64 digits, a name and rights"},
		{TEST_HASH, "f:1: \"\" is not a name: letters, digits, . _ and -, 64 at most"},
		{TEST_HASH " a/b produce:t", "f:1: \"a/b\" is not a name: letters, digits, . _ and -, 64 at most"},
		{TEST_HASH " a", "f:1: no rights: produce:TOPIC, consume:TOPIC, group:GROUP or gateway:HOST"},
		{TEST_HASH " a t",
			"f:1: \"t\" is not a right: produce:TOPIC, consume:TOPIC, group:GROUP or gateway:HOST"},
		{TEST_HASH " a consume:", "f:1: \"consume:\": a name is expected, or a pattern such as t*"},
		{TEST_HASH " a produce:t\n" OTHER_HASH " a produce:t", "f:2: there is a token of a already"},
		{TEST_HASH " a produce:t\n" TEST_HASH " b produce:t", "f:2: this is the token of a"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
		struct kt_err err = {0};
		CHECK_INT(add(&tokens, rows[i].text, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].said);
	}
}

TEST(a_new_token_can_be_read_again)
{
	kt_auto(kt_strs_fini) struct kt_strs rights = {0};
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	kt_auto(kt_buf_fini) struct kt_buf token = {0}, second = {0}, line = {0}, header = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_token_make(&token, &line, "a", &rights, &err), -1);
	kt_strs_add(&rights, "produce:t*");
	CHECK_INT(kt_token_make(&token, &line, "a b", &rights, &err), -1);
	CHECK_INT(kt_token_make(&token, &line, "a", &rights, &err), 0);
	CHECK_INT(kt_token_make(&second, &line, "b", &rights, &err), 0);
	CHECK(strcmp(kt_buf_cstr(&token), kt_buf_cstr(&second)) != 0);
	CHECK_INT(add(&tokens, kt_buf_cstr(&line), &err), 0);
	kt_buf_addf(&header, "Bearer %s", kt_buf_cstr(&second));
	CHECK(kt_tokens_find(&tokens, kt_buf_cstr(&header)) == &tokens.v[1]);
	CHECK(!strstr(kt_buf_cstr(&line), token.data));
}
