/* The metrics of a run. */
#include "copyrun_own.h"
#include "metricsout.h"

static void add_records(const struct kt_copyrun *run, struct kt_buf *out, const char *result, int64_t n)
{
	kt_metricsout_name(out, "kt_records_total");
	kt_metricsout_label(out, "topic", run->how.ends->source.topic);
	kt_metricsout_label(out, "result", result);
	kt_metricsout_i64(out, n);
}

/* Up to the end of each partition: what was not acknowledged yet. */
static void add_lags(const struct kt_copyrun *run, struct kt_buf *out)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	char digits[16];
	kt_metricsout_family(out, "kt_copy_lag_records", "gauge", "Records of a partition that are not copied yet.");
	for (size_t i = 0; i < parts->n; i++) {
		const struct kt_partition *part = &parts->v[i];
		int64_t end = part->assigned ? kt_consumer_end(run->consumer, part) : KT_NO_OFFSET;
		if (end < 0)
			continue;
		snprintf(digits, sizeof(digits), "%d", (int)part->partition);
		kt_metricsout_name(out, "kt_copy_lag_records");
		kt_metricsout_label(out, "topic", part->topic);
		kt_metricsout_label(out, "partition", digits);
		kt_metricsout_i64(out, end > part->written ? end - part->written : 0);
	}
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	const struct kt_copyrun *run = user;
	struct kt_buf *out = &answer->body;
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = KT_METRICSOUT_TYPE;
	kt_metricsout_family(out, "kt_records", "counter", "Records, by what became of them.");
	add_records(run, out, "copied", run->counts.copied);
	add_records(run, out, "filtered", run->counts.filtered);
	kt_metricsout_family(out, "kt_copy_waiting", "gauge", "Records that are sent and not acknowledged.");
	kt_metricsout_name(out, "kt_copy_waiting");
	kt_metricsout_i64(out, kt_producer_waiting(run->producer));
	kt_metricsout_family(out, "kt_copy_committed_timestamp_seconds", "gauge",
		"When copied records last counted for their group, which commits them within seconds.");
	kt_metricsout_name(out, "kt_copy_committed_timestamp_seconds");
	kt_metricsout_double(out, (double)run->stored_ms / 1000);
	add_lags(run, out);
	kt_metricsout_end(out);
	return true;
}

int kt_copyreport_open(struct kt_copyrun *run, struct kt_err *err)
{
	const struct kt_httpd_how how = {
		.listen = run->how.metrics_listen, .methods = KT_HTTP_READS, .answer = answer, .user = run};
	return kt_httpd_open_metrics(&run->httpd, &how, &run->loop, &run->metrics, err);
}
