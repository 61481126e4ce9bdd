#include "readmetrics.h"

#include "consumer.h"
#include "httpd.h"
#include "metricsout.h"

static void add_records(struct kt_buf *out, const char *result, int64_t n)
{
	kt_metricsout_name(out, "kt_records_total");
	kt_metricsout_label(out, "result", result);
	kt_metricsout_i64(out, n);
}

/* Up to the end of each partition: what was not written yet. */
static void add_lags(const struct kt_printloop *f, struct kt_buf *out)
{
	const struct kt_partitions *parts = kt_consumer_parts(f->consumer);
	char digits[16];
	kt_metricsout_family(
		out, "kt_consume_lag_records", "gauge", "Records of a partition that are not written yet.");
	for (size_t i = 0; i < parts->n; i++) {
		const struct kt_partition *part = &parts->v[i];
		int64_t end = part->assigned ? kt_consumer_end(f->consumer, part) : KT_NO_OFFSET;
		if (end < 0)
			continue;
		snprintf(digits, sizeof(digits), "%d", (int)part->partition);
		kt_metricsout_name(out, "kt_consume_lag_records");
		kt_metricsout_label(out, "topic", part->topic);
		kt_metricsout_label(out, "partition", digits);
		kt_metricsout_i64(out, end > part->written ? end - part->written : 0);
	}
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	const struct kt_printloop *f = user;
	struct kt_buf *out = &answer->body;
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = KT_METRICSOUT_TYPE;
	kt_metricsout_family(out, "kt_records", "counter", "Records, by what became of them.");
	add_records(out, "written", f->taken);
	add_records(out, "filtered", f->seen - f->taken);
	if (f->reading.group) {
		kt_metricsout_family(out, "kt_consume_committed_timestamp_seconds", "gauge",
			"When records last counted for their group, which commits them within seconds.");
		kt_metricsout_name(out, "kt_consume_committed_timestamp_seconds");
		kt_metricsout_double(out, (double)f->stored_ms / 1000);
	}
	/* Not before there is a consumer, and after it was closed. */
	if (f->consumer)
		add_lags(f, out);
	kt_metricsout_end(out);
	return true;
}

int kt_readmetrics_open(struct kt_printloop *flow, struct kt_err *err)
{
	const struct kt_httpd_how how = {
		.listen = flow->metrics_listen, .methods = KT_HTTP_READS, .answer = answer, .user = flow};
	return kt_httpd_open_metrics(&flow->httpd, &how, &flow->loop, &flow->metrics, err);
}
