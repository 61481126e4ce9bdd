/* When the records of requests are handed over to the producer, so that those of many requests become one batch and
 * nobody waits for company that does not come.
 *
 * While nothing is on its way to the brokers, what there is goes at once. Otherwise it waits for their answer, and who
 * comes meanwhile shares the next batch: for a millisecond at most, since one broker is not to wait for another. What
 * needs no company is handed over as it comes, and the library makes batches of it (linger.ms). It makes all of them
 * for a second when the brokers have been slow to answer: then a small batch delays those behind it by more than it
 * gains.
 *
 *   kt_gather_add(&g, bytes, eager, kt_clock_us())                   a request has come
 *   kt_gather_look(&g, kt_producer_waiting(p), kt_clock_us())        in each turn. Not KT_GATHER_WAIT: hand over what
 *                                                                    waits, and with KT_GATHER_HURRY hurry it
 *
 * Where the user has set linger.ms, the library waits as long as that says, and nothing waits here (off).
 */
#ifndef KT_GATHER_H
#define KT_GATHER_H

#include "base.h"

/* BYTES: what Kafka's own producer takes for a batch that is worth it (batch.size). SLOW: the average of the last few
 * answers, each of which counts for twice that at most. */
enum { KT_GATHER_US = 1000, KT_GATHER_BYTES = 16 << 10, KT_GATHER_SLOW_US = 2000, KT_GATHER_PAUSE_US = 1000000 };

struct kt_gather {
	bool off;
	int64_t since_us; /* when the first of those that wait came; 0: none waits */
	size_t bytes;     /* of all of them */
	bool eager;       /* for one of them the queue is all there is to wait for */
	int64_t sent_us;  /* when there was nothing on its way, and something was hurried; 0: it was answered */
	int64_t answer_us;
	int64_t paused_us; /* until then everything is handed over as it comes */
};

enum kt_gather_word { KT_GATHER_WAIT, KT_GATHER_GO, KT_GATHER_HURRY };

void kt_gather_add(struct kt_gather *g, size_t bytes, bool eager, int64_t now_us);

/* sent: records that are on their way to brokers. When nothing waits: KT_GATHER_GO. */
enum kt_gather_word kt_gather_look(struct kt_gather *g, int64_t sent, int64_t now_us);

/* When it is over whatever happens, of kt_clock_us(); INT64_MAX when nothing waits. */
int64_t kt_gather_until_us(const struct kt_gather *g);

#endif
