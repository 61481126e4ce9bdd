#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mem.h"

struct line {
	struct kt_worker_item *first, **end;
};

struct kt_workers {
	struct kt_workers_how how;
	int event_fd;
	pthread_t *threads;
	pthread_mutex_t lock;
	pthread_cond_t more;
	/* Under the lock. */
	struct line put, done;
	size_t n;      /* of both, and of what is worked on */
	size_t behind; /* of those that were put */
	unsigned n_threads, idle;
	bool ending;
};

static void add(struct line *line, struct kt_worker_item *item)
{
	item->next = NULL;
	*line->end = item;
	line->end = &item->next;
}

static struct kt_worker_item *take(struct line *line)
{
	struct kt_worker_item *item = line->first;
	if (!item)
		return NULL;
	line->first = item->next;
	if (!line->first)
		line->end = &line->first;
	item->next = NULL;
	return item;
}

static struct kt_worker_item *next(struct kt_workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->idle++;
	while (!w->put.first && !w->ending)
		pthread_cond_wait(&w->more, &w->lock);
	w->idle--;
	struct kt_worker_item *item = w->ending ? NULL : take(&w->put);
	w->behind -= item != NULL;
	pthread_mutex_unlock(&w->lock);
	return item;
}

static void *run(void *user)
{
	struct kt_workers *w = user;
	struct kt_worker_item *item;
	void *state = NULL;
	while ((item = next(w)) != NULL) {
		w->how.work(w->how.user, &state, item);
		pthread_mutex_lock(&w->lock);
		add(&w->done, item);
		pthread_mutex_unlock(&w->lock);
		eventfd_write(w->event_fd, 1);
	}
	if (state)
		w->how.end(state);
	return NULL;
}

int kt_workers_open(struct kt_workers **out, const struct kt_workers_how *how, struct kt_err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return kt_err_sys(err, "preparing to wait for threads");
	struct kt_workers *w = kt_calloc(1, sizeof(*w));
	w->how = *how;
	w->event_fd = fd;
	w->threads = kt_calloc(how->threads, sizeof(*w->threads));
	w->put.end = &w->put.first;
	w->done.end = &w->done.first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	*out = w;
	return 0;
}

/* Under the lock. True when somebody will come for what was put. */
static bool see_to_it(struct kt_workers *w)
{
	if (w->behind >= w->idle && w->n_threads < w->how.threads &&
		pthread_create(&w->threads[w->n_threads], NULL, run, w) == 0)
		w->n_threads++;
	return w->n_threads;
}

bool kt_workers_put(struct kt_workers *w, struct kt_worker_item *item)
{
	pthread_mutex_lock(&w->lock);
	bool taken = w->n < w->how.waiting && see_to_it(w);
	if (taken) {
		add(&w->put, item);
		w->n++;
		w->behind++;
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
	return taken;
}

int kt_workers_fd(const struct kt_workers *w)
{
	return w->event_fd;
}

struct kt_worker_item *kt_workers_take(struct kt_workers *w)
{
	eventfd_t ignored;
	eventfd_read(w->event_fd, &ignored);
	pthread_mutex_lock(&w->lock);
	struct kt_worker_item *item = take(&w->done);
	w->n -= item != NULL;
	pthread_mutex_unlock(&w->lock);
	return item;
}

bool kt_workers_are_late(struct kt_workers *w)
{
	pthread_mutex_lock(&w->lock);
	bool late = w->behind > w->idle;
	pthread_mutex_unlock(&w->lock);
	return late;
}

void kt_workers_close(struct kt_workers *w)
{
	struct kt_worker_item *item;
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->n_threads; i++)
		pthread_join(w->threads[i], NULL);
	while ((item = take(&w->put)) || (item = take(&w->done)))
		w->how.drop(item);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	close(w->event_fd);
	free(w->threads);
	free(w);
}
