/* Records from topics, in batches: with a group (subscribed, committed) or without one (partitions taken by hand,
 * nothing left behind on the cluster).
 *
 *   kt_consumer_open(&c, &settings, &how, err)
 *   while (!kt_consumer_is_done(c)) {
 *           kt_consumer_fill(c, err)                          takes what has arrived, serves rebalances
 *           while (kt_consumer_next(c, &record)) render(record);
 *           … write it …
 *           kt_consumer_written(c, err)                       only now its offsets may be committed
 *           kt_wait(kt_consumer_fd(c) …)
 *   }
 *   kt_consumer_close(c, err)                                 leaves the group at once
 *
 * librdkafka's batch call excludes its event API, so rebalances, errors and commits come as callbacks, which the batch
 * call itself serves: everything runs on the caller's thread.
 */
#ifndef KT_CONSUMER_H
#define KT_CONSUMER_H

#include "list.h"
#include "offsets.h"
#include "owner.h"
#include "partitions.h"
#include "record.h"
#include "settings.h"
#include "startoffsets.h"

enum kt_commit {
	KT_COMMIT_NONE,
	KT_COMMIT_AUTO, /* on librdkafka's timer, and at the end */
	KT_COMMIT_END,
	KT_COMMIT_EACH, /* every commit_every records, before the next one is given out */
};

struct kt_consumer;

struct kt_consumer_how {
	const struct kt_owner *owner;
	const struct kt_strs *topics;
	const int32_t *partitions; /* -p; only without a group */
	size_t n_partitions;
	const char *group; /* NULL: none */
	struct kt_span span;
	const struct kt_start *starts; /* of partitions that start elsewhere */
	size_t n_starts;
	enum kt_reset reset;
	bool exit_at_end;
	bool by_time; /* all partitions' records in the order of their timestamps; with exit_at_end, without a group */
	bool bounded; /* it ends otherwise, by a count: what is there has to come */
	enum kt_commit commit;
	int64_t commit_every;
	int64_t timeout_ms; /* to reach a broker */
	bool headers;       /* fill in the records' headers */
	/* Each of these may be NULL. */
	void *user;
	/* The assignment changed: tell it, from kt_consumer_parts(). Not called when nothing was assigned or revoked.
	 */
	void (*assigned)(void *user, const struct kt_partitions *parts);
	/* A partition is at its end (once per partition, with exit_at_end). last: it was the last one. */
	void (*at_end)(void *user, const struct kt_partition *part, bool last);
	/* Partitions are about to be given away: write what was rendered, for a bounded time. True when all is written.
	 * Without it only what kt_consumer_written() was told of counts. */
	bool (*write_out)(void *user);
};

/* Reaches the cluster, finds the topics, and subscribes or starts reading. */
int kt_consumer_open(struct kt_consumer **out, const struct kt_settings *settings, const struct kt_consumer_how *how,
	struct kt_err *err) kt_must_check;

/* Takes a batch when the last one was given out completely, and serves callbacks. Never waits. 1: there are records, or
 * may be more; 0: nothing had come, wait for kt_consumer_fd(), which is signalled when something comes after that. */
int kt_consumer_fill(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* Keeps the member in its group while the caller cannot take records: to be called in place of fill, at least every
 * kt_consumer_poll_ms(). Call fill before waiting for kt_consumer_fd() again. */
int kt_consumer_idle(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* Gives out the next record of the batch; false when there is none, or when what was given out has to be committed
 * first (KT_COMMIT_EACH). The record borrows from the batch until kt_consumer_fill(). */
bool kt_consumer_next(struct kt_consumer *c, struct kt_record *record);

/* Everything given out so far was written. */
int kt_consumer_written(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* Of what was given out, only the first n records since the last kt_consumer_written() were written. */
int kt_consumer_written_only(struct kt_consumer *c, size_t n, struct kt_err *err) kt_must_check;

/* For who finishes records in another way than all at once: of the partition at this place of kt_consumer_parts(), as
 * it was taken that time, everything before the offset was written. Nothing happens for one that was given away since.
 */
void kt_consumer_written_to(struct kt_consumer *c, size_t place, int64_t taken, int64_t offset);

/* What was written so may be committed. */
int kt_consumer_store(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* The end of a partition's log as the last fetch told it; KT_NO_OFFSET: not known. */
int64_t kt_consumer_end(const struct kt_consumer *c, const struct kt_partition *part);

/* The record that was given out last was only begun, and its partition given away meanwhile: its next owner, this
 * consumer included, reads it from its beginning. */
void kt_consumer_unread(struct kt_consumer *c, const char *topic, int32_t partition, int64_t offset);

/* With exit_at_end: nothing is left to read before the ends. */
bool kt_consumer_is_done(const struct kt_consumer *c);

int kt_consumer_fd(const struct kt_consumer *c);
int64_t kt_consumer_poll_ms(const struct kt_consumer *c);
const struct kt_partitions *kt_consumer_parts(const struct kt_consumer *c);

/* A topic was deleted and recreated: all partitions of it that are read go on at the beginning of their logs. */
void kt_consumer_restart(struct kt_consumer *c, const char *topic);

/* Commits what was written, leaves the group and closes, within a few seconds whatever the brokers do. Frees c. -1 when
 * the last commit failed. */
int kt_consumer_close(struct kt_consumer *c, struct kt_err *err) kt_must_check;

/* kt_auto(): frees without committing or leaving. */
void kt_consumer_free(struct kt_consumer **c);

#endif
