#include "commitcompare.h"

#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "embedded.h"
#include "file.h"
#include "jsonfind.h"
#include "jsonout.h"
#include "loop.h"
#include "mem.h"
#include "mock.h"
#include "out.h"
#include "producer.h"
#include "say.h"
#include "sig.h"
#include "table.h"
#include "when.h"

/* The kill has to come while the record is being stored, on a busy machine too: a run that is to be killed stores more
 * slowly. */
enum {
	RECORDS = 20,
	KILLED_AT = 10,
	KILLED_STORE_MS = 300,
	STORE_MS = 50,
	LIMIT_MS = 120000,
	LINE_MOST = 65536,
	LOOK_MS = 100
};

#define TOPIC "commits"

static const char *const modes[] = {"after", "before", "auto"};

/* One way to commit, and what its processes reported. */
struct way {
	const char *mode;
	struct kt_child child;     /* fd -1: none is running */
	int from;                  /* what it prints */
	struct kt_buf line, names; /* names: for finding members of a line */
	int run;                   /* 1: to be killed, 2: to the end */
	bool doomed;               /* it is storing the record at which it is killed */
	int64_t committed;         /* where the second run began; -1: nothing was committed */
	int reads[RECORDS], stores[RECORDS];
	bool done;
};

struct compare {
	const struct kt_owner *owner;
	struct kt_mock *mock;
	struct way ways[KT_LEN(modes)];
};

static void end_child(struct way *w, int sig)
{
	if (w->child.fd < 0)
		return;
	kt_child_signal(&w->child, sig);
	kt_child_end(&w->child);
}

static void fini(struct compare *c)
{
	for (size_t i = 0; i < KT_LEN(c->ways); i++) {
		end_child(&c->ways[i], SIGKILL);
		if (c->ways[i].from >= 0)
			close(c->ways[i].from);
		kt_buf_fini(&c->ways[i].line);
		kt_buf_fini(&c->ways[i].names);
	}
	kt_mock_stop(c->mock);
}

static void ignore_delivery(void *user, const struct kt_delivery *delivery)
{
	(void)user, (void)delivery;
}

static int fill(struct compare *c, struct kt_err *err)
{
	char answer[64];
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	struct kt_producer *producer;
	struct kt_producer_how how = {.owner = c->owner,
		.topic = TOPIC,
		.partition = -1,
		.idempotent = true,
		.timeout_ms = 5000,
		.done = ignore_delivery};
	kt_settings_put(&settings, KT_RANK_FLAG, "bootstrap.servers", kt_mock_bootstrap(c->mock), "--compare");
	if (kt_mock_tell(c->mock, "create " TOPIC " 1", answer, sizeof(answer), err) < 0 ||
		kt_producer_open(&producer, &settings, &how, err) < 0)
		return -1;
	int result = 0;
	for (int i = 0; !result && i < RECORDS; i++) {
		char value[32];
		int len = snprintf(value, sizeof(value), "record %d", i);
		struct kt_record record = {.partition = 0, .value = {value, (size_t)len}};
		/* No queue is full after twenty records. */
		result = kt_producer_send(producer, KT_PRODUCER_TOPIC, &record, i, 0, err) > 0 ? 0 : -1;
	}
	if (!result)
		result = kt_producer_drain(producer, 5000, 0, err);
	if (!result && kt_producer_counts(producer).delivered != RECORDS)
		result = kt_err_set(err, KT_FAILED, "the embedded broker did not take the records");
	kt_producer_close(producer);
	return result;
}

static int start(struct way *w, int run, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	char store[32];
	int ends[2];
	kt_auto(kt_free_ptr) char *program = kt_file_program();
	snprintf(store, sizeof(store), "%dms", run == 1 ? KILLED_STORE_MS : STORE_MS);
	const char *const line[] = {program ? program : "kt", "commit-demo", TOPIC, "-q", "-J", "-g", w->mode,
		"--commit", w->mode, "--store-time", store, "--session-timeout", "3s", "-X",
		"auto.commit.interval.ms=1050"};
	for (size_t i = 0; i < KT_LEN(line); i++)
		kt_strs_add(&words, line[i]);
	if (w->from >= 0)
		close(w->from);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return kt_err_sys(err, "making a pipe");
	w->from = ends[0];
	w->run = run;
	w->line.len = 0;
	int result = kt_child_start(&w->child, &words, &(struct kt_child_how){.out = ends[1]}, err);
	close(ends[1]);
	if (result < 0)
		w->child.fd = -1;
	return result;
}

/* Whether the value at the path in a line is this text. */
static bool has(struct way *w, const char *line, const char *path, const char *text)
{
	struct kt_bytes value;
	size_t len = strlen(text);
	return kt_json_find(&value, (struct kt_bytes){line, strlen(line)}, path, &w->names) && value.len == len + 2 &&
	       !memcmp(value.data + 1, text, len);
}

static bool tells(struct way *w, const char *line, const char *event)
{
	return has(w, line, "event", event);
}

/* -1 when it is null, or not there. */
static int64_t offset_in(struct way *w, const char *line, const char *path)
{
	struct kt_bytes value;
	if (!kt_json_find(&value, (struct kt_bytes){line, strlen(line)}, path, &w->names) || *value.data == 'n')
		return -1;
	return strtoll(value.data, NULL, 10);
}

static void take_line(struct way *w, const char *line)
{
	int64_t offset = offset_in(w, line, "offset");
	bool known = offset >= 0 && offset < RECORDS;
	if (tells(w, line, "assigned") && w->run == 2)
		w->committed = has(w, line, "partitions[0].start", "committed")
				       ? offset_in(w, line, "partitions[0].offset")
				       : -1;
	else if (tells(w, line, "record") && known)
		w->reads[offset]++;
	else if (tells(w, line, "storing") && w->run == 1 && offset == KILLED_AT)
		w->doomed = true;
	else if (tells(w, line, "stored") && known)
		w->stores[offset]++;
	/* The step that ends the last record differs: its commit, or, with the timer, its store. */
	bool last = offset >= RECORDS - 1, committed = tells(w, line, "committed");
	if (w->run == 2 && last && (committed || tells(w, line, "stored")))
		w->done = w->stores[RECORDS - 1] && (committed || strcmp(w->mode, "after") != 0);
}

/* False at the end of what it prints. */
static bool read_lines(struct way *w)
{
	ssize_t n = read(w->from, kt_buf_reserve(&w->line, LINE_MOST), LINE_MOST);
	if (n <= 0)
		return false;
	w->line.len += (size_t)n;
	char *at = (char *)kt_buf_cstr(&w->line), *end;
	for (; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		take_line(w, at);
	}
	w->line.len -= (size_t)(at - w->line.data);
	memmove(w->line.data, at, w->line.len);
	return true;
}

/* One look at one way, once its output was read: the next thing to do with its process. */
static int move_on(struct way *w, bool ended, struct kt_err *err)
{
	if (w->run == 1 && w->doomed) {
		end_child(w, SIGKILL);
		return start(w, 2, err);
	}
	if (w->done && w->child.fd >= 0)
		end_child(w, SIGTERM);
	else if (ended)
		return kt_err_set(err, KT_FAILED, "the member with --commit %s ended early, with status %d", w->mode,
			kt_child_end(&w->child));
	return 0;
}

static bool all_done(const struct compare *c)
{
	for (size_t i = 0; i < KT_LEN(modes); i++)
		if (!c->ways[i].done)
			return false;
	return true;
}

static int64_t wait_for_lines(void *user, struct pollfd *fd)
{
	const struct way *w = user;
	*fd = (struct pollfd){.fd = w->done ? -1 : w->from, .events = POLLIN};
	return LOOK_MS;
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct way *w = user;
	bool ended = revents && !read_lines(w);
	return move_on(w, ended, err);
}

static int watch(struct compare *c, struct kt_err *err)
{
	int64_t since_us = kt_clock_us();
	struct kt_loop_source sources[KT_LEN(modes)];
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = c->owner->stop};
	for (size_t i = 0; i < KT_LEN(modes); i++) {
		sources[i] = (struct kt_loop_source){.user = &c->ways[i], .wait = wait_for_lines, .serve = serve};
		kt_loop_add(&loop, &sources[i]);
	}
	while (!all_done(c)) {
		if (kt_clock_us() - since_us > LIMIT_MS * 1000LL)
			return kt_err_set(err, KT_FAILED, "comparing: the members did not finish within %d seconds",
				LIMIT_MS / 1000);
		int result = kt_loop_turn(&loop, err);
		/* What ends us may have ended them as well. */
		if (kt_owner_stopped(c->owner))
			return kt_err_set(err, kt_owner_stopped(c->owner), "%s", "");
		if (result < 0)
			return -1;
	}
	return 0;
}

struct outcome {
	int lost, twice;
	char why[256];
};

/* By what was measured, not by the mode: the timer of auto fires when it likes. */
static struct outcome judge(const struct way *w)
{
	struct outcome o = {0};
	for (int i = 0; i < RECORDS; i++) {
		o.lost += !w->stores[i];
		o.twice += w->reads[i] > 1;
	}
	bool automatic = !strcmp(w->mode, "auto");
	if (o.lost && automatic)
		snprintf(o.why, sizeof(o.why),
			"the timer had committed record %d while it was stored: no one reads it again",
			(int)w->committed - 1);
	else if (o.lost)
		snprintf(o.why, sizeof(o.why), "record %d was committed, but not stored yet: no one reads it again",
			(int)w->committed - 1);
	else if (w->committed < 0)
		snprintf(o.why, sizeof(o.why), "nothing had been committed when the kill came: all is read again");
	else if (automatic)
		snprintf(o.why, sizeof(o.why),
			"the timer came round last before record %d: what was done since is repeated",
			(int)w->committed);
	else
		snprintf(o.why, sizeof(o.why), "record %d was not committed yet: it is read again, and so not lost",
			(int)w->committed);
	return o;
}

static void add_json(struct kt_buf *out, const struct way *w, const struct outcome *o)
{
	kt_buf_addc(out, '{');
	kt_jsonout_text(out, "mode", w->mode);
	kt_jsonout_count(out, "committed", w->committed);
	kt_jsonout_i64(out, "lost", o->lost);
	kt_jsonout_i64(out, "twice", o->twice);
	kt_jsonout_text(out, "why", o->why);
	kt_buf_adds(out, "}\n");
}

static int print(const struct compare *c, bool json, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"COMMIT"}, {"COMMITTED AT THE KILL", .right = true},
		{"LOST", .right = true}, {"READ TWICE", .right = true}, {"WHY"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	kt_auto(kt_out_fini) struct kt_out out;
	kt_out_init(&out, STDOUT_FILENO);
	for (size_t i = 0; i < KT_LEN(modes); i++) {
		const struct way *w = &c->ways[i];
		struct outcome o = judge(w);
		if (json)
			add_json(&out.buf, w, &o);
		kt_table_add(&t, "%s", w->mode);
		if (w->committed >= 0)
			kt_table_add(&t, "%lld", (long long)w->committed);
		else
			kt_table_add(&t, "nothing");
		kt_table_add(&t, "%d", o.lost);
		kt_table_add(&t, "%d", o.twice);
		kt_table_add(&t, "%s", o.why);
	}
	if (!json)
		kt_table_render(&t, &out.buf, out.terminal);
	return kt_out_drain(&out, err);
}

int kt_compare_commits(bool json, const struct kt_owner *owner, struct kt_err *err)
{
	kt_auto(fini) struct compare c = {.owner = owner};
	for (size_t i = 0; i < KT_LEN(modes); i++)
		c.ways[i] = (struct way){.mode = modes[i], .child.fd = -1, .from = -1, .committed = -1};
	if (kt_mock_start(&c.mock, 1, 0, owner, err) < 0 || fill(&c, err) < 0)
		return -1;
	kt_embedded_environment(kt_mock_bootstrap(c.mock));
	for (size_t i = 0; i < KT_LEN(modes); i++)
		if (start(&c.ways[i], 1, err) < 0)
			return -1;
	kt_say(KT_NORMAL,
		"%zu members read the same %d records, numbered from 0; each is killed while it stores record %d, and "
		"another goes on",
		KT_LEN(modes), RECORDS, KILLED_AT);
	if (watch(&c, err) < 0)
		return -1;
	return print(&c, json, err);
}
