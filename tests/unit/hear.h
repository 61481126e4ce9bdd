/* What the code under test says on stderr.
 *
 *   hear_stderr();
 *   kt_say(KT_NORMAL, "hello");
 *   CHECK_STR(heard(), "% hello\n");
 */
#ifndef KT_HEAR_H
#define KT_HEAR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int hear_saved, hear_from;

/* stderr becomes a pipe until heard() takes what went into it; it has to fit into a pipe. */
static inline void hear_stderr(void)
{
	int ends[2];
	fflush(stderr);
	hear_saved = dup(STDERR_FILENO);
	if (pipe(ends) < 0)
		abort();
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	hear_from = ends[0];
}

/* The text is valid until the next call. */
static inline const char *heard(void)
{
	static char text[65536];
	size_t len = 0;
	dup2(hear_saved, STDERR_FILENO);
	close(hear_saved);
	for (ssize_t n; (n = read(hear_from, text + len, sizeof(text) - 1 - len)) > 0;)
		len += (size_t)n;
	close(hear_from);
	text[len] = '\0';
	return text;
}

#endif
