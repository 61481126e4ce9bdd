/* Transactions of a producer (kt_producer_how.transactional; its settings have a transactional.id).
 *
 *   struct kt_transaction t = {.producer = p};
 *   if (kt_transaction_run(&t, KT_TRANSACTION_INIT, 30000, err) || kt_transaction_begin(&t, err))
 *           …
 *   … kt_producer_send(p, …) …
 *   kt_transaction_run(&t, KT_TRANSACTION_COMMIT, 30000, err)
 *
 * The library's calls block, and with delivery reports as events its commit never ends while one of them is not served.
 * So a step here serves the reports first, and only when no record waits it makes the call, for at most 100 ms. A loop
 * that has other things to do takes steps by itself; a call that was not finished is taken up again by the next step.
 * Offsets are sent on a thread meanwhile (offsetsend.h).
 */
#ifndef KT_TRANSACTION_H
#define KT_TRANSACTION_H

#include <librdkafka/rdkafka.h>

#include "list.h"
#include "producer.h"

enum kt_transaction_call {
	KT_TRANSACTION_INIT,    /* once: ends what an earlier producer of the same id left open */
	KT_TRANSACTION_OFFSETS, /* the offsets in the struct become part of the transaction */
	KT_TRANSACTION_COMMIT,
	KT_TRANSACTION_ABORT,
};

/* What a call came to. */
enum kt_transaction_end {
	KT_TRANSACTION_DONE,
	KT_TRANSACTION_AGAIN,  /* not finished: take another step */
	KT_TRANSACTION_FAILED, /* this transaction is to be aborted, and another can begin */
	KT_TRANSACTION_FATAL,  /* the producer cannot go on */
};

struct kt_transaction {
	struct kt_producer *producer;
	/* For KT_TRANSACTION_OFFSETS: what the next transaction of the group reads on from. Borrowed. */
	const rd_kafka_topic_partition_list_t *offsets;
	const rd_kafka_consumer_group_metadata_t *group;
	/* Its own. */
	int64_t begun_us;              /* when the transaction began; 0: none is open */
	struct kt_offsetsend *sending; /* NULL: no offsets are on their way */
};

/* Sets a transactional.id that no other run has: of two runs with the same one the first is fenced. origin: what asks
 * for it, for messages. */
void kt_transaction_name(struct kt_settings *settings, const char *origin);

/* Nothing but the library's own state changes. err is filled unless it is DONE. */
enum kt_transaction_end kt_transaction_begin(struct kt_transaction *t, struct kt_err *err) kt_must_check;

/* One step of a call: err is filled unless it is DONE or AGAIN. */
enum kt_transaction_end kt_transaction_step(
	struct kt_transaction *t, enum kt_transaction_call call, struct kt_err *err) kt_must_check;

/* Steps until it is over. After timeout_ms it is FAILED, with KT_UNREACHABLE. An init ends when the owner's stop is
 * called; what ends a transaction is not stopped. */
enum kt_transaction_end kt_transaction_run(
	struct kt_transaction *t, enum kt_transaction_call call, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* After the last commit: until read_committed consumers see what the topics hold at this moment. The coordinator
 * answers a commit once it is decided; the markers that say so are written to each partition after that (KIP-98), and
 * until they are there such a consumer's end lies before the transaction. A few seconds at most, and not where nobody
 * can say. */
void kt_transaction_settle(const struct kt_transaction *t, const struct kt_strs *topics);

/* Another producer has begun with its transactional.id: this one can do nothing any more. */
bool kt_transaction_is_fenced(const struct kt_transaction *t);

/* transaction.timeout.ms as it is in force. */
int64_t kt_transaction_most_ms(const struct kt_transaction *t);

/* How long the transaction may still take before brokers abort it (transaction.timeout.ms); INT64_MAX when none is
 * open. */
int64_t kt_transaction_left_ms(const struct kt_transaction *t);

#endif
