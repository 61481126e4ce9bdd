#include "benchrun.h"

#include <unistd.h>

#include <sys/resource.h>
#include <sys/timerfd.h>

#include "benchreport.h"
#include "chart.h"
#include "num.h"
#include "say.h"
#include "when.h"

/* Sends that lie closer together than this are one turn of the loop. */
enum { GATHER_US = 50, IDLE_MS = 100, CALIBRATE_US = 20000, CALIBRATE_TURN = 64, LIVE_US = 200000, CHART = 30 };

#define OPTS struct kt_bench_opts
/* clang-format off */
const struct kt_opt kt_bench_opts[] = {
	{.name = "count", .often = true, .letter = 'n', .also = "num-records messages requests", KT_I64(count), KT_TURN(count_turn), .arg = "N",
		.def = "-1", .help = "end after N, the warm-up not counted; -1: no limit"},
	{.name = "warmup", .often = true, KT_MS(warmup_ms), .arg = "DUR", .def = "0",
		.help = "what belongs to the first DUR is not counted"},
	{.name = "interval", KT_MS(interval_ms), .arg = "DUR", .def = "1s", .help = "print a row this often"},
	{.name = "hgrm", KT_STR(hgrm), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "write the latencies there, as HdrHistogram's plotters read them"},
	{.name = "report", KT_STR(report), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "write a page with charts there (HTML), to be passed on"},
	{.name = "listen", KT_STR(listen), .arg = "ADDR:PORT",
		.help = "serve a page with live charts there (port 8501 for an ADDR alone)"},
	{.name = "json", .often = true, .letter = 'J', KT_FLAG(json), .help = "print the result as one JSON object"},
	KT_END,
};
#undef OPTS
#define OPTS struct kt_bench_rate_opts
const struct kt_opt kt_bench_rate_opts[] = {
	{.name = "rate", .often = true, .also = "throughput", KT_I64(rate), .arg = "N", .conflict = 'r',
		.help = "open loop: N per second, on time; -1: closed loop, as fast as it goes"},
	{.name = "ramp", .often = true, KT_STR(ramp), .arg = "A:B:STEP", .conflict = 'r',
		.help = "open loop at rates from A to B, and which of them holds"},
	{.name = "each", KT_MS(each_ms), .arg = "DUR", .def = "5s", .help = "with --ramp: how long each rate lasts"},
	{.name = "noop", KT_FLAG(noop), .help = "send nothing: how fast the generator itself is"},
	KT_END,
};
/* clang-format on */

static double cpu_seconds(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Of this thread alone: that others had the processor says nothing about the program. */
static int64_t thread_us(void)
{
	struct timespec used;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static bool is_sender(const struct kt_benchrun *run)
{
	return run->how.rate != NULL;
}

static void arm(const struct kt_benchrun *run)
{
	int64_t at_us = kt_benchrun_next(run), soon_us = run->now_us + GATHER_US;
	at_us = run->start_us + (at_us > soon_us ? at_us : soon_us);
	struct itimerspec when = {.it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};
	timerfd_settime(run->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Until the next one is due, and until the interval is over. */
static int64_t wait_for_time(void *user, struct pollfd *fd)
{
	const struct kt_benchrun *run = user;
	int64_t row_ms = kt_until_ms(run->start_us + run->stats.part_us + run->stats.interval_us);
	if (run->busy)
		return 0;
	if (!is_sender(run) || run->complete)
		return row_ms;
	if (run->full)
		return row_ms < IDLE_MS ? row_ms : IDLE_MS;
	if (!run->pace.rate)
		return 0;
	arm(run);
	*fd = (struct pollfd){.fd = run->timer, .events = POLLIN};
	return row_ms;
}

static int serve_time(void *user, short revents, struct kt_err *err)
{
	const struct kt_benchrun *run = user;
	uint64_t times;
	(void)err;
	if (revents & POLLIN && read(run->timer, &times, sizeof(times)) < 0)
		return 0;
	return 0;
}

static int read_rate(struct kt_benchrun *run, struct kt_err *err)
{
	const struct kt_bench_rate_opts *r = run->how.rate;
	if (r->rate < -1 || r->rate > KT_PACE_MOST)
		return kt_err_set(err, KT_USAGE, "--rate %lld: expected 0 to %d", (long long)r->rate, KT_PACE_MOST);
	if (r->ramp)
		return kt_pace_ramp(&run->pace, r->ramp, r->each_ms, err);
	run->pace.rate = r->rate > 0 ? (double)r->rate : 0;
	return 0;
}

static void begin_stats(struct kt_benchrun *run)
{
	const struct kt_bench_opts *o = run->how.opts;
	memset(&run->stats, 0, sizeof(run->stats));
	kt_benchstats_init(&run->stats, o->warmup_ms * 1000, o->interval_ms * 1000, &run->pace);
	run->stats.untimed = run->how.untimed;
}

int kt_benchrun_open(struct kt_benchrun *run, const struct kt_benchrun_how *how, struct kt_err *err)
{
	const struct kt_bench_opts *o = how->opts;
	run->how = *how;
	run->timer = -1;
	kt_out_init(&run->out, STDOUT_FILENO);
	if (o->interval_ms < 10)
		return kt_err_set(err, KT_USAGE, "--interval: expected at least 10ms");
	if (is_sender(run) && read_rate(run, err) < 0)
		return -1;
	if (is_sender(run) && (run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0)
		return kt_err_sys(err, "a timer");
	begin_stats(run);
	run->owner = *how->owner;
	run->owner.stop = &run->stop;
	run->stop.outer = how->owner->stop;
	run->loop.stop = &run->stop;
	run->sources[0] = (struct kt_loop_source){.user = run, .wait = wait_for_time, .serve = serve_time};
	run->sources[1] = kt_out_source(&run->out);
	for (size_t i = 0; i < KT_LEN(run->sources); i++)
		kt_loop_add(&run->loop, &run->sources[i]);
	return o->listen ? kt_benchlive_open(&run->live, run, err) : 0;
}

void kt_benchrun_calibrate(struct kt_benchrun *run, void (*make)(void *user), void *user)
{
	int64_t start_us, n = 0, took_us;
	run->stats.warm_us = 0; /* what is not counted costs less */
	start_us = thread_us();
	do {
		for (int i = 0; i < CALIBRATE_TURN; i++)
			make(user);
		n += CALIBRATE_TURN;
		took_us = thread_us() - start_us;
	} while (took_us < CALIBRATE_US);
	run->noop_rate = (double)n * 1e6 / (double)took_us;
	run->sent = run->warm = 0;
	kt_benchstats_fini(&run->stats);
	begin_stats(run);
}

int64_t kt_benchrun_now(struct kt_benchrun *run)
{
	int64_t now_us = kt_clock_us();
	if (!run->start_us) {
		run->start_us = now_us;
		run->cpu_s = cpu_seconds();
		kt_stop_begin(&run->stop, run->how.run_for_ms);
	}
	return run->now_us = now_us - run->start_us;
}

/* How many are to be sent until the end, -1: no limit. */
static int64_t wanted(const struct kt_benchrun *run)
{
	int64_t count = run->how.opts->count, ramp = run->pace.first[run->pace.n_steps];
	count = count >= 0 ? count + run->warm : -1;
	return run->pace.n_steps && (count < 0 || ramp < count) ? ramp : count;
}

int64_t kt_benchrun_room(struct kt_benchrun *run, int64_t most)
{
	int64_t now_us = kt_benchrun_now(run), end = wanted(run);
	if (run->pace.rate) {
		int64_t due = kt_pace_due(&run->pace, now_us) - run->sent;
		most = due < most ? due : most;
	}
	run->full = false;
	return end >= 0 && end - run->sent < most ? end - run->sent : most;
}

int64_t kt_benchrun_next(const struct kt_benchrun *run)
{
	return run->pace.rate ? kt_pace_at(&run->pace, run->sent) : run->now_us;
}

void kt_benchrun_sent(struct kt_benchrun *run, int64_t intended_us)
{
	run->sent++;
	run->warm += intended_us < run->stats.warm_us;
	if (run->pace.rate)
		kt_benchstats_sent(&run->stats, intended_us, run->now_us);
}

bool kt_benchrun_over(struct kt_benchrun *run)
{
	int64_t end = is_sender(run) ? wanted(run) : -1;
	run->complete |= end >= 0 && run->sent >= end;
	return run->complete || run->out.closed || kt_stop_status(&run->stop);
}

static bool prints_rows(const struct kt_benchrun *run)
{
	return !run->how.opts->json && !run->how.silent;
}

static void show_row(struct kt_benchrun *run, const struct kt_benchrow *row)
{
	kt_benchlive_add(&run->live, run, row);
	if (!prints_rows(run))
		return;
	if (!run->headed)
		kt_benchreport_head(run, &run->out.buf);
	run->headed = true;
	kt_benchreport_row(run, &run->out.buf, row);
}

/* The interval that was closed last, and the rates of those before it, for who watches. Rows on a terminal show it. */
static void show_live(struct kt_benchrun *run)
{
	const struct kt_benchstats *s = &run->stats;
	kt_auto(kt_buf_fini) struct kt_buf chart = {0};
	double rates[CHART], most = 0;
	char number[32];
	size_t n = s->n_rows < CHART ? s->n_rows : CHART;
	if (!n || run->now_us - run->shown_us < LIVE_US || !kt_says_progress() ||
		(prints_rows(run) && run->out.terminal))
		return;
	run->shown_us = run->now_us;
	for (size_t i = 0; i < n; i++) {
		const struct kt_benchrow *row = &s->rows[s->n_rows - n + i];
		rates[i] = (double)row->n * 1e6 / (double)(row->to_us - row->from_us);
		most = rates[i] > most ? rates[i] : most;
	}
	kt_chart_line(&chart, rates, n, most);
	const struct kt_benchrow *last = &s->rows[s->n_rows - 1];
	kt_group_digits((int64_t)rates[n - 1], number);
	if (s->untimed)
		kt_say_progress("%.0f s: %s/s %s", (double)run->now_us / 1e6, number, kt_buf_cstr(&chart));
	else
		kt_say_progress("%.0f s: %s/s, p50 %.2f ms, p99 %.2f ms, %lld failed %s", (double)run->now_us / 1e6,
			number, (double)last->p50_us / 1000, (double)last->p99_us / 1000,
			(long long)(s->failed + s->refused), kt_buf_cstr(&chart));
}

int kt_benchrun_turn(struct kt_benchrun *run, struct kt_err *err)
{
	const struct kt_benchrow *row;
	if (kt_loop_turn(&run->loop, err) < 0)
		return -1;
	kt_benchrun_now(run);
	while ((row = kt_benchstats_turn(&run->stats, run->now_us)))
		show_row(run, row);
	show_live(run);
	return kt_out_pump(&run->out, err);
}

void kt_benchrun_end(struct kt_benchrun *run)
{
	const struct kt_benchrow *row;
	kt_benchrun_now(run);
	while (run->stats.whole && run->sent < run->pace.first[run->stats.whole])
		run->stats.whole--;
	if (run->shown_us)
		kt_say_progress("%s", "");
	run->cpu_s = cpu_seconds() - run->cpu_s;
	while ((row = kt_benchstats_turn(&run->stats, run->now_us)))
		show_row(run, row);
	if ((row = kt_benchstats_end(&run->stats, run->now_us)))
		show_row(run, row);
	kt_benchlive_end(&run->live);
}

void kt_benchrun_fini(struct kt_benchrun *run)
{
	kt_benchlive_fini(&run->live);
	kt_benchstats_fini(&run->stats);
	kt_loop_fini(&run->loop);
	kt_out_fini(&run->out);
	if (run->timer >= 0)
		close(run->timer);
}
