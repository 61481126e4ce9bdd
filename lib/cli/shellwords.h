/* The words of a shell's command line as far as it is typed, and text put back into it as one word.
 *
 *   kt_auto(kt_shellwords_fini) struct kt_shellwords w = {0};
 *   kt_shellwords_split(&w, "kt topic list \"or", "\"'=:");
 *   … w.words is {"kt", "topic", "list", "or"} …
 *   kt_shellwords_quote(&text, "or$ders", w.quote);       gives  or\$ders  for between the quotes
 *
 * Nothing is expanded: $NAME, `command`, * and ~ are read as they stand, and written so that the shell does the same.
 */
#ifndef KT_SHELLWORDS_H
#define KT_SHELLWORDS_H

#include "buf.h"
#include "list.h"

struct kt_shellwords {
	struct kt_strs words; /* without quotes and backslashes; at least one, the last one is being typed */
	char quote;           /* ' or " when the last word has one that is still open, else 0 */
	size_t kept;          /* bytes of the last word that the shell leaves alone when it completes */
};

/* line: in the syntax of POSIX shells, up to the cursor. breaks: characters after which the shell takes what follows
 * for a word of its own when it completes (bash: $COMP_WORDBREAKS); a quotation mark always is one. */
void kt_shellwords_split(struct kt_shellwords *out, const char *line, const char *breaks);

/* Appends text so that the shell reads exactly it, unquoted (quote 0) or inside a quotation that is open. */
void kt_shellwords_quote(struct kt_buf *out, const char *text, char quote);

/* Appends a whole word to be read and typed by a person: in single quotes where the shell would take it for something
 * else. */
void kt_shellwords_add(struct kt_buf *out, const char *text);

void kt_shellwords_fini(struct kt_shellwords *w);

#endif
