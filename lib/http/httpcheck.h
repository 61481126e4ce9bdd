/* What a request may look like: the checks that need nothing but text.
 *
 *   if (!kt_http_is_token(name)) … 400 …
 *   if (!kt_http_is_local(host)) … 403 …
 */
#ifndef KT_HTTPCHECK_H
#define KT_HTTPCHECK_H

#include "list.h"

/* A name of a header or a method: RFC 9110 section 5.6.2. */
bool kt_http_is_token(const char *text);

/* A value of a header: no control bytes but tabs. The library takes a CR without an LF for a part of one, and others
 * may take it for the end of a line. */
bool kt_http_is_value(const char *text);

/* A Host header names this machine itself: localhost, an address of 127.0.0.0/8 or [::1], with or without a port. */
bool kt_http_is_local(const char *host);

/* A Host header is one of the names, in either case, with or without a port. */
bool kt_http_is_one_of(const char *host, const struct kt_strs *names);

/* An Origin header ("https://name:8443") names the server that a Host header does: the same host and port, which is
 * that of the scheme where there is none. */
bool kt_http_is_own_origin(const char *origin, const char *host);

/* A request's target holds a NUL, escaped. */
bool kt_http_has_nul(const char *target);

#endif
