/* A run of `kt work` from its beginning to its end. */
#include "workrun.h"

#include "mem.h"
#include "num.h"
#include "say.h"
#include "sig.h"
#include "when.h"
#include "workjobs.h"
#include "workpost.h"
#include "workrun_own.h"

/* How long the end of a run may take, besides the commands' grace: to commit, to leave the group. */
enum { COMMIT_END_MS = 5000, LOOK_MS = 1000, EMPTY_MS = 3000 };

static int64_t wait_for_group(void *user, struct pollfd *fd)
{
	const struct kt_workrun *run = user;
	*fd = (struct pollfd){.fd = run->revoking ? -1 : kt_member_fd(run->member), .events = POLLIN};
	return run->revoking ? 50 : kt_member_poll_ms(run->member);
}

/* A wake-up may be missed: every queue with room is looked at once a second. */
static int serve_group(void *user, short revents, struct kt_err *err)
{
	struct kt_workrun *run = user;
	bool look = revents || kt_clock_us() >= run->look_us;
	if (!look && !run->revoking)
		return 0;
	for (size_t i = 0; look && i < run->n_parts; i++)
		run->parts[i].dry = false;
	if (kt_workmember_serve(run, err) < 0)
		return -1;
	run->look_us = kt_clock_us() + kt_member_poll_ms(run->member) * 1000;
	return 0;
}

static int64_t wait_for_times(void *user, struct pollfd *fd)
{
	const struct kt_workrun *run = user;
	int64_t first_us = run->draining ? INT64_MAX : run->due_us;
	(void)fd;
	if (kt_workmember_has_uncommitted(run) && run->next_commit_us < first_us)
		first_us = run->next_commit_us;
	return kt_until_ms(first_us);
}

static int64_t wait_for_send(void *user, struct pollfd *fd)
{
	const struct kt_workrun *run = user;
	*fd = (struct pollfd){.fd = kt_worksend_fd(run->send), .events = POLLIN};
	if (kt_worksend_has_failed(run->send))
		return 0;
	return kt_worksend_waiting(run->send) ? LOOK_MS : INT64_MAX;
}

static int serve_send(void *user, short revents, struct kt_err *err)
{
	struct kt_workrun *run = user;
	(void)revents;
	if (kt_worksend_serve(run->send, err) == 0)
		return 0;
	/* The end of the run can do without it: commands that finish, commits, and leaving the group. */
	kt_loop_remove(&run->loop, run->send_source);
	if (!run->draining)
		return -1;
	run->failed = run->failed.status ? run->failed : *err;
	return 0;
}

static void add(struct kt_workrun *run, size_t *n, struct kt_loop_source source)
{
	run->sources[*n] = source;
	kt_loop_add(&run->loop, &run->sources[(*n)++]);
}

static void add_sources(struct kt_workrun *run)
{
	size_t n = 0;
	add(run, &n, (struct kt_loop_source){.user = run, .wait = wait_for_group, .serve = serve_group});
	run->runner_source = &run->sources[n];
	add(run, &n, run->runner.source);
	run->send_source = &run->sources[n];
	if (run->send)
		add(run, &n, (struct kt_loop_source){.user = run, .wait = wait_for_send, .serve = serve_send});
	add(run, &n, (struct kt_loop_source){.user = run, .wait = wait_for_times});
	add(run, &n, kt_out_source(run->how.out));
	add(run, &n, kt_workreport_line(run->report));
	if (run->how.metrics_listen)
		add(run, &n, kt_workreport_metrics(run->report));
}

static void free_run(struct kt_workrun **run)
{
	kt_workrun_close(*run);
}

/* Half of the interval after which the group expels a member that does nothing. */
static int64_t longest_revocation(const struct kt_settings *settings, int64_t grace_ms)
{
	int64_t half_ms = strtoll(kt_settings_text(settings, "max.poll.interval.ms", "300000"), NULL, 10) / 2;
	return grace_ms < half_ms ? grace_ms : half_ms;
}

/* Members of a cooperative group hear by a heartbeat that others have given up what is theirs now. */
static int64_t longest_empty(const struct kt_settings *settings)
{
	return EMPTY_MS + strtoll(kt_settings_text(settings, "heartbeat.interval.ms", "3000"), NULL, 10);
}

static int open_send(struct kt_workrun *run, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_worksend_how how = run->how.send;
	if (!how.out && !how.dlq && !how.notify)
		return 0;
	how.owner = run->how.owner;
	how.group = run->how.group;
	how.timeout_ms = run->how.timeout_ms;
	how.items = &run->items;
	how.over = kt_workrecord_over;
	how.user = run;
	return kt_worksend_open(&run->send, settings, &how, err);
}

static int open_runner(struct kt_workrun *run, struct kt_err *err)
{
	const struct kt_workrun_how *how = &run->how;
	if (how->post)
		return kt_workpost_open(&run->runner, how->post, how->headers, &how->runner, err);
	if (how->stays)
		return kt_workstream_open(&run->runner, how->command, how->form, how->window, &how->runner, err);
	return kt_workjobs_open(&run->runner, how->command, &how->runner, err);
}

static int open_member(struct kt_workrun *run, const struct kt_settings *settings, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs others = {0};
	const struct kt_workrun_how *how = &run->how;
	const char *const written[] = {how->send.out, how->send.dlq, how->send.notify};
	for (size_t i = 0; i < KT_LEN(written); i++)
		if (written[i])
			kt_strs_add_new(&others, written[i]);
	const struct kt_member_how member = {
		.owner = how->owner,
		.topics = how->topics,
		.others = &others,
		.group = how->group,
		.instance = how->instance,
		.reset = how->reset,
		.ends = true,
		.split = true,
		.timeout_ms = how->timeout_ms,
	};
	return kt_member_open(&run->member, settings, &member, err);
}

int kt_workrun_open(struct kt_workrun **out, const struct kt_settings *settings, const struct kt_workrun_how *how,
	struct kt_err *err)
{
	kt_auto(free_run) struct kt_workrun *run = kt_calloc(1, sizeof(*run));
	run->how = *how;
	run->wait.owner = how->owner;
	run->how.runner.ended = kt_workrecord_ended;
	run->how.runner.user = run;
	run->how.runner.out = how->out;
	run->how.runner.keeps_out = how->send.out != NULL;
	run->revoke_ms = longest_revocation(settings, how->grace_ms);
	run->empty_ms = longest_empty(settings);
	run->due_us = INT64_MAX;
	run->opened_us = kt_clock_us();
	kt_workitems_init(&run->items, how->order == KT_WORKORDER_KEY ? KT_WORKRUN_KEY_LANES : 0,
		how->stays ? (uint32_t)how->window : 1);
	if (open_runner(run, err) < 0 || kt_workreport_open(&run->report, run, how->metrics_listen, err) < 0 ||
		open_member(run, settings, err) < 0 || open_send(run, settings, err) < 0)
		return -1;
	add_sources(run);
	*out = kt_steal(run);
	return 0;
}

/* Without any partition it is over as well, once it is clear that none will come: a cooperative group hands them out
 * later. */
static bool is_complete(const struct kt_workrun *run)
{
	int64_t finished = run->counts.done + run->counts.dead + run->counts.skipped;
	if (run->how.count >= 0 && finished >= run->how.count)
		return true;
	if (!run->how.ends || !run->assigned_us || run->items.count || run->revoking)
		return false;
	for (size_t i = 0; i < run->n_parts; i++)
		if (run->parts[i].state == KT_WORKPART_OWNED && !run->parts[i].ended)
			return false;
	bool settled = run->n_owned || kt_clock_us() - run->assigned_us > run->empty_ms * 1000;
	/* A commit that a rebalance refuses, and partitions that are then lost, are to be worked on again. */
	return settled && !kt_workmember_has_uncommitted(run);
}

static int turn(struct kt_workrun *run, struct kt_err *err)
{
	if (kt_workrecord_fill(run, err) < 0)
		return -1;
	bool at_end = run->how.ends && !run->items.count && !run->told_refused;
	if (kt_workmember_commit(run, at_end, err) < 0 || kt_out_pump(run->how.out, err) < 0)
		return -1;
	if (run->failed.status || is_complete(run))
		return 0;
	return kt_loop_turn(&run->loop, err);
}

/* What keeps the run from its end. */
static bool is_busy(const struct kt_workrun *run)
{
	return run->running || (run->send && kt_worksend_waiting(run->send));
}

/* What ended the run, which may be the command's own stop, has been heard; what follows now may take that long. */
static void begin_phase(struct kt_workrun *run, int64_t limit_ms)
{
	for (struct kt_stop *outer = run->stop->outer; outer; outer = outer->outer)
		kt_stop_drain(outer, 0);
	kt_stop_drain(run->stop, limit_ms ? limit_ms : 1);
}

/* Turns until nothing is busy any more, or for limit_ms. */
static void settle(struct kt_workrun *run, int64_t limit_ms, struct kt_err *err)
{
	begin_phase(run, limit_ms);
	while (is_busy(run) && !kt_stop_status(run->stop) && !kt_sig_second()) {
		if (kt_workmember_commit(run, false, err) < 0 || kt_out_pump(run->how.out, err) < 0 ||
			kt_loop_turn(&run->loop, err) < 0)
			return;
	}
}

static void commit_all(struct kt_workrun *run, struct kt_err *err)
{
	begin_phase(run, COMMIT_END_MS);
	while (!kt_stop_status(run->stop)) {
		if (kt_workmember_commit(run, true, err) < 0 || !kt_workmember_has_uncommitted(run) ||
			kt_loop_turn(&run->loop, err) < 0)
			return;
	}
}

static void leave(struct kt_workrun *run, struct kt_err *err)
{
	bool has_any = kt_member_has_any(run->member);
	begin_phase(run, kt_member_leave_ms(run->member, run->stopped > KT_SIGNAL));
	/* Whatever has not ended by now is not waited for any more. */
	run->revoke_ms = 0;
	kt_member_leave(run->member);
	while (!run->left && !kt_stop_status(run->stop) && !kt_sig_second())
		if (kt_loop_turn(&run->loop, err) < 0)
			break;
	if (has_any && !run->left)
		kt_say(KT_WARNING,
			"group %s may not have been left, the broker did not answer: its partitions are free again when "
			"its session ends",
			run->how.group);
}

/* Commands that have not finished by now are ended. Returns how many there were. */
static size_t end_commands(struct kt_workrun *run, struct kt_err *err)
{
	size_t n = run->running;
	if (!n)
		return 0;
	kt_say(KT_WARNING, "ending %zu command%s that still run%s", n, kt_plural(n), n == 1 ? "s" : "");
	run->runner.kill(run->runner.self, NULL);
	settle(run, 2 * KT_WORKRUNNER_KILL_MS, err);
	return n;
}

static void count_what_is_left(struct kt_workrun *run)
{
	for (size_t i = 0; i < run->n_parts; i++) {
		struct kt_workpart *part = &run->parts[i];
		if (part->state == KT_WORKPART_FREE)
			continue;
		run->counts.again += (int64_t)kt_workwindow_handed_after(&part->window, part->window.committed);
		run->counts.uncommitted += (int64_t)kt_workwindow_uncommitted(&part->window);
	}
}

int kt_workrun_go(struct kt_workrun *run, struct kt_stop *stop, bool *complete, struct kt_err *err)
{
	struct kt_err ignored = {0};
	int result = 0;
	run->stop = stop;
	run->loop.stop = stop;
	while (result == 0 && !run->failed.status && !is_complete(run) && !run->how.out->closed &&
		!(run->stopped = kt_stop_status(stop)))
		result = turn(run, err);
	*complete = is_complete(run);
	kt_waiting_end(&run->wait);
	run->draining = true;
	settle(run, run->how.grace_ms, &ignored);
	size_t ended = end_commands(run, &ignored);
	kt_loop_remove(&run->loop, run->runner_source);
	commit_all(run, &ignored);
	leave(run, &ignored);
	kt_say_progress("%s", "");
	count_what_is_left(run);
	if (result < 0)
		return -1;
	if (run->failed.status) {
		*err = run->failed;
		return -1;
	}
	if (ended && run->stopped > KT_SIGNAL)
		return kt_err_set(err, run->stopped, "ended by a signal while %zu command%s had not finished", ended,
			kt_plural(ended));
	return 0;
}

int kt_workrun_stopped(const struct kt_workrun *run)
{
	return run->stopped;
}

struct kt_workcounts kt_workrun_counts(const struct kt_workrun *run)
{
	return run->counts;
}

void kt_workrun_close(struct kt_workrun *run)
{
	if (!run)
		return;
	if (run->runner.free)
		run->runner.free(run->runner.self);
	kt_workreport_close(run->report);
	kt_worksend_close(run->send);
	kt_workitems_fini(&run->items);
	kt_member_free(&run->member);
	for (size_t i = 0; i < run->n_parts; i++)
		kt_workwindow_fini(&run->parts[i].window);
	free(run->parts);
	kt_loop_fini(&run->loop);
	free(run);
}
