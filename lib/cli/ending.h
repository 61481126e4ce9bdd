/* How a run ends: with the first thing that went wrong, however much is still finished after it, or else with what
 * stopped it early.
 *
 *   int stopped = kt_stop_status(&run->stop);                  before what the end takes is no longer stopped
 *   struct kt_ending end = {.err = err, .result = run_loop(run, err)};
 *   kt_ending_add(&end, kt_producer_drain(producer, -1, GRACE_MS, kt_ending_err(&end)));
 *   kt_ending_add(&end, kt_out_drain(&out, kt_ending_err(&end)));
 *   return kt_ending_close(&end, complete ? 0 : stopped, "after %lld records", n);
 */
#ifndef KT_ENDING_H
#define KT_ENDING_H

#include "err.h"

struct kt_ending {
	struct kt_err *err; /* the first error's place */
	int result;         /* 0, or -1 after one */
	struct kt_err later;
};

/* Where the next step puts its error: nowhere after the first one. */
static inline struct kt_err *kt_ending_err(struct kt_ending *end)
{
	return end->result < 0 ? &end->later : end->err;
}

static inline void kt_ending_add(struct kt_ending *end, int result)
{
	end->result = result < 0 ? -1 : end->result;
}

/* The run's result. stopped: the status of a run that was not complete (stop.h), or 0; the words say how far it had
 * come. */
int kt_ending_close(struct kt_ending *end, int stopped, const char *format, ...) kt_must_check kt_printf(3, 4);

/* Fills err for a run that was stopped: "ended by a signal WORDS", or "--run-for ended the run WORDS". Returns -1, or 0
 * when stopped is 0. */
int kt_ended(int stopped, struct kt_err *err, const char *format, ...) kt_must_check kt_printf(3, 4);

#endif
