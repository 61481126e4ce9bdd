#include "benchstats.h"

#include <math.h>

#include "mem.h"

enum { ROWS = 100000, KNEE_TIMES = 10, KNEE_US = 10000, BEHIND_US = 100000 };

/* Of kt_benchdone. */
enum { PLACE_BITS = 10, PLACES = 1 << 20 };

void kt_benchstats_init(struct kt_benchstats *s, int64_t warm_us, int64_t interval_us, const struct kt_pace *pace)
{
	s->warm_us = s->part_us = warm_us;
	s->interval_us = interval_us;
	s->pace = pace;
	s->first_us = -1;
	if (!pace || !pace->n_steps)
		return;
	s->steps = kt_calloc(pace->n_steps, sizeof(*s->steps));
	s->whole = pace->n_steps;
}

void kt_benchstats_sent(struct kt_benchstats *s, int64_t intended_us, int64_t at_us)
{
	if (intended_us < s->warm_us)
		return;
	kt_histogram_add(&s->delay, at_us - intended_us);
	s->late += at_us - intended_us > KT_BENCH_LATE_US;
}

/* Twice as wide places, so that a run of days needs no more of them. */
static void widen(struct kt_benchdone *d)
{
	for (size_t i = 0; i < d->n; i += 2)
		d->v[i / 2] = d->v[i] + (i + 1 < d->n ? d->v[i + 1] : 0);
	d->n = (d->n + 1) / 2;
	d->shift++;
}

static void note_done(struct kt_benchdone *d, int64_t at_us)
{
	if (!d->n)
		d->first_us = at_us;
	int64_t since_us = at_us > d->first_us ? at_us - d->first_us : 0;
	while (since_us >> (PLACE_BITS + d->shift) >= PLACES)
		widen(d);
	size_t place = (size_t)(since_us >> (PLACE_BITS + d->shift));
	d->v = kt_grow(d->v, &d->cap, place + 1, sizeof(*d->v));
	for (; d->n <= place; d->n++)
		d->v[d->n] = 0;
	d->v[place]++;
}

/* How long after the first one n were done. */
static double done_after_us(const struct kt_benchdone *d, double n)
{
	double seen = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i] && seen + d->v[i] >= n)
			return ((double)i + (n - seen) / d->v[i]) * (double)(INT64_C(1) << (PLACE_BITS + d->shift));
		seen += d->v[i];
	}
	return 0;
}

static void span(int64_t *first_us, int64_t *last_us, int64_t at_us)
{
	if (*first_us < 0 || at_us < *first_us)
		*first_us = at_us;
	*last_us = at_us > *last_us ? at_us : *last_us;
}

void kt_benchstats_done(struct kt_benchstats *s, int64_t intended_us, int64_t at_us, int64_t bytes)
{
	if (s->warm_us && intended_us < s->warm_us)
		return;
	kt_histogram_add(&s->part, at_us - intended_us);
	kt_benchstats_count(s, 1, bytes, at_us);
	if (s->steps) {
		struct kt_benchstep *step = &s->steps[kt_pace_step(s->pace, intended_us)];
		kt_histogram_add(&step->latency, at_us - intended_us);
		note_done(&step->done, at_us);
	} else if (s->pace && s->pace->rate > 0) {
		note_done(&s->done, at_us);
	}
}

void kt_benchstats_count(struct kt_benchstats *s, int64_t n, int64_t bytes, int64_t at_us)
{
	if (at_us < s->warm_us)
		return;
	s->n += n;
	s->bytes += bytes;
	s->part_n += n;
	s->part_bytes += bytes;
	span(&s->first_us, &s->last_us, at_us);
}

void kt_benchstats_failed(struct kt_benchstats *s, int64_t intended_us)
{
	if (intended_us < s->warm_us)
		return;
	s->failed++;
	s->part_failed++;
	if (s->steps)
		s->steps[kt_pace_step(s->pace, intended_us)].failed++;
}

void kt_benchstats_refused(struct kt_benchstats *s, int64_t intended_us)
{
	if (intended_us < s->warm_us)
		return;
	s->refused++;
	s->part_refused++;
}

static const struct kt_benchrow *close_part(struct kt_benchstats *s, int64_t to_us)
{
	struct kt_histogram *h = &s->part;
	s->rows = kt_grow(s->rows, &s->rows_cap, s->n_rows + 1, sizeof(*s->rows));
	/* A run of days keeps its newest intervals. */
	if (s->n_rows == ROWS)
		memmove(s->rows, s->rows + 1, --s->n_rows * sizeof(*s->rows));
	s->rows[s->n_rows] = (struct kt_benchrow){
		.from_us = s->part_us,
		.to_us = to_us,
		.n = s->part_n,
		.bytes = s->part_bytes,
		.failed = s->part_failed,
		.refused = s->part_refused,
		.p50_us = kt_histogram_at(h, 0.5),
		.p99_us = kt_histogram_at(h, 0.99),
		.max_us = h->max,
	};
	kt_histogram_merge(&s->latency, h);
	*h = (struct kt_histogram){0};
	s->part_us = to_us;
	s->part_n = s->part_bytes = s->part_failed = s->part_refused = 0;
	return &s->rows[s->n_rows++];
}

const struct kt_benchrow *kt_benchstats_turn(struct kt_benchstats *s, int64_t now_us)
{
	return now_us >= s->part_us + s->interval_us ? close_part(s, s->part_us + s->interval_us) : NULL;
}

const struct kt_benchrow *kt_benchstats_end(struct kt_benchstats *s, int64_t now_us)
{
	bool any = s->part_n || s->part_failed;
	return any && now_us > s->part_us ? close_part(s, now_us) : NULL;
}

double kt_benchstats_seconds(const struct kt_benchstats *s)
{
	int64_t from_us = s->begin_us > s->warm_us ? s->begin_us : s->warm_us;
	return s->first_us < 0 ? 0 : (double)(s->last_us - from_us) / 1e6;
}

double kt_benchstats_rate(const struct kt_benchstats *s)
{
	double seconds = kt_benchstats_seconds(s);
	return seconds > 0 ? (double)s->n / seconds : 0;
}

struct span_of {
	double n, failed;           /* things */
	double took_us, planned_us; /* until 99 % of them */
};

static struct span_of span_of(const struct kt_benchstats *s, int step)
{
	const struct kt_benchstep *one = step >= 0 ? &s->steps[step] : NULL;
	struct span_of span = {.n = one ? (double)one->latency.n : (double)s->n};
	double most = ceil(KT_BENCH_ACHIEVED * span.n), rate = kt_pace_rate(s->pace, one ? (size_t)step : 0);
	span.failed = one ? (double)one->failed : (double)s->failed;
	span.planned_us = span.n > 0 ? most * (span.n + span.failed) / span.n / rate * 1e6 : 0;
	span.took_us = done_after_us(one ? &one->done : &s->done, most);
	return span;
}

double kt_benchstats_achieved(const struct kt_benchstats *s, int step)
{
	struct span_of span = span_of(s, step);
	if (span.n < 1)
		return 0;
	double share = span.planned_us < span.took_us ? span.planned_us / span.took_us : 1;
	return share * span.n / (span.n + span.failed);
}

bool kt_benchstats_held(const struct kt_benchstats *s, int step)
{
	struct span_of span = span_of(s, step);
	bool most_came = span.n > 0 && span.n >= KT_BENCH_ACHIEVED * (span.n + span.failed);
	return most_came &&
	       (kt_benchstats_achieved(s, step) >= KT_BENCH_ACHIEVED || span.took_us - span.planned_us <= BEHIND_US);
}

int kt_benchstats_knee(const struct kt_benchstats *s)
{
	int knee = -1;
	int64_t most_us = KNEE_TIMES * kt_histogram_at(&s->steps[0].latency, 0.99);
	most_us = most_us > KNEE_US ? most_us : KNEE_US;
	for (int i = 0; i < (int)s->whole; i++) {
		if (!kt_benchstats_held(s, i) || kt_histogram_at(&s->steps[i].latency, 0.99) > most_us)
			break;
		knee = i;
	}
	return knee;
}

void kt_benchstats_fini(struct kt_benchstats *s)
{
	for (size_t i = 0; s->steps && i < s->pace->n_steps; i++)
		free(s->steps[i].done.v);
	free(s->rows);
	free(s->steps);
	free(s->done.v);
	s->rows = NULL;
	s->steps = NULL;
}
