/* A run of experiments: their workload, its producer, log and metrics, in one loop.
 *
 *   kt_auto(kt_experimentrun_fini) struct kt_experimentrun run = KT_EXPERIMENTRUN_NONE;
 *   kt_experimentrun_init(&run, &how, &settings);
 *   … kt_conf_resolve() …
 *   if (kt_experimentrun_open(&run, &settings, err) < 0)
 *           return -1;
 *   int result = kt_experimentrun_run(&run, err);
 *   kt_experimentrun_summary(&run, &out, json);
 *   return result < 0 ? -1 : kt_experimentrun_judge(&run, err);
 */
#ifndef KT_EXPERIMENTRUN_H
#define KT_EXPERIMENTRUN_H

#include "loadlog.h"
#include "loadview.h"
#include "metrics.h"
#include "producer.h"
#include "workload.h"

struct kt_experimentrun_how {
	const struct kt_owner *owner;
	const struct kt_loads *loads; /* borrowed, as everything here */
	const char *document;         /* topic of one document per experiment; NULL: none */
	const char *secret_key;       /* of the measurement_hash */
	const uint64_t *seed;         /* NULL: values and ids that nobody can repeat */
	double speed;                 /* 1: the load's own times; 0: no waiting */
	bool open;                    /* open pacing, see workload.h */
	int64_t repeat;               /* rounds of the whole load; 0: until it is stopped */
	int64_t rate;                 /* events per second at most; 0: no limit */
	int64_t duration_ms;          /* an end like any other; 0: none */
	int64_t run_for_ms;           /* an end before its time; 0: none */
	int64_t timeout_ms;           /* for the connection */
	bool logs;                    /* what is sent is logged, to: */
	const char *log_file;         /* NULL: a file per day in logs/ */
	const char *log_filter;       /* how much, in the words of RUST_LOG; NULL: see loadlog.h */
	bool no_metrics;              /* they are not served; else: */
	const char *metrics_listen;   /* where; NULL: as kt_metrics_open() */
};

struct kt_experimentrun {
	struct kt_experimentrun_how how;
	struct kt_loadlog loadlog;
	struct kt_producer *producer;
	int document_topic; /* its handle of it */
	struct kt_workload work;
	struct kt_loadview view;
	struct kt_metrics metrics;
	int64_t gather_us; /* the events wait that long here, in place of the library's linger.ms */
	struct kt_stop stop;
	struct kt_owner owner; /* the caller's, which the run's time ends too */
	int64_t idle_ms;       /* nothing is to be sent for so long */
	bool complete;         /* all was sent, and not because somebody ended it */
};

/* What a run starts as. */
#define KT_EXPERIMENTRUN_NONE                                                                                          \
	{                                                                                                              \
		.loadlog.fd = -1                                                                                       \
	}

/* Adds to the settings, where nobody says otherwise, how long events wait for company and how many fit into the queue.
 */
void kt_experimentrun_init(
	struct kt_experimentrun *run, const struct kt_experimentrun_how *how, struct kt_settings *settings);

/* Makes everything ready, with the producer for kt.topic of the settings, which the run borrows. KT_USAGE for a bad
 * secret key or address, and as kt_producer_open(). */
int kt_experimentrun_open(
	struct kt_experimentrun *run, const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Sends until the experiments are over or something ends them, and waits for what was sent. */
int kt_experimentrun_run(struct kt_experimentrun *run, struct kt_err *err) kt_must_check;

/* Says what was sent and how long it took; json: appends that as an object instead. */
void kt_experimentrun_summary(const struct kt_experimentrun *run, struct kt_buf *out, bool json);

/* What the run is worth; the worst that happened decides: 128 + n after a signal, KT_PARTIAL when events did not arrive
 * or experiments failed, why the log ended, KT_RUN_ENDED when how.run_for_ms ended it. */
int kt_experimentrun_judge(const struct kt_experimentrun *run, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_experimentrun_fini(struct kt_experimentrun *run);

#endif
