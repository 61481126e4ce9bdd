/* How large a batch of records a topic takes: its max.message.bytes, asked for without waiting.
 *
 *   kt_topiclimit_ask(rk, "orders", 1000, queue, err)
 *   … an event of RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT comes into the queue …
 *   int64_t bytes = kt_topiclimit_of(event);
 */
#ifndef KT_TOPICLIMIT_H
#define KT_TOPICLIMIT_H

#include <librdkafka/rdkafka.h>

#include "err.h"

/* The answer, or after timeout_ms what stands for it, comes into the queue. */
int kt_topiclimit_ask(rd_kafka_t *rk, const char *topic, int64_t timeout_ms, rd_kafka_queue_t *queue,
	struct kt_err *err) kt_must_check;

/* The limit in bytes of a batch as it goes over the wire. -1: brokers did not answer, do not know the request (mocks)
 * or do not permit it (it needs DESCRIBE_CONFIGS on the topic). */
int64_t kt_topiclimit_of(rd_kafka_event_t *event);

#endif
