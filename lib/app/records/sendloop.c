#include "sendloop.h"

#include <unistd.h>

#include "command.h"
#include "ending.h"
#include "num.h"
#include "say.h"
#include "shellwords.h"
#include "when.h"

enum { OUT_LIMIT = 4 << 20, GRACE_MS = 5000, SERVE_MS = 1000, END_MS = 60000 };

static void drop_piece(struct kt_sendloop *l)
{
	if (l->have_piece)
		kt_block_unref(&l->input.pool, l->piece.block);
	l->have_piece = false;
}

static int send_built(struct kt_sendloop *l, struct kt_err *why)
{
	if (kt_recordbuild(&l->build, &l->piece, l->taken, why) < 0)
		return -1;
	return kt_producer_send(l->producer, KT_PRODUCER_TOPIC, &l->build.record, l->piece.line, 0, why);
}

/* Sends the piece, or counts it as refused. False: the queue is full, and the piece is kept. */
static bool send_piece(struct kt_sendloop *l)
{
	struct kt_err why = {0};
	int sent = l->plain ? kt_producer_add(l->producer, &l->piece, &why) : send_built(l, &why);
	if (sent == 0)
		return false;
	if (sent > 0 && l->plain)
		l->have_piece = false; /* its block is the producer's now */
	if (sent < 0)
		kt_deliveries_refuse(&l->account, l->piece.line, why.msg);
	if (l->tee.data && !l->out.closed) {
		kt_buf_add(&l->out.buf, l->piece.value.data, l->piece.value.len);
		kt_buf_add(&l->out.buf, l->tee.data, l->tee.len);
	}
	drop_piece(l);
	l->taken++;
	return true;
}

/* Whether the next piece is the one that ends the input. Blank lines between JSON records do not count. */
static bool is_end_mark(const struct kt_sendloop *l)
{
	return l->until_blank && !l->piece.value.len && !l->piece.key.data;
}

static bool is_nothing(const struct kt_sendloop *l)
{
	const struct kt_bytes v = l->piece.value;
	bool nothing = l->skips_blank && !l->piece.key.data;
	for (size_t i = 0; nothing && i < v.len; i++)
		nothing = strchr(" \t\r\n", v.data[i]) != NULL;
	return nothing;
}

static bool has_to_stop(const struct kt_sendloop *l)
{
	return (l->account.failed && !l->keeps_going) || (l->count >= 0 && l->taken >= l->count);
}

static enum kt_input_state next_piece(struct kt_sendloop *l)
{
	enum kt_input_state state = kt_input_next(&l->input, &l->piece);
	if (state == KT_INPUT_TOO_LARGE)
		kt_deliveries_refuse(&l->account, l->piece.line, KT_TOO_LARGE);
	l->have_piece = state == KT_INPUT_PIECE;
	if (l->have_piece && is_end_mark(l))
		return KT_INPUT_END;
	if (l->have_piece && is_nothing(l))
		drop_piece(l);
	return state;
}

/* Sends what is in memory. Returns what it ended at: KT_INPUT_EMPTY (read more), KT_INPUT_FULL (wait for deliveries),
 * KT_INPUT_PIECE (wait for --rate), KT_INPUT_END. */
static enum kt_input_state feed(struct kt_sendloop *l)
{
	int64_t limit = l->stopping ? INT64_MAX : kt_ratelimit_due(&l->pace, l->taken);
	for (;;) {
		if (has_to_stop(l))
			return KT_INPUT_END;
		enum kt_input_state state = l->have_piece ? KT_INPUT_PIECE : next_piece(l);
		if (state == KT_INPUT_TOO_LARGE || (state == KT_INPUT_PIECE && !l->have_piece))
			continue;
		if (state != KT_INPUT_PIECE || l->taken >= limit)
			return state;
		if (kt_out_pending(&l->out) > OUT_LIMIT || !send_piece(l))
			return KT_INPUT_FULL;
	}
}

static bool is_unopened(const struct kt_sendloop *l)
{
	return l->state == KT_INPUT_EMPTY && l->input.fd < 0;
}

static int64_t wait_for_input(void *user, struct pollfd *fd)
{
	const struct kt_sendloop *l = user;
	if (l->state == KT_INPUT_EMPTY)
		*fd = (struct pollfd){.fd = l->input.fd, .events = POLLIN};
	return is_unopened(l) ? 0 : l->state == KT_INPUT_PIECE ? kt_ratelimit_wait_ms(&l->pace) : SERVE_MS;
}

static int serve_input(void *user, short revents, struct kt_err *err)
{
	struct kt_sendloop *l = user;
	return is_unopened(l) || revents ? kt_input_fill(&l->input, err) : 0;
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_sendloop *l = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(l->producer), .events = POLLIN};
	return INT64_MAX;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_sendloop *l = user;
	(void)revents;
	return kt_producer_serve(l->producer, err);
}

static void show_progress(struct kt_sendloop *l)
{
	int64_t delivered = kt_producer_counts(l->producer).delivered;
	l->progress.done = l->count > 0 ? delivered : l->input.bytes;
	kt_progress_records(&l->progress, delivered);
}

/* Waits for whatever can make progress, and handles it. */
static int turn(struct kt_sendloop *l, enum kt_input_state state, struct kt_err *err)
{
	l->state = state;
	if (kt_loop_turn(&l->loop, err) < 0)
		return -1;
	kt_deliveries_tell(&l->account);
	if (!l->terminal)
		show_progress(l);
	return kt_out_pump(&l->out, err);
}

/* Before brokers abort the transaction by themselves, which the library would take for the work of another producer. */
static int check_time(const struct kt_sendloop *l, struct kt_err *err)
{
	char most[32];
	if (!l->transactional || kt_transaction_left_ms(&l->transaction) > kt_transaction_most_ms(&l->transaction) / 20)
		return 0;
	kt_err_set(err, KT_FAILED, "the input did not end within transaction.timeout.ms (%s)",
		kt_show_ms(kt_transaction_most_ms(&l->transaction), most));
	return kt_err_hint(err, "all of a run is one transaction: send less in each");
}

static int run_loop(struct kt_sendloop *l, struct kt_err *err)
{
	l->sources[0] = (struct kt_loop_source){.user = l, .wait = wait_for_input, .serve = serve_input};
	l->sources[1] = (struct kt_loop_source){.user = l, .wait = wait_for_reports, .serve = serve_reports};
	l->sources[2] = kt_out_source(&l->out);
	l->loop.stop = &l->stop;
	for (size_t i = 0; i < KT_LEN(l->sources); i++)
		kt_loop_add(&l->loop, &l->sources[i]);
	for (int64_t prompted = -1;;) {
		enum kt_input_state state = feed(l);
		kt_producer_hand_over(l->producer);
		l->ended = state == KT_INPUT_END;
		if (l->ended || kt_stop_status(&l->stop))
			return 0;
		if (check_time(l, err) < 0)
			return -1;
		if (l->terminal && prompted != l->input.line && kt_says(KT_NORMAL))
			fprintf(stderr, "%s> ", l->topic);
		prompted = l->input.line;
		if (turn(l, state, err) < 0)
			return -1;
	}
}

/* After a signal, or when time is up: what was read is still being sent, for a while. */
static int send_rest(struct kt_sendloop *l, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + GRACE_MS * 1000;
	l->stopping = true;
	l->loop.stop = NULL;
	kt_input_stop(&l->input);
	while (kt_clock_us() < deadline_us && kt_producer_silent_ms(l->producer) < SERVE_MS) {
		enum kt_input_state state = feed(l);
		kt_producer_hand_over(l->producer);
		if (state == KT_INPUT_END)
			return 0;
		if (turn(l, state, err) < 0)
			return -1;
	}
	return 0;
}

/* Commits what was sent if that is all of the input and all of it is there, and takes it back otherwise. */
static int end_transaction(struct kt_sendloop *l, bool whole, struct kt_err *err)
{
	struct kt_err ignored = {0};
	int64_t abort_ms = kt_stop_status(&l->stop) > KT_SIGNAL ? GRACE_MS : END_MS;
	if (whole && kt_transaction_run(&l->transaction, KT_TRANSACTION_COMMIT, END_MS, err) == KT_TRANSACTION_DONE) {
		kt_auto(kt_strs_fini) struct kt_strs topics = {0};
		kt_strs_add(&topics, l->topic);
		kt_transaction_settle(&l->transaction, &topics);
		return 0;
	}
	l->account.aborted = true;
	l->account.in_doubt =
		kt_transaction_run(&l->transaction, KT_TRANSACTION_ABORT, abort_ms, &ignored) != KT_TRANSACTION_DONE;
	return whole ? -1 : 0;
}

/* One key for all records, and none: whoever means a record without a value is told how to have one. */
static void say_empty(const struct kt_sendloop *l)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	if (l->ended && !l->taken && !l->terminal && !l->input.how.files->n && l->build.how.key &&
		kt_command_line(&line, NULL, ""))
		kt_say(KT_NORMAL, "stdin was empty; an empty line is a record: echo | %s", kt_buf_cstr(&line));
}

/* The flush comes before stdout is drained: the reports of what it delivered belong there. An error that ended the loop
 * keeps its place in err. */
static int finish(struct kt_sendloop *l, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	bool taken_back = l->transactional && (result < 0 || !l->ended);
	if (result == 0 && !l->ended && !taken_back)
		kt_ending_add(&end, send_rest(l, err));
	drop_piece(l);
	if (!taken_back)
		kt_ending_add(&end, kt_producer_drain(l->producer, -1, GRACE_MS, kt_ending_err(&end)));
	int stopped = kt_stop_status(&l->stop);
	if (l->transactional)
		kt_ending_add(&end,
			end_transaction(l, !taken_back && end.result == 0 && !l->account.failed, kt_ending_err(&end)));
	kt_ending_add(&end, kt_out_drain(&l->out, kt_ending_err(&end)));
	if (l->terminal && kt_says(KT_NORMAL))
		fputc('\n', stderr);
	l->account.complete = l->ended;
	l->account.stopped = stopped;
	kt_ending_add(&end, kt_deliveries_close(&l->account, kt_producer_counts(l->producer), kt_ending_err(&end)));
	say_empty(l);
	/* A signal from the terminal is an end like any other. */
	return kt_ending_close(&end, l->ended || stopped > KT_SIGNAL ? 0 : stopped, "before the input did");
}

/* Words that are no files are meant as a record. */
static int hint_record(
	const struct kt_sendloop *l, const struct kt_strs *files, const struct kt_strs *lines, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs typed = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, words = {0}, line = {0};
	for (size_t i = 0; i < files->n; i++)
		if (!kt_strs_has(lines, files->v[i]))
			kt_strs_add(&typed, files->v[i]);
	for (size_t i = 0; i < typed.n; i++)
		kt_buf_addf(&text, "%s%s", i ? " " : "", typed.v[i]);
	kt_shellwords_add(&words, kt_buf_cstr(&text));
	if (!kt_command_line(&line, &typed, ""))
		kt_buf_addf(&line, "kt produce %s", l->topic);
	return kt_err_hint(err, "words after the topic are files; for a record: echo %s | %s", kt_buf_cstr(&words),
		kt_buf_cstr(&line));
}

int kt_sendloop_check_files(
	const struct kt_sendloop *l, const struct kt_strs *files, const struct kt_strs *lines, struct kt_err *err)
{
	for (size_t i = 0; i < files->n; i++) {
		const char *name = files->v[i];
		if (!strcmp(name, "-") || access(name, F_OK) == 0)
			continue;
		kt_err_sys(err, "reading %s", name);
		if (*name == '@' && access(name + 1, F_OK) == 0)
			return kt_err_hint(
				err, "a file is its name alone: %s; with --whole it is one record", name + 1);
		return kt_strs_has(lines, name) ? -1 : hint_record(l, files, lines, err);
	}
	return 0;
}

int kt_sendloop_is_empty(struct kt_sendloop *l, bool *empty, struct kt_err *err)
{
	*empty = l->count == 0;
	while (!*empty && !l->terminal && !l->input.bytes) {
		enum kt_input_state state = next_piece(l);
		struct pollfd fd = {.fd = l->input.fd, .events = POLLIN};
		*empty = state == KT_INPUT_END;
		if (state != KT_INPUT_EMPTY || (fd.fd >= 0 && poll(&fd, 1, 0) < 1))
			return 0;
		if (kt_input_fill(&l->input, err) < 0)
			return -1;
	}
	return 0;
}

int kt_sendloop_run(struct kt_sendloop *l, struct kt_err *err)
{
	l->plain = kt_recordbuild_is_plain(&l->build);
	l->transaction.producer = l->producer;
	l->progress.total = l->count > 0 ? l->count : kt_input_size(&l->input);
	if (l->transactional && (kt_transaction_run(&l->transaction, KT_TRANSACTION_INIT, l->timeout_ms, err) ||
					kt_transaction_begin(&l->transaction, err)))
		return -1;
	return finish(l, run_loop(l, err), err);
}

void kt_sendloop_fini(struct kt_sendloop *l)
{
	kt_producer_close(l->producer);
	kt_input_fini(&l->input);
	kt_recordbuild_fini(&l->build);
	kt_out_fini(&l->out);
	kt_loop_fini(&l->loop);
}
