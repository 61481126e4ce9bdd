/* Metrics in the OpenMetrics text format 1.0, as Prometheus scrapes them.
 *
 *   kt_metricsout_family(out, "kt_requests", "counter", "Requests answered.");
 *   kt_metricsout_name(out, "kt_requests_total");
 *   kt_metricsout_label(out, "code", "200");             kt_requests_total{code="200"
 *   kt_metricsout_i64(out, 7);                           kt_requests_total{code="200"} 7
 *   kt_metricsout_end(out);                              after the last family
 *
 * There is nothing to keep beside the buffer. Names are of [a-zA-Z_:][a-zA-Z0-9_:]*; a label's text is escaped.
 */
#ifndef KT_METRICSOUT_H
#define KT_METRICSOUT_H

#include "buf.h"
#include "histogram.h"

/* Its Content-Type. */
#define KT_METRICSOUT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* type: "counter" (its samples' names end in _total), "gauge", "histogram", … */
void kt_metricsout_family(struct kt_buf *out, const char *name, const char *type, const char *help);

/* A sample: its name, its labels, its value. */
void kt_metricsout_name(struct kt_buf *out, const char *name);
void kt_metricsout_label(struct kt_buf *out, const char *name, const char *text);
void kt_metricsout_i64(struct kt_buf *out, int64_t value);
void kt_metricsout_double(struct kt_buf *out, double value);

/* A family of type histogram, in seconds, of microseconds. Its bounds are Prometheus' usual ones from 0.5 ms to 10 s,
 * not the ends of the histogram's own buckets: counts are exact to about one per cent. */
void kt_metricsout_seconds(struct kt_buf *out, const char *name, const char *help, const struct kt_histogram *h);

void kt_metricsout_end(struct kt_buf *out);

#endif
