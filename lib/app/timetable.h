/* Who of a group's members is to join, leave or die when: "5" or "m2@1.5s", in the order of time.
 *
 *   kt_timetable_add(&t, KT_DO_KILL, "m2@5", err)
 *   kt_timetable_sort(&t);
 *   while ((a = kt_timetable_due(&t, now_ms))) …
 */
#ifndef KT_TIMETABLE_H
#define KT_TIMETABLE_H

#include "err.h"

enum kt_do { KT_DO_JOIN, KT_DO_LEAVE, KT_DO_KILL };

struct kt_appointment {
	int64_t at_ms;
	enum kt_do what;
	int64_t member; /* its number, from 1; 0 of KT_DO_JOIN */
};

struct kt_timetable {
	struct kt_appointment *v;
	size_t n, cap;
	size_t next; /* the first that was not given out yet */
};

/* text: a time since the start (as in num.h), and for others than joins the member in front of it: m2@5, 2@5. KT_USAGE.
 */
int kt_timetable_add(struct kt_timetable *t, enum kt_do what, const char *text, struct kt_err *err) kt_must_check;

/* By time; what was added first comes first at the same time. */
void kt_timetable_sort(struct kt_timetable *t);

/* KT_USAGE when an appointment is for a member that there will never be: members at the start, and those that join. */
int kt_timetable_check(const struct kt_timetable *t, int64_t members, struct kt_err *err) kt_must_check;

/* The next appointment whose time has come, or NULL. */
const struct kt_appointment *kt_timetable_due(struct kt_timetable *t, int64_t now_ms);

/* How long until the next one; INT64_MAX when there is none. */
int64_t kt_timetable_wait_ms(const struct kt_timetable *t, int64_t now_ms);

void kt_timetable_fini(struct kt_timetable *t);

#endif
