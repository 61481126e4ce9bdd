/* The names that a cluster knows, for completion. */
#ifndef KT_CLUSTERNAMES_H
#define KT_CLUSTERNAMES_H

#include "err.h"
#include "list.h"
#include "owner.h"
#include "settings.h"

/* Each appends what the cluster of these settings answers within timeout_ms. */
int kt_clusternames_topics(struct kt_strs *out, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;
int kt_clusternames_groups(struct kt_strs *out, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;

#endif
