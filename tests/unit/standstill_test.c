#include "standstill.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "when.h"

static int64_t realtime_us(void)
{
	return kt_now_ms() * 1000;
}

/* What the clock says has passed while the process stood still for three seconds, by its parent's signals. */
static int64_t passed_us(int64_t (*clock_us)(void), bool forgives)
{
	int ends[2];
	int64_t passed = -1;
	CHECK(pipe(ends) == 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (forgives)
			kt_standstill_forgive();
		int64_t before = clock_us();
		raise(SIGSTOP);
		passed = clock_us() - before;
		_exit(write(ends[1], &passed, sizeof(passed)) != sizeof(passed));
	}
	CHECK(waitpid(pid, NULL, WUNTRACED) == pid);
	sleep(3);
	kill(pid, SIGCONT);
	CHECK(read(ends[0], &passed, sizeof(passed)) == sizeof(passed));
	CHECK(waitpid(pid, NULL, 0) == pid);
	close(ends[0]);
	close(ends[1]);
	return passed;
}

TEST(what_is_stood_still_for_is_not_counted)
{
	/* Whole milliseconds are left out. */
	int64_t passed = passed_us(kt_clock_us, true);
	CHECK(passed > (KT_STANDSTILL_MOST_MS - 1) * 1000 && passed < (KT_STANDSTILL_MOST_MS + 1) * 1000);
}

TEST(unless_nobody_asked)
{
	CHECK(passed_us(kt_clock_us, false) >= 2900000);
}

TEST(the_time_of_day_is_what_it_is)
{
	CHECK(passed_us(realtime_us, true) >= 2900000);
}

TEST(else_it_goes_on)
{
	kt_standstill_forgive();
	int64_t begun_us = kt_clock_us(), last_us = begun_us;
	for (int i = 0; i < 10; i++) {
		usleep(20000);
		int64_t now_us = kt_clock_us();
		CHECK(now_us >= last_us + 20000);
		last_us = now_us;
	}
	CHECK(last_us - begun_us >= 200000);
}
