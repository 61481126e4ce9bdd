#include "transaction.h"

#include "client.h"
#include "num.h"
#include "offsetsend.h"
#include "producer_own.h"
#include "random.h"
#include "sig.h"
#include "when.h"

enum { STEP_MS = 100 };

static const char *const doing[] = {
	[KT_TRANSACTION_INIT] = "beginning to use transactions",
	[KT_TRANSACTION_OFFSETS] = "adding offsets to the transaction",
	[KT_TRANSACTION_COMMIT] = "committing the transaction",
	[KT_TRANSACTION_ABORT] = "aborting the transaction",
};

void kt_transaction_name(struct kt_settings *settings, const char *origin)
{
	struct kt_random random;
	char id[24];
	kt_random_start(&random);
	snprintf(id, sizeof(id), "kt-%016llx", (unsigned long long)kt_random_next(&random));
	kt_settings_put(settings, KT_RANK_FLAG, "transactional.id", id, origin);
}

int64_t kt_transaction_most_ms(const struct kt_transaction *t)
{
	return kt_producer_transaction_ms(t->producer);
}

int64_t kt_transaction_left_ms(const struct kt_transaction *t)
{
	int64_t since_ms = (kt_clock_us() - t->begun_us) / 1000, most_ms = kt_producer_transaction_ms(t->producer);
	if (!t->begun_us)
		return INT64_MAX;
	return since_ms < most_ms ? most_ms - since_ms : 0;
}

/* Brokers abort what takes too long, and then the library says that a newer producer has taken over. */
static int tell_fenced(const struct kt_transaction *t, const char *what, struct kt_err *err)
{
	char took[32];
	if (kt_transaction_left_ms(t) > 0 || !t->begun_us) {
		kt_err_set(err, KT_FAILED, "%s: another producer with the same transactional.id has begun", what);
		return kt_err_hint(err, "two at a time need a transactional.id each");
	}
	kt_err_set(err, KT_FAILED,
		"%s: it was open for longer than transaction.timeout.ms (%s), so the broker aborted it", what,
		kt_show_ms(kt_producer_transaction_ms(t->producer), took));
	return kt_err_hint(err, "nothing of it is visible to read_committed consumers; send less at a time");
}

static bool is_fencing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
	       code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH ||
	       code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING;
}

bool kt_transaction_is_fenced(const struct kt_transaction *t)
{
	return kt_transaction_left_ms(t) > 0 &&
	       is_fencing(rd_kafka_fatal_error(kt_producer_handle(t->producer), NULL, 0));
}

static int tell(const struct kt_transaction *t, const char *what, const rd_kafka_error_t *error, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_error_code(error);
	if (is_fencing(code))
		return tell_fenced(t, what, err);
	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
		kt_err_set(err, KT_FAILED, "%s: the broker allows no transaction.timeout.ms as long as this", what);
		return kt_err_hint(err, "-X transaction.timeout.ms=N, at most the broker's transaction.max.timeout.ms");
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "%s: this client is not allowed to use this transactional.id", what);
		return kt_err_hint(err, "it needs WRITE and DESCRIBE on the transactional id");
	default:
		return kt_err_set(err, KT_FAILED, "%s: %s", what, rd_kafka_error_string(error));
	}
}

/* Takes error. */
static enum kt_transaction_end judge(
	struct kt_transaction *t, const char *what, rd_kafka_error_t *error, struct kt_err *err)
{
	enum kt_transaction_end end = KT_TRANSACTION_DONE;
	if (!error)
		return end;
	if (rd_kafka_error_is_fatal(error))
		end = KT_TRANSACTION_FATAL;
	else if (rd_kafka_error_is_retriable(error))
		end = KT_TRANSACTION_AGAIN;
	else
		end = rd_kafka_error_txn_requires_abort(error) ? KT_TRANSACTION_FAILED : KT_TRANSACTION_FATAL;
	tell(t, what, error, err);
	rd_kafka_error_destroy(error);
	return end;
}

static rd_kafka_error_t *make_call(rd_kafka_t *rk, enum kt_transaction_call call)
{
	switch (call) {
	case KT_TRANSACTION_INIT:
		return rd_kafka_init_transactions(rk, STEP_MS);
	case KT_TRANSACTION_OFFSETS: /* offsetsend.h */
	case KT_TRANSACTION_COMMIT:
		return rd_kafka_commit_transaction(rk, STEP_MS);
	case KT_TRANSACTION_ABORT:
		break;
	}
	return rd_kafka_abort_transaction(rk, STEP_MS);
}

enum kt_transaction_end kt_transaction_begin(struct kt_transaction *t, struct kt_err *err)
{
	enum kt_transaction_end end =
		judge(t, "beginning a transaction", rd_kafka_begin_transaction(kt_producer_handle(t->producer)), err);
	if (end == KT_TRANSACTION_DONE)
		t->begun_us = kt_clock_us();
	return end;
}

/* False: the call with the offsets has not come back. */
static bool await_offsets(struct kt_transaction *t, struct kt_err *err)
{
	if (kt_offsetsend_wait(t->sending, STEP_MS))
		return true;
	kt_err_set(err, KT_UNREACHABLE, "the coordinator of the group does not answer");
	return false;
}

static enum kt_transaction_end send_offsets(struct kt_transaction *t, struct kt_err *err)
{
	if (!t->sending && !(t->sending = kt_offsetsend_start(t->producer, t->offsets, t->group))) {
		kt_err_set(err, KT_FAILED, "%s: there is no thread for it", doing[KT_TRANSACTION_OFFSETS]);
		return KT_TRANSACTION_FAILED;
	}
	if (!await_offsets(t, err))
		return KT_TRANSACTION_AGAIN;
	struct kt_offsetsend *sent = t->sending;
	t->sending = NULL;
	return judge(t, doing[KT_TRANSACTION_OFFSETS], kt_offsetsend_end(sent), err);
}

enum kt_transaction_end kt_transaction_step(struct kt_transaction *t, enum kt_transaction_call call, struct kt_err *err)
{
	struct kt_producer *p = t->producer;
	kt_producer_hand_over(p);
	if (kt_producer_serve(p, err) < 0)
		return KT_TRANSACTION_FATAL;
	/* What is aborted need not be written any more: its reports come while the call is made. */
	if (call != KT_TRANSACTION_ABORT && (kt_producer_waiting(p) || kt_producer_batched(p)))
		return KT_TRANSACTION_AGAIN;
	if (call == KT_TRANSACTION_OFFSETS)
		return send_offsets(t, err);
	/* One after the other: the offsets were given up, and what they came to says nothing any more. */
	if (t->sending) {
		if (!await_offsets(t, err))
			return KT_TRANSACTION_AGAIN;
		rd_kafka_error_destroy(kt_offsetsend_end(t->sending));
		t->sending = NULL;
	}
	enum kt_transaction_end end = judge(t, doing[call], make_call(kt_producer_handle(p), call), err);
	if (end == KT_TRANSACTION_DONE && call >= KT_TRANSACTION_COMMIT)
		t->begun_us = 0;
	return end;
}

enum kt_transaction_end kt_transaction_run(
	struct kt_transaction *t, enum kt_transaction_call call, int64_t timeout_ms, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + timeout_ms * 1000;
	enum kt_transaction_end end;
	struct kt_err why = {0};
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_producer_owner(t->producer)};
	while ((end = kt_transaction_step(t, call, &why)) == KT_TRANSACTION_AGAIN) {
		struct pollfd fd = {.fd = kt_producer_fd(t->producer), .events = POLLIN};
		int stopped = call == KT_TRANSACTION_INIT ? kt_producer_stopped(t->producer) : 0;
		if (stopped) {
			kt_err_set(err, stopped, "%s: interrupted", doing[call]);
			return KT_TRANSACTION_FAILED;
		}
		if (kt_clock_us() >= deadline_us) {
			kt_err_set(err, KT_UNREACHABLE, "%s: not finished in time (%s)", doing[call],
				*why.msg ? why.msg : "records are not acknowledged");
			return KT_TRANSACTION_FAILED;
		}
		kt_waiting_say(&wait, "%s: %s", doing[call], *why.msg ? why.msg : "records are not acknowledged yet");
		kt_wait(&fd, 1, kt_producer_waiting(t->producer) ? STEP_MS : 0);
	}
	if (end != KT_TRANSACTION_DONE)
		*err = why;
	return end;
}
