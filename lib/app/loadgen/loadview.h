/* What `kt loadgen` shows: the plan of a load, how a run goes, and what came of it. */
#ifndef KT_LOADVIEW_H
#define KT_LOADVIEW_H

#include "experiment_plan.h"
#include "workload.h"

/* Appends the plan at a speed (0: without times): tables and a chart, or JSON lines, one per experiment and per
 * plateau. */
void kt_loadview_plan(struct kt_buf *out, const struct kt_loads *loads, double speed, bool json);

/* The progress line; starts as {0}. */
enum { KT_LOADVIEW_POINTS = 30 };
struct kt_loadview {
	int64_t shown_us, point_us, point;
	double rate;
	double points[KT_LOADVIEW_POINTS]; /* events per second, one each second */
	size_t n_points;
};

/* Shows on the terminal, a few times a second, what runs, how far in its plan, and how fast in the last whole second.
 * To be called before anything is sent in a turn: what was sent is then that of the time before. */
void kt_loadview_progress(struct kt_loadview *view, const struct kt_workload *w);

/* Appends ,"name":{"p50_ms":…} for a histogram of microseconds; says the same as a line. */
void kt_loadview_add_percentiles(struct kt_buf *out, const char *name, const struct kt_histogram *h);
void kt_loadview_say_percentiles(const char *what, const struct kt_histogram *h);

/* Says what was sent and how long it took; json: appends that as an object instead. */
void kt_loadview_summary(struct kt_buf *out, const struct kt_workload *w, bool json);

#endif
