/* Leaders of partitions, elected again. It needs librdkafka 2.6.
 *
 *   if (kt_election_can(err) < 0 || kt_elect_leaders(client, list, false, timeout_ms, err) < 0)
 *           return -1;
 *   … list->elems[0].err …
 */
#ifndef KT_ELECTION_H
#define KT_ELECTION_H

#include "client.h"

/* KT_FAILED with versions of librdkafka before 2.6. */
int kt_election_can(struct kt_err *err) kt_must_check;

/* Has the first replica of each partition lead it, if it is in sync; unclean: has any replica lead a partition that has
 * no leader, with the loss of what it did not get. Each partition's answer is its err in the list:
 * RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED when it is so already. */
int kt_elect_leaders(struct kt_client *c, rd_kafka_topic_partition_list_t *list, bool unclean, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

#endif
