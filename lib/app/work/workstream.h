/* Commands that stay: each is given one record after another on its stdin, and answers on its stdout (workanswer.h),
 * up to `window` of them at a time.
 *
 *   kt_workstream_open(&runner, &words, KT_WORKSTREAM_LINES, window, &how, err)        … as workrunner.h …
 *
 * One that ends is restarted. Of the records that it has not answered the oldest is charged with that, and the
 * others go out again as if they had not. One that ends five times without an answer, or answers what was not asked,
 * stops the run. With lanes a lane's records go to one of them, so that they keep their order on the way.
 */
#ifndef KT_WORKSTREAM_H
#define KT_WORKSTREAM_H

#include "list.h"
#include "workrunner.h"

enum kt_workstream_form { KT_WORKSTREAM_LINES, KT_WORKSTREAM_FRAMES };

int kt_workstream_open(struct kt_workrunner *out, const struct kt_strs *words, enum kt_workstream_form form,
	size_t window, const struct kt_workrunner_how *how, struct kt_err *err) kt_must_check;

#endif
