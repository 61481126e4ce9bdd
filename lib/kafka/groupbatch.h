/* Requests about many groups: some hundred at a time, and again about those whose coordinator is just being chosen or
 * still reads its log. Shared by groups.c, which asks, and groupedit.c, which changes.
 *
 *   static int ask(c, v, n, rounds, left_ms, err)      one request, or n; leaves each group's answer in its code
 *   kt_groupbatch_run(c, v, n, &(struct kt_groupbatch){.ask = ask, .timeout_ms = timeout_ms}, err)
 *
 * One request alone is tried in the same way:
 *
 *   struct kt_grouptries tries = {.timeout_ms = timeout_ms};
 *   do
 *           code = ask_once(c, kt_grouptries_ms(&tries));
 *   while (kt_grouptries_again(&tries, c, code));
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

/* Start with 0 but for the limit. */
struct kt_grouptries {
	int64_t timeout_ms; /* for all of them */
	int64_t start_us, share_ms, left_ms;
};

/* How long the next try may take: two seconds, then twice as long as the one before, and no longer than is left. The
 * library (2.0.2) asks for a coordinator twice; told both times that there is none yet, as while the cluster makes its
 * topic for groups, it does nothing more until the request's time is over. */
int64_t kt_grouptries_ms(struct kt_grouptries *tries);

/* True when the next try may succeed, and there is time left for it. */
bool kt_grouptries_passing(const struct kt_grouptries *tries, rd_kafka_resp_err_t code);

/* The same, after a short pause. */
bool kt_grouptries_again(struct kt_grouptries *tries, const struct kt_client *c, rd_kafka_resp_err_t code);

/* Asks about the groups whose code is 0. A group that is asked about again has the code that it got last. */
int kt_groupbatch_run(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	struct kt_err *err) kt_must_check;

#endif
