/* The inside of a run. Its parts:
 *
 *   sinkrun.c     opens it, its loop, its end
 *   sinkstart.c   where it starts
 *   sinkreport.c  metrics and the last line
 *
 * The group is sinkgroup.h's, which knows nothing of the run.
 *
 * Included by these and nothing else.
 */
#ifndef KT_SINKRUN_OWN_H
#define KT_SINKRUN_OWN_H

#include "consumer.h"
#include "httpd.h"
#include "loop.h"
#include "progress.h"
#include "sinkgroup.h"
#include "sinkrun.h"
#include "topicwatch.h"

struct kt_sinkrun {
	struct kt_sinkrun_how how;
	struct kt_start *starts;
	struct kt_consumer *consumer;
	struct kt_topicwatch *watch; /* NULL: the run has an end */
	struct kt_httpd *httpd;      /* NULL: no metrics */
	struct kt_owner owner;       /* the command's, which the time of --run-for ends too */
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source records, metrics;
	struct kt_progress progress;
	struct kt_sinkgroup group;
	int64_t *committed; /* of the consumer's partitions, as far as the store keeps them */
	size_t n_committed, committed_cap;
	int64_t seen, came_us; /* records that came; when the last one did */
	int64_t open_taken;    /* of these, what is taken and not kept yet */
	size_t batch_taken;    /* and since the consumer was told last */
	int64_t committed_ms;  /* when something was kept last */
	bool ended;
	struct kt_sinkcounts counts;
};

/* --- sinkstart.c --- */

/* Puts the store's places into the reading. */
void kt_sinkstart_choose(struct kt_sinkrun *run);

/* After the consumer was opened: that the log has these places. Says what it has not any more. */
int kt_sinkstart_check(struct kt_sinkrun *run, struct kt_err *err) kt_must_check;

/* Says that a topic's offsets mean other records now. Returns -1. */
int kt_sinkstart_refuse(const struct kt_sinkrun *run, const char *topic, struct kt_err *err);

/* --- sinkreport.c --- */

int kt_sinkreport_open(struct kt_sinkrun *run, struct kt_err *err) kt_must_check;

#endif
