/* What each broker knows of topics. A broker hears of a new topic, of more partitions and of a topic that is gone some
 * moments after the controller has decided it, and tells the old state until then; the library asks one broker, now
 * this one, now that. Here each is asked by a handle of its own, which knows of no other: one after another, some
 * milliseconds each.
 *
 *   kt_topic_create(c, names, n, …)
 *   if (kt_everybroker_await(c, names, n, 1, timeout_ms, err) < 0)      now everyone finds them
 *           return -1;
 *
 * For an embedded broker, which would create what it is asked for, nothing is asked and all is known.
 */
#ifndef KT_EVERYBROKER_H
#define KT_EVERYBROKER_H

#include "client.h"

enum { KT_EVERYBROKER_GONE = 0 };

/* Waits until each broker shows each topic with at least so many partitions, all of which have a leader; or with
 * KT_EVERYBROKER_GONE until none shows any of them. A broker that does not answer is left out. 1 when that was not so
 * after timeout_ms. Fails only after a signal. */
int kt_everybroker_await(struct kt_client *c, char *const *topics, size_t n, int partitions, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* 1 when some broker shows the topic, 0 when none does that answers within timeout_ms. */
int kt_everybroker_knows(struct kt_client *c, const char *topic, int64_t timeout_ms);

#endif
