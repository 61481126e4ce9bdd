/* So many things per second: an allowance that grows with time, but is not saved up while nothing asks for it.
 *
 *   struct kt_ratelimit pace = {.rate = 100};
 *   while (done < kt_ratelimit_due(&pace, done)) do_one(), done++;
 *   kt_wait(…, kt_ratelimit_wait_ms(&pace));
 */
#ifndef KT_RATELIMIT_H
#define KT_RATELIMIT_H

#include "base.h"

enum { KT_RATELIMIT_MOST = 1000000000 };

struct kt_ratelimit {
	int64_t rate; /* per second, 1 to KT_RATELIMIT_MOST; 0: no limit */
	int64_t due;  /* so many were allowed at at_us */
	int64_t at_us;
};

/* How many may have been done by now, when `done` have been. A burst after an idle time is a tenth of a second's worth.
 */
int64_t kt_ratelimit_due(struct kt_ratelimit *p, int64_t done);

/* How long to wait for the next one. */
int64_t kt_ratelimit_wait_ms(const struct kt_ratelimit *p);

#endif
