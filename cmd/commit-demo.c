/* kt commit-demo: what committing an offset means, a record at a time. */
#include <unistd.h>

#include "cmd.h"
#include "commitcompare.h"
#include "commitstep.h"
#include "conf.h"
#include "demotext.h"
#include "ending.h"
#include "loop.h"
#include "mem.h"
#include "member.h"
#include "num.h"
#include "out.h"
#include "reading.h"
#include "recordcommand.h"
#include "say.h"
#include "sig.h"
#include "storestep.h"
#include "when.h"

enum { PATIENCE_MS = 1000, SILENT_MS = 150, FINISH_MS = 1000 };

struct commit_demo_opts {
	struct kt_client_opts client;
	struct kt_storestep_how storing;
	struct kt_strs topics;
	const char *topic, *group;
	int64_t count, session_ms;
	int commit, reset;
	bool compare, python, json;
};
#define OPTS struct commit_demo_opts

static const char *const commits[] = {[KT_ROUND_AFTER] = "after",
	[KT_ROUND_BEFORE] = "before",
	[KT_ROUND_AUTO] = "auto",
	[KT_ROUND_NONE] = "none",
	NULL};
static const char *const resets[] = {"earliest", "latest", "none", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics to read (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .help = "topic to read"},
	{.name = "group", .letter = 'g', .also = "G group-id consumer-group", KT_STR(group), .arg = "GROUP",
		.comp = KT_COMP_GROUP, .help = "the group whose offsets are committed"},
	{.name = "commit", KT_ENUM(commit, commits), .def = "after",
		.help = "when a record is committed: after or before it is stored, by timer, or never"},
	{.name = "store-time", KT_MS(storing.time_ms), .arg = "DUR", .def = "10s",
		.help = "storing takes at least this long"},
	{.name = "store", KT_STR(storing.file), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "store for real, each record once, in this SQLite file"},
	{.name = "store-command", KT_STR(storing.command), .arg = "CMD",
		.help = "store with this sh command; the value is its stdin, status 0 means stored"},
	{.name = "count", .letter = 'c', .also = "n max-messages", KT_I64(count), .arg = "N", .def = "-1",
		.help = "end after N records; -1: no limit"},
	{.name = "reset", KT_ENUM(reset, resets), .def = "earliest",
		.help = "where to start when the group has no offset"},
	{.name = "session-timeout", KT_MS(session_ms), .arg = "DUR", .def = "0",
		.help = "a killed member's partitions are free after this; 0: session.timeout.ms"},
	{.name = "python", KT_FLAG(python), .conflict = 'f', .help = "print what the tutorial's Python script prints"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .conflict = 'f', .help = "one JSON object per event"},
	{.name = "compare", KT_FLAG(compare),
		.help = "kill a member with each way to commit, and compare; needs no cluster"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct demo {
	const OPTS *opts;
	const char *group;
	int64_t session_ms;
	struct kt_strs topics;
	struct kt_settings settings;
	struct kt_member *member;
	struct kt_storestep *storing;
	struct kt_out out;
	struct kt_commitstep round;
	bool assigned; /* the run has its first partitions */
	struct kt_waiting wait;
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source sources[4]; /* the group first */
};

static void free_demo(struct demo **at)
{
	struct demo *d = *at;
	kt_member_free(&d->member);
	kt_storestep_free(&d->storing);
	kt_out_fini(&d->out);
	kt_settings_fini(&d->settings);
	kt_strs_fini(&d->topics);
	kt_commitstep_fini(&d->round);
	kt_loop_fini(&d->loop);
	free(d);
}

/* Nothing is left to do. */
static bool is_over(const struct demo *d)
{
	return d->out.closed || (d->opts->count >= 0 && d->round.n_done >= d->opts->count);
}

static void on_assigned(struct demo *d, const struct kt_member_event *event)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	char waited[32];
	kt_tell_assigned(&d->round.telling, event->parts, event->n_parts);
	for (size_t i = 0; i < event->n_parts; i++)
		if (event->parts[i].offset != KT_NO_OFFSET)
			kt_buf_addf(&text, "%s %s [%d] at %lld (%s)", i ? "," : "", event->parts[i].topic,
				(int)event->parts[i].partition, (long long)event->parts[i].offset,
				kt_start_names[event->parts[i].why]);
	if (!d->assigned && d->round.told)
		kt_say(KT_NORMAL, "group %s is joined after %s", d->group,
			kt_show_ms((kt_clock_us() - d->round.since_us) / 1000, waited));
	if (text.len)
		kt_say(KT_NORMAL, "starts:%s", kt_buf_cstr(&text));
	d->assigned = true;
	d->round.told = false;
}

static void on_gone(struct demo *d, const struct kt_member_event *event)
{
	bool lost = event->kind == KT_MEMBER_LOST;
	kt_tell_gone(&d->round.telling, lost ? "lost" : "revoked", event->parts, event->n_parts);
	if (lost)
		kt_say(KT_WARNING, "group %s: the partitions are lost; other members may have them by now", d->group);
	kt_commitstep_gone(&d->round, event);
}

static void on_trouble(struct demo *d, const struct kt_err *why)
{
	kt_tell_trouble(&d->round.telling, why->msg);
	kt_say(KT_WARNING, "%s%s%s", why->msg, why->hint[0] ? "; " : "", why->hint);
}

/* What the membership reports, up to the next record. */
static int serve_group(struct demo *d, struct kt_err *err)
{
	struct kt_member_event event;
	do {
		if (kt_member_next(d->member, &event, err) < 0)
			return -1;
		if (event.kind == KT_MEMBER_ASSIGNED)
			on_assigned(d, &event);
		else if (event.kind == KT_MEMBER_REVOKED || event.kind == KT_MEMBER_LOST)
			on_gone(d, &event);
		else if (event.kind == KT_MEMBER_TROUBLE)
			on_trouble(d, &event.why);
		else if (event.kind == KT_MEMBER_COMMITTED && kt_commitstep_committed(&d->round, &event, err) < 0)
			return -1;
		else if (event.kind == KT_MEMBER_RECORD)
			return kt_commitstep_begin(&d->round, &event.record, err);
	} while (!is_over(d) && event.kind != KT_MEMBER_NOTHING);
	return 0;
}

/* Silence is explained after a second. */
static void explain(struct demo *d)
{
	char session[32];
	bool slow = kt_clock_us() - d->round.since_us >= PATIENCE_MS * 1000, seen;
	if (kt_member_say_joining(d->member, &d->wait, &seen) && seen)
		d->round.told = true;
	if (d->round.told || !slow || (d->assigned && d->round.stage != KT_ROUND_COMMITTING))
		return;
	d->round.told = true;
	if (d->assigned)
		kt_say(KT_NORMAL, "waiting for the broker to acknowledge the commit of %s [%d] offset %lld",
			d->round.topic, (int)d->round.partition, (long long)d->round.offset);
	else
		kt_say(KT_NORMAL,
			"waiting for group %s: a member that was killed could not leave, and the broker keeps its "
			"partitions until its session ends, up to %s (a new group takes some seconds as well)",
			d->group, kt_show_ms(d->session_ms, session));
}

static int64_t wait_for_group(void *user, struct pollfd *fd)
{
	const struct demo *d = user;
	*fd = (struct pollfd){.fd = kt_member_fd(d->member), .events = POLLIN};
	return kt_member_poll_ms(d->member);
}

static int64_t wait_for_command(void *user, struct pollfd *fd)
{
	const struct demo *d = user;
	*fd = (struct pollfd){.fd = kt_commitstep_fd(&d->round), .events = POLLIN};
	return kt_commitstep_wait_ms(&d->round);
}

/* For explain(). */
static int64_t wait_for_words(void *user, struct pollfd *fd)
{
	const struct demo *d = user;
	(void)fd;
	return d->round.told && !d->wait.seen ? INT64_MAX : 250;
}

static int turn(struct demo *d, struct kt_err *err)
{
	if (serve_group(d, err) < 0 || kt_commitstep_serve(&d->round, err) < 0)
		return -1;
	explain(d);
	if (kt_out_pump(&d->out, err) < 0)
		return -1;
	return is_over(d) ? 0 : kt_loop_turn(&d->loop, err);
}

static int run_loop(struct demo *d, struct kt_err *err)
{
	d->sources[0] = (struct kt_loop_source){.user = d, .wait = wait_for_group};
	d->sources[1] = (struct kt_loop_source){.user = d, .wait = wait_for_command};
	d->sources[2] = (struct kt_loop_source){.user = d, .wait = wait_for_words};
	d->sources[3] = kt_out_source(&d->out);
	d->loop.stop = &d->stop;
	for (size_t i = 0; i < KT_LEN(d->sources); i++)
		kt_loop_add(&d->loop, &d->sources[i]);
	while (!is_over(d) && !kt_stop_status(&d->stop))
		if (turn(d, err) < 0)
			return -1;
	return 0;
}

/* Leaves the group, so that the next member need not wait for the session. */
static void leave(struct demo *d, int stopped)
{
	struct kt_member_event event = {0};
	struct kt_err ignored = {0};
	struct kt_stop limit = {0};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &limit};
	kt_loop_add(&loop, &d->sources[0]);
	bool has_any = kt_member_has_any(d->member);
	/* What does not acknowledge a commit does not answer this either. */
	bool silent = d->assigned && d->round.told;
	int64_t limit_ms = kt_member_leave_ms(d->member, stopped > KT_SIGNAL);
	kt_stop_begin(&limit, silent && stopped > KT_SIGNAL ? SILENT_MS : limit_ms);
	kt_member_leave(d->member);
	while (event.kind != KT_MEMBER_LEFT && !kt_stop_status(&limit)) {
		if (kt_member_next(d->member, &event, &ignored) < 0)
			break;
		if (event.kind == KT_MEMBER_COMMITTED && !event.why.status)
			kt_commitstep_committed_late(&d->round, &event);
		if (event.kind == KT_MEMBER_NOTHING && kt_loop_turn(&loop, &ignored) < 0)
			break;
	}
	if (has_any && event.kind != KT_MEMBER_LEFT)
		kt_say(KT_WARNING,
			"group %s may not have been left, the broker did not answer: its partitions are free again "
			"after %lld s at most",
			d->group, (long long)(d->session_ms + 999) / 1000);
}

static int finish(struct demo *d, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	int stopped = kt_stop_status(&d->stop);
	bool complete = is_over(d) || d->opts->count < 0;
	if (stopped > KT_SIGNAL && !result &&
		(d->round.telling.style != KT_DEMOTEXT_PYTHON || stopped == KT_SIGNAL + SIGTERM))
		kt_tell_exit(&d->round.telling);
	kt_waiting_end(&d->wait);
	kt_ending_add(&end, kt_out_pump(&d->out, kt_ending_err(&end)));
	kt_commitstep_give_up(&d->round);
	leave(d, stopped);
	if (!end.result)
		kt_commitstep_say_unfinished(&d->round);
	kt_out_drain_for(&d->out, FINISH_MS);
	kt_commitstep_say_counts(&d->round);
	return kt_ending_close(&end, complete ? 0 : stopped, "after %lld record%s", (long long)d->round.n_done,
		kt_plural(d->round.n_done));
}

static void set_ms(struct demo *d, const char *key, int64_t ms)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", (long long)ms);
	kt_settings_put(&d->settings, KT_RANK_FLAG, key, text, "--session-timeout");
}

static int choose_group(struct demo *d, struct kt_err *err)
{
	const OPTS *o = d->opts;
	d->group = kt_choose_group(&d->settings, o->group);
	if (!d->group) {
		kt_err_set(err, KT_USAGE, "no group is given");
		return kt_err_hint(err, "offsets are committed for a group: -g GROUP");
	}
	if (o->session_ms) {
		set_ms(d, "session.timeout.ms", o->session_ms);
		if (o->session_ms < 9000 && !kt_settings_get(&d->settings, "heartbeat.interval.ms"))
			set_ms(d, "heartbeat.interval.ms", o->session_ms / 3);
	}
	d->session_ms = strtol(kt_settings_text(&d->settings, "session.timeout.ms", "45000"), NULL, 10);
	return 0;
}

static int open_demo(struct demo *d, struct kt_err *err)
{
	const OPTS *o = d->opts;
	if (kt_conf_load(&d->settings, &o->client, err) < 0 ||
		kt_choose_topics(&d->topics, o->topic, &o->topics, &d->settings, false, err) < 0 ||
		choose_group(d, err) < 0 || kt_storestep_open(&d->storing, &o->storing, err) < 0 ||
		kt_conf_resolve(&d->settings, err) < 0)
		return -1;
	struct kt_member_how how = {
		.owner = o->client.owner,
		.topics = &d->topics,
		.group = d->group,
		.reset = (enum kt_reset)o->reset,
		.auto_commit = o->commit == KT_ROUND_AUTO,
		.timeout_ms = o->client.timeout_ms,
	};
	d->round.since_us = kt_clock_us();
	d->wait.owner = o->client.owner;
	d->stop.outer = o->client.owner->stop;
	kt_stop_begin(&d->stop, o->client.run_for_ms);
	if (kt_member_open(&d->member, &d->settings, &how, err) < 0)
		return -1;
	kt_say(KT_NORMAL,
		"this is process %d: `kill -9 %d`, in another terminal, ends it before it can commit or leave",
		(int)getpid(), (int)getpid());
	d->round.member = d->member;
	d->round.storing = d->storing;
	return 0;
}

static int commit_demo_run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	if (o->compare)
		return kt_compare_commits(o->json, o->client.owner, err);
	kt_auto(free_demo) struct demo *d = kt_calloc(1, sizeof(*d));
	d->opts = o;
	d->round.when = (enum kt_commitstep_when)o->commit;
	d->round.file = o->storing.file;
	d->round.telling.style = o->json ? KT_DEMOTEXT_JSON : o->python ? KT_DEMOTEXT_PYTHON : KT_DEMOTEXT_WORDS;
	d->round.telling.out = &d->out.buf;
	kt_out_init(&d->out, STDOUT_FILENO);
	if (open_demo(d, err) < 0)
		return -1;
	return finish(d, run_loop(d, err), err);
}

static const char *const about[] = {
	"The exercise on manual commits: reads one record at a time as a member of the group, prints its value, Start "
	"Storing, stores it (by default it only takes 10 seconds), prints End Storing, commits, and prints Message "
	"committed when the broker has acknowledged that. What the group is doing is said on stderr.",
	"Try it: start it, kill it between Start Storing and End Storing (kill -9 and the number of its process, which "
	"it says first), and start it again. The same "
	"record comes again, because its offset was not committed. A member that was killed could not leave the "
	"group, so the next one waits until its session has ended (--session-timeout; brokers take 6 seconds or "
	"more). An interrupt or SIGTERM prints EXITING SAFELY!, leaves the group and does not commit the record in "
	"work: the next run has it at once.",
	"--commit before loses that record instead, and auto, librdkafka's timer (-X auto.commit.interval.ms), does "
	"one or the other. --compare shows all three in seconds, on a broker of its own.",
	"--store keeps topic, partition, offset, key and value in the table `records` of a SQLite file, one "
	"transaction per record; the place is the key, so that a record that is read twice is stored once. "
	"--store-command finds the value on stdin, " KT_RECORDCOMMAND_VARIABLES
	" in its environment (no key: unset; one "
	"with a NUL or of more than 32 KiB: KT_RECORD_KEY_OMITTED=1 instead), and all but the value as JSON on descriptor 3; "
	"its stdout goes to stderr. When storing fails the run ends, and the record is not committed.",
	"However long storing takes, the member stays in its group: it does not take further records and goes on "
	"polling. When its partition is given to another member meanwhile, kt says so, and the record is not "
	"committed.",
	NULL,
};

static const char *const examples[] = {
	"The exercise",
	"kt commit-demo client58 -g g58",
	"Really store three records, without the pause",
	"kt commit-demo client58 -g g58 --store records.db --store-time 0 --count 3",
	"Store with a command",
	"kt commit-demo client58 -g g58 --store-time 0 --store-command 'cat >>all'",
	"What each way to commit loses or repeats",
	"kt commit-demo --compare",
	NULL,
};

const struct kt_cmd kt_cmd_commit_demo = {
	.name = "commit-demo",
	.summary = "value, store, commit: the exercise on manual commits",
	.section = "Exercises",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = commit_demo_run,
};
