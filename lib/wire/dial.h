/* A connection that is made on a thread of its own, while the caller's loop goes on: name, TCP, TLS, and a certificate
 * that is to be trusted.
 *
 *   struct kt_dial *dial = kt_dial_begin(&how, err);
 *   … kt_dial_fd(dial) is readable once it is done …
 *   if (kt_dial_take(dial, &link, err) < 0) …                  kt_connection_close(&link) in the end
 *   kt_dial_end(dial);
 */
#ifndef KT_DIAL_H
#define KT_DIAL_H

#include "connection.h"

struct kt_dial;

/* All of it is borrowed until the dial, and the connection, have ended. */
struct kt_dial_how {
	const struct kt_endpoint *at;
	struct kt_tls *tls;                 /* NULL: none */
	const struct kt_settings *settings; /* of TLS, and kt.resolve */
	int64_t timeout_ms;                 /* for all of it */
};

struct kt_dial *kt_dial_begin(const struct kt_dial_how *how, struct kt_err *err);

/* Readable once it is done, in either way. */
int kt_dial_fd(const struct kt_dial *dial);

/* When it is done: fills *link, or says why there is none. The message does not name the other side. */
int kt_dial_take(struct kt_dial *dial, struct kt_connection *link, struct kt_err *err) kt_must_check;

/* Also one that is not done. NULL is allowed. */
void kt_dial_end(struct kt_dial *dial);

#endif
