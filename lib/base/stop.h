/* Whether a run is to end, and with which status: asked by whatever waits, handed in by the owner of the run.
 *
 *   static struct kt_stop stop = {.signals = true};           a command: INT, TERM and HUP end it
 *   struct kt_stop inner = {.outer = &stop};
 *   kt_stop_begin(&inner, run_for_ms);                        ends with the command, or after that time
 *   while (!kt_stop_status(&inner))
 *           kt_wait(fds, n, kt_stop_left_ms(&inner));
 *   kt_stop_drain(&stop, 5000);                               the run's end may take so long, and is no longer stopped
 */
#ifndef KT_STOP_H
#define KT_STOP_H

#include <stdatomic.h>

#include "err.h"

struct kt_stop {
	struct kt_stop *outer; /* ends this one too; NULL: nobody. Borrowed */
	bool signals;          /* the process's signals (sig.h) end it: of one object in a process */
	/* The rest is stop.c's own. */
	int64_t end_us; /* of kt_clock_us(); 0: no limit */
	bool answered;  /* the signal that came has been acted upon */
	atomic_int called;
};

/* 0: go on. Else the status with which the run ends: KT_SIGNAL + the signal, KT_RUN_ENDED when its time is over, or
 * what kt_stop_call() said; of several reasons the outermost. It stays so until begin or drain. stop may be NULL:
 * never. */
int kt_stop_status(const struct kt_stop *stop);

/* How long a wait may last: 0 when the run is to end, INT64_MAX without a limit. */
int64_t kt_stop_left_ms(const struct kt_stop *stop);

/* Ends the run with that status, which is not 0. From any thread; what waits sees it when it looks next. */
void kt_stop_call(struct kt_stop *stop, int status);

/* Begins a run, maybe after another one that was stopped. limit_ms: as --run-for, 0: none. */
void kt_stop_begin(struct kt_stop *stop, int64_t limit_ms);

/* What asked for the end has been heard: the same run goes on to finish what it has begun, for limit_ms (0: no limit).
 * A second INT or TERM ends the process, as sig.h says. */
void kt_stop_drain(struct kt_stop *stop, int64_t limit_ms);

#endif
