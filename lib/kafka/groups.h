/* Consumer groups as their coordinators know them: states, members, and committed offsets beside the ends of the logs.
 *
 *   kt_auto(kt_groups_fini) struct kt_groups groups = {0};
 *   kt_groups_list(c, &groups, timeout_ms, err)            which there are
 *   kt_groups_describe(c, picked, n, timeout_ms, err)      their states and members
 *   kt_groups_commits(c, picked, n, NULL, …)               what they have committed
 *   kt_group_logs(c, group, &how, err)                     the partitions' logs, for the lag
 *
 * What concerns one group or partition alone (it may not be seen, its coordinator is away) is its `code`, not a
 * failure. Requests about many groups are under way together.
 */
#ifndef KT_GROUPS_H
#define KT_GROUPS_H

#include "client.h"
#include "offsets.h"
#include "partitions.h"

struct kt_group_member {
	char *id, *client, *host;
	char *instance; /* NULL: not a static member */
	size_t n_partitions;
};

/* A partition that a group has committed, or that is assigned to one of its members. */
struct kt_group_part {
	struct kt_partition log;  /* begin, log_end, start and why: where code is 0, after kt_group_logs() */
	int64_t committed;        /* KT_NO_OFFSET: none */
	int64_t held;             /* offsets at the end of the log that an open transaction holds back from consumers */
	int member;               /* whose it is, or -1 */
	rd_kafka_resp_err_t code; /* why nothing is known of its log */
};

struct kt_group {
	char *name;
	bool listed; /* came from kt_groups_list() */
	bool simple; /* has no protocol: made by commits of clients that were never members */
	bool unseen; /* it is there, but its members speak the protocol of KIP-848, which this library cannot describe
		      */
	rd_kafka_consumer_group_state_t state;
	rd_kafka_resp_err_t code; /* why nothing (more) is known of it */
	int32_t coordinator;      /* -1: not known */
	char *address;            /* of the coordinator, host:port */
	char *assignor;           /* "" while there is none */
	struct kt_group_member *members;
	size_t n_members, members_cap;
	struct kt_group_part *parts; /* by topic and partition */
	size_t n_parts, parts_cap;
};

struct kt_groups {
	struct kt_group *v; /* kt_groups_list() sorts them by name */
	size_t n, cap;
	bool blind; /* the cluster knows no requests about groups: librdkafka's mock, which is the embedded broker */
	rd_kafka_resp_err_t incomplete; /* why some broker did not tell its groups; 0: all did */
};

/* Adds what the cluster shows to this client: name, state, simple. Brokers before 2.6 do not tell states. */
int kt_groups_list(struct kt_client *c, struct kt_groups *groups, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Adds a group by its name, for kt_groups_describe() to find out. Earlier addresses of groups are not valid any more.
 */
struct kt_group *kt_groups_add(struct kt_groups *groups, const char *name);

/* Fills state, coordinator, assignor, members and their partitions. A group that does not exist is Dead. */
int kt_groups_describe(
	struct kt_client *c, struct kt_group *const *v, size_t n, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Adds the committed offsets of groups whose code is 0. of: only these partitions, which the mock has to be asked for
 * by name; NULL: all that this client may see. */
int kt_groups_commits(struct kt_client *c, struct kt_group *const *v, size_t n,
	const rd_kafka_topic_partition_list_t *of, int64_t timeout_ms, struct kt_err *err) kt_must_check;

struct kt_logs_how {
	const struct rd_kafka_metadata *metadata; /* of all topics */
	struct kt_place at;                       /* what log.start is to be: KT_AT_END, … (not KT_AT_STORED) */
	bool ask_by_name; /* tells a topic that is gone from one that may not be seen; the mock would create it */
	int64_t timeout_ms;
};

/* Fills `held` after kt_group_logs(), as kt_offsetquery_stable() does. */
void kt_group_held(struct kt_client *stable, struct kt_group *group, int64_t timeout_ms);

/* Asks where the logs of the group's partitions begin and end. The partitions of its topics in which it has committed
 * nothing are added. */
int kt_group_logs(
	struct kt_client *c, struct kt_group *group, const struct kt_logs_how *how, struct kt_err *err) kt_must_check;

/* The entry of a partition, made when it is new; kt_group_settle() comes after the last of them. Addresses are valid
 * until the next one is made. */
struct kt_group_part *kt_group_part(struct kt_group *group, const char *topic, int32_t partition);

/* The entry of a partition after kt_group_settle(), or NULL. */
const struct kt_group_part *kt_group_find(const struct kt_group *group, const char *topic, int32_t partition);

/* Sorts the partitions, and makes one of what is known of the same partition. */
void kt_group_settle(struct kt_group *group);

/* Records between the committed offset and the end of the log; -1 when one of them is not known. */
int64_t kt_group_lag(const struct kt_group_part *part);

struct kt_group_total {
	int64_t lag;    /* records that the group has not read; -1 where any partition is not known, or none is there */
	int64_t known;  /* the same of the partitions that are known */
	int64_t unread; /* of these, those of partitions in which nothing is committed: all that the log holds */
	size_t uncommitted; /* partitions in which nothing is committed */
	size_t unknown;     /* partitions of which the log is not known */
};
struct kt_group_total kt_group_total(const struct kt_group *group);

/* True when the description says that it has members, seen or not. */
bool kt_group_is_active(const struct kt_group *group);

/* True for answers like "may not be seen by this client". */
bool kt_group_is_hidden(rd_kafka_resp_err_t code);

void kt_groups_fini(struct kt_groups *groups);

#endif
