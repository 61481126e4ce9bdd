#include "benchpace.h"

#include "list.h"
#include "num.h"

int kt_pace_ramp(struct kt_pace *p, const char *text, int64_t each_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	double n[3] = {0};
	kt_strs_split(&words, text, ":");
	bool fine = words.n == 3;
	for (size_t i = 0; fine && i < 3; i++)
		fine = kt_parse_double(words.v[i], &n[i], err) == 0 && n[i] >= KT_PACE_LEAST && n[i] <= KT_PACE_MOST;
	if (!fine || n[1] < n[0])
		return kt_err_set(err, KT_USAGE, "--ramp %s: expected FROM:TO:STEP, as in 1000:20000:1000", text);
	if ((n[1] - n[0]) / n[2] >= KT_PACE_STEPS)
		return kt_err_set(err, KT_USAGE, "--ramp %s: more than %d steps", text, KT_PACE_STEPS);
	if (each_ms < 100 || each_ms > 86400000)
		return kt_err_set(err, KT_USAGE, "--each: expected 100ms to a day");
	p->rate = n[0];
	p->by = n[2];
	p->each_us = each_ms * 1000;
	p->n_steps = (size_t)((n[1] - n[0]) / n[2] + 1e-9) + 1;
	for (size_t i = 0; i < p->n_steps; i++)
		p->first[i + 1] = p->first[i] + (int64_t)(kt_pace_rate(p, i) * (double)p->each_us / 1e6 + 0.5);
	return 0;
}

double kt_pace_rate(const struct kt_pace *p, size_t step)
{
	return p->rate + p->by * (double)step;
}

size_t kt_pace_step(const struct kt_pace *p, int64_t at_us)
{
	size_t step = p->n_steps ? (size_t)(at_us / p->each_us) : 0;
	return !p->n_steps || step < p->n_steps ? step : p->n_steps - 1;
}

static int64_t time_of(int64_t n, double rate)
{
	return (int64_t)((double)n * 1e6 / rate);
}

int64_t kt_pace_at(const struct kt_pace *p, int64_t n)
{
	size_t step = 0;
	if (!p->n_steps)
		return time_of(n, p->rate);
	while (step < p->n_steps && n >= p->first[step + 1])
		step++;
	if (step == p->n_steps)
		return INT64_MAX;
	return (int64_t)step * p->each_us + time_of(n - p->first[step], kt_pace_rate(p, step));
}

int64_t kt_pace_due(const struct kt_pace *p, int64_t at_us)
{
	size_t step = kt_pace_step(p, at_us);
	double rate = kt_pace_rate(p, step);
	int64_t within_us = at_us - (int64_t)step * p->each_us;
	int64_t due = (int64_t)((double)within_us * rate / 1e6);
	/* Rounded down like the times, so that the two agree. */
	while (time_of(due, rate) <= within_us)
		due++;
	if (!p->n_steps)
		return due;
	due += p->first[step];
	return due < p->first[step + 1] ? due : p->first[step + 1];
}
