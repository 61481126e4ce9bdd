/* Asks one or several programs for a counter that they serve for Prometheus, again and again, all of them at once and
 * without ever waiting for one.
 *
 *   kt_auto(kt_scrape_fini) struct kt_scrape s = {.metric = "requests_total"};
 *   kt_scrape_add(&s, "localhost:3001", err)
 *   kt_scrape_join(&s, &loop);
 *   kt_scrape_begin(&s);
 *   while (!kt_scrape_settled(&s))
 *           if (kt_loop_turn(&loop, err) < 0) …
 *   if (kt_scrape_rate(&s, &rate)) …
 *   kt_scrape_done(&s);
 */
#ifndef KT_SCRAPE_H
#define KT_SCRAPE_H

#include "counters.h"
#include "fetch.h"
#include "loop.h"

enum { KT_SOURCES = 64 };

struct kt_source {
	char *name, *url;
	struct kt_fetch fetch;
	struct kt_counters counters; /* labelled as they stand there, between the braces */
	int64_t at_us;               /* of the last answer */
	double seconds;              /* between the last two */
	double grown;                /* by so much, all counters together */
	bool asked;                  /* and no answer yet */
	bool silent;                 /* that it does not answer was said; fetch.err says why */
	bool lacks;                  /* its last answer has no such metric, which was said */
	bool fresh;                  /* it has answered since the last kt_scrape_done, and had answered before */
	struct kt_loop_source waits;
	struct kt_scrape *of;
};

struct kt_scrape {
	const char *metric; /* as its samples are named; borrowed */
	struct kt_source v[KT_SOURCES];
	size_t n;
	bool answered; /* somebody, once */
};

/* HOST:PORT; KT_USAGE for what is none, and for too many. */
int kt_scrape_add(struct kt_scrape *s, const char *text, struct kt_err *err) kt_must_check;

/* Asks everybody who does not owe an answer, and of whom none is there that was not used: what a late one says of the
 * time before it is not lost. */
void kt_scrape_begin(struct kt_scrape *s);

/* Everybody who was added becomes a source of the loop, which takes what comes. Who falls silent, and answers again, is
 * said. s stays where it is as long as the loop turns. */
void kt_scrape_join(struct kt_scrape *s, struct kt_loop *loop);

/* Everybody has answered. */
bool kt_scrape_settled(const struct kt_scrape *s);

/* The sum over all fresh sources; false when there is none. */
bool kt_scrape_rate(const struct kt_scrape *s, double *rate);

/* The answers that are there were used. */
void kt_scrape_done(struct kt_scrape *s);

/* Somebody answers, and nobody who does has the metric. */
bool kt_scrape_lacks(const struct kt_scrape *s);

void kt_scrape_fini(struct kt_scrape *s);

#endif
