/* Changing what groups have committed, and deleting groups. */
#ifndef KT_GROUPEDIT_H
#define KT_GROUPEDIT_H

#include "groups.h"
#include "settings.h"

/* Commits the offsets of the list for a group without members. Each partition's answer is its err in the list; what
 * concerns all of them is a failure. A group that does not exist begins to. */
int kt_group_commit(struct kt_client *c, const char *group, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* The same on the embedded broker, which refuses commits of those who are not members once a group had one: joins the
 * group for as long as it takes, which is some seconds. KT_FAILED when other members hold some of the partitions. */
int kt_group_commit_joined(const struct kt_settings *settings, const struct kt_owner *owner, const char *group,
	rd_kafka_topic_partition_list_t *list, struct kt_err *err) kt_must_check;

/* Takes away what the group has committed of the partitions of the list. Each one's answer is its err in the list:
 * RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC while members of the group read the topic. */
int kt_group_forget(struct kt_client *c, const char *group, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* Deletes groups with their offsets: each one's code tells whether that was done. */
int kt_groups_delete(
	struct kt_client *c, struct kt_group *const *v, size_t n, int64_t timeout_ms, struct kt_err *err) kt_must_check;

#endif
