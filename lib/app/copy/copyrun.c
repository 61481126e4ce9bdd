#include "copyrun_own.h"
#include "ending.h"
#include "mem.h"
#include "say.h"
#include "sig.h"
#include "when.h"

enum { HAND_OVER_MS = 3000 };

/* How much there is to read in all, where the run has an end. */
static void count_work(struct kt_copyrun *run, const struct kt_partitions *parts)
{
	int64_t total = 0;
	for (size_t i = 0; i < parts->n && run->how.reading->how.exit_at_end; i++)
		if (parts->v[i].assigned && parts->v[i].end > parts->v[i].start)
			total += parts->v[i].end - parts->v[i].start;
	run->progress.total = total ? total + run->seen : 0;
	if (run->how.count > 0 && (!total || run->how.count < total))
		run->progress.total = run->how.count;
}

static void on_assigned(void *user, const struct kt_partitions *parts)
{
	struct kt_copyrun *run = user;
	count_work(run, parts);
	kt_reading_say_start(run->how.reading, parts);
	for (size_t i = 0; i < parts->n; i++)
		kt_topicwatch_add(run->watch, parts->v[i].topic);
}

static bool on_revoked(void *user)
{
	return kt_copyflow_write_out(user, HAND_OVER_MS);
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct kt_copyrun *run = user;
	int64_t poll_ms = kt_consumer_poll_ms(run->consumer);
	int64_t idle_ms = kt_left_ms(run->came_us, run->how.reading->idle_ms);
	int64_t due_ms = run->how.speed ? kt_until_ms(run->due_us) : INT64_MAX;
	if (run->is_held)
		return poll_ms < due_ms ? poll_ms : due_ms;
	*fd = (struct pollfd){.fd = kt_consumer_fd(run->consumer), .events = POLLIN};
	return poll_ms < idle_ms ? poll_ms : idle_ms;
}

/* A record is at hand, and not for want of time. */
static bool waits_for_room(const struct kt_copyrun *run)
{
	return run->is_held && !run->how.speed;
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	enum { LOOK_MS = 1000 };
	const struct kt_copyrun *run = user;
	int64_t due_ms = run->exact ? kt_copyexact_due_ms(run->exact, waits_for_room(run)) : INT64_MAX;
	*fd = (struct pollfd){.fd = kt_producer_fd(run->producer), .events = POLLIN};
	return kt_producer_waiting(run->producer) && due_ms > LOOK_MS ? LOOK_MS : due_ms;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	struct kt_copyrun *run = user;
	(void)revents;
	if (kt_producer_serve(run->producer, err) < 0)
		return -1;
	if (run->failed.status)
		*err = run->failed;
	return run->failed.status ? -1 : kt_copyflow_settle(run, err);
}

static int open_consumer(struct kt_copyrun *run, struct kt_err *err)
{
	struct kt_consumer_how *how = &run->how.reading->how;
	how->owner = &run->owner;
	how->user = run;
	how->headers = true;
	how->assigned = on_assigned;
	how->write_out = on_revoked;
	if (!how->exit_at_end && !kt_settings_get(&run->how.ends->source.settings, "kt.embedded"))
		run->watch = kt_topicwatch_new(&run->how.ends->source.settings);
	return kt_consumer_open(&run->consumer, &run->how.ends->source.settings, how, err);
}

static int open_producer(struct kt_copyrun *run, struct kt_err *err)
{
	const struct kt_producer_how how = {
		.owner = &run->owner,
		.topic = run->how.ends->target.topic,
		.partition = -1,
		.idempotent = true,
		.transactional = run->how.exact,
		.timeout_ms = run->how.timeout_ms,
		.done = kt_copyflow_delivery,
		.every_delivery = true,
		.user = run,
	};
	return kt_producer_open(&run->producer, &run->how.ends->target.settings, &how, err);
}

/* The producer's transactions come first: then nobody else moves the place that is read. */
static int open_exact(struct kt_copyrun *run, struct kt_err *err)
{
	const struct kt_copyexact_how how = {
		.owner = &run->owner,
		.ends = run->how.ends,
		.producer = run->producer,
		.group = run->how.group,
		.timeout_ms = run->how.timeout_ms,
	};
	if (kt_copyexact_open(&run->exact, &how, err) < 0)
		return -1;
	return kt_copyexact_starts(run->exact, run->how.reading, err);
}

static void add_sources(struct kt_copyrun *run)
{
	run->records = (struct kt_loop_source){.user = run, .wait = wait_for_records};
	run->reports = (struct kt_loop_source){.user = run, .wait = wait_for_reports, .serve = serve_reports};
	run->loop.stop = &run->stop;
	kt_loop_add(&run->loop, &run->records);
	kt_loop_add(&run->loop, &run->reports);
	run->owner = *run->how.owner;
	run->owner.stop = &run->stop;
	run->stop.outer = run->how.owner->stop;
	kt_stop_begin(&run->stop, run->how.run_for_ms);
}

static void close_run(struct kt_copyrun **run)
{
	kt_copyrun_close(*run);
}

int kt_copyrun_open(struct kt_copyrun **out, const struct kt_copyrun_how *how, struct kt_err *err)
{
	kt_auto(close_run) struct kt_copyrun *run = kt_calloc(1, sizeof(*run));
	run->how = *how;
	run->record.how = how->record;
	add_sources(run);
	if (kt_copyreport_open(run, err) < 0 || open_producer(run, err) < 0 ||
		(how->exact && open_exact(run, err) < 0) || open_consumer(run, err) < 0)
		return -1;
	if (how->exact && kt_copyexact_check(run->exact, kt_consumer_parts(run->consumer), err) < 0) {
		kt_copyexact_explain(run->exact, err);
		return -1;
	}
	*out = kt_steal(run);
	return 0;
}

/* --idle: no record has come for that long. */
static bool is_idle(struct kt_copyrun *run, bool came)
{
	if (came || !run->came_us)
		run->came_us = kt_clock_us();
	return run->how.reading->idle_ms && !kt_left_ms(run->came_us, run->how.reading->idle_ms);
}

/* One turn of the loop: takes what there is and sends it on, or else waits. */
static int turn(struct kt_copyrun *run, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *anew = kt_topicwatch_take(run->watch);
	int64_t seen = run->seen;
	bool held = run->is_held;
	if (anew)
		kt_consumer_restart(run->consumer, anew);
	int took = held ? kt_consumer_idle(run->consumer, err) : kt_consumer_fill(run->consumer, err);
	if (took < 0)
		return -1;
	kt_copyflow_forget_held(run);
	run->progress.done = run->progress.total == run->how.count ? run->taken : run->seen;
	kt_progress_records(&run->progress, run->counts.copied);
	if (kt_copyflow_copy(run, err) < 0)
		return -1;
	bool due = run->exact &&
		   kt_copyexact_is_due(run->exact, run->open_taken, waits_for_room(run) || (!run->is_held && took > 0));
	if (due && kt_copyflow_commit(run, err) < 0)
		return -1;
	run->ended = run->ended || (!run->is_held && kt_consumer_is_done(run->consumer)) ||
		     is_idle(run, held || run->seen > seen);
	/* Only a fill that found nothing may be followed by waiting for more. */
	if (run->ended || (!run->is_held && (held || took > 0))) {
		kt_httpd_serve(run->httpd);
		return serve_reports(run, 0, err);
	}
	return kt_loop_turn(&run->loop, err);
}

static void settle_topics(const struct kt_copyrun *run)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	if (run->how.ends->target.topic)
		kt_strs_add(&topics, run->how.ends->target.topic);
	for (size_t i = 0; i < run->n_topics; i++)
		kt_strs_add_new(&topics, run->topics[i].name);
	kt_copyexact_settle(run->exact, &topics);
}

static void finish_exact(struct kt_copyrun *run, struct kt_ending *end)
{
	if (end->result == 0 && kt_copyexact_is_open(run->exact))
		kt_ending_add(end, kt_copyflow_commit(run, kt_ending_err(end)));
	if (end->result == 0) {
		settle_topics(run);
		return;
	}
	kt_copyexact_abort(run->exact);
	kt_copyexact_explain(run->exact, end->err);
}

/* What is on its way is seen through; after a signal, or when something was refused, for some seconds. */
static int finish(struct kt_copyrun *run, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	bool complete = run->ended || !run->how.reading->bounded;
	int stopped = kt_stop_status(&run->stop);
	if (run->exact)
		finish_exact(run, &end);
	else if (result < 0)
		kt_copyflow_write_out(run, KT_COPY_STOPPED_MS);
	else
		kt_ending_add(&end, kt_producer_drain(run->producer, -1, KT_COPY_STOPPED_MS, kt_ending_err(&end)));
	if (!stopped && run->failed.status && end.result == 0) {
		*err = run->failed;
		end.result = -1;
	}
	if (stopped && run->failed.status && end.result == 0)
		kt_say(KT_WARNING, "%s", run->failed.msg);
	kt_ending_add(&end, kt_copyflow_settle(run, kt_ending_err(&end)));
	/* Partitions that are given up are still asked about while it closes. */
	kt_ending_add(&end, kt_consumer_close(run->consumer, kt_ending_err(&end)));
	run->consumer = NULL;
	return kt_ending_close(&end, complete ? 0 : stopped, "after %lld records", (long long)run->counts.copied);
}

int kt_copyrun_go(struct kt_copyrun *run, struct kt_err *err)
{
	int result = 0;
	while (result == 0 && !run->ended && !kt_stop_status(&run->stop))
		result = turn(run, err);
	if (finish(run, result, err) < 0)
		return -1;
	if (!run->how.verifies)
		return 0;
	if (kt_copyverify_read(&run->verify, run->how.ends, &run->owner, run->how.timeout_ms, err) < 0)
		return kt_err_wrap(err, "--verify");
	kt_say(KT_NORMAL, "verified: what was sent to %s is there%s", run->how.ends->target.topic,
		run->verify.retimes ? ", with timestamps of its own" : "");
	return 0;
}

struct kt_copycounts kt_copyrun_counts(const struct kt_copyrun *run)
{
	return run->counts;
}

void kt_copyrun_close(struct kt_copyrun *run)
{
	if (!run)
		return;
	kt_topicwatch_free(&run->watch);
	kt_consumer_free(&run->consumer);
	kt_copyexact_close(run->exact);
	kt_producer_close(run->producer);
	kt_httpd_close(run->httpd);
	kt_loop_fini(&run->loop);
	kt_copyflight_fini(&run->flight);
	kt_copyrecord_fini(&run->record);
	kt_copyverify_fini(&run->verify);
	for (size_t i = 0; i < run->n_topics; i++)
		free(run->topics[i].name);
	free(run->topics);
	free(run);
}
