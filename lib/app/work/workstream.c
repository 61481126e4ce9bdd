/* Commands that stay, and are given one record after the other. */
#include "workstream.h"

#include <signal.h>
#include <unistd.h>

#include "jsonout.h"
#include "mem.h"
#include "recordjson.h"
#include "say.h"
#include "when.h"
#include "workanswer.h"
#include "workpeer.h"
#include "workwatch.h"

/* How much is written at once while more records come. */
enum { CHUNK = 64 << 10 };

/* That many deaths in a row without an answer are the command's nature; a silence that long after the first record is
 * worth a word. */
enum { DEATHS = 5, SILENT_MS = 5000, AGAIN_MS = 200 };

/* So long all of them have to end once their stdin is closed, and once more after SIGTERM. */
enum { FAREWELL_MS = 2000 };

/* A line may be longer than its result by what JSON makes of it: \u0000 for a byte, and the members' names. */
enum { ESCAPED = 6, NAMES = 4096 };

struct worker {
	struct kt_workpeer peer;
	int64_t next_start_us, end_us;
	int deaths;
	bool answered, told, timed_out, ending, wants_out;
	bool deaf; /* it has closed its stdin, and may end by itself */
	struct workstream *stream;
};

struct workstream {
	struct kt_workrunner_how how;
	const struct kt_strs *words;
	enum kt_workstream_form form;
	size_t window;
	struct worker *v;
	struct kt_buf scratch, metadata;
	struct kt_workwatch watch;
	bool failed;
};

static void watch(const struct worker *k, int fd, enum kt_workwatch_what what, unsigned events)
{
	kt_workwatch_set(&k->stream->watch, (size_t)(k - k->stream->v), fd, what, events);
}

static int start_worker(struct worker *k, struct kt_err *err)
{
	struct kt_workpeer *p = &k->peer;
	k->answered = k->timed_out = k->ending = k->wants_out = k->deaf = false;
	k->end_us = 0;
	if (kt_workpeer_start(p, k->stream->words, k->stream->how.tied, err) < 0)
		return -1;
	watch(k, p->child.fd, KT_WORKWATCH_CHILD, EPOLLIN);
	/* For nothing but that it was closed, until something waits for room. */
	watch(k, p->in, KT_WORKWATCH_IN, 0);
	watch(k, p->out, KT_WORKWATCH_OUT, EPOLLIN);
	watch(k, p->err.fd, KT_WORKWATCH_ERR, EPOLLIN);
	return 0;
}

static bool is_usable(const struct worker *k)
{
	return k->peer.child.fd >= 0 ? !k->ending && k->peer.in >= 0 : kt_clock_us() >= k->next_start_us;
}

static size_t room(void *self)
{
	const struct workstream *w = self;
	size_t n = 0;
	for (size_t i = 0; i < w->how.jobs; i++)
		n += is_usable(&w->v[i]) ? w->window - w->v[i].peer.n : 0;
	return n;
}

/* For one lane always the same, when several of its records may be on their way; else the one with most room. */
static struct worker *choose(struct workstream *w, const struct kt_workitem *item)
{
	struct worker *best = NULL;
	if (item->lane != KT_WORKITEM_NONE && w->window > 1) {
		best = &w->v[item->lane % w->how.jobs];
		return is_usable(best) && best->peer.n < w->window ? best : NULL;
	}
	for (size_t i = 0; i < w->how.jobs; i++)
		if (is_usable(&w->v[i]) && w->v[i].peer.n < w->window && (!best || w->v[i].peer.n < best->peer.n))
			best = &w->v[i];
	return best;
}

static void take_err(void *user, const char *data, size_t len)
{
	struct kt_workpeer *p = &((struct worker *)user)->peer;
	if (p->n)
		kt_workrunner_keep_words(&kt_workpeer_at(p, 0)->ending.words, data, len);
	kt_workrunner_pass_words(data, len);
}

/* Its stdin is watched for as long as something waits for room there. */
static void write_some(struct worker *k)
{
	bool waits = !kt_workpeer_write(&k->peer);
	if (k->peer.in < 0 || k->wants_out == waits)
		return;
	k->wants_out = waits;
	watch(k, k->peer.in, KT_WORKWATCH_IN, waits ? EPOLLOUT : 0);
}

static void add_question(struct worker *k, const struct kt_workitem *item)
{
	struct workstream *w = k->stream;
	struct kt_buf *ask = &k->peer.ask;
	const struct kt_record *r = &item->read.record;
	if (w->form == KT_WORKSTREAM_LINES) {
		kt_recordjson_write(ask, r, KT_ENC_UTF8);
		ask->len--;
		kt_jsonout_i64(ask, "attempt", item->attempt);
		kt_buf_adds(ask, "}\n");
		return;
	}
	w->metadata.len = 0;
	kt_recordjson_head(&w->metadata, r, KT_ENC_UTF8);
	w->metadata.len--;
	kt_jsonout_i64(&w->metadata, "attempt", item->attempt);
	kt_buf_addc(&w->metadata, '}');
	kt_workanswer_ask(ask, item->number, (struct kt_bytes){w->metadata.data, w->metadata.len}, r->value);
}

static int start(void *self, struct kt_workitem *item, struct kt_err *err)
{
	struct workstream *w = self;
	struct worker *k = choose(w, item);
	if (!k)
		return 0;
	if (k->peer.child.fd < 0 && start_worker(k, err) < 0)
		return -1;
	kt_workpeer_add(&k->peer, item);
	add_question(k, item);
	if (w->window == 1 || k->peer.ask.len > CHUNK)
		write_some(k);
	return 1;
}

/* It has some seconds to end by itself. */
static void await_end(struct worker *k)
{
	k->ending = true;
	k->end_us = kt_clock_us() + (int64_t)KT_WORKRUNNER_KILL_MS * 1000;
}

static void terminate(struct worker *k)
{
	kt_child_signal(&k->peer.child, k->ending ? SIGKILL : SIGTERM);
	k->deaf = false;
	await_end(k);
}

static int protocol_error(struct worker *k, struct kt_err *err)
{
	kt_child_signal(&k->peer.child, SIGKILL);
	return kt_err_wrap(err, "%s", k->stream->words->v[0]);
}

static int take_answer(struct worker *k, const struct kt_workanswer *a, struct kt_err *err)
{
	struct workstream *w = k->stream;
	struct kt_workpeer *p = &k->peer;
	size_t place = 0;
	while (w->form == KT_WORKSTREAM_FRAMES && place < p->n && kt_workpeer_at(p, place)->number != a->id)
		place++;
	if (place >= p->n) {
		kt_err_set(err, KT_FAILED, "an answer to what was not asked");
		return protocol_error(k, err);
	}
	struct kt_workitem *item = kt_workpeer_take(p, place);
	struct kt_workitem_ending *ending = &item->ending;
	k->answered = true;
	k->deaths = 0;
	ending->end = KT_WORK_EXIT;
	ending->code = 0;
	ending->action = (int)a->action;
	ending->decided = true;
	if (a->action == KT_WORK_DONE && a->text.len > w->how.out_max) {
		ending->end = KT_WORK_OUTPUT;
		ending->decided = false;
	} else if (a->action == KT_WORK_DONE && w->how.keeps_out) {
		kt_buf_add(&ending->out, a->text.data, a->text.len);
	} else if (a->action != KT_WORK_DONE) {
		ending->words.len = 0;
		kt_workrunner_keep_words(&ending->words, a->text.data, a->text.len);
	}
	w->how.ended(w->how.user, item);
	return 0;
}

/* The next whole answer from `at` on: bytes taken, 0, or -1. */
static ssize_t next_answer(struct worker *k, size_t at, struct kt_workanswer *answer, struct kt_err *err)
{
	struct workstream *w = k->stream;
	const char *data = k->peer.said.data + at;
	size_t len = k->peer.said.len - at, most = w->how.out_max * ESCAPED + NAMES;
	if (w->form == KT_WORKSTREAM_FRAMES)
		return kt_workanswer_frame(answer, data, len, w->how.out_max + KT_WORKRUNNER_WORDS, err);
	const char *end = len ? memchr(data, '\n', len) : NULL;
	if (!end && len > most)
		return kt_err_set(err, KT_FAILED, "a line of more than %zu bytes", most);
	if (!end)
		return 0;
	return kt_workanswer_line(answer, data, (size_t)(end - data), &w->scratch, err) < 0 ? -1 : end - data + 1;
}

static int read_answers(struct worker *k, struct kt_err *err)
{
	struct kt_workpeer *p = &k->peer;
	struct kt_workanswer answer;
	ssize_t n = kt_workpeer_read(p), used;
	size_t at = 0;
	if (n < 0) {
		/* Nothing that it might say would be heard. */
		kt_workpeer_hang_up(p, true);
		terminate(k);
	}
	if (n <= 0)
		return 0;
	while ((used = next_answer(k, at, &answer, err)) > 0) {
		if (take_answer(k, &answer, err) < 0)
			return -1;
		at += (size_t)used;
	}
	if (used < 0)
		return protocol_error(k, err);
	p->said.len -= at;
	memmove(p->said.data, p->said.data + at, p->said.len);
	return 0;
}

/* What it had not answered: the oldest is charged, with how it ended. */
static void give_back(struct workstream *w, struct worker *k, int status)
{
	bool charged = true, killed = k->peer.child.killed;
	while (k->peer.n) {
		struct kt_workitem *item = kt_workpeer_take(&k->peer, 0);
		struct kt_workitem_ending *ending = &item->ending;
		ending->end = k->timed_out ? KT_WORK_TIMEOUT : killed ? KT_WORK_SIGNAL : KT_WORK_EXIT;
		ending->code = killed ? status - KT_SIGNAL : status;
		/* Not an answer, however well it ended. */
		ending->decided = !charged || (ending->end == KT_WORK_EXIT && !status);
		ending->action = KT_WORK_RETRY;
		item->uncharged = !charged;
		charged = false;
		w->how.ended(w->how.user, item);
	}
}

static int bury(struct workstream *w, struct worker *k, struct kt_err *err)
{
	if (k->ending && !k->deaf)
		kt_child_signal(&k->peer.child, SIGKILL);
	/* What it has answered before it ended counts. */
	while (kt_workpeer_says(&k->peer))
		if (read_answers(k, err) < 0)
			return -1;
	int status = kt_workpeer_end(&k->peer, take_err, k);
	k->deaths++;
	k->next_start_us = kt_clock_us() + (int64_t)AGAIN_MS * 1000 * (k->deaths - 1);
	give_back(w, k, status);
	if (k->deaths < DEATHS)
		return 0;
	return kt_err_set(err, KT_FAILED, "%s ended %d times without an answer, the last time with status %d",
		w->words->v[0], DEATHS, status);
}

static void explain(struct worker *k, int64_t now_us)
{
	if (k->told || k->answered || !k->peer.n || now_us - k->peer.oldest_us < (int64_t)SILENT_MS * 1000)
		return;
	k->told = true;
	kt_say(KT_NORMAL,
		"%s has not answered yet: does it buffer its output? stdbuf -oL, python3 -u and mawk -W interactive do not",
		k->stream->words->v[0]);
}

/* When something is due for it: the end of a record's time, SIGKILL, a word. */
static int64_t due_us(const struct worker *k)
{
	int64_t us = INT64_MAX;
	if (k->peer.child.fd < 0)
		return k->deaths && k->next_start_us > kt_clock_us() ? k->next_start_us : us;
	if (k->ending)
		return k->end_us;
	if (k->peer.n && k->stream->how.timeout_ms)
		us = k->peer.oldest_us + k->stream->how.timeout_ms * 1000;
	if (k->peer.n && !k->answered && !k->told && k->peer.oldest_us + (int64_t)SILENT_MS * 1000 < us)
		us = k->peer.oldest_us + (int64_t)SILENT_MS * 1000;
	return us;
}

static void look_at_times(struct workstream *w)
{
	int64_t now_us = kt_clock_us(), limit_us = w->how.timeout_ms * 1000;
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct worker *k = &w->v[i];
		if (k->peer.child.fd < 0)
			continue;
		explain(k, now_us);
		bool late = !k->ending && k->peer.n && limit_us && now_us - k->peer.oldest_us >= limit_us;
		k->timed_out |= late;
		if (late || (k->ending && now_us >= k->end_us)) {
			terminate(k);
		} else if (!k->ending && k->peer.in < 0) {
			/* It may still answer what it has read. */
			k->deaf = true;
			await_end(k);
		}
	}
}

static int took(void *user, size_t slot, enum kt_workwatch_what what, unsigned events, struct kt_err *err)
{
	struct workstream *w = user;
	struct worker *k = &w->v[slot];
	struct kt_workpeer *p = &k->peer;
	if (p->child.fd < 0)
		return 0;
	if (what == KT_WORKWATCH_OUT && p->out >= 0)
		return read_answers(k, err);
	if (what == KT_WORKWATCH_ERR)
		kt_workoutput_read(&p->err, take_err, k);
	if (what == KT_WORKWATCH_IN && (events & EPOLLERR) && !p->ask.len)
		kt_workpeer_hang_up(p, false);
	else if (what == KT_WORKWATCH_IN)
		write_some(k);
	return what == KT_WORKWATCH_CHILD ? bury(w, k, err) : 0;
}

static int serve(void *self, short revents, struct kt_err *err)
{
	struct workstream *w = self;
	if (w->failed)
		return kt_err_set(err, KT_FAILED, "the workers were given up");
	w->failed = kt_workwatch_serve(&w->watch, revents, took, w, err) < 0;
	if (w->failed)
		return -1;
	look_at_times(w);
	return 0;
}

static int64_t wait(void *self, struct pollfd *fd)
{
	struct workstream *w = self;
	int64_t first_us = INT64_MAX;
	*fd = (struct pollfd){.fd = w->watch.fd, .events = POLLIN};
	for (size_t i = 0; i < w->how.jobs; i++) {
		if (w->v[i].peer.ask.len && !w->v[i].wants_out)
			write_some(&w->v[i]);
		int64_t us = due_us(&w->v[i]);
		first_us = us < first_us ? us : first_us;
	}
	return kt_until_ms(first_us);
}

static bool has(const struct worker *k, const struct kt_workitem *item)
{
	for (size_t i = 0; i < k->peer.n; i++)
		if (kt_workpeer_at(&k->peer, i) == item)
			return true;
	return false;
}

static void kill_some(void *self, const struct kt_workitem *item)
{
	struct workstream *w = self;
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct worker *k = &w->v[i];
		if (k->peer.child.fd >= 0 && !k->ending && (item ? has(k, item) : k->peer.n > 0))
			terminate(k);
	}
}

static void free_all(void *self)
{
	struct workstream *w = self;
	int64_t until_us = kt_clock_us() + (int64_t)FAREWELL_MS * 1000;
	for (size_t i = 0; i < w->how.jobs; i++)
		kt_workpeer_hang_up(&w->v[i].peer, false);
	for (size_t i = 0; i < w->how.jobs; i++)
		if (!kt_workpeer_await(&w->v[i].peer, w->v[i].peer.n ? 0 : until_us))
			kt_child_signal(&w->v[i].peer.child, SIGTERM);
	until_us = kt_clock_us() + (int64_t)FAREWELL_MS * 1000;
	for (size_t i = 0; i < w->how.jobs; i++) {
		kt_workpeer_await(&w->v[i].peer, w->v[i].ending ? 0 : until_us);
		kt_workpeer_fini(&w->v[i].peer, take_err, &w->v[i]);
	}
	kt_workwatch_close(&w->watch);
	kt_buf_fini(&w->scratch);
	kt_buf_fini(&w->metadata);
	free(w->v);
	free(w);
}

int kt_workstream_open(struct kt_workrunner *out, const struct kt_strs *words, enum kt_workstream_form form,
	size_t window, const struct kt_workrunner_how *how, struct kt_err *err)
{
	struct kt_workwatch watch;
	if (kt_workwatch_open(&watch, err) < 0)
		return -1;
	struct workstream *w = kt_calloc(1, sizeof(*w));
	*w = (struct workstream){.how = *how, .words = words, .form = form, .window = window, .watch = watch};
	w->v = kt_calloc(how->jobs, sizeof(*w->v));
	for (size_t i = 0; i < how->jobs; i++) {
		w->v[i].stream = w;
		kt_workpeer_init(&w->v[i].peer, window);
	}
	*out = (struct kt_workrunner){
		.self = w,
		.source = {.user = w, .wait = wait, .serve = serve},
		.room = room,
		.start = start,
		.kill = kill_some,
		.free = free_all,
	};
	return 0;
}
