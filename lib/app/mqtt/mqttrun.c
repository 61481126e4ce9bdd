#include "ending.h"
#include "esc.h"
#include "mem.h"
#include "mqttrun_own.h"
#include "say.h"
#include "when.h"

enum { GRACE_MS = 5000 };

/* --- a message's way --- */

/* 1: it is on its way; 0: there is no room now. */
static int send_on(struct kt_mqttrun *run, const struct kt_mqttmessage *m, int64_t tag, struct kt_err *err)
{
	static const char digits[] = "01";
	const struct kt_header headers[] = {
		{{"mqtt.topic", 10}, m->topic},
		{{"mqtt.qos", 8}, {&digits[m->qos], 1}},
		{{"mqtt.retain", 11}, {&digits[m->retain], 1}},
		{{"mqtt.dup", 8}, {&digits[m->dup], 1}},
	};
	const struct kt_record record = {
		.partition = -1,
		.key = m->topic,
		.value = m->payload,
		.headers = headers,
		.n_headers = KT_LEN(headers),
	};
	return kt_producer_send(run->producer, KT_PRODUCER_TOPIC, &record, tag, 0, err);
}

static int refuse(struct kt_mqttrun *run, const char *why, int status, struct kt_err *err)
{
	kt_err_set(err, status, "a message was not taken by topic %s: %s", run->how.topic, why);
	return kt_err_hint(err, "it is not acknowledged, and comes again; --on-error continue goes on without it");
}

/* One that cannot be sent, whatever happens: 1 where the run goes on without it. */
static int take_unsendable(struct kt_mqttrun *run, const struct kt_mqttmessage *m, int64_t tag, struct kt_err *err)
{
	struct kt_err why = *err;
	char quoted[120];
	if (!run->how.skips_refused || why.status != KT_PARTIAL)
		return refuse(run, why.msg, why.status, err);
	kt_say(KT_WARNING, "a message of %s is left out: %s", kt_quote(quoted, sizeof(quoted), m->topic), why.msg);
	run->counts.refused++;
	kt_mqttacks_add(&run->acks, m->id, m->bytes);
	kt_mqttacks_done(&run->acks, tag);
	return 1;
}

static bool has_count(const struct kt_mqttrun *run)
{
	return run->how.count >= 0 && run->taken >= run->how.count;
}

static int take_message(void *user, const struct kt_mqttmessage *m, struct kt_err *err)
{
	struct kt_mqttrun *run = user;
	int64_t tag = kt_mqttacks_tag(&run->acks);
	if (tag < 0 || has_count(run))
		return 0;
	if (m->retain && run->how.skips_retained) {
		run->counts.skipped++;
		kt_mqttacks_add(&run->acks, m->id, m->bytes);
		kt_mqttacks_done(&run->acks, tag);
		return 1;
	}
	int sent = send_on(run, m, tag, err);
	/* Why a producer can go on no more, it says when it is served next. */
	if (sent == 0 || (sent < 0 && err->status == KT_UNREACHABLE))
		return 0;
	if (sent < 0)
		return take_unsendable(run, m, tag, err);
	kt_mqttacks_add(&run->acks, m->id, m->bytes);
	run->counts.again += m->dup;
	run->taken++;
	return 1;
}

static void take_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_mqttrun *run = user;
	if (!d->failed) {
		run->counts.sent++;
		kt_mqttacks_done(&run->acks, d->tag);
		return;
	}
	if (run->how.skips_refused && d->failure == KT_FAILURE_FINAL) {
		kt_say(KT_WARNING, "a message is left out: %s", d->failed);
		run->counts.refused++;
		kt_mqttacks_done(&run->acks, d->tag);
		return;
	}
	if (!run->failed.status)
		refuse(run, d->failed, KT_PARTIAL, &run->failed);
}

/* What is through, and all before it, is acknowledged. */
static void acknowledge(struct kt_mqttrun *run)
{
	uint16_t id;
	bool any = false;
	while (kt_mqttacks_take(&run->acks, &id)) {
		if (id)
			kt_mqttlink_ack(run->link, id);
		any = true;
	}
	if (any)
		run->acked_ms = kt_now_ms();
}

static void forget_acks(void *user)
{
	struct kt_mqttrun *run = user;
	kt_mqttacks_lost(&run->acks);
}

/* --- the loop --- */

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	enum { LOOK_MS = 1000 };
	const struct kt_mqttrun *run = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(run->producer), .events = POLLIN};
	return kt_producer_waiting(run->producer) ? LOOK_MS : INT64_MAX;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	struct kt_mqttrun *run = user;
	(void)revents;
	if (kt_producer_serve(run->producer, err) < 0)
		return -1;
	acknowledge(run);
	if (run->failed.status)
		*err = run->failed;
	return run->failed.status ? -1 : 0;
}

static int open_producer(struct kt_mqttrun *run, struct kt_err *err)
{
	const struct kt_producer_how how = {
		.owner = &run->owner,
		.topic = run->how.topic,
		.partition = -1,
		.idempotent = true,
		/* A broker of MQTT sends no more than some messages before they are acknowledged. */
		.prompt = true,
		.timeout_ms = run->how.timeout_ms,
		.done = take_delivery,
		.every_delivery = true,
		.user = run,
	};
	return kt_producer_open(&run->producer, run->how.settings, &how, err);
}

static void open_link(struct kt_mqttrun *run)
{
	struct kt_mqttlink_how how = run->how.link;
	how.owner = &run->owner;
	how.skips_retained = run->how.skips_retained;
	how.message = take_message;
	how.lost = forget_acks;
	how.self = run;
	kt_mqttlink_open(&run->link, &how);
}

static void close_run(struct kt_mqttrun **run)
{
	kt_mqttrun_close(*run);
}

int kt_mqttrun_open(struct kt_mqttrun **out, const struct kt_mqttrun_how *how, struct kt_err *err)
{
	kt_auto(close_run) struct kt_mqttrun *run = kt_calloc(1, sizeof(*run));
	run->how = *how;
	run->owner = *how->owner;
	run->owner.stop = &run->stop;
	run->stop.outer = how->owner->stop;
	run->loop.stop = &run->stop;
	kt_stop_begin(&run->stop, how->run_for_ms);
	if (kt_mqttreport_open(run, err) < 0 || open_producer(run, err) < 0)
		return -1;
	open_link(run);
	/* Reports first: what they free has room for messages, and what they acknowledge goes out in the same turn. */
	run->reports = (struct kt_loop_source){.user = run, .wait = wait_for_reports, .serve = serve_reports};
	kt_loop_add(&run->loop, &run->reports);
	kt_loop_add(&run->loop, kt_mqttlink_source(run->link));
	*out = kt_steal(run);
	return 0;
}

/* --- the end --- */

/* Nothing is read any more; the connection is kept while Kafka acknowledges what is on its way. */
static int settle(struct kt_mqttrun *run, int stopped, struct kt_err *err)
{
	struct kt_stop *stop = run->how.owner->stop;
	kt_mqttlink_stop_reading(run->link);
	if (stopped) {
		if (stop)
			kt_stop_drain(stop, 0);
		kt_stop_drain(&run->stop, GRACE_MS);
	}
	kt_producer_nudge(run->producer);
	while (!kt_mqttacks_is_empty(&run->acks) && !kt_stop_status(&run->stop))
		if (kt_loop_turn(&run->loop, err) < 0)
			return -1;
	return 0;
}

static int finish(struct kt_mqttrun *run, int result, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = result};
	int stopped = kt_stop_status(&run->stop);
	if (result == 0)
		kt_ending_add(&end, settle(run, stopped, kt_ending_err(&end)));
	/* What is left now is given up, and comes again. */
	kt_ending_add(&end, kt_producer_drain(run->producer, 0, 0, kt_ending_err(&end)));
	acknowledge(run);
	kt_mqttacks_left(&run->acks, &run->counts.owed, &run->counts.lost);
	if (!kt_mqttlink_end(run->link) && kt_mqttlink_times_up(run->link))
		kt_say(KT_VERBOSE, "what was acknowledged last may come again");
	/* Without a count it is as complete as it gets, when all is through. */
	bool complete = has_count(run) || (run->how.count < 0 && !run->counts.owed && !run->counts.lost);
	return kt_ending_close(&end, complete ? 0 : stopped, "after %lld messages", (long long)run->counts.sent);
}

int kt_mqttrun_go(struct kt_mqttrun *run, struct kt_err *err)
{
	int result = 0;
	while (result == 0 && !has_count(run) && !kt_stop_status(&run->stop)) {
		result = kt_loop_turn(&run->loop, err);
		kt_progress_records(&run->progress, run->counts.sent);
	}
	return finish(run, result, err);
}

bool kt_mqttrun_was_up(const struct kt_mqttrun *run)
{
	return kt_mqttlink_times_up(run->link) > 0;
}

struct kt_mqttcounts kt_mqttrun_counts(const struct kt_mqttrun *run)
{
	return run->counts;
}

void kt_mqttrun_close(struct kt_mqttrun *run)
{
	if (!run)
		return;
	kt_mqttlink_close(run->link);
	kt_producer_close(run->producer);
	kt_httpd_close(run->httpd);
	kt_loop_fini(&run->loop);
	kt_mqttacks_fini(&run->acks);
	free(run);
}
