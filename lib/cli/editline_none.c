/* Takes the place of editline.c where libedit is not there. */
#include "editline.h"

struct kt_editline *kt_editline_new(kt_lineedit_complete *complete, void *user)
{
	(void)complete;
	(void)user;
	return NULL;
}

int kt_editline_read(struct kt_editline *e, const char *prompt, struct kt_buf *line)
{
	(void)e;
	(void)prompt;
	(void)line;
	return KT_LINE_END;
}

void kt_editline_remember(struct kt_editline *e, const char *text)
{
	(void)e;
	(void)text;
}

void kt_editline_free(struct kt_editline *e)
{
	(void)e;
}
