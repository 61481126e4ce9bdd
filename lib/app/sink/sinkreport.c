/* What a run tells of itself: its metrics, and the last line. */
#include "metricsout.h"
#include "num.h"
#include "say.h"
#include "sinkrun_own.h"

static void add_records(struct kt_buf *out, const char *result, int64_t n)
{
	kt_metricsout_name(out, "kt_records_total");
	kt_metricsout_label(out, "result", result);
	kt_metricsout_i64(out, n);
}

/* Up to the end of each partition: what the store does not keep yet. */
static void add_lags(const struct kt_sinkrun *run, struct kt_buf *out)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	char digits[16];
	/* What was left out since the last commit waits for nothing. */
	bool open = run->how.store.due_ms(run->how.store.user) != INT64_MAX;
	kt_metricsout_family(out, "kt_sink_lag_records", "gauge", "Records of a partition that are not kept yet.");
	for (size_t i = 0; i < run->n_committed; i++) {
		const struct kt_partition *part = &parts->v[i];
		int64_t end = kt_consumer_end(run->consumer, part), kept = open ? run->committed[i] : part->written;
		if (end < 0)
			end = part->log_end;
		snprintf(digits, sizeof(digits), "%d", (int)part->partition);
		kt_metricsout_name(out, "kt_sink_lag_records");
		kt_metricsout_label(out, "topic", part->topic);
		kt_metricsout_label(out, "partition", digits);
		kt_metricsout_i64(out, end > kept ? end - kept : 0);
	}
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	const struct kt_sinkrun *run = user;
	struct kt_buf *out = &answer->body;
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = KT_METRICSOUT_TYPE;
	kt_metricsout_family(out, "kt_records", "counter", "Records, by what became of them.");
	add_records(out, "written", run->counts.written);
	add_records(out, "filtered", run->counts.filtered);
	add_records(out, "missed", run->counts.missed);
	kt_metricsout_family(out, "kt_sink_committed_timestamp_seconds", "gauge", "When records were kept last.");
	kt_metricsout_name(out, "kt_sink_committed_timestamp_seconds");
	kt_metricsout_double(out, (double)run->committed_ms / 1000);
	add_lags(run, out);
	kt_metricsout_end(out);
	return true;
}

int kt_sinkreport_open(struct kt_sinkrun *run, struct kt_err *err)
{
	const struct kt_httpd_how how = {
		.listen = run->how.metrics_listen, .methods = KT_HTTP_READS, .answer = answer, .user = run};
	return kt_httpd_open_metrics(&run->httpd, &how, &run->loop, &run->metrics, err);
}

void kt_sinkrun_say(const struct kt_sinkrun *run)
{
	const struct kt_sinkcounts *n = &run->counts;
	char written[32], filtered[32], more[64] = "";
	if (n->filtered)
		snprintf(more, sizeof(more), ", %s left out", kt_group_digits(n->filtered, filtered));
	kt_say(KT_NORMAL, "%s record%s into %s%s", kt_group_digits(n->written, written), kt_plural(n->written),
		run->how.name, more);
}

void kt_sinkrun_add(const struct kt_sinkrun *run, struct kt_buf *out)
{
	kt_jsonout_i64(out, "written", run->counts.written);
	kt_jsonout_i64(out, "left_out", run->counts.filtered);
	kt_jsonout_i64(out, "missed", run->counts.missed);
}
