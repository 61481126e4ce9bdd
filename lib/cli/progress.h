/* How far a long run has come, on the terminal's last line: after the first second, five times a second at most, and
 * nothing at all where stderr is not a terminal.
 *
 *   struct kt_progress progress = {0};
 *   … kt_progress_records(&progress, count);            in the loop; costs a look at the clock
 */
#ifndef KT_PROGRESS_H
#define KT_PROGRESS_H

#include "base.h"

struct kt_progress {
	int64_t start_us, shown_us;
	int64_t shown; /* records at that time */
	/* Where the end is known, in whatever unit: how much of how much is done. The caller keeps them; total 0: it is
	 * not known. */
	int64_t done, total;
};

/* Shows the number of records, the rate since it was shown last, and where the end is known how much is done and how
 * long the rest will take at the speed until now. */
void kt_progress_records(struct kt_progress *p, int64_t records);

#endif
