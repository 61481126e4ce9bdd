/* Counters of one source that is scraped again and again: by how much they grew. A counter that falls belongs to a
 * process that was restarted, so what it shows is what it grew by.
 *
 *   kt_counters_begin(&c);
 *   kt_counters_add(&c, "topic=\"a\"", 42);                  each sample; those of one label are summed
 *   double grown = kt_counters_end(&c);                      c.v[i].grown, too
 *
 * A label is any text that tells a counter from the others: the whole set of its labels, or nothing.
 */
#ifndef KT_COUNTERS_H
#define KT_COUNTERS_H

#include "base.h"

/* Labels; what is beyond is summed up as "". Those that have gone are forgotten when half of that is reached. */
enum { KT_COUNTERS_MAX = 65536 };

struct kt_counter {
	char *label;
	double now, last, grown;
	bool known; /* it was there the last time */
	bool seen;  /* it is there this time */
};

struct kt_counters {
	struct kt_counter *v;
	size_t n, cap;
	size_t next;     /* where the next label is, if they come in the order of the last time */
	uint32_t *table; /* by hash: a place in v and 1; 0: free */
	size_t table_cap;
	bool scraped; /* once at least */
};

void kt_counters_begin(struct kt_counters *c);
void kt_counters_add(struct kt_counters *c, const char *label, double value);

/* By how much all of them grew since the last time; 0 the first time. What a new counter has taken over from those that
 * have gone, as a sum of what ended does, is not a growth. */
double kt_counters_end(struct kt_counters *c);

void kt_counters_fini(struct kt_counters *c);

#endif
