/* What people who know another tool type, and the line that does it here: one table for running it, for `kt help
 * guesses`, for completion and for "did you mean".
 *
 *   static const struct kt_guess guesses[] = {
 *           {"topic rm TOPIC", "topic delete TOPIC", KT_GUESS_RUNS},
 *           {"tail -n N TOPIC", "consume -e --tail N TOPIC", KT_GUESS_RUNS},
 *           {"--csv", "-e -J t | jq -r '[.offset, .key, .payload] | @csv'", KT_GUESS_SAID, .of = "consume"},
 *           {0},
 *   };
 *
 * Words in capitals stand for the user's, which stay where they are. A word with a dash may stand anywhere among them;
 * a small word after it is the value that is meant, and only with that value is an option that the command has a guess.
 */
#ifndef KT_GUESS_H
#define KT_GUESS_H

#include "cmd.h"

enum kt_guess_kind {
	KT_GUESS_RUNS, /* in place of what was typed */
	KT_GUESS_SAID, /* it is not run, but the error says it */
	KT_GUESS_IS,   /* what was typed is the command's own; the row is there to be read */
};

struct kt_guess {
	const char *typed; /* after the program's name, or after that of the command `of` */
	const char *line;  /* the same place; with ! in front a whole line of the shell's */
	enum kt_guess_kind kind;
	const char *of; /* a command's name, or "*" for every one that knows the options of the line; NULL: the row is a
			   line */
	const char *why; /* with KT_GUESS_SAID: what is said before the line, or NULL */
};

/* What the hint of a guess that is only said begins with. */
#define KT_GUESS_TYPE "type: "

/* Puts what argv stands for into *out, which is empty before: 1; 0: it is not a guess; -1: it is one that is only said,
 * KT_USAGE. */
int kt_guess_take(struct kt_strs *out, const struct kt_program *program, int argc, char *const *argv,
	struct kt_err *err) kt_must_check;

/* For words that are no command's: the hint is the line of the guess that was mistyped, with the other words, or where
 * commands are listed. */
void kt_guess_meant(const struct kt_program *program, int argc, char *const *argv, struct kt_err *err);

/* The name of the first long option among argv that cmd does not have; NULL: there is none. The caller's. */
char *kt_guess_unknown(const struct kt_cmd *cmd, int argc, char *const *argv);

/* For an option that cmd does not have among argv, its words: the line of the nearest guess as hint, where err has
 * none.
 */
void kt_guess_hint(
	const struct kt_program *program, const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err);

/* Appends "kt consume --csv" and the line for it, as they are typed. */
void kt_guess_show_typed(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess);
void kt_guess_show_line(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess);

#endif
