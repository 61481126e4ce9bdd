/* Lines from the person at the terminal, one prompt after another: with editing, history and the Tab key where libedit
 * is there, as the terminal gives them otherwise.
 *
 *   kt_auto(kt_lineedit_free) struct kt_lineedit *lines = kt_lineedit_new("sql", complete, user);
 *   while ((more = kt_lineedit_read(lines, "kt> ", &line, err)) != KT_LINE_END)
 *           …
 */
#ifndef KT_LINEEDIT_H
#define KT_LINEEDIT_H

#include "buf.h"
#include "err.h"
#include "list.h"

enum {
	KT_LINE_END,    /* Ctrl-D, or a signal other than Ctrl-C */
	KT_LINE,        /* a line, without its end */
	KT_LINE_DROPPED /* Ctrl-C: what was typed is to be forgotten */
};

/* Adds what the word that was begun could be; all of what is added and begins like it is offered. */
typedef void kt_lineedit_complete(void *user, const char *word, struct kt_strs *out);

struct kt_lineedit;

/* name: of the history, which is kept in $XDG_STATE_HOME/kt (~/.local/state/kt). complete may be NULL. */
struct kt_lineedit *kt_lineedit_new(const char *name, kt_lineedit_complete *complete, void *user)
	__attribute__((returns_nonnull));

/* The next line into `line`. */
int kt_lineedit_read(struct kt_lineedit *lines, const char *prompt, struct kt_buf *line);

/* Adds to the history; what is the same as the one before is not added. */
void kt_lineedit_remember(struct kt_lineedit *lines, const char *text);

/* Also keeps the history, as far as that works. For kt_auto(). */
void kt_lineedit_free(struct kt_lineedit **lines);

#endif
