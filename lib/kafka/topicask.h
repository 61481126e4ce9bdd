/* One topic's metadata, asked for on a thread of its own: rd_kafka_metadata() waits for the answer, which a loop
 * cannot.
 *
 *   struct kt_topicask *ask;
 *   if (kt_topicask_start(&ask, rk, rkt, fd, err) < 0)
 *           return -1;
 *   … fd becomes readable …
 *   if (kt_topicask_answer(ask, &code, &metadata))
 *           kt_topicask_free(ask, 2000);
 */
#ifndef KT_TOPICASK_H
#define KT_TOPICASK_H

#include <librdkafka/rdkafka.h>

#include "err.h"

struct kt_topicask;

/* Asks until the topic has leaders or an error of its own, for timeout_ms at most. topic is borrowed, as rk is;
 * event_fd (an eventfd) is written to when there is an answer. */
int kt_topicask_start(struct kt_topicask **out, rd_kafka_t *rk, rd_kafka_topic_t *topic, int64_t timeout_ms,
	int event_fd, struct kt_err *err) kt_must_check;

/* False: none yet. Else *code says why there is none (RD_KAFKA_RESP_ERR__TIMED_OUT: no broker answered in time), or is
 * 0 with the metadata, which lives as long as the ask does; when time was up, it may be of a topic without leaders. */
bool kt_topicask_answer(struct kt_topicask *ask, rd_kafka_resp_err_t *code, const struct rd_kafka_metadata **metadata);

/* Ends the thread. False: it is still inside the library, which did not return within limit_ms; it has to be left alone
 * until the process ends, together with rk and topic. */
bool kt_topicask_free(struct kt_topicask *ask, int64_t limit_ms);

#endif
