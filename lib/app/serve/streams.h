/* Topics that are passed on as they grow, and those who listen to them.
 *
 *   kt_streams_open(&x, s)                                 reads nothing before somebody listens
 *   kt_streams_events(x, httpd, request, found, answer)    Server-Sent Events, or WebSocket; at once, or later
 *   kt_streams_run(x, loop)
 *   kt_streams_end(x)                                      all streams end
 *   kt_streams_drop(x)                                     before the servers that gave connections away
 *   kt_streams_close(x)                                    after the servers whose clients listen
 */
#ifndef KT_STREAMS_H
#define KT_STREAMS_H

#include "httpd.h"
#include "loop.h"
#include "routes.h"

struct kt_serve;
struct kt_streams;

struct kt_streams_counts {
	int64_t events, sockets; /* clients that listen now */
	int64_t behind;          /* that were let go, since they were too far behind */
	int64_t silent, stuck;   /* sockets whose clients answered no more, or took nothing */
	int64_t crowd;           /* that were one too many of their address */
	uint64_t lag;            /* the most records that one of them is behind */
};

struct kt_streams *kt_streams_new(struct kt_serve *s);

/* Who asks may read the topic. */
void kt_streams_events(struct kt_streams *x, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer);

/* Its sources are the loop's from now on. */
void kt_streams_run(struct kt_streams *x, struct kt_loop *loop);
struct kt_streams_counts kt_streams_counts(const struct kt_streams *x);
void kt_streams_end(struct kt_streams *x);

/* WebSockets that are open still. */
size_t kt_streams_open(const struct kt_streams *x);
void kt_streams_drop(struct kt_streams *x);

/* Does nothing for NULL. */
void kt_streams_close(struct kt_streams *x);

#endif
