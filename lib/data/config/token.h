/* An OAuth bearer token, as text that a command printed or a file holds.
 *
 *   kt_auto(kt_token_fini) struct kt_token token = {0};
 *   if (kt_token_read(&token, text, len, kt_now_ms(), err) < 0)
 *           return -1;
 *   … token.text until token.expires_ms …
 *
 * The text is the token (RFC 6750), maybe after "Bearer ", or the answer of a token endpoint (RFC 6749, section 5.1: a
 * JSON object with access_token and perhaps expires_in). What the token says about itself is looked up where it is a
 * JWT (RFC 7519), and not verified: that is the broker's part.
 */
#ifndef KT_TOKEN_H
#define KT_TOKEN_H

#include "err.h"

enum { KT_TOKEN_MAX = 1 << 16, KT_TOKEN_UNKNOWN_MS = 300000 };

struct kt_token {
	char *text;         /* never to be shown */
	char *principal;    /* the claim sub; "" where there is none, or it is not printable ASCII */
	int64_t expires_ms; /* epoch; KT_TOKEN_UNKNOWN_MS from now where nobody says */
};

/* KT_FAILED for what is empty, not a token, or has expired; no message repeats any of the text. */
int kt_token_read(struct kt_token *out, const char *text, size_t len, int64_t now_ms, struct kt_err *err) kt_must_check;

/* Allocated; text is wiped by kt_token_fini(). */
void kt_token_copy(struct kt_token *out, const struct kt_token *from);

void kt_token_fini(struct kt_token *token);

#endif
