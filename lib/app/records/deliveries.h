/* What became of each record that was to be sent: named by its place in the input when it failed, reported as JSON when
 * that is asked for, counted, and in the end turned into the exit status.
 */
#ifndef KT_DELIVERIES_H
#define KT_DELIVERIES_H

#include "buf.h"
#include "input.h"
#include "producer.h"

struct kt_deliveries {
	const char *topic;
	const struct kt_input *input; /* tells places from line numbers; borrowed */
	struct kt_buf *report;        /* one JSON line per delivery is added here; NULL: none */
	bool terminal;                /* someone types: a signal that lost nothing is an ordinary end */
	bool unheard;                 /* acks=0: nobody confirms what was sent */
	bool stops;                   /* the input is read no further after a failure */
	bool complete;                /* the input was sent to its end */
	bool aborted;                 /* the transaction was, so nothing is delivered */
	bool in_doubt;                /* it was to be, but no broker has confirmed it */
	bool failed;                  /* something did fail */
	int stopped;                  /* the status of a run that was stopped, or 0 */
	int64_t refused, shown;
	/* Failures in a row with the same reason, not named yet: [first, last], none when last is 0. */
	int64_t first, last;
	bool maybe;
	char why[256];
};

/* For kt_producer_how.done; user is the account. Failures of neighbouring lines are named together, as a range. */
void kt_deliveries_delivery(void *user, const struct kt_delivery *delivery);

/* A record that was never handed to the producer. */
void kt_deliveries_refuse(struct kt_deliveries *a, int64_t line, const char *why);

/* Names the failures that wait for their neighbours: when no more reports are expected for a while. */
void kt_deliveries_tell(struct kt_deliveries *a);

/* Says the count, and fills err: 128 + n after a signal, KT_PARTIAL when something failed. */
int kt_deliveries_close(struct kt_deliveries *a, struct kt_producer_counts counts, struct kt_err *err) kt_must_check;

#endif
