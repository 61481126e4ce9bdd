/* The inside of a run. Its parts:
 *
 *   copyrun.c     opens it, its loop, its end
 *   copyflow.c    a record's way: from the reader to the producer, and what comes back
 *   copyreport.c  metrics
 *
 * Transactions are copyexact.h's, which knows nothing of the run.
 *
 * Included by these and nothing else.
 */
#ifndef KT_COPYRUN_OWN_H
#define KT_COPYRUN_OWN_H

#include "consumer.h"
#include "copyexact.h"
#include "copyflight.h"
#include "copyrun.h"
#include "copyverify.h"
#include "httpd.h"
#include "loop.h"
#include "producer.h"
#include "progress.h"
#include "topicwatch.h"

/* A topic that records name. */
struct kt_copytopic {
	char *name;
	int handle;
	bool found;
};

struct kt_copyrun {
	struct kt_copyrun_how how;
	struct kt_consumer *consumer;
	struct kt_producer *producer;
	struct kt_copyexact *exact;  /* NULL: at least once */
	struct kt_topicwatch *watch; /* NULL: the run has an end */
	struct kt_httpd *httpd;      /* NULL: no metrics */
	struct kt_owner owner;       /* the command's, which the time of --run-for ends too */
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source records, reports, metrics;
	struct kt_progress progress;
	struct kt_copyflight flight;
	struct kt_copyrecord record;
	struct kt_copyverify verify;        /* with verifies */
	struct kt_copytopic *topics;        /* with to_header */
	size_t n_topics, topics_cap, topic; /* and the one that was used last */
	struct kt_record held;              /* a record that was not sent yet, or cannot be, where is_held */
	size_t held_place;                  /* its partition's among those of the reader, */
	int64_t held_taken;                 /* and the assignment that it came with */
	bool is_held;
	bool ended;
	bool rekeyed_said;
	int64_t seen, taken, came_us;    /* records that came; of these, that were sent; when the last one did */
	int64_t stored_ms;               /* when copied ones last counted for their group */
	int64_t open_taken, open_copied; /* with exact: what of these is in the open transaction */
	int64_t paced_us, first_ms,
		due_us; /* with speed: when it began, with which timestamp; when the next one is due */
	struct kt_copycounts counts;
	struct kt_err failed; /* of a record that was refused; status 0: none was */
};

/* --- copyflow.c --- */

/* For kt_producer_how.done. */
void kt_copyflow_delivery(void *user, const struct kt_delivery *delivery);

/* Sends what has been read on, as far as there is room. */
int kt_copyflow_copy(struct kt_copyrun *run, struct kt_err *err) kt_must_check;

/* What is through counts as written. */
int kt_copyflow_settle(struct kt_copyrun *run, struct kt_err *err) kt_must_check;

/* A rebalance may have given the record away that is held. */
void kt_copyflow_forget_held(struct kt_copyrun *run);

/* Waits for a bounded time until all that was sent is through; whether it is. */
bool kt_copyflow_write_out(struct kt_copyrun *run, int64_t most_ms);

/* With exact: commits what was sent. */
int kt_copyflow_commit(struct kt_copyrun *run, struct kt_err *err) kt_must_check;

/* --- copyreport.c --- */

int kt_copyreport_open(struct kt_copyrun *run, struct kt_err *err) kt_must_check;

#endif
