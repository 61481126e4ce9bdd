/* Runs experiments: all of them in one thread, each step when it is due. What becomes of its events is in flights.h.
 *
 *   struct kt_workload w;
 *   kt_workload_init(&w, &how, err)                  how.send is a producer's, or a test's
 *   while (!kt_workload_over(&w)) {
 *           kt_workload_turn(&w, &wait_ms, err)      sends what is due
 *           … wait for wait_ms or the producer's descriptor, kt_producer_serve() …
 *   }
 *
 * Pacing. Closed, as the original: a sample follows when its period is over and all events of the one before are
 * acknowledged, without catching up; a stage waits for its acknowledgement. Open: everything is sent at its intended
 * time, whatever became of what went before, and latency counts from that time. At speed 0 time is not waited for at
 * all: experiments advance in the order of their times as fast as the producer takes their events.
 *
 * Each event that comes by itself wakes the library's thread, which costs many times what the event does. With
 * how.gather_us what comes within that time is handed over together, which is for a producer that does not linger.
 *
 * An event that the producer has no room for, or that is not acknowledged, has failed: it is counted and the samples
 * go on. An experiment of which a stage's event failed ends there.
 */
#ifndef KT_WORKLOAD_H
#define KT_WORKLOAD_H

#include "duequeue.h"
#include "flights.h"
#include "loadlog.h"
#include "measurementhash.h"
#include "ratelimit.h"

struct kt_workload_how {
	void *user;
	/* As that of struct kt_flights_how. */
	int (*send)(void *user, bool document, const struct kt_record *record, int64_t tag, struct kt_err *err);
	int64_t (*waiting)(void *user); /* events taken and not delivered yet */
	const struct kt_loads *loads;   /* borrowed, as everything here */
	struct kt_loadlog *loadlog;     /* NULL: none */
	const char *secret_key;         /* of the measurement_hash */
	const uint64_t *seed;           /* NULL: values and ids that nobody can repeat */
	double speed;                   /* 1: the load's own times; 0: no waiting */
	int64_t repeat;                 /* rounds of the whole load, one after another; 0: until it is stopped */
	int64_t rate;                   /* events per second at most; 0: no limit */
	int64_t in_flight;              /* with speed 0: so many unacknowledged events */
	int64_t gather_us;              /* with open pacing: events wait that long for others; 0: they do not */
	bool open;                      /* open pacing */
	bool documents;                 /* each experiment ends with one */
};

struct kt_run;

struct kt_workload {
	struct kt_workload_how how;
	struct kt_event_writer writer;
	struct kt_measurementhash *hash;
	struct kt_ratelimit pace;
	struct kt_duequeue heap; /* when which run has its next step */
	struct kt_run *runs;     /* one per experiment of the load */
	size_t n_runs;
	struct kt_flights flights;
	struct kt_histogram late; /* of steps, behind their time; empty with speed 0 */
	struct kt_buf text, sealed;
	int64_t rounds;             /* begun */
	int64_t running, left;      /* experiments that run; that have not ended in this round */
	int64_t ended, failed_runs; /* in all rounds */
	int64_t start_us, round_us; /* when the first round began, and the last one */
	bool stopped;
};

/* Experiments begin with the first turn. KT_USAGE for a bad secret key. */
int kt_workload_init(struct kt_workload *w, const struct kt_workload_how *how, struct kt_err *err) kt_must_check;

/* For kt_producer_how.done; user is the workload. */
void kt_workload_delivery(void *user, const struct kt_delivery *delivery);

/* Sends what is due, for some milliseconds at most; *wait_ms: until there is something to do. -1: no going on. */
int kt_workload_turn(struct kt_workload *w, int64_t *wait_ms, struct kt_err *err) kt_must_check;

/* Every experiment of every round has ended. */
bool kt_workload_over(const struct kt_workload *w);

/* No more samples: what runs sends its end, what has not begun never will. */
int kt_workload_stop(struct kt_workload *w, struct kt_err *err) kt_must_check;

/* Events handed over and not acknowledged yet. */
int64_t kt_workload_waiting(const struct kt_workload *w);

/* After the producer was closed; before that what is held has to be handed over, or counted as failed, by
 * kt_flights_hand_over(), also when there was an error. For kt_auto(). */
void kt_workload_fini(struct kt_workload *w);

#endif
