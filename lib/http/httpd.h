/* A small HTTP/1.1 server inside the caller's own loop, with libmicrohttpd: answers that are there at once, and
 * streams that go on as long as somebody reads them; GET and HEAD only.
 *
 *   struct kt_httpd_how how = {.listen = "127.0.0.1:3001", .next_free = true, .answer = answer, .user = &x};
 *   kt_httpd_open(&h, &how, err)
 *   struct pollfd fd = {.fd = kt_httpd_fd(h), .events = POLLIN};
 *   if (kt_wait(&fd, 1, kt_httpd_wait_ms(h)) > 0 || …)
 *           kt_httpd_serve(h);
 *   kt_httpd_close(h);
 *
 * Clients are not trusted: their number, the time for a request's head and body, and the time that an idle connection
 * stays are bounded, and requests whose length can be read in two ways are refused. A stream keeps nothing for a client
 * that is slow: what it gets next is made when it can take it, and who takes nothing for half a minute is dropped.
 * Pages may load what comes from this server, and nothing else.
 */
#ifndef KT_HTTPD_H
#define KT_HTTPD_H

#include "buf.h"
#include "err.h"

struct kt_httpd;

enum { KT_HTTPD_STREAMS = 100 }; /* at once; one more is told that the server is busy */

struct kt_adminrequest {
	const char *path;       /* decoded, without the query */
	const char *accept;     /* headers, "" when there is none */
	const char *last_event; /* Last-Event-ID */
};

struct kt_answer {
	const char *type;   /* Content-Type; static text */
	struct kt_buf body; /* passes to the server */
	/* Not NULL: the body is the beginning of a stream. Appends what comes next to out and moves *at, which is the
	 * client's own place; called until it appends nothing, and again after each kt_httpd_wake(). */
	void (*more)(const void *source, uint64_t *at, struct kt_buf *out);
	const void *source;
	uint64_t at;
	const char *idle; /* sent when there was nothing else for 15 seconds; static text */
};

struct kt_httpd_how {
	const char *listen; /* HOST:PORT, [V6]:PORT, :PORT (all addresses), PORT (this machine only) */
	int port;           /* for a HOST alone; 0: not allowed */
	bool next_free;     /* a port that is taken is passed over for one of the next hundred */
	/* Fills answer, or returns false: there is no such path. */
	bool (*answer)(void *user, const struct kt_adminrequest *request, struct kt_answer *answer);
	void *user;
};

/* KT_USAGE for an address that is none; KT_FAILED when it cannot be had, or when kt was built without a server. */
int kt_httpd_open(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_err *err) kt_must_check;

/* Where it listens: "127.0.0.1:3002". Borrowed. */
const char *kt_httpd_address(const struct kt_httpd *h);

/* Readable when there is something to serve; -1 for NULL. */
int kt_httpd_fd(const struct kt_httpd *h);

/* How long kt_httpd_serve() may be put off if the descriptor stays quiet; INT64_MAX for NULL. */
int64_t kt_httpd_wait_ms(const struct kt_httpd *h);

/* Handles what has arrived and what is overdue. Does nothing for NULL. */
void kt_httpd_serve(struct kt_httpd *h);

/* There is more for those who read streams: sends it. Not from within answer and more. Does nothing for NULL. */
void kt_httpd_wake(struct kt_httpd *h);

void kt_httpd_close(struct kt_httpd *h);

#endif
