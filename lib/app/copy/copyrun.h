/* The run of a copy: records are read, sent on, and count once their copies are acknowledged.
 *
 *   struct kt_copyrun_how how = {.ends = &ends, .reading = &reading, .filter = &filter, …};
 *   kt_copyrun_open(&run, &how, err)
 *   kt_copyrun_go(run, &stop, err)
 *   … kt_copyrun_counts(run) …
 *   kt_copyrun_close(run)
 *
 * What is in memory is bounded: by the queues of the reader and of the producer. As long as the producer takes nothing,
 * nothing is read. A record that is refused ends the run: neither it nor anything after it in its group is committed.
 */
#ifndef KT_COPYRUN_H
#define KT_COPYRUN_H

#include "copyends.h"
#include "copyrecord.h"
#include "filter.h"
#include "reading.h"

struct kt_copyrun;

/* Borrows all of it. */
struct kt_copyrun_how {
	const struct kt_owner *owner;
	const struct kt_copyends *ends;
	struct kt_reading *reading; /* ready but for its callbacks */
	const struct kt_filter *filter;
	struct kt_copyrecord_how record;
	const char *metrics_listen; /* NULL: none */
	int64_t count;              /* ends after so many; -1: no limit */
	int64_t run_for_ms;
	int64_t timeout_ms;
	bool exact;        /* copyexact.h; then the reading has no group, and the destination a transactional.id */
	const char *group; /* with exact: whose offsets they are; NULL: the copy's own */
	bool verifies;     /* the destination is read back at the end */
	double speed;      /* so many times as fast as the timestamps say; 0: at once */
};

struct kt_copycounts {
	int64_t copied;   /* acknowledged */
	int64_t filtered; /* left out */
	int64_t retimed;  /* whose timestamp was 0, and is that of their copying now */
	int64_t rekeyed;  /* whose partition the destination does not have */
};

int kt_copyrun_open(struct kt_copyrun **out, const struct kt_copyrun_how *how, struct kt_err *err) kt_must_check;

/* Until all is copied that was asked for, the run is stopped, or something goes wrong; what was sent is then
 * acknowledged, or has failed, and what counts is committed. */
int kt_copyrun_go(struct kt_copyrun *run, struct kt_err *err) kt_must_check;

struct kt_copycounts kt_copyrun_counts(const struct kt_copyrun *run);

/* NULL is allowed. */
void kt_copyrun_close(struct kt_copyrun *run);

#endif
