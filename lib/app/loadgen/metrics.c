#include "metrics.h"

#include "say.h"
#include "shortest.h"
#include "when.h"

enum { POINT_MS = 1000 };

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
static void add_labels(struct kt_buf *out, const char *key, size_t key_len, const char *topic)
{
	kt_buf_adds(out, "key=\"");
	kt_buf_add(out, key, key_len);
	kt_buf_adds(out, "\",topic=\"");
	kt_buf_adds(out, topic);
	kt_buf_addc(out, '"');
}

typedef void each_fn(void *data, const char *key, size_t key_len, const char *topic, int64_t n);

/* Calls each for all counts that are not 0. */
static void for_counts(const struct kt_metrics *m, each_fn *each, void *data)
{
	const struct kt_workload *w = m->work;
	if (w->earlier.events)
		each(data, "earlier", 7, m->topic, w->earlier.events);
	for (size_t i = 0; i < w->n_tallies; i++)
		if (w->tallies[i].events)
			each(data, w->tallies[i].id, KT_UUID_LEN, m->topic, w->tallies[i].events);
	if (!m->document)
		return;
	if (w->earlier.documents)
		each(data, "earlier", 7, m->document, w->earlier.documents);
	for (size_t i = 0; i < w->n_tallies; i++)
		if (w->tallies[i].documents)
			each(data, w->tallies[i].id, KT_UUID_LEN, m->document, w->tallies[i].documents);
}

static void add_count(void *data, const char *key, size_t key_len, const char *topic, int64_t n)
{
	struct kt_buf *out = data;
	kt_buf_adds(out, KT_METRICS_EVENTS "{");
	add_labels(out, key, key_len, topic);
	kt_buf_adds(out, "} ");
	kt_buf_add_i64(out, n);
	kt_buf_addc(out, '\n');
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
	add_family(out, "experiment_producer_event_count", "counter", "Count of events produced.");
	for_counts(m, add_count, out);
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

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	struct kt_metrics *m = user;
	if (strcmp(request->path, "/metrics") != 0)
		return kt_page_answer(&m->page, request->path, kt_http_header(request, "Last-Event-ID"), answer);
	answer->type = kt_metrics_type(kt_http_header(request, "Accept"));
	kt_metrics_write(&answer->body, m);
	return true;
}

static void say_address(struct kt_metrics *m)
{
	const char *address = kt_httpd_address(m->httpd);
	kt_say(KT_NORMAL, "metrics at http://%s/metrics", address);
	kt_strs_add(&m->from, address);
	kt_page_init(&m->page, &(struct kt_page_how){
				       .title = KT_PAGE_TITLE,
				       .metric = KT_METRICS_EVENTS,
				       .unit = KT_PAGE_UNIT,
				       .from = &m->from,
				       .interval_ms = POINT_MS,
			       });
}

int kt_metrics_open(struct kt_metrics *m, const char *listen, struct kt_err *err)
{
	struct kt_err why = {0};
	struct kt_httpd_how how = {
		.listen = listen ? listen : KT_METRICS_LISTEN,
		.next_free = !listen,
		.headers = kt_http_page_headers,
		.methods = KT_HTTP_READS,
		.answer = answer,
		.user = m,
	};
	if (kt_httpd_open(&m->httpd, &how, listen ? err : &why) == 0)
		say_address(m);
	else if (listen)
		return -1;
	else
		kt_say(KT_NORMAL, "no metrics: %s", why.msg);
	return 0;
}

int64_t kt_metrics_wait_ms(const struct kt_metrics *m)
{
	int64_t http_ms = kt_httpd_wait_ms(m->httpd), point_ms = POINT_MS - kt_now_ms() % POINT_MS;
	return m->httpd && point_ms < http_ms ? point_ms : http_ms;
}

static void count(void *data, const char *key, size_t key_len, const char *topic, int64_t n)
{
	struct kt_metrics *m = data;
	m->label.len = 0;
	add_labels(&m->label, key, key_len, topic);
	kt_counters_add(&m->counters, kt_buf_cstr(&m->label), (double)n);
}

/* The first one has nothing to compare with. */
static void make_point(struct kt_metrics *m, int64_t at_ms)
{
	int64_t now_us = kt_clock_us();
	double seconds = (double)(now_us - m->point_us) / 1e6;
	kt_counters_begin(&m->counters);
	for_counts(m, count, m);
	double grown = kt_counters_end(&m->counters);
	if (m->point_us) {
		kt_page_add(&m->page, &m->counters, seconds);
		kt_page_point(&m->page, at_ms, grown / seconds, NULL);
		kt_httpd_wake(m->httpd, &m->page.feed);
	}
	m->point_us = now_us;
}

/* A turn of the wall clock, so that what is served here and what `kt rate` shows are the same seconds. */
void kt_metrics_serve(struct kt_metrics *m)
{
	int64_t now_ms = kt_now_ms(), turn = now_ms / POINT_MS;
	if (m->httpd && turn != m->turn) {
		m->turn = turn;
		make_point(m, turn * POINT_MS);
	}
	kt_httpd_serve(m->httpd);
}

void kt_metrics_close(struct kt_metrics *m)
{
	kt_httpd_close(m->httpd);
	kt_page_fini(&m->page);
	kt_counters_fini(&m->counters);
	kt_strs_fini(&m->from);
	kt_buf_fini(&m->label);
	m->httpd = NULL;
}
