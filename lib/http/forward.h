/* Requests passed on to other HTTP servers, many at a time, inside the caller's loop, with libcurl. Connections are
 * kept for the next one.
 *
 *   struct kt_forward_how how = {.done = done, .user = x, .timeout_ms = 10000, .max = 8 << 20, .max_all = 64 << 20};
 *   kt_forward_open(&f, &how, err)
 *   struct kt_forward_request r = {.url = "http://localhost:3000", .method = "POST", .target = "/ping?a=1", …};
 *   if (kt_forward_begin(f, &r) <= 0) … not on its way …
 *   … and from the loop's kt_forward_source(f): done(user, &answer)
 *   kt_forward_close(f);
 *
 * Bodies go through as they are, in both directions, never unpacked; a redirect is an answer like another. What is for
 * one connection only (RFC 9110 section 7.6.1) goes no further, nor do lengths and codings, which are made anew for
 * each side: two servers never read one message differently because of what stood in it. Sending again is libcurl's: on
 * a connection that was kept, and that the server closed without a byte of an answer, it tries once more, whatever the
 * method.
 */
#ifndef KT_FORWARD_H
#define KT_FORWARD_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "loop.h"

struct kt_forward;

struct kt_forward_request {
	const char *url;                /* the server, and the path in front of target's; kt_forward_check() took it */
	const char *method, *target;    /* target: path and query, as they came */
	const struct kt_strs *headers;  /* names and values in turn, as they came */
	const struct kt_strs *replaced; /* the same: instead of those; an empty value: the client's is left out */
	struct kt_buf body;             /* passes to it */
	bool has_body;                  /* the request has one, which may be empty */
	void *data;                     /* the caller's own */
};

struct kt_forwarded {
	void *data;
	unsigned status;          /* 0: there is no answer */
	bool timed_out;           /* there is none yet */
	const char *why;          /* there is none */
	struct kt_strs headers;   /* names and values in turn; may be taken */
	struct kt_buf body;       /* may be taken */
	int64_t length;           /* what the answer to HEAD says that the body would have; -1: nothing */
	int64_t first_us, all_us; /* until the first byte of the answer, until its end */
};

struct kt_forward_how {
	void (*done)(void *user, struct kt_forwarded *answer);
	void *user;
	int64_t timeout_ms;
	size_t max, max_all; /* bytes of an answer's body, and of all that are on their way */
};

enum { KT_FORWARD_MOST = 1000 }; /* at a time */

/* Loads libcurl; KT_USAGE where it is not there. */
int kt_forward_open(struct kt_forward **out, const struct kt_forward_how *how, struct kt_err *err) kt_must_check;

/* Whether requests can be passed on to this address: http or https, a host, maybe a port and a path. */
int kt_forward_check(const char *url, struct kt_err *err) kt_must_check;

/* 1, or the body is freed and 0: too many are on their way; -1: servers may read such a request differently, or as two.
 */
int kt_forward_begin(struct kt_forward *f, struct kt_forward_request *request);

/* Requests that are on their way; 0 for NULL. */
size_t kt_forward_active(const struct kt_forward *f);

struct kt_loop_source kt_forward_source(struct kt_forward *f);

/* What is on its way is dropped, without done(). Does nothing for NULL. */
void kt_forward_close(struct kt_forward *f);

#endif
