/* What is measured of runs whose times are made up, and what is said of them. */
#include "benchreport.h"

#include "tap.h"

/* A thousand things in a second, of which each takes latency_us. */
static void one_second(struct kt_benchstats *s, int64_t from_us, int64_t latency_us)
{
	for (int64_t i = 0; i < 1000; i++) {
		int64_t at_us = from_us + i * 1000;
		kt_benchstats_sent(s, at_us, at_us + 40);
		kt_benchstats_done(s, at_us, at_us + latency_us, 100);
	}
}

TEST(intervals)
{
	struct kt_pace pace = {.rate = 1000};
	struct kt_benchstats s = {0};
	kt_benchstats_init(&s, 0, 1000000, &pace);
	one_second(&s, 0, 500);
	CHECK(!kt_benchstats_turn(&s, 999999));
	const struct kt_benchrow *row = kt_benchstats_turn(&s, 1000100);
	CHECK(row && row->n == 1000 && row->bytes == 100000 && row->from_us == 0 && row->to_us == 1000000);
	CHECK(row && row->p50_us >= 500 && row->p50_us <= 504 && row->max_us == 500);
	CHECK(!kt_benchstats_turn(&s, 1000100));
	CHECK(row && row->refused == 0);
	one_second(&s, 1000000, 90);
	kt_benchstats_refused(&s, 1500000);
	row = kt_benchstats_end(&s, 1999090);
	CHECK(row && row->n == 1000 && row->to_us == 1999090 && row->max_us == 90);
	CHECK(row && row->refused == 1 && row->failed == 0 && s.part_refused == 0 && s.refused == 1);
	CHECK(!kt_benchstats_end(&s, 3000000));
	CHECK_INT(s.n, 2000);
	CHECK_INT(s.latency.n, 2000);
	CHECK_INT(s.late, 0);
	CHECK_INT(kt_histogram_at(&s.delay, 0.5), 40);
	CHECK(kt_benchstats_achieved(&s, -1) > 0.999);
	kt_benchstats_fini(&s);
}

TEST(the_warm_up_does_not_count)
{
	struct kt_pace pace = {.rate = 1000};
	struct kt_benchstats s = {0};
	kt_benchstats_init(&s, 1000000, 1000000, &pace);
	one_second(&s, 0, 70000);
	kt_benchstats_failed(&s, 999999);
	kt_benchstats_refused(&s, 999999);
	CHECK(!kt_benchstats_turn(&s, 1500000));
	one_second(&s, 1000000, 90);
	CHECK_INT(s.n, 1000);
	CHECK_INT(s.failed, 0);
	CHECK_INT(s.refused, 0);
	CHECK(kt_benchstats_end(&s, 2000000) != NULL);
	CHECK_INT(s.latency.max, 90);
	double seconds = kt_benchstats_seconds(&s);
	CHECK(seconds > 0.998 && seconds < 1);
	kt_benchstats_fini(&s);
}

/* A second in which nothing comes: each thing of it waits until its end. */
TEST(a_stall_is_seen_by_all_that_it_holds_up)
{
	struct kt_pace pace = {.rate = 1000};
	struct kt_benchstats s = {0};
	kt_benchstats_init(&s, 0, 1000000, &pace);
	one_second(&s, 0, 300);
	for (int64_t i = 1000; i < 2000; i++)
		kt_benchstats_done(&s, i * 1000, 2000000, 100);
	for (int64_t at_us = 2000000; at_us < 8000000; at_us += 1000000)
		one_second(&s, at_us, 300);
	CHECK(kt_benchstats_end(&s, 8000000) != NULL);
	int64_t p99_us = kt_histogram_at(&s.latency, 0.99), p50_us = kt_histogram_at(&s.latency, 0.5);
	/* Of 8000 the worst 80 are those of its first 80 ms. */
	CHECK(p99_us >= 915000 && p99_us <= 930000);
	CHECK(p50_us >= 300 && p50_us <= 303);
	CHECK(kt_benchstats_achieved(&s, -1) > 0.999);
	kt_benchstats_fini(&s);
}

TEST(late_sends_and_what_was_achieved)
{
	struct kt_pace pace = {.rate = 1000};
	struct kt_benchstats s = {0};
	kt_benchstats_init(&s, 0, 1000000, &pace);
	for (int64_t i = 0; i < 1000; i++) {
		kt_benchstats_sent(&s, i * 1000, i * 2000);
		kt_benchstats_done(&s, i * 1000, i * 2000 + 10, 0);
	}
	CHECK_INT(
		s.late, 998); /* of the first two one is on time, one late by exactly the millisecond that is allowed */
	CHECK(kt_benchstats_achieved(&s, -1) > 0.499 && kt_benchstats_achieved(&s, -1) < 0.502);
	CHECK(!kt_benchstats_held(&s, -1));
	for (int64_t i = 0; i < 1000; i++)
		kt_benchstats_failed(&s, i);
	CHECK(kt_benchstats_achieved(&s, -1) > 0.499 && kt_benchstats_achieved(&s, -1) < 0.51);
	kt_benchstats_fini(&s);
}

/* At 1000 per second for so long, all at a share of that rate; the last one late_us later. */
static bool held(int64_t n, double share, int64_t late_us, int64_t failed)
{
	struct kt_pace pace = {.rate = 1000};
	struct kt_benchstats s = {0};
	kt_benchstats_init(&s, 0, 1000000, &pace);
	for (int64_t i = 0; i < n; i++)
		kt_benchstats_done(&s, i * 1000, (int64_t)((double)i * 1000 / share) + (i == n - 1 ? late_us : 0), 0);
	for (int64_t i = 0; i < failed; i++)
		kt_benchstats_failed(&s, 0);
	bool holds = kt_benchstats_held(&s, -1);
	kt_benchstats_fini(&s);
	return holds;
}

TEST(whether_a_rate_was_held)
{
	CHECK(held(40, 1, 0, 0));
	CHECK(held(1000, 0.92, 0, 0)); /* a tenth of a second behind may be latency */
	CHECK(!held(1000, 0.88, 0, 0));
	CHECK(held(20000, 0.992, 0, 0));
	CHECK(!held(20000, 0.985, 0, 0));
	CHECK(!held(2000000, 0.985, 0, 0));
	CHECK(held(2000000, 0.995, 0, 0));
	/* One that is slow at the end says nothing about the rate. */
	CHECK(held(400, 1, 5000000, 0));
	CHECK(held(200000, 1, INT64_C(5000000000), 0));
	CHECK(!held(40, 1, 0, 1));
	CHECK(held(4000, 1, 0, 1));
}

static int knee_of_some(const double achieved[4], const int64_t latency_us[4], size_t whole)
{
	struct kt_err err = {0};
	struct kt_pace pace = {0};
	struct kt_benchstats s = {0};
	CHECK_INT(kt_pace_ramp(&pace, "1000:4000:1000", 1000, &err), 0);
	kt_benchstats_init(&s, 0, 1000000, &pace);
	for (int64_t step = 0; step < 4; step++)
		for (int64_t i = 0; i < 1000 * (step + 1); i++) {
			int64_t at_us = kt_pace_at(&pace, pace.first[step] + i), into_us = at_us - step * 1000000;
			kt_benchstats_done(&s, at_us,
				step * 1000000 + (int64_t)((double)into_us / achieved[step]) + latency_us[step], 0);
		}
	CHECK_INT(s.whole, 4);
	s.whole = whole;
	int knee = kt_benchstats_knee(&s);
	kt_benchstats_fini(&s);
	return knee;
}

static int knee_of(const double achieved[4], const int64_t latency_us[4])
{
	return knee_of_some(achieved, latency_us, 4);
}

TEST(knees)
{
	CHECK_INT(knee_of((double[]){1, 1, 1, 1}, (int64_t[]){100, 100, 100, 100}), 3);
	CHECK_INT(knee_of((double[]){1, 1, 0.9, 1}, (int64_t[]){100, 100, 100, 100}), 1);
	CHECK_INT(knee_of((double[]){1, 1, 1, 1}, (int64_t[]){100, 100, 9000, 11000}), 2);
	CHECK_INT(knee_of((double[]){1, 1, 1, 1}, (int64_t[]){5000, 100, 49000, 60000}), 2);
	CHECK_INT(knee_of((double[]){0.5, 1, 1, 1}, (int64_t[]){100, 100, 100, 100}), -1);
	/* One within which the run ended is no verdict. */
	CHECK_INT(knee_of_some((double[]){1, 1, 0.5, 1}, (int64_t[]){100, 100, 100, 100}, 2), 1);
	CHECK_INT(knee_of_some((double[]){0.5, 1, 1, 1}, (int64_t[]){100, 100, 100, 100}, 0), -1);
}

static int judge(struct kt_benchrun *run, const struct kt_bench_rate_opts *rate)
{
	static const struct kt_bench_opts opts = {.count = -1};
	struct kt_err err = {0};
	run->how = (struct kt_benchrun_how){.opts = &opts, .rate = rate, .what = "record"};
	run->stats.pace = &run->pace;
	return kt_benchreport_judge(run, &err) < 0 ? err.status : 0;
}

TEST(what_a_run_is_worth)
{
	static struct kt_benchrun run;
	struct kt_bench_rate_opts sends = {0}, noop = {.noop = true};
	run.stats = (struct kt_benchstats){.n = 1000, .last_us = 1000000};
	CHECK_INT(judge(&run, &sends), 0);
	run.noop_rate = 1200;
	CHECK_INT(judge(&run, &sends), 0);
	run.noop_rate = 1100; /* 90 % of it are 990 */
	CHECK_INT(judge(&run, &sends), KT_PARTIAL);
	CHECK_INT(judge(&run, &noop), 0);
	run.noop_rate = 0;
	/* Two thousand a second were asked for, and a thousand a second done. */
	static struct kt_benchrun open;
	open.pace.rate = 2000;
	kt_benchstats_init(&open.stats, 0, 1000000, &open.pace);
	for (int64_t i = 0; i < 1000; i++)
		kt_benchstats_done(&open.stats, i * 500, i * 1000, 0);
	CHECK_INT(judge(&open, &sends), KT_PARTIAL);
	open.pace.rate = 1005;
	CHECK_INT(judge(&open, &sends), 0);
	kt_benchstats_failed(&open.stats, 0);
	CHECK_INT(judge(&open, &sends), KT_PARTIAL);
	kt_benchstats_fini(&open.stats);
}

struct made {
	struct kt_benchrun run;
	int64_t most; /* of what was counted while it was made */
};

static void make(void *user)
{
	struct made *m = user;
	kt_benchstats_done(&m->run.stats, 0, 10, 100);
	kt_benchrun_sent(&m->run, 0);
	m->most = m->run.stats.n > m->most ? m->run.stats.n : m->most;
}

TEST(what_is_made_to_see_how_fast_that_is_is_counted_and_forgotten)
{
	static struct made m;
	const struct kt_owner nobody = {0};
	const struct kt_bench_opts opts = {.warmup_ms = 1000, .interval_ms = 500, .count = 10};
	const struct kt_bench_rate_opts rate = {.ramp = "100:200:100", .each_ms = 1000};
	struct kt_benchrun_how how = {.owner = &nobody, .opts = &opts, .rate = &rate, .kind = "test", .what = "thing"};
	struct kt_err err = {0};
	m.run.timer = -1;
	CHECK_INT(kt_benchrun_open(&m.run, &how, &err), 0);
	kt_benchrun_calibrate(&m.run, make, &m);
	CHECK(m.run.noop_rate > 0);
	CHECK(m.most > 0);
	const struct kt_benchstats *s = &m.run.stats;
	CHECK_INT(s->n + s->part_n + s->part.n + s->delay.n + s->late + s->steps[0].latency.n + m.run.sent, 0);
	CHECK_INT(s->warm_us, 1000000);
	CHECK_INT(s->part_us, 1000000);
	CHECK_INT(s->interval_us, 500000);
	CHECK_INT(s->whole, 2);
	kt_benchrun_fini(&m.run);
}

TEST(the_line_of_the_original)
{
	static struct kt_benchrun run;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (int64_t i = 1; i <= 200; i++)
		kt_histogram_add(&run.stats.latency, i * 1000);
	run.stats.n = 200;
	run.stats.bytes = 2 << 20;
	run.stats.last_us = 2000000;
	kt_benchreport_perf(&run, &out);
	CHECK_STR(kt_buf_cstr(&out),
		"200 records sent, 100.000000 records/sec (1.00 MB/sec), 100.50 ms avg latency, 200.00 ms "
		"max latency, 100 ms 50th, 190 ms 95th, 199 ms 99th, 200 ms 99.9th.\n");
}

TEST(percentiles_as_hdrhistogram_prints_them)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_histogram h = {0};
	for (int64_t i = 1; i <= 100; i++)
		kt_histogram_add(&h, i);
	kt_benchreport_hgrm(&out, &h);
	const char *text = kt_buf_cstr(&out);
	CHECK(!strncmp(text, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n", 55));
	CHECK(strstr(text, "\n       0.001 0.000000000000          1           1.00\n") != NULL);
	CHECK(strstr(text, "\n       0.010 0.100000000000         10           1.11\n") != NULL);
	CHECK(strstr(text, "\n       0.050 0.500000000000         50           2.00\n") != NULL);
	CHECK(strstr(text, "\n       0.055 0.550000000000         55           2.22\n") != NULL);
	CHECK(strstr(text, "\n       0.075 0.750000000000         75           4.00\n") != NULL);
	CHECK(strstr(text,
		      "\n       0.099 0.989062500000         99          91.43\n"
		      "       0.100 0.990625000000        100         106.67\n"
		      "       0.100 1.000000000000        100\n#[Mean    =        0.051, StdDeviation   =        0.029]\n"
		      "#[Max     =        0.100, Total count    =          100]\n") != NULL);
}

TEST(percentiles_of_nothing_and_of_one)
{
	kt_auto(kt_buf_fini) struct kt_buf none = {0}, one = {0};
	struct kt_histogram h = {0};
	kt_benchreport_hgrm(&none, &h);
	CHECK(strstr(kt_buf_cstr(&none), "\n\n#[Mean    =        0.000,") != NULL);
	kt_histogram_add(&h, 7);
	kt_benchreport_hgrm(&one, &h);
	CHECK(strstr(kt_buf_cstr(&one), "\n\n       0.007 0.000000000000          1           1.00\n"
					"       0.007 1.000000000000          1\n#[") != NULL);
}
