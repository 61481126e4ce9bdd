#include "command.h"

#include "say.h"

static struct kt_stop stop = {.signals = true};

static void note(void *user, enum kt_note kind, const struct kt_err *what)
{
	(void)user;
	/* What is missing from the data on stdout is more than a remark: -q does not hide it. */
	kt_say(kind == KT_NOTE_RECORDS ? KT_QUIET : KT_NORMAL, "%s%s%s", what->msg, what->hint[0] ? "; " : "",
		what->hint);
}

static void log_line(void *user, bool important, const char *line)
{
	(void)user;
	kt_say(important ? KT_VERBOSE : KT_DEBUG, "%s", line);
}

const struct kt_owner kt_command = {.stop = &stop, .note = note, .log = log_line};
