#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "sig.h"

/* What the terminal's line editor takes at most. */
enum { LINE_LONGEST = 4096 };

/* Ctrl-Z would leave the shell with a terminal that does not show what is typed. */
static bool hide(int tty, struct termios *saved)
{
	struct termios hidden;
	if (tcgetattr(tty, saved) < 0)
		return false;
	hidden = *saved;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
	return tcsetattr(tty, TCSAFLUSH, &hidden) == 0;
}

static void put(int tty, const char *text)
{
	ssize_t ignored = write(tty, text, strlen(text));
	(void)ignored;
}

/* Empty when nothing was entered. */
static int read_line(int tty, struct kt_buf *out, const char *prompt, struct kt_err *err)
{
	struct pollfd ready = {.fd = tty, .events = POLLIN};
	while (kt_wait(&ready, 1, -1) == 0)
		if (kt_sig_caught())
			return kt_err_set(err, KT_SIGNAL + kt_sig_caught(), "%s", "");
	kt_buf_reserve(out, LINE_LONGEST);
	ssize_t len = read(tty, out->data + out->len, LINE_LONGEST);
	if (len < 0)
		return kt_err_sys(err, "reading \"%s\" from the terminal", prompt);
	if (len > 0 && out->data[out->len + (size_t)len - 1] == '\n')
		len--;
	out->len += (size_t)len;
	return 0;
}

static bool nobody;

void kt_ask_nobody(void)
{
	nobody = true;
}

static int open_terminal(void)
{
	return nobody ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* Closes tty. */
static int ask_on(int tty, struct kt_buf *out, const char *prompt, bool secret, struct kt_err *err)
{
	struct termios saved;
	bool hidden = secret && hide(tty, &saved);
	int result = -1;
	if (secret && !hidden) {
		kt_err_sys(err, "hiding what is typed for \"%s\"", prompt);
	} else {
		put(tty, prompt);
		put(tty, ": ");
		result = read_line(tty, out, prompt, err);
	}
	if (hidden) {
		tcsetattr(tty, TCSAFLUSH, &saved);
		put(tty, "\n");
	}
	close(tty);
	return result;
}

int kt_ask(struct kt_buf *out, const char *prompt, bool secret, struct kt_err *err)
{
	int tty = open_terminal();
	size_t before = out->len;
	if (tty < 0)
		return kt_err_set(err, KT_USAGE, "\"%s\" is needed, and there is no terminal to ask on", prompt);
	if (ask_on(tty, out, prompt, secret, err) < 0)
		return -1;
	if (out->len == before)
		return kt_err_set(err, KT_USAGE, "\"%s\" is needed, and nothing was entered", prompt);
	return 0;
}

int kt_ask_or(struct kt_buf *out, const char *prompt, const char *fallback, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	int tty = open_terminal();
	size_t before = out->len;
	if (tty < 0)
		return kt_err_set(err, KT_USAGE, "\"%s\" is needed, and there is no terminal to ask on", prompt);
	kt_buf_addf(&question, "%s [%s]", prompt, fallback);
	if (ask_on(tty, out, kt_buf_cstr(&question), false, err) < 0)
		return -1;
	if (out->len == before)
		kt_buf_adds(out, fallback);
	return 0;
}

int kt_ask_yes(const char *question, const char *refused, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf answer = {0}, prompt = {0}, line = {0};
	int tty = open_terminal();
	if (tty < 0) {
		kt_err_set(err, KT_USAGE, "%s, since there is no terminal to ask on", refused);
		if (kt_command_line(&line, NULL, "--yes"))
			return kt_err_hint(err, "without asking: %s", kt_buf_cstr(&line));
		return kt_err_hint(err, "--yes does it without asking");
	}
	kt_buf_addf(&prompt, "%s [y/N]", question);
	if (ask_on(tty, &answer, kt_buf_cstr(&prompt), false, err) < 0)
		return -1;
	const char *text = kt_buf_cstr(&answer);
	return !strcasecmp(text, "y") || !strcasecmp(text, "yes") ? 0 : kt_err_set(err, KT_FAILED, "%s", refused);
}
