/* Several things to do, of which some may fail: each failure is a line on stderr at once, and in the end the count of
 * them is the error. A single thing fails with its own error.
 *
 *   struct kt_several several = {.kind = "topic", .done_word = "deleted", .total = names.n};
 *   for (size_t i = 0; i < names.n; i++) {
 *           struct kt_err one = {0};
 *           if (!kt_several_add(&several, delete(names.v[i], &one), &one))
 *                   break;
 *   }
 *   return kt_several_close(&several, err);
 */
#ifndef KT_SEVERAL_H
#define KT_SEVERAL_H

#include "err.h"

struct kt_several {
	const char *kind;      /* "topic"; several are "topics" */
	const char *done_word; /* what is not so for those that failed: "deleted" */
	size_t total;
	size_t done, failed;
	struct kt_err first; /* the first failure */
	bool mixed;          /* a later one had another status */
	bool partial;        /* of one that failed a part was done (KT_PARTIAL) */
	bool stopped;
};

/* Notes what became of one: result < 0 is a failure with `one` filled. False when going on is of no use: after a
 * signal, or when no broker answers. What is left then counts as not done. */
bool kt_several_add(struct kt_several *several, int result, const struct kt_err *one);

/* 0 when all was done. Else -1 and err: KT_PARTIAL when some were, or a part of one, the failures' own status when all
 * have the same, KT_FAILED when not; a signal's status in any case. */
int kt_several_close(const struct kt_several *several, struct kt_err *err) kt_must_check;

#endif
