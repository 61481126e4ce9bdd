#include "sig.h"

#include <errno.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ};

static struct sigaction started_with[KT_LEN(handled)];
static sigset_t started_mask, waiting_mask, ending, childs_defaults;
static volatile sig_atomic_t caught, again, user1, user2, hung_up;
static bool second_armed, takes_second, takes_hup;
static struct timespec first_at;
static _Thread_local bool lets_in; /* kt_sig_block() was called by this thread */

static void catch (int sig)
{
	caught = sig;
	clock_gettime(CLOCK_MONOTONIC, &first_at);
}

/* timeout(1) and some supervisors send each signal twice, to the process and to its group: the copy comes at once and
 * is not a second request. */
static bool is_copy(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t since_ms = (int64_t)(now.tv_sec - first_at.tv_sec) * 1000 + (now.tv_nsec - first_at.tv_nsec) / 1000000;
	return since_ms < 100;
}

static void note(int sig)
{
	if (sig == SIGUSR1)
		user1 = 1;
	else if (sig == SIGUSR2)
		user2 = 1;
	else if (sig == SIGHUP && takes_hup)
		hung_up = 1;
	else if (!caught)
		catch (sig);
	else if (takes_second && !again && sig != SIGHUP && !is_copy())
		again = sig;
}

static void second(int sig)
{
	if (is_copy())
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}

/* nohup(1) has the last word. An ignored SIGINT, though, is what every script's background job gets, and whoever sends
 * it one on purpose means it. */
static bool is_ours(int sig)
{
	struct sigaction old;
	sigaction(sig, NULL, &old);
	return sig != SIGHUP || old.sa_handler != SIG_IGN;
}

void kt_sig_block(void)
{
	sigset_t ours;
	sigemptyset(&ours);
	sigemptyset(&ending);
	sigemptyset(&childs_defaults);
	for (size_t i = 0; i < KT_LEN(handled); i++) {
		int sig = handled[i];
		/* These two come as errors of write(2), which says more. */
		bool ignored = sig == SIGPIPE || sig == SIGXFSZ;
		struct sigaction action = {.sa_handler = ignored ? SIG_IGN : note};
		if (!is_ours(sig))
			continue;
		sigaction(sig, &action, &started_with[i]);
		if (!ignored)
			sigaddset(&ours, sig);
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			sigaddset(&ending, sig);
		if (!ignored || started_with[i].sa_handler == SIG_DFL)
			sigaddset(&childs_defaults, sig);
	}
	/* It may have been ignored by whoever started us, and then no child's status could be asked for. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &ours, &started_mask);
	lets_in = true;
	waiting_mask = started_mask;
	for (size_t i = 0; i < KT_LEN(handled); i++)
		if (is_ours(handled[i]))
			sigdelset(&waiting_mask, handled[i]);
}

/* HUP stays blocked: a closing terminal sends it more than once (the kernel and the shell). */
static void arm_second(void)
{
	struct sigaction action = {.sa_handler = second, .sa_flags = SA_RESTART | SA_NODEFER};
	sigset_t both;
	if (second_armed || (takes_second && !again))
		return;
	second_armed = true;
	clock_gettime(CLOCK_MONOTONIC, &first_at);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&both);
	sigaddset(&both, SIGINT);
	sigaddset(&both, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &both, NULL);
}

int kt_sig_caught(void)
{
	if (!caught) {
		int sig = sigtimedwait(&ending, NULL, &(struct timespec){0});
		if (sig > 0)
			catch (sig);
	}
	if (caught)
		arm_second();
	return caught;
}

void kt_sig_take_second(void)
{
	takes_second = true;
}

void kt_sig_take_hup(void)
{
	takes_hup = true;
	sigdelset(&ending, SIGHUP);
}

int kt_sig_second(void)
{
	return again;
}

void kt_sig_renew(void)
{
	struct sigaction action = {.sa_handler = note};
	sigset_t both;
	if (second_armed) {
		sigemptyset(&both);
		sigaddset(&both, SIGINT);
		sigaddset(&both, SIGTERM);
		sigprocmask(SIG_BLOCK, &both, NULL);
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
	}
	second_armed = false;
	caught = again = 0;
}

static const int fatal_ones[] = {SIGINT, SIGTERM, SIGHUP};

struct kt_sig_fatal kt_sig_fatal(void)
{
	struct kt_sig_fatal before;
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t let_in;
	sigemptyset(&let_in);
	for (size_t i = 0; i < KT_LEN(fatal_ones); i++) {
		sigaction(fatal_ones[i], NULL, &before.actions[i]);
		if (takes_hup && fatal_ones[i] == SIGHUP)
			continue;
		if (before.actions[i].sa_handler != SIG_IGN)
			sigaction(fatal_ones[i], &action, NULL);
		sigaddset(&let_in, fatal_ones[i]);
	}
	pthread_sigmask(SIG_UNBLOCK, &let_in, &before.mask);
	return before;
}

void kt_sig_restore(struct kt_sig_fatal *fatal)
{
	pthread_sigmask(SIG_SETMASK, &fatal->mask, NULL);
	for (size_t i = 0; i < KT_LEN(fatal_ones); i++)
		sigaction(fatal_ones[i], &fatal->actions[i], NULL);
}

int kt_sig_user(void)
{
	sigset_t users;
	sigemptyset(&users);
	sigaddset(&users, SIGUSR1);
	sigaddset(&users, SIGUSR2);
	if (takes_hup)
		sigaddset(&users, SIGHUP);
	int sig = sigtimedwait(&users, NULL, &(struct timespec){0});
	if (sig > 0)
		note(sig);
	if (user1) {
		user1 = 0;
		return SIGUSR1;
	}
	if (user2) {
		user2 = 0;
		return SIGUSR2;
	}
	if (hung_up) {
		hung_up = 0;
		return SIGHUP;
	}
	return 0;
}

void kt_sig_child(sigset_t *mask, sigset_t *defaults)
{
	*mask = started_mask;
	*defaults = childs_defaults;
}

int kt_wait(struct pollfd *fds, size_t n, int64_t timeout_ms)
{
	struct timespec timeout = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000};
	/* One that came in on another thread would not end this one's sleep, whose business it is. */
	int ready = ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, lets_in ? &waiting_mask : NULL);
	if (caught)
		arm_second();
	if (ready >= 0)
		return ready;
	for (size_t i = 0; i < n; i++)
		fds[i].revents = 0;
	return 0;
}
