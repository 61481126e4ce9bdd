/* The end of a producer's run: waits for the last reports, or gives up what is left. */
#include "producerparts.h"
#include "sig.h"
#include "when.h"

enum { IMPATIENT_MS = 100 };

/* What the library holds and has not sent, or not heard of, is given up: every record gets its report. */
static void give_up(struct kt_producer *p)
{
	struct kt_err ignored;
	int64_t deadline_us = kt_clock_us() + 1000000;
	rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	while (kt_producer_waiting(p) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		kt_wait(&fd, 1, 20);
		if (kt_producer_serve(p, &ignored) < 0)
			continue;
	}
	kt_resend_drop(&p->resend, kt_producerreports_fail_kept, p);
	for (size_t i = 0; i < p->n; i++)
		kt_producer_fail_batched(p, &p->batch[i], kt_producerreports_reason(RD_KAFKA_RESP_ERR__PURGE_QUEUE));
	p->n = 0;
	/* Reports that do not even come now belong to records that nobody will hear of again. */
	p->counts.failed = p->counts.accepted - p->counts.delivered;
}

/* Whether what is left has waited long enough: stopped_us is when the run was asked to end, 0 when it was not. Whoever
 * limited the run's time wants it to end then, if nothing comes any more; and whoever types Ctrl-C, at once. */
static bool is_over(const struct kt_producer *p, int64_t stopped_us, int64_t grace_ms)
{
	int64_t since_ms = (kt_clock_us() - stopped_us) / 1000;
	int stopped = kt_client_stopped(p->client);
	bool silent = kt_producer_silent_ms(p) > KT_PRODUCER_SILENT_MS;
	if (!stopped_us || since_ms > grace_ms)
		return stopped_us != 0;
	if (stopped == KT_RUN_ENDED)
		return silent && since_ms > KT_PRODUCER_SILENT_MS;
	return stopped == KT_SIGNAL + SIGINT && since_ms > IMPATIENT_MS && (silent || kt_client_is_down(p->client));
}

int kt_producer_drain(struct kt_producer *p, int64_t timeout_ms, int64_t grace_ms, struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), stopped_us = 0, idle_ms = 0;
	while (p->n || kt_producer_waiting(p)) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		int64_t before = kt_producer_waiting(p);
		kt_producer_hand_over(p);
		if (kt_wait(&fd, 1, idle_ms) == 0 && before == kt_producer_waiting(p)) {
			kt_producer_nudge(p);
			idle_ms = idle_ms < 50 ? idle_ms * 2 + 1 : 100;
		}
		if (kt_producer_serve(p, err) < 0) {
			give_up(p);
			return -1;
		}
		if (!stopped_us && kt_client_stopped(p->client))
			stopped_us = kt_clock_us();
		if (rd_kafka_fatal_error(p->rk, NULL, 0) || is_over(p, stopped_us, grace_ms) ||
			(timeout_ms >= 0 && kt_clock_us() - start_us > timeout_ms * 1000)) {
			give_up(p);
			break;
		}
	}
	/* The records may have failed before the error itself was served. */
	return kt_producerreports_check_fatal(p, err);
}
