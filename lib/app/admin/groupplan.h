/* What a reset of a group's committed offsets would do, partition by partition, before anything is done.
 *
 *   kt_auto(kt_plan_fini) struct kt_plan plan = {0};
 *   kt_plan_make(&plan, group, &how);
 *   for (size_t i = 0; i < plan.n; i++) … plan.v[i].to …
 */
#ifndef KT_GROUPPLAN_H
#define KT_GROUPPLAN_H

#include "buf.h"
#include "groupcsv.h"
#include "groups.h"
#include "list.h"
#include "offsets.h"

/* Partitions in a row of a topic, or of all topics that match a pattern as in match.h. */
struct kt_plan_topic {
	char *name;
	int32_t first, last;
};

struct kt_plan_topics {
	struct kt_plan_topic *v;
	size_t n, cap;
};

/* Adds what text means: "client58", "client58:0,4-7" (two entries), "exp*". KT_USAGE. */
int kt_plan_topic(struct kt_plan_topics *topics, const char *text, struct kt_err *err) kt_must_check;
/* Adds the partition. */
void kt_plan_partition(struct kt_plan_topics *topics, const char *name, int32_t partition);
bool kt_plan_covers(const struct kt_plan_topic *topic, const char *name, int32_t partition);
void kt_plan_topics_fini(struct kt_plan_topics *topics);

enum kt_plan_by {
	KT_PLAN_START,   /* the place that kt_group_logs() was asked for */
	KT_PLAN_SHIFT,   /* the committed offset and `shift` */
	KT_PLAN_CURRENT, /* the committed offset, and where there is none the end of the log: --to-current of Kafka's
			    tool */
	KT_PLAN_FILE,    /* what `file` says; where it says nothing, nothing */
	KT_PLAN_OTHER,   /* what the group `other` has committed */
};

struct kt_plan_how {
	enum kt_plan_by by;
	int64_t shift; /* 0: as it is, but inside the log */
	const struct kt_group *other;
	const struct kt_groupcsv *file;
	const struct kt_plan_topics *topics; /* no topics: every partition */
};

/* Why a partition is not moved, or not where it was asked for; kt_plan_notes has the words. */
enum kt_plan_note {
	KT_PLAN_PLAIN,
	KT_PLAN_BEGIN,  /* the log begins later than asked for */
	KT_PLAN_END,    /* the log ends earlier than asked for */
	KT_PLAN_NONE,   /* nothing is committed that could be shifted or copied */
	KT_PLAN_FIRST,  /* nothing is committed: the end of the log */
	KT_PLAN_HIDDEN, /* its log is not known: the part's code says why */
};
extern const char *const kt_plan_notes[];

struct kt_plan_row {
	const struct kt_group_part *part; /* borrowed from the group */
	int64_t to;                       /* KT_NO_OFFSET: stays as it is */
	enum kt_plan_note note;
};

struct kt_plan {
	struct kt_plan_row *v;
	size_t n;
	size_t moved;  /* rows with an offset in `to` */
	size_t none;   /* rows that stay as they are, as nothing is committed */
	size_t hidden; /* rows that nothing can be done about */
};

/* The first entry of how->topics of which no partition is in the plan, or NULL. */
const struct kt_plan_topic *kt_plan_unmet(const struct kt_plan *plan, const struct kt_plan_topics *topics);

/* The group has been through kt_group_logs(). Offsets are kept inside the log. */
void kt_plan_make(struct kt_plan *plan, const struct kt_group *group, const struct kt_plan_how *how);

/* Refuses an offset, of KT_PLAN_START, that is beyond the end of a log: as its end it would skip records in silence.
 * at: the place that kt_group_logs() was asked for. KT_FAILED. */
int kt_plan_check(const struct kt_plan *plan, const struct kt_plan_how *how, struct kt_place at,
	struct kt_err *err) kt_must_check;

void kt_plan_fini(struct kt_plan *plan);

#endif
