#include "aside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sig.h"

/* GRACE_MS: a call that is about to come back is waited for, so that the client can be closed properly. */
enum { TICK_MS = 100, GRACE_MS = 50 };

enum { CALLED, BACK, LEFT };

/* Whoever comes second has the rest to do. */
static void *work(void *data)
{
	struct kt_aside *a = data;
	struct kt_client *c = a->client;
	int done_fd = a->done_fd;
	a->call(a);
	if (atomic_exchange(&a->state, BACK) == CALLED) {
		eventfd_write(done_fd, 1);
		return NULL;
	}
	close(done_fd);
	a->drop(a);
	kt_client_back(c);
	return NULL;
}

static bool is_main_thread(void)
{
	return gettid() == getpid();
}

/* Until the call has come back; false: it has not, and the run is to end. */
static bool await(const struct kt_aside *a, struct kt_client *c, struct kt_waiting *wait)
{
	struct pollfd fd = {.fd = a->done_fd, .events = POLLIN};
	while (kt_wait(&fd, 1, TICK_MS) == 0) {
		if (kt_client_stopped(c))
			return kt_wait(&fd, 1, GRACE_MS) > 0;
		kt_client_say_waiting(c, wait);
	}
	return true;
}

int kt_aside(struct kt_aside *a, struct kt_client *c, struct kt_waiting *wait)
{
	pthread_t thread;
	a->client = c;
	atomic_init(&a->state, CALLED);
	a->done_fd = is_main_thread() ? eventfd(0, EFD_CLOEXEC) : -1;
	if (a->done_fd < 0 || pthread_create(&thread, NULL, work, a) != 0) {
		if (a->done_fd >= 0)
			close(a->done_fd);
		a->call(a);
		return 0;
	}
	if (!await(a, c, wait)) {
		kt_client_leave(c);
		if (atomic_exchange(&a->state, LEFT) == CALLED) {
			pthread_detach(thread);
			return -1;
		}
		kt_client_back(c);
	}
	pthread_join(thread, NULL);
	close(a->done_fd);
	return 0;
}
