#include "benchproduce.h"

#include "benchreport.h"
#include "ending.h"
#include "jsonout.h"
#include "num.h"
#include "say.h"
#include "topic.h"

enum { TURN = 1000, GRACE_MS = 5000 };

static void fail(struct kt_benchproduce *b, int64_t intended_us, const char *why)
{
	kt_benchstats_failed(&b->run.stats, intended_us);
	snprintf(b->why, sizeof(b->why), "%s", why);
}

/* The library's report has no room for the size of each record. */
static int64_t mean_size(const struct kt_benchproduce *b)
{
	return (int64_t)(kt_benchrecords_size(&b->records) + 0.5);
}

/* A record's tag is the microsecond of the run in which it was meant to be sent. */
static void on_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_benchproduce *b = user;
	b->answered++;
	if (d->failed)
		fail(b, d->tag, d->failed);
	else
		kt_benchstats_done(&b->run.stats, d->tag, d->at_us - b->run.start_us, mean_size(b));
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_benchproduce *b = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(b->producer), .events = POLLIN};
	return INT64_MAX;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_benchproduce *b = user;
	(void)revents;
	return kt_producer_serve(b->producer, err);
}

static int open_producer(struct kt_benchproduce *b, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_producer_how how = {
		.owner = &b->run.owner,
		.topic = b->how.run.target,
		.partition = (int32_t)b->how.partition,
		.idempotent = true,
		.timeout_ms = b->how.client->timeout_ms,
		.done = on_delivery,
		.every_delivery = true,
		.user = b,
	};
	if (kt_topic_check(how.topic, err) < 0)
		return -1;
	return kt_producer_open(&b->producer, settings, &how, err);
}

/* False: the queue is full. */
static bool send_one(struct kt_benchproduce *b, int64_t intended_us)
{
	struct kt_err err = {0};
	int sent = kt_benchrecords_send(&b->records, b->producer, intended_us, &err);
	b->answered += sent < 0 || (sent > 0 && !b->producer);
	b->refused += sent < 0;
	if (sent < 0)
		fail(b, intended_us, err.msg);
	if (sent > 0 && !b->producer)
		kt_benchstats_done(&b->run.stats, intended_us, b->run.now_us, mean_size(b));
	return sent != 0;
}

static void make_one(void *user)
{
	struct kt_benchproduce *b = user;
	if (send_one(b, 0))
		kt_benchrun_sent(&b->run, 0);
}

/* Those of a seed are the same however many were made to see how fast that is. */
static int open_records(struct kt_benchproduce *b, const struct kt_settings *settings, struct kt_err *err)
{
	const struct kt_encode_for whom = {b->how.client, settings, b->how.run.target, false};
	size_t most = kt_producer_max_record(settings);
	if (kt_benchrecords_open(&b->records, b->how.records, &whom, most, err) < 0)
		return -1;
	kt_benchrun_calibrate(&b->run, make_one, b);
	b->answered = b->refused = 0;
	kt_benchrecords_fini(&b->records);
	b->records = (struct kt_benchrecords){0};
	return kt_benchrecords_open(&b->records, b->how.records, &whom, most, err);
}

int kt_benchproduce_open(struct kt_benchproduce *b, const struct kt_settings *settings,
	const struct kt_benchproduce_how *how, struct kt_err *err)
{
	b->how = *how;
	if (kt_benchrun_open(&b->run, &how->run, err) < 0 || open_records(b, settings, err) < 0)
		return -1;
	if (how->run.rate->noop)
		return 0;
	b->reports = (struct kt_loop_source){.user = b, .wait = wait_for_reports, .serve = serve_reports};
	kt_loop_add(&b->run.loop, &b->reports);
	return open_producer(b, settings, err);
}

static void send_due(struct kt_benchproduce *b)
{
	struct kt_benchrun *run = &b->run;
	int64_t most = b->how.in_flight ? b->how.in_flight - (run->sent - b->answered) : TURN;
	int64_t n = kt_benchrun_room(run, most < TURN ? most : TURN);
	run->full = most <= 0;
	for (; n > 0 && !run->full; n--) {
		int64_t intended_us = kt_benchrun_next(run);
		run->full = !send_one(b, intended_us);
		if (!run->full)
			kt_benchrun_sent(run, intended_us);
	}
}

static int send_all(struct kt_benchproduce *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	while (!kt_benchrun_over(run)) {
		send_due(b);
		if (b->producer)
			kt_producer_hand_over(b->producer);
		if (kt_benchrun_over(run))
			break;
		if (kt_benchrun_turn(run, err) < 0)
			return -1;
	}
	return 0;
}

static void report(const struct kt_benchproduce *b, struct kt_buf *out)
{
	const struct kt_benchrun *run = &b->run;
	if (run->how.opts->json) {
		kt_jsonout_begin(out, NULL, '{');
		kt_benchreport_json(run, out);
		kt_jsonout_end(out, '}');
		kt_buf_addc(out, '\n');
		return;
	}
	kt_benchreport_add(run, out);
	kt_benchreport_perf(run, out);
}

int kt_benchproduce_send(struct kt_benchproduce *b, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = send_all(b, err)};
	if (b->producer)
		kt_ending_add(&end, kt_producer_drain(b->producer, -1, GRACE_MS, kt_ending_err(&end)));
	kt_benchrun_end(&b->run);
	return end.result;
}

int kt_benchproduce_run(struct kt_benchproduce *b, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = kt_benchproduce_send(b, err)};
	report(b, &b->run.out.buf);
	kt_ending_add(&end, kt_out_drain(&b->run.out, kt_ending_err(&end)));
	kt_ending_add(&end, kt_benchreport_save(&b->run, kt_ending_err(&end)));
	if (b->run.stats.failed)
		kt_say(KT_WARNING, "the last one that failed: %s", b->why);
	return end.result < 0 ? -1 : kt_benchreport_judge(&b->run, err);
}

void kt_benchproduce_fini(struct kt_benchproduce *b)
{
	kt_producer_close(b->producer);
	kt_benchrecords_fini(&b->records);
	kt_benchrun_fini(&b->run);
	b->producer = NULL;
}
