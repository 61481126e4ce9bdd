/* The offsets of a transaction on their way to their group's coordinator, on a thread of its own.
 *
 *   struct kt_offsetsend *s = kt_offsetsend_start(producer, offsets, group);
 *   if (kt_offsetsend_wait(s, 100))
 *           error = kt_offsetsend_end(s);
 *
 * librdkafka's call (2.0.2 to 2.12) tries again what passes, such as a coordinator that another broker takes over from,
 * but only within its own time; what does not come about in that fails the transaction, which has to be aborted then. A
 * call that may take a moment only cannot be repeated either, as the others can. So it gets a minute, on a thread, and
 * who waits for it waits as long as he likes.
 */
#ifndef KT_OFFSETSEND_H
#define KT_OFFSETSEND_H

#include <librdkafka/rdkafka.h>

#include "producer.h"

struct kt_offsetsend;

/* Copies what it is given. NULL: there is no thread to be had. A producer that is closed before the call has come back
 * is left to the end of the process. */
struct kt_offsetsend *kt_offsetsend_start(struct kt_producer *p, const rd_kafka_topic_partition_list_t *offsets,
	const rd_kafka_consumer_group_metadata_t *group) kt_must_check;

/* Whether the call has come back, after most_ms at the latest. */
bool kt_offsetsend_wait(const struct kt_offsetsend *s, int64_t most_ms);

/* Once it has: what it came to, NULL when all is well. Frees s. */
rd_kafka_error_t *kt_offsetsend_end(struct kt_offsetsend *s) kt_must_check;

#endif
