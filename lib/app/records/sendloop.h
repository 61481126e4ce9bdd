/* What kt produce does once everything is open: pieces of the input become records and go to the producer, until the
 * input ends or the run is stopped; then what is left is seen through, in a transaction all of it or nothing.
 *
 *   struct kt_sendloop l = {.topic = topic, .count = -1, .input.fd = -1};
 *   … kt_input_init(&l.input, …), kt_recordbuild_open(&l.build, …), kt_producer_open(&l.producer, …) …
 *   int result = kt_sendloop_run(&l, err);
 *   kt_sendloop_fini(&l);
 */
#ifndef KT_SENDLOOP_H
#define KT_SENDLOOP_H

#include "deliveries.h"
#include "input.h"
#include "loop.h"
#include "out.h"
#include "progress.h"
#include "ratelimit.h"
#include "recordbuild.h"
#include "transaction.h"

struct kt_sendloop {
	const char *topic;
	bool until_blank;    /* an empty record ends the input */
	bool skips_blank;    /* blanks alone are not a record */
	bool terminal;       /* someone types */
	bool transactional;  /* the producer is */
	bool keeps_going;    /* after a record that failed */
	int64_t count;       /* so many records at most; -1: no limit */
	int64_t timeout_ms;  /* for the brokers to answer when a transaction begins */
	struct kt_bytes tee; /* data: records are printed as they are sent, with this after each */
	struct kt_stop stop;
	struct kt_ratelimit pace;
	/* Opened by the caller, released by kt_sendloop_fini(). */
	struct kt_input input;
	struct kt_recordbuild build;
	struct kt_producer *producer; /* its `done` is kt_deliveries_delivery for the account */
	struct kt_deliveries account;
	struct kt_out out;
	/* Its own. */
	struct kt_transaction transaction;
	struct kt_progress progress;
	struct kt_loop loop;
	struct kt_loop_source sources[3];
	enum kt_input_state state; /* what the input has for the turn that waits */
	struct kt_piece piece;     /* the one that the queue did not take yet */
	int64_t taken;
	bool have_piece, plain, ended, stopping;
};

/* Whether all are there to be read: a word that is not a file is meant as a record more often than not, but for those
 * of -l. */
int kt_sendloop_check_files(const struct kt_sendloop *l, const struct kt_strs *files, const struct kt_strs *lines,
	struct kt_err *err) kt_must_check;

/* Before the producer is opened: whether it is known, without a wait, that there is nothing to send. A pipe that may
 * still bring something is not empty, nor is a terminal. KT_FAILED: the input cannot be read. */
int kt_sendloop_is_empty(struct kt_sendloop *l, bool *empty, struct kt_err *err) kt_must_check;

/* Fills err: 128 + n after a signal, KT_RUN_ENDED, KT_PARTIAL when records were not delivered, or what failed. */
int kt_sendloop_run(struct kt_sendloop *l, struct kt_err *err) kt_must_check;

void kt_sendloop_fini(struct kt_sendloop *l);

#endif
