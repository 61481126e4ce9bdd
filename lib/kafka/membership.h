/* A member of a group, whichever way it takes its records: joining, taking and giving up partitions, storing,
 * committing and leaving are here, once. Three intakes stand on it: batches (groupintake.c), events (member.c), and
 * queues of single partitions (memberread.c).
 *
 *   kt_membership_configure(conf, group, timer)                     before the handle is made
 *   kt_membership_init(&m, client, queue, &parts, &how)
 *   kt_membership_join(&m, err)
 *   … of each rebalance of the library:
 *   kt_membership_take(&m, list, err)                               they are this member's, with their starts
 *   kt_membership_revoke(&m), then commit, then kt_membership_give_up(&m, list, err)
 *   kt_membership_leave(&m), and serve the queue until kt_membership_has_left(&m)
 *
 * An offset is committed when it was written (see struct kt_partition) and its partition is assigned and not lost.
 */
#ifndef KT_MEMBERSHIP_H
#define KT_MEMBERSHIP_H

#include "client.h"
#include "list.h"
#include "partitions.h"
#include "startoffsets.h"

/* What the member has. Leaving comes on top of each of them. */
enum kt_membership_state {
	KT_MEMBERSHIP_JOINING,  /* nothing, and more may come: it has not been assigned, or gave everything up */
	KT_MEMBERSHIP_ASSIGNED, /* what the last rebalance gave it, which may be no partition at all */
	KT_MEMBERSHIP_REVOKING, /* some are about to be given up: until then they can be committed */
	KT_MEMBERSHIP_LOST,     /* the same, but others may have them already: nothing is committed any more */
};

struct kt_membership_how {
	const char *group;            /* borrowed, as the next */
	const struct kt_strs *topics; /* those that begin with ^ are patterns */
	struct kt_span span;
	const struct kt_start *starts; /* borrowed; of partitions that start elsewhere */
	size_t n_starts;
	enum kt_reset reset;
	int64_t timeout_ms; /* for the offsets of new partitions */
	bool needs_starts;  /* without them it cannot go on; else the library looks for them by itself */
	bool stores;        /* written positions are handed to the library, to be committed */
	bool split;         /* each partition's records stay in a queue of its own */
};

struct kt_membership {
	struct kt_membership_how how;
	struct kt_client *client;
	rd_kafka_queue_t *queue;     /* the consumer's; borrowed */
	struct kt_partitions *parts; /* borrowed; every one that was ever assigned */
	enum kt_membership_state state;
	bool started; /* the first assignment has come */
	bool leaving;
	bool read_any; /* a record was given out in this run; for the intake to set */
	bool stored;   /* something is with the library that is not committed yet */
	int64_t joined_us;
	int64_t takes; /* how often partitions were taken: their number */
};

/* timer: the library commits what is stored every few seconds, and when partitions are given up. */
void kt_membership_configure(rd_kafka_conf_t *conf, const char *group, bool timer);

void kt_membership_init(struct kt_membership *m, struct kt_client *client, rd_kafka_queue_t *queue,
	struct kt_partitions *parts, const struct kt_membership_how *how);

/* Begins to join: the assignment comes as a rebalance. */
int kt_membership_join(struct kt_membership *m, struct kt_err *err) kt_must_check;

/* Says that it is waited for, and how long the group waits at most for a member that was killed, if its session is as
 * long as this one's; as kt_waiting_say(). wait began when joining did, or the rebalance. */
bool kt_membership_say_joining(const struct kt_membership *m, struct kt_waiting *wait);

/* Takes the partitions of a rebalance: decides their starts, and writes them into list. On failure the library is
 * answered all the same, and nothing is taken; while leaving nothing is either. */
int kt_membership_take(
	struct kt_membership *m, rd_kafka_topic_partition_list_t *list, struct kt_err *err) kt_must_check;

/* A rebalance takes partitions away: they can still be committed, unless the state is KT_MEMBERSHIP_LOST. */
void kt_membership_revoke(struct kt_membership *m);

/* Carries it out. */
int kt_membership_give_up(
	struct kt_membership *m, const rd_kafka_topic_partition_list_t *list, struct kt_err *err) kt_must_check;

/* Hands written positions to the library: of one partition, or (NULL) of all that are assigned. Starts too: without
 * them the next member would start at its end in a partition that was empty in this run. Only a start at the end, in a
 * run that has read nothing, is left to --reset of the next time, unless others go on from it (with_starts). */
int kt_membership_store(
	struct kt_membership *m, struct kt_partition *only, bool with_starts, struct kt_err *err) kt_must_check;

/* Commits what is stored and waits for the answer, for a few seconds. While the group rebalances it is refused: then it
 * stays stored, and that is not a failure. */
int kt_membership_commit(struct kt_membership *m, struct kt_err *err) kt_must_check;

/* Asks for the commit of one offset; the answer comes into the consumer's queue. */
int kt_membership_commit_at(struct kt_membership *m, const char *topic, int32_t partition, int64_t offset,
	struct kt_err *err) kt_must_check;

/* Begins to leave; false when the library refuses. */
bool kt_membership_leave(struct kt_membership *m);
bool kt_membership_has_left(const struct kt_membership *m);

/* Before the client is closed, which leaves the handle to the end of the process where it cannot be destroyed: the
 * library would go on to wait for an answer when leaving has none, and up to 2.2.0 aborts when a member was never told
 * what it has. m may be of no group. */
void kt_membership_end(const struct kt_membership *m);

/* For how long its leaving is to be waited for. Hardly at all while it has no partitions: a broker that lets a member
 * wait for others reads nothing more of it meanwhile, and hears that it leaves when the wait is over, also if the
 * member is not there any more. Nor while no broker is up. hurry: a signal asked for the end. */
int64_t kt_membership_leave_ms(const struct kt_membership *m, bool hurry);

/* The group's assignors hand over only what moves; what a member keeps, it reads on. */
bool kt_membership_is_cooperative(const struct kt_membership *m);

/* True some seconds after joining began when a broker's certificate was refused: a group whose coordinator is out of
 * reach is never joined. (A bad address that is not needed is no reason to end, so others get the time to answer.) */
bool kt_membership_is_shut_out(const struct kt_membership *m);

/* An error that comes in place of a record, after which there will be none. */
bool kt_membership_is_over(rd_kafka_resp_err_t code);

/* Fills err for such an error; group NULL: it is not of a member. */
int kt_membership_fail(
	struct kt_client *c, const char *group, rd_kafka_resp_err_t code, const char *topic, struct kt_err *err);

/* The queue is to be served at least so often, or the group expels the member (max.poll.interval.ms), even while there
 * is nothing to read: a second, or a third of the interval. */
int64_t kt_membership_poll_ms(const struct kt_settings *settings);

#endif
