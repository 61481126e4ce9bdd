/* Several waits at the same time: each on a thread of its own, while the caller's thread goes on seeing a stop.
 *
 *   if (kt_parallel_run(probe_one, items, n, stop, show, &report) < 0)
 *           … it was stopped: kt_stop_status(stop) …
 */
#ifndef KT_PARALLEL_H
#define KT_PARALLEL_H

#include "stop.h"

/* Calls run(items[i], stop_fd) for each of n items at the same time and returns when all have returned. tick(user,
 * done), unless it is NULL, is called on the caller's thread ten times a second and at the end: the first `done` items
 * are finished. A stop makes stop_fd readable, upon which run has to return at once; then -1. */
int kt_parallel_run(void (*run)(void *item, int stop_fd), void *const *items, size_t n, const struct kt_stop *stop,
	void (*tick)(void *user, size_t done), void *user);

#endif
