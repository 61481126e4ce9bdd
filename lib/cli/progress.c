#include "progress.h"

#include "num.h"
#include "say.h"
#include "when.h"

enum { FIRST_US = 1000000, EVERY_US = 200000 };

/* ", 42%, 1 min 5 s left" into out, or nothing. */
static const char *rest(const struct kt_progress *p, int64_t now_us, char *out, size_t size)
{
	char left[32];
	*out = '\0';
	if (p->done <= 0 || p->total <= p->done)
		return out;
	double share = (double)p->done / (double)p->total;
	double left_ms = (double)(now_us - p->start_us) / 1000 * (1 - share) / share;
	snprintf(out, size, ", %d%%, %s left", (int)(share * 100),
		kt_show_ms((int64_t)(left_ms < 1e15 ? left_ms : 1e15) / 1000 * 1000, left));
	return out;
}

void kt_progress_records(struct kt_progress *p, int64_t records)
{
	char count[32], rate[32], more[64];
	int64_t now_us = kt_clock_us(), since_us = now_us - p->shown_us;
	if (!p->start_us)
		p->start_us = p->shown_us = now_us;
	if (now_us - p->start_us < FIRST_US || since_us < EVERY_US)
		return;
	kt_say_progress("%s record%s, %s/s%s", kt_group_digits(records, count), kt_plural(records),
		kt_group_digits((int64_t)((double)(records - p->shown) * 1e6 / (double)since_us), rate),
		rest(p, now_us, more, sizeof(more)));
	p->shown_us = now_us;
	p->shown = records;
}
