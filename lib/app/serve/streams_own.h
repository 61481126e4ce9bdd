/* What the files of streams share.
 *
 *   streams.c      topics that somebody listens to, and their turn in the loop
 *   sockets.c      WebSockets
 *   events.c       those who listen
 *   eventquery.c   what they ask for; eventtext.c: what they get
 *   hub.c, ring.c  a topic's records, once for all of them
 */
#ifndef KT_STREAMS_OWN_H
#define KT_STREAMS_OWN_H

#include "hub.h"
#include "peers.h"
#include "serve_own.h"
#include "streams.h"
#include "websocket.h"

/* TOPICS: at once. CATCHING: who come again and are not with the others yet, of whom more is read, or waits for them,
 * at a time; the others wait. */
enum { KT_STREAMS_TOPICS = 100, KT_STREAMS_CATCHING = 16 };

struct kt_listener;

/* A topic that somebody listens to, or did a moment ago. */
struct kt_stream {
	struct kt_streams *streams;
	struct kt_serve_topic *topic; /* whether it exists */
	struct kt_hub *hub;           /* NULL: that is not known yet */
	struct kt_feed feed;
	struct kt_listener *coming; /* those who are not with the others yet */
	size_t n;                   /* who listen, or are to */
	bool texts[KT_TEXTS];       /* that are made of its records */
	int64_t since_us;           /* when the hub began */
	int64_t idle_us;            /* since when nobody listens */
	int64_t look_us;            /* when it is looked again who has gone */
	bool stirred;               /* one of those who are coming has something to do, or to send */
};

struct kt_streams {
	struct kt_serve *serve;
	struct kt_follow *follow;    /* NULL: nobody has listened so far */
	struct kt_topicwatch *watch; /* NULL: nobody has listened so far, or there can be none */
	struct kt_settings settings;
	struct kt_stream *v[KT_STREAMS_TOPICS];
	size_t n;
	unsigned catching;
	struct kt_websockets *sockets;       /* NULL: there were none so far */
	struct kt_loop *loop;                /* NULL: it does not run yet */
	struct kt_loop_source topics, waits; /* waits: of sockets */
	struct kt_peers peers;               /* who have sockets */
	bool ending;
	struct kt_streams_counts counts;
};

/* The topic, to listen to; NULL: there are too many. */
struct kt_stream *kt_streams_topic(struct kt_streams *x, const char *topic);

/* Nothing more keeps those who came without a position from listening: all ends are known, or some are not for too
 * long. */
bool kt_stream_is_ready(const struct kt_stream *stream);

/* Goes on with those who are coming. */
void kt_events_turn(struct kt_stream *stream);

/* There is no such topic, or the server ends: those who have no answer get this one. */
void kt_events_refuse(struct kt_stream *stream, unsigned status, const char *why);

/* Those who have gone before they had an answer hold no connection any more. */
void kt_events_let_go(struct kt_stream *stream);

/* Whether this kt has WebSockets. */
bool kt_streams_have_sockets(struct kt_streams *x);

/* Whether there may be a WebSocket for this request: handshake is the head of its answer, or answer why not. */
bool kt_streams_handshake(struct kt_streams *x, const struct kt_http_request *request, struct kt_answer *handshake,
	struct kt_answer *answer);

/* The connection that was given away; one too many of its address is closed at once. */
struct kt_websocket *kt_streams_socket(struct kt_streams *x, int fd, struct kt_bytes early, void *hold,
	const struct kt_websocket_kind *kind, void *user);

/* When one of those who are coming is to be looked at again. */
int64_t kt_events_wait_ms(const struct kt_stream *stream);

#endif
