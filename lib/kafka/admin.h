/* Admin requests to a real cluster, waited for within a limit. */
#ifndef KT_ADMIN_H
#define KT_ADMIN_H

#include "client.h"

struct kt_new_topic {
	const char *name;
	int partitions;         /* -1: as many as the broker's default says */
	int replication_factor; /* -1: the broker's default */
};

/* Creates the topic and waits until the controller says it is done, timeout_ms, or a signal. Returns 0, or 1 when it
 * was there already and that is no error (if_not_exists), or -1: KT_USAGE for a name or number that cannot be, else
 * KT_FAILED with the broker's reason or KT_UNREACHABLE. */
int kt_topic_create(struct kt_client *c, const struct kt_new_topic *topic, bool if_not_exists, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

#endif
