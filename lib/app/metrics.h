/* What a running workload tells a scraper: the original's two families to the byte, then more. OpenMetrics text, served
 * at /metrics.
 *
 *   struct kt_metrics metrics = {.work = &work, .topic = topic};
 *   if (kt_metrics_open(&metrics, NULL, err) < 0)
 *           return -1;
 *   … poll kt_httpd_fd(metrics.httpd), kt_httpd_serve(metrics.httpd) …
 *   kt_httpd_close(metrics.httpd);
 */
#ifndef KT_METRICS_H
#define KT_METRICS_H

#include "httpd.h"
#include "workload.h"

/* Where the original has them. */
#define KT_METRICS_LISTEN "127.0.0.1:3001"

struct kt_metrics {
	const struct kt_workload *work; /* borrowed, as the rest */
	const char *topic;
	const char *document;   /* the second topic, or NULL */
	struct kt_httpd *httpd; /* NULL: not served */
};

/* Serves on listen, and says where. NULL: KT_METRICS_LISTEN, or the next free port, since several producers run on one
 * machine; that none is to be had is then only said. */
int kt_metrics_open(struct kt_metrics *m, const char *listen, struct kt_err *err) kt_must_check;

/* Appends everything, "# EOF" at its end. */
void kt_metrics_write(struct kt_buf *out, const struct kt_metrics *m);

/* The content type for a request with this Accept header: OpenMetrics for those who ask for it, else plain text. */
const char *kt_metrics_type(const char *accept);

#endif
