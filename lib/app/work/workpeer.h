/* A command that stays, as it is seen from here: its process, the pipes to and from it, and the records that it was
 * given and has not answered, the oldest first.
 *
 *   kt_workpeer_init(&p, window)
 *   kt_workpeer_start(&p, &words, err)
 *   kt_workpeer_add(&p, item); … append the question to p.ask …; kt_workpeer_write(&p)
 *   … p.out is readable: kt_workpeer_read(&p), then answers are in p.said; item = kt_workpeer_take(&p, place) …
 *   … p.child.fd is readable: status = kt_workpeer_end(&p, take_err, user) …
 *   kt_workpeer_fini(&p, take_err, user)
 */
#ifndef KT_WORKPEER_H
#define KT_WORKPEER_H

#include "child.h"
#include "workitems.h"
#include "workoutput.h"

struct kt_workpeer {
	struct kt_child child; /* fd -1: none runs */
	int in, out;           /* our ends, not blocking; -1: closed */
	struct kt_workoutput err;
	struct kt_buf ask, said; /* waits to be written; read, and not taken yet */
	size_t n;                /* records that it has */
	int64_t oldest_us;       /* since when the oldest is that */
	/* The rest is workpeer.c's own. */
	size_t asked; /* bytes of ask that are written */
	struct kt_workitem **items;
	size_t first, window;
};

/* window: the most records that it has at a time. */
void kt_workpeer_init(struct kt_workpeer *p, size_t window);

/* Runs the command, in a process group of its own that may be tied to this process (child.h). KT_FAILED. */
int kt_workpeer_start(struct kt_workpeer *p, const struct kt_strs *words, bool tied, struct kt_err *err) kt_must_check;

/* The record is the youngest that it has. */
void kt_workpeer_add(struct kt_workpeer *p, struct kt_workitem *item);

/* The place-th oldest: as it stands there, or taken out. */
struct kt_workitem *kt_workpeer_at(const struct kt_workpeer *p, size_t place);
struct kt_workitem *kt_workpeer_take(struct kt_workpeer *p, size_t place);

/* Writes what its pipe has room for. False when something is left for later. */
bool kt_workpeer_write(struct kt_workpeer *p);

/* Bytes that came to said; 0: none now; -1: it will say nothing any more. */
ssize_t kt_workpeer_read(struct kt_workpeer *p);

/* The same, with the wait for neither: whether something is there to read. */
bool kt_workpeer_says(const struct kt_workpeer *p);

/* Nothing can be said to it any more, or (hear too) heard of it. */
void kt_workpeer_hang_up(struct kt_workpeer *p, bool hear);

/* Its process has ended: returns its status, as kt_child_end(). */
int kt_workpeer_end(struct kt_workpeer *p, kt_workoutput_take *take, void *user);

/* Waits until none runs, until that time (0: only looks) or a second signal. Whether none runs. */
bool kt_workpeer_await(const struct kt_workpeer *p, int64_t until_us);

/* Kills what still runs. */
void kt_workpeer_fini(struct kt_workpeer *p, kt_workoutput_take *take, void *user);

#endif
