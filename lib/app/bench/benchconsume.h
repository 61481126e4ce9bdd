/* `kt bench consume`: how fast records come from topics when nothing is done with them.
 *
 *   kt_auto(kt_benchconsume_fini) struct kt_benchconsume bench = {0};
 *   if (kt_benchconsume_open(&bench, &settings, &how, err) < 0)
 *           return -1;
 *   return kt_benchconsume_run(&bench, err);
 */
#ifndef KT_BENCHCONSUME_H
#define KT_BENCHCONSUME_H

#include "benchrun.h"
#include "reading.h"

struct kt_benchconsume_how {
	struct kt_benchrun_how run;
	const struct kt_read_opts *read; /* its count is that of the run */
	const struct kt_strs *topics;
	int64_t timeout_ms; /* for the connection */
};

struct kt_benchconsume {
	struct kt_benchrun run;
	struct kt_benchconsume_how how;
	struct kt_reading reading;
	struct kt_consumer *consumer;
	struct kt_loop_source records;
	int64_t begun_ms;    /* wall clock */
	int64_t assigned_us; /* of the run: when there were partitions to read */
	int64_t came_us;     /* the last record */
};

/* KT_USAGE, and as kt_consumer_open(). settings: made ready for a member. */
int kt_benchconsume_open(struct kt_benchconsume *b, struct kt_settings *settings, const struct kt_benchconsume_how *how,
	struct kt_err *err) kt_must_check;

/* Reads and prints the result. Status as kt_benchreport_judge(), and KT_PARTIAL when there were not enough records. */
int kt_benchconsume_run(struct kt_benchconsume *b, struct kt_err *err) kt_must_check;

/* The two last lines of kafka-consumer-perf-test, as Kafka 3.9.1 writes them: header and numbers. */
void kt_benchconsume_perf(const struct kt_benchconsume *b, struct kt_buf *out);

/* For kt_auto(). */
void kt_benchconsume_fini(struct kt_benchconsume *b);

#endif
