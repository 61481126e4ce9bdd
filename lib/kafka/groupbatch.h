/* Requests about many groups: some hundred at a time, and again about those whose coordinator is just being chosen or
 * still reads its log. Shared by groups.c, which asks, and groupedit.c, which changes.
 *
 *   static int ask(c, v, n, rounds, left_ms, err)      one request, or n; leaves each group's answer in its code
 *   kt_groupbatch_run(c, v, n, &(struct kt_groupbatch){.ask = ask, .timeout_ms = timeout_ms}, err)
 */
#ifndef KT_GROUPBATCH_H
#define KT_GROUPBATCH_H

#include "groups.h"

struct kt_groupbatch {
	int (*ask)(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
		int64_t left_ms, struct kt_err *err);
	const rd_kafka_topic_partition_list_t *of; /* for ask */
	int64_t timeout_ms;
};

/* True when the next try may succeed. */
bool kt_groupbatch_passing(rd_kafka_resp_err_t code);

/* Asks about the groups whose code is 0. */
int kt_groupbatch_run(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	struct kt_err *err) kt_must_check;

#endif
