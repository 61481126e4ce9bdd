/* What a run that prints records tells of itself over HTTP: how many, how far behind, and when they last counted. */
#ifndef KT_READMETRICS_H
#define KT_READMETRICS_H

#include "printloop.h"

/* Serves /metrics at flow->metrics_listen, within the run's loop; does nothing where that is NULL. */
int kt_readmetrics_open(struct kt_printloop *flow, struct kt_err *err) kt_must_check;

#endif
