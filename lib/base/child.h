/* A command that runs beside a loop and is waited for in its poll.
 *
 *   struct kt_child child;
 *   if (kt_child_start(&child, &words, NULL, err) < 0)
 *           return -1;
 *   … kt_wait() until child.fd is readable …
 *   int status = kt_child_end(&child);
 *
 * By vfork(): a fork() copies the page tables of everything that is resident, which with a full queue of the library is
 * 15 times as slow. (posix_spawn() is a vfork() too, but makes a stack and asks for the action of every signal each
 * time, a sixth of the CPU time that a child costs here, and has no word for PR_SET_PDEATHSIG.) Any number may run at
 * the same time; each is waited for by its own descriptor.
 */
#ifndef KT_CHILD_H
#define KT_CHILD_H

#include <sys/types.h>

#include "err.h"
#include "list.h"

struct kt_child {
	pid_t pid;
	int fd;      /* a pidfd, readable once the command has ended */
	bool apart;  /* its process group is its own */
	bool killed; /* set by kt_child_end(): a signal ended it, not an exit with a status as large */
};

/* In which surroundings it runs. Descriptors are borrowed and above 2; 0: this process's. */
struct kt_child_how {
	int in, out, err;
	int third;                         /* becomes descriptor 3 */
	const struct kt_strs *environment; /* NAME=VALUE besides this process's; NULL: none */
	const char *without;               /* this process's variables whose names begin so are left out; NULL: none */
	bool apart;                        /* in a process group of its own: signals reach whatever it runs, too */
	bool closed;                       /* it gets none of this process's descriptors from 4 on */
	bool tied;                         /* it (not what it has started) is killed when this process ends */
};

/* Runs the command that words make (the first one is looked up in PATH; a file that is not a program is one for sh)
 * with this process's descriptors and environment, unless how says otherwise, and with the signals as they were before
 * kt_sig_block(); INT and TERM, which somebody may have ignored before, have their default action. how may be NULL. A
 * command that cannot be run is KT_USAGE; KT_FAILED when it was processes, memory or descriptors that were lacking. */
int kt_child_start(struct kt_child *child, const struct kt_strs *words, const struct kt_child_how *how,
	struct kt_err *err) kt_must_check;

/* Passes a signal on, to its group when that is its own. An interrupt from the terminal has reached a command in our
 * group already and is left out. Until kt_child_end() the process, or group, is there to be signalled. */
void kt_child_signal(const struct kt_child *child, int sig);

/* Waits for its end. Returns the command's status, or 128 + the signal that ended it. */
int kt_child_end(struct kt_child *child);

#endif
