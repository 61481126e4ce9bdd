/* The inside of a consumer: what it has in hand, and the calls into the library that bring more. Its parts, each of
 * which sees the ones before it:
 *
 *   intake.c       takes messages into the batch, and keeps what went wrong meanwhile
 *   merge.c        partitions that are read as one, by timestamp
 *   reader.c       without a group: partitions taken by hand
 *   groupintake.c  as a member of a group, whose rebalances come as callbacks while messages are taken
 *   silence.c      says what is waited for, and ends what has waited too long
 *   consumer.c     opens it and gives out records
 *
 * Included by these and nothing else.
 */
#ifndef KT_INTAKE_H
#define KT_INTAKE_H

#include "client.h"
#include "consumer.h"
#include "fetchnudge.h"
#include "membership.h"
#include "message.h"
#include "queuefd.h"

/* Larger batches cost less per record up to about this many. KT_HELD more can be taken while nothing can be written. */
enum { KT_BATCH = 5000, KT_HELD = 40000, KT_LOOK_MS = 1000 };

struct kt_merge;

struct kt_consumer {
	struct kt_consumer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_membership member; /* with a group */
	struct kt_strs names;        /* without a group: the topics, patterns resolved */
	rd_kafka_topic_t **topics;   /* the same: what was started */
	size_t n_topics, topics_cap;
	struct kt_queuefd wake;
	struct kt_partitions parts;
	int64_t poll_ms, idled_us;
	int64_t refresh_ms, look_us; /* how often, and when next, the topics are looked at */
	bool gone;                   /* one of them was not there when looked at last */
	size_t n, given, written;    /* in batch: how many there are; up to where they were given out, and written */
	int64_t uncommitted;         /* records written since the last commit */
	rd_kafka_resp_err_t commit_said; /* how the last commit on the timer failed */
	bool started;                    /* without a group: reading has begun */
	bool mixed;                      /* the batch was taken while the assignment changed */
	int64_t n_batches;
	int64_t came_us;  /* when something came last */
	bool explained;   /* what it has waited for since then was said */
	bool joins;       /* it waited to be let into the group when that was looked at */
	char leader[300]; /* of what it waits for, or "" */
	struct kt_waiting wait;
	int64_t noted_us, asked_us, silent_ms; /* when silence was looked at; since when a Fetch is due, for how long */
	bool failed;                           /* err says why it cannot go on */
	struct kt_err err;
	struct kt_fetchnudge refill;
	struct kt_merge *merge; /* with how.by_time, once reading has begun */
	struct kt_message_headers headers;
	rd_kafka_message_t *batch[KT_BATCH + KT_HELD]; /* NULL: not for us, dropped */
};

/* Keeps err as the reason why the consumer cannot go on (the first one counts); the next take returns it. */
void kt_intake_fail(struct kt_consumer *c, const struct kt_err *err);

/* Tells the end of a partition once it is done. */
void kt_intake_tell_end(struct kt_consumer *c, struct kt_partition *part);

/* Tells the assignment, and the ends of those of the n partitions that have nothing to read. */
void kt_intake_tell_assigned(struct kt_consumer *c, struct kt_partition *const *parts, size_t n);

/* One call into the library: at most `most` messages after those in hand, callbacks for all else. 1: something came.
 */
int kt_intake_take(struct kt_consumer *c, size_t most, struct kt_err *err) kt_must_check;

/* Drops one message of the batch, or all of them. */
void kt_intake_drop(struct kt_consumer *c, size_t at);
void kt_intake_release(struct kt_consumer *c);

/* With how.by_time, where each partition has its own queue. take: puts messages behind those in hand, the earliest
 * first, and says how many: at most `most`, and none while a partition's first one is not known. waits_for: that
 * partition, or NULL. */
void kt_merge_start(struct kt_consumer *c);
size_t kt_merge_take(struct kt_consumer *c, size_t most);
const struct kt_partition *kt_merge_waits_for(const struct kt_consumer *c);
void kt_merge_free(struct kt_merge **merge);

/* Without a group. start: begins to read all of c->parts. look: from time to time, whether topics were deleted or given
 * partitions. */
int kt_reader_start(struct kt_consumer *c, struct kt_err *err) kt_must_check;
int kt_reader_look(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* As a member of a group. leave: commits, and leaves the group at once. */
void kt_groupintake_configure(const struct kt_consumer *c, rd_kafka_conf_t *conf);
int kt_groupintake_join(struct kt_consumer *c, struct kt_err *err) kt_must_check;
int kt_groupintake_leave(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* Says what the consumer waits for, when nothing has come for a second. -1 when it has an end to come to and its
 * broker answers, but has not answered Fetch for socket.timeout.ms. */
int kt_silence_note(struct kt_consumer *c, bool came, struct kt_err *err) kt_must_check;

/* How soon that may be. */
int64_t kt_silence_ms(const struct kt_consumer *c);

#endif
