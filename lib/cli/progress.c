#include "progress.h"

#include "num.h"
#include "say.h"
#include "when.h"

enum { FIRST_US = 1000000, EVERY_US = 200000 };

void kt_progress_records(struct kt_progress *p, int64_t records)
{
	char count[32], rate[32];
	int64_t now_us = kt_clock_us(), since_us = now_us - p->shown_us;
	if (!p->start_us)
		p->start_us = p->shown_us = now_us;
	if (now_us - p->start_us < FIRST_US || since_us < EVERY_US)
		return;
	kt_say_progress("%s records, %s/s", kt_group_digits(records, count),
		kt_group_digits((int64_t)((double)(records - p->shown) * 1e6 / (double)since_us), rate));
	p->shown_us = now_us;
	p->shown = records;
}
