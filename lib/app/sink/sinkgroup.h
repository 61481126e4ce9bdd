/* The group of a sink: what the store keeps is committed for it from time to time, so that whatever watches groups sees
 * the lag. Nothing depends on it: that it cannot be done is said once.
 *
 *   struct kt_sinkgroup g = {.name = "warehouse", .settings = &settings, .owner = &owner};
 *   kt_sinkgroup_commit(&g, parts, committed, n, false);           after each commit of the store
 *   kt_sinkgroup_commit(&g, parts, committed, n, true);            after the last one, however the run ended
 *   kt_sinkgroup_fini(&g);
 */
#ifndef KT_SINKGROUP_H
#define KT_SINKGROUP_H

#include "owner.h"
#include "partitions.h"
#include "settings.h"

struct kt_sinkgroup {
	const char *name; /* NULL: there is none, and nothing happens; borrowed, as the next two are */
	const struct kt_settings *settings;
	const struct kt_owner *owner; /* whose stop ends a commit, but for the last */
	/* The rest is sinkgroup.c's own. */
	struct kt_client *client;
	struct kt_owner own;
	struct kt_stop stop;
	int64_t due_us;
	bool said;
};

/* committed: offsets of the first n partitions. */
void kt_sinkgroup_commit(
	struct kt_sinkgroup *g, const struct kt_partitions *parts, const int64_t *committed, size_t n, bool last);

void kt_sinkgroup_fini(struct kt_sinkgroup *g);

#endif
