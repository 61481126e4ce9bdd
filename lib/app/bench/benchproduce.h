/* `kt bench produce`: records to a topic on a schedule, or as fast as it goes, and how long each took to be
 * acknowledged.
 *
 *   kt_auto(kt_benchproduce_fini) struct kt_benchproduce bench = {0};
 *   if (kt_benchproduce_open(&bench, &settings, &how, err) < 0)
 *           return -1;
 *   return kt_benchproduce_run(&bench, err);
 */
#ifndef KT_BENCHPRODUCE_H
#define KT_BENCHPRODUCE_H

#include "benchrecords.h"
#include "benchrun.h"

struct kt_benchproduce_how {
	struct kt_benchrun_how run;
	const struct kt_benchrecords_opts *records;
	const struct kt_client_opts *client;
	int64_t partition; /* -1: the partitioner's choice */
	int64_t in_flight; /* so many unacknowledged at most; 0: as many as the queue takes */
};

struct kt_benchproduce {
	struct kt_benchrun run;
	struct kt_benchproduce_how how;
	struct kt_benchrecords records;
	struct kt_producer *producer;
	struct kt_loop_source reports;
	int64_t answered; /* records whose end is known */
	int64_t refused;  /* that the producer could not take: too large */
	char why[512];    /* the last failure's */
};

/* Makes ready what is sent, and the producer for run.target. KT_USAGE, and as kt_producer_open(). */
int kt_benchproduce_open(struct kt_benchproduce *b, const struct kt_settings *settings,
	const struct kt_benchproduce_how *how, struct kt_err *err) kt_must_check;

/* Sends, and waits for what was sent. */
int kt_benchproduce_send(struct kt_benchproduce *b, struct kt_err *err) kt_must_check;

/* The same, and prints the result. Status as kt_benchreport_judge(). */
int kt_benchproduce_run(struct kt_benchproduce *b, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_benchproduce_fini(struct kt_benchproduce *b);

#endif
