#include "printloop.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ending.h"
#include "httpd.h"
#include "mem.h"
#include "num.h"
#include "readmetrics.h"
#include "say.h"
#include "sig.h"
#include "topicwatch.h"
#include "when.h"

enum { FINISH_MS = 1000 };

/* How much there is to read in all, where the run has an end. */
static void count_work(struct kt_printloop *f, const struct kt_partitions *parts)
{
	int64_t count = f->read->count, total = 0;
	for (size_t i = 0; i < parts->n && f->reading.how.exit_at_end; i++)
		if (parts->v[i].assigned && parts->v[i].end > parts->v[i].start)
			total += parts->v[i].end - parts->v[i].start;
	total += total ? f->seen : 0;
	f->by_count = count > 0 && (!total || count < total);
	f->progress.total = f->by_count ? count : total;
}

static void on_assigned(void *user, const struct kt_partitions *parts)
{
	struct kt_printloop *f = user;
	count_work(f, parts);
	if (f->assigned)
		f->assigned(f->user, &f->out.buf, parts);
	kt_reading_say_start(&f->reading, parts);
	for (size_t i = 0; i < parts->n; i++)
		kt_topicwatch_add(f->watch, parts->v[i].topic);
}

/* Said when the records before it were written, so that the order is right where both go to the same file. */
static void on_end(void *user, const struct kt_partition *part, bool last)
{
	struct kt_printloop *f = user;
	f->reached = kt_grow(f->reached, &f->reached_cap, f->n_reached + 1, sizeof(*f->reached));
	f->reached[f->n_reached++] = *part;
	f->reached_last = last;
}

static void say_ends(struct kt_printloop *f)
{
	bool each = f->client->as_kcat || kt_says(KT_VERBOSE);
	if (!f->n_reached || !(each || f->reached_last))
		return;
	kt_reading_say_ends(f->reached, f->n_reached, f->reached_last, each);
	f->n_reached = 0;
}

static bool has_count(const struct kt_printloop *f)
{
	return f->read->count >= 0 && f->taken >= f->read->count;
}

/* What became of a record, or of a further part of it.
 * 1: it was printed; 0: a part, or the run was stopped; -1: the run is to end. */
static int take_printed(struct kt_printloop *f, int printed)
{
	f->refused = printed < 0 || printed == KT_PRINTED_STOP;
	f->open = printed == KT_PRINTED_PART;
	if (f->refused || f->open)
		return printed < 0 ? -1 : 0;
	f->taken += printed;
	f->ends[f->n_ends++] = (int64_t)f->out.buf.len;
	return 1;
}

/* Renders the next record: as take_printed(), or 0 when there is none. */
static int render_next(struct kt_printloop *f, struct kt_err *err)
{
	struct kt_record r;
	if (!kt_consumer_next(f->consumer, &r))
		return 0;
	f->seen++;
	int printed = take_printed(f, f->render(f->user, &f->out.buf, &r, err));
	if (f->open) {
		f->open_topic = r.topic.data;
		f->open_partition = r.partition;
		f->open_offset = r.offset;
	}
	return printed;
}

/* Renders until the buffer is full, the batch is used up, --count is reached, or a part of a record is to be written
 * first. */
static int render_batch(struct kt_printloop *f, struct kt_err *err)
{
	size_t limit = f->unbuffered ? 1 : KT_PRINTLOOP_BYTES;
	int more = f->open ? take_printed(f, f->more(f->user, &f->out.buf, err)) : 1;
	while (more > 0 && !has_count(f) && f->out.buf.len < limit && f->n_ends < KT_PRINTLOOP_RECORDS)
		more = render_next(f, err);
	return more < 0 ? -1 : 0;
}

/* For kt_out.whole: records, and the lines of one of which only a part was rendered. */
static size_t whole_records(const struct kt_out *out, size_t len)
{
	const struct kt_printloop *f = out->user;
	size_t n = 0;
	while (n < f->n_ends && f->ends[n] <= (int64_t)len)
		n++;
	size_t whole = n ? (size_t)f->ends[n - 1] : 0;
	size_t lines = f->open && n == f->n_ends ? kt_out_lines(out, len) : 0;
	return lines > whole ? lines : whole;
}

/* Everything rendered was accepted by write(2), or, when the reader has gone, a part of it. A record that is open was
 * not read yet. */
static int count_written(struct kt_printloop *f, struct kt_err *err)
{
	size_t whole = 0;
	int64_t accepted = f->out.written - f->base;
	while (whole < f->n_ends && f->ends[whole] <= accepted)
		whole++;
	bool all = whole == f->n_ends && !f->refused && !f->open;
	if (f->httpd && whole)
		f->stored_ms = kt_now_ms();
	f->n_ends = 0;
	f->base = f->out.written;
	f->n_before = all ? 0 : f->n_before + whole;
	return all ? kt_consumer_written(f->consumer, err) : kt_consumer_written_only(f->consumer, f->n_before, err);
}

static bool write_out(void *user)
{
	struct kt_printloop *f = user;
	struct kt_err ignored;
	bool all = kt_out_drain_for(&f->out, FINISH_MS);
	/* Of what is open nothing is committed, but what was before it. */
	if (all && f->open && f->n_ends && count_written(f, &ignored) < 0)
		return false;
	return all && !f->refused && !f->open;
}

/* A rebalance may have given the open record to another member, or to this one again from the beginning. */
static void forget_what_is_gone(struct kt_printloop *f)
{
	const struct kt_partition *part = NULL;
	const struct kt_partitions *parts = kt_consumer_parts(f->consumer);
	for (size_t i = 0; i < parts->n && !part; i++)
		if (parts->v[i].partition == f->open_partition && !strcmp(parts->v[i].topic, f->open_topic))
			part = &parts->v[i];
	f->open = part && part->assigned && part->next == f->open_offset + 1;
	if (!f->open)
		kt_consumer_unread(f->consumer, f->open_topic, f->open_partition, f->open_offset);
}

/* --idle: no record has come for that long. */
static bool is_idle(struct kt_printloop *f, bool came)
{
	if (came || !f->came_us)
		f->came_us = kt_clock_us();
	return f->reading.idle_ms && !kt_left_ms(f->came_us, f->reading.idle_ms);
}

/* One turn of the loop: take, render, write, or else wait. Sets ended when there is nothing left to do. */
static int turn(struct kt_printloop *f, struct kt_err *err)
{
	bool blocked = kt_out_pending(&f->out), open = f->open;
	kt_auto(kt_free_ptr) char *anew = kt_topicwatch_take(f->watch);
	if (anew)
		kt_consumer_restart(f->consumer, anew);
	int took = blocked || open ? kt_consumer_idle(f->consumer, err) : kt_consumer_fill(f->consumer, err);
	if (took < 0)
		return -1;
	if (f->open)
		forget_what_is_gone(f);
	f->progress.done = f->by_count ? f->taken : f->seen;
	if (f->progresses)
		kt_progress_records(&f->progress, f->taken);
	int64_t seen = f->seen;
	if ((!blocked && render_batch(f, err) < 0) || kt_out_pump(&f->out, err) < 0)
		return -1;
	if (!kt_out_pending(&f->out)) {
		if (count_written(f, err) < 0)
			return -1;
		if (f->refused)
			return 0;
		if (f->open && !f->out.closed)
			return f->awaits ? kt_loop_turn(&f->loop, err) : 0;
		say_ends(f);
		f->ended = f->out.closed || has_count(f) || kt_consumer_is_done(f->consumer) ||
			   is_idle(f, blocked || open || f->seen > seen);
		/* Only a fill that found nothing may be followed by waiting: the library tells of records when its
		 * queue stops being empty, and not again. */
		if (f->ended || blocked || open || took) {
			kt_httpd_serve(f->httpd);
			return 0;
		}
	}
	return kt_loop_turn(&f->loop, err);
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct kt_printloop *f = user;
	int64_t poll_ms = kt_consumer_poll_ms(f->consumer), idle_ms = kt_left_ms(f->came_us, f->reading.idle_ms);
	if (kt_out_pending(&f->out) || f->open)
		return poll_ms;
	*fd = (struct pollfd){.fd = kt_consumer_fd(f->consumer), .events = POLLIN};
	return poll_ms < idle_ms ? poll_ms : idle_ms;
}

static int64_t wait_for_room(void *user, struct pollfd *fd)
{
	const struct kt_printloop *f = user;
	*fd = kt_out_poll(&f->out);
	return INT64_MAX;
}

static int64_t wait_for_rest(void *user, struct pollfd *fd)
{
	const struct kt_printloop *f = user;
	return f->open && f->awaits ? f->awaits(f->user, fd) : INT64_MAX;
}

static int look_at_reader(void *user, short revents, struct kt_err *err)
{
	struct kt_printloop *f = user;
	(void)err;
	if (revents & (POLLERR | POLLHUP) && kt_out_reader_gone(&f->out))
		f->ended = !kt_out_pending(&f->out);
	return 0;
}

struct kt_printloop *kt_printloop_new(const struct kt_client_opts *client, const struct kt_read_opts *read, void *user)
{
	struct kt_printloop *f = kt_calloc(1, sizeof(*f));
	f->client = client;
	f->read = read;
	f->user = user;
	kt_out_init(&f->out, STDOUT_FILENO);
	/* Whatever reads the pipe may be writing to the same terminal. */
	struct stat info;
	f->progresses = !f->out.terminal && fstat(STDOUT_FILENO, &info) == 0 && !S_ISFIFO(info.st_mode);
	f->out.whole = whole_records;
	f->out.user = f;
	return f;
}

int kt_printloop_open(struct kt_printloop *f, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_consumer_how *how = &f->reading.how;
	how->owner = f->client->owner;
	how->user = f;
	how->assigned = on_assigned;
	how->at_end = on_end;
	how->write_out = write_out;
	f->records = (struct kt_loop_source){.user = f, .wait = wait_for_records};
	f->output = (struct kt_loop_source){.user = f, .wait = wait_for_room, .serve = look_at_reader};
	f->rest = (struct kt_loop_source){.user = f, .wait = wait_for_rest};
	f->loop.stop = &f->stop;
	kt_loop_add(&f->loop, &f->records);
	kt_loop_add(&f->loop, &f->output);
	kt_loop_add(&f->loop, &f->rest);
	f->stop.outer = f->client->owner->stop;
	kt_stop_begin(&f->stop, f->client->run_for_ms);
	if (!f->reading.how.exit_at_end && !kt_settings_get(settings, "kt.embedded"))
		f->watch = kt_topicwatch_new(settings);
	if (kt_readmetrics_open(f, err) < 0)
		return -1;
	return kt_consumer_open(&f->consumer, settings, how, err);
}

int kt_printloop_run(struct kt_printloop *f, struct kt_err *err)
{
	f->ended = has_count(f);
	while (!f->ended && !kt_stop_status(&f->stop))
		if (turn(f, err) < 0)
			return -1;
	return 0;
}

int kt_printloop_close(struct kt_printloop *f, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	bool complete = f->ended || !f->reading.bounded;
	int stopped = complete ? 0 : kt_stop_status(&f->stop);
	write_out(f);
	if (f->n_ends || f->refused || f->open)
		kt_ending_add(&end, count_written(f, kt_ending_err(&end)));
	kt_ending_add(&end, kt_consumer_close(kt_steal(f->consumer), kt_ending_err(&end)));
	return kt_ending_close(&end, stopped, "after %lld record%s", (long long)f->taken, kt_plural(f->taken));
}

void kt_printloop_free(struct kt_printloop **flow)
{
	struct kt_printloop *f = *flow;
	if (!f)
		return;
	kt_topicwatch_free(&f->watch);
	kt_consumer_free(&f->consumer);
	kt_httpd_close(f->httpd);
	kt_out_fini(&f->out);
	kt_loop_fini(&f->loop);
	kt_reading_fini(&f->reading);
	free(f->reached);
	free(f);
}
