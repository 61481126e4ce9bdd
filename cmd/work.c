/* kt work: a command per record, with retries, dead letters, and an order that holds. */
#include <sys/resource.h>
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "ending.h"
#include "jsonout.h"
#include "num.h"
#include "out.h"
#include "reading.h"
#include "recordcommand.h"
#include "say.h"
#include "sig.h"
#include "workrun.h"

enum { JOBS_MOST = 1000, AHEAD_MOST = 10000000, AHEAD = 1000, AHEAD_STREAM = 10000 };

struct work_opts {
	struct kt_client_opts client;
	struct kt_strs topics, command, on_exit, headers;
	const char *topic, *group, *instance, *retries, *backoff, *dlq, *out, *notify, *stream, *post, *metrics_listen;
	int64_t jobs, window, job_timeout_ms, dlq_timeout_ms, out_max, max_ahead, grace_ms, count;
	int by, on_failure, reset;
	bool out_lines, kill_on_revoke, die_with_me, exit_at_end, json;
};
#define OPTS struct work_opts

static const char *const orders[] = {
	[KT_WORKORDER_PARTITION] = "partition", [KT_WORKORDER_KEY] = "key", [KT_WORKORDER_NONE] = "none", NULL};
static const char *const failures[] = {"stop", "skip", NULL};
static const char *const resets[] = {
	[KT_RESET_EARLIEST] = "earliest", [KT_RESET_LATEST] = "latest", [KT_RESET_NONE] = "none", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "TOPIC", .positional = true, KT_STR(topic), .comp = KT_COMP_TOPIC, .help = "the topic whose records are work"},
	{.name = "CMD", .positional = true, KT_LIST(command), .comp = KT_COMP_FILE,
		.help = "after --: the command and its arguments"},
	{.name = "topic", .often = true, .letter = 't', KT_LIST(topics), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "a topic, in place of the word; may be repeated"},
	{.name = "group", .often = true, .letter = 'g', .also = "G group-id consumer-group", KT_STR(group), .arg = "GROUP",
		.comp = KT_COMP_GROUP, .help = "the group that shares the work, and whose offsets are committed"},
	{.name = "jobs", .often = true, .letter = 'j', .also = "P max-procs", KT_I64(jobs), .arg = "N", .def = "1",
		.help = "commands at a time, each for another partition or key unless --by none"},
	{.name = "stream", KT_STR(stream), .arg = "FORM", .conflict = 's',
		.help = "the command stays, and is given records as lines or frames"},
	{.name = "window", KT_I64(window), .arg = "N", .def = "1",
		.help = "with --stream: records at a time to each command"},
	{.name = "post", KT_STR(post), .arg = "URL", .conflict = 's',
		.help = "in place of a command: each record is the body of a POST"},
	{.name = "header", KT_LIST(headers), .arg = "NAME:VALUE",
		.help = "with --post: a header of each request; may be repeated"},
	{.name = "by", .often = true, KT_ENUM(by, orders), .def = "partition",
		.help = "what is worked on in its order, one at a time: partitions, keys, or nothing"},
	{.name = "job-timeout", .often = true, KT_MS(job_timeout_ms), .arg = "DUR", .def = "0",
		.help = "end a command, and all it has started, after this long; 0: never"},
	{.name = "retries", .often = true, .also = "max-retries", KT_STR(retries), .arg = "N", .def = "3", .help = "attempts after the first one, or unlimited"},
	{.name = "backoff", .often = true, KT_STR(backoff), .arg = "FIRST:MOST", .def = "1s:1m",
		.help = "wait this long before a retry, twice as long each time"},
	{.name = "on-exit", KT_LIST(on_exit), .arg = "N=ACTION",
		.help = "what a status means: done, retry, retry:30s, reject, skip, stop"},
	{.name = "on-failure", KT_ENUM(on_failure, failures), .def = "stop",
		.help = "without --dlq: end at a record that cannot be done, or pass over it"},
	{.name = "dlq", .often = true, .also = "dead-letter dead-letter-topic", KT_STR(dlq), .arg = "TOPIC", .comp = KT_COMP_TOPIC, .help = "records that cannot be done go there"},
	{.name = "out", .often = true, KT_STR(out), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "what a command prints becomes a record there, with the key and headers"},
	{.name = "out-lines", KT_FLAG(out_lines), .help = "each line that it prints is a record"},
	{.name = "out-max", KT_BYTES(out_max), .arg = "SIZE", .def = "1MiB", .help = "a command that prints more has failed"},
	{.name = "notify", KT_STR(notify), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "what became of each record, as JSON with its key"},
	{.name = "dlq-timeout", KT_MS(dlq_timeout_ms), .arg = "DUR", .def = "5m",
		.help = "end when a record for these topics is not acknowledged by then"},
	{.name = "max-ahead", KT_I64(max_ahead), .arg = "N", .def = "0",
		.help = "most finished, not committed, of a partition; 0: 1000, --stream 10000"},
	{.name = "grace", KT_MS(grace_ms), .arg = "DUR", .def = "30s",
		.help = "at the end, and in a rebalance, commands may run on for this long"},
	{.name = "kill-on-revoke", KT_FLAG(kill_on_revoke),
		.help = "end commands whose partitions others have by then"},
	{.name = "die-with-me", KT_FLAG(die_with_me),
		.help = "commands are killed when kt is, even by kill -9; what they have started is not"},
	{.name = "instance", KT_STR(instance), .arg = "ID",
		.help = "static membership: a member that returns has its partitions at once"},
	{.name = "reset", .often = true, KT_ENUM(reset, resets), .def = "earliest",
		.help = "where to start when the group has no offset"},
	{.name = "exit-at-end", .often = true, .letter = 'e', KT_FLAG(exit_at_end), .help = "end at the end of the partitions"},
	{.name = "count", .often = true, .letter = 'c', .also = "n max-messages limit", KT_I64(count), .arg = "N", .def = "-1",
		.help = "end after N records; -1: no limit"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .help = "serve /metrics there"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "the last line, of counts, as JSON on stdout"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct work {
	const OPTS *opts;
	struct kt_strs topics, command;
	struct kt_settings settings;
	struct kt_workrun_how how;
	struct kt_workrun *run;
	struct kt_out out;
	struct kt_stop stop;
};

static void free_work(struct work *w)
{
	kt_workrun_close(w->run);
	kt_out_fini(&w->out);
	kt_settings_fini(&w->settings);
	kt_strs_fini(&w->topics);
	kt_strs_fini(&w->command);
}

/* With -t the first word is the command's. */
static int choose_words(struct work *w, struct kt_err *err)
{
	const OPTS *o = w->opts;
	if (o->topics.n && o->topic)
		kt_strs_add(&w->command, o->topic);
	for (size_t i = 0; i < o->command.n; i++)
		kt_strs_add(&w->command, o->command.v[i]);
	if (kt_choose_topics(&w->topics, o->topics.n ? NULL : o->topic, &o->topics, &w->settings, false, err) < 0)
		return -1;
	if (o->post && w->command.n)
		return kt_err_set(
			err, KT_USAGE, "--post takes the place of a command, but one is given: %s", w->command.v[0]);
	if (w->command.n || o->post)
		return 0;
	kt_err_set(err, KT_USAGE, "no command is given");
	return kt_err_hint(err, "kt work -g GROUP TOPIC -- CMD ARG…");
}

static int choose_group(struct work *w, struct kt_err *err)
{
	w->how.group = kt_choose_group(&w->settings, w->opts->group);
	if (w->how.group)
		return 0;
	kt_err_set(err, KT_USAGE, "no group is given");
	return kt_err_hint(err, "how far the work has come is committed for a group: -g GROUP");
}

/* Three of each command, and those of the clients. */
static int check_descriptors(int64_t jobs, struct kt_err *err)
{
	enum { EACH = 3, OTHERS = 40 };
	struct rlimit limit;
	int64_t needed = jobs * EACH + OTHERS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= (rlim_t)needed)
		return 0;
	kt_err_set(err, KT_USAGE, "--jobs %lld: that takes %lld descriptors, and the limit is %lld", (long long)jobs,
		(long long)needed, (long long)limit.rlim_cur);
	return kt_err_hint(err, "ulimit -n %lld raises it", (long long)needed);
}

static int check_usage(const OPTS *o, struct kt_err *err)
{
	if (o->jobs < 1 || o->jobs > JOBS_MOST)
		return kt_err_set(err, KT_USAGE, "--jobs: expected 1 to %d", JOBS_MOST);
	if (o->max_ahead < 0 || o->max_ahead > AHEAD_MOST)
		return kt_err_set(err, KT_USAGE, "--max-ahead: expected 1 to %d", AHEAD_MOST);
	if (o->window < 1 || o->window > AHEAD_MOST)
		return kt_err_set(err, KT_USAGE, "--window: expected 1 to %d", AHEAD_MOST);
	if (o->stream && strcmp(o->stream, "lines") != 0 && strcmp(o->stream, "frames") != 0)
		return kt_err_set(err, KT_USAGE, "--stream %s: expected lines or frames", o->stream);
	if (o->out_lines && !o->out)
		return kt_err_set(err, KT_USAGE, "--out-lines: there is no --out TOPIC for them");
	if (o->dlq_timeout_ms < 1)
		return kt_err_set(err, KT_USAGE, "--dlq-timeout 0: expected at least a millisecond");
	return check_descriptors(o->jobs, err);
}

static int read_rules(struct kt_workrules *rules, const OPTS *o, struct kt_err *err)
{
	kt_workrules_init(rules, o->post != NULL);
	for (size_t i = 0; i < o->on_exit.n; i++)
		if (kt_workrules_read(rules, o->on_exit.v[i], err) < 0)
			return kt_err_wrap(err, "--on-exit");
	return kt_workrules_read_retries(rules, o->retries, o->backoff, err);
}

static void fill_how(struct work *w)
{
	const OPTS *o = w->opts;
	w->how.owner = o->client.owner;
	w->how.topics = &w->topics;
	w->how.instance = o->instance;
	w->how.reset = (enum kt_reset)o->reset;
	w->how.order = (enum kt_workorder)o->by;
	w->how.max_ahead = o->max_ahead ? (size_t)o->max_ahead : o->stream ? AHEAD_STREAM : AHEAD;
	w->how.stays = o->stream != NULL;
	w->how.form = o->stream && !strcmp(o->stream, "frames") ? KT_WORKSTREAM_FRAMES : KT_WORKSTREAM_LINES;
	w->how.window = (size_t)o->window;
	w->how.post = o->post;
	w->how.headers = &o->headers;
	w->how.metrics_listen = o->metrics_listen;
	w->how.grace_ms = o->grace_ms;
	w->how.timeout_ms = o->client.timeout_ms;
	w->how.count = o->count;
	w->how.ends = o->exit_at_end;
	w->how.skips = o->on_failure == 1;
	w->how.kills = o->kill_on_revoke;
	w->how.command = &w->command;
	w->how.out = &w->out;
	w->how.send = (struct kt_worksend_how){.out = o->out,
		.dlq = o->dlq,
		.notify = o->notify,
		.out_lines = o->out_lines,
		.ack_ms = o->dlq_timeout_ms};
	w->how.runner = (struct kt_workrunner_how){.jobs = (size_t)o->jobs,
		.timeout_ms = o->job_timeout_ms,
		.out_max = (size_t)o->out_max,
		.tied = o->die_with_me};
}

static void say_counts(struct work *w)
{
	struct kt_workcounts c = kt_workrun_counts(w->run);
	char done[32];
	kt_say(KT_NORMAL,
		"%s done, %lld retried, %lld dead, %lld skipped; %lld handed out that come again, %lld finished that are not "
		"committed",
		kt_group_digits(c.done, done), (long long)c.retried, (long long)c.dead, (long long)c.skipped,
		(long long)c.again, (long long)c.uncommitted);
	if (!w->opts->json)
		return;
	kt_jsonout_begin(&w->out.buf, NULL, '{');
	kt_jsonout_i64(&w->out.buf, "done", c.done);
	kt_jsonout_i64(&w->out.buf, "retried", c.retried);
	kt_jsonout_i64(&w->out.buf, "dead", c.dead);
	kt_jsonout_i64(&w->out.buf, "skipped", c.skipped);
	kt_jsonout_i64(&w->out.buf, "handed_out_again", c.again);
	kt_jsonout_i64(&w->out.buf, "uncommitted", c.uncommitted);
	kt_jsonout_end(&w->out.buf, '}');
	kt_buf_addc(&w->out.buf, '\n');
}

/* What was not done and is finished all the same. */
static int judge(const struct work *w, bool complete, int stopped, struct kt_err *err)
{
	struct kt_workcounts c = kt_workrun_counts(w->run);
	bool bounded = w->opts->exit_at_end || w->opts->count >= 0;
	if (bounded && !complete && stopped == KT_RUN_ENDED)
		return kt_ended(stopped, err, "after %lld record%s", (long long)(c.done + c.dead + c.skipped),
			kt_plural(c.done + c.dead + c.skipped));
	int64_t n = c.dead + c.skipped;
	if (n)
		return kt_err_set(err, KT_PARTIAL, "%lld record%s not done: dead letters %lld, skipped %lld",
			(long long)n, n == 1 ? " was" : "s were", (long long)c.dead, (long long)c.skipped);
	return 0;
}

static int work(struct work *w, struct kt_err *err)
{
	struct kt_ending end = {.err = err};
	bool complete = false;
	kt_sig_take_second();
	kt_stop_begin(&w->stop, w->opts->client.run_for_ms);
	end.result = kt_workrun_go(w->run, &w->stop, &complete, err);
	int stopped = kt_workrun_stopped(w->run);
	say_counts(w);
	kt_out_drain_for(&w->out, 1000);
	kt_ending_add(&end, kt_out_pump(&w->out, kt_ending_err(&end)));
	return end.result < 0 ? -1 : judge(w, complete, stopped, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(free_work) struct work w = {.opts = o, .stop.outer = o->client.owner->stop};
	kt_out_init(&w.out, STDOUT_FILENO);
	if (check_usage(o, err) < 0 || read_rules(&w.how.rules, o, err) < 0 ||
		kt_conf_load(&w.settings, &o->client, err) < 0 || choose_words(&w, err) < 0 ||
		choose_group(&w, err) < 0 || kt_conf_resolve(&w.settings, err) < 0)
		return -1;
	fill_how(&w);
	if (kt_workrun_open(&w.run, &w.settings, &w.how, err) < 0)
		return -1;
	return work(&w, err);
}

static const char *const about[] = {
	"Runs a command for each record of a topic, as a member of a group that shares the work. The guarantee: every record "
	"is handed to the command at least once; an offset is committed only when its record and all before it in the "
	"partition are finished; after a hard kill at most --max-ahead finished records per partition come again. Finished "
	"is what was done, or whose dead letter all replicas have acknowledged.",
	"The command finds the value on stdin, byte for byte and without a newline that was not in it (a program that "
	"wants an argument: sh -c './program \"$(cat)\"'), " KT_RECORDCOMMAND_VARIABLES
	" in its environment (no key: unset; one with a NUL or of more than 32 KiB: KT_RECORD_KEY_OMITTED=1 instead), and "
	"all but the value as JSON on descriptor 3. It runs in a process group of its own. Its stdout and stderr pass "
	"through, in whole lines.",
	"Status 0 is done. 65 (EX_DATAERR) rejects the record: it is a dead letter without another attempt. 100 stops the "
	"run, and so do 126, 127 and a command that cannot be started. Everything else, including 75 (EX_TEMPFAIL), "
	"a signal and --job-timeout, is tried again, --retries times; then it is a dead letter too. --on-exit "
	"changes that: 3=reject, 75=retry:30s, signal=stop, timeout=reject. A retry keeps its order: its partition, "
	"or with --by key its key, waits with it. --by none takes what comes.",
	"A dead letter is the record unchanged, with the headers kt.errors.topic, .partition, .offset, .timestamp, .group, "
	".attempts, .reason, .exit, .stderr (the last KiB) and .time, which replace those of an earlier time. Without --dlq "
	"the run ends with status 3 at the first record that cannot be done, and commits nothing from it on.",
	"--stream keeps the command, which reads one record after another on stdin and answers on stdout. lines: the "
	"record's JSON as a line, with \"attempt\"; for each, in order, a line \"ok\", \"retry WHY\", \"reject WHY\", or "
	"{\"ok\":true,\"out\":RESULT}, {\"ok\":false,\"retry\":false,\"error\":WHY}. frames, with numbers in network "
	"order: length (4 bytes, of what follows), id (8), length of the metadata (4), metadata as JSON, value; the answer, in "
	"any order: length (4), id (8), verdict (1: 0 ok, 1 retry, 2 reject), result or reason. --window gives it more than "
	"one at a time; a record that it then wants again comes after those it has already. One that ends is "
	"restarted, and the oldest record that it had not answered is charged an attempt.",
	"--post sends each record to a URL. 2xx is done, 4xx rejects, everything else is tried again, including 408, "
	"425 and 429, after Retry-After if the answer has that. Kt-Record-Topic, -Partition, -Offset, -Timestamp, "
	"-Attempt and -Key are headers, and Idempotency-Key is the same for each attempt. The type is that of the "
	"record's header content-type, else application/json for what is JSON. An answer takes --job-timeout at "
	"most, or a minute.",
	"--out makes a record of what a command that ended with 0 has printed; nothing printed makes no record. "
	"--notify tells what became of each: topic, partition, offset, state (done, dead, skipped), attempt, exit, "
	"reason, started, ended. Both are acknowledged before the input counts as finished.",
	"SIGTERM and SIGINT: no command is started any more, those that run may finish for --grace, what is finished is "
	"committed, and the status is 0. A second signal, or the end of the grace, sends the commands' groups SIGTERM and "
	"after 5 seconds SIGKILL; the status is then 128+n. A command may take as long as it likes: the member stays in its "
	"group. In a rebalance commands of partitions that others get may finish for --grace or half of "
	"max.poll.interval.ms; what they then do does not count any more.",
	NULL,
};

static const char *const examples[] = {
	"Send a mail for each record, eight at a time, each user's mails in order",
	"kt work -g mailers -j 8 --by key --dlq mails.dead mails -- ./send-mail",
	"In place of kcat -C -e -t urls | xargs -P8 -n1 ./fetch: committed once it is done, and tried again when it fails",
	"kt work -e -g fetch -j 8 --by none urls -- sh -c './fetch \"$(cat)\"'",
	"A busy line is tried again after 30 seconds, as often as it takes",
	"kt work -g fax --on-exit 75=retry:30s --retries unlimited fax -- ./fax",
	"What a program makes of each record, as records",
	"kt work -g resize --out thumbnails images -- convert - -resize 100 -",
	"A service that is told of each record",
	"kt work -g notify --post http://localhost:3000/api/notify events",
	"A Python program that keeps running, with 64 records on their way to it",
	"kt work -g score --stream lines --window 64 events -- python3 -u score.py",
	NULL,
};

const struct kt_cmd kt_cmd_work = {
	.name = "work",
	.summary = "a command per record, with retries and dead letters",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
