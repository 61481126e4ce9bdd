#include "benchconsume.h"

#include "benchreport.h"
#include "ending.h"
#include "jsonout.h"
#include "num.h"
#include "when.h"

#define MIB (1024.0 * 1024.0)

static void on_assigned(void *user, const struct kt_partitions *parts)
{
	struct kt_benchconsume *b = user;
	kt_reading_say_start(&b->reading, parts);
	if (b->assigned_us)
		return;
	b->assigned_us = kt_benchrun_now(&b->run);
	b->run.stats.begin_us = b->assigned_us;
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct kt_benchconsume *b = user;
	int64_t poll_ms = kt_consumer_poll_ms(b->consumer), idle_ms = b->reading.idle_ms;
	*fd = (struct pollfd){.fd = kt_consumer_fd(b->consumer), .events = POLLIN};
	if (idle_ms)
		idle_ms = kt_left_ms(b->run.start_us + b->came_us, idle_ms);
	return idle_ms && idle_ms < poll_ms ? idle_ms : poll_ms;
}

int kt_benchconsume_open(struct kt_benchconsume *b, struct kt_settings *settings, const struct kt_benchconsume_how *how,
	struct kt_err *err)
{
	b->how = *how;
	if (kt_reading_init(&b->reading, how->read, how->topics, settings, how->timeout_ms, err) < 0)
		return -1;
	b->how.run.target = b->reading.topics.v[0];
	b->how.run.untimed = true;
	if (kt_benchrun_open(&b->run, &b->how.run, err) < 0)
		return -1;
	struct kt_consumer_how *c = &b->reading.how;
	c->owner = &b->run.owner;
	c->user = b;
	c->assigned = on_assigned;
	b->records = (struct kt_loop_source){.user = b, .wait = wait_for_records};
	kt_loop_add(&b->run.loop, &b->records);
	b->begun_ms = kt_now_ms();
	kt_benchrun_now(&b->run);
	return kt_consumer_open(&b->consumer, settings, c, err);
}

/* Everything that has come, as far as it is wanted. */
static int take(struct kt_benchconsume *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	struct kt_record r;
	int64_t n = 0, bytes = 0, count = run->how.opts->count;
	int64_t most = count >= 0 ? count - run->stats.n : INT64_MAX;
	int came = kt_consumer_fill(b->consumer, err);
	if (came < 0)
		return -1;
	while (n < most && kt_consumer_next(b->consumer, &r)) {
		n++;
		bytes += (int64_t)(r.key.len + r.value.len);
	}
	kt_benchrun_now(run);
	b->came_us = n ? run->now_us : b->came_us;
	if (n)
		kt_benchstats_count(&run->stats, n, bytes, run->now_us);
	run->complete = (count >= 0 && run->stats.n >= count) || kt_consumer_is_done(b->consumer);
	run->busy = came > 0;
	return kt_consumer_written(b->consumer, err);
}

static bool is_idle(const struct kt_benchconsume *b)
{
	return b->reading.idle_ms && !kt_left_ms(b->run.start_us + b->came_us, b->reading.idle_ms);
}

static int read_all(struct kt_benchconsume *b, struct kt_err *err)
{
	while (!kt_benchrun_over(&b->run) && !is_idle(b))
		if (take(b, err) < 0 || (!b->run.complete && kt_benchrun_turn(&b->run, err) < 0))
			return -1;
	return 0;
}

/* As Java's SimpleDateFormat has it: yyyy-MM-dd HH:mm:ss:SSS, local time. */
static void add_time(struct kt_buf *out, int64_t at_ms)
{
	struct tm tm;
	time_t seconds = (time_t)(at_ms / 1000);
	localtime_r(&seconds, &tm);
	kt_buf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d:%03d, ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(at_ms % 1000));
}

static double per_second(double n, int64_t ms)
{
	return ms > 0 ? n * 1000 / (double)ms : 0;
}

void kt_benchconsume_perf(const struct kt_benchconsume *b, struct kt_buf *out)
{
	const struct kt_benchstats *s = &b->run.stats;
	int64_t took_ms = b->run.now_us / 1000, join_ms = b->assigned_us / 1000, fetch_ms = took_ms - join_ms;
	double mib = (double)s->bytes / MIB, n = (double)s->n;
	kt_buf_adds(out, "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
			 "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n");
	add_time(out, b->begun_ms);
	add_time(out, b->begun_ms + took_ms);
	kt_buf_addf(out, "%.4f, %.4f, %lld, %.4f, %lld, %lld, %.4f, %.4f\n", mib, per_second(mib, took_ms),
		(long long)s->n, per_second(n, took_ms), (long long)join_ms, (long long)fetch_ms,
		per_second(mib, fetch_ms), per_second(n, fetch_ms));
}

static void report(const struct kt_benchconsume *b, struct kt_buf *out)
{
	const struct kt_benchrun *run = &b->run;
	if (run->how.opts->json) {
		kt_jsonout_begin(out, NULL, '{');
		kt_benchreport_json(run, out);
		kt_jsonout_fixed(out, "rebalance_s", (double)b->assigned_us / 1e6, 3);
		kt_jsonout_end(out, '}');
		kt_buf_addc(out, '\n');
		return;
	}
	kt_benchreport_add(run, out);
	kt_buf_addf(out, "rates count from the assignment, %.2f s after the start\n", (double)b->assigned_us / 1e6);
	kt_benchconsume_perf(b, out);
}

static int judge(const struct kt_benchconsume *b, struct kt_err *err)
{
	int64_t count = b->run.how.opts->count, n = b->run.stats.n;
	if (count >= 0 && n < count && !b->run.out.closed && !kt_stop_status(&b->run.stop))
		return kt_err_set(err, KT_PARTIAL, "only %lld of %lld record%s came", (long long)n, (long long)count,
			kt_plural(count));
	return kt_benchreport_judge(&b->run, err);
}

int kt_benchconsume_run(struct kt_benchconsume *b, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = read_all(b, err)};
	kt_benchrun_end(&b->run);
	kt_ending_add(&end, kt_consumer_close(kt_steal(b->consumer), kt_ending_err(&end)));
	report(b, &b->run.out.buf);
	kt_ending_add(&end, kt_out_drain(&b->run.out, kt_ending_err(&end)));
	kt_ending_add(&end, kt_benchreport_save(&b->run, kt_ending_err(&end)));
	return end.result < 0 ? -1 : judge(b, err);
}

void kt_benchconsume_fini(struct kt_benchconsume *b)
{
	kt_consumer_free(&b->consumer);
	kt_reading_fini(&b->reading);
	kt_benchrun_fini(&b->run);
}
