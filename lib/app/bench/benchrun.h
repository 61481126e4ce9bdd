/* What all runs of `kt bench` have in common: the schedule of what is sent, its loop, what was measured, and the rows
 * that are printed meanwhile. A kind of bench sends in its own way:
 *
 *   kt_benchrun_open(&run, &how, err)
 *   while (!kt_benchrun_over(&run)) {
 *           for (int64_t n = kt_benchrun_room(&run, most); n > 0 && !run.full; n--)
 *                   if (!(run.full = !send(intended_us = kt_benchrun_next(&run))))
 *                           kt_benchrun_sent(&run, intended_us);
 *           kt_benchrun_turn(&run, err)
 *   }
 *   kt_benchrun_end(&run);
 *   kt_benchreport_add(&run, …)                                (benchreport.h)
 */
#ifndef KT_BENCHRUN_H
#define KT_BENCHRUN_H

#include "benchlive.h"
#include "benchstats.h"
#include "loop.h"
#include "opt.h"
#include "out.h"
#include "owner.h"

/* Paragraphs of manuals about options that several have. */
#define KT_BENCH_LISTEN                                                                                                   \
	"--listen serves a page while it goes on, for everybody who can reach that address: the rate of each interval, "  \
	"and of what has a latency p50, p99 and how many failed. --report writes a page with charts when it is over, in " \
	"one file."
#define KT_BENCH_HGRM                                                                                                  \
	"--hgrm writes percentiles in milliseconds as HdrHistogram prints them, for the plotters that read it."

struct kt_bench_opts {
	int64_t count, warmup_ms, interval_ms;
	int count_turn;
	const char *hgrm, *report, *listen;
	bool json;
};
extern const struct kt_opt kt_bench_opts[];

/* Of those that send. */
struct kt_bench_rate_opts {
	int64_t rate, each_ms;
	const char *ramp;
	bool noop;
};
extern const struct kt_opt kt_bench_rate_opts[];

struct kt_benchrun_how {
	const struct kt_owner *owner;
	const struct kt_bench_opts *opts;
	const struct kt_bench_rate_opts *rate; /* NULL: it does not send */
	int64_t run_for_ms;                    /* 0: no limit */
	const char *kind;                      /* "produce" */
	const char *what;                      /* what is counted: "record" */
	const char *target;                    /* the topic, or the URL */
	bool time_ends;                        /* run_for_ms is an end like any other, also before the count */
	bool untimed;                          /* things are only counted, there is no latency */
	bool silent;                           /* no rows: what is printed has a form of its own */
};

struct kt_benchrun {
	struct kt_benchrun_how how;
	struct kt_pace pace; /* rate 0: a closed loop */
	struct kt_benchstats stats;
	struct kt_loop loop;
	struct kt_out out;
	struct kt_benchlive live;
	struct kt_stop stop;   /* of the run */
	struct kt_owner owner; /* the caller's, which the run's time ends too */
	int64_t start_us;      /* of kt_clock_us(): when the first one was due; 0: not yet */
	int64_t now_us;        /* since then, as of this turn */
	int64_t sent;
	bool full;        /* there is no room for more: what wakes the loop has to be a report */
	bool busy;        /* there is something to do already: a turn does not wait */
	bool complete;    /* all was sent */
	double noop_rate; /* what this program could make per second; 0: not known */
	double cpu_s;     /* of the whole process, in the run */
	/* Its own. */
	int64_t warm; /* sent in the warm-up */
	int timer;
	bool headed;
	int64_t shown_us; /* the live line */
	struct kt_loop_source sources[2];
};

/* KT_USAGE for options that mean nothing. Starts as {0}. */
int kt_benchrun_open(struct kt_benchrun *run, const struct kt_benchrun_how *how, struct kt_err *err) kt_must_check;

/* How many this program can do in a second of its time: make(user) for some milliseconds, each time one thing with all
 * that is done for it but the sending, the counting too (which is forgotten). What the caller keeps itself it puts
 * back.
 */
void kt_benchrun_calibrate(struct kt_benchrun *run, void (*make)(void *user), void *user);

/* Microseconds since the start, which the first call is. */
int64_t kt_benchrun_now(struct kt_benchrun *run);

/* How many may be sent now, at most most. */
int64_t kt_benchrun_room(struct kt_benchrun *run, int64_t most);

/* When the next one is meant to be sent; and that it was. */
int64_t kt_benchrun_next(const struct kt_benchrun *run);
void kt_benchrun_sent(struct kt_benchrun *run, int64_t intended_us);

/* All was sent, or the run is to stop, or nobody reads what is printed. */
bool kt_benchrun_over(struct kt_benchrun *run);

/* Waits for the next thing to do, and prints the intervals that are over. */
int kt_benchrun_turn(struct kt_benchrun *run, struct kt_err *err) kt_must_check;

/* Everything is done: the last interval is closed and printed. */
void kt_benchrun_end(struct kt_benchrun *run);

/* For kt_auto(). */
void kt_benchrun_fini(struct kt_benchrun *run);

#endif
