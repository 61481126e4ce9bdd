/* A run of `kt bench` as a page to be passed on: rate and percentiles over time, drawn, and the numbers; one file that
 * needs nothing else.
 *
 *   if (kt_benchpage_save(&run, "report.html", err) < 0) …
 */
#ifndef KT_BENCHPAGE_H
#define KT_BENCHPAGE_H

#include "benchrun.h"
#include "buf.h"

void kt_benchpage_add(const struct kt_benchrun *run, struct kt_buf *out);

int kt_benchpage_save(const struct kt_benchrun *run, const char *path, struct kt_err *err) kt_must_check;

#endif
