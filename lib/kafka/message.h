/* librdkafka's messages as records. */
#ifndef KT_MESSAGE_H
#define KT_MESSAGE_H

#include <librdkafka/rdkafka.h>

#include "partitions.h"
#include "record.h"

/* The headers of one record, until the next one is filled. Starts as {0}. */
struct kt_message_headers {
	rd_kafka_headers_t *parsed;
	struct kt_header *v;
	size_t cap;
};

/* Fills record, which borrows from m, part and headers. headers NULL: they are left out; else they are taken out of m.
 */
void kt_message_record(struct kt_record *record, rd_kafka_message_t *m, const struct kt_partition *part,
	struct kt_message_headers *headers);

void kt_message_headers_fini(struct kt_message_headers *headers);

#endif
