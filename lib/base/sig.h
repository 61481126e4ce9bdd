/* Signals and the one place where a command waits.
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

/* A run after one that a signal ended: what was caught is forgotten, and the next signal is a first one again. */
void kt_sig_renew(void);

/* Takes one pending USR1 or USR2: its number, or 0. */
int kt_sig_user(void);

/* For a child: the mask that the process was started with, and the signals that get their default action again (those
 * with a handler do so by themselves). */
void kt_sig_child(sigset_t *mask, sigset_t *defaults);

/* ppoll() with the signals let in. timeout_ms < 0: for ever. Returns the number of ready descriptors; 0 on a timeout
 * and when a signal arrived (revents are then all zero). n may be 0. */
int kt_wait(struct pollfd *fds, size_t n, int64_t timeout_ms);

#endif
