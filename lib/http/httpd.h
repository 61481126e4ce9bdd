/* A small HTTP/1.1 server inside the caller's own loop, with libmicrohttpd: answers that are there at once, GET and
 * HEAD only.
 *
 *   struct kt_httpd_how how = {.listen = "127.0.0.1:3001", .next_free = true, .answer = answer, .user = &x};
 *   kt_httpd_open(&h, &how, err)
 *   struct pollfd fd = {.fd = kt_httpd_fd(h), .events = POLLIN};
 *   if (kt_wait(&fd, 1, kt_httpd_wait_ms(h)) > 0 || …)
 *           kt_httpd_serve(h);
 *   kt_httpd_close(h);
 *
 * Clients are not trusted: their number, the time for a request's head and body, and the time that an idle connection
 * stays are bounded, and requests whose length can be read in two ways are refused.
 */
#ifndef KT_HTTPD_H
#define KT_HTTPD_H

#include "buf.h"
#include "err.h"

struct kt_httpd;

struct kt_request {
	const char *path;   /* decoded, without the query */
	const char *accept; /* the header, "" when there is none */
};

struct kt_answer {
	const char *type;   /* Content-Type; static text */
	struct kt_buf body; /* passes to the server */
};

struct kt_httpd_how {
	const char *listen; /* HOST:PORT, [V6]:PORT, :PORT (all addresses), PORT (this machine only) */
	bool next_free;     /* a port that is taken is passed over for one of the next hundred */
	/* Fills answer, or returns false: there is no such path. */
	bool (*answer)(void *user, const struct kt_request *request, struct kt_answer *answer);
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

void kt_httpd_close(struct kt_httpd *h);

#endif
