/* A run of `kt bench` as a page for who watches it (--listen): a point for each interval, with its rate, its latency
 * and what failed. The page, and how it is served, are those of `kt rate` (page.h).
 *
 *   kt_benchlive_open(&live, &run, err)
 *   kt_benchlive_add(&live, &run, row)                          an interval is over
 *   kt_benchlive_end(&live);
 *   kt_benchlive_fini(&live);
 */
#ifndef KT_BENCHLIVE_H
#define KT_BENCHLIVE_H

#include "benchstats.h"
#include "page.h"

struct kt_benchrun;

/* Starts as {0}: nothing is served. */
struct kt_benchlive {
	struct kt_page page;
	struct kt_httpd *httpd;
	struct kt_loop_source source;
	struct kt_strs from;
	char title[32], unit[32], loop[80];
	int64_t failed; /* of all intervals so far */
};

/* As a source of the run's loop. KT_USAGE for what is no address; KT_FAILED when it cannot be had. */
int kt_benchlive_open(struct kt_benchlive *live, struct kt_benchrun *run, struct kt_err *err) kt_must_check;

void kt_benchlive_add(struct kt_benchlive *live, const struct kt_benchrun *run, const struct kt_benchrow *row);

/* Those who watch are told that there is no more. */
void kt_benchlive_end(struct kt_benchlive *live);

void kt_benchlive_fini(struct kt_benchlive *live);

#endif
