/* What /metrics tells of requests and records. */
#include "instances.h"
#include "mem.h"
#include "metricsout.h"
#include "senders.h"
#include "socketio.h"
#include "takers.h"

/* To whoever reads the counts: rows of several listeners, or for several hosts, may be of one path. */
static bool is_same(const struct kt_route *a, const struct kt_route *b)
{
	return a == b || (a && b && !strcmp(a->method, b->method) && !strcmp(a->path, b->path));
}

void kt_serve_count(struct kt_serve *s, const struct kt_route *route, unsigned status)
{
	size_t i = 0;
	s->answered++;
	s->failed += status >= 500;
	while (i < s->n_counts && (s->counts[i].status != status || !is_same(s->counts[i].route, route)))
		i++;
	if (i == s->n_counts) {
		s->counts = kt_grow(s->counts, &s->cap_counts, ++s->n_counts, sizeof(*s->counts));
		s->counts[i] = (struct kt_serve_count){.route = route, .status = status};
	}
	s->counts[i].n++;
}

static void add_records(struct kt_buf *out, const char *topic, const char *result, int64_t n)
{
	kt_metricsout_name(out, "kt_records_total");
	kt_metricsout_label(out, "topic", topic);
	kt_metricsout_label(out, "result", result);
	kt_metricsout_i64(out, n);
}

static void add_gauge(struct kt_buf *out, const char *name, const char *help, size_t n)
{
	kt_metricsout_family(out, name, "gauge", help);
	kt_metricsout_name(out, name);
	kt_metricsout_i64(out, (int64_t)n);
}

static void add_requests(struct kt_buf *out, const struct kt_serve_count *c)
{
	char code[12];
	snprintf(code, sizeof(code), "%u", c->status);
	kt_metricsout_name(out, "kt_http_requests_total");
	kt_metricsout_label(out, "method", c->route ? c->route->method : "");
	kt_metricsout_label(out, "route", c->route ? c->route->path : "");
	kt_metricsout_label(out, "code", code);
	kt_metricsout_i64(out, c->n);
}

/* Not there as long as it is not known. */
static void add_rtt(struct kt_buf *out, int64_t us)
{
	if (us < 0)
		return;
	kt_metricsout_family(out, "kt_broker_rtt_seconds", "gauge", "For the slowest broker to answer, on average.");
	kt_metricsout_name(out, "kt_broker_rtt_seconds");
	kt_metricsout_double(out, (double)us / 1e6);
}

static void add_dropped(struct kt_buf *out, const char *why, int64_t n)
{
	kt_metricsout_name(out, "kt_dropped_clients_total");
	kt_metricsout_label(out, "why", why);
	kt_metricsout_i64(out, n);
}

static void add_streams(struct kt_buf *out, const struct kt_serve *s)
{
	struct kt_streams_counts counts = kt_streams_counts(s->streams);
	kt_metricsout_family(out, "kt_clients", "gauge", "Clients that are connected to topics.");
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "events");
	kt_metricsout_i64(out, counts.events);
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "websocket");
	kt_metricsout_i64(out, counts.sockets);
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "chat");
	kt_metricsout_i64(out, (int64_t)s->chatters);
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "socketio");
	kt_metricsout_i64(out, (int64_t)kt_socketio_count(s->socketio));
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "produce");
	kt_metricsout_i64(out, (int64_t)kt_senders_count(s));
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "group");
	kt_metricsout_i64(out, (int64_t)kt_takers_count(s));
	kt_metricsout_name(out, "kt_clients");
	kt_metricsout_label(out, "kind", "instance");
	kt_metricsout_i64(out, (int64_t)kt_instances_count(s));
	kt_metricsout_family(out, "kt_dropped_clients", "counter", "Clients that were let go.");
	add_dropped(out, "behind", counts.behind + s->chat_behind);
	add_dropped(out, "silent", counts.silent);
	add_dropped(out, "stuck", counts.stuck);
	add_dropped(out, "crowd", counts.crowd);
	add_gauge(out, "kt_ring_lag_records", "The most records that a client is behind.", (size_t)counts.lag);
}

void kt_serve_metrics(const struct kt_serve *s, const struct kt_token *who, struct kt_buf *out)
{
	kt_metricsout_family(out, "kt_http_requests", "counter", "Requests answered, by the path of their row.");
	for (size_t i = 0; i < s->n_counts; i++)
		add_requests(out, &s->counts[i]);
	kt_metricsout_seconds(out, "kt_http_seconds", "From a request's head to the end of its answer.", &s->times);
	kt_metricsout_family(out, "kt_records", "counter", "Records, by what became of them.");
	for (size_t i = 0; i < s->n_topics; i++) {
		const struct kt_serve_topic *t = s->topics[i];
		if ((t->delivered || t->failed) && kt_access_sees(s->how.topics, who, t->name)) {
			add_records(out, t->name, "delivered", t->delivered);
			add_records(out, t->name, "failed", t->failed);
		}
	}
	add_gauge(out, "kt_requests_waiting", "Requests whose records are not acknowledged yet.", s->active);
	add_gauge(out, "kt_inflight_bytes", "Bytes that they hold.", s->inflight);
	add_gauge(out, "kt_unsent_bytes", "Bytes of answers that clients have not taken.", kt_serve_unsent(s));
	add_gauge(
		out, "kt_reads_waiting", "Requests for records that are not answered yet.", kt_reads_active(s->reads));
	add_streams(out, s);
	add_rtt(out, kt_producer_rtt_us(s->producer));
	kt_metricsout_end(out);
}

void kt_serve_counts_fini(struct kt_serve *s)
{
	free(s->counts);
}
