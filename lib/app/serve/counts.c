#include "mem.h"
#include "serve_own.h"

/* To whoever reads the counts: rows of several listeners, or for several hosts, may be of one path. */
static bool is_same(const struct kt_route *a, const struct kt_route *b)
{
	return a == b || (a && b && !strcmp(a->method, b->method) && !strcmp(a->path, b->path));
}

void kt_serve_count(struct kt_serve *s, const struct kt_route *route, unsigned status)
{
	size_t i = 0;
	while (i < s->n_counts && (s->counts[i].status != status || !is_same(s->counts[i].route, route)))
		i++;
	if (i == s->n_counts) {
		s->counts = kt_grow(s->counts, &s->cap_counts, ++s->n_counts, sizeof(*s->counts));
		s->counts[i] = (struct kt_serve_count){.route = route, .status = status};
	}
	s->counts[i].n++;
}

/* Paths may hold what a label's value must not. */
static void add_value(struct kt_buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			kt_buf_addc(out, '\\');
		kt_buf_addc(out, *text);
	}
}

static void add_family(struct kt_buf *out, const char *name, const char *type, const char *help)
{
	kt_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_records(struct kt_buf *out, const char *topic, const char *result, int64_t n)
{
	kt_buf_addf(out, "kt_records_total{topic=\"%s\",result=\"%s\"} %lld\n", topic, result, (long long)n);
}

void kt_serve_metrics(const struct kt_serve *s, struct kt_buf *out)
{
	add_family(out, "kt_http_requests", "counter", "Requests answered, by the path of their row.");
	for (size_t i = 0; i < s->n_counts; i++) {
		const struct kt_serve_count *c = &s->counts[i];
		kt_buf_adds(out, "kt_http_requests_total{method=\"");
		add_value(out, c->route ? c->route->method : "");
		kt_buf_adds(out, "\",route=\"");
		add_value(out, c->route ? c->route->path : "");
		kt_buf_addf(out, "\",code=\"%u\"} %lld\n", c->status, (long long)c->n);
	}
	add_family(out, "kt_records", "counter", "Records, by what became of them.");
	for (size_t i = 0; i < s->n_topics; i++) {
		const struct kt_serve_topic *t = s->topics[i];
		if (t->delivered || t->failed) {
			add_records(out, t->name, "delivered", t->delivered);
			add_records(out, t->name, "failed", t->failed);
		}
	}
	add_family(out, "kt_requests_waiting", "gauge", "Requests whose records are not acknowledged yet.");
	kt_buf_addf(out, "kt_requests_waiting %zu\n", s->active);
	add_family(out, "kt_inflight_bytes", "gauge", "Bytes of their bodies.");
	kt_buf_addf(out, "kt_inflight_bytes %zu\n# EOF\n", s->inflight);
}

void kt_serve_counts_fini(struct kt_serve *s)
{
	free(s->counts);
}
