/* A member of a consumer group on a thread of its own: gives out records as text, so many ahead of what is
 * acknowledged, and commits what is.
 *
 *   kt_groupreader_begin(&g, &how, err)               how.wake_fd is written to when there is something new
 *   kt_groupreader_state(g, &why)
 *   while ((f = kt_groupreader_take(g, SIZE_MAX, true)) != NULL) …    send f->text, keep f->number;
 * kt_groupframe_unref(f) kt_groupreader_ack(g, &ack, number)               of records up to this number
 *   kt_groupreader_end(g)                             commits, and leaves the group
 *   if (kt_groupreader_state(g, &why) == KT_GROUPREADER_OVER) kt_groupreader_free(g)
 *
 * What is committed of a partition is the offset of its first record without an acknowledgement, or the one behind the
 * last that was given out: never more. Records of a partition that is taken away, or of a client that has gone, come
 * again to whoever gets it.
 *
 * With how.marks nothing is acknowledged: so many records are read ahead of what is taken, and what is committed of a
 * partition is what kt_groupreader_mark() says, or all that was taken. A commit is over when kt_groupreader_marks()
 * says that as many are settled as there were.
 */
#ifndef KT_GROUPREADER_H
#define KT_GROUPREADER_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "restbody.h"
#include "settings.h"
#include "startoffsets.h"

/* WINDOW_MOST: that a client may ask for. UNACKED_BYTES: of records without an acknowledgement, before no more are
 * read. */
enum { KT_GROUPREADER_WINDOW = 100, KT_GROUPREADER_WINDOW_MOST = 10000, KT_GROUPREADER_UNACKED_BYTES = 4 << 20 };

struct kt_groupreader;

struct kt_groupreader_how {
	const struct kt_settings *settings; /* copied, as the names */
	const struct kt_strs *topics;
	const char *group;
	size_t window;
	enum kt_reset reset;
	int64_t timeout_ms;
	int wake_fd; /* an eventfd */
	bool marks;
	bool v2; /* records as the REST proxy shows them, in this format, and not as kt consume -J has them */
	enum kt_rest_format format;
};

struct kt_groupframe {
	struct kt_groupframe *next;
	unsigned refs;
	uint64_t number;
	size_t place; /* of its partition; the reader's own, as the next */
	int64_t next_offset;
	bool unreadable; /* text says why it cannot be shown in this format */
	struct kt_buf text;
};

/* All records of the partition before the offset, or the one before it alone. */
struct kt_groupack {
	int32_t partition;
	int64_t next;
	bool only;
};

enum kt_groupreader_state { KT_GROUPREADER_OPENS, KT_GROUPREADER_READS, KT_GROUPREADER_OVER };

int kt_groupreader_begin(
	struct kt_groupreader **out, const struct kt_groupreader_how *how, struct kt_err *err) kt_must_check;

/* why: of OVER, unless it was to end. */
enum kt_groupreader_state kt_groupreader_state(struct kt_groupreader *g, struct kt_err *why);

/* The next one, whose reference passes to the caller; NULL: none now, or it is longer than most bytes, or unreadable
 * where that is not wanted. */
struct kt_groupframe *kt_groupreader_take(struct kt_groupreader *g, size_t most, bool unreadable);
void kt_groupframe_unref(struct kt_groupframe *f);

/* Counts for what was given out with this number or before it, and for nothing else. False: there are too many at
 * once. */
bool kt_groupreader_ack(struct kt_groupreader *g, const struct kt_groupack *ack, uint64_t number);

/* Of marks: how many records wait to be taken, and their bytes. */
size_t kt_groupreader_waiting(struct kt_groupreader *g, size_t *bytes);

/* A partition that the reader has. */
struct kt_grouppart {
	const char *topic; /* during the call */
	int32_t partition;
	int64_t committed; /* that the group has, as far as it is known here; KT_NO_OFFSET: none */
};

/* Tells them all, with the reader locked. */
void kt_groupreader_parts(
	struct kt_groupreader *g, void (*each)(void *user, const struct kt_grouppart *part), void *user);

/* A partition is to go on at next. only_look: nothing happens yet. */
struct kt_groupmark {
	const char *topic;
	int32_t partition;
	int64_t next;
	bool only_look;
};

enum kt_groupmark_result { KT_GROUPMARK_DONE, KT_GROUPMARK_NOT_HERE, KT_GROUPMARK_BEYOND };

/* Nothing happens when it is not the reader's, or has not given that out. */
enum kt_groupmark_result kt_groupreader_mark(struct kt_groupreader *g, const struct kt_groupmark *mark);

/* All partitions are to go on behind what was taken of them. */
void kt_groupreader_mark_taken(struct kt_groupreader *g);

/* lost: partitions that went before their commit was certain. why: of the last commit that was refused; status 0: none
 * was. */
struct kt_groupmarks {
	uint64_t made, settled, lost;
	struct kt_err why;
};

struct kt_groupmarks kt_groupreader_marks(struct kt_groupreader *g);

void kt_groupreader_end(struct kt_groupreader *g);

/* Of one that is over. */
void kt_groupreader_free(struct kt_groupreader *g);

#endif
