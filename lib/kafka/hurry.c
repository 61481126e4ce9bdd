#include "hurry.h"

enum { FLUSH_MS = 1 };

static bool await(struct kt_hurry *h)
{
	pthread_mutex_lock(&h->lock);
	while (!h->asked && !h->ends)
		pthread_cond_wait(&h->more, &h->lock);
	bool goes_on = !h->ends;
	h->asked = false;
	pthread_mutex_unlock(&h->lock);
	return goes_on;
}

static void *run(void *user)
{
	struct kt_hurry *h = user;
	while (await(h))
		rd_kafka_flush(h->rk, FLUSH_MS);
	return NULL;
}

static bool start(struct kt_hurry *h, rd_kafka_t *rk)
{
	h->rk = rk;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
	h->runs = pthread_create(&h->thread, NULL, run, h) == 0;
	return h->runs;
}

static void tell(struct kt_hurry *h, bool *what)
{
	pthread_mutex_lock(&h->lock);
	*what = true;
	pthread_cond_signal(&h->more);
	pthread_mutex_unlock(&h->lock);
}

void kt_hurry(struct kt_hurry *h, rd_kafka_t *rk)
{
	if (h->runs || start(h, rk))
		tell(h, &h->asked);
}

void kt_hurry_fini(struct kt_hurry *h)
{
	if (!h->runs)
		return;
	tell(h, &h->ends);
	pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	h->runs = false;
}
