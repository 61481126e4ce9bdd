/* What a run waits for, said from the first second on.
 *
 *   kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = owner};
 *   while (…)                                               some times a second
 *           kt_waiting_say(&wait, "%s to answer", brokers);
 *
 * A run that waits for one thing after another needs one for each: the second counts from the first call. Between two
 * calls KT_WAITING_LOOK_US count at most: a process that stood still waited for nobody.
 */
#ifndef KT_WAITING_H
#define KT_WAITING_H

#include "owner.h"

enum { KT_WAITING_LOOK_US = 500000 };

struct kt_waiting {
	const struct kt_owner *owner; /* may be NULL; borrowed */
	int64_t start_us;             /* of kt_clock_us(); 0: the first call sets it */
	/* The rest is waiting.c's own. */
	int64_t looked_us, said_us;
	bool seen;
};

/* Tells the owner what is waited for: a phrase such as "broker:9092 to answer". Costs a look at the clock while there
 * is nothing to tell. True: it has waited for a second, and somebody sees it. */
bool kt_waiting_say(struct kt_waiting *wait, const char *format, ...) kt_printf(2, 3);

/* The wait is over; what is said next is another one. For kt_auto(). */
void kt_waiting_end(struct kt_waiting *wait);

#endif
