#include "benche2e.h"

#include "benchreport.h"
#include "digits.h"
#include "ending.h"
#include "jsonout.h"
#include "num.h"
#include "say.h"
#include "topic.h"
#include "when.h"

enum { TURN = 500, GRACE_MS = 5000, SIGNAL_MS = 1000 };

static bool sends(const struct kt_benche2e *b)
{
	return b->how.role != KT_BENCH_RECEIVES;
}

static bool receives(const struct kt_benche2e *b)
{
	return b->how.role != KT_BENCH_SENDS;
}

static int64_t intended_of(const struct kt_benche2e *b, int64_t number)
{
	return b->run.pace.rate ? kt_pace_at(&b->run.pace, number) : b->run.now_us;
}

static void fail(struct kt_benche2e *b, int64_t number, const char *why)
{
	kt_benchstats_failed(&b->run.stats, intended_of(b, number));
	snprintf(b->why, sizeof(b->why), "%s", why);
}

/* A record's tag is its number. Who only sends has nothing but the acknowledgement to measure. */
static void on_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_benche2e *b = user;
	if (d->failed) {
		fail(b, d->tag, d->failed);
		return;
	}
	kt_benchtrace_acked(&b->trace, (uint64_t)d->tag);
	if (!receives(b))
		kt_benchstats_done(&b->run.stats, intended_of(b, d->tag), d->at_us - b->run.start_us, b->how.size);
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_benche2e *b = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(b->producer), .events = POLLIN};
	return INT64_MAX;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_benche2e *b = user;
	(void)revents;
	return kt_producer_serve(b->producer, err);
}

/* Refuses clocks that nobody said may be compared. */
static int check_clock(struct kt_benche2e *b, const struct kt_benchtrace_head *head, struct kt_err *err)
{
	b->other_host = head->boot != b->boot;
	if (!b->other_host || b->how.skew_ok)
		return 0;
	kt_err_set(err, KT_USAGE, "these records come from another host, whose clock differs from this one's");
	return kt_err_hint(err, "--clock-skew-ok measures it all the same: the difference is part of each latency");
}

static int take_record(
	struct kt_benche2e *b, const struct kt_record *r, int64_t now_us, int64_t wall_us, struct kt_err *err)
{
	struct kt_benchtrace_head head;
	bool read = kt_benchtrace_read(&head, r->value), first = read && !b->known;
	if (first) {
		b->id = head.run;
		b->known = true;
		b->run.stats.begin_us = now_us - b->run.start_us;
		if (check_clock(b, &head, err) < 0)
			return -1;
	}
	if (!read || head.run != b->id || !kt_benchtrace_came(&b->trace, r->partition, head.number)) {
		b->foreign++;
		return 0;
	}
	int64_t took_us = b->other_host ? wall_us - head.wall_us : now_us - head.clock_us;
	int64_t at_us = now_us - b->run.start_us;
	/* Of a sender that began before this run the time may lie before its start. */
	kt_benchstats_done(&b->run.stats, at_us - took_us, at_us, (int64_t)r->value.len);
	return 0;
}

static int receive(struct kt_benche2e *b, struct kt_err *err)
{
	struct kt_record r;
	bool any = false;
	int came = kt_consumer_fill(b->consumer, err);
	int64_t now_us = kt_clock_us(), wall_us = kt_wall_ms(now_us) * 1000;
	while (came >= 0 && kt_consumer_next(b->consumer, &r)) {
		any = true;
		if (take_record(b, &r, now_us, wall_us, err) < 0)
			return -1;
	}
	kt_benchrun_now(&b->run);
	b->came_us = any ? b->run.now_us : b->came_us;
	b->run.busy = came > 0;
	return came < 0 ? -1 : kt_consumer_written(b->consumer, err);
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	const struct kt_benche2e *b = user;
	*fd = (struct pollfd){.fd = kt_consumer_fd(b->consumer), .events = POLLIN};
	int64_t poll_ms = kt_consumer_poll_ms(b->consumer);
	return poll_ms < b->how.wait_ms ? poll_ms : b->how.wait_ms;
}

static void on_assigned(void *user, const struct kt_partitions *parts)
{
	struct kt_benche2e *b = user;
	b->assigned = parts->n > 0;
}

static int open_producer(
	struct kt_benche2e *b, const struct kt_settings *settings, const char *topic, struct kt_err *err)
{
	struct kt_producer_how how = {
		.owner = &b->run.owner,
		.topic = topic,
		.partition = -1,
		.idempotent = true,
		.timeout_ms = b->how.timeout_ms,
		.done = on_delivery,
		.every_delivery = true,
		.user = b,
	};
	b->reports = (struct kt_loop_source){.user = b, .wait = wait_for_reports, .serve = serve_reports};
	kt_loop_add(&b->run.loop, &b->reports);
	return kt_producer_open(&b->producer, settings, &how, err);
}

static int open_consumer(struct kt_benche2e *b, struct kt_settings *settings, const char *topic, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	b->read = (struct kt_read_opts){.reset = "latest", .count = -1};
	kt_strs_add(&topics, topic);
	kt_settings_drop(settings, "kt.group");
	kt_settings_drop(settings, "group.id");
	if (kt_reading_init(&b->reading, &b->read, &topics, settings, b->how.timeout_ms, err) < 0)
		return -1;
	b->reading.how.owner = &b->run.owner;
	b->reading.how.user = b;
	b->reading.how.assigned = on_assigned;
	b->records = (struct kt_loop_source){.user = b, .wait = wait_for_records};
	kt_loop_add(&b->run.loop, &b->records);
	return kt_consumer_open(&b->consumer, settings, &b->reading.how, err);
}

static void make_value(struct kt_benche2e *b)
{
	b->value.len = 0;
	for (char *to = kt_buf_reserve(&b->value, (size_t)b->how.size + 8); b->value.len < (size_t)b->how.size;
		b->value.len += 8) {
		uint64_t n = kt_random_next(&b->random);
		memcpy(to + b->value.len, &n, sizeof(n));
	}
}

/* The value of the next one, and its key, which stands in digits. */
static struct kt_record make_record(struct kt_benche2e *b, int64_t intended_us, char digits[KT_DIGITS_MAX])
{
	int64_t clock_us = b->run.start_us + intended_us;
	struct kt_benchtrace_head head = {
		.run = b->id, .number = (uint64_t)b->run.sent, .clock_us = clock_us, .boot = b->boot};
	head.wall_us = kt_wall_ms(clock_us) * 1000;
	kt_benchtrace_write(b->value.data, &head);
	struct kt_record record = {.partition = -1, .value = {b->value.data, (size_t)b->how.size}};
	if (b->how.keys) {
		char *end = kt_digits(digits, kt_random_below(&b->random, (uint64_t)b->how.keys));
		record.key = (struct kt_bytes){digits, (size_t)(end - digits)};
	}
	return record;
}

/* A record that is made, acknowledged and received, without a broker. */
static void make_one(void *user)
{
	struct kt_benche2e *b = user;
	struct kt_err ignored;
	char digits[KT_DIGITS_MAX];
	struct kt_record record = make_record(b, 0, digits);
	record.partition = 0;
	kt_benchtrace_acked(&b->trace, (uint64_t)b->run.sent);
	if (take_record(b, &record, b->run.start_us, 0, &ignored) < 0)
		return;
	kt_benchrun_sent(&b->run, 0);
}

static void calibrate(struct kt_benche2e *b)
{
	kt_benchrun_calibrate(&b->run, make_one, b);
	kt_benchtrace_fini(&b->trace);
	memset(&b->trace, 0, sizeof(b->trace));
	b->foreign = 0;
}

int kt_benche2e_open(
	struct kt_benche2e *b, struct kt_settings *settings, const struct kt_benche2e_how *how, struct kt_err *err)
{
	const char *topic = how->run.target;
	b->how = *how;
	if (how->size < KT_BENCHTRACE_HEAD || (uint64_t)how->size > kt_producer_max_record(settings))
		return kt_err_set(err, KT_USAGE, "--size %lld: expected %d to %zu, the head of each value included",
			(long long)how->size, KT_BENCHTRACE_HEAD, kt_producer_max_record(settings));
	if (!sends(b))
		b->how.run.rate = NULL;
	if (kt_topic_check(topic, err) < 0 || kt_benchrun_open(&b->run, &b->how.run, err) < 0)
		return -1;
	b->boot = kt_benchtrace_boot();
	kt_random_start(&b->random);
	b->id = kt_random_next(&b->random);
	b->known = sends(b);
	make_value(b);
	if (sends(b))
		calibrate(b);
	/* The producer first: with some settings it makes the topic. */
	if (sends(b) && open_producer(b, settings, topic, err) < 0)
		return -1;
	return receives(b) ? open_consumer(b, settings, topic, err) : 0;
}

/* False: the queue is full. */
static bool send_one(struct kt_benche2e *b, int64_t intended_us)
{
	struct kt_err err = {0};
	char digits[KT_DIGITS_MAX];
	int64_t number = b->run.sent;
	struct kt_record record = make_record(b, intended_us, digits);
	int sent = kt_producer_send(b->producer, KT_PRODUCER_TOPIC, &record, number, 0, &err);
	if (sent < 0)
		fail(b, number, err.msg);
	return sent != 0;
}

static void send_due(struct kt_benche2e *b)
{
	struct kt_benchrun *run = &b->run;
	for (int64_t n = kt_benchrun_room(run, TURN); n > 0 && !run->full; n--) {
		int64_t intended_us = kt_benchrun_next(run);
		run->full = !send_one(b, intended_us);
		if (!run->full)
			kt_benchrun_sent(run, intended_us);
	}
}

/* Of a receiver: so many have come, or none for a while. */
static bool is_enough(const struct kt_benche2e *b)
{
	int64_t count = b->run.how.opts->count, since_us = b->run.now_us - b->came_us;
	if (sends(b))
		return false;
	return (count >= 0 && b->trace.n_came >= count) || (b->trace.n_came && since_us > b->how.wait_ms * 1000);
}

static int run_loop(struct kt_benche2e *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	/* What is sent before there is a reader at the end would not be read. */
	while (receives(b) && !b->assigned && !kt_stop_status(&run->stop))
		if (receive(b, err) < 0 || kt_loop_turn(&run->loop, err) < 0)
			return -1;
	if (!sends(b) && b->assigned)
		kt_say(KT_NORMAL, "at the end of %s, ready for a kt bench e2e --role send", run->how.target);
	run->start_us = 0;
	kt_benchrun_now(run);
	while (!kt_benchrun_over(run) && !is_enough(b)) {
		if (sends(b))
			send_due(b);
		if (receives(b) && receive(b, err) < 0)
			return -1;
		if (kt_benchrun_turn(run, err) < 0)
			return -1;
	}
	run->complete |= is_enough(b);
	return 0;
}

/* What was acknowledged has to come. */
static int await_rest(struct kt_benche2e *b, int64_t most_ms, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	struct kt_stop wait = {0};
	int result = 0;
	if (!sends(b) || !receives(b))
		return 0;
	kt_stop_begin(&wait, most_ms);
	run->loop.stop = &wait;
	run->complete = true; /* nothing is sent any more: the loop waits for records alone */
	while (result == 0 && kt_benchtrace_lost(&b->trace) && !kt_stop_status(&wait))
		result = receive(b, err) < 0 ? -1 : kt_benchrun_turn(run, err);
	run->loop.stop = &run->stop;
	return result;
}

static void report_json(const struct kt_benche2e *b, struct kt_buf *out)
{
	const struct kt_benchtrace *t = &b->trace;
	kt_jsonout_begin(out, NULL, '{');
	kt_benchreport_json(&b->run, out);
	kt_jsonout_i64(out, "sent", b->run.sent);
	kt_jsonout_i64(out, "acknowledged", t->n_acked);
	if (receives(b)) {
		kt_jsonout_i64(out, "received", t->n_came);
		kt_jsonout_i64(out, "lost", sends(b) ? kt_benchtrace_lost(t) : kt_benchtrace_missing(t));
		kt_jsonout_i64(out, "duplicates", t->twice);
		kt_jsonout_i64(out, "out_of_order", t->unordered);
		kt_jsonout_i64(out, "foreign", b->foreign);
	}
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static void report(const struct kt_benche2e *b, struct kt_buf *out)
{
	const struct kt_benchtrace *t = &b->trace;
	if (b->run.how.opts->json) {
		report_json(b, out);
		return;
	}
	kt_benchreport_add(&b->run, out);
	if (sends(b))
		kt_buf_addf(out, "%lld sent, %lld acknowledged", (long long)b->run.sent, (long long)t->n_acked);
	if (sends(b) && receives(b))
		kt_buf_adds(out, ", ");
	if (receives(b))
		kt_buf_addf(out, "%lld received: %lld lost, %lld twice, %lld out of order in their partition",
			(long long)t->n_came, (long long)(sends(b) ? kt_benchtrace_lost(t) : kt_benchtrace_missing(t)),
			(long long)t->twice, (long long)t->unordered);
	kt_buf_addc(out, '\n');
	if (b->foreign)
		kt_buf_addf(out, "%lld other record%s in the topic meanwhile\n", (long long)b->foreign,
			kt_plural(b->foreign));
	if (b->other_host)
		kt_buf_adds(out, "latency by the clocks of two hosts: their difference is part of it\n");
}

static int judge(const struct kt_benche2e *b, int stopped, struct kt_err *err)
{
	const struct kt_benchtrace *t = &b->trace;
	int64_t lost = !receives(b) ? 0 : sends(b) ? kt_benchtrace_lost(t) : kt_benchtrace_missing(t);
	int64_t count = b->run.how.opts->count;
	if (lost || t->twice || t->unordered)
		return kt_err_set(err, KT_PARTIAL, "%lld record%s lost, %lld came twice, %lld out of order",
			(long long)lost, kt_plural(lost), (long long)t->twice, (long long)t->unordered);
	if (!sends(b) && count >= 0 && t->n_came < count && !stopped)
		return kt_err_set(err, KT_PARTIAL, "only %lld of %lld record%s came", (long long)t->n_came,
			(long long)count, kt_plural(count));
	if (count >= 0 && !b->run.out.closed && stopped && b->run.stats.n < count)
		return kt_ended(stopped, err, "after %lld record%s", (long long)t->n_came, kt_plural(t->n_came));
	return kt_benchreport_judge(&b->run, err);
}

int kt_benche2e_run(struct kt_benche2e *b, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = run_loop(b, err)};
	int stopped = b->run.complete ? 0 : kt_stop_status(&b->run.stop);
	if (b->producer)
		kt_ending_add(&end, kt_producer_drain(b->producer, -1, GRACE_MS, kt_ending_err(&end)));
	if (end.result == 0)
		kt_ending_add(&end, await_rest(b, stopped > KT_SIGNAL ? SIGNAL_MS : b->how.wait_ms, err));
	kt_benchrun_end(&b->run);
	if (end.result == 0)
		report(b, &b->run.out.buf);
	kt_ending_add(&end, kt_out_drain(&b->run.out, kt_ending_err(&end)));
	kt_ending_add(&end, kt_benchreport_save(&b->run, kt_ending_err(&end)));
	if (b->run.stats.failed)
		kt_say(KT_WARNING, "the last one that failed: %s", b->why);
	return end.result < 0 ? -1 : judge(b, stopped, err);
}

void kt_benche2e_fini(struct kt_benche2e *b)
{
	kt_producer_close(b->producer);
	kt_consumer_free(&b->consumer);
	kt_reading_fini(&b->reading);
	kt_benchtrace_fini(&b->trace);
	kt_buf_fini(&b->value);
	kt_benchrun_fini(&b->run);
	b->producer = NULL;
}
