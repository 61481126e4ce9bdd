/* Commands, one for each record (recordcommand.h), as many at a time as is said.
 *
 *   kt_workjobs_open(&runner, &words, &how, err)        … as workrunner.h …
 *
 * Each runs in a process group of its own, which is what SIGTERM and SIGKILL go to. What it leaves running when it ends
 * by itself is left alone; neither that nor its output is waited for.
 */
#ifndef KT_WORKJOBS_H
#define KT_WORKJOBS_H

#include "list.h"
#include "workrunner.h"

/* words: the command, borrowed as all of how. */
int kt_workjobs_open(struct kt_workrunner *out, const struct kt_strs *words, const struct kt_workrunner_how *how,
	struct kt_err *err) kt_must_check;

#endif
