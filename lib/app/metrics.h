/* What a running workload tells a scraper: the original's two families to the byte, then more. OpenMetrics text. */
#ifndef KT_METRICS_H
#define KT_METRICS_H

#include "workload.h"

/* Appends everything, "# EOF" at its end. document: the second topic, or NULL. */
void kt_metrics_write(struct kt_buf *out, const struct kt_workload *w, const char *topic, const char *document);

/* The content type for a request with this Accept header: OpenMetrics for those who ask for it, else plain text. */
const char *kt_metrics_type(const char *accept);

#endif
