/* How many requests per second each client may make: as many at once as in a second, then one after another.
 *
 *   struct kt_allowance *a = kt_allowance_new(100);
 *   if (!kt_allowance_take(a, who, kt_clock_us())) … 429 …
 *   kt_allowance_free(a);
 *
 * Clients are numbers, such as addresses. Memory does not grow with them: two may share one allowance, by a chance of
 * one in 65,536 for each other client there is, and which ones cannot be foreseen.
 */
#ifndef KT_ALLOWANCE_H
#define KT_ALLOWANCE_H

#include "base.h"

enum { KT_ALLOWANCE_MOST = 1000000 }; /* per second */

struct kt_allowance;

/* rate: 1 to KT_ALLOWANCE_MOST. */
struct kt_allowance *kt_allowance_new(int64_t rate);

/* Whether this client may make a request now; if so it is counted. */
bool kt_allowance_take(struct kt_allowance *a, uint64_t who, int64_t now_us);

void kt_allowance_free(struct kt_allowance *a);

#endif
