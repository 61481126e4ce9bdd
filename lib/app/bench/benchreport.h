/* What `kt bench` shows of a run: rows of intervals, the result as a table or as JSON, and what it is worth.
 *
 *   kt_benchreport_add(&run, &run.out.buf);
 *   return kt_benchreport_judge(&run, err);
 */
#ifndef KT_BENCHREPORT_H
#define KT_BENCHREPORT_H

#include "benchrun.h"
#include "buf.h"

/* The share of what the generator alone could do beyond which a result says more about it than about the target. */
#define KT_BENCH_NOOP_SHARE 0.9

void kt_benchreport_head(const struct kt_benchrun *run, struct kt_buf *out);
void kt_benchreport_row(const struct kt_benchrun *run, struct kt_buf *out, const struct kt_benchrow *row);

/* What was measured, in words and tables. */
void kt_benchreport_add(const struct kt_benchrun *run, struct kt_buf *out);

/* The members of the JSON object; the caller begins and ends it, and adds its own. */
void kt_benchreport_json(const struct kt_benchrun *run, struct kt_buf *out);
/* One of them: percentiles of a histogram of microseconds, in milliseconds. */
void kt_benchreport_json_latency(struct kt_buf *out, const char *name, const struct kt_histogram *h);

/* The last line of kafka-producer-perf-test, as Kafka 3.9.1 writes it. */
void kt_benchreport_perf(const struct kt_benchrun *run, struct kt_buf *out);

/* The files of --hgrm and --report, where they are asked for. */
int kt_benchreport_save(const struct kt_benchrun *run, struct kt_err *err) kt_must_check;

/* What the run is worth: KT_PARTIAL when something failed, the rate was not reached, or the generator was the limit.
 * 128
 * + n and KT_RUN_ENDED when it was ended before its count. */
int kt_benchreport_judge(const struct kt_benchrun *run, struct kt_err *err) kt_must_check;

/* Whether that many per second is too near to what the generator can do alone. 0: that is not known. */
bool kt_benchreport_is_limit(double rate, double noop_rate);

/* A histogram of microseconds as the text, in milliseconds, that outputPercentileDistribution() of Java's HdrHistogram
 * (2.2.2) prints by default, with its levels and formats; the last line's value is the largest one, not its bucket's.
 */
void kt_benchreport_hgrm(struct kt_buf *out, const struct kt_histogram *h);

#endif
