/* What a run shows while it works: a line on the terminal, and metrics for Prometheus.
 *
 *   kt_workreport_open(&report, run, "127.0.0.1:9200", err)       NULL: no metrics
 *   … its sources in the run's loop …
 *   kt_workreport_close(report)
 */
#ifndef KT_WORKREPORT_H
#define KT_WORKREPORT_H

#include "loop.h"

struct kt_workrun;
struct kt_workreport;

int kt_workreport_open(
	struct kt_workreport **out, struct kt_workrun *run, const char *listen, struct kt_err *err) kt_must_check;

struct kt_loop_source kt_workreport_metrics(struct kt_workreport *report);
struct kt_loop_source kt_workreport_line(struct kt_workreport *report);

/* NULL is allowed. */
void kt_workreport_close(struct kt_workreport *report);

#endif
