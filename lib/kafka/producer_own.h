/* What transaction.c, offsetsend.c and settled.c see of a producer beyond producer.h. */
#ifndef KT_PRODUCER_OWN_H
#define KT_PRODUCER_OWN_H

#include <librdkafka/rdkafka.h>

#include "client.h"
#include "producer.h"

rd_kafka_t *kt_producer_handle(const struct kt_producer *p);

struct kt_client *kt_producer_client(const struct kt_producer *p);

const struct kt_owner *kt_producer_owner(const struct kt_producer *p);

/* What it was opened with. Borrowed. */
const struct kt_settings *kt_producer_settings(const struct kt_producer *p);

/* kt_stop_status() of its owner's. */
int kt_producer_stopped(const struct kt_producer *p);

/* Plain records that were not handed over. */
size_t kt_producer_batched(const struct kt_producer *p);

/* transaction.timeout.ms as it is in force. */
int64_t kt_producer_transaction_ms(const struct kt_producer *p);

#endif
