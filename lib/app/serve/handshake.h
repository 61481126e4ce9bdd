/* How an HTTP request becomes a WebSocket: RFC 6455 section 4.2.
 *
 *   if (!kt_handshake(request, &answer)) … it has its refusal …
 *   answer.upgrade = …;
 */
#ifndef KT_HANDSHAKE_H
#define KT_HANDSHAKE_H

#include "httpd.h"

/* Fills in the head of the answer to a request for a WebSocket, or false and 400 or 426. */
bool kt_handshake(const struct kt_http_request *request, struct kt_answer *answer);

/* For who has to wait for the answer: kt_httpd_defer() gives the ticket. */
struct kt_handshake_later {
	struct kt_httpd *httpd; /* NULL: it has its answer */
	uint64_t ticket;
	struct kt_answer answer; /* from kt_handshake() */
};

/* The answer is the handshake's, which is empty after that, or an error. take_over and gone are its upgrade and gone.
 */
void kt_handshake_let_in(struct kt_handshake_later *later,
	void (*take_over)(void *owner, int fd, struct kt_bytes early, void *hold), void (*gone)(void *owner),
	void *owner);
void kt_handshake_turn_away(
	struct kt_handshake_later *later, unsigned status, const char *why, void (*gone)(void *owner), void *owner);

/* The parts of it that need no request. accept: what answers the key, appended. False: it is not a key. */
bool kt_handshake_accept(const char *key, struct kt_buf *accept);

/* A list that commas part has this word, in either case. */
bool kt_handshake_has(const char *list, const char *word);

/* The token of Sec-WebSocket-Protocol: kt, bearer.TOKEN, which is all that a browser's WebSocket can say, as a value of
 * Authorization; false: there is none. */
bool kt_handshake_token(const char *protocols, struct kt_buf *authorization);

#endif
