#include "parallel.h"

#include <poll.h>
#include <unistd.h>

#include "sig.h"
#include "steps.h"
#include "tap.h"

struct item {
	int worked;
	bool stopped;
};

static void work(void *data, int stop_fd)
{
	struct item *item = data;
	(void)stop_fd;
	item->worked++;
}

static void wait_for_stop(void *data, int stop_fd)
{
	struct item *item = data;
	struct pollfd fd = {.fd = stop_fd, .events = POLLIN};
	item->stopped = poll(&fd, 1, 60000) == 1;
}

static void count(void *user, size_t done)
{
	*(size_t *)user = done;
}

TEST(everybody_works)
{
	struct item items[20] = {0};
	void *list[20];
	size_t done = 0;
	for (size_t i = 0; i < 20; i++)
		list[i] = &items[i];
	CHECK_INT(kt_parallel_run(work, list, 20, NULL, count, &done), 0);
	CHECK_INT(done, 20);
	for (size_t i = 0; i < 20; i++)
		CHECK_INT(items[i].worked, 1);
	CHECK_INT(kt_parallel_run(work, list, 0, NULL, count, &done), 0);
	CHECK_INT(done, 0);
}

TEST(steps)
{
	struct kt_steps steps = {0};
	struct kt_err err = {0};
	kt_step_ok(kt_step_begin(&steps, "dns", "h:1", KT_STEP_BOOTSTRAP), "%s", "bell \a and\nline");
	CHECK_STR(steps.v[0].text, "bell ? and?line");
	kt_err_set(&err, KT_UNREACHABLE, "no answer");
	kt_err_hint(&err, "wait");
	kt_step_fail(kt_step_begin(&steps, "tcp", "h:1", 2), &err);
	CHECK_INT(steps.v[1].state, KT_STEP_FAILED);
	CHECK_INT(steps.v[1].status, KT_UNREACHABLE);
	CHECK_STR(steps.v[1].hint, "wait");
	CHECK_INT(steps.v[1].broker, 2);
	kt_steps_fini(&steps);
}

/* Last: a signal that was caught stays caught. */
TEST(a_signal_ends_it)
{
	struct item items[2] = {0};
	void *list[2] = {&items[0], &items[1]};
	size_t done = 0;
	struct kt_stop stop = {.signals = true};
	kt_sig_block();
	kill(getpid(), SIGTERM);
	CHECK_INT(kt_parallel_run(wait_for_stop, list, 2, &stop, count, &done), -1);
	CHECK(items[0].stopped && items[1].stopped);
}
