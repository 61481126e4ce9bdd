/* An HTTP server in front of topics: requests become records by the rows of a route table, and are answered when the
 * broker has acknowledged what they wrote.
 *
 *   struct kt_serve_listen api = {.address = "127.0.0.1:8082", .routes = &routes};
 *   struct kt_serve_how how = {.listen = &api, .n_listen = 1, .settings = &settings, …};
 *   kt_serve_open(&s, &how, err)
 *   kt_serve_run(s, &stop, err)                 until stop; then what is in flight is answered
 *   kt_serve_close(s)
 *
 * A request's body is where its records' values stay until their delivery; a request that meets a full queue waits with
 * its place, and so does one whose topic is being looked for. Nobody waits for anybody else. Others read: reads.h.
 *
 * Statuses say what became of the records. 200: all acknowledged. 207: some. Nothing: 422 they cannot be records, 502 a
 * broker refused them (403 when for want of a right), 503 with Retry-After nobody acknowledged them in time; then
 * "maybe_written" says that they may be in the topic all the same. 404: there is no such topic; it is asked for again
 * after a second at the earliest, and never made.
 */
#ifndef KT_SERVE_H
#define KT_SERVE_H

#include "certificates.h"
#include "limits.h"
#include "owner.h"
#include "routes.h"
#include "settings.h"
#include "tokens.h"

struct kt_serve;

enum { KT_SERVE_LISTENERS = 16 }; /* at most */

struct kt_serve_listen {
	const char *address; /* as kt_httpd_how.listen, with a port */
	const struct kt_routes *routes;
	const char *hosts; /* names that it takes besides, comma between; "*": all that its rows are for; NULL: none */
	bool log;          /* a line on stderr for each answer */
	bool open;         /* to all who can reach it: without TLS, tokens, and limits of rates */
};

struct kt_serve_how {
	const struct kt_serve_listen *listen; /* borrowed, as the next two */
	size_t n_listen;
	const struct kt_settings *settings; /* with what kt_serve_settings() puts there */
	const struct kt_owner *owner;
	const struct kt_strs *hosts;  /* names of this server besides those of its machine; those of rows are added */
	const struct kt_strs *topics; /* patterns of topics that there are; none: all, but never __* */
	int64_t timeout_ms;           /* to find a topic that exists */
	int64_t deadline_ms;          /* for a request that waits for its topic; as kt_serve_settings() was told */
	int64_t drain_ms;             /* goes on for that time when it is to end, and is not ready any more */
	struct kt_serve_limits limits;
	const struct kt_tokens *tokens;    /* clients have one of them; NULL: they need none. Borrowed */
	struct kt_certificate_files files; /* cert NULL: plain HTTP */
	bool insecure; /* listeners that are not open may be reached from elsewhere by clients that nothing tells apart
			*/
};

/* What a server wants of its producer, unless the user has said it: linger.ms 1, or less where gather.h
 * says so; records that wait deadline_ms at most; and that no request makes a topic. */
void kt_serve_settings(struct kt_settings *settings, int64_t deadline_ms);

/* Makes those of the topics that are missing, with one partition each; also by an embedded broker. */
int kt_serve_make_topics(const struct kt_strs *topics, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Its files are read again when it gets a HUP, which ends it no more. */
int kt_serve_open(struct kt_serve **out, const struct kt_serve_how *how, struct kt_err *err) kt_must_check;

/* Where its listener i does. Borrowed. */
const char *kt_serve_address(const struct kt_serve *s, size_t i);

/* 0 after stop, when every request was answered. -1: the producer cannot go on, or requests were left after ten seconds
 * (KT_PARTIAL). */
int kt_serve_run(struct kt_serve *s, const struct kt_stop *stop, struct kt_err *err) kt_must_check;

void kt_serve_close(struct kt_serve *s);

#endif
