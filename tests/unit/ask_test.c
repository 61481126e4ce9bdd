#include "ask.h"

#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "sig.h"
#include "tap.h"

static char seen[4096]; /* what the terminal showed */

static int ask(bool secret)
{
	struct kt_err err = {0};
	struct kt_buf out = {0};
	kt_sig_block();
	int result = kt_ask(&out, "Password", secret, &err);
	dprintf(STDOUT_FILENO, "[%d %d %s %s]\n", result, err.status, result ? "" : kt_buf_cstr(&out), err.msg);
	kt_buf_fini(&out);
	struct termios now;
	return tcgetattr(STDIN_FILENO, &now) == 0 && now.c_lflag & ECHO ? 0 : 1;
}

static int ask_yes(bool secret)
{
	struct kt_err err = {0};
	(void)secret;
	kt_sig_block();
	int result = kt_ask_yes("Delete topic t?", "nothing was deleted", &err);
	dprintf(STDOUT_FILENO, "[%d %d %s]\n", result, err.status, err.msg);
	return 0;
}

/* Runs question() on a terminal of its own and types when the prompt is there: its exit status. The terminal is kept
 * open on this side too: when its last user goes, the kernel may drop what has not been read yet. */
static int question_on_a_terminal(int (*question)(bool secret), bool secret, const char *typed)
{
	int master, slave, status;
	size_t len = 0;
	fflush(stdout);
	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		login_tty(slave);
		_exit(question(secret));
	}
	struct pollfd ready = {.fd = master, .events = POLLIN};
	seen[0] = '\0';
	for (bool answered = false; !strstr(seen, "]\r\n") && poll(&ready, 1, 60000) > 0;) {
		ssize_t n = read(master, seen + len, sizeof(seen) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		seen[len] = '\0';
		if (!answered && strstr(seen, ": "))
			answered = write(master, typed, strlen(typed)) > 0;
	}
	waitpid(pid, &status, 0);
	close(slave);
	close(master);
	return status;
}

static int on_a_terminal(bool secret, const char *typed)
{
	return question_on_a_terminal(ask, secret, typed);
}

TEST(a_secret_does_not_show)
{
	CHECK_INT(on_a_terminal(true, "s3cret\n"), 0);
	CHECK_STR(seen, "Password: \r\n[0 0 s3cret ]\r\n");
}

TEST(a_plain_answer_shows)
{
	CHECK_INT(on_a_terminal(false, "yes\n"), 0);
	CHECK_STR(seen, "Password: yes\r\n[0 0 yes ]\r\n");
}

TEST(ctrl_c_puts_the_terminal_back)
{
	CHECK_INT(on_a_terminal(true, "s3\003"), 0);
	CHECK(strstr(seen, "[-1 130  ]"));
}

TEST(nothing_entered)
{
	CHECK_INT(on_a_terminal(true, "\n"), 0);
	CHECK(strstr(seen, "[-1 2  \"Password\" is needed, and nothing was entered]"));
	CHECK_INT(on_a_terminal(true, "\004"), 0);
	CHECK(strstr(seen, "[-1 2  \"Password\" is needed, and nothing was entered]"));
}

TEST(yes_or_no)
{
	static const struct {
		const char *typed, *answer;
	} rows[] = {
		{"y\n", "[0 0 ]"},
		{"YES\n", "[0 0 ]"},
		{"n\n", "[-1 1 nothing was deleted]"},
		{"yesterday\n", "[-1 1 nothing was deleted]"},
		{"\n", "[-1 1 nothing was deleted]"},
		{"\004", "[-1 1 nothing was deleted]"},
		{"\003", "[-1 130 ]"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		CHECK_INT(question_on_a_terminal(ask_yes, false, rows[i].typed), 0);
		CHECK(!strncmp(seen, "Delete topic t? [y/N]: ", 23));
		CHECK(strstr(seen, rows[i].answer));
	}
}

TEST(yes_without_a_terminal)
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct kt_err err = {0};
		setsid();
		int result = kt_ask_yes("Delete topic t?", "nothing was deleted", &err);
		bool told = !strcmp(err.msg, "nothing was deleted, since there is no terminal to ask on") &&
			    !strcmp(err.hint, "--yes does it without asking");
		_exit(result == -1 && err.status == KT_USAGE && told ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
}

TEST(no_terminal)
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct kt_err err = {0};
		struct kt_buf out = {0};
		setsid();
		int result = kt_ask(&out, "Password", true, &err);
		_exit(result == -1 && err.status == KT_USAGE &&
					!strcmp(err.msg, "\"Password\" is needed, and there is no terminal to ask on")
				? 0
				: 1);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
}
