#include "parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"

enum { TICK_MS = 100 };

struct member {
	pthread_t thread;
	void (*run)(void *item, int stop_fd);
	void *item;
	int stop_fd, done_fd;
	bool started;
	atomic_bool done;
};

static void *work(void *data)
{
	struct member *m = data;
	m->run(m->item, m->stop_fd);
	atomic_store(&m->done, true);
	eventfd_write(m->done_fd, 1);
	return NULL;
}

/* Without a thread of its own the caller does the work. */
static void start(struct member *m)
{
	m->started = pthread_create(&m->thread, NULL, work, m) == 0;
	if (!m->started)
		work(m);
}

static size_t done_in_row(struct member *members, size_t n)
{
	size_t i = 0;
	while (i < n && atomic_load(&members[i].done))
		i++;
	return i;
}

int kt_parallel_run(void (*run)(void *item, int stop_fd), void *const *items, size_t n, const struct kt_stop *stop,
	void (*tick)(void *user, size_t done), void *user)
{
	int stop_fd = eventfd(0, EFD_CLOEXEC), done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	kt_auto(kt_free_ptr) struct member *members = kt_calloc(n ? n : 1, sizeof(*members));
	for (size_t i = 0; i < n; i++) {
		members[i] = (struct member){.run = run, .item = items[i], .stop_fd = stop_fd, .done_fd = done_fd};
		start(&members[i]);
	}
	for (size_t done; (done = done_in_row(members, n)) < n && !kt_stop_status(stop);) {
		struct pollfd fd = {.fd = done_fd, .events = POLLIN};
		eventfd_t count;
		if (tick)
			tick(user, done);
		if (kt_wait(&fd, 1, TICK_MS) > 0)
			eventfd_read(done_fd, &count);
	}
	bool stopped = kt_stop_status(stop) != 0;
	if (stopped)
		eventfd_write(stop_fd, 1);
	for (size_t i = 0; i < n; i++)
		if (members[i].started)
			pthread_join(members[i].thread, NULL);
	close(stop_fd);
	close(done_fd);
	if (!stopped && tick)
		tick(user, n);
	return stopped ? -1 : 0;
}
