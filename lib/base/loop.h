/* The one place where a run waits: for whichever of its sources can make progress first.
 *
 *   static int64_t wait(void *user, struct pollfd *fd) { fd->fd = …; fd->events = POLLIN; return INT64_MAX; }
 *   static int serve(void *user, short revents, struct kt_err *err) { … return 0; }
 *
 *   struct kt_loop loop = {.stop = &stop};
 *   struct kt_loop_source input = {.user = x, .wait = wait, .serve = serve};
 *   kt_loop_add(&loop, &input);
 *   while (!over && !kt_stop_status(&stop))
 *           if (kt_loop_turn(&loop, err) < 0) …
 *   kt_loop_fini(&loop);
 *
 * A timer is a source without a descriptor: it says how long it may be waited, and serve looks whether it is due. A
 * user of many keeps them in a heap (duequeue.h) and is one source.
 */
#ifndef KT_LOOP_H
#define KT_LOOP_H

#include <poll.h>

#include "stop.h"

struct kt_loop_source {
	void *user;
	/* Asked before each wait: fills in a descriptor and its events (fd is -1 otherwise), and returns for how many
	 * milliseconds it may be waited: 0 when there is something to do already, INT64_MAX for as long as it takes. */
	int64_t (*wait)(void *user, struct pollfd *fd);
	/* Called after each wait, whatever ended it; revents are the descriptor's. -1 ends the turn. NULL: the
	 * caller of the loop looks itself. */
	int (*serve)(void *user, short revents, struct kt_err *err);
};

struct kt_loop {
	const struct kt_stop *stop; /* no wait is longer than it allows; may be NULL */
	/* The rest is loop.c's own. */
	struct kt_loop_source **v; /* NULL: was taken out */
	size_t n, cap;
	struct pollfd *fds;
	size_t fds_cap;
};

/* Sources are borrowed, and served in the order in which they came. While they are served others may come, which are
 * waited for from the next turn on, and any may go. */
void kt_loop_add(struct kt_loop *loop, struct kt_loop_source *source);
void kt_loop_remove(struct kt_loop *loop, const struct kt_loop_source *source);

/* Waits once and serves every source. Signals are let in while it waits (sig.h). */
int kt_loop_turn(struct kt_loop *loop, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_loop_fini(struct kt_loop *loop);

#endif
