/* So many things per second: an allowance that grows with time, but is not saved up while nothing asks for it.
 *
 *   struct kt_pace pace = {.rate = 100};
 *   while (done < kt_pace_due(&pace, done)) do_one(), done++;
 *   kt_wait(…, kt_pace_wait_ms(&pace));
 */
#ifndef KT_PACE_H
#define KT_PACE_H

#include "base.h"

enum { KT_PACE_MOST = 1000000000 };

struct kt_pace {
	int64_t rate; /* per second, 1 to KT_PACE_MOST; 0: no limit */
	int64_t due;  /* so many were allowed at at_us */
	int64_t at_us;
};

/* How many may have been done by now, when `done` have been. A burst after an idle time is a tenth of a second's worth.
 */
int64_t kt_pace_due(struct kt_pace *p, int64_t done);

/* How long to wait for the next one. */
int64_t kt_pace_wait_ms(const struct kt_pace *p);

#endif
