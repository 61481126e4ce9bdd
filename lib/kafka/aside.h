/* A call of the library's that blocks, on a thread of its own: the caller's sees a stop at once, and says what it waits
 * for.
 *
 *   struct ask { struct kt_aside aside; … what the call takes and gives … };
 *   static void call(struct kt_aside *aside) { struct ask *a = (struct ask *)aside; a->code = rd_kafka_…(…, a->ms); }
 *   static void drop(struct kt_aside *aside) { … all that it holds, and itself … }
 *
 *   struct ask *a = kt_calloc(1, sizeof(*a));
 *   *a = (struct ask){{.call = call, .drop = drop}, …};
 *   if (kt_aside(&a->aside, client, &wait) < 0)
 *           return … kt_client_stopped(client) …;
 *   … what it gave …
 *   drop(&a->aside);
 */
#ifndef KT_ASIDE_H
#define KT_ASIDE_H

#include <stdatomic.h>

#include "client.h"

struct kt_aside {
	void (*call)(struct kt_aside *aside);
	void (*drop)(struct kt_aside *aside);
	/* The rest is aside.c's own. */
	struct kt_client *client;
	atomic_int state;
	int done_fd;
};

/* Makes the call, and meanwhile says with wait that the client's brokers are waited for. -1: the client's owner stops
 * it, and the call has not come back; it is dropped when it does. A client that is closed before that is left to the
 * end of the process. On a thread of somebody else's (which has no business with signals) the call is made there and
 * then. */
int kt_aside(struct kt_aside *aside, struct kt_client *c, struct kt_waiting *wait) kt_must_check;

#endif
