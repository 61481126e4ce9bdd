/* What `kt loadgen --size` and `--schema` had before there was `kt bench produce`, by whose means it is done: records
 * of one size, or random ones of a schema, with loadgen's own words at the end and without a verdict on the rate.
 *
 *   kt_auto(kt_benchplain_fini) struct kt_benchplain plain = {.bench.run.timer = -1};
 *   if (kt_benchplain_open(&plain, &settings, &how, err) < 0)
 *           return -1;
 *   int result = kt_benchplain_run(&plain, err);
 *   kt_benchplain_summary(&plain, &out, json);
 *   return result < 0 ? -1 : kt_benchplain_judge(&plain, err);
 */
#ifndef KT_BENCHPLAIN_H
#define KT_BENCHPLAIN_H

#include "benchproduce.h"

struct kt_benchplain_how {
	const struct kt_client_opts *client;
	struct kt_benchrecords_opts records;
	int64_t count;       /* so many records; -1: no end */
	int64_t rate;        /* per second, on a schedule; 0: as fast as it goes */
	int64_t duration_ms; /* an end like any other; 0: none */
	int64_t run_for_ms;  /* an end before its time where there is a count; 0: none */
};

/* Stays where it is once it is open. */
struct kt_benchplain {
	struct kt_benchproduce bench;
	struct kt_benchplain_how how;
	struct kt_bench_opts opts;
	struct kt_bench_rate_opts rate;
	bool unheard; /* acks=0: nobody confirms what was sent */
};

/* Makes ready what the records are made of, and the producer for kt.topic of the settings. As kt_benchproduce_open().
 */
int kt_benchplain_open(struct kt_benchplain *plain, const struct kt_settings *settings,
	const struct kt_benchplain_how *how, struct kt_err *err) kt_must_check;

/* Sends until there were enough, the time is over or a signal came, and waits for what was sent. */
int kt_benchplain_run(struct kt_benchplain *plain, struct kt_err *err) kt_must_check;

/* Says what was sent and how long it took; json: appends that as an object instead. */
void kt_benchplain_summary(const struct kt_benchplain *plain, struct kt_buf *out, bool json);

/* What the run is worth: KT_PARTIAL when records did not arrive; where they were to be counted and there were not
 * enough, 128 + n after a signal, KT_RUN_ENDED when how.run_for_ms ended it. */
int kt_benchplain_judge(const struct kt_benchplain *plain, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_benchplain_fini(struct kt_benchplain *plain);

#endif
