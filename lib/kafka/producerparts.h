/* The inside of a producer. Its parts:
 *
 *   producerconf.c     the library's configuration: idempotence, transactions, batches
 *   produceropen.c     connects, finds topics and what the batches of the first one may hold, and closes
 *   producer.c         takes records, and hands them over as far as there is room
 *   producerreports.c  what comes back: delivery reports, errors, silence, and batches that have to go out again
 *   producerdrain.c    waits for the last reports, or gives up what is left
 *
 * Included by these and nothing else; transaction.c has producer_own.h.
 */
#ifndef KT_PRODUCERPARTS_H
#define KT_PRODUCERPARTS_H

#include "client.h"
#include "hurry.h"
#include "producer.h"
#include "producer_own.h"
#include "producertopics.h"
#include "queuefd.h"
#include "resend.h"

/* Records of a batch here, and of a batch of the library. The second is not asked for, which for what is given out in
 * fives would leave a remainder to wait for linger.ms. */
enum { KT_PRODUCER_BATCH = 5000 };
#define KT_PRODUCER_BATCH_RECORDS "5000"

/* Without an acknowledgement for so long, records are said to wait; a run whose time is over does not wait longer. */
enum { KT_PRODUCER_SILENT_MS = 1000 };

struct kt_producer {
	struct kt_producer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_producertopics topics;
	struct kt_resend resend;
	struct kt_hurry hurry;
	int64_t limit; /* of the topic's batches, which ours are not over; -1: not known */
	int64_t found_limit;
	int64_t transaction_ms;
	bool asks_limit;    /* the answer is to come */
	size_t turn, given; /* whose turn it is, and how much of its batch it was given */
	bool rotates;       /* the partitioner leaves the partition of records without a key to chance */
	bool opening;       /* errors are gathered, and said by the call that waits */
	struct kt_producer_counts counts;
	int64_t report_us;       /* when the reports that are taken came */
	int64_t rtt_us;          /* kt_producer_rtt_us() */
	int64_t moved_us, moved; /* when the number of records that are done with last changed, and that number */
	int64_t noted;           /* of the delivered ones, those that showed that a broker is up */
	bool told;               /* what is waited for, since then */
	size_t flying;           /* bytes that are on their way; counted only once a batch was too large */
	size_t n;
	rd_kafka_message_t batch[KT_PRODUCER_BATCH];
};

/* A record's tag and block travel in the message's opaque: 48 bits of tag, 16 bits of block. */
_Static_assert(sizeof(void *) == 8, "the opaque of a message holds a tag and a block");

static inline void *kt_producer_opaque(int64_t tag, const struct kt_block *block)
{
	return (void *)((uintptr_t)(block ? block->index : 0) << 48 | (uintptr_t)tag);
}

static inline int64_t kt_producer_tag(const void *opaque)
{
	return (int64_t)((uintptr_t)opaque & (uintptr_t)KT_TAG_MOST);
}

static inline struct kt_block *kt_producer_block(const struct kt_producer *p, const void *opaque)
{
	size_t index = (uintptr_t)opaque >> 48;
	return index ? p->how.pool->v[index - 1] : NULL;
}

/* A configuration for such a producer; the caller's. KT_USAGE for settings that do not go together. */
int kt_producerconf_make(rd_kafka_conf_t **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err) kt_must_check;

/* transaction.timeout.ms as it is in force. */
int64_t kt_producerconf_transaction_ms(const struct kt_settings *settings);

/* A record of p->batch fails before the library has it: counts it, tells it, and releases its block. */
void kt_producer_fail_batched(struct kt_producer *p, const rd_kafka_message_t *m, const char *why);

/* A record that was accepted fails: counts and tells it. maybe: as in struct kt_delivery. */
void kt_producerreports_fail(
	struct kt_producer *p, void *opaque, rd_kafka_resp_err_t code, const char *why, bool maybe);

/* The same for what was kept to be sent again; user is the producer. */
void kt_producerreports_fail_kept(void *user, void *opaque, rd_kafka_resp_err_t code);

/* Why a record failed, in our words where the library's say less. */
const char *kt_producerreports_reason(rd_kafka_resp_err_t code);

/* Fails when the library accepts nothing more. */
int kt_producerreports_check_fatal(struct kt_producer *p, struct kt_err *err) kt_must_check;

#endif
