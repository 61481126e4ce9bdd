#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"

static bool is_named_in(const struct kt_strs *list, const char *entry)
{
	size_t len = strcspn(entry, "=");
	for (size_t i = 0; list && i < list->n; i++)
		if (!strncmp(list->v[i], entry, len) && list->v[i][len] == '=')
			return true;
	return false;
}

static char **make_environment(const struct kt_strs *more, const char *without)
{
	size_t n = 0, own = 0;
	while (environ[own])
		own++;
	char **result = kt_calloc(own + (more ? more->n : 0) + 1, sizeof(*result));
	for (size_t i = 0; i < own; i++)
		if (!is_named_in(more, environ[i]) && !(without && !strncmp(environ[i], without, strlen(without))))
			result[n++] = environ[i];
	for (size_t i = 0; more && i < more->n; i++)
		result[n++] = more->v[i];
	return result;
}

/* What a child needs until it runs the command. */
struct start {
	const struct kt_child_how *how;
	char *const *words, *const *environment;
	pid_t parent;
	sigset_t mask, defaults;
};

/* Each source is above 2 and taken before descriptor 3 is overwritten. */
static int set_descriptors(const struct kt_child_how *how)
{
	const int from[] = {how->in, how->out, how->err, how->third};
	for (int to = 0; to < (int)KT_LEN(from); to++)
		if (from[to] && (from[to] == to ? fcntl(to, F_SETFD, 0) : dup2(from[to], to)) < 0)
			return -1;
	return how->closed ? close_range(how->third ? 4 : 3, ~0U, 0) : 0;
}

/* In the child, which has this process's memory: it writes to none but its stack. Returns why there is no command. */
static int become(const struct start *s)
{
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&s->defaults, sig) > 0)
			signal(sig, SIG_DFL);
	if (s->how->apart)
		setpgid(0, 0);
	/* It comes when the thread ends that has started the child, too; and not at all if that has happened already.
	 */
	if (s->how->tied)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (s->how->tied && getppid() != s->parent)
		raise(SIGKILL);
	if (set_descriptors(s->how) < 0)
		return errno;
	pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
	execvpe(s->words[0], s->words, s->environment);
	return errno;
}

/* Returns why not. All signals wait meanwhile: a handler of ours that ran in the child would write to our memory. */
static int spawn(pid_t *pid, const struct start *s)
{
	volatile int reason = 0;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	*pid = vfork();
	if (!*pid) {
		reason = become(s);
		_exit(KT_FAILED);
	}
	int failed = *pid < 0 ? errno : reason;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (*pid > 0 && failed)
		waitpid(*pid, NULL, 0);
	return failed;
}

int kt_child_start(
	struct kt_child *child, const struct kt_strs *words, const struct kt_child_how *how, struct kt_err *err)
{
	static const struct kt_child_how plain = {0};
	how = how ? how : &plain;
	kt_auto(kt_free_ptr) char **environment = make_environment(how->environment, how->without);
	kt_auto(kt_free_ptr) char **own = kt_calloc(words->n + 1, sizeof(*own));
	struct start s = {.how = how, .words = own, .environment = environment, .parent = getpid()};
	memcpy(own, words->v, words->n * sizeof(*own));
	kt_sig_child(&s.mask, &s.defaults);
	*child = (struct kt_child){.fd = -1, .apart = how->apart};
	int reason = spawn(&child->pid, &s);
	if (!reason) {
		child->fd = pidfd_open(child->pid, 0);
		if (child->fd >= 0)
			return 0;
		reason = errno;
		kill(child->apart ? -child->pid : child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	errno = reason;
	kt_err_sys(err, "running %s", words->v[0]);
	if (reason == ENOENT && words->n == 1 && strchr(words->v[0], ' '))
		kt_err_hint(
			err, "that is one word; without its quotes, or after sh -c, it is a command with arguments");
	/* Anything else that is wrong is the command's fault. */
	bool ours = reason == EAGAIN || reason == ENOMEM || reason == EMFILE || reason == ENFILE;
	err->status = ours ? KT_FAILED : KT_USAGE;
	return -1;
}

static bool from_terminal(void)
{
	int tty = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return false;
	bool foreground = tcgetpgrp(tty) == getpgrp();
	close(tty);
	return foreground;
}

void kt_child_signal(const struct kt_child *child, int sig)
{
	if (child->apart)
		kill(-child->pid, sig);
	else if (sig != SIGINT || !from_terminal())
		kill(child->pid, sig);
}

int kt_child_end(struct kt_child *child)
{
	siginfo_t info = {0};
	int result;
	do
		result = waitid(P_PIDFD, (id_t)child->fd, &info, WEXITED);
	while (result < 0 && errno == EINTR);
	close(child->fd);
	child->fd = -1;
	if (result < 0)
		return KT_FAILED;
	child->killed = info.si_code != CLD_EXITED;
	return !child->killed ? info.si_status : KT_SIGNAL + info.si_status;
}
