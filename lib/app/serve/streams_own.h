/* What the files of streams share.
 *
 *   streams.c      topics that somebody listens to, and their turn in the loop
 *   events.c       those who listen by Server-Sent Events
 *   eventquery.c   what they ask for; eventtext.c: what they get
 *   hub.c, ring.c  a topic's records, once for all of them
 */
#ifndef KT_STREAMS_OWN_H
#define KT_STREAMS_OWN_H

#include "hub.h"
#include "serve_own.h"
#include "streams.h"

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
	int64_t since_us;           /* when the hub began */
	int64_t idle_us;            /* since when nobody listens */
	bool stirred;               /* one of those who are coming has something to do, or to send */
};

struct kt_streams {
	struct kt_serve *serve;
	struct kt_follow *follow; /* NULL: nobody has listened so far */
	struct kt_settings settings;
	struct kt_stream *v[KT_STREAMS_TOPICS];
	size_t n;
	unsigned catching;
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

/* When one of those who are coming is to be looked at again. */
int64_t kt_events_wait_ms(const struct kt_stream *stream);

#endif
