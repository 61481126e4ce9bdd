/* An HTTP/1.1 server inside the caller's own loop, with libmicrohttpd. A request is handed over as a whole, and
 * answered at once, later, with a stream that goes on as long as somebody reads it, or by giving the connection away.
 *
 *   struct kt_httpd_how how = {.listen = "127.0.0.1:3001", .next_free = true, .answer = answer, .user = &x};
 *   kt_httpd_open(&h, &how, err)
 *   struct pollfd fd = {.fd = kt_httpd_fd(h), .events = POLLIN};
 *   if (kt_wait(&fd, 1, kt_httpd_wait_ms(h)) > 0 || …)
 *           kt_httpd_serve(h);
 *   kt_httpd_close(h);
 *
 * An answer that has to wait for something, in answer():
 *
 *   job->ticket = kt_httpd_defer(request);            before what is waited for can happen
 *   … and when it has happened, from wherever: kt_httpd_answer(h, job->ticket, &answer);
 *
 * Clients are not trusted: their number, in all and from one address, the bytes of heads and bodies, the time for a
 * head, a body, an answer, and the time that an idle connection stays are bounded. Refused are requests that a proxy in
 * front may read differently (two lengths, other transfer codings, names that are not tokens, no Host or two), a NUL in
 * the target, and on a listener of this machine only a Host that names another machine: a web page whose name was made
 * to point here. A stream keeps nothing for a client that is slow: what it gets next is made when it can take it, and
 * one that takes nothing for half a minute is dropped.
 */
#ifndef KT_HTTPD_H
#define KT_HTTPD_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "loop.h"
#include "peers.h"

struct kt_httpd;

struct kt_http_request {
	const char *method;
	const char *path;    /* decoded, without the query */
	const char *target;  /* as it came: path and query, escaped */
	const char *version; /* "HTTP/1.1" */
	struct kt_buf body;  /* whole; may be taken, with kt_http_take_body() */
	size_t body_max;     /* begin() may change it */
	unsigned status;     /* of the answer, in done(); 0: there was none */
	void *data;          /* the handler's own, see done() */
	const void *client;  /* the handler's own, too: whom begin() took it for */
};

/* The value of a header, "" when there is none. Valid until the request is over. */
const char *kt_http_header(const struct kt_http_request *request, const char *name);

/* The client's address in numbers, without its port. */
enum { KT_HTTP_CLIENT_TEXT = 64 };
void kt_http_client(const struct kt_http_request *request, char text[KT_HTTP_CLIENT_TEXT]);

/* The client's address as a number, where a /64 of IPv6 is one. */
uint64_t kt_http_client_key(const struct kt_http_request *request);

/* Counts the client among peers, as kt_peers_enter() does. */
struct kt_peer *kt_http_enter(const struct kt_http_request *request, struct kt_peers *peers);

/* Calls each for all headers, in the order in which they came. */
void kt_http_each_header(const struct kt_http_request *request,
	void (*each)(void *user, const char *name, const char *value), void *user);

/* The body passes to the caller. It counts against the limit of all bodies until the request is over. */
struct kt_buf kt_http_take_body(struct kt_http_request *request);

/* What several streams read; starts as {0}, and outlives them. */
struct kt_feed {
	struct kt_http_stream *asleep;
};

#define KT_STREAM_OVER UINT64_MAX

struct kt_answer {
	unsigned status;        /* 0: 200 */
	const char *type;       /* Content-Type; static text */
	struct kt_strs headers; /* more of them, names and values in turn; pass to the server */
	struct kt_buf body;     /* passes to the server */
	uint64_t length;        /* of an answer to HEAD: the bytes of the body that there is not; 0: none, or as body */
	/* Not NULL: the body is the beginning of a stream. Appends what comes next to out and moves *at, which is the
	 * client's own place; called until it appends nothing, and again after each kt_httpd_wake() of the feed. What
	 * sets *at to KT_STREAM_OVER ends the stream, after what it appended. */
	void (*more)(void *source, uint64_t *at, struct kt_buf *out);
	void *source;
	/* Called once with the source, when the stream is over or does not come about; NULL: nobody has to know. */
	void (*gone)(void *source);
	struct kt_feed *feed;
	uint64_t at;
	const char *idle; /* sent when there was nothing else for 15 seconds; static text */
	/* Not NULL: after the head (101) the connection is no longer the server's. fd is the callee's own, does not
	 * block, and has been read as far as `early`, which is valid during the call. hold: what kt_httpd_release() is
	 * to be called with once fd is closed, and before the server is; NULL: nothing. gone is not called any more. */
	void (*upgrade)(void *upgrade_user, int fd, struct kt_bytes early, void *hold);
	void *upgrade_user;
};

/* Adds a header; copies. */
void kt_answer_header(struct kt_answer *answer, const char *name, const char *value);

/* A line of plain text. */
void kt_answer_text(struct kt_answer *answer, unsigned status, const char *text);

void kt_answer_fini(struct kt_answer *answer);

/* 0 stands for the value that ends the comment. */
struct kt_httpd_limits {
	unsigned connections; /* at once; further ones wait. 164 */
	unsigned per_address; /* of one client that is not this machine, see peers.h; one more gets 429. Half of them */
	unsigned streams;     /* one more gets 503. 100 */
	size_t head_bytes;    /* request line and headers; the library takes twice as much per connection. 8 kB */
	size_t body_bytes;    /* of a request; more gets 413. 64 kB */
	size_t bodies_bytes;  /* of all requests that are not answered yet; more gets 503. Body times connections */
	int64_t head_ms;      /* for a head, from its first line on, and for the first request to come. 10 s */
	int64_t body_ms;      /* for a body, or the taking of an answer, and its bytes divided by body_rate; and without
			       * anything of it having moved. 30 s */
	size_t body_rate;     /* bytes per second; for what is longer there is more time. 64 kB */
	int64_t idle_ms;      /* until the next request comes. 90 s */
};

struct kt_http_header {
	const char *name, *value;
};

/* Who the server is, and whose certificates it takes; PEM. */
struct kt_httpd_tls {
	const char *certificates, *key; /* the server's own certificate first */
	const char *client_cas;         /* a client has to have a certificate of one of them, or gets 403; NULL: none */
};

/* The methods of a server that only shows something. */
#define KT_HTTP_READS "GET, HEAD"

/* For pages: not kept by caches, and they may load what comes from this server, and nothing else. */
extern const struct kt_http_header kt_http_page_headers[];

struct kt_httpd_how {
	const char *listen; /* HOST:PORT, [V6]:PORT, :PORT (all addresses), PORT (this machine only) */
	int port;           /* for a HOST alone; 0: not allowed */
	bool next_free;     /* a port that is taken is passed over for one of the next hundred */
	struct kt_httpd_limits limits;
	const struct kt_http_header *headers; /* of every answer; ended by a NULL name; NULL: none. Borrowed */
	const struct kt_strs *hosts;          /* names that a listener of this machine has besides. Borrowed */
	bool any_host;                        /* what it serves is not for every Host: answer() looks at that */
	const struct kt_httpd_tls *tls;       /* NULL: plain HTTP. Not read after kt_httpd_open() */
	const char *methods;                  /* as in an Allow header; others get 405. NULL: all are handed over */
	/* The head is there, the body is not: sets request->body_max, or fills answer and returns false: the answer is
	 * sent and the connection ends. NULL: there is nothing to say before the body is there. */
	bool (*begin)(void *user, struct kt_http_request *request, struct kt_answer *answer);
	/* Fills answer, or defers it, or returns false: there is no such path. */
	bool (*answer)(void *user, struct kt_http_request *request, struct kt_answer *answer);
	/* Says in answer why the server itself refuses a request; begin() may not have been called. NULL: a line of
	 * text. */
	void (*refuse)(void *user, const struct kt_http_request *request, unsigned status, const char *why,
		struct kt_answer *answer);
	/* A request whose head was read is over: answered, or its client has gone. Where the server itself refused it
	 * begin() may not have been called. May be NULL. */
	void (*done)(void *user, struct kt_http_request *request);
	void *user;
};

/* KT_USAGE for what is not an address; KT_FAILED when it cannot be had, or when kt was built without a server. */
int kt_httpd_open(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_err *err) kt_must_check;

/* Where it listens: "127.0.0.1:3002". Borrowed. */
const char *kt_httpd_address(const struct kt_httpd *h);

/* Readable when there is something to serve; -1 for NULL. */
int kt_httpd_fd(const struct kt_httpd *h);

/* How long kt_httpd_serve() may be put off if the descriptor stays quiet; INT64_MAX for NULL. */
int64_t kt_httpd_wait_ms(const struct kt_httpd *h);

/* Handles what has arrived and what is overdue. Does nothing for NULL. */
void kt_httpd_serve(struct kt_httpd *h);

/* The three above as a source of a loop. */
struct kt_loop_source kt_httpd_source(struct kt_httpd *h);

/* What --metrics-listen of a run asks for: a server as a source of its loop, and a word that says where. Nothing when
 * how->listen is NULL. The loop borrows the source. */
int kt_httpd_open_metrics(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_loop *loop,
	struct kt_loop_source *source, struct kt_err *err) kt_must_check;

/* In answer(): the answer comes later, with kt_httpd_answer() and this ticket; what answer() fills is not looked at. A
 * client that goes meanwhile is noticed only then, and no deadline of the server's runs: each ticket is answered once.
 */
uint64_t kt_httpd_defer(struct kt_http_request *request);

/* The deferred answer, whose parts it takes. Sent by the next kt_httpd_serve(), which wait_ms asks for. Does nothing
 * for a ticket whose request is over. */
void kt_httpd_answer(struct kt_httpd *h, uint64_t ticket, struct kt_answer *answer);

/* Whether the client of a deferred request has closed the connection, or its own side of it, which looks the same. */
bool kt_httpd_has_closed(const struct kt_httpd *h, uint64_t ticket);

/* A connection of TLS that was given away is over. */
void kt_httpd_release(void *hold);

/* There is more for those who read this feed: sends it. Not from within answer and more. Does nothing for NULL. */
void kt_httpd_wake(struct kt_httpd *h, struct kt_feed *feed);

/* True when it can be reached from this machine only. */
bool kt_httpd_is_local(const struct kt_httpd *h);

/* Connections from now on have these certificates; those that there are keep theirs, and end with the next answer. -1,
 * and everything stays as it is: they do not do. */
int kt_httpd_renew(struct kt_httpd *h, const struct kt_httpd_tls *tls, struct kt_err *err) kt_must_check;

/* Nobody can connect any more; connections end with their next answer. */
void kt_httpd_stop_listening(struct kt_httpd *h);

/* How many requests have begun and are not over. */
size_t kt_httpd_busy(const struct kt_httpd *h);

/* Bytes of answers, streams aside, whose clients have not taken them yet. */
size_t kt_httpd_unsent(const struct kt_httpd *h);

/* Clients that keep others from being served: ends connections for which bytes of a body or an answer are held, and on
 * which nothing has moved for a second, those that stand still the longest first, until they are so many bytes. Looks
 * again only after a while. */
void kt_httpd_make_room(struct kt_httpd *h, size_t bytes);

/* Room is made when less than this part of what bodies or answers may take up is left. */
enum { KT_HTTPD_SPARE = 8 };

/* Requests that are deferred still are answered 503. */
void kt_httpd_close(struct kt_httpd *h);

#endif
