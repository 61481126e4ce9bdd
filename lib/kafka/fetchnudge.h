/* Keeps the fetcher of an older librdkafka from sleeping while its reader waits.
 *
 * Versions before fetch.queue.backoff.ms (2.2.0) stop fetching when the local queue holds queued.min.messages or
 * queued.max.messages.kbytes, and look again when a broker's thread wakes up: up to a second later, however soon the
 * queue was emptied. Any request to the broker wakes it, so one is sent when a long queue, of many records or of large
 * ones, has been half used up. No call waits for the answer.
 */
#ifndef KT_FETCHNUDGE_H
#define KT_FETCHNUDGE_H

#include "partitions.h"
#include "settings.h"

struct kt_fetchnudge {
	bool needed;        /* this version of the library sleeps */
	int64_t most_bytes; /* that the queue holds */
	size_t long_queue;  /* so many records are a long one */
	bool was_long;      /* since the last time */
	size_t peak;        /* its longest since then, in records */
	int64_t asked_us;
};

/* Before the handle is made, when the sizes of its queues are set: has newer versions sleep for a moment only, unless
 * the user has said for how long. */
void kt_fetchnudge_configure(struct kt_fetchnudge *r, rd_kafka_conf_t *conf, const struct kt_settings *settings);

/* To be called after n messages, at least one, were taken from queue. */
void kt_fetchnudge(struct kt_fetchnudge *r, rd_kafka_t *rk, rd_kafka_queue_t *queue, rd_kafka_message_t *const *taken,
	size_t n, const struct kt_partitions *parts);

/* The reader waits for this one partition, whose queue was long and is empty now. */
void kt_fetchnudge_one(struct kt_fetchnudge *r, rd_kafka_t *rk, const struct kt_partition *part);

/* For a queue of one partition that is read message by message: to be called after each, of so many bytes. Looks at the
 * queue's length from time to time, and asks when it was long and is half used up. */
void kt_fetchnudge_read(struct kt_fetchnudge *r, rd_kafka_t *rk, struct kt_partition *part, size_t bytes);

#endif
