#include "stop.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sig.h"
#include "tap.h"

TEST(nobody_stops)
{
	struct kt_stop stop = {0};
	CHECK_INT(kt_stop_status(NULL), 0);
	CHECK(kt_stop_left_ms(NULL) == INT64_MAX);
	CHECK_INT(kt_stop_status(&stop), 0);
	CHECK(kt_stop_left_ms(&stop) == INT64_MAX);
}

TEST(a_limit)
{
	struct kt_stop stop = {0};
	kt_stop_begin(&stop, 3600 * 1000);
	CHECK_INT(kt_stop_status(&stop), 0);
	CHECK(kt_stop_left_ms(&stop) > 0 && kt_stop_left_ms(&stop) <= 3600 * 1000);
	kt_stop_begin(&stop, 1);
	while (kt_stop_left_ms(&stop))
		kt_wait(NULL, 0, kt_stop_left_ms(&stop));
	CHECK_INT(kt_stop_status(&stop), KT_RUN_ENDED);
	kt_stop_drain(&stop, 0);
	CHECK_INT(kt_stop_status(&stop), 0);
	CHECK(kt_stop_left_ms(&stop) == INT64_MAX);
}

static void *call(void *stop)
{
	kt_stop_call(stop, KT_FAILED);
	return NULL;
}

TEST(a_call_from_another_thread)
{
	struct kt_stop outer = {0}, inner = {.outer = &outer}, other = {.outer = &outer};
	pthread_t thread;
	CHECK_INT(pthread_create(&thread, NULL, call, &inner), 0);
	while (!kt_stop_status(&inner))
		kt_wait(NULL, 0, 1);
	pthread_join(thread, NULL);
	CHECK_INT(kt_stop_status(&inner), KT_FAILED);
	CHECK_INT(kt_stop_left_ms(&inner), 0);
	CHECK_INT(kt_stop_status(&outer), 0);
	CHECK_INT(kt_stop_status(&other), 0);
	kt_stop_call(&outer, KT_PARTIAL);
	CHECK_INT(kt_stop_status(&other), KT_PARTIAL);
	CHECK_INT(kt_stop_left_ms(&other), 0);
	CHECK_INT(kt_stop_status(&inner), KT_PARTIAL);
	kt_stop_begin(&inner, 0);
	CHECK_INT(kt_stop_status(&inner), KT_PARTIAL);
	kt_stop_begin(&outer, 0);
	CHECK_INT(kt_stop_status(&inner), 0);
}

/* Each in a process of its own, as signals belong to the process. */
static int status_of(int (*run)(void))
{
	int status;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? KT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int drains_and_begins_anew(void)
{
	struct kt_stop stop = {.signals = true}, inner = {.outer = &stop};
	kt_sig_block();
	kill(getpid(), SIGTERM);
	if (kt_stop_status(&inner) != KT_SIGNAL + SIGTERM || kt_stop_status(&inner) != kt_stop_status(&stop))
		return 1;
	kt_stop_drain(&stop, 0);
	if (kt_stop_status(&inner))
		return 2;
	kt_stop_begin(&stop, 0);
	if (kt_stop_status(&stop))
		return 3;
	/* It counts as a first one again: it does not kill. */
	kill(getpid(), SIGINT);
	return kt_stop_status(&stop) == KT_SIGNAL + SIGINT ? 0 : 4;
}

static int second_kills_a_drain(void)
{
	struct kt_stop stop = {.signals = true};
	kt_sig_block();
	kill(getpid(), SIGTERM);
	kt_stop_drain(&stop, 0);
	kt_wait(NULL, 0, 150);
	kill(getpid(), SIGTERM);
	return 0;
}

static int not_of_others(void)
{
	struct kt_stop stop = {0};
	kt_sig_block();
	kill(getpid(), SIGTERM);
	return kt_sig_caught() && !kt_stop_status(&stop) ? 0 : 1;
}

TEST(signals)
{
	CHECK_INT(status_of(drains_and_begins_anew), 0);
	CHECK_INT(status_of(second_kills_a_drain), KT_SIGNAL + SIGTERM);
	CHECK_INT(status_of(not_of_others), 0);
}
