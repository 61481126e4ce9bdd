#include "token.h"

#include "buf.h"
#include "tap.h"

enum { NOW_MS = 1700000000 };

/* "PRINCIPAL LIFE_MS", where LIFE_MS is how long from now it is good, or the message. */
static const char *outcome(const char *text, size_t len)
{
	static char shown[600];
	struct kt_err err = {0};
	kt_auto(kt_token_fini) struct kt_token token = {0};
	if (kt_token_read(&token, text, len, NOW_MS * INT64_C(1000), &err) == 0)
		snprintf(shown, sizeof(shown), "[%s] %s %lld", token.text, token.principal,
			(long long)(token.expires_ms - NOW_MS * INT64_C(1000)));
	else
		snprintf(shown, sizeof(shown), "%d %s", err.status, err.msg);
	return shown;
}

TEST(texts)
{
	static const char *const cases[][2] = {
		{"abc", "[abc]  300000"},
		{"  abc==\r\n", "[abc==]  300000"},
		{"Bearer a.b-c_d~e+f/g", "[a.b-c_d~e+f/g]  300000"},
		{"BEARER  x ", "[x]  300000"},
		{"", "1 the token is empty"},
		{" \n\t", "1 the token is empty"},
		{"two words", "1 that is not a token"},
		{"a\001auth=x", "1 that is not a token"},
		{"a\"b", "1 that is not a token"},
		{"a=b", "1 that is not a token"},
		{"==", "1 that is not a token"},
		{"tok\303\251n", "1 that is not a token"},
		{"{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":60}", "[abc]  60000"},
		{"{\"expires_in\":1.5,\"x\":[{}],\"access_token\":\"abc\"}\n", "[abc]  1500"},
		{"{\"access_token\":\"abc\"}", "[abc]  300000"},
		{"{\"access_token\":\"abc\",\"expires_in\":\"60\"}", "[abc]  300000"},
		{"{\"access_token\":\"abc\",\"expires_in\":1e999}",
			"1 that is not a token: a JSON object has to have one in "
			"access_token"},
		{"{\"access_token\":\"a b\"}", "1 that is not a token"},
		{"{\"access_token\":\"\"}", "1 the token is empty"},
		{"{\"access_token\":\"abc\",\"expires_in\":0}", "1 the token has expired, at 2023-11-14T22:13:20.000Z"},
		{"{\"error\":\"invalid_client\"}",
			"1 that is not a token: a JSON object has to have one in access_token"},
		{"{\"access_token\":7}", "1 that is not a token: a JSON object has to have one in access_token"},
		{"{\"access_token\":\"abc\"", "1 that is not a token: a JSON object has to have one in access_token"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome(cases[i][0], strlen(cases[i][0])), cases[i][1]);
	CHECK_STR(outcome("a\0b", 3), "1 that is not a token");
}

/* A JWT with these claims: header and signature do not matter. */
static const char *claims(const char *json)
{
	static char shown[600];
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_adds(&text, "e30.");
	kt_buf_add_base64(&text, json, strlen(json));
	for (size_t i = 4; i < text.len; i++)
		text.data[i] = text.data[i] == '+' ? '-' : text.data[i] == '/' ? '_' : text.data[i];
	while (text.data[text.len - 1] == '=')
		text.len--;
	kt_buf_adds(&text, ".c2ln");
	const char *all = outcome(kt_buf_cstr(&text), text.len), *end = strchr(all, ']');
	snprintf(shown, sizeof(shown), "%s", end ? end + 2 : all);
	return shown;
}

TEST(what_a_jwt_says)
{
	static const char *const cases[][2] = {
		{"{\"sub\":\"anna\",\"exp\":1700000060}", "anna 60000"},
		{"{\"exp\":1700000060.25,\"aud\":[\"a\",{\"b\":1}]}", " 60250"},
		{"{\"sub\":\"anna\"}", "anna 300000"},
		{"{\"sub\":\"an\\u001bna\",\"exp\":1700000001}", " 1000"},
		{"{\"sub\":{\"a\":1},\"exp\":\"later\"}", " 300000"},
		{"{\"sub\":\"\xc3\xa9\\u003f\xe2\x82\xac~~~\",\"exp\":1700000001}", " 1000"},
		{"{\"exp\":1700000000}", "1 the token has expired, at 2023-11-14T22:13:20.000Z"},
		{"{\"exp\":0}", "1 the token has expired, at 1970-01-01T00:00:00.000Z"},
		{"{\"exp\":-1e300}", "1 the token has expired, at 1970-01-01T00:00:00.000Z"},
		{"{\"exp\":1e300}", " 251702300799000"},
		{"no JSON", " 300000"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(claims(cases[i][0]), cases[i][1]);
}
