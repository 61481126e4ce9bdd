/* Commands, one for each record. */
#include "workjobs.h"

#include <signal.h>
#include <unistd.h>

#include "mem.h"
#include "recordcommand.h"
#include "when.h"
#include "workoutput.h"
#include "workwatch.h"

/* As much waits for a slow reader of our stdout before commands have to. */
enum { OUT_WAITS = 1 << 20 };

struct job {
	struct kt_child child; /* fd -1: none is running */
	struct kt_workitem *item;
	struct kt_workoutput out, err;
	struct workjobs *jobs;
	int64_t end_us; /* SIGTERM or SIGKILL is due; 0: never */
	bool timed_out, ending, too_much;
};

struct workjobs {
	struct kt_workrunner_how how;
	const struct kt_strs *words;
	struct job *v;
	size_t *free, n_free;
	size_t n_ending; /* were sent SIGTERM */
	struct kt_workwatch watch;
	bool held; /* their output has to wait */
};

static size_t room(void *self)
{
	const struct workjobs *w = self;
	return w->n_free;
}

static void take_out(void *user, const char *data, size_t len)
{
	struct job *job = user;
	const struct kt_workrunner_how *how = &job->jobs->how;
	struct kt_buf *out = how->keeps_out ? &job->item->ending.out : &how->out->buf;
	if (how->keeps_out && len > how->out_max - out->len)
		job->too_much = true;
	else
		kt_buf_add(out, data, len);
}

static void take_err(void *user, const char *data, size_t len)
{
	struct job *job = user;
	kt_workrunner_keep_words(&job->item->ending.words, data, len);
	kt_workrunner_pass_words(data, len);
}

static unsigned out_events(const struct workjobs *w)
{
	return w->held ? 0 : EPOLLIN;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int start_command(struct job *job, struct kt_err *err)
{
	kt_auto(drop) int out = kt_workoutput_open(&job->out, err);
	kt_auto(drop) int words = out < 0 ? -1 : kt_workoutput_open(&job->err, err);
	if (words < 0)
		return -1;
	const struct kt_recordcommand command = {
		.words = job->jobs->words, .out = out, .err = words, .tied = job->jobs->how.tied};
	return kt_recordcommand_start(&job->child, &command, &job->item->read.record, job->item->attempt, err);
}

static int start(void *self, struct kt_workitem *item, struct kt_err *err)
{
	struct workjobs *w = self;
	size_t slot = w->free[w->n_free - 1];
	struct job *job = &w->v[slot];
	*job = (struct job){.item = item, .jobs = w, .child.fd = -1, .out.fd = -1, .err.fd = -1};
	if (start_command(job, err) < 0) {
		kt_workoutput_close(&job->out, take_out, job);
		kt_workoutput_close(&job->err, take_err, job);
		/* Whatever the reason, another record would meet it as well. */
		err->status = KT_FAILED;
		return -1;
	}
	w->n_free--;
	job->end_us = w->how.timeout_ms ? kt_clock_us() + w->how.timeout_ms * 1000 : 0;
	kt_workwatch_set(&w->watch, slot, job->child.fd, KT_WORKWATCH_CHILD, EPOLLIN);
	kt_workwatch_set(&w->watch, slot, job->out.fd, KT_WORKWATCH_OUT, out_events(w));
	kt_workwatch_set(&w->watch, slot, job->err.fd, KT_WORKWATCH_ERR, EPOLLIN);
	return 1;
}

static void terminate(struct workjobs *w, struct job *job)
{
	kt_child_signal(&job->child, job->ending ? SIGKILL : SIGTERM);
	w->n_ending += !job->ending;
	job->ending = true;
	job->end_us = kt_clock_us() + (int64_t)KT_WORKRUNNER_KILL_MS * 1000;
}

static void finish(struct workjobs *w, size_t slot)
{
	struct job *job = &w->v[slot];
	struct kt_workitem_ending *ending = &job->item->ending;
	/* Even when the command itself has ended: what it started may not have. */
	if (job->ending)
		kt_child_signal(&job->child, SIGKILL);
	w->n_ending -= job->ending;
	int status = kt_child_end(&job->child);
	kt_workoutput_close(&job->out, take_out, job);
	kt_workoutput_close(&job->err, take_err, job);
	w->free[w->n_free++] = slot;
	bool killed = job->child.killed;
	ending->end = job->timed_out ? KT_WORK_TIMEOUT : killed ? KT_WORK_SIGNAL : KT_WORK_EXIT;
	ending->code = killed ? status - KT_SIGNAL : status;
	if (ending->end == KT_WORK_EXIT && !status && job->too_much)
		ending->end = KT_WORK_OUTPUT;
	w->how.ended(w->how.user, job->item);
}

/* Stdout is read again when there is room for it. */
static void hold(struct workjobs *w, bool held)
{
	if (w->held == held)
		return;
	w->held = held;
	for (size_t i = 0; i < w->how.jobs; i++)
		if (w->v[i].child.fd >= 0 && w->v[i].out.fd >= 0)
			kt_workwatch_set(&w->watch, i, w->v[i].out.fd, KT_WORKWATCH_OUT, out_events(w));
}

static void look_at_times(struct workjobs *w)
{
	int64_t now_us = kt_clock_us();
	for (size_t i = 0; (w->how.timeout_ms || w->n_ending) && i < w->how.jobs; i++) {
		struct job *job = &w->v[i];
		if (job->child.fd < 0 || !job->end_us || now_us < job->end_us)
			continue;
		job->timed_out |= !job->ending;
		terminate(w, job);
	}
}

static int took(void *user, size_t slot, enum kt_workwatch_what what, unsigned events, struct kt_err *err)
{
	struct workjobs *w = user;
	struct job *job = &w->v[slot];
	(void)events;
	(void)err;
	if (job->child.fd < 0)
		return 0;
	if (what == KT_WORKWATCH_CHILD)
		finish(w, slot);
	else if (what == KT_WORKWATCH_OUT)
		kt_workoutput_read(&job->out, take_out, job);
	else
		kt_workoutput_read(&job->err, take_err, job);
	return 0;
}

static int serve(void *self, short revents, struct kt_err *err)
{
	struct workjobs *w = self;
	if (kt_workwatch_serve(&w->watch, revents, took, w, err) < 0)
		return -1;
	look_at_times(w);
	return 0;
}

static int64_t wait(void *self, struct pollfd *fd)
{
	struct workjobs *w = self;
	int64_t first_us = INT64_MAX;
	*fd = (struct pollfd){.fd = w->watch.fd, .events = POLLIN};
	hold(w, kt_out_pending(w->how.out) > OUT_WAITS);
	for (size_t i = 0; (w->how.timeout_ms || w->n_ending) && i < w->how.jobs; i++)
		if (w->v[i].child.fd >= 0 && w->v[i].end_us && w->v[i].end_us < first_us)
			first_us = w->v[i].end_us;
	return kt_until_ms(first_us);
}

static void kill_some(void *self, const struct kt_workitem *item)
{
	struct workjobs *w = self;
	for (size_t i = 0; i < w->how.jobs; i++)
		if (w->v[i].child.fd >= 0 && !w->v[i].ending && (!item || w->v[i].item == item))
			terminate(w, &w->v[i]);
}

static void free_all(void *self)
{
	struct workjobs *w = self;
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct job *job = &w->v[i];
		if (job->child.fd < 0)
			continue;
		kt_child_signal(&job->child, SIGKILL);
		kt_child_end(&job->child);
		kt_workoutput_close(&job->out, take_out, job);
		kt_workoutput_close(&job->err, take_err, job);
	}
	kt_workwatch_close(&w->watch);
	free(w->v);
	free(w->free);
	free(w);
}

int kt_workjobs_open(
	struct kt_workrunner *out, const struct kt_strs *words, const struct kt_workrunner_how *how, struct kt_err *err)
{
	struct kt_workwatch watch;
	if (kt_workwatch_open(&watch, err) < 0)
		return -1;
	struct workjobs *w = kt_calloc(1, sizeof(*w));
	w->how = *how;
	w->words = words;
	w->watch = watch;
	w->v = kt_calloc(how->jobs, sizeof(*w->v));
	w->free = kt_calloc(how->jobs, sizeof(*w->free));
	for (size_t i = how->jobs; i-- > 0;) {
		w->v[i].child.fd = w->v[i].out.fd = w->v[i].err.fd = -1;
		w->free[w->n_free++] = i;
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
