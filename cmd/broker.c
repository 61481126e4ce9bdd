/* kt broker: librdkafka's mock cluster as a process, for trying things out and for tests. */
#include <inttypes.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "command.h"
#include "embedded.h"
#include "loop.h"
#include "mem.h"
#include "mock.h"
#include "say.h"
#include "sig.h"

struct broker_opts {
	int64_t port, brokers, delay_ms;
	struct kt_strs create, error, tell, command;
	bool quiet;
	int verbose;
};
#define OPTS struct broker_opts

static const struct kt_opt opts[] = {
	{.name = "port", KT_I64(port), .arg = "N", .def = "0", .help = "port of the first broker; 0: a free one"},
	{.name = "brokers",
		KT_I64(brokers),
		.arg = "N",
		.def = "1",
		.help = "how many; on ports N, N+1, … with --port"},
	{.name = "create", KT_LIST(create), .arg = "NAME:PARTITIONS", .help = "make a topic; may be repeated"},
	{.name = "delay", KT_MS(delay_ms), .arg = "DUR", .def = "0", .help = "delay every answer by this much"},
	{.name = "error",
		KT_LIST(error),
		.arg = "API:CODE:N",
		.help = "the next N requests of a kind fail, as in Produce:NOT_LEADER_FOR_PARTITION:3"},
	{.name = "tell",
		KT_LIST(tell),
		.arg = "LINE",
		.help = "send a line to a running broker (the newest, or the one on --port)"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "say only what failed, and warnings"},
	{.name = "verbose",
		.letter = 'v',
		KT_COUNT(verbose),
		.help = "say which lines arrive; twice: the library's log"},
	{.name = "CMD",
		.positional = true,
		KT_LIST(command),
		.help = "after --: run this command with KT_BROKERS set, and end with it"},
	KT_END,
};

static const char *const about[] = {
	"Runs Kafka brokers inside one process, on 127.0.0.1 only: the mock cluster of librdkafka. Without a command "
	"the address is printed as the first line, and the brokers run until they are interrupted. With one they run "
	"as long as the command does, which finds their address in KT_BROKERS (and KAFKA_BROKERS, KAFKA_BROKER) and "
	"none of the configuration that is meant for other clusters.",
	"While it runs, other kt commands of the same user find it unless they are given another cluster.",
	"It is not for data that you want to keep. Everything is in memory and gone at the end, and a partition "
	"silently drops its oldest records beyond about 5 MB. It has no TLS, no SASL, no admin requests (kt topic "
	"create reaches it by another way), no lists or descriptions of groups, and cannot find offsets by time. A "
	"topic that does not exist is made with 4 partitions when a client asks for it. With older versions of "
	"librdkafka (2.0.2 among them) the first member of a group waits 3 seconds for others.",
	"Lines for --tell: bootstrap · create NAME PARTITIONS [if-not-exists] · down ID|all · up ID|all · delay DUR · "
	"error API CODE N · quit. A broker that is down stays the leader of its partitions. The signal USR1 takes "
	"all brokers down, USR2 brings them up again.",
	"API is one of Produce, Fetch, ListOffsets, Metadata, OffsetCommit, OffsetFetch, FindCoordinator, JoinGroup, "
	"Heartbeat, LeaveGroup, SyncGroup, ApiVersions, InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, "
	"TxnOffsetCommit. CODE is a name as librdkafka has it, or a number; _TRANSPORT cuts the connection instead.",
	NULL,
};

static const char *const examples[] = {
	"A broker on Kafka's usual port, with a topic of 16 partitions",
	"kt broker --port 9092 --create client58:16",
	"Run a command against a broker of its own",
	"kt broker --create t:1 -- sh -c 'date | kt produce t; kt consume t -e'",
	"See what losing the leader does to a producer",
	"kt broker --error Produce:NOT_LEADER_FOR_PARTITION:3 -- kt produce t -l f",
	"Take the second of three brokers down for a while",
	"kt broker --tell 'down 2'; sleep 10; kt broker --tell 'up 2'",
	NULL,
};

struct broker {
	struct kt_mock *mock;
	struct kt_embedded_server control;
	struct kt_child child; /* pid 0: none */
	bool quit;
	int passed_on; /* the signal that the command was sent */
};

/* librdkafka would take up to a second to join the brokers' threads, which the end of the process ends at once. The
 * reference is for leak checkers. */
static struct kt_mock *volatile left_running;

static void broker_fini(struct broker *b)
{
	kt_embedded_close(&b->control);
	left_running = b->mock;
}

static int tell(const OPTS *o, struct kt_err *err)
{
	char wanted[32], answer[KT_EMBEDDED_LINE];
	struct kt_embedded broker;
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%" PRId64, o->port);
	if (!kt_embedded_find(o->port ? wanted : NULL, &broker)) {
		kt_err_set(err, KT_NOT_FOUND, "no embedded broker of this user is running%s%s", o->port ? " at " : "",
			o->port ? wanted : "");
		return kt_err_hint(err, "start one: kt broker");
	}
	for (size_t i = 0; i < o->tell.n; i++) {
		if (kt_embedded_ask(&broker, o->tell.v[i], answer, sizeof(answer), err) < 0)
			return -1;
		if (answer[0])
			puts(answer);
	}
	return 0;
}

/* --create t:4 is the line "create t 4". */
static int tell_option(struct kt_mock *mock, const char *name, const struct kt_strs *values, struct kt_err *err)
{
	for (size_t i = 0; i < values->n; i++) {
		char line[KT_EMBEDDED_LINE], answer[KT_EMBEDDED_LINE];
		snprintf(line, sizeof(line), "%s %s", name, values->v[i]);
		for (char *c = line; (c = strchr(c, ':'));)
			*c = ' ';
		if (kt_mock_tell(mock, line, answer, sizeof(answer), err) < 0)
			return kt_err_wrap(err, "--%s %s", name, values->v[i]);
	}
	return 0;
}

static int apply(struct kt_mock *mock, const OPTS *o, struct kt_err *err)
{
	char line[64], answer[64];
	snprintf(line, sizeof(line), "delay %" PRId64 "ms", o->delay_ms);
	if (kt_mock_tell(mock, line, answer, sizeof(answer), err) < 0)
		return kt_err_wrap(err, "--delay");
	if (tell_option(mock, "create", &o->create, err) < 0)
		return -1;
	return tell_option(mock, "error", &o->error, err);
}

static int handle(void *data, const char *line, char *answer, size_t size, struct kt_err *err)
{
	struct broker *b = data;
	kt_say(KT_VERBOSE, "told: %s", line);
	if (strcmp(line, "quit"))
		return kt_mock_tell(b->mock, line, answer, size, err);
	if (b->child.pid)
		return kt_err_set(err, KT_FAILED, "this broker ends with the command that it runs");
	b->quit = true;
	return 0;
}

static int announce(const struct broker *b, struct kt_err *err)
{
	printf("%s\n", kt_mock_bootstrap(b->mock));
	if (fflush(stdout) != 0)
		return kt_err_sys(err, "printing the broker's address");
	kt_say(KT_NORMAL, "embedded broker, for trying things out: nothing is kept; Ctrl-C ends it");
	return 0;
}

static void serve_signals(struct broker *b)
{
	char answer[8];
	struct kt_err err = {0};
	for (int sig; (sig = kt_sig_user());) {
		const char *line = sig == SIGUSR1 ? "down all" : "up all";
		if (kt_mock_tell(b->mock, line, answer, sizeof(answer), &err) < 0)
			kt_say(KT_WARNING, "%s", err.msg);
		else
			kt_say(KT_NORMAL, "all brokers are %s", sig == SIGUSR1 ? "down" : "up");
	}
	int ending = kt_sig_caught();
	if (!b->child.pid) {
		b->quit |= ending != 0;
	} else if (ending && !b->passed_on) {
		b->passed_on = ending;
		kt_child_signal(&b->child, ending);
	}
}

static int64_t wait_for_line(void *user, struct pollfd *fd)
{
	const struct broker *b = user;
	*fd = (struct pollfd){.fd = b->control.fd, .events = POLLIN};
	return INT64_MAX;
}

static int serve_line(void *user, short revents, struct kt_err *err)
{
	struct broker *b = user;
	(void)err;
	if (revents)
		kt_embedded_serve(&b->control, handle, b);
	return 0;
}

static int64_t wait_for_command(void *user, struct pollfd *fd)
{
	const struct broker *b = user;
	*fd = (struct pollfd){.fd = b->child.pid ? b->child.fd : -1, .events = POLLIN};
	return INT64_MAX;
}

static int look_at_command(void *user, short revents, struct kt_err *err)
{
	struct broker *b = user;
	(void)err;
	b->quit |= revents != 0;
	return 0;
}

/* Until the command ends, or without one until told or signalled to. */
static void serve(struct broker *b)
{
	struct kt_err ignored;
	kt_auto(kt_loop_fini) struct kt_loop loop = {0};
	struct kt_loop_source control = {.user = b, .wait = wait_for_line, .serve = serve_line};
	struct kt_loop_source command = {.user = b, .wait = wait_for_command, .serve = look_at_command};
	kt_loop_add(&loop, &control);
	kt_loop_add(&loop, &command);
	while (!b->quit && kt_loop_turn(&loop, &ignored) == 0)
		if (!b->quit)
			serve_signals(b);
}

static int run_command(struct broker *b, const OPTS *o, struct kt_err *err)
{
	kt_embedded_environment(kt_mock_bootstrap(b->mock));
	if (kt_child_start(&b->child, &o->command, NULL, err) < 0)
		return -1;
	serve(b);
	err->status = kt_child_end(&b->child);
	return err->status ? -1 : 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	struct kt_err control = {0};
	kt_auto(broker_fini) struct broker b = {.control.fd = -1};
	if (o->tell.n)
		return tell(o, err);
	if (o->port < 0 || o->port > 65535 || o->brokers < 1 || o->brokers > KT_MOCK_MAX_BROKERS)
		return kt_err_set(err, KT_USAGE, "--port is 0 to 65535 and --brokers 1 to %d", KT_MOCK_MAX_BROKERS);
	if (kt_mock_start(&b.mock, (int)o->brokers, (int)o->port, &kt_command, err) < 0 || apply(b.mock, o, err) < 0)
		return -1;
	if (kt_embedded_open(&b.control, kt_mock_port(b.mock), &control) < 0)
		kt_say(KT_WARNING, "%s: topics cannot be created by kt topic create", control.msg);
	if (o->command.n)
		return run_command(&b, o, err);
	if (announce(&b, err) < 0)
		return -1;
	serve(&b);
	return 0;
}

const struct kt_cmd kt_cmd_broker = {
	.name = "broker",
	.summary = "run an embedded broker for trying things out and for tests",
	.section = "Brokers",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
