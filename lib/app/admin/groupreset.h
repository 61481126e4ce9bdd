/* The two ends of a reset of a group's committed offsets that speak to the cluster: which partitions it is about, and
 * carrying out its plan. groupplan.h is between them.
 *
 *   if (kt_groupreset_topics(&set, group, &how, err) < 0 || kt_groupselect_logs(&set, group, at, err) < 0)
 *           return -1;
 *   kt_plan_make(&plan, group, &how);
 *   return kt_groupreset_commit(&set, owner, group, &plan, err);
 */
#ifndef KT_GROUPRESET_H
#define KT_GROUPRESET_H

#include "groupplan.h"
#include "groupselect.h"

/* Adds to the group a partition of each topic that how names, or that how->other has committed in where it names none:
 * all others come with the logs. After kt_groupselect_commits(). KT_NOT_FOUND for a topic that does not exist. */
int kt_groupreset_topics(struct kt_groupselect *set, struct kt_group *group, const struct kt_plan_how *how,
	struct kt_err *err) kt_must_check;

/* Commits what the plan moves, unless the group has members; says what was refused, and how many were reset. KT_PARTIAL
 * or KT_FAILED when some, or all, stay where they are. */
int kt_groupreset_commit(struct kt_groupselect *set, const struct kt_owner *owner, const struct kt_group *group,
	const struct kt_plan *plan, struct kt_err *err) kt_must_check;

#endif
