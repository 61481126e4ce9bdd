/* Has the library send what it was given, before linger.ms is over and without waiting for it here.
 *
 *   struct kt_hurry h = {0};
 *   kt_hurry(&h, rk)        whatever was handed over so far
 *   kt_hurry_fini(&h)       before the handle is destroyed
 *
 * rd_kafka_flush() alone makes the broker's thread send what it holds, for as long as the call waits; the thread, which
 * has to be woken, finds a flush of 0 ms over. So one of a millisecond is made on a thread of its own. Where that is
 * too short, on a machine that is busy with other things, linger.ms counts as it did. With delivery reports as events,
 * which they are in all of this room, the call takes none of them, and comes back as soon as the last one was taken.
 */
#ifndef KT_HURRY_H
#define KT_HURRY_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>

struct kt_hurry {
	bool runs; /* since the first call; nothing below means anything before */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	rd_kafka_t *rk;
	/* Under the lock. */
	bool asked, ends;
};

/* rk: the same each time. Without a thread to be had, linger.ms counts. */
void kt_hurry(struct kt_hurry *h, rd_kafka_t *rk);

void kt_hurry_fini(struct kt_hurry *h);

#endif
