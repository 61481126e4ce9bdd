/* What the files of the overview share.
 *
 *   overview.c      who asks, and what they get
 *   overviewlook.c  what brokers are asked for
 */
#ifndef KT_OVERVIEW_OWN_H
#define KT_OVERVIEW_OWN_H

#include "client.h"
#include "list.h"

struct kt_overview_topic {
	char *name;
	int32_t partitions;
	int64_t records, written; /* -1: not known */
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
	struct kt_overview_topic *topics;
	size_t n_topics, cap_topics;
	struct kt_overview_group *groups;
	size_t n_groups, cap_groups;
};

/* Fills known (empty) with the topics of these patterns and the groups that read any of them. */
int kt_overview_look(struct kt_client *client, const struct kt_strs *topics, int64_t timeout_ms,
	struct kt_overview_known *known, struct kt_err *err) kt_must_check;

void kt_overview_known_fini(struct kt_overview_known *known);

#endif
