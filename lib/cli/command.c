#include "command.h"

#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "shellwords.h"

static struct kt_stop stop = {.signals = true};

static void note(void *user, enum kt_note kind, const struct kt_err *what)
{
	(void)user;
	kt_say(kind == KT_NOTE_WORDS ? KT_NORMAL : KT_WARNING, "%s%s%s", what->msg, what->hint[0] ? "; " : "",
		what->hint);
}

/* What reads the pipe may write to the same terminal. */
static bool feeds_pipe(void)
{
	struct stat info;
	return fstat(STDOUT_FILENO, &info) == 0 && S_ISFIFO(info.st_mode);
}

/* A line that changes, or, where that would be in the way, one that stays. */
static bool show_wait(void *user, const char *what, int64_t ms)
{
	static bool said;
	(void)user;
	if (!what)
		kt_say_progress("%s", "");
	if (!what || !kt_says_progress())
		return said = false;
	if (!feeds_pipe())
		kt_say_progress("waiting for %s (%lld s)", what, (long long)ms / 1000);
	else if (!said)
		kt_say(KT_NORMAL, "waiting for %s", what);
	return said = true;
}

static void log_line(void *user, bool important, const char *line)
{
	(void)user;
	kt_say(important ? KT_VERBOSE : KT_DEBUG, "%s", line);
}

static struct {
	const char *program;
	int argc;
	char *const *argv;
} line;

void kt_command_typed(const char *program, int argc, char *const *argv)
{
	line.program = program;
	line.argc = argc;
	line.argv = argv;
}

/* Whether the last words of the line that are the same as those of `without`, so many of them, include this one. */
static bool is_without(const struct kt_strs *without, int at)
{
	size_t later = 0, times = 0;
	for (size_t i = 0; without && i < without->n; i++)
		times += !strcmp(without->v[i], line.argv[at]);
	for (int i = at + 1; i < line.argc; i++)
		later += !strcmp(line.argv[i], line.argv[at]);
	return later < times;
}

bool kt_command_line(struct kt_buf *out, const struct kt_strs *without, const char *more)
{
	enum { MOST = 300 };
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	kt_buf_adds(&words, line.program ? line.program : "");
	for (int i = 0; i < line.argc; i++) {
		if (is_without(without, i))
			continue;
		kt_buf_addc(&words, ' ');
		kt_shellwords_add(&words, line.argv[i]);
	}
	kt_buf_addf(&words, "%s%s", *more ? " " : "", more);
	bool known = line.program && words.len <= MOST;
	kt_buf_adds(out, known ? kt_buf_cstr(&words) : "");
	return known;
}

const struct kt_owner kt_command = {.stop = &stop, .note = note, .waiting = show_wait, .log = log_line};
