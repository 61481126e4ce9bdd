#include "token.h"

#include <math.h>

#include "esc.h"
#include "json.h"
#include "mem.h"
#include "when.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct kt_bytes trim(const char *text, size_t len)
{
	while (len && is_blank(*text))
		text++, len--;
	while (len && is_blank(text[len - 1]))
		len--;
	return (struct kt_bytes){text, len};
}

/* What of a JSON object matters here; the rest is passed over. */
struct members {
	struct kt_bytes token, subject; /* access_token, sub; data NULL: not there, or not a string */
	double lasts, expires;          /* expires_in, exp: seconds; NAN likewise */
};

static int take_text(struct kt_json *j, struct kt_bytes *out)
{
	return kt_json_peek(j) == '"' ? kt_json_text(j, out) : kt_json_skip(j);
}

static int take_number(struct kt_json *j, double *out)
{
	char c = kt_json_peek(j);
	return c == '-' || (c >= '0' && c <= '9') ? kt_json_real(j, out) : kt_json_skip(j);
}

/* Texts are in scratch. The parser's reasons quote the text, so nobody gets to see them. */
static bool read_members(struct members *m, struct kt_bytes text, struct kt_buf *scratch)
{
	struct kt_err ignored;
	struct kt_json j = {
		.start = text.data, .at = text.data, .end = text.data + text.len, .out = scratch, .err = &ignored};
	struct kt_bytes name;
	int more;
	*m = (struct members){.lasts = NAN, .expires = NAN};
	kt_buf_reserve(scratch, text.len + KT_JSON_SLACK);
	if (kt_json_enter(&j, '{') < 0)
		return false;
	while ((more = kt_json_member(&j, &name)) > 0) {
		int failed = kt_bytes_are(name, "access_token") ? take_text(&j, &m->token)
			     : kt_bytes_are(name, "sub")        ? take_text(&j, &m->subject)
			     : kt_bytes_are(name, "expires_in") ? take_number(&j, &m->lasts)
			     : kt_bytes_are(name, "exp")        ? take_number(&j, &m->expires)
								: kt_json_skip(&j);
		if (failed < 0)
			return false;
	}
	return more == 0 && kt_json_finish(&j) == 0;
}

/* b68token of RFC 6750, section 2.1: no blank, no quote, and so nothing that could end a line of SASL. */
static bool is_token(struct kt_bytes text)
{
	static const char others[] = "-._~+/";
	size_t i = 0;
	while (i < text.len && text.data[i] &&
		((text.data[i] >= '0' && text.data[i] <= '9') ||
			((text.data[i] | 32) >= 'a' && (text.data[i] | 32) <= 'z') || strchr(others, text.data[i])))
		i++;
	size_t letters = i;
	while (i < text.len && text.data[i] == '=')
		i++;
	return letters && i == text.len;
}

/* The claims of a JWT: what is between its two dots, in the base64 of URLs. False when it is another kind of token. */
static bool read_claims(struct members *claims, struct kt_bytes token, struct kt_buf *scratch)
{
	kt_auto(kt_buf_wipe) struct kt_buf encoded = {0}, json = {0};
	const char *end = token.data + token.len, *first = memchr(token.data, '.', token.len);
	const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
	if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
		return false;
	kt_buf_add(&encoded, first + 1, (size_t)(second - first - 1));
	for (size_t i = 0; i < encoded.len; i++)
		encoded.data[i] = encoded.data[i] == '-' ? '+' : encoded.data[i] == '_' ? '/' : encoded.data[i];
	if (kt_base64_decode(&json, encoded.data, encoded.len) < 0)
		return false;
	return read_members(claims, (struct kt_bytes){kt_buf_cstr(&json), json.len}, scratch);
}

/* Anything later than the year 9999 is as good as never, and fits where it goes. */
static int64_t at_ms(double seconds)
{
	const double latest = 253402300799;
	return (int64_t)(fmin(fmax(seconds, 0), latest) * 1000);
}

static char *printable(struct kt_bytes text)
{
	bool shows = text.len <= 200;
	for (size_t i = 0; i < text.len && shows; i++)
		shows = text.data[i] > ' ' && text.data[i] < 0x7f;
	return kt_strndup(shows && text.data ? text.data : "", shows ? text.len : 0);
}

static int take_token(struct kt_token *out, struct kt_bytes text, double lasts, int64_t now_ms, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf scratch = {0};
	struct members claims;
	if (!is_token(text))
		return kt_err_set(err, KT_FAILED, "%s", text.len ? "that is not a token" : "the token is empty");
	if (!read_claims(&claims, text, &scratch))
		claims = (struct members){.expires = NAN};
	int64_t expires_ms = !isnan(claims.expires) ? at_ms(claims.expires)
			     : !isnan(lasts)        ? now_ms + at_ms(lasts)
						    : now_ms + KT_TOKEN_UNKNOWN_MS;
	if (expires_ms <= now_ms) {
		char when[40];
		kt_err_set(err, KT_FAILED, "the token has expired, at %s", kt_show_when(expires_ms, when));
		return kt_err_hint(err, "a new one is needed; is this machine's clock right?");
	}
	*out = (struct kt_token){kt_strndup(text.data, text.len), printable(claims.subject), expires_ms};
	return 0;
}

int kt_token_read(struct kt_token *out, const char *text, size_t len, int64_t now_ms, struct kt_err *err)
{
	static const char bearer[] = "bearer ";
	kt_auto(kt_buf_wipe) struct kt_buf scratch = {0};
	struct kt_bytes given = trim(text, len);
	struct members answer;
	if (given.len && *given.data == '{') {
		if (!read_members(&answer, given, &scratch) || !answer.token.data)
			return kt_err_set(
				err, KT_FAILED, "that is not a token: a JSON object has to have one in access_token");
		return take_token(out, answer.token, answer.lasts, now_ms, err);
	}
	if (given.len >= sizeof(bearer) - 1 && !strncasecmp(given.data, bearer, sizeof(bearer) - 1))
		given = trim(given.data + sizeof(bearer) - 1, given.len - (sizeof(bearer) - 1));
	return take_token(out, given, NAN, now_ms, err);
}

void kt_token_copy(struct kt_token *out, const struct kt_token *from)
{
	*out = (struct kt_token){kt_strdup(from->text), kt_strdup(from->principal), from->expires_ms};
}

void kt_token_fini(struct kt_token *token)
{
	kt_wipe(token->text);
	free(token->text);
	free(token->principal);
	*token = (struct kt_token){0};
}
