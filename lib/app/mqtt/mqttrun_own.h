/* The inside of a run. Its parts:
 *
 *   mqttrun.c     opens it, its loop, a message's way, its end
 *   mqttreport.c  metrics
 *
 * Included by these and nothing else.
 */
#ifndef KT_MQTTRUN_OWN_H
#define KT_MQTTRUN_OWN_H

#include "httpd.h"
#include "loop.h"
#include "mqttacks.h"
#include "mqttrun.h"
#include "producer.h"
#include "progress.h"

struct kt_mqttrun {
	struct kt_mqttrun_how how;
	struct kt_mqttlink *link;
	struct kt_producer *producer;
	struct kt_httpd *httpd; /* NULL: no metrics */
	struct kt_owner owner;  /* the command's, which the time of --run-for ends too */
	struct kt_stop stop;
	struct kt_loop loop;
	struct kt_loop_source reports, metrics;
	struct kt_progress progress;
	struct kt_mqttacks acks;
	struct kt_mqttcounts counts;
	int64_t taken;        /* messages that were sent on */
	int64_t acked_ms;     /* when one was acknowledged last */
	struct kt_err failed; /* of a record that was refused; status 0: none was */
};

/* --- mqttreport.c --- */

int kt_mqttreport_open(struct kt_mqttrun *run, struct kt_err *err) kt_must_check;

#endif
