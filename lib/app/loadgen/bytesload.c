#include "bytesload.h"

#include "ending.h"
#include "jsonout.h"
#include "loadview.h"
#include "loop.h"
#include "num.h"
#include "progress.h"
#include "random.h"
#include "say.h"
#include "topic.h"
#include "when.h"

/* Records begin at different places, so that a codec does not find one and the same again and again. */
enum { SPREAD = 1 << 20, TURN = 4000, IDLE_MS = 100, GRACE_MS = 5000 };

static bool has_schema(const struct kt_bytesload *load)
{
	return load->how.records.encode->schemas.n;
}

static void make_bytes(struct kt_bytesload *load)
{
	struct kt_random random;
	size_t len = (size_t)load->how.size + SPREAD;
	kt_random_start(&random);
	for (char *to = kt_buf_reserve(&load->bytes, len + sizeof(uint64_t)); load->bytes.len < len;
		load->bytes.len += sizeof(uint64_t)) {
		uint64_t n = kt_random_next(&random);
		memcpy(to + load->bytes.len, &n, sizeof(n));
	}
}

static void fail(struct kt_bytesload *load, const char *why)
{
	load->failed++;
	snprintf(load->why, sizeof(load->why), "%s", why);
}

/* A record's tag is the microsecond of the run in which it was handed over. */
static void on_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_bytesload *load = user;
	if (d->failed)
		fail(load, d->failed);
	else
		kt_histogram_add(&load->latency, d->at_us - load->start_us - d->tag);
}

static int open_producer(struct kt_bytesload *load, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_producer_how how = {
		.owner = &load->owner,
		.topic = kt_settings_text(settings, "kt.topic", NULL),
		.partition = -1,
		.idempotent = true,
		.timeout_ms = load->how.timeout_ms,
		.done = on_delivery,
		.every_delivery = true,
		.user = load,
	};
	if (kt_topic_check(how.topic, err) < 0)
		return -1;
	return kt_producer_open(&load->producer, settings, &how, err);
}

int kt_bytesload_open(struct kt_bytesload *load, const struct kt_settings *settings, const struct kt_bytesload_how *how,
	struct kt_err *err)
{
	load->how = *how;
	load->owner = *how->owner;
	load->owner.stop = &load->stop;
	load->stop.outer = how->owner->stop;
	load->pace.rate = how->rate;
	load->unheard = !strcmp(kt_settings_text(settings, "acks", ""), "0");
	if ((uint64_t)how->size > kt_producer_max_record(settings))
		return kt_err_set(err, KT_USAGE, "--size %lld: %s", (long long)how->size, KT_TOO_LARGE);
	if (!has_schema(load))
		make_bytes(load);
	else if (kt_schemaload_open(&load->records, &how->records, err) < 0)
		return -1;
	return open_producer(load, settings, err);
}

/* False: the queue is full. */
static bool send_one(struct kt_bytesload *load, int64_t tag)
{
	struct kt_err err = {0};
	struct kt_piece piece = {.line = tag};
	if (!has_schema(load))
		piece.value =
			(struct kt_bytes){load->bytes.data + (size_t)load->sent * 61 % SPREAD, (size_t)load->how.size};
	int sent = has_schema(load) ? kt_schemaload_send(&load->records, load->producer, tag, &err)
				    : kt_producer_add(load->producer, &piece, &err);
	if (sent < 0) {
		load->refused++;
		fail(load, err.msg);
	}
	return sent != 0;
}

/* Hands over what may be sent now; returns how many milliseconds there is nothing to do but wait for deliveries. */
static int64_t hand_over(struct kt_bytesload *load)
{
	int64_t now_us = kt_clock_us(), due = kt_ratelimit_due(&load->pace, load->sent), end = load->sent + TURN;
	if (!load->start_us)
		load->start_us = now_us;
	end = due < end ? due : end;
	end = load->how.count >= 0 && load->how.count < end ? load->how.count : end;
	bool full = false;
	for (; load->sent < end && !full; load->sent += !full)
		full = !send_one(load, now_us - load->start_us);
	kt_producer_hand_over(load->producer);
	if (full)
		return IDLE_MS;
	return load->sent >= due ? kt_ratelimit_wait_ms(&load->pace) : 0;
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_bytesload *load = user;
	*fd = (struct pollfd){.fd = kt_producer_fd(load->producer), .events = POLLIN};
	return load->idle_ms;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_bytesload *load = user;
	(void)revents;
	return kt_producer_serve(load->producer, err);
}

static int send_all(struct kt_bytesload *load, struct kt_err *err)
{
	struct kt_progress progress = {0};
	struct kt_stop duration = {.outer = &load->stop};
	struct kt_loop_source reports = {.user = load, .wait = wait_for_reports, .serve = serve_reports};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &duration};
	int64_t count = load->how.count;
	kt_stop_begin(&load->stop, load->how.run_for_ms);
	kt_stop_begin(&duration, load->how.duration_ms);
	kt_loop_add(&loop, &reports);
	while ((count < 0 || load->sent < count) && !kt_stop_status(&duration)) {
		load->idle_ms = hand_over(load);
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
		kt_progress_records(&progress, kt_producer_counts(load->producer).delivered);
	}
	load->complete = count >= 0 && load->sent >= count;
	return 0;
}

int kt_bytesload_run(struct kt_bytesload *load, struct kt_err *err)
{
	struct kt_ending end = {.err = err, .result = send_all(load, err)};
	kt_ending_add(&end, kt_producer_drain(load->producer, -1, GRACE_MS, kt_ending_err(&end)));
	load->counts = kt_producer_counts(load->producer);
	return end.result;
}

/* So many records are not known to have arrived. */
static int64_t count_lost(const struct kt_bytesload *load)
{
	return load->counts.accepted - load->counts.delivered + load->refused;
}

/* Bytes of a record, on average where they differ. */
static double mean_size(const struct kt_bytesload *load)
{
	int64_t n = load->counts.accepted;
	return !has_schema(load) ? (double)load->how.size : n ? (double)load->records.bytes / (double)n : 0;
}

void kt_bytesload_summary(const struct kt_bytesload *load, struct kt_buf *out, bool json)
{
	struct kt_producer_counts counts = load->counts;
	int64_t elapsed_us = load->start_us ? kt_clock_us() - load->start_us : 0;
	double seconds = (double)elapsed_us / 1e6, rate = elapsed_us ? (double)counts.delivered / seconds : 0;
	double size = mean_size(load);
	char number[32], took[32], per_second[32];
	if (json) {
		kt_buf_addc(out, '{');
		kt_jsonout_i64(out, "sent", counts.accepted);
		kt_jsonout_i64(out, "delivered", counts.delivered);
		kt_jsonout_i64(out, "failed", count_lost(load));
		kt_jsonout_fixed(out, "size", size, 0);
		kt_jsonout_fixed(out, "seconds", seconds, 6);
		kt_jsonout_fixed(out, "rate", rate, 1);
		kt_loadview_add_percentiles(out, "latency", &load->latency);
		kt_buf_adds(out, "}\n");
		return;
	}
	kt_say(KT_NORMAL, "%s record%s of %.0f bytes%s %s in %s, %s/s, %.1f MB/s",
		kt_group_digits(counts.delivered, number), kt_plural(counts.delivered), size,
		has_schema(load) ? " on average" : "", load->unheard ? "sent" : "delivered",
		kt_show_ms(elapsed_us / 1000, took), kt_group_digits((int64_t)rate, per_second), rate * size / 1e6);
	if (counts.delivered && !load->unheard)
		kt_loadview_say_percentiles("latency of deliveries", &load->latency);
	if (load->failed)
		kt_say(KT_WARNING, "%s record%s failed: %s", kt_group_digits(load->failed, number),
			kt_plural(load->failed), load->why);
}

int kt_bytesload_judge(const struct kt_bytesload *load, struct kt_err *err)
{
	int64_t lost = count_lost(load);
	if (lost)
		return kt_err_set(err, KT_PARTIAL, "%lld of %lld record%s not delivered", (long long)lost,
			(long long)load->sent, kt_plural(load->sent));
	if (load->how.count < 0 || load->complete)
		return 0;
	return kt_ended(kt_stop_status(&load->stop), err, "before --count was reached");
}

void kt_bytesload_fini(struct kt_bytesload *load)
{
	kt_producer_close(load->producer);
	kt_schemaload_fini(&load->records);
	kt_buf_fini(&load->bytes);
	load->producer = NULL;
}
