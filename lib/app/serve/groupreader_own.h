/* What the files of a member on a thread of its own share.
 *
 *   groupreader.c   its thread, and what is given out
 *   groupcommits.c  how far its partitions are done, and that the group is told
 *   groupmarks.c    what is told of its partitions, and where they are to go on
 */
#ifndef KT_GROUPREADER_OWN_H
#define KT_GROUPREADER_OWN_H

#include <pthread.h>
#include <stdatomic.h>

#include "groupreader.h"
#include "member.h"

/* A partition that it has, or had. */
struct kt_groupreader_part {
	struct kt_member_part at;
	bool owned;
	int64_t top;       /* behind the last record that was given out; KT_NO_OFFSET: none was */
	int64_t committed; /* or asked for */
	bool asking;
	int64_t again_us; /* not before that is it asked again */
	/* Of marks, under the lock, as is what `owned` and `at` say. */
	int64_t taken;  /* behind the last record that was; KT_NO_OFFSET: none was */
	int64_t mark;   /* KT_NO_OFFSET: none */
	int64_t stored; /* the group has it */
};

/* A record that was given out and not acknowledged. */
struct kt_groupreader_given {
	uint64_t number;
	size_t place;
	int64_t offset;
	size_t size;
};

struct kt_groupreader_heard {
	struct kt_groupack ack;
	uint64_t number;
};

struct kt_groupreader {
	struct kt_groupreader_how how;
	struct kt_settings settings;
	struct kt_strs topics;
	char *group;
	struct kt_stop stop;
	struct kt_owner owner;
	pthread_t thread;
	int event_fd; /* wakes the thread */
	atomic_bool quit;
	/* The thread's own. */
	struct kt_member *member;
	struct kt_groupreader_part *parts;
	size_t n_parts, cap_parts, turn;
	struct kt_groupreader_given *given;
	size_t n_given, cap_given, bytes;
	uint64_t number;
	int rejoining; /* rebalances of a cooperative group that follow, in which nothing is committed */
	bool left;
	/* Under the lock. */
	pthread_mutex_t lock;
	enum kt_groupreader_state state;
	struct kt_err why;
	struct kt_groupframe *first, **end;
	struct kt_groupreader_heard *heard;
	size_t n_heard, cap_heard;
	size_t n_waiting, waiting_bytes; /* frames */
	bool full;                       /* nothing more is read until some are taken */
	struct kt_groupmarks marks;
};

/* The next are the thread's own. -1: the member can go on no more. */

/* Takes the acknowledgements that clients have sent. */
void kt_groupreader_hear(struct kt_groupreader *g);

/* What was given out and this ack is for needs none any more; ack NULL: nor does the rest of the partition. */
void kt_groupreader_forget(struct kt_groupreader *g, size_t place, const struct kt_groupack *ack, uint64_t number);

/* last: the answer of an earlier one is not waited for. */
int kt_groupreader_commit(struct kt_groupreader *g, size_t place, bool last, struct kt_err *err) kt_must_check;
int kt_groupreader_commit_all(struct kt_groupreader *g, struct kt_err *err) kt_must_check;

/* A commit was answered. */
void kt_groupreader_committed(struct kt_groupreader *g, const struct kt_member_event *event);

/* Whether there is a commit without an answer, or one to be asked for. */
bool kt_groupreader_is_asking(struct kt_groupreader *g);

/* How many marks there are; and that the commits of so many are certain. From the thread. */
uint64_t kt_groupreader_made(struct kt_groupreader *g);

/* True: that is news. */
bool kt_groupreader_settle(struct kt_groupreader *g, uint64_t made);

#endif
