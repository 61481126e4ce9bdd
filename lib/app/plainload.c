#include "plainload.h"

#include "loadview.h"
#include "num.h"
#include "progress.h"
#include "random.h"
#include "say.h"
#include "sig.h"
#include "when.h"

/* Records begin at different places, so that a codec does not find one and the same again and again. */
enum { SPREAD = 1 << 20, TURN = 4000, IDLE_MS = 100, GRACE_MS = 5000 };

void kt_plainload_init(struct kt_plainload *load)
{
	struct kt_random random;
	load->pace.rate = load->rate;
	if (load->records)
		return;
	size_t len = (size_t)load->size + SPREAD;
	kt_random_start(&random);
	for (char *to = kt_buf_reserve(&load->bytes, len + sizeof(uint64_t)); load->bytes.len < len;
		load->bytes.len += sizeof(uint64_t)) {
		uint64_t n = kt_random_next(&random);
		memcpy(to + load->bytes.len, &n, sizeof(n));
	}
}

static void fail(struct kt_plainload *load, const char *why)
{
	load->failed++;
	snprintf(load->why, sizeof(load->why), "%s", why);
}

/* A record's line is the microsecond of the run in which it was handed over. */
void kt_plainload_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_plainload *load = user;
	if (d->failed)
		fail(load, d->failed);
	else
		kt_histogram_add(&load->latency, d->at_us - load->start_us - d->line);
}

/* False: the queue is full. */
static bool send_one(struct kt_plainload *load, struct kt_producer *producer, int64_t line)
{
	struct kt_err err = {0};
	if (!load->records)
		return kt_producer_add(producer,
			&(struct kt_piece){
				.value = {load->bytes.data + (size_t)load->sent * 61 % SPREAD, (size_t)load->size},
				.line = line});
	int sent = kt_schemaload_send(load->records, producer, line, &err);
	if (sent < 0) {
		load->refused++;
		fail(load, err.msg);
	}
	return sent != 0;
}

/* Hands over what may be sent now; returns how many milliseconds there is nothing to do but wait for deliveries. */
static int64_t turn(struct kt_plainload *load, struct kt_producer *producer)
{
	int64_t now_us = kt_clock_us(), due = kt_pace_due(&load->pace, load->sent), end = load->sent + TURN;
	if (!load->start_us)
		load->start_us = now_us;
	end = due < end ? due : end;
	end = load->count >= 0 && load->count < end ? load->count : end;
	bool full = false;
	for (; load->sent < end && !full; load->sent += !full)
		full = !send_one(load, producer, now_us - load->start_us);
	kt_producer_hand_over(producer);
	if (full)
		return IDLE_MS;
	return load->sent >= due ? kt_pace_wait_ms(&load->pace) : 0;
}

static int send_all(struct kt_plainload *load, struct kt_producer *producer, int64_t limit_ms, struct kt_err *err)
{
	struct kt_progress progress = {0};
	int64_t begin_us = kt_clock_us(), rest_ms;
	while ((load->count < 0 || load->sent < load->count) && !kt_sig_caught() &&
		(rest_ms = kt_left_ms(begin_us, limit_ms))) {
		struct pollfd fd = {.fd = kt_producer_fd(producer), .events = POLLIN};
		int64_t wait_ms = turn(load, producer);
		kt_wait(&fd, 1, wait_ms < rest_ms ? wait_ms : rest_ms);
		if (kt_producer_serve(producer, err) < 0)
			return -1;
		kt_progress_records(&progress, kt_producer_counts(producer).delivered);
	}
	load->complete = load->count >= 0 && load->sent >= load->count;
	return 0;
}

int kt_plainload_run(struct kt_plainload *load, struct kt_producer *producer, int64_t limit_ms, struct kt_err *err)
{
	struct kt_err later = {0};
	int result = send_all(load, producer, limit_ms, err);
	if (kt_producer_drain(producer, -1, GRACE_MS, result < 0 ? &later : err) < 0)
		result = -1;
	load->counts = kt_producer_counts(producer);
	return result;
}

int64_t kt_plainload_lost(const struct kt_plainload *load)
{
	return load->counts.accepted - load->counts.delivered + load->refused;
}

/* Bytes of a record, on average where they differ. */
static double mean_size(const struct kt_plainload *load)
{
	int64_t n = load->counts.accepted;
	return !load->records ? (double)load->size : n ? (double)load->records->bytes / (double)n : 0;
}

void kt_plainload_summary(const struct kt_plainload *load, struct kt_buf *out, bool json)
{
	struct kt_producer_counts counts = load->counts;
	int64_t elapsed_us = load->start_us ? kt_clock_us() - load->start_us : 0;
	double seconds = (double)elapsed_us / 1e6, rate = elapsed_us ? (double)counts.delivered / seconds : 0;
	double size = mean_size(load);
	char number[32], took[32], per_second[32];
	if (json) {
		kt_buf_addf(out,
			"{\"sent\":%lld,\"delivered\":%lld,\"failed\":%lld,\"size\":%.0f,\"seconds\":%.6f,\"rate\":%.1f",
			(long long)counts.accepted, (long long)counts.delivered, (long long)kt_plainload_lost(load),
			size, seconds, rate);
		kt_loadview_add_percentiles(out, "latency", &load->latency);
		kt_buf_adds(out, "}\n");
		return;
	}
	kt_say(KT_NORMAL, "%s records of %.0f bytes%s delivered in %s, %s/s, %.1f MB/s",
		kt_group_digits(counts.delivered, number), size, load->records ? " on average" : "",
		kt_show_ms(elapsed_us / 1000, took), kt_group_digits((int64_t)rate, per_second), rate * size / 1e6);
	if (counts.delivered)
		kt_loadview_say_percentiles("latency of deliveries", &load->latency);
	if (load->failed)
		kt_say(KT_NORMAL, "%s records failed: %s", kt_group_digits(load->failed, number), load->why);
}

void kt_plainload_fini(struct kt_plainload *load)
{
	kt_buf_fini(&load->bytes);
}
