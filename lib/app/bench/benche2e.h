/* `kt bench e2e`: records from a producer to a consumer: how long each took from when it was meant to be sent until it
 * was read, and whether all came, once and in order.
 *
 *   kt_auto(kt_benche2e_fini) struct kt_benche2e bench = {0};
 *   if (kt_benche2e_open(&bench, &settings, &how, err) < 0)
 *           return -1;
 *   return kt_benche2e_run(&bench, err);
 */
#ifndef KT_BENCHE2E_H
#define KT_BENCHE2E_H

#include "benchrun.h"
#include "benchtrace.h"
#include "producer.h"
#include "random.h"
#include "reading.h"

enum kt_benche2e_role { KT_BENCH_BOTH, KT_BENCH_SENDS, KT_BENCH_RECEIVES };

struct kt_benche2e_how {
	struct kt_benchrun_how run;
	enum kt_benche2e_role role;
	int64_t size; /* bytes of a value */
	int64_t keys; /* this many different keys; 0: none */
	int64_t timeout_ms;
	int64_t wait_ms; /* for records that were sent and did not come yet, or for more of another sender's */
	bool skew_ok;    /* clocks of two hosts may be compared */
};

struct kt_benche2e {
	struct kt_benchrun run;
	struct kt_benche2e_how how;
	struct kt_producer *producer;
	struct kt_consumer *consumer;
	struct kt_read_opts read;
	struct kt_reading reading;
	struct kt_loop_source reports, records;
	struct kt_benchtrace trace;
	struct kt_random random;
	struct kt_buf value;
	uint64_t id, boot; /* of the run; of this host */
	bool known;        /* id is: a receiver takes that of the first record */
	bool other_host;   /* and its clock is another one */
	bool assigned;
	int64_t foreign; /* records that are not of the run */
	int64_t came_us; /* of the run: the last record */
	char why[512];   /* the last failure's */
};

/* Finds the topic, and begins to read at its end. KT_USAGE, and as kt_producer_open(), kt_consumer_open(). */
int kt_benche2e_open(struct kt_benche2e *b, struct kt_settings *settings, const struct kt_benche2e_how *how,
	struct kt_err *err) kt_must_check;

/* Status as kt_benchreport_judge(), and KT_PARTIAL for what is lost, came twice or out of order. */
int kt_benche2e_run(struct kt_benche2e *b, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_benche2e_fini(struct kt_benche2e *b);

#endif
