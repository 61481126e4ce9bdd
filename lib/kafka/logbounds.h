/* How far topics reach at this moment, asked once with a handle of its own. */
#ifndef KT_LOGBOUNDS_H
#define KT_LOGBOUNDS_H

#include "list.h"
#include "owner.h"
#include "partitions.h"
#include "settings.h"

/* Adds every partition of the topics, with begin, log_end and end (the same). Reaches the cluster: fails as
 * kt_client_topic() does. */
int kt_logbounds(struct kt_partitions *out, const struct kt_settings *settings, const struct kt_owner *owner,
	const struct kt_strs *topics, int64_t timeout_ms, struct kt_err *err) kt_must_check;

#endif
