/* What the files of the server share.
 *
 *   serve.c      listeners and their loop, and what is answered at once
 *   lookup.c     what brokers have to be asked for
 *   overview.c   the same of all topics and groups, see overview_own.h
 *   decoding.c   values of Avro that it has, as JSON
 *   ui.c         the page that shows it
 *   reads.c      requests for records, see reads_own.h
 *   streams.c    topics that are passed on as they grow, see streams_own.h
 *   topics.c     the topics that requests name
 *   job*.c       requests that become records, see job_own.h
 *   gather.c     when these are handed over
 *   access.c     who asks, and what they may
 *   proxy.c      requests that another server answers
 *   channel.c    topics that clients write to, and that all of them get
 *   senders.c    WebSockets of those who write
 *   takers.c     and of members of groups, each with its groupreader.c
 *   instance*.c  the same by requests, see instances_own.h
 *   chat.c       the course's chat, whose page is in chatpage.c
 *   socketio*.c  its Socket.IO program, see socketio_own.h
 *   counts.c     what /metrics tells
 *   liveline.c   the same on a terminal
 *   accesslog.c  a line for each answer
 */
#ifndef KT_SERVE_OWN_H
#define KT_SERVE_OWN_H

#include "apis.h"
#include "decoding.h"
#include "forward.h"
#include "gather.h"
#include "histogram.h"
#include "httpd.h"
#include "lookup.h"
#include "overview.h"
#include "producer.h"
#include "reads.h"
#include "serve.h"
#include "streams.h"

/* A topic that a request has named. */
struct kt_serve_topic {
	char *name;
	int handle;       /* of the producer; -1: none */
	bool asked;       /* whether it exists, with no answer so far */
	bool there;       /* it does */
	int64_t again_us; /* it could not be had: not asked for again before that */
	unsigned refused; /* the status for those who want it until then, */
	struct kt_err why;
	size_t jobs; /* that have it, and streams */
	int64_t delivered, failed;
};

/* How often a route was answered with this status. */
struct kt_serve_count {
	const struct kt_route *route; /* NULL: there was none */
	unsigned status;
	int64_t n;
};

struct kt_job;
struct kt_senders;
struct kt_takers;
struct kt_instances;
struct kt_allowance;

struct kt_serve_listener {
	struct kt_serve *serve;
	const struct kt_serve_listen *how;
	struct kt_httpd *httpd;
	struct kt_loop_source requests;
	struct kt_strs hosts;
};

struct kt_serve {
	struct kt_serve_how how;
	struct kt_serve_listener *listeners; /* how.n_listen of them */
	struct kt_producer *producer;
	struct kt_lookup *lookup;
	struct kt_overview *overview; /* NULL: no row shows it */
	struct kt_decoding *decoding; /* NULL: no row asks for it */
	struct kt_reads *reads;
	struct kt_streams *streams;
	struct kt_channel *channels; /* see channel.h */
	size_t n_channels;
	struct kt_takers *takers;            /* see takers.h; NULL: there were none so far */
	struct kt_instances *instances;      /* see instances.h; NULL: there were none so far */
	struct kt_senders *senders;          /* see senders.h; NULL: nobody has written so far */
	struct kt_chatter *chatters_waiting; /* to be let in */
	int64_t chatters_look_us;            /* when it is looked again who of them has gone */
	size_t chatters;
	struct kt_socketio *socketio; /* NULL: no row has it */
	int64_t chat_behind;          /* who were let go, since they were too far behind */
	int64_t chatting;             /* messages that are on their way to a topic */
	struct kt_loop_source reports, lookups, overviews, decodings, readings, forwards, live;
	struct kt_forward *forward; /* NULL: no row passes anything on */
	struct kt_apis apis;
	char via[40]; /* this server, in what it passes on */
	struct kt_serve_topic **topics;
	size_t n_topics, cap_topics;
	unsigned n_asked;     /* topics */
	struct kt_job **jobs; /* by the tag of their records; NULL: free */
	size_t n_jobs, cap_jobs;
	uint32_t *free_tags;
	size_t n_free, cap_free;
	size_t active;
	struct kt_job *parked, **parked_end; /* in the order in which they came */
	struct kt_gather gather;             /* those that have just come */
	struct kt_serve_count *counts;
	size_t n_counts, cap_counts;
	struct kt_histogram times; /* of requests, in microseconds */
	size_t inflight;           /* bytes that they hold */
	struct kt_allowance *allowance;
	int64_t answered, failed; /* requests; failed: with 500 or more */
	int64_t shown, shown_us;  /* answered, when the line was shown last */
	bool draining;            /* it is not ready any more, */
	bool ending;              /* and takes no more records */
};

/* Bytes of answers that clients have not taken. */
size_t kt_serve_unsent(const struct kt_serve *s);

/* These are as many as --max-inflight: there are no more that may be large. */
#define KT_SERVE_FULL "too many answers have not been taken"
bool kt_serve_is_full(const struct kt_serve *s);

/* Members of groups, of which there are --max-consumers at most. */
#define KT_SERVE_MEMBERS "there are too many members of groups"
size_t kt_serve_members(const struct kt_serve *s);

/* The topic of that name, remembered from now on; NULL: there are too many. */
struct kt_serve_topic *kt_serve_topic(struct kt_serve *s, const char *name);

/* 1: records may be sent to it. 0: it is being looked for. -1: refused and why say why not. Asks for it when it is time
 * to; that never makes it. */
int kt_serve_topic_find(struct kt_serve *s, struct kt_serve_topic *topic);

/* The same for who does not write to it, so that the producer has nothing to do with it: 1 when it exists. */
int kt_serve_topic_there(struct kt_serve *s, struct kt_serve_topic *topic);

/* The answer to KT_LOOKUP_EXISTS, which it takes. */
void kt_serve_topic_answered(struct kt_serve *s, struct kt_serve_topic *topic, struct kt_answer *answer);
void kt_serve_topics_fini(struct kt_serve *s);

/* A request's head is there: false and an answer when it may not go on. route NULL: there is none. */
bool kt_access_begin(const struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route *route,
	struct kt_answer *answer);

/* The number that a client's requests are counted by, for --rate-limit. */
uint64_t kt_access_client(const struct kt_http_request *request);

/* A page of another site may send its visitor's browser here, but not unseen: browsers say where a request comes from.
 */
bool kt_access_is_from_elsewhere(const struct kt_http_request *request);

/* Whether who asks has that right for a topic, and --topics allows it. */
bool kt_access_may(
	const struct kt_serve *s, const struct kt_http_request *request, enum kt_right right, const char *topic);

/* Whether there is such a topic for who has any right for it; who NULL: anybody. */
bool kt_access_sees(const struct kt_strs *topics, const struct kt_token *who, const char *topic);

struct kt_loop_source kt_serve_live(struct kt_serve *s);

/* Whether some row passes requests on; then they can be. */
bool kt_proxy_is_wanted(const struct kt_serve *s);
int kt_proxy_open(struct kt_serve *s, struct kt_err *err) kt_must_check;

/* Passes a request on, and defers it, or fills answer. */
void kt_proxy_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

/* What the gateway is told, and asked for. */
void kt_proxy_admin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

/* What is on its way is dropped. */
void kt_proxy_fini(struct kt_serve *s);

/* Makes a job of a request for records: fills answer when it can be answered at once, or defers it. */
void kt_job_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

/* kt_producer_how.done */
void kt_job_delivery(void *user, const struct kt_delivery *delivery);

/* Goes on with those that wait: for company (gather.h), for their topic, or for room in the queue. */
void kt_job_retry(struct kt_serve *s);

/* Frees what is left, unanswered. */
void kt_job_fini(struct kt_serve *s);

/* {"error":"TEXT"} */
void kt_serve_error(struct kt_answer *answer, unsigned status, const char *text);

/* {"error_code":40401,"message":"Topic not found."}, as Confluent's REST proxy has it. code 0: the one of the status.
 */
#define KT_SERVE_V2_TYPE "application/vnd.kafka.v2+json"
void kt_serve_error_v2(struct kt_answer *answer, unsigned status, int64_t code, const char *why);

/* The request is refused, whether there is a row for it or not, as the API that it is for says so. */
void kt_serve_refuse(const struct kt_serve_listener *at, const struct kt_http_request *request, unsigned status,
	const char *why, struct kt_answer *answer);

/* What the row that was found does: its answer is there, or comes later. */
void kt_serve_act(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

/* What the row's parameter like= adds to an answer whose body is there. */
void kt_serve_like(const struct kt_route *route, struct kt_answer *answer);

/* 127.0.0.1 - - [22/Jul/2018 13:31:11] "GET / HTTP/1.1" 200 - */
void kt_serve_log(const struct kt_http_request *request);

void kt_serve_count(struct kt_serve *s, const struct kt_route *route, unsigned status);
/* Of topics those that there are for who; NULL: anybody. */
void kt_serve_metrics(const struct kt_serve *s, const struct kt_token *who, struct kt_buf *out);
void kt_serve_counts_fini(struct kt_serve *s);

#endif
