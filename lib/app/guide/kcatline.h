/* What stands before a command, and kcat's command lines: options first, in any order, with a letter among them for
 * what is to be done (-C, -P, -L, -Q, -G GROUP, -M N), or none. Both become a command of ours and its words.
 *
 *   kt -b H topic list            topic list -b H
 *   kt -b H -t t -C -e            consume -b H -t t -e
 *   kt -P -t t a.bin b.bin        produce -t t --whole a.bin b.bin
 *
 *   kt_auto(kt_kcatline_fini) struct kt_kcatline line = {0};
 *   if (kt_kcatline_read(&line, &program, argc, argv, isatty(STDIN_FILENO), err) < 0)
 *           return -1;
 *   … line.words …
 */
#ifndef KT_KCATLINE_H
#define KT_KCATLINE_H

#include "cmd.h"

struct kt_kcatline {
	struct kt_strs words; /* a command's name and what follows it */
	bool kcat;            /* it was kcat's, not a command with options before it */
	const char *chosen;   /* "Producer" or "Consumer" where kcat chooses by what stdin is, else NULL */
};

/* argv: the words after "kt", the first of which is an option. terminal: stdin is one. line is all zero before.
 * KT_USAGE. */
int kt_kcatline_read(struct kt_kcatline *line, const struct kt_program *program, int argc, char *const *argv,
	bool terminal, struct kt_err *err) kt_must_check;

void kt_kcatline_fini(struct kt_kcatline *line);

#endif
