/* What the files of the overview share.
 *
 *   overview.c      who asks, and what they get
 *   overviewlook.c  what brokers are asked for
 *   overviewsizes.c what each of them is asked for itself, seldom, and beside the rest
 */
#ifndef KT_OVERVIEW_OWN_H
#define KT_OVERVIEW_OWN_H

#include "client.h"
#include "list.h"

/* A partition, and who leads it; -1: nobody. */
struct kt_overview_log {
	int32_t partition, leader;
};

struct kt_overview_topic {
	char *name;
	int32_t partitions;
	int64_t records, written;     /* -1: not known */
	struct kt_overview_log *logs; /* of its partitions */
};

struct kt_overview_broker {
	int32_t id;
	int port;
	char *host;
};

struct kt_overview_lag {
	char *topic;
	int64_t lag; /* -1: not known */
};

struct kt_overview_group {
	char *name;
	const char *state;
	int64_t members;              /* -1: not known */
	struct kt_overview_lag *lags; /* by topic */
	size_t n, cap;
};

/* As of a time. Sorted by name. */
struct kt_overview_known {
	int64_t at_ms;
	bool tells_groups;
	struct kt_overview_broker *brokers; /* none of the embedded one */
	size_t n_brokers, cap_brokers;
	struct kt_overview_topic *topics;
	size_t n_topics, cap_topics;
	struct kt_overview_group *groups;
	size_t n_groups, cap_groups;
};

/* Fills known (empty) with the topics of these patterns and the groups that read any of them. */
int kt_overview_look(struct kt_client *client, const struct kt_strs *topics, int64_t timeout_ms,
	struct kt_overview_known *known, struct kt_err *err) kt_must_check;

struct kt_overview_sizes;

/* How many bytes topics have, which brokers are asked for at leisure, on a thread: one that hangs holds up nothing
 * else. The settings and the stop, which ends the asking, are borrowed. */
int kt_overview_sizes_open(struct kt_overview_sizes **out, const struct kt_settings *settings,
	const struct kt_stop *stop, struct kt_err *err) kt_must_check;
/* Takes what was told meanwhile, and asks about these topics when it is time to. */
void kt_overview_sizes_renew(struct kt_overview_sizes *sizes, const struct kt_overview_known *known);
/* Of one copy, as the leaders of its partitions have it; -1: not known. */
int64_t kt_overview_sizes_of(const struct kt_overview_sizes *sizes, const struct kt_overview_topic *topic);
/* Does nothing for NULL. */
void kt_overview_sizes_close(struct kt_overview_sizes *sizes);

void kt_overview_known_fini(struct kt_overview_known *known);

#endif
