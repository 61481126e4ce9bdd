/* What a running workload tells a scraper: the original's two families to the byte, then more. OpenMetrics text, served
 * at /metrics, and its first family at / as the live page.
 *
 *   struct kt_metrics metrics = {.work = &work, .topic = topic};
 *   if (kt_metrics_open(&metrics, NULL, err) < 0)
 *           return -1;
 *   … poll kt_httpd_fd(metrics.httpd) for kt_metrics_wait_ms(&metrics), kt_metrics_serve(&metrics) …
 *   kt_metrics_close(&metrics);
 */
#ifndef KT_METRICS_H
#define KT_METRICS_H

#include "page.h"
#include "workload.h"

/* Where the original has them. */
#define KT_METRICS_LISTEN "127.0.0.1:3001"

#define KT_METRICS_EVENTS "experiment_producer_event_count_total"

struct kt_metrics {
	const struct kt_workload *work; /* borrowed, as the rest */
	const char *topic;
	const char *document;   /* the second topic, or NULL */
	struct kt_httpd *httpd; /* NULL: not served */
	struct kt_page page;
	struct kt_strs from; /* its own address */
	struct kt_counters counters;
	struct kt_buf label;
	int64_t turn, point_us; /* of the page's last point: the second, and when exactly */
};

/* Serves on listen, and says where. NULL: KT_METRICS_LISTEN, or the next free port, since several producers run on one
 * machine; that none is to be had is then only said. */
int kt_metrics_open(struct kt_metrics *m, const char *listen, struct kt_err *err) kt_must_check;

/* How long kt_metrics_serve() may be put off if the descriptor stays quiet. */
int64_t kt_metrics_wait_ms(const struct kt_metrics *m);

/* Answers, and makes the page's points. Does nothing when nothing is served. */
void kt_metrics_serve(struct kt_metrics *m);

void kt_metrics_close(struct kt_metrics *m);

/* Appends everything, "# EOF" at its end. */
void kt_metrics_write(struct kt_buf *out, const struct kt_metrics *m);

/* The content type for a request with this Accept header: OpenMetrics for those who ask for it, else plain text. */
const char *kt_metrics_type(const char *accept);

#endif
