/* The inside of a member. Its parts:
 *
 *   member.c        opens it, says what happens next, and frees it
 *   memberevents.c  what the library has to say: rebalances, commits, errors
 *   memberheld.c    records that stood before such events, held until they are given out; enough of them pause fetching
 *   memberread.c    with how.split, the queues of single partitions
 *
 * Included by these and nothing else.
 */
#ifndef KT_MEMBER_OWN_H
#define KT_MEMBER_OWN_H

#include "client.h"
#include "fetchnudge.h"
#include "member.h"
#include "membership.h"
#include "message.h"
#include "queuefd.h"

/* A message that was taken off the library's queue, where it stood in front of what has to be told at once. */
struct kt_member_held {
	rd_kafka_event_t *event;
	rd_kafka_message_t *message; /* borrowed from the event; NULL: the end of a partition */
};

struct kt_member {
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_strs topics;
	char *group;
	int64_t poll_ms;
	struct kt_partitions parts;
	struct kt_membership membership;
	struct kt_member_held *held; /* records from given_held on wait to be given out */
	size_t n_held, given_held, held_cap, held_bytes;
	rd_kafka_event_t *lent;      /* what the caller's event borrows from */
	rd_kafka_event_t *rebalance; /* a revocation that is carried out at the next call */
	struct kt_member_part *told;
	size_t told_cap;
	struct kt_message_headers headers;
	struct kt_fetchnudge refill; /* with how.split */
	struct kt_err trouble;       /* of a partition's own queue, to be told; or status 0 */
	bool auto_commit, paused;
	bool stopped; /* the library was told to pause: enough is held */
	bool left;    /* and told */
};

/* Takes an event of the library, and fills in what it means for the caller, if anything. */
int kt_memberevents_take(
	struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err) kt_must_check;

/* The same for an error that came in place of a record. */
int kt_memberevents_take_error(struct kt_member *p, rd_kafka_resp_err_t code, const char *text, bool fatal,
	struct kt_member_event *event, struct kt_err *err) kt_must_check;

/* Carries out the revocation that was told before. */
int kt_memberevents_finish_revocation(struct kt_member *p, struct kt_err *err) kt_must_check;

/* Adds a partition to an event; part is its entry, or NULL. */
void kt_memberevents_tell_part(struct kt_member *p, struct kt_member_event *event, const rd_kafka_topic_partition_t *at,
	const struct kt_partition *part, int64_t offset);

/* The entry of a partition of the library's, or NULL. */
struct kt_partition *kt_memberevents_entry(struct kt_member *p, const rd_kafka_topic_partition_t *at);

/* Holds a message of an event, or (m NULL) the end of a partition. */
void kt_memberheld_add(struct kt_member *p, rd_kafka_event_t *ev, rd_kafka_message_t *m);
size_t kt_memberheld_waiting(const struct kt_member *p);
bool kt_memberheld_is_enough(const struct kt_member *p);
void kt_memberheld_give_out(struct kt_member *p, struct kt_member_event *event);
void kt_memberheld_drop(struct kt_member *p);

/* Tells the library to fetch nothing, or to go on. */
void kt_memberheld_stop(struct kt_member *p);
void kt_memberheld_go_on(struct kt_member *p);

/* Pausing drops what the library has fetched. Up to 2.0.2 it then goes on after what was dropped in a partition of
 * which nothing was given out yet, and it does the same whenever a group rebalances: a seek puts that right. */
void kt_memberheld_seek(struct kt_member *p);

/* With auto_commit: all before offset counts as written. */
void kt_memberheld_store(struct kt_member *p, struct kt_partition *part, int64_t offset);

#endif
