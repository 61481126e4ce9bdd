#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"

static kt_noreturn void run(char *const *argv, char *const *environment, const struct kt_child_how *how, int report)
{
	kt_sig_reset_child();
	if (how->apart)
		setpgid(0, 0);
	if (how->in >= 0)
		dup2(how->in, STDIN_FILENO);
	if (how->out >= 0)
		dup2(how->out, STDOUT_FILENO);
	execvpe(argv[0], argv, environment);
	int reason = errno;
	(void)!write(report, &reason, sizeof(reason));
	_exit(127);
}

/* The errno of a failed exec, or 0: the pipe is closed by a successful one. */
static int exec_result(int report)
{
	int reason = 0;
	ssize_t n;
	do
		n = read(report, &reason, sizeof(reason));
	while (n < 0 && errno == EINTR);
	return n == sizeof(reason) ? reason : 0;
}

static bool is_named_in(const struct kt_strs *list, const char *entry)
{
	size_t len = strcspn(entry, "=");
	for (size_t i = 0; list && i < list->n; i++)
		if (!strncmp(list->v[i], entry, len) && list->v[i][len] == '=')
			return true;
	return false;
}

/* Made before the fork: behind it, in a process with threads, nothing may be allocated. */
static char **make_environment(const struct kt_strs *more)
{
	size_t n = 0, own = 0;
	while (environ[own])
		own++;
	char **result = kt_calloc(own + (more ? more->n : 0) + 1, sizeof(*result));
	for (size_t i = 0; i < own; i++)
		if (!is_named_in(more, environ[i]))
			result[n++] = environ[i];
	for (size_t i = 0; more && i < more->n; i++)
		result[n++] = more->v[i];
	return result;
}

int kt_child_start(struct kt_child *child, const struct kt_strs *words, struct kt_err *err)
{
	return kt_child_start_in(child, words, &(struct kt_child_how){.in = -1, .out = -1}, err);
}

int kt_child_start_in(
	struct kt_child *child, const struct kt_strs *words, const struct kt_child_how *how, struct kt_err *err)
{
	int report[2];
	kt_auto(kt_free_ptr) char **argv = kt_calloc(words->n + 1, sizeof(*argv));
	kt_auto(kt_free_ptr) char **environment = make_environment(how->environment);
	memcpy(argv, words->v, words->n * sizeof(*argv));
	child->apart = how->apart;
	if (pipe2(report, O_CLOEXEC) < 0)
		return kt_err_sys(err, "running %s", argv[0]);
	fflush(NULL);
	child->pid = fork();
	if (child->pid == 0)
		run(argv, environment, how, report[1]);
	int reason = child->pid < 0 ? errno : 0;
	close(report[1]);
	if (!reason)
		reason = exec_result(report[0]);
	close(report[0]);
	if (!reason) {
		child->fd = pidfd_open(child->pid, 0);
		if (child->fd >= 0)
			return 0;
		reason = errno;
		kill(child->pid, SIGKILL);
	}
	if (child->pid > 0)
		waitpid(child->pid, NULL, 0);
	errno = reason;
	kt_err_sys(err, "running %s", argv[0]);
	err->status = KT_USAGE;
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
	if (sig != SIGINT || !from_terminal())
		kill(child->apart ? -child->pid : child->pid, sig);
}

int kt_child_end(struct kt_child *child)
{
	int status = 0;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(child->fd);
	child->fd = -1;
	return WIFSIGNALED(status) ? KT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
