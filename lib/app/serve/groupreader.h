/* A member of a consumer group on a thread of its own: gives out records as JSON, so many ahead of what is
 * acknowledged, and commits what is.
 *
 *   kt_groupreader_begin(&g, &how, err)               how.wake_fd is written to when there is something new
 *   kt_groupreader_state(g, &why)
 *   while ((f = kt_groupreader_take(g)) != NULL) …    send f->text, keep f->number; kt_groupframe_unref(f)
 *   kt_groupreader_ack(g, &ack, number)               of records up to this number
 *   kt_groupreader_end(g)                             commits, and leaves the group
 *   if (kt_groupreader_state(g, &why) == KT_GROUPREADER_OVER) kt_groupreader_free(g)
 *
 * What is committed of a partition is the offset of its first record without an acknowledgement, or the one behind the
 * last that was given out: never more. Records of a partition that is taken away, or of a client that has gone, come
 * again to whoever gets it.
 */
#ifndef KT_GROUPREADER_H
#define KT_GROUPREADER_H

#include "buf.h"
#include "err.h"
#include "settings.h"
#include "startoffsets.h"

/* WINDOW_MOST: that a client may ask for. UNACKED_BYTES: of records without an acknowledgement, before no more are
 * read. */
enum { KT_GROUPREADER_WINDOW = 100, KT_GROUPREADER_WINDOW_MOST = 10000, KT_GROUPREADER_UNACKED_BYTES = 4 << 20 };

struct kt_groupreader;

struct kt_groupreader_how {
	const struct kt_settings *settings; /* copied, as the names */
	const char *topic, *group;
	size_t window;
	enum kt_reset reset;
	int64_t timeout_ms;
	int wake_fd; /* an eventfd */
};

/* A record, as kt consume -J has it. */
struct kt_groupframe {
	struct kt_groupframe *next;
	unsigned refs;
	uint64_t number;
	size_t place; /* of its partition; the reader's own */
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

/* The next one, whose reference passes to the caller; NULL: none now. */
struct kt_groupframe *kt_groupreader_take(struct kt_groupreader *g);
void kt_groupframe_unref(struct kt_groupframe *f);

/* Counts for what was given out with this number or before it, and for nothing else. False: there are too many at
 * once. */
bool kt_groupreader_ack(struct kt_groupreader *g, const struct kt_groupack *ack, uint64_t number);

void kt_groupreader_end(struct kt_groupreader *g);

/* Of one that is over. */
void kt_groupreader_free(struct kt_groupreader *g);

#endif
