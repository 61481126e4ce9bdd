#include "metrics.h"

#include "say.h"
#include "shortest.h"

static void add_family(struct kt_buf *out, const char *name, const char *type, const char *help)
{
	kt_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_sample(struct kt_buf *out, const char *name, int64_t value)
{
	kt_buf_adds(out, name);
	kt_buf_addc(out, ' ');
	kt_buf_add_i64(out, value);
	kt_buf_addc(out, '\n');
}

/* Neither a UUID nor the name of a topic holds anything that would have to be escaped. */
static void add_count(struct kt_buf *out, const char *key, size_t key_len, const char *topic, int64_t n)
{
	if (!n)
		return;
	kt_buf_adds(out, "experiment_producer_event_count_total{key=\"");
	kt_buf_add(out, key, key_len);
	kt_buf_adds(out, "\",topic=\"");
	kt_buf_adds(out, topic);
	kt_buf_adds(out, "\"} ");
	kt_buf_add_i64(out, n);
	kt_buf_addc(out, '\n');
}

static void add_counts(struct kt_buf *out, const struct kt_metrics *m)
{
	const struct kt_workload *w = m->work;
	const char *topic = m->topic, *document = m->document;
	add_family(out, "experiment_producer_event_count", "counter", "Count of events produced.");
	add_count(out, "earlier", 7, topic, w->earlier.events);
	for (size_t i = 0; i < w->n_tallies; i++)
		add_count(out, w->tallies[i].id, KT_UUID_LEN, topic, w->tallies[i].events);
	if (!document)
		return;
	add_count(out, "earlier", 7, document, w->earlier.documents);
	for (size_t i = 0; i < w->n_tallies; i++)
		add_count(out, w->tallies[i].id, KT_UUID_LEN, document, w->tallies[i].documents);
}

static void add_kinds(struct kt_buf *out, const struct kt_workload *w)
{
	add_family(out, "experiment_producer_events_delivered", "counter", "Count of events acknowledged.");
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		kt_buf_addf(out, "experiment_producer_events_delivered_total{record_name=\"%s\"} %lld\n",
			kt_event_names[kind], (long long)w->counts[kind].delivered);
	add_family(out, "experiment_producer_events_failed", "counter",
		"Count of events not acknowledged, or never handed over.");
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		kt_buf_addf(out, "experiment_producer_events_failed_total{record_name=\"%s\"} %lld\n",
			kt_event_names[kind], (long long)(w->counts[kind].failed + w->counts[kind].refused));
}

/* The bounds are the usual ones, not ends of the histogram's own buckets: counts are exact to about one per cent. */
static void add_latency(struct kt_buf *out, const struct kt_histogram *h)
{
	static const char name[] = "experiment_producer_delivery_latency_seconds";
	static const int64_t bounds_us[] = {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000,
		2500000, 5000000, 10000000};
	add_family(out, name, "histogram", "Time from an event's turn to its acknowledgement.");
	for (size_t i = 0; i < KT_LEN(bounds_us); i++) {
		kt_buf_addf(out, "%s_bucket{le=\"", name);
		kt_json_double(out, (double)bounds_us[i] / 1e6);
		kt_buf_addf(out, "\"} %lld\n", (long long)kt_histogram_up_to(h, bounds_us[i]));
	}
	kt_buf_addf(out, "%s_bucket{le=\"+Inf\"} %lld\n%s_sum ", name, (long long)h->n, name);
	kt_json_double(out, (double)h->sum / 1e6);
	kt_buf_addf(out, "\n%s_count %lld\n", name, (long long)h->n);
}

void kt_metrics_write(struct kt_buf *out, const struct kt_metrics *m)
{
	const struct kt_workload *w = m->work;
	add_counts(out, m);
	add_family(out, "experiment_producer_num_experiments", "gauge", "Number of experiments running.");
	add_sample(out, "experiment_producer_num_experiments", w->running);
	add_kinds(out, w);
	add_latency(out, &w->latency);
	add_family(out, "experiment_producer_queue_events", "gauge", "Events handed over and not acknowledged yet.");
	add_sample(out, "experiment_producer_queue_events", w->how.producer ? kt_producer_waiting(w->how.producer) : 0);
	add_family(out, "experiment_producer_experiments_ended", "counter", "Count of experiments that have ended.");
	add_sample(out, "experiment_producer_experiments_ended_total", w->ended);
	add_family(out, "experiment_producer_experiments_failed", "counter", "Count of experiments that failed.");
	add_sample(out, "experiment_producer_experiments_failed_total", w->failed_runs);
	kt_buf_adds(out, "# EOF\n");
}

const char *kt_metrics_type(const char *accept)
{
	return strstr(accept, "application/openmetrics-text")
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; charset=utf-8";
}

static bool answer(void *user, const struct kt_request *request, struct kt_answer *answer)
{
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = kt_metrics_type(request->accept);
	kt_metrics_write(&answer->body, user);
	return true;
}

int kt_metrics_open(struct kt_metrics *m, const char *listen, struct kt_err *err)
{
	struct kt_err why = {0};
	struct kt_httpd_how how = {
		.listen = listen ? listen : KT_METRICS_LISTEN, .next_free = !listen, .answer = answer, .user = m};
	if (kt_httpd_open(&m->httpd, &how, listen ? err : &why) == 0)
		kt_say(KT_NORMAL, "metrics at http://%s/metrics", kt_httpd_address(m->httpd));
	else if (listen)
		return -1;
	else
		kt_say(KT_NORMAL, "no metrics: %s", why.msg);
	return 0;
}
