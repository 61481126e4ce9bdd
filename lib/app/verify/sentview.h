/* What came of a comparison, as a table that fits 80 columns, or as JSON lines: one per experiment that is wanted.
 *
 *   kt_sentview_table(&out, &sent);
 */
#ifndef KT_SENTVIEW_H
#define KT_SENTVIEW_H

#include "sentlog.h"

/* Faults of which there are none anywhere have no column; where there are many, ids are cut to their first digits. */
void kt_sentview_table(struct kt_buf *out, const struct kt_sentlog *t);

void kt_sentview_json(struct kt_buf *out, const struct kt_sentlog *t);

#endif
