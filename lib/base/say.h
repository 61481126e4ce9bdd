/* Words for the user on stderr: one "% " line each, as kcat's are, so that they never mix with data on stdout.
 * The level is the process's: set once by main.c from -q and -v. */
#ifndef KT_SAY_H
#define KT_SAY_H

#include "buf.h"

enum kt_level {
	KT_QUIET = -1,         /* -q: what failed, and warnings */
	KT_WARNING = KT_QUIET, /* something may be lost or wrong, or has no effect */
	KT_NORMAL = 0,
	KT_VERBOSE = 1, /* -v: what was decided and why, what was ignored */
	KT_DEBUG = 2,   /* -vv: the library's own log lines too */
};

void kt_say_level(int level);
bool kt_says(enum kt_level level);

/* Prints "% " + text + newline in one write when the level is reached. Control bytes in the text are escaped. A line
 * of progress that stands on the terminal is cleared first. */
void kt_say(enum kt_level level, const char *format, ...) kt_printf(2, 3);

/* The same without the "% " and at every level: main.c's one line about what failed. */
void kt_say_plain(const char *format, ...) kt_printf(1, 2);

/* Whether a line of progress is shown: stderr is a terminal, this process is in its foreground, and -q was not given.
 */
bool kt_says_progress(void);

/* Shows text as the terminal's last line, overwriting the one before; "" removes it. Does nothing when stderr is not
 * a terminal or under -q. */
void kt_say_progress(const char *format, ...) kt_printf(1, 2);

/* Text for stdout that comes before whatever is said or printed next, in one write with it; "": nothing any more. With
 * stdout and stderr on a terminal what is said takes it too. */
void kt_say_first(const char *text);

/* Appends it for whoever prints, and forgets it. */
void kt_say_take_first(struct kt_buf *out);

/* Something stands on the terminal from the cursor's line on, until it is drawn again: the next line of words clears it
 * and takes its place. */
void kt_say_over(bool stands);

#endif
