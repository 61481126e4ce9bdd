/* libedit, for lineedit.c: opened only where it is there, at run time too. */
#ifndef KT_EDITLINE_H
#define KT_EDITLINE_H

#include "lineedit.h"

struct kt_editline;

/* NULL: there is none. */
struct kt_editline *kt_editline_new(kt_lineedit_complete *complete, void *user);
int kt_editline_read(struct kt_editline *e, const char *prompt, struct kt_buf *line);
void kt_editline_remember(struct kt_editline *e, const char *text);
void kt_editline_free(struct kt_editline *e);

/* For a reader of the terminal: waits until something is typed. KT_LINE: it was; else as kt_lineedit_read(). */
int kt_lineedit_wait(void);

#endif
