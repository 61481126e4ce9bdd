#include "sig.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* Each case runs in a child, because signals change the whole process: the wait status of body(). Under nohup the tests
 * have SIGHUP ignored. */
static int child(int (*body)(void))
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGHUP, SIG_DFL);
		_exit(body());
	}
	waitpid(pid, &status, 0);
	return status;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static int caught_while_blocked(void)
{
	kt_sig_block();
	raise(SIGTERM);
	return kt_sig_caught() == SIGTERM && kt_sig_caught() == SIGTERM ? 0 : 1;
}

static int wakes_the_wait(void)
{
	int ends[2];
	kt_sig_block();
	if (kt_sig_caught() || pipe(ends) < 0)
		return 1;
	struct pollfd fd = {.fd = ends[0], .events = POLLIN, .revents = POLLERR};
	raise(SIGINT);
	if (kt_wait(&fd, 1, 60000) != 0 || fd.revents)
		return 2;
	return kt_sig_caught() == SIGINT ? 0 : 3;
}

static int second_kills(void)
{
	kt_sig_block();
	raise(SIGINT);
	if (!kt_sig_caught())
		return 1;
	sleep_ms(150);
	raise(SIGTERM);
	return 2;
}

/* If it comes at once, which is up to the machine, too. */
static int copy_does_not_kill(void)
{
	kt_sig_block();
	raise(SIGTERM);
	if (kt_sig_caught() != SIGTERM)
		return 1;
	raise(SIGTERM);
	return 0;
}

static int second_hangup_does_not_kill(void)
{
	kt_sig_block();
	raise(SIGHUP);
	if (kt_sig_caught() != SIGHUP)
		return 1;
	sleep_ms(150);
	raise(SIGHUP);
	return 0;
}

static int nohup_holds(void)
{
	signal(SIGHUP, SIG_IGN);
	kt_sig_block();
	raise(SIGHUP);
	return kt_sig_caught();
}

static int user_signals_are_taken_once(void)
{
	kt_sig_block();
	raise(SIGUSR2);
	raise(SIGUSR1);
	kt_wait(NULL, 0, 0);
	if (kt_sig_user() != SIGUSR1 || kt_sig_user() != SIGUSR2 || kt_sig_user())
		return 1;
	raise(SIGUSR2);
	return kt_sig_user() == SIGUSR2 && !kt_sig_user() && !kt_sig_caught() ? 0 : 2;
}

static int children_start_as_we_did(void)
{
	sigset_t mask, defaults;
	kt_sig_block();
	kt_sig_child(&mask, &defaults);
	return !sigismember(&mask, SIGTERM) && sigismember(&defaults, SIGPIPE) ? 0 : 1;
}

static int wait_counts_descriptors_and_time(void)
{
	int ends[2];
	kt_sig_block();
	if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1)
		return 1;
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};
	if (kt_wait(&fd, 1, -1) != 1 || !(fd.revents & POLLIN))
		return 2;
	return kt_wait(NULL, 0, 5) == 0 ? 0 : 3;
}

static int hangup_is_taken(void)
{
	kt_sig_block();
	kt_sig_take_hup();
	raise(SIGHUP);
	if (kt_sig_caught())
		return 1;
	struct kt_sig_fatal fatal = kt_sig_fatal();
	kt_sig_restore(&fatal);
	if (kt_sig_user() != SIGHUP || kt_sig_user())
		return 2;
	raise(SIGHUP);
	kt_wait(NULL, 0, 60000);
	return !kt_sig_caught() && kt_sig_user() == SIGHUP ? 0 : 3;
}

static void *wait_a_little(void *user)
{
	(void)user;
	kt_wait(NULL, 0, 50);
	return NULL;
}

/* Which would sleep on, had the other thread's wait taken it. */
static int signals_are_left_to_the_first_thread(void)
{
	pthread_t thread;
	sigset_t left;
	kt_sig_block();
	kill(getpid(), SIGTERM);
	if (pthread_create(&thread, NULL, wait_a_little, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return 1;
	if (sigpending(&left) < 0 || !sigismember(&left, SIGTERM))
		return 2;
	kt_wait(NULL, 0, 60000);
	return kt_sig_caught() == SIGTERM ? 0 : 3;
}

TEST(signals)
{
	CHECK_INT(child(caught_while_blocked), 0);
	CHECK_INT(child(wakes_the_wait), 0);
	int status = -1;
	for (int tries = 0; tries < 10 && status; tries++)
		status = child(copy_does_not_kill);
	CHECK_INT(status, 0);
	CHECK_INT(child(second_hangup_does_not_kill), 0);
	CHECK_INT(child(nohup_holds), 0);
	CHECK_INT(child(hangup_is_taken), 0);
	CHECK_INT(child(user_signals_are_taken_once), 0);
	CHECK_INT(child(wait_counts_descriptors_and_time), 0);
	CHECK_INT(child(children_start_as_we_did), 0);
	CHECK_INT(child(signals_are_left_to_the_first_thread), 0);
}

TEST(deadly_signals)
{
	int status = child(second_kills);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}
