#include "command.h"

#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

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

const struct kt_owner kt_command = {.stop = &stop, .note = note, .waiting = show_wait, .log = log_line};
