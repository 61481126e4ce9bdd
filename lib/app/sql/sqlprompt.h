/* A prompt for statements and for words that begin with a dot, until Ctrl-D. Ctrl-C ends a statement, or drops what was
 * typed.
 *
 *   return kt_sqlrun_close(run, kt_sqlprompt(run, &how, err), err);
 */
#ifndef KT_SQLPROMPT_H
#define KT_SQLPROMPT_H

#include "sqlrun.h"

int kt_sqlprompt(struct kt_sqlrun *run, const struct kt_sqlrun_how *how, struct kt_err *err) kt_must_check;

#endif
