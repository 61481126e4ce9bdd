/* Addresses of HTTP services as people type them: http://USER:PASSWORD@HOST:PORT/PATH.
 *
 *   kt_auto(kt_url_fini) struct kt_url url = {0};
 *   if (kt_url_parse(&url, text, err) < 0)
 *           return kt_err_wrap(err, "--registry");
 */
#ifndef KT_URL_H
#define KT_URL_H

#include "buf.h"
#include "err.h"

struct kt_url {
	char *base;            /* without user, password and the slash at its end; may be shown */
	char *user, *password; /* decoded; NULL where there is none */
	bool tls;
};

/* Fills *out, which is {0} before. KT_USAGE; the text is quoted only where no password can stand in it. */
int kt_url_parse(struct kt_url *out, const char *text, struct kt_err *err) kt_must_check;

/* Appends text as a part of a path: everything but letters, digits and -._~ as %XX. */
void kt_url_escape(struct kt_buf *out, const char *text);

/* Wipes and frees. */
void kt_url_fini(struct kt_url *url);

#endif
