/* `kt bench http`: requests to one URL from many connections, on a schedule or as fast as they are answered, with ab's
 * report and what it leaves out.
 *
 *   kt_auto(kt_benchhttp_fini) struct kt_benchhttp bench = {.run.timer = -1, .poll = -1};
 *   if (kt_benchhttp_open(&bench, &how, err) < 0)
 *           return -1;
 *   return kt_benchhttp_run(&bench, err);
 *
 * benchhttp.c runs them, benchconn.c is one connection.
 */
#ifndef KT_BENCHHTTP_H
#define KT_BENCHHTTP_H

#include "benchab.h"
#include "benchanswer.h"
#include "benchrecords.h"
#include "benchrun.h"
#include "net.h"
#include "tlsclient.h"

enum { KT_BENCHHTTP_CONNECTIONS = 10000, KT_BENCHHTTP_READ = 64 << 10 };

/* http://HOST[:PORT]/PATH; without http:// too, as ab takes it. */
struct kt_benchurl {
	struct kt_endpoint at;
	char *authority; /* as it was typed: for Host */
	char *path;      /* with its query */
	bool tls;
};
int kt_benchurl_parse(struct kt_benchurl *url, const char *text, struct kt_err *err) kt_must_check;
void kt_benchurl_fini(struct kt_benchurl *url);

struct kt_benchhttp_how {
	struct kt_benchrun_how run;
	const char *url;
	const char *method;                         /* NULL: GET, or POST with a body */
	const char *type;                           /* Content-Type of a body */
	const char *file;                           /* the body; NULL: none, or of records */
	const struct kt_benchrecords_opts *records; /* each body is made of so many of these; NULL: none are */
	int64_t per_request;                        /* records in a request; 0: it is not said */
	const struct kt_strs *headers;              /* further lines */
	int64_t concurrency;
	bool keep; /* connections, for request after request; else HTTP/1.0 */
	const char *ca_file;
	bool insecure;
	int64_t timeout_ms; /* for a connection, and for an answer */
};

enum kt_benchconn_state {
	KT_CONN_NONE,
	KT_CONN_CONNECTING,
	KT_CONN_SHAKING,
	KT_CONN_WRITING,
	KT_CONN_READING,
	KT_CONN_IDLE
};

struct kt_benchhttp;

struct kt_benchconn {
	struct kt_benchhttp *bench;
	int fd; /* -1: none */
	struct ssl_st *ssl;
	enum kt_benchconn_state state;
	uint32_t events; /* that it is registered for */
	int64_t served;  /* answers on this connection */
	size_t written;
	int64_t intended_us; /* of the run */
	/* Of kt_clock_us(). */
	int64_t start_us, connected_us, written_us, read_us;
	bool fresh;           /* the request began with the connection */
	int64_t received;     /* bytes of this answer */
	struct kt_buf made;   /* the request, where each has its own */
	struct kt_bytes what; /* the request */
	struct kt_benchanswer answer;
};

struct kt_benchhttp {
	struct kt_benchrun run;
	struct kt_benchhttp_how how;
	struct kt_benchurl url;
	struct kt_addresses addresses;
	struct kt_tlsclient *tls;
	struct kt_benchrecords records;
	struct kt_buf body; /* of the request that is made */
	struct kt_buf head,
		request; /* the lines of a head that are always the same; the request, when all are the same */
	struct kt_benchconn *v;
	struct kt_benchconn **idle; /* a stack */
	size_t n_idle, busy;
	int poll;
	struct kt_loop_source source;
	struct kt_benchab ab;
	int64_t tls_failed, timed_out; /* of those that failed */
	int64_t answers, hopeless;     /* of the warm-up too; requests without a connection while there was none ever */
	int64_t checked_us;
	bool reached;  /* there was a connection */
	bool over;     /* nothing is begun any more */
	char why[256]; /* the last failure's */
	char in[KT_BENCHHTTP_READ];
};

/* Looks up the host, and makes the requests ready. KT_USAGE, KT_UNREACHABLE. */
int kt_benchhttp_open(struct kt_benchhttp *b, const struct kt_benchhttp_how *how, struct kt_err *err) kt_must_check;

/* Sends, and prints the result. Status as kt_benchreport_judge(); KT_UNREACHABLE when no connection comes about. */
int kt_benchhttp_run(struct kt_benchhttp *b, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_benchhttp_fini(struct kt_benchhttp *b);

/* benchconn.c: begins a request, on the connection that there is or on a new one. What comes of it is told to
 * kt_benchhttp_answered() and kt_benchhttp_failed(), which may be before this returns. */
void kt_benchconn_begin(struct kt_benchconn *c, int64_t intended_us);
/* Something is ready. */
void kt_benchconn_serve(struct kt_benchconn *c, uint32_t events);
void kt_benchconn_close(struct kt_benchconn *c);

/* benchhttp.c: what it does with them. */
enum kt_benchhttp_failure { KT_HTTP_CONNECT, KT_HTTP_TLS, KT_HTTP_RECEIVE, KT_HTTP_LATE, KT_HTTP_OTHER };
void kt_benchhttp_answered(struct kt_benchhttp *b, struct kt_benchconn *c);
void kt_benchhttp_failed(
	struct kt_benchhttp *b, struct kt_benchconn *c, enum kt_benchhttp_failure kind, const char *why);

#endif
