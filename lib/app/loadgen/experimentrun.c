/* A run of experiments: everything that `kt loadgen` puts around a workload. */
#include "experimentrun.h"

#include "ending.h"
#include "loop.h"
#include "num.h"
#include "topic.h"

enum { GRACE_MS = 5000, SERVE_MS = 200, LINGER_MS = 100, GATHER_US = 5000, IN_FLIGHT = 20000 };

/* Closed pacing waits for company as the original does, scaled with the speed since its samples wait for it too. Open
 * pacing waits as long as the library would, but for the events of all partitions at once. */
static void put_linger(struct kt_experimentrun *run, struct kt_settings *s)
{
	const struct kt_experimentrun_how *how = &run->how;
	char linger[32];
	if (how->speed <= 0)
		return;
	snprintf(linger, sizeof(linger), "%.3g", LINGER_MS / (how->speed > 1 ? how->speed : 1));
	if (how->open && !kt_settings_get(s, "linger.ms"))
		run->gather_us = GATHER_US;
	kt_settings_put(s, KT_RANK_BUILTIN, "linger.ms", how->open ? "0" : linger, "kt loadgen");
}

void kt_experimentrun_init(
	struct kt_experimentrun *run, const struct kt_experimentrun_how *how, struct kt_settings *settings)
{
	run->how = *how;
	run->owner = *how->owner;
	run->owner.stop = &run->stop;
	run->stop.outer = how->owner->stop;
	put_linger(run, settings);
	kt_settings_put(settings, KT_RANK_BUILTIN, "queue.buffering.max.messages", "1000000", "kt loadgen");
}

static int64_t in_flight(const struct kt_settings *s)
{
	int64_t room = strtoll(kt_settings_text(s, "queue.buffering.max.messages", "1000000"), NULL, 10);
	return room / 2 < IN_FLIGHT ? room / 2 : IN_FLIGHT;
}

static int open_producer(struct kt_experimentrun *run, const struct kt_settings *s, struct kt_err *err)
{
	const struct kt_experimentrun_how *h = &run->how;
	struct kt_producer_how how = {
		.owner = &run->owner,
		.topic = kt_settings_text(s, "kt.topic", NULL),
		.partition = -1,
		.idempotent = true,
		.timeout_ms = h->timeout_ms,
		.done = kt_workload_delivery,
		.every_delivery = true,
		.user = &run->work,
	};
	if (kt_topic_check(how.topic, err) < 0 || kt_producer_open(&run->producer, s, &how, err) < 0)
		return -1;
	if (!h->document)
		return 0;
	run->document_topic = kt_producer_topic(run->producer, h->document, err);
	return run->document_topic < 0 ? -1 : kt_producer_await(run->producer, run->document_topic, err);
}

static int send_event(void *user, bool document, const struct kt_record *record, int64_t tag, struct kt_err *err)
{
	struct kt_experimentrun *run = user;
	int topic = document ? run->document_topic : KT_PRODUCER_TOPIC;
	return kt_producer_send(run->producer, topic, record, tag, KT_SEND_BORROWED, err);
}

static int64_t waiting(void *user)
{
	const struct kt_experimentrun *run = user;
	return run->producer ? kt_producer_waiting(run->producer) : 0;
}

static int open_workload(struct kt_experimentrun *run, const struct kt_settings *s, struct kt_err *err)
{
	const struct kt_experimentrun_how *h = &run->how;
	struct kt_workload_how how = {
		.user = run,
		.send = send_event,
		.waiting = waiting,
		.loads = h->loads,
		.secret_key = h->secret_key,
		.seed = h->seed,
		.speed = h->speed,
		.repeat = h->repeat,
		.rate = h->rate,
		.in_flight = in_flight(s),
		.gather_us = run->gather_us,
		.open = h->open,
		.documents = h->document != NULL,
	};
	return kt_workload_init(&run->work, &how, err);
}

static int open_log(struct kt_experimentrun *run, const struct kt_settings *s, struct kt_err *err)
{
	if (!run->how.logs)
		return 0;
	if (kt_loadlog_open(&run->loadlog, run->how.log_file, err) < 0)
		return -1;
	if (run->how.log_filter)
		kt_loadlog_filter(&run->loadlog, run->how.log_filter);
	run->loadlog.topic = kt_settings_text(s, "kt.topic", NULL);
	run->loadlog.document = run->how.document;
	run->work.how.loadlog = &run->loadlog;
	return 0;
}

int kt_experimentrun_open(struct kt_experimentrun *run, const struct kt_settings *s, struct kt_err *err)
{
	if (open_workload(run, s, err) < 0 || open_log(run, s, err) < 0 || open_producer(run, s, err) < 0)
		return -1;
	run->metrics = (struct kt_metrics){
		.work = &run->work, .topic = kt_settings_text(s, "kt.topic", NULL), .document = run->how.document};
	if (!run->how.no_metrics && kt_metrics_open(&run->metrics, run->how.metrics_listen, err) < 0)
		return kt_err_wrap(err, "--metrics-listen");
	return 0;
}

/* Reports that come in the last millisecond before something else is due are taken with that. */
static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_experimentrun *run = user;
	if (!run->gather_us || run->idle_ms > 1)
		*fd = (struct pollfd){.fd = kt_producer_fd(run->producer), .events = POLLIN};
	return run->idle_ms;
}

static int64_t wait_for_requests(void *user, struct pollfd *fd)
{
	const struct kt_experimentrun *run = user;
	*fd = (struct pollfd){.fd = kt_httpd_fd(run->metrics.httpd), .events = POLLIN};
	return kt_metrics_wait_ms(&run->metrics);
}

static int serve_requests(void *user, short revents, struct kt_err *err)
{
	struct kt_experimentrun *run = user;
	(void)revents, (void)err;
	kt_metrics_serve(&run->metrics);
	return 0;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_experimentrun *run = user;
	(void)revents;
	return kt_producer_serve(run->producer, err);
}

static int run_loop(struct kt_experimentrun *run, struct kt_err *err)
{
	struct kt_stop duration = {.outer = &run->stop};
	struct kt_loop_source requests = {.user = run, .wait = wait_for_requests, .serve = serve_requests};
	struct kt_loop_source reports = {.user = run, .wait = wait_for_reports, .serve = serve_reports};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &duration};
	kt_stop_begin(&duration, run->how.duration_ms);
	kt_loop_add(&loop, &requests);
	kt_loop_add(&loop, &reports);
	while (!kt_workload_over(&run->work)) {
		if (kt_stop_status(&duration))
			return kt_workload_stop(&run->work, err);
		kt_loadview_progress(&run->view, &run->work);
		if (kt_workload_turn(&run->work, &run->idle_ms, err) < 0)
			return -1;
		run->idle_ms = run->idle_ms < SERVE_MS ? run->idle_ms : SERVE_MS;
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
		kt_flights_tell(&run->work.flights, false);
	}
	run->complete = true;
	return 0;
}

int kt_experimentrun_run(struct kt_experimentrun *run, struct kt_err *err)
{
	kt_stop_begin(&run->stop, run->how.run_for_ms);
	struct kt_ending end = {.err = err, .result = run_loop(run, err)};
	kt_flights_hand_over(&run->work.flights);
	kt_ending_add(&end, kt_producer_drain(run->producer, -1, GRACE_MS, kt_ending_err(&end)));
	kt_flights_tell(&run->work.flights, true);
	return end.result;
}

void kt_experimentrun_summary(const struct kt_experimentrun *run, struct kt_buf *out, bool json)
{
	kt_loadview_summary(out, &run->work, json);
}

int kt_experimentrun_judge(const struct kt_experimentrun *run, struct kt_err *err)
{
	struct kt_event_counts total = kt_flights_total(&run->work.flights);
	int64_t failed = total.sent - total.delivered + total.refused;
	int stopped = run->complete ? 0 : kt_stop_status(&run->stop);
	if (stopped > KT_SIGNAL && (run->how.repeat || failed))
		return kt_err_set(err, stopped, "ended by a signal: %lld event%s delivered, %lld not",
			(long long)total.delivered, kt_plural(total.delivered), (long long)failed);
	if (failed || run->work.failed_runs)
		return kt_err_set(err, KT_PARTIAL, "%lld of %lld event%s not delivered, %lld experiment%s failed",
			(long long)failed, (long long)(total.sent + total.refused),
			kt_plural(total.sent + total.refused), (long long)run->work.failed_runs,
			kt_plural(run->work.failed_runs));
	if (run->loadlog.failed.msg[0]) {
		*err = run->loadlog.failed;
		return -1;
	}
	return stopped == KT_RUN_ENDED ? kt_ended(stopped, err, "before the experiments did") : 0;
}

void kt_experimentrun_fini(struct kt_experimentrun *run)
{
	kt_metrics_close(&run->metrics);
	kt_producer_close(run->producer);
	kt_workload_fini(&run->work);
	kt_loadlog_close(&run->loadlog);
}
