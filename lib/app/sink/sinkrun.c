#include "ending.h"
#include "mem.h"
#include "say.h"
#include "sinkrun_own.h"
#include "when.h"

static void count_work(struct kt_sinkrun *run)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	int64_t total = 0;
	for (size_t i = 0; i < parts->n && run->how.reading->how.exit_at_end; i++)
		if (parts->v[i].end > parts->v[i].start)
			total += parts->v[i].end - parts->v[i].start;
	run->progress.total = total;
	if (run->how.count > 0 && (!total || run->how.count < total))
		run->progress.total = run->how.count;
}

/* A partition that appears during the run is watched as the others are. */
static void on_assigned(void *user, const struct kt_partitions *parts)
{
	struct kt_sinkrun *run = user;
	run->committed = kt_grow(run->committed, &run->committed_cap, parts->n, sizeof(*run->committed));
	for (size_t i = run->n_committed; i < parts->n; i++) {
		run->committed[i] = parts->v[i].start;
		kt_topicwatch_add(run->watch, parts->v[i].topic);
	}
	run->n_committed = parts->n;
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct kt_sinkrun *run = user;
	int64_t due_ms = run->how.store.due_ms(run->how.store.user);
	int64_t idle_ms = kt_left_ms(run->came_us, run->how.reading->idle_ms);
	int64_t poll_ms = kt_consumer_poll_ms(run->consumer);
	*fd = (struct pollfd){.fd = kt_consumer_fd(run->consumer), .events = POLLIN};
	idle_ms = idle_ms < due_ms ? idle_ms : due_ms;
	return poll_ms < idle_ms ? poll_ms : idle_ms;
}

static int open_consumer(struct kt_sinkrun *run, struct kt_err *err)
{
	struct kt_consumer_how *how = &run->how.reading->how;
	how->owner = &run->owner;
	how->user = run;
	how->headers = true;
	how->assigned = on_assigned;
	kt_sinkstart_choose(run);
	if (!how->exit_at_end && !kt_settings_get(run->how.settings, "kt.embedded"))
		run->watch = kt_topicwatch_new(run->how.settings);
	if (kt_consumer_open(&run->consumer, run->how.settings, how, err) < 0)
		return -1;
	return kt_sinkstart_check(run, err);
}

static void add_sources(struct kt_sinkrun *run)
{
	run->records = (struct kt_loop_source){.user = run, .wait = wait_for_records};
	run->loop.stop = &run->stop;
	kt_loop_add(&run->loop, &run->records);
	run->owner = *run->how.owner;
	run->owner.stop = &run->stop;
	run->stop.outer = run->how.owner->stop;
	kt_stop_begin(&run->stop, run->how.run_for_ms);
}

static void close_run(struct kt_sinkrun **run)
{
	kt_sinkrun_close(*run);
}

int kt_sinkrun_open(struct kt_sinkrun **out, const struct kt_sinkrun_how *how, struct kt_err *err)
{
	kt_auto(close_run) struct kt_sinkrun *run = kt_calloc(1, sizeof(*run));
	run->how = *how;
	add_sources(run);
	run->group = (struct kt_sinkgroup){.name = how->group, .settings = how->settings, .owner = &run->owner};
	if (open_consumer(run, err) < 0 ||
		how->store.begin(how->store.user, kt_consumer_parts(run->consumer), err) < 0 ||
		kt_sinkreport_open(run, err) < 0)
		return -1;
	count_work(run);
	*out = kt_steal(run);
	return 0;
}

static int commit(struct kt_sinkrun *run, struct kt_err *err)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	if (run->how.store.commit(run->how.store.user, parts, err) < 0)
		return -1;
	for (size_t i = 0; i < run->n_committed; i++)
		run->committed[i] = parts->v[i].written;
	run->counts.written += run->open_taken;
	if (run->open_taken)
		run->committed_ms = kt_now_ms();
	run->open_taken = 0;
	kt_sinkgroup_commit(&run->group, parts, run->committed, run->n_committed, false);
	return 0;
}

static bool has_count(const struct kt_sinkrun *run)
{
	return run->how.count >= 0 && run->counts.written + run->open_taken >= run->how.count;
}

static bool is_left_out(const struct kt_sinkrun *run, const struct kt_record *r)
{
	const struct kt_filter *f = run->how.filter;
	return f->any && !(kt_filter_takes(f, r) && (run->how.store.filters || kt_filter_takes_value(f, r->value)));
}

static int take(struct kt_sinkrun *run, const struct kt_record *r, struct kt_err *err)
{
	const struct kt_sinkstore *store = &run->how.store;
	if (is_left_out(run, r)) {
		run->counts.filtered++;
		return store->pass ? store->pass(store->user, r, err) : 0;
	}
	int left_out = store->take(store->user, r, err);
	if (left_out < 0)
		return -1;
	run->counts.filtered += left_out;
	run->open_taken += !left_out;
	return 0;
}

/* All that has come. */
static int take_batch(struct kt_sinkrun *run, struct kt_err *err)
{
	struct kt_record r;
	run->batch_taken = 0;
	while (!has_count(run) && kt_consumer_next(run->consumer, &r)) {
		run->seen++;
		if (take(run, &r, err) < 0)
			return -1;
		run->batch_taken++;
	}
	run->ended = run->ended || has_count(run);
	return kt_consumer_written(run->consumer, err);
}

/* --idle: no record has come for that long. */
static bool is_idle(struct kt_sinkrun *run, bool came)
{
	if (came || !run->came_us)
		run->came_us = kt_clock_us();
	return run->how.reading->idle_ms && !kt_left_ms(run->came_us, run->how.reading->idle_ms);
}

/* Its offsets mean other records now. */
static int check_topics(struct kt_sinkrun *run, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *anew = kt_topicwatch_take(run->watch);
	return anew ? kt_sinkstart_refuse(run, anew, err) : 0;
}

/* One turn of the loop: takes what there is, or else waits. */
static int turn(struct kt_sinkrun *run, struct kt_err *err)
{
	int64_t seen = run->seen;
	int took = check_topics(run, err) < 0 ? -1 : kt_consumer_fill(run->consumer, err);
	if (took < 0 || take_batch(run, err) < 0)
		return -1;
	if (run->how.store.due_ms(run->how.store.user) == 0 && commit(run, err) < 0)
		return -1;
	run->progress.done = run->progress.total == run->how.count ? run->counts.written + run->open_taken : run->seen;
	kt_progress_records(&run->progress, run->counts.written + run->open_taken);
	run->ended = run->ended || kt_consumer_is_done(run->consumer) || is_idle(run, run->seen > seen);
	/* Only a fill that found nothing may be followed by waiting for more. */
	if (!run->ended && took == 0)
		return kt_loop_turn(&run->loop, err);
	kt_httpd_serve(run->httpd);
	return 0;
}

/* What was taken is kept, whatever ended the run. */
static int finish(struct kt_sinkrun *run, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	bool complete = run->ended || !run->how.reading->bounded;
	int stopped = kt_stop_status(&run->stop);
	if (run->progress.shown_us)
		kt_say_progress("%s", "");
	if (result < 0)
		kt_ending_add(&end, kt_consumer_written_only(run->consumer, run->batch_taken, kt_ending_err(&end)));
	int kept = commit(run, kt_ending_err(&end));
	kt_ending_add(&end, kept);
	if (kept == 0)
		kt_sinkgroup_commit(
			&run->group, kt_consumer_parts(run->consumer), run->committed, run->n_committed, true);
	return kt_ending_close(&end, complete ? 0 : stopped, "after %lld records", (long long)run->counts.written);
}

int kt_sinkrun_go(struct kt_sinkrun *run, struct kt_err *err)
{
	int result = 0;
	while (result == 0 && !run->ended && !kt_stop_status(&run->stop))
		result = turn(run, err);
	return finish(run, result, err);
}

struct kt_sinkcounts kt_sinkrun_counts(const struct kt_sinkrun *run)
{
	return run->counts;
}

void kt_sinkrun_close(struct kt_sinkrun *run)
{
	if (!run)
		return;
	kt_topicwatch_free(&run->watch);
	kt_sinkgroup_fini(&run->group);
	kt_consumer_free(&run->consumer);
	kt_httpd_close(run->httpd);
	kt_loop_fini(&run->loop);
	free(run->committed);
	free(run->starts);
	free(run);
}
