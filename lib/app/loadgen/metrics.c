#include "metrics.h"

#include "metricsout.h"
#include "say.h"
#include "when.h"

enum { POINT_MS = 1000 };

static void add_sample(struct kt_buf *out, const char *name, int64_t value)
{
	kt_metricsout_name(out, name);
	kt_metricsout_i64(out, value);
}

typedef void each_fn(void *data, const char *key, size_t key_len, const char *topic, int64_t n);

/* Calls each for all counts that are not 0. */
static void for_counts(const struct kt_metrics *m, each_fn *each, void *data)
{
	const struct kt_flights *f = &m->work->flights;
	if (f->earlier.events)
		each(data, "earlier", 7, m->topic, f->earlier.events);
	for (size_t i = 0; i < f->n_tallies; i++)
		if (f->tallies[i].events)
			each(data, f->tallies[i].id, KT_UUID_LEN, m->topic, f->tallies[i].events);
	if (!m->document)
		return;
	if (f->earlier.documents)
		each(data, "earlier", 7, m->document, f->earlier.documents);
	for (size_t i = 0; i < f->n_tallies; i++)
		if (f->tallies[i].documents)
			each(data, f->tallies[i].id, KT_UUID_LEN, m->document, f->tallies[i].documents);
}

static void add_labels(struct kt_buf *out, const char *key, size_t key_len, const char *topic)
{
	char id[KT_UUID_LEN + 1];
	snprintf(id, sizeof(id), "%.*s", (int)key_len, key);
	kt_metricsout_label(out, "key", id);
	kt_metricsout_label(out, "topic", topic);
}

static void add_count(void *data, const char *key, size_t key_len, const char *topic, int64_t n)
{
	kt_metricsout_name(data, KT_METRICS_EVENTS);
	add_labels(data, key, key_len, topic);
	kt_metricsout_i64(data, n);
}

static void add_kind(struct kt_buf *out, const char *name, int kind, int64_t n)
{
	kt_metricsout_name(out, name);
	kt_metricsout_label(out, "record_name", kt_event_names[kind]);
	kt_metricsout_i64(out, n);
}

static void add_kinds(struct kt_buf *out, const struct kt_workload *w)
{
	kt_metricsout_family(out, "experiment_producer_events_delivered", "counter", "Count of events acknowledged.");
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		add_kind(out, "experiment_producer_events_delivered_total", kind, w->flights.counts[kind].delivered);
	kt_metricsout_family(out, "experiment_producer_events_failed", "counter",
		"Count of events not acknowledged, or never handed over.");
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		add_kind(out, "experiment_producer_events_failed_total", kind,
			w->flights.counts[kind].failed + w->flights.counts[kind].refused);
}

void kt_metrics_write(struct kt_buf *out, const struct kt_metrics *m)
{
	const struct kt_workload *w = m->work;
	kt_metricsout_family(out, "experiment_producer_event_count", "counter", "Count of events produced.");
	for_counts(m, add_count, out);
	kt_metricsout_family(out, "experiment_producer_num_experiments", "gauge", "Number of experiments running.");
	add_sample(out, "experiment_producer_num_experiments", w->running);
	add_kinds(out, w);
	kt_metricsout_seconds(out, "experiment_producer_delivery_latency_seconds",
		"Time from an event's turn to its acknowledgement.", &w->flights.latency);
	kt_metricsout_family(
		out, "experiment_producer_queue_events", "gauge", "Events handed over and not acknowledged yet.");
	add_sample(out, "experiment_producer_queue_events", kt_workload_waiting(w));
	kt_metricsout_family(
		out, "experiment_producer_experiments_ended", "counter", "Count of experiments that have ended.");
	add_sample(out, "experiment_producer_experiments_ended_total", w->ended);
	kt_metricsout_family(
		out, "experiment_producer_experiments_failed", "counter", "Count of experiments that failed.");
	add_sample(out, "experiment_producer_experiments_failed_total", w->failed_runs);
	kt_metricsout_end(out);
}

const char *kt_metrics_type(const char *accept)
{
	return strstr(accept, "application/openmetrics-text") ? KT_METRICSOUT_TYPE : "text/plain; charset=utf-8";
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
	kt_say(KT_NORMAL, "page at http://%s/", address);
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
		kt_say(KT_WARNING, "no metrics: %s", why.msg);
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
	/* Without the bracket. */
	kt_counters_add(&m->counters, kt_buf_cstr(&m->label) + 1, (double)n);
}

/* The first one has nothing to compare with. */
static void make_point(struct kt_metrics *m)
{
	int64_t now_us = kt_clock_us();
	double seconds = (double)(now_us - m->point_us) / 1e6;
	kt_counters_begin(&m->counters);
	for_counts(m, count, m);
	double grown = kt_counters_end(&m->counters);
	if (m->point_us) {
		kt_page_add(&m->page, &m->counters, seconds);
		kt_page_point(&m->page, kt_wall_ms(now_us), grown / seconds, NULL);
		kt_httpd_wake(m->httpd, &m->page.feed);
	}
	m->point_us = now_us;
}

/* A turn of the wall clock, so that what is served here and what `kt rate` shows are the same seconds. */
void kt_metrics_serve(struct kt_metrics *m)
{
	int64_t turn = kt_now_ms() / POINT_MS;
	if (m->httpd && turn != m->turn) {
		m->turn = turn;
		make_point(m);
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
