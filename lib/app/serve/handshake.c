#include "handshake.h"

#include <strings.h>

#include "digest.h"
#include "esc.h"
#include "serve_own.h"

/* KEY: 16 bytes in base64. */
enum { KEY_LEN = 24, SHA1_BYTES = 20 };

#define BEARER "bearer."

/* The next part of a list, without blanks around it. */
static bool next_part(const char **at, struct kt_bytes *part)
{
	*at += strspn(*at, ", \t");
	size_t len = strcspn(*at, ",");
	*part = (struct kt_bytes){*at, len};
	*at += len;
	while (part->len && strchr(" \t", part->data[part->len - 1]))
		part->len--;
	return len > 0;
}

bool kt_handshake_has(const char *list, const char *word)
{
	struct kt_bytes part;
	while (next_part(&list, &part))
		if (part.len == strlen(word) && !strncasecmp(part.data, word, part.len))
			return true;
	return false;
}

static bool is_key(const char *key)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	return strlen(key) == KEY_LEN && strspn(key, digits) == KEY_LEN - 2 && !strcmp(key + KEY_LEN - 2, "==");
}

bool kt_handshake_accept(const char *key, struct kt_buf *accept)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, hex = {0};
	unsigned char digest[SHA1_BYTES];
	struct kt_err ignored;
	if (!is_key(key))
		return false;
	kt_buf_addf(&text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	if (kt_digest_add(&hex, "SHA1", text.data, text.len, &ignored) < 0 || hex.len != 2 * sizeof(digest))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (unsigned char)(kt_hex_digit(hex.data[2 * i]) << 4 | kt_hex_digit(hex.data[2 * i + 1]));
	kt_buf_add_base64(accept, digest, sizeof(digest));
	return true;
}

bool kt_handshake_token(const char *protocols, struct kt_buf *authorization)
{
	struct kt_bytes part;
	while (next_part(&protocols, &part)) {
		if (part.len <= strlen(BEARER) || strncmp(part.data, BEARER, strlen(BEARER)) != 0)
			continue;
		kt_buf_adds(authorization, "Bearer ");
		kt_buf_add(authorization, part.data + strlen(BEARER), part.len - strlen(BEARER));
		kt_buf_cstr(authorization);
		return true;
	}
	return false;
}

bool kt_handshake(const struct kt_http_request *request, struct kt_answer *answer)
{
	kt_auto(kt_buf_fini) struct kt_buf accept = {0};
	if (strcmp(request->method, "GET") != 0 || strcmp(request->version, "HTTP/1.1") != 0 ||
		!kt_handshake_has(kt_http_header(request, "Upgrade"), "websocket") ||
		!kt_handshake_has(kt_http_header(request, "Connection"), "upgrade") ||
		strcmp(kt_http_header(request, "Sec-WebSocket-Version"), "13") != 0) {
		kt_serve_error(answer, 426, "this is a WebSocket");
		kt_answer_header(answer, "Upgrade", "websocket");
		kt_answer_header(answer, "Sec-WebSocket-Version", "13");
		return false;
	}
	if (!kt_handshake_accept(kt_http_header(request, "Sec-WebSocket-Key"), &accept)) {
		kt_serve_error(answer, 400, "Sec-WebSocket-Key: expected 16 bytes in base64");
		return false;
	}
	kt_answer_header(answer, "Upgrade", "websocket");
	kt_answer_header(answer, "Sec-WebSocket-Accept", kt_buf_cstr(&accept));
	if (kt_handshake_has(kt_http_header(request, "Sec-WebSocket-Protocol"), "kt"))
		kt_answer_header(answer, "Sec-WebSocket-Protocol", "kt");
	return true;
}

void kt_handshake_let_in(struct kt_handshake_later *later,
	void (*take_over)(void *owner, int fd, struct kt_bytes early, void *hold), void (*gone)(void *owner),
	void *owner)
{
	struct kt_answer answer = later->answer;
	later->answer = (struct kt_answer){0};
	answer.upgrade = take_over;
	answer.upgrade_user = answer.source = owner;
	answer.gone = gone;
	kt_httpd_answer(kt_steal(later->httpd), later->ticket, &answer);
}

void kt_handshake_turn_away(
	struct kt_handshake_later *later, unsigned status, const char *why, void (*gone)(void *owner), void *owner)
{
	struct kt_answer answer = {.source = owner, .gone = gone};
	kt_serve_error(&answer, status, why);
	kt_httpd_answer(kt_steal(later->httpd), later->ticket, &answer);
}
