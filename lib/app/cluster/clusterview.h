/* What `kt cluster` shows of a cluster: its brokers, features, and the versions of the requests that they speak.
 *
 *   kt_clusterview_text(&out, &look, versions, isatty(STDOUT_FILENO));
 *   kt_clusterview_json(&out, &look, versions);                      one object, one line
 */
#ifndef KT_CLUSTERVIEW_H
#define KT_CLUSTERVIEW_H

#include "clusterlook.h"

void kt_clusterview_text(struct kt_buf *out, const struct kt_clusterlook *look, bool versions, bool aligned);
void kt_clusterview_json(struct kt_buf *out, const struct kt_clusterlook *look, bool versions);

#endif
