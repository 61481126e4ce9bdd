/* Requests for records: read on a few threads, each with a handle of its own that it keeps, so that neither the loop
 * nor the library's threads grow with the number of clients. One that waits for records to come gives its place up,
 * with nothing, when others wait for a thread, or when its client has gone.
 *
 *   kt_reads_open(&r, &settings, 8, 8 << 20, 5000, err)
 *   kt_reads_begin(r, at, request, found, answer)         answers at once, or defers it
 *   … kt_reads_fd(r) becomes readable …
 *   kt_reads_serve(r)                                     answers those that are done
 *   kt_reads_hurry(r)                                     nobody waits for records any more
 *   kt_reads_close(r)
 */
#ifndef KT_READS_H
#define KT_READS_H

#include "httpd.h"
#include "routes.h"
#include "settings.h"

enum { KT_READS_WAITING = 1000 }; /* requests at once; more are refused */

struct kt_reads;

/* Begins, without waiting for a broker. threads: at most. most_bytes: the records of an answer, unless there is only
 * one. ask_ms: for brokers to say what there is to read. */
int kt_reads_open(struct kt_reads **out, const struct kt_settings *settings, unsigned threads, size_t most_bytes,
	int64_t ask_ms, struct kt_err *err) kt_must_check;

/* By the row: KT_ROUTE_CONSUME, or KT_ROUTE_READ of the REST proxy's API. Who asks may read the topic. */
void kt_reads_begin(struct kt_reads *r, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer);

int kt_reads_fd(const struct kt_reads *r);

/* What answers may take up still, of which one gets an eighth: those that are not taken make the next ones smaller, and
 * nobody else waits. 0: no more is read until clients have taken what they asked for; requests get 503. Before the
 * first request, and whenever it has changed. */
void kt_reads_allow(struct kt_reads *r, size_t bytes);

void kt_reads_serve(struct kt_reads *r);

/* Requests that are not answered. */
size_t kt_reads_active(const struct kt_reads *r);

void kt_reads_hurry(struct kt_reads *r);

/* Does nothing for NULL. */
void kt_reads_close(struct kt_reads *r);

#endif
