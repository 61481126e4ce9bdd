/* Commands that stay, and are given one record after the other. */
#include "workstream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "child.h"
#include "jsonout.h"
#include "mem.h"
#include "recordjson.h"
#include "say.h"
#include "when.h"
#include "workanswer.h"
#include "workoutput.h"

enum { OF_CHILD, OF_OUT, OF_ERR, OF_IN, OF_MASK = 3, EVENTS = 64, CHUNK = 64 << 10 };

/* So many deaths in a row without an answer are the command's nature; so long a silence after the first record is worth
 * a word; and so long a worker has to end once its stdin is closed. */
enum { DEATHS = 5, SILENT_MS = 5000, FAREWELL_MS = 2000, AGAIN_MS = 200 };

/* A line may be longer than its result by what JSON makes of it: \u0000 for a byte, and the members' names. */
enum { ESCAPED = 6, NAMES = 4096 };

struct worker {
	struct kt_child child; /* fd -1: none runs */
	int in, out;           /* our ends; -1: closed */
	struct kt_workoutput err;
	struct kt_buf ask, said; /* waits to be written from `asked` on; read, and not a whole answer */
	size_t asked;
	struct kt_workitem **items; /* not answered, the oldest first: a ring of `window` */
	size_t first, n;
	int64_t oldest_us; /* since when the oldest is that */
	int64_t next_start_us, end_us;
	int deaths;
	bool answered, told, timed_out, ending, wants_out;
	struct workstream *stream;
};

struct workstream {
	struct kt_workrunner_how how;
	const struct kt_strs *words;
	enum kt_workstream_form form;
	size_t window;
	struct worker *v;
	struct kt_buf scratch, metadata;
	int epoll;
	bool failed;
};

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void watch(const struct workstream *w, const struct worker *worker, int fd, unsigned what, unsigned events)
{
	size_t slot = (size_t)(worker - w->v);
	struct epoll_event event = {.events = events, .data.u64 = slot << 2 | what};
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		epoll_ctl(w->epoll, EPOLL_CTL_MOD, fd, &event);
}

static int open_pipe(int *ours, int *theirs, bool we_write, struct kt_err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return kt_err_sys(err, "a pipe for a worker");
	*ours = ends[we_write];
	*theirs = ends[!we_write];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static int spawn(struct worker *k, struct kt_err *err)
{
	kt_auto(drop) int in = -1, out = -1, words = -1;
	if (open_pipe(&k->in, &in, true, err) < 0 || open_pipe(&k->out, &out, false, err) < 0 ||
		(words = kt_workoutput_open(&k->err, err)) < 0)
		return -1;
	const struct kt_child_how how = {.in = in, .out = out, .err = words, .apart = true, .closed = true};
	return kt_child_start(&k->child, k->stream->words, &how, err);
}

static int start_worker(struct workstream *w, struct worker *k, struct kt_err *err)
{
	k->ask.len = k->said.len = k->asked = 0;
	k->answered = k->timed_out = k->ending = k->wants_out = false;
	k->end_us = 0;
	if (spawn(k, err) < 0) {
		drop(&k->in);
		drop(&k->out);
		drop(&k->err.fd);
		err->status = KT_FAILED;
		return -1;
	}
	watch(w, k, k->child.fd, OF_CHILD, EPOLLIN);
	watch(w, k, k->out, OF_OUT, EPOLLIN);
	watch(w, k, k->err.fd, OF_ERR, EPOLLIN);
	return 0;
}

static bool is_usable(const struct worker *k)
{
	return k->child.fd >= 0 ? !k->ending && k->in >= 0 : kt_clock_us() >= k->next_start_us;
}

static size_t room(void *self)
{
	const struct workstream *w = self;
	size_t n = 0;
	for (size_t i = 0; i < w->how.jobs; i++)
		n += is_usable(&w->v[i]) ? w->window - w->v[i].n : 0;
	return n;
}

/* Of a lane always the same, when several of its records may be on their way; else the one with most room. */
static struct worker *choose(struct workstream *w, const struct kt_workitem *item)
{
	struct worker *best = NULL;
	if (item->lane != KT_WORKITEM_NONE && w->window > 1) {
		best = &w->v[item->lane % w->how.jobs];
		return is_usable(best) && best->n < w->window ? best : NULL;
	}
	for (size_t i = 0; i < w->how.jobs; i++)
		if (is_usable(&w->v[i]) && w->v[i].n < w->window && (!best || w->v[i].n < best->n))
			best = &w->v[i];
	return best;
}

static void take_err(void *user, const char *data, size_t len)
{
	struct worker *k = user;
	if (k->n)
		kt_workrunner_keep_words(&k->items[k->first]->ending.words, data, len);
	kt_workrunner_pass_words(data, len);
}

static void write_some(struct worker *k)
{
	while (k->in >= 0 && k->asked < k->ask.len) {
		ssize_t n = write(k->in, k->ask.data + k->asked, k->ask.len - k->asked);
		if (n < 0 && errno == EAGAIN)
			break;
		/* It reads no more: that it ends, or what it answers, decides. */
		k->asked = n < 0 ? k->ask.len : k->asked + (size_t)n;
	}
	if (k->asked == k->ask.len)
		k->asked = k->ask.len = 0;
	if (k->in >= 0 && k->wants_out != (k->ask.len > 0)) {
		k->wants_out = !k->wants_out;
		watch(k->stream, k, k->in, OF_IN, k->wants_out ? EPOLLOUT : 0);
	}
}

static void add_question(struct worker *k, const struct kt_workitem *item)
{
	struct workstream *w = k->stream;
	const struct kt_record *r = &item->read.record;
	if (w->form == KT_WORKSTREAM_LINES) {
		kt_recordjson_write(&k->ask, r, KT_ENC_UTF8);
		k->ask.len--;
		kt_jsonout_i64(&k->ask, "attempt", item->attempt);
		kt_buf_adds(&k->ask, "}\n");
		return;
	}
	w->metadata.len = 0;
	kt_recordjson_head(&w->metadata, r, KT_ENC_UTF8);
	w->metadata.len--;
	kt_jsonout_i64(&w->metadata, "attempt", item->attempt);
	kt_buf_addc(&w->metadata, '}');
	kt_workanswer_ask(&k->ask, item->number, (struct kt_bytes){w->metadata.data, w->metadata.len}, r->value);
}

static int start(void *self, struct kt_workitem *item, struct kt_err *err)
{
	struct workstream *w = self;
	struct worker *k = choose(w, item);
	if (!k)
		return 0;
	if (k->child.fd < 0 && start_worker(w, k, err) < 0)
		return -1;
	k->oldest_us = k->n ? k->oldest_us : kt_clock_us();
	k->items[(k->first + k->n++) % w->window] = item;
	add_question(k, item);
	if (w->window == 1 || k->ask.len > CHUNK)
		write_some(k);
	return 1;
}

/* Takes the place-th oldest out. */
static struct kt_workitem *take(struct worker *k, size_t place)
{
	size_t window = k->stream->window;
	struct kt_workitem *item = k->items[(k->first + place) % window];
	for (size_t i = place; i > 0; i--)
		k->items[(k->first + i) % window] = k->items[(k->first + i - 1) % window];
	k->first = (k->first + 1) % window;
	k->n--;
	if (!place)
		k->oldest_us = kt_clock_us();
	return item;
}

static int protocol_error(struct worker *k, struct kt_err *err)
{
	kt_child_signal(&k->child, SIGKILL);
	kt_err_wrap(err, "%s", k->stream->words->v[0]);
	return -1;
}

static int take_answer(struct worker *k, const struct kt_workanswer *a, struct kt_err *err)
{
	struct workstream *w = k->stream;
	size_t place = 0;
	while (w->form == KT_WORKSTREAM_FRAMES && place < k->n &&
		k->items[(k->first + place) % w->window]->number != a->id)
		place++;
	if (place >= k->n) {
		kt_err_set(err, KT_FAILED, "an answer to what was not asked");
		return protocol_error(k, err);
	}
	struct kt_workitem *item = take(k, place);
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
	return w->how.ended(w->how.user, item, err);
}

/* The next whole answer from `at` on: bytes taken, 0, or -1. */
static ssize_t next_answer(struct worker *k, size_t at, struct kt_workanswer *answer, struct kt_err *err)
{
	struct workstream *w = k->stream;
	const char *data = k->said.data + at;
	size_t len = k->said.len - at, most = w->how.out_max * ESCAPED + NAMES;
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
	ssize_t n = read(k->out, kt_buf_reserve(&k->said, CHUNK), CHUNK), used;
	size_t at = 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		/* Nothing it could say would be heard. */
		drop(&k->out);
		drop(&k->in);
		kt_child_signal(&k->child, SIGTERM);
		return 0;
	}
	k->said.len += (size_t)n;
	struct kt_workanswer answer;
	while ((used = next_answer(k, at, &answer, err)) > 0) {
		if (take_answer(k, &answer, err) < 0)
			return -1;
		at += (size_t)used;
	}
	if (used < 0)
		return protocol_error(k, err);
	k->said.len -= at;
	memmove(k->said.data, k->said.data + at, k->said.len);
	return 0;
}

/* What it had not answered: the oldest is charged, with how it ended. */
static int give_back(struct workstream *w, struct worker *k, int status, struct kt_err *err)
{
	bool charged = true;
	while (k->n) {
		struct kt_workitem *item = take(k, 0);
		struct kt_workitem_ending *ending = &item->ending;
		ending->end = k->timed_out ? KT_WORK_TIMEOUT : k->child.killed ? KT_WORK_SIGNAL : KT_WORK_EXIT;
		ending->code = k->child.killed ? status - KT_SIGNAL : status;
		/* Not an answer, however well it ended. */
		ending->decided = !charged || (ending->end == KT_WORK_EXIT && !status);
		ending->action = KT_WORK_RETRY;
		item->uncharged = !charged;
		charged = false;
		if (w->how.ended(w->how.user, item, err) < 0)
			return -1;
	}
	return 0;
}

static int bury(struct workstream *w, struct worker *k, struct kt_err *err)
{
	if (k->ending)
		kt_child_signal(&k->child, SIGKILL);
	/* What it has answered before it ended counts. */
	while (k->out >= 0) {
		struct pollfd fd = {.fd = k->out, .events = POLLIN};
		if (poll(&fd, 1, 0) <= 0 || !(fd.revents & POLLIN))
			break;
		if (read_answers(k, err) < 0)
			return -1;
	}
	int status = kt_child_end(&k->child);
	drop(&k->in);
	drop(&k->out);
	kt_workoutput_close(&k->err, take_err, k);
	k->deaths++;
	k->next_start_us = kt_clock_us() + (int64_t)AGAIN_MS * 1000 * (k->deaths - 1);
	if (give_back(w, k, status, err) < 0)
		return -1;
	if (k->deaths < DEATHS)
		return 0;
	return kt_err_set(err, KT_FAILED, "%s ended %d times without an answer, the last time with status %d",
		w->words->v[0], DEATHS, status);
}

static void terminate(struct worker *k)
{
	kt_child_signal(&k->child, k->ending ? SIGKILL : SIGTERM);
	k->ending = true;
	k->end_us = kt_clock_us() + (int64_t)KT_WORKRUNNER_KILL_MS * 1000;
}

static void explain(struct worker *k, int64_t now_us)
{
	if (k->told || k->answered || !k->n || now_us - k->oldest_us < (int64_t)SILENT_MS * 1000)
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
	if (k->child.fd < 0)
		return k->deaths && k->next_start_us > kt_clock_us() ? k->next_start_us : us;
	if (k->ending)
		return k->end_us;
	if (k->n && k->stream->how.timeout_ms)
		us = k->oldest_us + k->stream->how.timeout_ms * 1000;
	if (k->n && !k->answered && !k->told && k->oldest_us + (int64_t)SILENT_MS * 1000 < us)
		us = k->oldest_us + (int64_t)SILENT_MS * 1000;
	return us;
}

static void look_at_times(struct workstream *w)
{
	int64_t now_us = kt_clock_us(), limit_us = w->how.timeout_ms * 1000;
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct worker *k = &w->v[i];
		if (k->child.fd < 0)
			continue;
		explain(k, now_us);
		bool late = !k->ending && k->n && limit_us && now_us - k->oldest_us >= limit_us;
		k->timed_out |= late;
		if (late || (k->ending && now_us >= k->end_us))
			terminate(k);
	}
}

static int serve_one(struct workstream *w, const struct epoll_event *event, struct kt_err *err)
{
	struct worker *k = &w->v[event->data.u64 >> 2];
	unsigned what = event->data.u64 & OF_MASK;
	if (k->child.fd < 0)
		return 0;
	if (what == OF_OUT && k->out >= 0)
		return read_answers(k, err);
	if (what == OF_ERR)
		kt_workoutput_read(&k->err, take_err, k);
	if (what == OF_IN && (event->events & EPOLLERR) && !k->ask.len)
		drop(&k->in);
	else if (what == OF_IN)
		write_some(k);
	return what == OF_CHILD ? bury(w, k, err) : 0;
}

static int serve(void *self, short revents, struct kt_err *err)
{
	struct workstream *w = self;
	struct epoll_event events[EVENTS];
	if (w->failed)
		return kt_err_set(err, KT_FAILED, "the workers were given up");
	int n = revents ? epoll_wait(w->epoll, events, EVENTS, 0) : 0;
	for (int i = 0; i < n; i++)
		if (serve_one(w, &events[i], err) < 0) {
			w->failed = true;
			return -1;
		}
	look_at_times(w);
	return 0;
}

static int64_t wait(void *self, struct pollfd *fd)
{
	struct workstream *w = self;
	int64_t first_us = INT64_MAX;
	*fd = (struct pollfd){.fd = w->epoll, .events = POLLIN};
	for (size_t i = 0; i < w->how.jobs; i++) {
		if (w->v[i].ask.len && !w->v[i].wants_out)
			write_some(&w->v[i]);
		int64_t us = due_us(&w->v[i]);
		first_us = us < first_us ? us : first_us;
	}
	return kt_until_ms(first_us);
}

static bool has(const struct worker *k, const struct kt_workitem *item)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->items[(k->first + i) % k->stream->window] == item)
			return true;
	return false;
}

static void kill_some(void *self, const struct kt_workitem *item)
{
	struct workstream *w = self;
	for (size_t i = 0; i < w->how.jobs; i++)
		if (w->v[i].child.fd >= 0 && !w->v[i].ending && (item ? has(&w->v[i], item) : w->v[i].n > 0))
			terminate(&w->v[i]);
}

/* It may finish when its stdin ends; else it is told to. */
static void end_worker(struct worker *k)
{
	struct pollfd fd = {.fd = k->child.fd, .events = POLLIN};
	drop(&k->in);
	if (poll(&fd, 1, k->n ? 0 : FAREWELL_MS) <= 0) {
		kt_child_signal(&k->child, SIGTERM);
		poll(&fd, 1, k->ending ? 0 : FAREWELL_MS);
	}
	kt_child_signal(&k->child, SIGKILL);
	kt_child_end(&k->child);
	drop(&k->out);
	k->n = 0;
	kt_workoutput_close(&k->err, take_err, k);
}

static void free_all(void *self)
{
	struct workstream *w = self;
	for (size_t i = 0; i < w->how.jobs; i++)
		drop(&w->v[i].in);
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct worker *k = &w->v[i];
		if (k->child.fd >= 0)
			end_worker(k);
		kt_buf_fini(&k->ask);
		kt_buf_fini(&k->said);
		free(k->items);
	}
	close(w->epoll);
	kt_buf_fini(&w->scratch);
	kt_buf_fini(&w->metadata);
	free(w->v);
	free(w);
}

int kt_workstream_open(struct kt_workrunner *out, const struct kt_strs *words, enum kt_workstream_form form,
	size_t window, const struct kt_workrunner_how *how, struct kt_err *err)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return kt_err_sys(err, "a descriptor for workers");
	struct workstream *w = kt_calloc(1, sizeof(*w));
	w->how = *how;
	w->words = words;
	w->form = form;
	w->window = window;
	w->epoll = epoll;
	w->v = kt_calloc(how->jobs, sizeof(*w->v));
	for (size_t i = 0; i < how->jobs; i++) {
		struct worker *k = &w->v[i];
		k->stream = w;
		k->child.fd = k->in = k->out = k->err.fd = -1;
		k->items = kt_calloc(window, sizeof(*k->items));
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
