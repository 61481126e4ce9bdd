#include "benchlive.h"

#include <math.h>

#include "benchrun.h"
#include "num.h"
#include "when.h"

/* What the page says of the loop. */
static void describe_loop(struct kt_benchlive *live, const struct kt_benchrun *run)
{
	const struct kt_bench_rate_opts *rate = run->how.rate;
	char number[32];
	if (rate && rate->ramp)
		snprintf(live->loop, sizeof(live->loop), "open loop, --ramp %.40s", rate->ramp);
	else if (rate && run->pace.rate > 0)
		snprintf(live->loop, sizeof(live->loop), "open loop at %s per second",
			kt_group_digits((int64_t)run->pace.rate, number));
	else if (rate)
		snprintf(live->loop, sizeof(live->loop), "closed loop");
}

int kt_benchlive_open(struct kt_benchlive *live, struct kt_benchrun *run, struct kt_err *err)
{
	snprintf(live->title, sizeof(live->title), "kt bench %s", run->how.kind);
	snprintf(live->unit, sizeof(live->unit), "%ss/s", run->how.what);
	describe_loop(live, run);
	kt_strs_add(&live->from, run->how.target);
	const struct kt_page_how how = {
		.title = live->title,
		.metric = live->loop,
		.unit = live->unit,
		.from = &live->from,
		.interval_ms = run->how.opts->interval_ms,
		.timed = !run->stats.untimed,
	};
	if (kt_page_serve(&live->page, &how, run->how.opts->listen, &live->httpd, err) < 0)
		return -1;
	live->source = kt_httpd_source(live->httpd);
	kt_loop_add(&run->loop, &live->source);
	return 0;
}

void kt_benchlive_add(struct kt_benchlive *live, const struct kt_benchrun *run, const struct kt_benchrow *row)
{
	int64_t failed = row->failed + row->refused;
	char number[32], trouble[80];
	if (!live->httpd)
		return;
	live->failed += failed;
	live->page.times = (struct kt_page_times){
		.p50_ms = row->n ? (double)row->p50_us / 1000 : NAN,
		.p99_ms = row->n ? (double)row->p99_us / 1000 : NAN,
		.failed = live->failed,
	};
	snprintf(trouble, sizeof(trouble), "%s %s%s failed", kt_group_digits(failed, number), run->how.what,
		kt_plural(failed));
	/* Several intervals may be over at once. */
	double seconds = (double)(row->to_us - row->from_us) / 1e6;
	int64_t at_ms = kt_wall_ms(run->start_us + row->to_us);
	kt_page_point(&live->page, at_ms, (double)row->n / seconds, failed ? trouble : NULL);
	kt_httpd_wake(live->httpd, &live->page.feed);
}

void kt_benchlive_end(struct kt_benchlive *live)
{
	if (live->httpd)
		kt_page_end(&live->page, live->httpd);
}

void kt_benchlive_fini(struct kt_benchlive *live)
{
	kt_httpd_close(live->httpd);
	kt_page_fini(&live->page);
	kt_strs_fini(&live->from);
	live->httpd = NULL;
}
