/* The inside of an audit. Its parts:
 *
 *   groupaudit.c    takes down what happens, and judges
 *   groupverdict.c  says the verdict, with what was found one by one
 *
 * Included by these and nothing else.
 */
#ifndef KT_GROUPAUDIT_OWN_H
#define KT_GROUPAUDIT_OWN_H

#include "buf.h"
#include "groupaudit.h"

enum { KT_GROUPAUDIT_NOBODY = -1 };

/* Why a record was read again. Those up to KT_WHY_UNANSWERED are what at-least-once means; the others should not be. */
enum kt_groupaudit_why {
	KT_WHY_KILLED,
	KT_WHY_LOST,
	KT_WHY_REFUSED,
	KT_WHY_UNANSWERED,
	KT_WHY_UNCOMMITTED,
	KT_WHY_COMMITTED,
	KT_WHY_BOTH,
	KT_WHY_ITSELF,
};

/* Something to be reported: offsets read again or passed over, or a time with two owners. */
struct kt_groupaudit_finding {
	size_t topic;
	int32_t partition;
	int a, b;           /* members by number, or KT_GROUPAUDIT_NOBODY */
	int64_t from, next; /* offsets, or times */
	int64_t n;          /* records in between */
	enum kt_groupaudit_why why;
	bool over; /* of a time */
};

struct kt_groupaudit_findings {
	struct kt_groupaudit_finding v[KT_GROUPAUDIT_TOLD];
	size_t n;
};

struct kt_groupaudit_moved {
	char text[48];
	size_t topic;
	int32_t was, is;
};

struct kt_groupaudit {
	struct kt_strs members, topics;
	struct kt_groupaudit_part *parts; /* sorted by topic and partition */
	size_t n, cap;
	struct kt_groupaudit_findings repeats, gaps, overlaps;
	struct kt_groupaudit_key *keys;
	struct kt_groupaudit_moved moved[8];
	struct kt_verdict sums;
	char refusal[256]; /* the last reason of a refused commit */
};

/* Adds the sentences of kt_groupaudit_judge(). */
void kt_groupverdict_tell(
	const struct kt_groupaudit *l, const struct kt_verdict *v, int64_t now_us, struct kt_strs *lines);

#endif
