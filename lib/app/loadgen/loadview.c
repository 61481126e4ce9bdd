#include "loadview.h"

#include <math.h>

#include "chart.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "say.h"
#include "shortest.h"
#include "table.h"
#include "when.h"

enum { SHOW_US = 200000, POINT_US = 1000000, BAR = 40, SLICES = 40 };

static bool is_whole(double n)
{
	return n == (double)(int64_t)n;
}

/* A number of events per second as people write it. */
static const char *show_rate(double rate, char out[32])
{
	if (isinf(rate))
		return "any";
	if (rate >= 100)
		return kt_group_digits((int64_t)(rate + 0.5), out);
	snprintf(out, 32, "%.*f", is_whole(rate) ? 0 : rate < 10 ? 2 : 1, rate);
	return out;
}

static double seconds(int64_t ms, double speed)
{
	return speed > 0 ? (double)ms / 1000 / speed : 0;
}

/* Without the zeros that say nothing: 72.5 s, 41.7 ms. */
static const char *show_time(int64_t ms, double speed, char out[32])
{
	double s = seconds(ms, speed);
	if (speed <= 0)
		return "-";
	if (s > 0 && s < 1)
		snprintf(out, 32, "%.3g ms", s * 1000);
	else
		snprintf(out, 32, "%.*f s", is_whole(s) ? 0 : is_whole(s * 10) ? 1 : 3, s);
	return out;
}

static void add_experiments(struct kt_buf *out, const struct kt_loads *loads, double speed)
{
	static const struct kt_column columns[] = {{"EXPERIMENT", .right = true}, {"COPIES", .right = true},
		{"START", .right = true}, {"END", .right = true}, {"SENSORS", .right = true}, {"EVERY", .right = true},
		{"EVENTS/S", .right = true}, {"EVENTS", .right = true}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	int64_t experiments = 0, messages = 0, end_ms = 0;
	char text[32];
	for (size_t i = 0; i < loads->n; i++) {
		const struct kt_load *load = &loads->v[i];
		struct kt_load_plan plan = kt_load_plan(load);
		kt_table_add(&table, "%zu", i + 1);
		kt_table_add(&table, "%lld", (long long)load->copies);
		kt_table_add(&table, "%s", show_time(plan.start_ms, speed, text));
		kt_table_add(&table, "%s", show_time(plan.end_ms, speed, text));
		kt_table_add(&table, "%lld", (long long)load->sensors);
		kt_table_add(&table, "%s", show_time(load->sample_ms, speed, text));
		double rate = speed > 0 ? plan.rate * speed * (load->stagger_ms ? 1 : (double)load->copies) : INFINITY;
		kt_table_add(&table, "%s", show_rate(rate, text));
		kt_table_add(&table, "%s", kt_group_digits(plan.messages, text));
		experiments += load->copies;
		messages += plan.messages;
		end_ms = plan.end_ms > end_ms ? plan.end_ms : end_ms;
	}
	kt_table_add(&table, "all");
	kt_table_add(&table, "%s", kt_group_digits(experiments, text));
	kt_table_add(&table, "%s", show_time(0, speed, text));
	kt_table_add(&table, "%s", show_time(end_ms, speed, text));
	for (int i = 0; i < 3; i++)
		kt_table_add(&table, "%s", "");
	kt_table_add(&table, "%s", kt_group_digits(messages, text));
	kt_table_render(&table, out, true);
}

/* Too many plateaus to read become slices of equal length, with the mean of what is in them. */
static size_t slice(struct kt_plateau *plateaus, size_t n)
{
	if (n <= SLICES)
		return n;
	struct kt_plateau slices[SLICES];
	int64_t start_ms = plateaus[0].start_ms, length_ms = plateaus[n - 1].end_ms - start_ms;
	size_t at = 0;
	for (size_t i = 0; i < SLICES; i++) {
		struct kt_plateau *s = &slices[i];
		*s = (struct kt_plateau){.start_ms = start_ms + length_ms * (int64_t)i / SLICES,
			.end_ms = start_ms + length_ms * (int64_t)(i + 1) / SLICES};
		double events = 0;
		while (at < n && plateaus[at].end_ms <= s->start_ms)
			at++;
		for (size_t p = at; p < n && plateaus[p].start_ms < s->end_ms; p++) {
			const struct kt_plateau *part = &plateaus[p];
			int64_t from_ms = part->start_ms > s->start_ms ? part->start_ms : s->start_ms;
			int64_t to_ms = part->end_ms < s->end_ms ? part->end_ms : s->end_ms;
			events += part->rate * (double)(to_ms - from_ms);
			s->experiments = part->experiments > s->experiments ? part->experiments : s->experiments;
		}
		s->rate = s->end_ms > s->start_ms ? events / (double)(s->end_ms - s->start_ms) : 0;
	}
	memcpy(plateaus, slices, sizeof(slices));
	return SLICES;
}

static void add_plateaus(struct kt_buf *out, struct kt_plateau *plateaus, size_t n, double speed)
{
	static const struct kt_column columns[] = {{"FROM", .right = true}, {"TO", .right = true},
		{"EXPERIMENTS", .right = true}, {"EVENTS/S", .right = true}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	double max = 0;
	char text[32];
	n = slice(plateaus, n);
	for (size_t i = 0; i < n; i++)
		max = plateaus[i].rate > max ? plateaus[i].rate : max;
	for (size_t i = 0; i < n; i++) {
		kt_auto(kt_buf_fini) struct kt_buf bar = {0};
		kt_chart_bar(&bar, plateaus[i].rate, max, BAR);
		kt_table_add(&table, "%s", show_time(plateaus[i].start_ms, speed, text));
		kt_table_add(&table, "%s", show_time(plateaus[i].end_ms, speed, text));
		kt_table_add(&table, "%lld", (long long)plateaus[i].experiments);
		kt_table_add(&table, "%s", show_rate(plateaus[i].rate * speed, text));
		kt_table_add(&table, "%s", kt_buf_cstr(&bar));
	}
	kt_table_render(&table, out, true);
}

static void add_json_plan(
	struct kt_buf *out, const struct kt_loads *loads, const struct kt_plateau *plateaus, size_t n, double speed)
{
	for (size_t i = 0; i < loads->n; i++) {
		struct kt_load_plan plan = kt_load_plan(&loads->v[i]);
		kt_buf_addc(out, '{');
		kt_jsonout_i64(out, "experiment", (int64_t)i + 1);
		kt_jsonout_text(out, "researcher", loads->v[i].researcher);
		kt_jsonout_i64(out, "copies", loads->v[i].copies);
		kt_jsonout_i64(out, "messages", plan.messages);
		kt_jsonout_double(out, "start", seconds(plan.start_ms, speed));
		kt_jsonout_double(out, "end", seconds(plan.end_ms, speed));
		kt_jsonout_double(out, "rate", speed > 0 ? plan.rate * speed : INFINITY);
		kt_buf_adds(out, "}\n");
	}
	for (size_t i = 0; speed > 0 && i < n; i++) {
		kt_buf_addc(out, '{');
		kt_jsonout_i64(out, "plateau", (int64_t)i + 1);
		kt_jsonout_i64(out, "experiments", plateaus[i].experiments);
		kt_jsonout_double(out, "start", seconds(plateaus[i].start_ms, speed));
		kt_jsonout_double(out, "end", seconds(plateaus[i].end_ms, speed));
		kt_jsonout_double(out, "rate", plateaus[i].rate * speed);
		kt_buf_adds(out, "}\n");
	}
}

void kt_loadview_plan(struct kt_buf *out, const struct kt_loads *loads, double speed, bool json)
{
	kt_auto(kt_free_ptr) struct kt_plateau *plateaus = NULL;
	size_t n = kt_loads_plateaus(loads, &plateaus);
	if (json) {
		add_json_plan(out, loads, plateaus, n, speed);
		return;
	}
	add_experiments(out, loads, speed);
	if (!n || speed <= 0)
		return;
	kt_buf_addc(out, '\n');
	add_plateaus(out, plateaus, n, speed);
}

static void add_point(struct kt_loadview *v, double rate)
{
	if (v->n_points == KT_LOADVIEW_POINTS)
		memmove(v->points, v->points + 1, --v->n_points * sizeof(*v->points));
	v->points[v->n_points++] = rate;
}

/* Whole seconds: where the run was held up for longer, the mean of them. */
static void count_second(struct kt_loadview *v, const struct kt_workload *w, int64_t now_us)
{
	if (!v->point_us)
		v->point_us = now_us;
	int64_t whole = (now_us - v->point_us) / POINT_US;
	if (!whole)
		return;
	v->rate = (double)(w->flights.sent - v->point) / (double)whole;
	add_point(v, v->rate);
	v->point_us += whole * POINT_US;
	v->point = w->flights.sent;
}

/* "12 of 72.5 s, ": where in the plan a round is. Closed pacing takes longer than that. */
static void add_plan_time(struct kt_buf *out, const struct kt_workload *w, int64_t now_us)
{
	int64_t end_ms = 0;
	char end[32];
	for (size_t i = 0; i < w->how.loads->n; i++) {
		struct kt_load_plan plan = kt_load_plan(&w->how.loads->v[i]);
		end_ms = plan.end_ms > end_ms ? plan.end_ms : end_ms;
	}
	if (w->how.speed <= 0 || !w->round_us)
		return;
	if (w->how.repeat != 1)
		kt_buf_addf(out, "round %lld, ", (long long)w->rounds);
	kt_buf_addf(out, "%lld of %s, ", (long long)((now_us - w->round_us) / 1000000),
		show_time(end_ms, w->how.speed, end));
}

void kt_loadview_progress(struct kt_loadview *v, const struct kt_workload *w)
{
	int64_t now_us = kt_clock_us();
	count_second(v, w, now_us);
	if (now_us - v->shown_us < SHOW_US)
		return;
	v->shown_us = now_us;
	kt_auto(kt_buf_fini) struct kt_buf plan = {0};
	add_plan_time(&plan, w, now_us);
	kt_auto(kt_buf_fini) struct kt_buf chart = {0};
	struct kt_event_counts total = kt_flights_total(&w->flights);
	double max = 0;
	char sent[32], rate[32], failed[32];
	for (size_t i = 0; i < v->n_points; i++)
		max = v->points[i] > max ? v->points[i] : max;
	kt_chart_line(&chart, v->points, v->n_points, max);
	bool bad = total.failed + total.refused > 0;
	kt_say_progress("%s%lld running, %lld ended, %s events%s%s, %s/s %s", kt_buf_cstr(&plan), (long long)w->running,
		(long long)w->ended, kt_group_digits(w->flights.sent, sent), bad ? ", failed: " : "",
		bad ? kt_group_digits(total.failed + total.refused, failed) : "", show_rate(v->rate, rate),
		kt_buf_cstr(&chart));
}

static const struct {
	const char *name, *json;
	double share;
} percentiles[] = {{"p50", "p50_ms", 0.5}, {"p90", "p90_ms", 0.9}, {"p99", "p99_ms", 0.99}, {"p99.9", "p999_ms", 0.999},
	{"max", "max_ms", 1}};

void kt_loadview_add_percentiles(struct kt_buf *out, const char *name, const struct kt_histogram *h)
{
	kt_jsonout_begin(out, name, '{');
	for (size_t i = 0; i < KT_LEN(percentiles); i++)
		kt_jsonout_double(out, percentiles[i].json, (double)kt_histogram_at(h, percentiles[i].share) / 1000);
	kt_jsonout_end(out, '}');
}

static void add_json_summary(struct kt_buf *out, const struct kt_workload *w, double elapsed_s)
{
	struct kt_event_counts total = kt_flights_total(&w->flights);
	kt_buf_addc(out, '{');
	kt_jsonout_i64(out, "experiments", w->ended);
	kt_jsonout_i64(out, "failed_experiments", w->failed_runs);
	kt_jsonout_begin(out, "events", '{');
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		kt_jsonout_i64(out, kt_event_names[kind], w->flights.counts[kind].sent);
	kt_jsonout_end(out, '}');
	kt_jsonout_i64(out, "sent", total.sent);
	kt_jsonout_i64(out, "delivered", total.delivered);
	kt_jsonout_i64(out, "failed", total.sent - total.delivered + total.refused);
	kt_jsonout_double(out, "seconds", elapsed_s);
	kt_jsonout_double(out, "rate", elapsed_s > 0 ? (double)total.sent / elapsed_s : 0);
	kt_loadview_add_percentiles(out, "latency", &w->flights.latency);
	kt_loadview_add_percentiles(out, "late", &w->late);
	kt_buf_adds(out, "}\n");
}

void kt_loadview_say_percentiles(const char *what, const struct kt_histogram *h)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	for (size_t i = 0; i < KT_LEN(percentiles); i++) {
		double ms = (double)kt_histogram_at(h, percentiles[i].share) / 1000;
		kt_buf_addf(&text, "%s%s %.*f ms", i ? ", " : "", percentiles[i].name,
			ms < 10    ? 2
			: ms < 100 ? 1
				   : 0,
			ms);
	}
	kt_say(KT_NORMAL, "%s: %s", what, kt_buf_cstr(&text));
}

void kt_loadview_summary(struct kt_buf *out, const struct kt_workload *w, bool json)
{
	struct kt_event_counts total = kt_flights_total(&w->flights);
	kt_auto(kt_buf_fini) struct kt_buf kinds = {0};
	char number[32], ended[32], took[32], rate[32];
	double elapsed_s = w->start_us ? (double)(kt_clock_us() - w->start_us) / 1e6 : 0;
	if (json) {
		add_json_summary(out, w, elapsed_s);
		return;
	}
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		if (w->flights.counts[kind].sent)
			kt_buf_addf(&kinds, "%s%s %s", kinds.len ? ", " : "",
				kt_group_digits(w->flights.counts[kind].sent, number), kt_event_names[kind]);
	kt_say(KT_NORMAL, "%s experiment%s, %s event%s in %s, %s/s", kt_group_digits(w->ended, ended),
		kt_plural(w->ended), kt_group_digits(total.sent, number), kt_plural(total.sent),
		kt_show_ms((int64_t)(elapsed_s * 1000), took),
		show_rate(elapsed_s > 0 ? (double)total.sent / elapsed_s : 0, rate));
	if (kinds.len)
		kt_say(KT_NORMAL, "%s", kt_buf_cstr(&kinds));
	if (total.delivered)
		kt_loadview_say_percentiles("latency of deliveries", &w->flights.latency);
	if (w->late.n && w->how.open)
		kt_loadview_say_percentiles("late behind the plan", &w->late);
}
