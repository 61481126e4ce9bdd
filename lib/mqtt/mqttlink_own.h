/* The inside of a link. Its parts:
 *
 *   mqttlink.c    the connection: made, waited for, kept alive, and made again
 *   mqtthear.c    what comes on it
 *
 * Included by these and nothing else.
 */
#ifndef KT_MQTTLINK_OWN_H
#define KT_MQTTLINK_OWN_H

#include "dial.h"
#include "mqttlink.h"
#include "random.h"
#include "waiting.h"

enum kt_mqttstate {
	KT_MQTTLINK_WAITS,      /* until the next try */
	KT_MQTTLINK_DIALS,      /* a thread makes the connection */
	KT_MQTTLINK_GREETS,     /* CONNECT is sent */
	KT_MQTTLINK_SUBSCRIBES, /* SUBSCRIBE is sent; messages may come */
	KT_MQTTLINK_UP,
};

struct kt_mqttlink {
	struct kt_mqttlink_how how;
	struct kt_loop_source source;
	enum kt_mqttstate state;
	struct kt_dial *dial;
	struct kt_connection connection;
	struct kt_buf in, out;
	size_t in_at, out_at;  /* what is done of them */
	bool held;             /* the message that in begins with finds no room */
	bool more;             /* there may be more to read */
	bool stopped;          /* nothing is read any more */
	short wants;           /* events of the connection beyond the usual */
	int version;           /* of this connection */
	int64_t keep_alive_us; /* of this connection */
	int64_t due_us;        /* of the next try, or of an answer */
	int64_t sent_us;       /* when a packet went out last */
	int64_t ping_us;       /* when a ping went out that may be answered; 0: none did */
	int64_t up_us;         /* since when it is up */
	int64_t times_up;
	bool subscribed; /* in the session that the broker has */
	int tries;       /* in a row, without having been up for some time */
	int short_lives; /* in a row: it was closed as soon as it was up */
	char said[512];  /* why the last try failed, as it was said */
	struct kt_random random;
	struct kt_waiting wait;
};

/* --- mqttlink.c --- */

/* The connection is given up, and tried again; err says why. */
void kt_mqttlink_lose(struct kt_mqttlink *link, const struct kt_err *err);

/* Whether there is room for what comes. */
bool kt_mqttlink_reads(const struct kt_mqttlink *link);

/* --- mqtthear.c --- */

/* Takes what came, and answers. -1: the run cannot go on; the connection cannot where why has a status. */
int kt_mqttlink_hear(struct kt_mqttlink *link, struct kt_err *why, struct kt_err *err) kt_must_check;

#endif
