/* Records at the beginning of partitions, taken away for good: the logs begin later then.
 *
 *   rd_kafka_topic_partition_list_add(list, "t", 0)->offset = 100;           all before offset 100
 *   if (kt_trim(client, list, timeout_ms, err) < 0)
 *           return -1;
 *   … list->elems[0].err, list->elems[0].offset …
 */
#ifndef KT_TRIM_H
#define KT_TRIM_H

#include "client.h"

/* Each partition's answer is its err in the list, and its offset is where the log begins now. What concerns all of them
 * is a failure. */
int kt_trim(struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

#endif
