/* Values of Avro to JSON, for who has the bytes and no schema: those of a registry's numbers, of the configuration's
 * registry, and containers, which bring their own. A thread of its own reads them, since a registry is waited for.
 *
 *   kt_decoding_open(&d, &settings, 5000, err)
 *   kt_decoding_ask(d, httpd, request, answer)            answers at once, or defers it
 *   source = kt_decoding_source(d)                            answers those that wait, in a loop
 *   kt_decoding_close(d)
 *
 * The answer has a line for each datum. 422: it is no Avro, or its schema is not known; 503: the registry cannot be
 * asked.
 */
#ifndef KT_DECODING_H
#define KT_DECODING_H

#include "httpd.h"
#include "settings.h"

struct kt_decoding;

/* timeout_ms: for the registry to answer. */
int kt_decoding_open(struct kt_decoding **out, const struct kt_settings *settings, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

void kt_decoding_ask(
	struct kt_decoding *d, struct kt_httpd *httpd, struct kt_http_request *request, struct kt_answer *answer);

/* Answers those that are done. */
struct kt_loop_source kt_decoding_source(struct kt_decoding *d);

/* The server ends: the registry is not waited for any more. */
void kt_decoding_end(struct kt_decoding *d);

/* What waits is not answered. Does nothing for NULL. */
void kt_decoding_close(struct kt_decoding *d);

#endif
