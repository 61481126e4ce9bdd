/* Threads for what would hold up the loop. An item goes in, one of them works on it, and it comes out again; its memory
 * is the caller's before and after.
 *
 *   struct kt_workers_how how = {.threads = 1, .waiting = 1000, .work = work, .end = end, .drop = drop, .user = x};
 *   kt_workers_open(&w, &how, err)
 *   if (!kt_workers_put(w, &x->item)) … too many …
 *   … kt_workers_fd(w) becomes readable …
 *   while ((item = kt_workers_take(w)) != NULL) …
 *   kt_workers_close(w);                      after what they wait for was stopped
 */
#ifndef KT_WORKERS_H
#define KT_WORKERS_H

#include "err.h"

struct kt_workers;

/* The first member of what it is an item of. */
struct kt_worker_item {
	struct kt_worker_item *next;
};

struct kt_workers_how {
	unsigned threads; /* at most; each begins when there is something for it to do */
	size_t waiting;   /* items that were put and not taken, at most */
	/* On a thread, which keeps *state (NULL at first) from one item to the next. */
	void (*work)(void *user, void **state, struct kt_worker_item *item);
	void (*end)(void *state);                  /* of a thread, unless it is NULL still */
	void (*drop)(struct kt_worker_item *item); /* an item that nobody takes any more */
	void *user;
};

int kt_workers_open(struct kt_workers **out, const struct kt_workers_how *how, struct kt_err *err) kt_must_check;

/* False: there are too many already, and it stays the caller's. */
bool kt_workers_put(struct kt_workers *w, struct kt_worker_item *item);

/* Readable when there is an item to take. */
int kt_workers_fd(const struct kt_workers *w);

/* The next that is done; NULL: none yet. */
struct kt_worker_item *kt_workers_take(struct kt_workers *w);

/* Items wait for a thread. From any of them. */
bool kt_workers_are_late(struct kt_workers *w);

/* Waits for what is being worked on, and drops the rest. Does nothing for NULL. */
void kt_workers_close(struct kt_workers *w);

#endif
