/* What the files of the HTTP server share: the library's functions, loaded when something is served, and a connection.
 *
 *   httpd.c        listening, connections, deadlines
 *   httprequest.c  from a head to a whole request, and its end
 *   httpanswer.c   answers, streams, upgrades
 *   httptls.c      certificates
 *
 * A connection has one request at a time; the library asks for the next when the answer has gone.
 */
#ifndef KT_HTTPD_OWN_H
#define KT_HTTPD_OWN_H

#include <microhttpd.h>

#include "duequeue.h"
#include "httpd.h"
#include "listen.h"
#include "peers.h"

/* clang-format off */
#define KT_MHD_FUNCTIONS(F) \
	F(add_response_header) F(create_response_for_upgrade) F(create_response_from_buffer) \
	F(create_response_from_callback) F(destroy_response) F(get_connection_info) F(get_connection_values) \
	F(get_daemon_info) F(get_timeout) F(lookup_connection_value) F(queue_response) F(quiesce_daemon) \
	F(resume_connection) F(run) F(start_daemon) F(stop_daemon) F(suspend_connection) F(upgrade_action)
/* clang-format on */
#define KT_MHD_DECLARE(name) __typeof__(MHD_##name) *name;
struct kt_mhd {
	KT_MHD_FUNCTIONS(KT_MHD_DECLARE)
};
extern struct kt_mhd kt_mhd;

enum kt_http_state {
	KT_HTTP_IDLE,     /* no request, or the beginning of its head */
	KT_HTTP_HEAD,     /* its first line has come */
	KT_HTTP_BODY,     /* its head has been taken */
	KT_HTTP_DEFERRED, /* the library leaves the connection alone */
	KT_HTTP_READY,    /* the deferred answer is there */
	KT_HTTP_ANSWERED,
};

struct kt_http_connection {
	struct kt_http_request request;
	struct kt_httpd *httpd;
	struct MHD_Connection *mhd;
	struct kt_peer *peer;
	struct kt_http_stream *stream;
	uint32_t slot;
	int fd;
	int64_t deadline_us, queued_us; /* queued_us: of its earliest entry in the queue; INT64_MAX: it has none */
	enum kt_http_state state;
	char *target;
	int64_t body_us;   /* when the body began */
	size_t received;   /* of the body */
	size_t held;       /* of it, counted in httpd->held */
	size_t unsent;     /* of the answer, counted in httpd->unsent */
	size_t cut;        /* of the answer: it has been taken, and is not in its body any more */
	int64_t answer_us; /* when the answer began */
	int64_t moved_us;  /* when the client last sent or took some of what is held */
	bool dropped;      /* for want of room */
	unsigned refused;  /* answer has been decided on before the whole request is there; its status */
	bool crowd;        /* there are too many of its address */
	bool trusted;      /* its certificate was looked at */
	bool head_taken;   /* done() is owed */
	struct kt_answer answer;
};

struct kt_http_slot {
	struct kt_http_connection *connection; /* NULL: free */
	uint32_t request;                      /* its number, so that a ticket fits one request only */
	uint32_t next_free;
};

struct kt_httpd {
	struct kt_httpd_how how; /* its limits are filled in */
	struct MHD_Daemon *daemon;
	/* Those before a change of certificates that have connections still: never more than there are connections. */
	struct MHD_Daemon **old;
	size_t n_old, cap_old;
	struct kt_http_slot *slots;
	size_t n_slots, cap_slots;
	uint32_t free_slot; /* KT_HTTP_NO_SLOT: none */
	struct kt_duequeue deadlines;
	struct kt_peers peers;
	size_t held;   /* bytes of bodies whose requests are not over */
	size_t unsent; /* of answers to them */
	unsigned streams;
	unsigned calls;     /* of ours by the library */
	unsigned idle_runs; /* one after another, of the library: in which it called nobody */
	bool local;         /* listens on an address of this machine only */
	bool resumed;       /* connections since the last run; the library does not count them in its timeout */
	bool closing;
	bool deaf;          /* nobody can connect any more */
	bool wants_clients; /* to have certificates */
	int64_t room_us;    /* when it may be looked again for who holds up the others */
	int fd;             /* of the library's epoll */
	int all_fd;         /* of an epoll of those of all daemons, once there were several; -1 before */
	char said[200];     /* by the library, why it does not start */
	char address[KT_LISTEN_TEXT];
};

#define KT_HTTP_NO_SLOT UINT32_MAX

struct kt_http_connection *kt_http_connection_of(struct MHD_Connection *mhd);

/* From now on. */
void kt_http_deadline(struct kt_http_connection *c, int64_t ms);
/* Its deadline for a body or an answer of so many bytes that began at start_us. */
void kt_http_deadline_for(struct kt_http_connection *c, int64_t start_us, size_t bytes);
/* The same now that some of it has moved: earlier if nothing more does. */
void kt_http_deadline_moved(struct kt_http_connection *c, int64_t start_us, size_t bytes);
void kt_http_no_deadline(struct kt_http_connection *c);

/* The library's callbacks for a request. */
void *kt_http_on_target(void *user, const char *target, struct MHD_Connection *mhd);
enum MHD_Result kt_http_on_request(void *user, struct MHD_Connection *mhd, const char *path, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **context);
void kt_http_on_completed(void *user, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);

/* Releases what belongs to the request: its end has come, or that of its connection. */
void kt_http_end_request(struct kt_http_connection *c);

/* Queues the answer and takes its parts. */
enum MHD_Result kt_http_respond(struct kt_http_connection *c, struct kt_answer *from);

/* Fills the answer that refuses the request. */
void kt_http_refuse(const struct kt_http_connection *c, unsigned status, const char *why, struct kt_answer *answer);

/* Has the library go on with a connection that it leaves alone. */
void kt_http_resume(struct kt_http_connection *c);

/* Loads what TLS needs, and checks that the library has it. */
int kt_http_load_tls(struct kt_err *err) kt_must_check;

/* The library's options for TLS; the texts are borrowed. */
enum { KT_HTTP_TLS_OPTIONS = 5 };
void kt_http_tls_options(const struct kt_httpd_tls *tls, struct MHD_OptionItem items[KT_HTTP_TLS_OPTIONS]);

/* NULL when the client has a certificate that is trusted here; or why not. The library only asks for one. */
const char *kt_http_distrust(const struct kt_http_connection *c);

/* A stream goes on, if it sleeps; its connection's deadline for silence calls it, too. */
void kt_http_wake_stream(struct kt_http_stream *s);

#endif
