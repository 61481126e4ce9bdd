#include "workers.h"

#include <stdatomic.h>

#include "mem.h"
#include "sig.h"
#include "tap.h"

struct job {
	struct kt_worker_item item;
	int n;
	bool dropped;
};

static atomic_int ended;
static atomic_bool held;

static void work(void *user, void **state, struct kt_worker_item *item)
{
	struct job *job = (struct job *)item;
	int **count = (int **)state;
	if (!*count)
		*count = kt_calloc(1, sizeof(int));
	while (atomic_load(&held))
		kt_wait(NULL, 0, 1);
	job->n += *(const int *)user + ++**count;
}

static void end(void *state)
{
	free(state);
	atomic_fetch_add(&ended, 1);
}

static void drop(struct kt_worker_item *item)
{
	((struct job *)item)->dropped = true;
}

/* At least n of them: how many, and the sum of what they say. */
static int take(struct kt_workers *w, int n, int *sum)
{
	int got = 0;
	struct kt_worker_item *item;
	while (got < n) {
		struct pollfd fd = {.fd = kt_workers_fd(w), .events = POLLIN};
		kt_wait(&fd, 1, 1000);
		for (; (item = kt_workers_take(w)) != NULL; got++)
			*sum += ((struct job *)item)->n;
	}
	return got;
}

TEST(items_are_worked_on_and_come_back)
{
	static struct job jobs[100];
	int base = 1000, sum = 0;
	struct kt_err err = {0};
	struct kt_workers *w;
	const struct kt_workers_how how = {
		.threads = 1, .waiting = 100, .work = work, .end = end, .drop = drop, .user = &base};
	atomic_store(&ended, 0);
	CHECK_INT(kt_workers_open(&w, &how, &err), 0);
	CHECK(!kt_workers_take(w));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 50; i++)
			CHECK(kt_workers_put(w, &jobs[50 * round + i].item));
	CHECK_INT(take(w, 100, &sum), 100);
	CHECK_INT(sum, 100 * 1000 + 100 * 101 / 2);
	kt_workers_close(w);
	CHECK_INT(atomic_load(&ended), 1);
}

TEST(their_number_is_bounded_and_the_rest_is_dropped)
{
	static struct job jobs[5];
	int base = 0, dropped = 0, sum = 0;
	struct kt_err err = {0};
	struct kt_workers *w;
	const struct kt_workers_how how = {
		.threads = 2, .waiting = 4, .work = work, .end = end, .drop = drop, .user = &base};
	atomic_store(&ended, 0);
	atomic_store(&held, true);
	CHECK_INT(kt_workers_open(&w, &how, &err), 0);
	for (int i = 0; i < 4; i++)
		CHECK(kt_workers_put(w, &jobs[i].item));
	CHECK(!kt_workers_put(w, &jobs[4].item));
	CHECK(kt_workers_are_late(w));
	atomic_store(&held, false);
	int taken = take(w, 1, &sum);
	CHECK(kt_workers_put(w, &jobs[4].item));
	kt_workers_close(w);
	for (int i = 0; i < 5; i++)
		dropped += jobs[i].dropped;
	CHECK_INT(taken + dropped, 5);
	kt_workers_close(NULL);
}
