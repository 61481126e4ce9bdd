/* Who of a group's members is to join, leave or die when: "5" or "m2@1.5s", in the order of time.
 *
 *   kt_schedule_add(&t, KT_DO_KILL, "m2@5", err)
 *   kt_schedule_sort(&t);
 *   while ((a = kt_schedule_due(&t, now_ms))) …
 */
#ifndef KT_SCHEDULE_H
#define KT_SCHEDULE_H

#include "err.h"

enum kt_do { KT_DO_JOIN, KT_DO_LEAVE, KT_DO_KILL };

struct kt_appointment {
	int64_t at_ms;
	enum kt_do what;
	int64_t member; /* its number, from 1; 0 of KT_DO_JOIN */
};

struct kt_schedule {
	struct kt_appointment *v;
	size_t n, cap;
	size_t next; /* the first that was not given out yet */
};

/* text: a time since the start (as in num.h), and for others than joins the member in front of it: m2@5, 2@5. KT_USAGE.
 */
int kt_schedule_add(struct kt_schedule *t, enum kt_do what, const char *text, struct kt_err *err) kt_must_check;

/* By time; what was added first comes first at the same time. */
void kt_schedule_sort(struct kt_schedule *t);

/* KT_USAGE when an appointment is for a member that there will never be: members at the start, and those that join. */
int kt_schedule_check(const struct kt_schedule *t, int64_t members, struct kt_err *err) kt_must_check;

/* The next appointment whose time has come, or NULL. */
const struct kt_appointment *kt_schedule_due(struct kt_schedule *t, int64_t now_ms);

/* How long until the next one; INT64_MAX when there is none. */
int64_t kt_schedule_wait_ms(const struct kt_schedule *t, int64_t now_ms);

void kt_schedule_fini(struct kt_schedule *t);

#endif
