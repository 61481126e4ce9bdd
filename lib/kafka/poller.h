/* One member of a consumer group that takes a record at a time and is told what happens to it: for what must pause,
 * wait or be watched. (consumer.h is for moving data.)
 *
 *   kt_poller_open(&p, &settings, &how, err)
 *   for (;;) {
 *           while (kt_poller_next(p, &event, err) == 0 && event.kind != KT_POLLED_NOTHING)
 *                   switch (event.kind) …                     RECORD: work, kt_poller_commit(p, topic, 0, offset + 1)
 *           fds[0] = (struct pollfd){.fd = kt_poller_fd(p), .events = POLLIN};
 *           kt_wait(fds, 1, kt_poller_poll_ms(p));
 *   }
 *   kt_poller_leave(p)  … next() until KT_POLLED_LEFT, for as long as the caller likes to wait
 *   kt_poller_free(&p)
 *
 * No call waits for a broker, except open, and the offsets of new partitions, which are asked for before they are
 * taken: bounded, and interrupted by a signal. A poller belongs to one thread at a time; several in one process do not
 * share anything.
 */
#ifndef KT_POLLER_H
#define KT_POLLER_H

#include "list.h"
#include "owner.h"
#include "partitions.h"
#include "record.h"
#include "settings.h"
#include "startoffsets.h"

struct kt_poller;

/* NULL: what the settings or the library say. */
struct kt_poller_how {
	const struct kt_owner *owner;
	const struct kt_strs *topics;
	const char *group;
	enum kt_reset reset;
	const char *assignor;  /* "range", "roundrobin", "cooperative-sticky", or several with commas between */
	const char *instance;  /* static membership */
	const char *client_id; /* what others see of it */
	bool ends;             /* tell KT_POLLED_END */
	bool auto_commit;      /* on the library's timer and at the end: whatever was given out counts as done */
	int64_t timeout_ms;    /* to reach a broker */
};

enum kt_polled {
	KT_POLLED_NOTHING,   /* wait */
	KT_POLLED_RECORD,    /* record */
	KT_POLLED_ASSIGNED,  /* parts: the new ones, with their starts; may be none */
	KT_POLLED_REVOKED,   /* parts are given up when next() is called again: until then they can be committed */
	KT_POLLED_LOST,      /* the same, but others may have them already: a commit will be refused */
	KT_POLLED_END,       /* parts: all before this offset was given out, and nothing was behind it */
	KT_POLLED_COMMITTED, /* parts, with the offsets; why.status: 0, or refused and why tells the reason */
	KT_POLLED_TROUBLE,   /* why: something to tell, after which it goes on */
	KT_POLLED_LEFT,      /* the group was left, nothing comes any more */
};

struct kt_polled_part {
	const char *topic;
	int32_t partition;
	int64_t offset;        /* KT_NO_OFFSET: not known */
	enum kt_start_why why; /* of ASSIGNED */
};

/* Everything is borrowed until the next call of kt_poller_next(). */
struct kt_polled_event {
	enum kt_polled kind;
	struct kt_record record;
	const struct kt_polled_part *parts;
	size_t n_parts;
	struct kt_err why;
	bool passing; /* a commit was refused for a reason that passes by itself: to be asked again */
};

/* Reaches the cluster, finds the topics, and begins to join the group. */
int kt_poller_open(struct kt_poller **out, const struct kt_settings *settings, const struct kt_poller_how *how,
	struct kt_err *err) kt_must_check;

/* The next thing that has happened. -1: the member can go on no more. Ends what the event before was lent for. */
int kt_poller_next(struct kt_poller *p, struct kt_polled_event *event, struct kt_err *err) kt_must_check;

/* Asks for a commit: offset is that of the next record to be read. Answered by KT_POLLED_COMMITTED, in the end. */
int kt_poller_commit(
	struct kt_poller *p, const char *topic, int32_t partition, int64_t offset, struct kt_err *err) kt_must_check;

/* With auto_commit: takes back that the record at offset, which was given out, counts as done. Without effect once the
 * timer has committed it. */
void kt_poller_unread(struct kt_poller *p, const char *topic, int32_t partition, int64_t offset);

/* While paused, next() gives out no records and tells everything else; the membership goes on. Counts for partitions
 * assigned meanwhile too. Resuming costs nothing when the pause was short. */
void kt_poller_pause(struct kt_poller *p);
void kt_poller_resume(struct kt_poller *p);

/* Whether the partition is this member's now (also while it is being revoked). */
bool kt_poller_owns(struct kt_poller *p, const char *topic, int32_t partition);

/* next() has something to tell when it is readable, or after so long. */
int kt_poller_fd(const struct kt_poller *p);
int64_t kt_poller_poll_ms(const struct kt_poller *p);

/* Begins to leave the group. No more records are given out. */
void kt_poller_leave(struct kt_poller *p);

/* For kt_auto(). Frees; when the group has not been left, then as a killed process would: its partitions are free again
 * after session.timeout.ms. */
void kt_poller_free(struct kt_poller **p);

#endif
