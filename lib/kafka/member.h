/* One member of a consumer group that is told what happens to it: for what must pause, wait or be watched. (consumer.h
 * is for moving data.) It takes a record at a time:
 *
 *   kt_member_open(&p, &settings, &how, err)
 *   for (;;) {
 *           while (kt_member_next(p, &event, err) == 0 && event.kind != KT_MEMBER_NOTHING)
 *                   switch (event.kind) …                     RECORD: work, kt_member_commit(p, topic, 0, offset + 1)
 *           fds[0] = (struct pollfd){.fd = kt_member_fd(p), .events = POLLIN};
 *           kt_wait(fds, 1, kt_member_poll_ms(p));
 *   }
 *   kt_member_leave(p)  … next() until KT_MEMBER_LEFT, for as long as the caller likes to wait
 *   kt_member_free(&p)
 *
 * or, with how.split, from the queue of each partition as there is room, while others are held for as long as it takes:
 *
 *   kt_member_next(p, &event, err)                            ASSIGNED: keep event.parts[i], they name the queues
 *   if (kt_member_read(p, &part, &read, err) == 1) …          work on read.record; kt_member_read_fini(&read)
 *   kt_member_commit_part(p, &part, offset + 1, err)          when all before it is done
 *
 * Nothing is paused or sought there: the library fetches no more of a partition whose queue is full. A queue's wake-up
 * may be missed, so every one with room is to be read once a second, whether the descriptor said so or not.
 *
 * No call waits for a broker, except open, and the offsets of new partitions, which are asked for before they are
 * taken: bounded, and interrupted by a signal. A member belongs to one thread at a time; several in one process do not
 * share anything.
 */
#ifndef KT_MEMBER_H
#define KT_MEMBER_H

#include "list.h"
#include "message.h"
#include "owner.h"
#include "partitions.h"
#include "record.h"
#include "settings.h"
#include "startoffsets.h"

struct kt_member;

/* NULL: what the settings or the library say. */
struct kt_member_how {
	const struct kt_owner *owner;
	const struct kt_strs *topics;
	const struct kt_strs *others; /* have to exist as well, such as those that results go to; NULL: none */
	const char *group;
	enum kt_reset reset;
	const char *assignor;  /* "range", "roundrobin", "cooperative-sticky", or several with commas between */
	const char *instance;  /* static membership */
	const char *client_id; /* what others see of it */
	bool ends;             /* tell KT_MEMBER_END */
	bool auto_commit;      /* on the library's timer and at the end: whatever was given out counts as done */
	bool split;            /* records stay in a queue for each partition; not with auto_commit */
	int64_t timeout_ms;    /* to reach a broker */
};

enum kt_member_kind {
	KT_MEMBER_NOTHING,   /* wait */
	KT_MEMBER_RECORD,    /* record */
	KT_MEMBER_ASSIGNED,  /* parts: the new ones, with their starts; may be none */
	KT_MEMBER_REVOKED,   /* parts are given up when next() is called again: until then they can be committed */
	KT_MEMBER_LOST,      /* the same, but others may have them already: a commit will be refused */
	KT_MEMBER_END,       /* parts: all before this offset was given out, and nothing was after it */
	KT_MEMBER_COMMITTED, /* parts, with the offsets; why.status: 0, or refused and why tells the reason */
	KT_MEMBER_TROUBLE,   /* why: something to tell, after which it goes on */
	KT_MEMBER_LEFT,      /* the group was left, nothing comes any more */
};

struct kt_member_part {
	const char *topic; /* lives as long as the member */
	int32_t partition;
	int64_t offset;        /* KT_NO_OFFSET: not known */
	enum kt_start_why why; /* of ASSIGNED */
	size_t place;          /* the member's own, as the next: a copy names the partition until it is given up */
	int64_t assignment;
};

/* Everything else is borrowed until the next call of kt_member_next(). */
struct kt_member_event {
	enum kt_member_kind kind;
	struct kt_record record;
	const struct kt_member_part *parts;
	size_t n_parts;
	struct kt_err why;
	bool passing; /* a commit was refused for a reason that passes by itself: to be asked again */
};

/* Reaches the cluster, finds the topics, and begins to join the group. */
int kt_member_open(struct kt_member **out, const struct kt_settings *settings, const struct kt_member_how *how,
	struct kt_err *err) kt_must_check;

/* The next thing that has happened. -1: the member can go on no more. Ends what the event before was lent for. */
int kt_member_next(struct kt_member *p, struct kt_member_event *event, struct kt_err *err) kt_must_check;

/* Asks for a commit: offset is that of the next record to be read. Answered by KT_MEMBER_COMMITTED, in the end. */
int kt_member_commit(
	struct kt_member *p, const char *topic, int32_t partition, int64_t offset, struct kt_err *err) kt_must_check;

/* The same for a partition as ASSIGNED told it: 1, or 0 when it is not this member's any more, or was given up and
 * taken again since. What was done for an assignment that is over never counts for the next owner. */
int kt_member_commit_part(
	struct kt_member *p, const struct kt_member_part *part, int64_t offset, struct kt_err *err) kt_must_check;

/* With split: a record that stays valid until kt_member_read_fini(), even when the partition has been given up. */
struct kt_member_read {
	struct kt_record record;
	bool end; /* with how.ends: there is no record, all before record.offset was read and nothing followed */
	rd_kafka_message_t *message; /* the member's own, as the next */
	struct kt_message_headers headers;
};

/* The next record of one partition: 1, or 0 when there is none now. Never waits. */
int kt_member_read(struct kt_member *p, const struct kt_member_part *part, struct kt_member_read *read,
	struct kt_err *err) kt_must_check;
void kt_member_read_fini(struct kt_member_read *read);

/* The end of a partition's log as the last fetch told it; KT_NO_OFFSET: not known. */
int64_t kt_member_end(const struct kt_member *p, const struct kt_member_part *part);

/* What a transaction of a producer needs to commit this member's offsets: as of the last rebalance, so to be asked for
 * each time. The caller's, for rd_kafka_consumer_group_metadata_destroy(). */
rd_kafka_consumer_group_metadata_t *kt_member_group_metadata(const struct kt_member *p);

/* With auto_commit: takes back that the record at offset, which was given out, counts as done. Without effect once the
 * timer has committed it. */
void kt_member_unread(struct kt_member *p, const char *topic, int32_t partition, int64_t offset);

/* While the member has no partitions, and waits for the group to give it some: true, and that it waits is said, as by
 * kt_membership_say_joining(). *seen: somebody sees it. */
bool kt_member_say_joining(const struct kt_member *p, struct kt_waiting *wait, bool *seen);

/* While paused, next() gives out no records and tells everything else; the membership goes on. Counts for partitions
 * assigned meanwhile too. Resuming costs nothing when the pause was short. */
void kt_member_pause(struct kt_member *p);
void kt_member_resume(struct kt_member *p);

/* Whether the partition is this member's now (also while it is being revoked). */
bool kt_member_owns(struct kt_member *p, const char *topic, int32_t partition);

/* next() has something to tell when it is readable, or after so long. */
int kt_member_fd(const struct kt_member *p);
int64_t kt_member_poll_ms(const struct kt_member *p);

/* Begins to leave the group. No more records are given out. */
void kt_member_leave(struct kt_member *p);

/* For how long LEFT is to be waited for, as kt_membership_leave_ms(). */
int64_t kt_member_leave_ms(const struct kt_member *p, bool hurry);

/* The group hands over only what moves: REVOKED is followed by ASSIGNED with what the member gets instead, if anything.
 * Known once partitions were assigned. */
bool kt_member_is_cooperative(const struct kt_member *p);

/* Whether it has partitions that others want, if LEFT does not come. */
bool kt_member_has_any(const struct kt_member *p);

/* For kt_auto(). Frees; when the group has not been left, then as a killed process would: its partitions are free again
 * after session.timeout.ms. */
void kt_member_free(struct kt_member **p);

#endif
