/* Signals, and the one call in which they are let in: kt_wait(). A run waits by its loop (loop.h), which calls it.
 *
 * kt_sig_block() before the first librdkafka thread is made: INT, TERM, HUP (and USR1, USR2) are then blocked in every
 * thread and let in only while kt_wait() sleeps, so none is lost between a check and the sleep. After the first INT or
 * TERM they are unblocked with their default action: a second one always ends the process at once, wherever it is
 * (a copy within a tenth of a second, as timeout(1) sends to the whole group, is not a second one).
 */
#ifndef KT_SIG_H
#define KT_SIG_H

#include <poll.h>
#include <signal.h>

#include "base.h"

/* Blocks the signals and sets the handlers; SIGPIPE is ignored. Called once, by main.c. */
void kt_sig_block(void);

/* The first of INT, TERM and HUP that arrived, or 0. Also sees one that is pending but was not let in yet. */
int kt_sig_caught(void);

/* From now on the second INT or TERM is left to the run, and the third ends the process: for a run whose end takes its
 * time, and has a shorter way. */
void kt_sig_take_second(void);

/* The second one, once kt_wait() has let it in; or 0. */
int kt_sig_second(void);

/* A run after one that a signal ended: what was caught is forgotten, and the next signal is a first one again. */
void kt_sig_renew(void);

/* From now on HUP ends nothing: kt_sig_user() has it. For a run that reads its files again. */
void kt_sig_take_hup(void);

/* Takes one pending USR1 or USR2, or HUP where that was asked for: its number, or 0. */
int kt_sig_user(void);

/* For a child: the mask that the process was started with, and the signals that get their default action again. */
void kt_sig_child(sigset_t *mask, sigset_t *defaults);

/* While a file that somebody named is opened or read: INT, TERM and HUP end the process at once, as if they had never
 * been blocked. A FIFO that nobody writes to and a file system that does not answer wait outside of kt_wait(), the
 * latter also for a signal with a handler. For places where nothing is in work that an end would tear apart.
 *
 *   kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
 */
struct __attribute__((unused)) kt_sig_fatal { /* by name, that is: its end is its use */
	struct sigaction actions[3];
	sigset_t mask;
};
struct kt_sig_fatal kt_sig_fatal(void);
void kt_sig_restore(struct kt_sig_fatal *fatal);

/* ppoll() with the signals let in, on the thread that has called kt_sig_block(). timeout_ms < 0: for ever. Returns the
 * number of ready descriptors; 0 on a timeout and when a signal arrived (revents are then all zero). n may be 0. */
int kt_wait(struct pollfd *fds, size_t n, int64_t timeout_ms);

#endif
