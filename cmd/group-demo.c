/* kt group-demo: members of one consumer group, who owns what, and who gets which record. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "ending.h"
#include "loop.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "reading.h"
#include "say.h"
#include "schedule.h"
#include "sig.h"
#include "simview.h"
#include "when.h"

enum { PATIENCE_MS = 1000, WRITE_MS = 1000, MOST_MEMBERS = 1000, EACH_TURN_MS = 20 };

static const char *const assignors[] = {"default", "range", "roundrobin", "cooperative-sticky", NULL};

struct demo_opts {
	struct kt_client_opts client;
	const char *topic, *group, *reset, *instance;
	struct kt_strs topics, join, leave, kill;
	int64_t members, count, work_ms;
	int assignor;
	bool exit_at_end, json;
};
#define OPTS struct demo_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .help = "topic to read"},
	{.name = "group", .letter = 'g', .also = "G group-id consumer-group", KT_STR(group), .arg = "GROUP",
		.comp = KT_COMP_GROUP, .help = "the group whose members these are"},
	{.name = "members", KT_I64(members), .arg = "N", .def = "1", .help = "run this many members, m1 to mN"},
	{.name = "join", KT_LIST(join), .arg = "TIME",
		.help = "another member joins, this long after the start; repeatable"},
	{.name = "leave", KT_LIST(leave), .arg = "M@TIME", .help = "member M leaves then, as in m2@5; repeatable"},
	{.name = "kill", KT_LIST(kill), .arg = "M@TIME", .help = "member M dies then, without leaving; repeatable"},
	{.name = "work-time", KT_MS(work_ms), .arg = "DUR", .help = "a member takes this long for each record"},
	{.name = "assignor", KT_ENUM(assignor, assignors), .def = "default",
		.help = "who gets which partition; default: as configured, else range"},
	{.name = "instance", KT_STR(instance), .arg = "NAME", .help = "static membership; of N members: NAME-1 to NAME-N"},
	{.name = "reset", KT_STR(reset), .arg = "WHERE",
		.help = "earliest, latest or none: where to start when the group has no offset"},
	{.name = "from-beginning", KT_PRESET(reset, "earliest"), .help = "the same as --reset earliest"},
	{.name = "exit-at-end", .letter = 'e', KT_FLAG(exit_at_end),
		.help = "end where the partitions ended when the run started"},
	{.name = "count", .letter = 'c', .also = "n max-messages", KT_I64(count), .arg = "N", .def = "-1",
		.help = "end after N records; -1: no limit"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per event"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct demo {
	const struct demo_opts *opts;
	struct kt_settings settings;
	struct kt_read_opts read;
	struct kt_reading reading;
	struct kt_schedule timetable;
	struct kt_groupsim *sim;
	struct kt_simview view;
	struct kt_out out;
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source clock, output;
	int64_t wait_ms; /* for the view, and the next appointment */
	int64_t start_us;
	struct kt_waiting wait;
	bool ended, told_wait;
};

static void on_event(void *user, const struct kt_simmember_event *event)
{
	struct demo *d = user;
	kt_simview_event(&d->view, event);
}

static bool write_out(void *user)
{
	struct demo *d = user;
	return kt_out_drain_for(&d->out, WRITE_MS);
}

static int64_t now_ms(const struct demo *d)
{
	return (kt_clock_us() - d->start_us) / 1000;
}

/* It is not an error of the run when members that are to go are not there: it may be random. */
static int keep_appointments(struct demo *d, struct kt_err *err)
{
	const struct kt_appointment *a;
	while ((a = kt_schedule_due(&d->timetable, now_ms(d)))) {
		size_t number = (size_t)a->member - 1;
		bool there = true;
		if (a->what == KT_DO_JOIN && kt_groupsim_join_later(d->sim, err) < 0)
			return -1;
		if (a->what == KT_DO_LEAVE)
			there = kt_groupsim_let_go(d->sim, number);
		if (a->what == KT_DO_KILL)
			there = kt_groupsim_kill(d->sim, number);
		if (!there)
			kt_say(KT_WARNING, "m%lld is not a member at this time", (long long)a->member);
	}
	return 0;
}

/* The table shows by itself who joins. */
static void explain(struct demo *d)
{
	bool seen;
	if (d->view.kind == KT_SIMVIEW_TABLE || !kt_groupsim_say_joining(d->sim, &d->wait, &seen) || seen ||
		d->told_wait || now_ms(d) < PATIENCE_MS)
		return;
	d->told_wait = true;
	kt_say(KT_NORMAL,
		"waiting for group %s: a new group takes some seconds, and a member that was killed keeps its partitions "
		"until its session ends",
		d->reading.group);
}

/* Members, view and output take their turns, then it waits for whichever comes first, or most_ms. */
static int turn(struct demo *d, int64_t most_ms, struct kt_err *err)
{
	if (kt_groupsim_turn(d->sim, kt_out_pending(&d->out) > 0, err) < 0)
		return -1;
	explain(d);
	int64_t draw_ms = kt_simview_draw(&d->view);
	d->wait_ms = most_ms < draw_ms ? most_ms : draw_ms;
	if (kt_out_pump(&d->out, err) < 0)
		return -1;
	if (!kt_out_pending(&d->out) && !d->out.closed)
		kt_groupsim_written(d->sim);
	return kt_loop_turn(&d->loop, err);
}

static int64_t wait_for_clock(void *user, struct pollfd *fd)
{
	const struct demo *d = user;
	(void)fd;
	return d->wait_ms;
}

static void set_up_loop(struct demo *d)
{
	d->clock = (struct kt_loop_source){.user = d, .wait = wait_for_clock};
	d->output = kt_out_source(&d->out);
	d->loop.stop = &d->stop;
	kt_loop_add(&d->loop, &d->clock);
	kt_loop_add(&d->loop, &d->output);
}

static int run_loop(struct demo *d, struct kt_err *err)
{
	for (int64_t i = 0; i < d->opts->members && !kt_owner_stopped(d->opts->client.owner); i++)
		if (kt_groupsim_join(d->sim, err) < 0 || turn(d, 0, err) < 0)
			return -1;
	while (!d->ended && !kt_stop_status(&d->stop)) {
		int64_t next_ms = kt_schedule_wait_ms(&d->timetable, now_ms(d));
		if (keep_appointments(d, err) < 0 || turn(d, next_ms, err) < 0)
			return -1;
		d->ended = d->out.closed || kt_groupsim_is_done(d->sim);
	}
	return 0;
}

static void say_farewell(struct demo *d)
{
	if (d->view.kind == KT_SIMVIEW_VALUES)
		kt_buf_adds(&d->out.buf, "EXITING SAFELY!\n");
	else
		kt_say(KT_NORMAL, "EXITING SAFELY!");
}

/* All leave at once, within a few seconds, whatever the brokers do. */
static void leave(struct demo *d)
{
	struct kt_err ignored;
	struct kt_stop limit = {0};
	bool has_any = kt_groupsim_has_any(d->sim);
	kt_stop_begin(&limit, kt_groupsim_leave_ms(d->sim, kt_stop_status(&d->stop) > KT_SIGNAL));
	d->loop.stop = &limit;
	d->wait_ms = EACH_TURN_MS;
	kt_groupsim_leave(d->sim);
	while (kt_groupsim_present(d->sim) && !kt_stop_status(&limit)) {
		if (kt_groupsim_turn(d->sim, true, &ignored) < 0)
			break;
		kt_simview_draw(&d->view);
		if (kt_out_pump(&d->out, &ignored) < 0)
			d->out.buf.len = d->out.done = 0;
		if (kt_loop_turn(&d->loop, &ignored) < 0)
			break;
	}
	if (kt_groupsim_present(d->sim) && has_any)
		kt_say(KT_WARNING,
			"group %s may not have been left by %zu member%s: no answer; what they own is free again after "
			"session.timeout.ms",
			d->reading.group, kt_groupsim_present(d->sim), kt_plural((int64_t)kt_groupsim_present(d->sim)));
}

static int judge(struct demo *d, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs lines = {0};
	struct kt_verdict v = kt_groupaudit_judge(kt_groupsim_ledger(d->sim), kt_clock_us(), &lines);
	kt_simview_end(&d->view, &v, &lines);
	write_out(d);
	kt_simview_say(&d->view, &lines);
	if (v.uncommitted)
		kt_say(KT_WARNING, "%lld offset%s read and not committed: the group reads %s again%s%s",
			(long long)v.uncommitted, v.uncommitted == 1 ? " was" : "s were",
			v.uncommitted == 1 ? "it" : "them", v.refusal[0] ? ": " : "", v.refusal);
	if (v.holds)
		return 0;
	return kt_err_set(err, KT_FAILED, "the check failed: %s",
		v.overlaps      ? "partitions had two owners at once"
		: v.passed_over ? "offsets were passed over"
		: v.unexplained ? "records came twice without a reason"
		: v.disordered  ? "records came out of order"
				: "keys came in more than one partition");
}

static int finish(struct demo *d, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	int stopped = kt_stop_status(&d->stop);
	bool complete = d->ended || !d->reading.bounded;
	if (stopped == KT_SIGNAL + SIGTERM)
		say_farewell(d);
	kt_waiting_end(&d->wait);
	leave(d);
	kt_ending_add(&end, judge(d, kt_ending_err(&end)));
	return kt_ending_close(&end, complete ? 0 : stopped, "before %s",
		d->opts->exit_at_end ? "the end was reached" : "--count was");
}

static int make_timetable(struct demo *d, struct kt_err *err)
{
	const struct demo_opts *o = d->opts;
	const struct {
		const struct kt_strs *texts;
		const char *option;
		enum kt_do what;
	} lists[] = {{&o->join, "--join", KT_DO_JOIN}, {&o->leave, "--leave", KT_DO_LEAVE},
		{&o->kill, "--kill", KT_DO_KILL}};
	for (size_t i = 0; i < KT_LEN(lists); i++)
		for (size_t k = 0; k < lists[i].texts->n; k++)
			if (kt_schedule_add(&d->timetable, lists[i].what, lists[i].texts->v[k], err) < 0)
				return kt_err_wrap(err, "%s", lists[i].option);
	kt_schedule_sort(&d->timetable);
	return kt_schedule_check(&d->timetable, o->members, err);
}

static int prepare(struct demo *d, struct kt_err *err)
{
	const struct demo_opts *o = d->opts;
	d->read = (struct kt_read_opts){
		.group = o->group, .reset = o->reset, .count = o->count, .exit_at_end = o->exit_at_end};
	if (o->topic)
		kt_strs_add(&d->read.topics, o->topic);
	if (o->members < 1 || o->members > MOST_MEMBERS)
		return kt_err_set(err, KT_USAGE, "--members: 1 to %d", MOST_MEMBERS);
	if (kt_conf_load(&d->settings, &o->client, err) < 0 ||
		kt_reading_init(&d->reading, &d->read, &o->topics, &d->settings, o->client.timeout_ms, err) < 0 ||
		make_timetable(d, err) < 0 || kt_conf_resolve(&d->settings, err) < 0)
		return -1;
	if (d->reading.group)
		return 0;
	kt_err_set(err, KT_USAGE, "no group is given");
	return kt_err_hint(err, "-g GROUP; any name makes a new one");
}

static int open_sim(struct demo *d, struct kt_err *err)
{
	const struct demo_opts *o = d->opts;
	struct kt_groupsim_how how = {
		.each = {.owner = o->client.owner,
			.topics = &d->reading.topics,
			.group = d->reading.group,
			.reset = d->reading.how.reset,
			.assignor = o->assignor ? assignors[o->assignor] : NULL,
			.instance = o->instance,
			.alone = o->members == 1 && !o->join.n,
			.ends = o->exit_at_end,
			.work_ms = o->work_ms,
			.timeout_ms = o->client.timeout_ms},
		.loop = &d->loop,
		.count = o->count,
		.user = d,
		.event = on_event,
		.write_out = write_out,
	};
	if (kt_groupsim_open(&d->sim, &d->settings, &how, err) < 0) {
		if (err->status != KT_UNREACHABLE)
			return -1;
		return kt_err_hint(err, "without a cluster: kt broker --create %s:16 -- kt group-demo %s -g %s …",
			d->reading.topics.v[0], d->reading.topics.v[0], d->reading.group);
	}
	d->view.kind = o->json                                       ? KT_SIMVIEW_JSON
		       : how.each.alone && !o->kill.n && !o->leave.n ? KT_SIMVIEW_VALUES
		       : d->out.terminal                             ? KT_SIMVIEW_TABLE
								     : KT_SIMVIEW_LINES;
	d->view.sim = d->sim;
	return 0;
}

static void tear_down(struct demo *d)
{
	kt_groupsim_free(&d->sim);
	kt_out_fini(&d->out);
	kt_loop_fini(&d->loop);
	kt_schedule_fini(&d->timetable);
	kt_reading_fini(&d->reading);
	kt_strs_fini(&d->read.topics);
	kt_settings_fini(&d->settings);
}

static int demo_run(void *data, struct kt_err *err)
{
	kt_auto(tear_down) struct demo d = {.opts = data};
	kt_out_init(&d.out, STDOUT_FILENO);
	d.start_us = kt_clock_us();
	d.wait.owner = d.opts->client.owner;
	d.stop.outer = d.opts->client.owner->stop;
	kt_stop_begin(&d.stop, d.opts->client.run_for_ms);
	if (prepare(&d, err) < 0)
		return -1;
	set_up_loop(&d);
	d.view = (struct kt_simview){.out = &d.out, .group = d.reading.group, .start_us = d.start_us};
	if (open_sim(&d, err) < 0)
		return -1;
	return finish(&d, run_loop(&d, err), err);
}

static const char *const about[] = {
	"Shows what a consumer group does. One member, the exercise of the tutorial, prints what it was assigned at "
	"every rebalance, and the values; it starts with what is new (--reset latest). Start it twice, with one "
	"group, and watch the partitions being shared.",
	"--members N runs N members, each a client of its own, and shows who owns which partition and how many "
	"records each one got: on a terminal as a live table, else a line per event (seconds, member, event, "
	"topic, partitions; of a record offset, key and value; tabs between), with --json an object. --join, --leave "
	"and --kill make the group rebalance. A member that was killed has not left: its partitions come back when "
	"its session has expired (session.timeout.ms).",
	"At the end all members leave, and the run is checked: every partition had one owner at any time, every "
	"record went to exactly one member (or which ones came again, and why), every key stayed in its partition and "
	"in order. The status is 0 when this holds, also when records came again for a reason that Kafka gives: their "
	"reader was killed, lost its partitions, or its commit was refused. It is 1 when a partition had two owners "
	"at once, when offsets were passed over, or when records came again though they were committed.",
	"Records are committed twice a second, and before a partition goes to another member; a member first finishes "
	"the record that it works on. Where the group has members elsewhere, only those of this run are watched.",
	NULL,
};

static const char *const examples[] = {
	"the tutorial's consumer",
	"kt group-demo client58 -g group1",
	"two members share the partitions, a third joins, one dies",
	"kt group-demo client58 -g g --members 2 --join 5 --kill m1@10",
	"without a cluster",
	"kt broker --create t:16 -- kt group-demo t -g g --members 3 --run-for 10",
	"two members do twice the work of one",
	"kt group-demo client58 -g w --members 2 --work-time 100ms --run-for 20",
	NULL,
};

const struct kt_cmd kt_cmd_group_demo = {
	.name = "group-demo",
	.summary = "watch a consumer group share partitions and records",
	.section = "Exercises",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = demo_run,
};
