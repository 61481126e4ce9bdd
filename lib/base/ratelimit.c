#include "ratelimit.h"

#include "when.h"

int64_t kt_ratelimit_due(struct kt_ratelimit *p, int64_t done)
{
	int64_t now_us = kt_clock_us();
	if (!p->rate)
		return INT64_MAX;
	if (!p->at_us) {
		p->at_us = now_us;
		p->due = 1;
	}
	int64_t most = done + p->rate / 10 + 1;
	int64_t due = p->due + (now_us - p->at_us) / 1000 * p->rate / 1000;
	if (due <= most)
		return due;
	p->due = most;
	p->at_us = now_us;
	return most;
}

int64_t kt_ratelimit_wait_ms(const struct kt_ratelimit *p)
{
	return 1 + 1000 / p->rate;
}
