/* What comes back to a producer: delivery reports, errors, and batches that have to go out again. */
#include "brokerrtt.h"
#include "num.h"
#include "producerparts.h"
#include "topiclimit.h"
#include "when.h"

/* So long without any progress, a refused certificate ends the run. */
enum { REFUSED_MS = 3000 };

const char *kt_producerreports_reason(rd_kafka_resp_err_t code)
{
	const char *text = rd_kafka_err2str(code), *colon = strstr(text, ": ");
	if (code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
		return "not acknowledged within message.timeout.ms";
	if (code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		return "not acknowledged when the run ended";
	if (code == RD_KAFKA_RESP_ERR__FATAL)
		return "the producer could not go on";
	if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
		return KT_TOO_LARGE;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return "this client is not allowed to write to the topic";
	/* Without "Local: " or "Broker: ". */
	return colon ? colon + 2 : text;
}

/* What a broker said that passes by itself, such as a change of leaders, was tried again until the record's time was
 * over. Some of it is about the producer, and says nothing of the record. */
static enum kt_failure failure_of(rd_kafka_resp_err_t code)
{
	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		return KT_FAILURE_FORBIDDEN;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
	case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
	case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
	case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
	case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
	case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
	case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
	case RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER:
	case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
	case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
		return KT_FAILURE_PASSING;
	default:
		return code > 0 ? KT_FAILURE_FINAL : KT_FAILURE_PASSING;
	}
}

void kt_producerreports_fail(struct kt_producer *p, void *opaque, rd_kafka_resp_err_t code, const char *why, bool maybe)
{
	struct kt_delivery d = {
		.tag = kt_producer_tag(opaque), .partition = -1, .offset = -1, .ts_ms = -1, .failed = why};
	d.failure = failure_of(code);
	d.maybe = maybe;
	p->counts.failed++;
	p->how.done(p->how.user, &d);
}

/* A local error says that the library does not know, unless it is one of those before anything was sent: an answer that
 * was cut off, or that makes no sense, came after the broker had the records. */
static bool may_be_written(const rd_kafka_message_t *m)
{
	if (rd_kafka_message_status(m) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
		return true;
	switch ((int)m->err) {
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
	case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR__STATE:
		return false;
	default:
		return m->err < 0;
	}
}

/* Its batch was too large, and it may go through in a smaller one. Where the limit was known, batches are within it,
 * and what is refused is itself too large; and in a transaction nothing is sent any more after a refusal. */
static bool try_again(struct kt_producer *p, const rd_kafka_message_t *m)
{
	if (m->err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || p->how.transactional)
		return false;
	if (p->limit >= 0 && kt_resend_size(m) >= (size_t)p->limit)
		return false;
	return kt_resend_keep(&p->resend, m, kt_producer_opaque(kt_producer_tag(m->_private), NULL));
}

static void take_failure(struct kt_producer *p, const rd_kafka_message_t *m)
{
	bool large = m->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
	if (!try_again(p, m))
		kt_producerreports_fail(p, m->_private, m->err,
			large ? "larger than the topic takes (max.message.bytes)" : kt_producerreports_reason(m->err),
			may_be_written(m));
}

static void take_report(struct kt_producer *p, const rd_kafka_message_t *m)
{
	int64_t offset = m->offset;
	if (m->err) {
		take_failure(p, m);
	} else {
		p->counts.delivered++;
		if (p->how.every_delivery) {
			rd_kafka_timestamp_type_t type;
			struct kt_delivery d = {.tag = kt_producer_tag(m->_private), .partition = m->partition};
			d.offset = offset;
			d.at_us = p->report_us;
			d.ts_ms = rd_kafka_message_timestamp(m, &type);
			p->how.done(p->how.user, &d);
		}
	}
	kt_block_unref(p->how.pool, kt_producer_block(p, m->_private));
}

int kt_producerreports_check_fatal(struct kt_producer *p, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_fatal_error(p->rk, NULL, 0);
	return code ? kt_client_fail(p->client, code, err, "the producer cannot go on") : 0;
}

/* A fatal error ends everything: with idempotence the library accepts nothing after it. Its event carries the cause as
 * the code, and being fatal apart from it. */
static int take_error(struct kt_producer *p, rd_kafka_event_t *event, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (rd_kafka_event_error_is_fatal(event))
		return kt_producerreports_check_fatal(p, err);
	kt_client_note(p->client, code, rd_kafka_event_error_string(event));
	if (!p->opening)
		kt_client_note_trouble(p->client, kt_producer_waiting(p) ? kt_producer_waiting(p) : -1);
	return 0;
}

/* When the number of records that are done last changed. */
static void look_at_progress(struct kt_producer *p)
{
	int64_t moved = p->counts.delivered + p->counts.failed;
	if (moved == p->moved)
		return;
	if (p->counts.delivered != p->noted)
		kt_client_note_answer(p->client);
	p->noted = p->counts.delivered;
	p->moved_us = kt_clock_us();
	p->moved = moved;
	p->told = false;
}

/* Whoever waits has to know for what: message.timeout.ms is five minutes. */
static void tell_silence(struct kt_producer *p)
{
	int64_t waiting = kt_producer_waiting(p);
	char digits[32];
	if (p->told || !waiting || p->opening || kt_clock_us() - p->moved_us < KT_PRODUCER_SILENT_MS * 1000)
		return;
	p->told = true;
	kt_owner_say(p->how.owner, KT_NOTE_WORDS, "waiting for %s to acknowledge %s record%s",
		kt_client_brokers(p->client), kt_group_digits(waiting, digits), kt_plural(waiting));
}

/* Records for a broker whose certificate is refused would wait for all of message.timeout.ms. Those for others are seen
 * through first; and a bad address to which nothing has to be sent is no reason to end. */
static int check_refused(struct kt_producer *p, struct kt_err *err)
{
	if (!kt_producer_waiting(p) || !kt_client_is_refused(p->client) ||
		kt_clock_us() - p->moved_us < REFUSED_MS * 1000)
		return 0;
	return kt_client_unreachable(p->client, err);
}

void kt_producerreports_fail_kept(void *user, void *opaque, rd_kafka_resp_err_t code)
{
	kt_producerreports_fail(user, opaque, code, kt_producerreports_reason(code), false);
}

/* What came back goes out again when nothing else is on its way. */
static void send_again(struct kt_producer *p)
{
	if (kt_producer_waiting(p) > (int64_t)kt_resend_count(&p->resend))
		return;
	p->flying = 0;
	if (kt_resend_next(&p->resend, p->rk, kt_producerreports_fail_kept, p))
		kt_producer_nudge(p);
}

static void take_event(struct kt_producer *p, rd_kafka_event_t *event)
{
	const rd_kafka_message_t *m;
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
		while ((m = rd_kafka_event_message_next(event)))
			take_report(p, m);
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS) {
		const char *text = rd_kafka_event_stats(event);
		int64_t us = kt_brokerrtt_of((struct kt_bytes){text, strlen(text)});
		p->rtt_us = us < 0 ? p->rtt_us : us;
	}
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT) {
		p->asks_limit = false;
		p->found_limit = kt_topiclimit_of(event);
	}
}

int64_t kt_producer_rtt_us(const struct kt_producer *p)
{
	return p->rtt_us;
}

int kt_producer_serve(struct kt_producer *p, struct kt_err *err)
{
	rd_kafka_event_t *event;
	int result = 0;
	kt_queuefd_clear(&p->wake);
	while ((event = rd_kafka_queue_poll(p->wake.queue, 0))) {
		p->report_us = kt_clock_us();
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && result == 0)
			result = take_error(p, event, err);
		take_event(p, event);
		rd_kafka_event_destroy(event);
	}
	look_at_progress(p);
	kt_producertopics_serve(&p->topics);
	if (p->resend.portion)
		send_again(p);
	if (result == 0)
		tell_silence(p);
	return result == 0 ? check_refused(p, err) : result;
}
