#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
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

/* Each source is above 2 and taken before descriptor 3 is overwritten. These functions fail only for want of memory. */
static void set_descriptors(posix_spawn_file_actions_t *actions, const struct kt_child_how *how)
{
	const int from[] = {how->in, how->out, how->err, how->third};
	for (int to = 0; to < (int)KT_LEN(from); to++)
		if (from[to])
			posix_spawn_file_actions_adddup2(actions, from[to], to);
	if (how->closed)
		posix_spawn_file_actions_addclosefrom_np(actions, how->third ? 4 : 3);
}

static void set_attributes(posix_spawnattr_t *attributes, const struct kt_child_how *how)
{
	sigset_t mask, defaults;
	kt_sig_child(&mask, &defaults);
	posix_spawnattr_setsigmask(attributes, &mask);
	posix_spawnattr_setsigdefault(attributes, &defaults);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes,
		(short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (how->apart ? POSIX_SPAWN_SETPGROUP : 0)));
}

/* Like execvp(3), and unlike posix_spawnp(3): what has no #! is a script for sh. */
static int spawn(pid_t *pid, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
	const struct kt_strs *words, char *const *environment)
{
	kt_auto(kt_free_ptr) char **argv = kt_calloc(words->n + 2, sizeof(*argv));
	char **own = argv + 1;
	memcpy(own, words->v, words->n * sizeof(*own));
	int reason = posix_spawnp(pid, own[0], actions, attributes, own, environment);
	if (reason != ENOEXEC || !strchr(own[0], '/'))
		return reason;
	argv[0] = (char *)(uintptr_t) "sh";
	return posix_spawn(pid, "/bin/sh", actions, attributes, argv, environment);
}

int kt_child_start(
	struct kt_child *child, const struct kt_strs *words, const struct kt_child_how *how, struct kt_err *err)
{
	static const struct kt_child_how plain = {0};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	how = how ? how : &plain;
	kt_auto(kt_free_ptr) char **environment = make_environment(how->environment, how->without);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	set_descriptors(&actions, how);
	set_attributes(&attributes, how);
	*child = (struct kt_child){.fd = -1, .apart = how->apart};
	int reason = spawn(&child->pid, &actions, &attributes, words, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
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
