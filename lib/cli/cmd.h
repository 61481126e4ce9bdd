/* What a subcommand is: one const struct per file in cmd/, found by its name in the list of cmd/meson.build. */
#ifndef KT_CMD_H
#define KT_CMD_H

#include "buf.h"
#include "manpage.h"
#include "opt.h"

struct kt_guess; /* guess.h */

struct kt_cmd {
	const char *name;            /* as typed: "produce", "topic create" (where "topic-create" works too) */
	const char *also;            /* other names, blank between: "-P" */
	const char *summary;         /* half a line, lower case, no full stop */
	const char *section;         /* heading in `kt help` */
	const char *const *about;    /* paragraphs, NULL at the end */
	const char *const *examples; /* pairs: what it shows, the command line; NULL at the end */
	const struct kt_opt *opts;
	size_t opts_size; /* bytes of the options struct; the dispatcher allocates and zeroes it */
	bool hidden;
	/* Returns 0, or -1 with err filled (an empty err->msg: everything was said, only the status matters). */
	int (*run)(void *opts, struct kt_err *err);
};

/* The program: what help, manual and completion need to know of all commands. */
struct kt_program {
	const char *name;
	const char *version;
	const char *summary;
	const char *const *about;         /* paragraphs for its own manual page; NULL at the end */
	const char *const *environment;   /* pairs for the manual: variable, what it means; NULL at the end */
	const char *const *files;         /* the same for files */
	const struct kt_manpage *pages;   /* of the manual, beside those of the commands; name NULL at the end */
	const struct kt_cmd *const *cmds; /* NULL at the end */
	const struct kt_guess *guesses;   /* NULL: there are none */
};

/* The command that argv starts with ("topic create x", "topics list", "topic-create", "-P"), and in *used how many
 * words its name took. NULL and err (KT_USAGE, the nearest name as the hint, if one is near) when there is none. */
const struct kt_cmd *kt_cmd_find(
	const struct kt_program *program, int argc, char *const *argv, int *used, struct kt_err *err) kt_must_check;

/* Appends the words of a command line as a shell takes them, each with a blank before it, where they are not too many
 * for a hint. */
void kt_cmd_add_words(struct kt_buf *out, int argc, char *const *argv);

/* Whether the word is one of words, which have blanks between them. */
bool kt_cmd_is_among(const char *words, const char *word);

#endif
