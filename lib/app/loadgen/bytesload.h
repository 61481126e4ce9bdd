/* Plain records of one size, or random ones of a schema, as many as there can be: to load any topic.
 *
 *   kt_auto(kt_bytesload_fini) struct kt_bytesload load = {0};
 *   if (kt_bytesload_open(&load, &settings, &how, err) < 0)
 *           return -1;
 *   int result = kt_bytesload_run(&load, err);
 *   kt_bytesload_summary(&load, &out, json);
 *   return result < 0 ? -1 : kt_bytesload_judge(&load, err);
 */
#ifndef KT_BYTESLOAD_H
#define KT_BYTESLOAD_H

#include "buf.h"
#include "histogram.h"
#include "producer.h"
#include "ratelimit.h"
#include "schemaload.h"

struct kt_bytesload_how {
	const struct kt_owner *owner;
	int64_t size;                     /* bytes of a record, at least 1; or */
	struct kt_schemaload_how records; /* what makes them, when its encode names a schema */
	int64_t count;                    /* so many records; -1: no end */
	int64_t rate;                     /* per second at most; 0: no limit */
	int64_t duration_ms;              /* an end like any other; 0: none */
	int64_t run_for_ms;               /* an end before its time where there is a count; 0: none */
	int64_t timeout_ms;               /* for the connection */
};

struct kt_bytesload {
	struct kt_bytesload_how how;
	struct kt_schemaload records;
	struct kt_producer *producer;
	struct kt_ratelimit pace;
	struct kt_histogram latency; /* of deliveries, in microseconds */
	struct kt_buf bytes;         /* random; records are pieces of it */
	int64_t sent, failed;        /* sent: accepted, or refused because they can never be sent */
	struct kt_stop stop;         /* of the run */
	struct kt_owner owner;       /* the caller's, which the run's time ends too */
	int64_t start_us;            /* of the first record */
	int64_t idle_ms;             /* nothing is to be sent for so long */
	int64_t refused;
	struct kt_producer_counts counts; /* after the run */
	bool complete;                    /* there were enough */
	bool unheard;                     /* acks=0: nobody confirms what was sent */
	char why[512];                    /* the last failure's */
};

/* Makes ready what the records are made of, and the producer for kt.topic of the settings. What how.records
 * borrows has to outlive the load. KT_USAGE for a record that is too large, and as kt_schemaload_open(). */
int kt_bytesload_open(struct kt_bytesload *load, const struct kt_settings *settings, const struct kt_bytesload_how *how,
	struct kt_err *err) kt_must_check;

/* Sends until there were enough, the time is over or a signal came, and waits for what was sent. */
int kt_bytesload_run(struct kt_bytesload *load, struct kt_err *err) kt_must_check;

/* Says what was sent and how long it took; json: appends that as an object instead. */
void kt_bytesload_summary(const struct kt_bytesload *load, struct kt_buf *out, bool json);

/* What the run is worth: KT_PARTIAL when records did not arrive; where they were to be counted and there were not
 * enough, 128 + n after a signal, KT_RUN_ENDED when how.run_for_ms ended it. */
int kt_bytesload_judge(const struct kt_bytesload *load, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_bytesload_fini(struct kt_bytesload *load);

#endif
