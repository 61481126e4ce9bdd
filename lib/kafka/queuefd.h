/* A descriptor that becomes readable when something comes into one of librdkafka's queues, for kt_wait().
 *
 * The library writes only when an empty queue stops being empty: after a wake-up the queue has to be emptied, or served
 * again without waiting.
 */
#ifndef KT_QUEUEFD_H
#define KT_QUEUEFD_H

#include <librdkafka/rdkafka.h>

#include "err.h"

struct kt_queuefd {
	rd_kafka_queue_t *queue; /* owned */
	int fd;                  /* meaningful when queue is set */
};

/* Takes queue in any case. */
int kt_queuefd_init(struct kt_queuefd *w, rd_kafka_queue_t *queue, struct kt_err *err) kt_must_check;

/* Another queue makes the same descriptor readable: to be ended by its owner before kt_queuefd_fini(), see
 * kt_partitions_drop_queues(). */
void kt_queuefd_add(struct kt_queuefd *w, rd_kafka_queue_t *queue);

/* Forgets the wake-ups so far: to be called before the queue is served. */
void kt_queuefd_clear(struct kt_queuefd *w);

/* Lets go of the queue, which has to happen before the handle is destroyed, then of the descriptor. {0} is allowed. */
void kt_queuefd_fini(struct kt_queuefd *w);

#endif
