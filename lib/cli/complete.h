/* Completion for every shell: `kt __complete WORD...` prints what the last word could become. The scripts in
 * completions/ only call it. zsh and fish hand over words, and quote by themselves what they insert; bash does neither,
 * and asks by `kt __complete_line LINE BREAKS`.
 *
 * One candidate per line, and a tab and its help after it; ":file" and ":dir" as candidates tell the shell to complete
 * names of files or directories itself. A candidate that ends in '=' is to be continued without a blank.
 */
#ifndef KT_COMPLETE_H
#define KT_COMPLETE_H

#include "buf.h"
#include "cmd.h"

/* What only the program can list. Each adds candidates ("name", or "name\thelp") for what word begins; candidates that
 * do not begin with it are left out by the caller. cmd and opts are the command and its options as far as they are
 * typed, so that -b and --profile count. On failure they add nothing, and they take a second at most. NULL: none. */
struct kt_completers {
	void (*topics)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
	void (*groups)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
	void (*profiles)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
	void (*properties)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
	void (*configs)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
	void (*config_names)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word);
};

/* argv: the words after the program's name up to the cursor; the last (perhaps "") is the one to complete. */
void kt_complete(struct kt_buf *out, const struct kt_program *program, const struct kt_completers *completers, int argc,
	char *const *argv);

/* For bash: line up to the cursor, the program's name in front, and $COMP_WORDBREAKS. Each candidate is what takes the
 * place of the piece that bash completes, quoted so that it stays one word whatever a name holds. */
void kt_complete_line(struct kt_buf *out, const struct kt_program *program, const struct kt_completers *completers,
	const char *line, const char *breaks);

#endif
