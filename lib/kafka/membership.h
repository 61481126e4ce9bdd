/* What every member of a group does, whichever way it takes its records: joining, taking and giving up partitions. */
#ifndef KT_MEMBERSHIP_H
#define KT_MEMBERSHIP_H

#include "client.h"
#include "list.h"

/* Begins to join: the assignment comes as a rebalance. */
int kt_membership_join(
	struct kt_client *c, const struct kt_strs *topics, const char *group, struct kt_err *err) kt_must_check;

/* Carries out a rebalance as the group's protocol wants it: the partitions are the whole assignment, or a part of it.
 */
int kt_membership_change(struct kt_client *c, bool take, const rd_kafka_topic_partition_list_t *partitions,
	struct kt_err *err) kt_must_check;

/* The group's assignors hand over only what moves; what a member keeps, it reads on. */
bool kt_membership_is_cooperative(struct kt_client *c);

/* True some seconds after joined_us when a broker's certificate was refused: a group whose coordinator is out of reach
 * is never joined. (A bad address that is not needed is no reason to end, so others get the time to answer.) */
bool kt_membership_is_shut_out(struct kt_client *c, int64_t joined_us);

/* An error that comes in place of a record, after which there will be none. */
bool kt_membership_is_over(rd_kafka_resp_err_t code);

#endif
