/* A command that runs beside a loop and is waited for in its poll.
 *
 *   struct kt_child child;
 *   if (kt_child_start(&child, &words, err) < 0)
 *           return -1;
 *   … kt_wait() until child.fd is readable …
 *   int status = kt_child_end(&child);
 */
#ifndef KT_CHILD_H
#define KT_CHILD_H

#include <sys/types.h>

#include "err.h"
#include "list.h"

struct kt_child {
	pid_t pid;
	int fd;     /* readable once the command has ended */
	bool apart; /* its process group is its own */
};

/* In which surroundings it runs; descriptors are borrowed, -1: this process's. */
struct kt_child_how {
	int in, out;
	const struct kt_strs *environment; /* NAME=VALUE besides this process's; NULL: none */
	bool apart;                        /* in a process group of its own: signals reach whatever it runs, too */
};

/* Runs the command that words make (the first one is looked up in PATH) with this process's descriptors and
 * environment, and with the signals as they were before kt_sig_block(). A command that cannot be run is KT_USAGE. */
int kt_child_start(struct kt_child *child, const struct kt_strs *words, struct kt_err *err) kt_must_check;

/* The same in other surroundings. */
int kt_child_start_in(struct kt_child *child, const struct kt_strs *words, const struct kt_child_how *how,
	struct kt_err *err) kt_must_check;

/* Passes a signal on. An interrupt from the terminal has reached the command already and is left out. */
void kt_child_signal(const struct kt_child *child, int sig);

/* Waits for its end. Returns the command's status, or 128 + the signal that ended it. */
int kt_child_end(struct kt_child *child);

#endif
