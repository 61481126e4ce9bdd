/* What the files of the guesses share: a row of the table, taken to its words, and what was typed.
 *
 *   guess.c      which row a command line is, and the line in its place
 *   guessrow.c   a row, and where its option is
 *   guessline.c  what is said: a row's line with the words that were typed
 */
#ifndef KT_GUESS_OWN_H
#define KT_GUESS_OWN_H

#include "buf.h"
#include "guess.h"

/* A row's words, and which of them were met. */
struct kt_guess_row {
	const struct kt_guess *guess;
	struct kt_strs typed, line;
	size_t head;         /* words of typed before the first option or user's word */
	size_t option;       /* index in typed, or typed.n */
	const char *value;   /* that the option has to have, or NULL */
	const char *renamed; /* what the option with the user's value is called in the line, or NULL */
	bool number;         /* the option is -N: a number is it and its value, as in tail -5 */
	bool takes;          /* the option has an argument of its own */
};

void kt_guess_read_row(struct kt_guess_row *r, const struct kt_guess *guess);
void kt_guess_forget_row(struct kt_guess_row *r);

/* How many words at argv are the row's option; 0: none. *glued: a value in the same word. */
int kt_guess_is_option(const struct kt_guess_row *r, int argc, char *const *argv, const char **glued);

/* A word in capitals, which stands for the user's. */
bool kt_guess_is_users(const char *word);

/* The command's own option of this word, or NULL. */
const struct kt_opt *kt_guess_known(const struct kt_cmd *cmd, const char *word);

/* Whether the next word is the argument of this one. */
bool kt_guess_has_argument(const struct kt_cmd *cmd, const char *word);

/* How many words at argv are an option that cmd does not have, but a row that runs: 0, 1, or 2 with its argument. */
int kt_guess_stands(const struct kt_program *program, const struct kt_cmd *cmd, int argc, char *const *argv);

/* What was typed: argv are the arguments of cmd, which may be NULL, or what follows the head of a line. */
struct kt_guess_typed {
	const struct kt_guess_row *r;
	const struct kt_cmd *cmd;
	int argc;
	char *const *argv;
	bool *used; /* guessline.c's own: the words that stand in the line already */
};

/* Words as they are typed: after the command that they are options of, or `any` that is given for all. */
void kt_guess_show(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess, const char *any,
	const char *words);

/* Fills err for a row that is only said: KT_USAGE, its hint the line with the words and options that were typed.
 * Returns -1. */
int kt_guess_say(const struct kt_program *program, struct kt_guess_typed *t, struct kt_err *err);

#endif
