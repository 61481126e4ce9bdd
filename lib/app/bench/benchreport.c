#include "benchreport.h"

#include "benchpage.h"

#include <math.h>

#include "ending.h"
#include "file.h"
#include "jsonout.h"
#include "num.h"
#include "when.h"

#define MIB (1024.0 * 1024.0)

static const struct {
	const char *name, *json;
	double share;
} percentiles[] = {
	{"P50", "p50", 0.5},
	{"P75", "p75", 0.75},
	{"P90", "p90", 0.9},
	{"P95", "p95", 0.95},
	{"P99", "p99", 0.99},
	{"P99.9", "p99.9", 0.999},
	{"P99.99", "p99.99", 0.9999},
};

static double ms(int64_t us)
{
	return (double)us / 1000;
}

static bool is_open(const struct kt_benchrun *run)
{
	return run->pace.rate > 0;
}

void kt_benchreport_head(const struct kt_benchrun *run, struct kt_buf *out)
{
	kt_buf_addf(out, "%8s %12s %12s %10s", "SECOND", "DONE", "PER SECOND", "MIB/S");
	if (!run->stats.untimed)
		kt_buf_addf(out, " %10s %10s %10s %8s", "P50 MS", "P99 MS", "MAX MS", "FAILED");
	kt_buf_addc(out, '\n');
}

static double row_rate(const struct kt_benchrow *row, int64_t n)
{
	return (double)n * 1e6 / (double)(row->to_us - row->from_us);
}

void kt_benchreport_row(const struct kt_benchrun *run, struct kt_buf *out, const struct kt_benchrow *row)
{
	kt_buf_addf(out, "%8.2f %12lld %12.1f %10.2f", (double)row->to_us / 1e6, (long long)row->n,
		row_rate(row, row->n), row_rate(row, row->bytes) / MIB);
	if (!run->stats.untimed)
		kt_buf_addf(out, " %10.2f %10.2f %10.2f %8lld", ms(row->p50_us), ms(row->p99_us), ms(row->max_us),
			(long long)row->failed);
	kt_buf_addc(out, '\n');
}

static void add_latency(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_histogram *h = &run->stats.latency;
	kt_buf_addf(out, "\n%-10s %9s %9s", "LATENCY MS", "MEAN", "SD");
	for (size_t i = 0; i < KT_LEN(percentiles); i++)
		kt_buf_addf(out, " %9s", percentiles[i].name);
	kt_buf_addf(out, " %9s\n%-10s %9.2f %9.2f", "MAX", "", kt_histogram_mean(h) / 1000,
		kt_histogram_deviation(h) / 1000);
	for (size_t i = 0; i < KT_LEN(percentiles); i++)
		kt_buf_addf(out, " %9.2f", ms(kt_histogram_at(h, percentiles[i].share)));
	kt_buf_addf(out, " %9.2f\n", ms(h->max));
}

static void add_ramp(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_benchstats *s = &run->stats;
	int knee = kt_benchstats_knee(s);
	kt_buf_addf(out, "\n%12s %10s %12s %10s %10s %10s %8s\n", "ASKED/S", "ACHIEVED", "DONE", "P50 MS", "P99 MS",
		"MAX MS", "FAILED");
	for (size_t i = 0; i < s->pace->n_steps; i++) {
		const struct kt_benchstep *step = &s->steps[i];
		const struct kt_histogram *h = &step->latency;
		if (!h->n && !step->failed)
			break;
		kt_buf_addf(out, "%12.1f %9.1f%% %12lld %10.2f %10.2f %10.2f %8lld\n", kt_pace_rate(s->pace, i),
			100 * kt_benchstats_achieved(s, (int)i), (long long)h->n, ms(kt_histogram_at(h, 0.5)),
			ms(kt_histogram_at(h, 0.99)), ms(h->max), (long long)step->failed);
	}
	if (!s->whole)
		kt_buf_adds(out, "knee: not known, the run ended within the first rate\n");
	else if (knee < 0)
		kt_buf_adds(out, "knee: below the first rate\n");
	else if ((size_t)knee + 1 == s->whole)
		kt_buf_addf(out, "knee: not reached at %.1f per second%s\n", kt_pace_rate(s->pace, (size_t)knee),
			s->whole < s->pace->n_steps ? "; the run ended within the next rate" : "");
	else
		kt_buf_addf(out, "knee: %.1f per second; the next rate does not hold\n",
			kt_pace_rate(s->pace, (size_t)knee));
}

static void add_loop(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_benchstats *s = &run->stats;
	char late[32];
	if (!run->how.rate)
		return;
	if (!is_open(run)) {
		kt_buf_adds(out,
			"closed loop: latency counts from the actual send; stalls are under-reported (--rate N)\n");
		return;
	}
	kt_buf_adds(out, "open loop: latency counts from the intended send; ");
	if (!run->pace.n_steps)
		kt_buf_addf(out, "%g per second asked, %.2f %% achieved; ", run->pace.rate,
			100 * kt_benchstats_achieved(s, -1));
	kt_buf_addf(out, "%s late send%s (over 1 ms), the median %.3f ms after its time\n",
		kt_group_digits(s->late, late), kt_plural(s->late), ms(kt_histogram_at(&s->delay, 0.5)));
}

void kt_benchreport_add(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_benchstats *s = &run->stats;
	char number[32];
	if (!s->untimed)
		add_latency(run, out);
	if (run->pace.n_steps)
		add_ramp(run, out);
	kt_buf_addf(out, "\n%s %s%s in %.2f s, %.1f per second, %.2f MiB/s; CPU %.2f s\n",
		kt_group_digits(s->n, number), run->how.what, kt_plural(s->n), kt_benchstats_seconds(s),
		kt_benchstats_rate(s),
		kt_benchstats_seconds(s) > 0 ? (double)s->bytes / MIB / kt_benchstats_seconds(s) : 0, run->cpu_s);
	add_loop(run, out);
	if (run->how.rate && run->how.rate->noop)
		kt_buf_adds(out, "noop: nothing was sent\n");
}

void kt_benchreport_json_latency(struct kt_buf *out, const char *name, const struct kt_histogram *h)
{
	kt_jsonout_begin(out, name, '{');
	kt_jsonout_fixed(out, "mean", kt_histogram_mean(h) / 1000, 3);
	kt_jsonout_fixed(out, "stddev", kt_histogram_deviation(h) / 1000, 3);
	for (size_t i = 0; i < KT_LEN(percentiles); i++)
		kt_jsonout_fixed(out, percentiles[i].json, ms(kt_histogram_at(h, percentiles[i].share)), 3);
	kt_jsonout_fixed(out, "max", ms(h->max), 3);
	kt_jsonout_end(out, '}');
}

static void json_rows(const struct kt_benchstats *s, struct kt_buf *out)
{
	kt_jsonout_begin(out, "intervals", '[');
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct kt_benchrow *row = &s->rows[i];
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_fixed(out, "from", (double)row->from_us / 1e6, 3);
		kt_jsonout_fixed(out, "to", (double)row->to_us / 1e6, 3);
		kt_jsonout_i64(out, "done", row->n);
		kt_jsonout_fixed(out, "rate", row_rate(row, row->n), 1);
		kt_jsonout_fixed(out, "mib_per_s", row_rate(row, row->bytes) / MIB, 3);
		if (!s->untimed) {
			kt_jsonout_i64(out, "failed", row->failed);
			kt_jsonout_fixed(out, "p50_ms", ms(row->p50_us), 3);
			kt_jsonout_fixed(out, "p99_ms", ms(row->p99_us), 3);
			kt_jsonout_fixed(out, "max_ms", ms(row->max_us), 3);
		}
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
}

static void json_ramp(const struct kt_benchstats *s, struct kt_buf *out)
{
	int knee = kt_benchstats_knee(s);
	kt_jsonout_begin(out, "ramp", '[');
	for (size_t i = 0; i < s->pace->n_steps; i++) {
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_fixed(out, "asked", kt_pace_rate(s->pace, i), 1);
		kt_jsonout_fixed(out, "achieved", kt_benchstats_achieved(s, (int)i), 4);
		kt_jsonout_i64(out, "done", s->steps[i].latency.n);
		kt_jsonout_i64(out, "failed", s->steps[i].failed);
		kt_benchreport_json_latency(out, "latency_ms", &s->steps[i].latency);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
	if (knee < 0)
		kt_jsonout_null(out, "knee");
	else
		kt_jsonout_fixed(out, "knee", kt_pace_rate(s->pace, (size_t)knee), 1);
}

void kt_benchreport_json(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_benchstats *s = &run->stats;
	double seconds = kt_benchstats_seconds(s);
	kt_jsonout_text(out, "bench", run->how.kind);
	kt_jsonout_words(out, "target", run->how.target);
	if (run->how.rate)
		kt_jsonout_text(out, "loop", is_open(run) ? "open" : "closed");
	kt_jsonout_i64(out, "done", s->n);
	kt_jsonout_i64(out, "failed", s->failed);
	kt_jsonout_fixed(out, "seconds", seconds, 6);
	kt_jsonout_fixed(out, "rate", kt_benchstats_rate(s), 1);
	kt_jsonout_fixed(out, "mib_per_s", seconds > 0 ? (double)s->bytes / MIB / seconds : 0, 3);
	kt_jsonout_fixed(out, "cpu_s", run->cpu_s, 3);
	if (is_open(run) && !run->pace.n_steps) {
		kt_jsonout_fixed(out, "asked", run->pace.rate, 1);
		kt_jsonout_fixed(out, "achieved", kt_benchstats_achieved(s, -1), 4);
	}
	if (is_open(run)) {
		kt_jsonout_i64(out, "late", s->late);
		kt_benchreport_json_latency(out, "send_delay_ms", &s->delay);
	}
	if (run->noop_rate > 0)
		kt_jsonout_fixed(out, "noop_rate", run->noop_rate, 0);
	if (!s->untimed)
		kt_benchreport_json_latency(out, "latency_ms", &s->latency);
	if (run->pace.n_steps)
		json_ramp(s, out);
	json_rows(s, out);
}

static long long whole_ms(const struct kt_histogram *h, double share)
{
	return (kt_histogram_at(h, share) + 500) / 1000;
}

void kt_benchreport_perf(const struct kt_benchrun *run, struct kt_buf *out)
{
	const struct kt_benchstats *s = &run->stats;
	const struct kt_histogram *h = &s->latency;
	double seconds = kt_benchstats_seconds(s);
	kt_buf_addf(out,
		"%lld records sent, %f records/sec (%.2f MB/sec), %.2f ms avg latency, %.2f ms max latency, %lld ms "
		"50th, %lld ms 95th, %lld ms 99th, %lld ms 99.9th.\n",
		(long long)s->n, kt_benchstats_rate(s), seconds > 0 ? (double)s->bytes / MIB / seconds : 0,
		kt_histogram_mean(h) / 1000, ms(h->max), whole_ms(h, 0.5), whole_ms(h, 0.95), whole_ms(h, 0.99),
		whole_ms(h, 0.999));
}

/* Five lines for each halving of what is left above, as HdrHistogram prints by default. */
static double next_level(double level)
{
	double ticks = 5 * pow(2, floor(log2(100 / (100 - level))) + 1);
	return level + 100 / ticks;
}

/* A line for each level that a bucket reaches. The last bucket reaches all that are left, and has one: plotters take
 * lines of four columns only, so that the largest value would not be drawn if it were in the last line alone. */
static void hgrm_lines(struct kt_buf *out, const struct kt_histogram *h)
{
	double level = 0;
	int64_t seen = 0;
	for (size_t i = 0; h->n && i < KT_HISTOGRAM_BUCKETS && seen < h->n; i++) {
		seen += h->buckets[i];
		int64_t end_us = kt_histogram_end(i) < h->max ? kt_histogram_end(i) : h->max;
		while (h->buckets[i] && level < 100 && 100.0 * (double)seen / (double)h->n >= level) {
			kt_buf_addf(out, "%12.3f %2.12f %10lld %14.2f\n", ms(end_us), level / 100, (long long)seen,
				100 / (100 - level));
			if (seen == h->n)
				break;
			level = next_level(level);
		}
	}
}

void kt_benchreport_hgrm(struct kt_buf *out, const struct kt_histogram *h)
{
	kt_buf_addf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	hgrm_lines(out, h);
	if (h->n)
		kt_buf_addf(out, "%12.3f %2.12f %10lld\n", ms(h->max), 1.0, (long long)h->n);
	kt_buf_addf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", kt_histogram_mean(h) / 1000,
		kt_histogram_deviation(h) / 1000);
	kt_buf_addf(out, "#[Max     = %12.3f, Total count    = %12lld]\n", ms(h->max), (long long)h->n);
	kt_buf_addf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", KT_HISTOGRAM_BUCKETS / KT_HISTOGRAM_STEPS,
		KT_HISTOGRAM_STEPS);
}

int kt_benchreport_save(const struct kt_benchrun *run, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const struct kt_bench_opts *o = run->how.opts;
	if (o->report && kt_benchpage_save(run, o->report, err) < 0)
		return kt_err_wrap(err, "--report");
	if (!o->hgrm)
		return 0;
	kt_benchreport_hgrm(&text, &run->stats.latency);
	return kt_file_replace(o->hgrm, text.data, text.len, err) < 0 ? kt_err_wrap(err, "--hgrm") : 0;
}

bool kt_benchreport_is_limit(double rate, double noop_rate)
{
	return noop_rate > 0 && rate > KT_BENCH_NOOP_SHARE * noop_rate;
}

static int judge_rate(const struct kt_benchrun *run, struct kt_err *err)
{
	const struct kt_benchstats *s = &run->stats;
	double rate = kt_benchstats_rate(s), achieved = is_open(run) ? kt_benchstats_achieved(s, -1) : 1;
	char asked[32], most[32];
	if (s->whole && kt_benchstats_knee(s) < 0)
		return kt_err_set(err, KT_PARTIAL, "not even the first rate of the ramp was held");
	if (is_open(run) && !run->pace.n_steps && !kt_benchstats_held(s, -1))
		return kt_err_set(err, KT_PARTIAL, "only %.1f %% of %s %ss per second were achieved", 100 * achieved,
			kt_group_digits((int64_t)run->pace.rate, asked), run->how.what);
	if (!run->how.rate || run->how.rate->noop || !kt_benchreport_is_limit(rate, run->noop_rate))
		return 0;
	kt_err_set(err, KT_PARTIAL, "the generator was the limit: alone, with --noop, it makes %s %ss per second",
		kt_group_digits((int64_t)run->noop_rate, most), run->how.what);
	return kt_err_hint(err, "two of them side by side say more, or smaller %ss", run->how.what);
}

int kt_benchreport_judge(const struct kt_benchrun *run, struct kt_err *err)
{
	const struct kt_benchstats *s = &run->stats;
	int stopped = kt_stop_status(&run->stop);
	if (s->failed)
		return kt_err_set(err, KT_PARTIAL, "%lld of %lld %s%s failed", (long long)s->failed,
			(long long)(s->n + s->failed), run->how.what, kt_plural(s->n + s->failed));
	bool counted = run->how.opts->count >= 0 || run->pace.n_steps;
	if (counted && !run->complete && stopped && !(stopped == KT_RUN_ENDED && run->how.time_ends))
		return kt_ended(stopped, err, "after %lld %s%s", (long long)s->n, run->how.what, kt_plural(s->n));
	/* Who reads no further has no use for a verdict on the rate, and ended the run at any time. */
	return s->untimed || run->out.closed ? 0 : judge_rate(run, err);
}
