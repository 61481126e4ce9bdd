#include "say.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "buf.h"
#include "esc.h"

static int level_now = KT_NORMAL;
static bool progress_stands, over;
static struct kt_buf first;

void kt_say_first(const char *text)
{
	first.len = 0;
	kt_buf_adds(&first, text);
}

void kt_say_take_first(struct kt_buf *out)
{
	kt_buf_add(out, first.data, first.len);
	kt_buf_fini(&first);
}

void kt_say_level(int level)
{
	level_now = level;
}

bool kt_says(enum kt_level level)
{
	return (int)level <= level_now;
}

/* stderr may be a terminal that somebody made non-blocking; a reader that is stuck for a second loses the line. */
static void write_all(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, data, len);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
			if (poll(&ready, 1, 1000) == 0)
				return;
		} else if (n == 0 || errno != EINTR) {
			return;
		}
	}
}

static kt_printf(2, 0) void say_line(const char *prefix, const char *format, va_list args)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	if (progress_stands || over)
		kt_buf_adds(&line, over ? "\r\033[J" : "\r\033[K");
	progress_stands = over = false;
	if (first.len && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
		kt_say_take_first(&line);
	kt_buf_adds(&line, prefix);
	kt_words_vaddf(&line, format, args);
	kt_buf_addc(&line, '\n');
	write_all(line.data, line.len);
}

void kt_say(enum kt_level level, const char *format, ...)
{
	if (!kt_says(level))
		return;
	va_list args;
	va_start(args, format);
	say_line("% ", format, args);
	va_end(args);
}

void kt_say_plain(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say_line("", format, args);
	va_end(args);
}

/* A wrapped line could not be taken back: it is cut before the last column, between characters. */
static void cut_to_width(struct kt_buf *line)
{
	struct winsize size;
	size_t columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
	size_t at = 0;
	for (size_t shown = 0; at < line->len; at++)
		if (((unsigned char)line->data[at] & 0xc0) != 0x80 && shown++ == columns)
			break;
	line->len = at;
}

void kt_say_over(bool stands)
{
	over = stands && isatty(STDERR_FILENO);
}

/* Whoever runs in the background would write over the shell's line. */
static bool has_terminal(void)
{
	pid_t owner = tcgetpgrp(STDERR_FILENO);
	return isatty(STDERR_FILENO) && (owner < 0 || owner == getpgrp());
}

bool kt_says_progress(void)
{
	return kt_says(KT_NORMAL) && has_terminal();
}

void kt_say_progress(const char *format, ...)
{
	if (!kt_says_progress())
		return;
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, line = {0};
	va_list args;
	va_start(args, format);
	kt_words_vaddf(&text, format, args);
	va_end(args);
	cut_to_width(&text);
	if (!text.len && !progress_stands)
		return;
	kt_buf_adds(&line, "\r\033[K");
	kt_buf_add(&line, text.data, text.len);
	progress_stands = text.len > 0;
	write_all(line.data, line.len);
}
