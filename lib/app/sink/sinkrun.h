/* The run of a sink: records are read from where its store has come to, and handed to it; the store keeps them and how
 * far they go in one step, so that each record is in it once, whatever is killed.
 *
 *   struct kt_sinkrun_how how = {.reading = &reading, .filter = &filter, .store = {x, begin, take, commit, due_ms}, …};
 *   if (kt_sinkrun_open(&run, &how, err) < 0)
 *           return -1;
 *   result = kt_sinkrun_go(run, err);
 *   kt_sinkrun_say(run);
 *   kt_sinkrun_close(run);
 *
 * No group is asked where to start: with one, offsets are committed for it after the store has them, so that others see
 * the lag.
 */
#ifndef KT_SINKRUN_H
#define KT_SINKRUN_H

#include "filter.h"
#include "jsonout.h"
#include "reading.h"

struct kt_sinkrun;

/* How far a store has come. */
struct kt_sinkplace {
	char *topic;
	int32_t partition;
	int64_t next; /* the offset of the first record that is not in it */
};

struct kt_sinkstore {
	void *user;
	/* Once, before the first record: what is read, where it starts, and where it ends. */
	int (*begin)(void *user, const struct kt_partitions *parts, struct kt_err *err);
	/* NULL: not wanted. The id (KIP-516) that a topic has now, before begin(), where the cluster tells it: 1: the
	 * store has records of another one; 0; -1. */
	int (*topic_id)(void *user, const char *topic, struct kt_bytes id, struct kt_err *err);
	bool filters; /* take() looks at values by itself: they are not what the filter is for as they come */
	/* Takes one record: 0; 1: with `filters`: the filter leaves it out. -1: the run ends before it. */
	int (*take)(void *user, const struct kt_record *record, struct kt_err *err);
	/* NULL: not wanted. The same for a record that the filters leave out. */
	int (*pass)(void *user, const struct kt_record *record, struct kt_err *err);
	/* Keeps all that was taken, and with it how far each of parts has come: its `written`. Is also called when
	 * nothing was taken, at the end of the run, and after take() failed. */
	int (*commit)(void *user, const struct kt_partitions *parts, struct kt_err *err);
	/* For how long that may wait: 0: it is due; INT64_MAX: there is nothing to keep. */
	int64_t (*due_ms)(void *user);
};

/* Borrows all of it. */
struct kt_sinkrun_how {
	const struct kt_owner *owner;
	const struct kt_settings *settings; /* resolved */
	struct kt_reading *reading;         /* ready but for its callbacks */
	const struct kt_filter *filter;
	const char *name;       /* of the store, for sentences */
	const char *store_word; /* "into" what: "file", "folder" */
	const struct kt_sinkplace *places;
	size_t n_places;
	struct kt_sinkstore store;
	const char *group;          /* NULL: none */
	const char *metrics_listen; /* NULL: none */
	int64_t count;              /* ends after so many; -1: no limit */
	int64_t run_for_ms;
};

struct kt_sinkcounts {
	int64_t written;  /* records that the store keeps */
	int64_t filtered; /* left out */
	int64_t missed;   /* offsets that were gone from the log before they were read */
};

/* KT_FAILED where a topic ends before the place of the store: it was recreated or cut. */
int kt_sinkrun_open(struct kt_sinkrun **out, const struct kt_sinkrun_how *how, struct kt_err *err) kt_must_check;

/* Until all was read that was asked for, the run is stopped, or something goes wrong. What was taken is then kept,
 * where it can be. */
int kt_sinkrun_go(struct kt_sinkrun *run, struct kt_err *err) kt_must_check;

struct kt_sinkcounts kt_sinkrun_counts(const struct kt_sinkrun *run);

/* The last line: in words, or as members of a JSON object. */
void kt_sinkrun_say(const struct kt_sinkrun *run);
void kt_sinkrun_add(const struct kt_sinkrun *run, struct kt_buf *out);

/* NULL is allowed. */
void kt_sinkrun_close(struct kt_sinkrun *run);

#endif
