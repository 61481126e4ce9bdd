/* A topic that clients of a program of the course write to, and whose records all of them get: by way of partition 0,
 * so that all copies of the server show one order. The topic "none" is those who are connected to this process, and
 * needs no broker.
 *
 *   kt_channels_open(s)                              those of all rows; their topics are read from now on
 *   struct kt_channel *c = kt_channel_find(s, "chat");
 *   if (kt_channel_is_open(c)) kt_hub_join(kt_channel_hub(c), &member);
 *   kt_channel_send(c, &record)                      comes back to all by the hub
 *   kt_channel_delivery(s, delivery)                 of what is tagged with KT_CHANNEL_JOB
 *   kt_channels_fini(s)
 *
 * Nobody is let in before it is known where the topic ends, or a first message could come back before it is read.
 */
#ifndef KT_CHANNEL_H
#define KT_CHANNEL_H

#include "streams_own.h"

/* In place of a job's number in the tags of records: there are never so many jobs. */
enum { KT_CHANNEL_JOB = (1 << 24) - 1 };

#define KT_CHANNEL_NO_TOPIC "none"

struct kt_channel {
	struct kt_serve *serve;
	const char *name; /* of its topic */
	struct kt_serve_topic *topic;
	struct kt_stream *stream; /* NULL: there is no topic, and hub is its own */
	struct kt_hub *hub;
};

void kt_channels_open(struct kt_serve *s);

/* NULL: there is no row for it. */
struct kt_channel *kt_channel_find(struct kt_serve *s, const char *name);

struct kt_hub *kt_channel_hub(const struct kt_channel *channel);

/* Whether this request may write there and read. */
bool kt_channel_may(const struct kt_channel *channel, const struct kt_http_request *request);

/* It is known where its topic ends, so that clients can be let in. */
bool kt_channel_is_open(const struct kt_channel *channel);

/* NULL, or why one of them is not so far. */
const char *kt_channels_wait_for(const struct kt_serve *s);

/* False: the queue is full. A record that cannot be sent is said to be lost. */
bool kt_channel_send(struct kt_channel *channel, const struct kt_record *record);

void kt_channel_delivery(struct kt_serve *s, const struct kt_delivery *delivery);

/* After the connections that are left. */
void kt_channels_fini(struct kt_serve *s);

#endif
