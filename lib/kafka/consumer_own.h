/* The inside of a consumer, shared by its three sources and included by nothing else:
 *
 *   consumer.c   opens it, takes batches and gives out records
 *   member.c     as a member of a group: rebalances, commits, leaving
 *   reader.c     without a group: partitions taken by hand
 */
#ifndef KT_CONSUMER_OWN_H
#define KT_CONSUMER_OWN_H

#include "client.h"
#include "consumer.h"
#include "fetchnudge.h"
#include "membership.h"
#include "message.h"
#include "queuefd.h"

/* Larger batches cost less per record up to about this many. KT_HELD more can be taken while nothing can be written. */
enum { KT_BATCH = 5000, KT_HELD = 40000, KT_LOOK_MS = 1000 };

struct kt_consumer {
	struct kt_consumer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	rd_kafka_topic_t **topics; /* without a group: what was started */
	size_t n_topics, topics_cap;
	struct kt_queuefd wake;
	struct kt_partitions parts;
	int64_t poll_ms, idled_us, joined_us;
	int64_t refresh_ms, look_us; /* how often, and when next, the topics are looked at */
	bool gone;                   /* one of them was not there when looked at last */
	size_t n, given, written;    /* in batch: how many there are; up to where they were given out, and written */
	int64_t uncommitted;         /* records written since the last commit */
	rd_kafka_resp_err_t commit_said; /* how the last commit on the timer failed */
	bool started;                    /* the first assignment has come */
	bool settled;                    /* no rebalance is under way */
	bool closing;
	bool read_any; /* a record was given out in this run */
	bool stored;   /* something that is not committed yet */
	bool mixed;    /* the batch was taken while the assignment changed */
	int64_t n_batches;
	bool failed; /* err says why it cannot go on */
	struct kt_err err;
	struct kt_fetchnudge refill;
	struct kt_message_headers headers;
	rd_kafka_message_t *batch[KT_BATCH + KT_HELD]; /* NULL: not for us, dropped */
};

/* Keeps err as the reason why the consumer cannot go on (the first one counts); the next take returns it. */
void kt_consumer_fail(struct kt_consumer *c, const struct kt_err *err);

/* Decides the starts of n partitions and marks them as assigned. */
int kt_consumer_resolve(
	struct kt_consumer *c, struct kt_partition *const *parts, size_t n, struct kt_err *err) kt_must_check;

/* Tells the end of a partition once it is done. */
void kt_consumer_tell_end(struct kt_consumer *c, struct kt_partition *part);

/* One call into the library: at most `most` messages behind those in hand, callbacks for all else. 1: something came.
 */
int kt_consumer_take(struct kt_consumer *c, size_t most, struct kt_err *err) kt_must_check;

/* Drops one message of the batch, or all of them. */
void kt_consumer_drop(struct kt_consumer *c, size_t at);
void kt_consumer_release(struct kt_consumer *c);

/* As a member of a group. store: hands written positions to the library, starts too when others go on from them.
 * commit: what is stored, with a bound of its own. leave: commits, and leaves the group at once. */
void kt_member_configure(const struct kt_consumer *c, rd_kafka_conf_t *conf);
int kt_member_join(struct kt_consumer *c, struct kt_err *err) kt_must_check;
int kt_member_store(struct kt_consumer *c, bool with_starts, struct kt_err *err) kt_must_check;
int kt_member_commit(struct kt_consumer *c, struct kt_err *err) kt_must_check;
int kt_member_leave(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* Without a group. start: begins to read all of c->parts. look: from time to time, whether topics were deleted or given
 * partitions. */
int kt_reader_start(struct kt_consumer *c, struct kt_err *err) kt_must_check;
int kt_reader_look(struct kt_consumer *c, struct kt_err *err) kt_must_check;

#endif
