#include "experiment_plan.h"

#include <math.h>

#include "mem.h"

/* Beside the samples: configured, two stages begun, terminated. */
enum { STAGE_EVENTS = 4 };

struct kt_load_plan kt_load_plan(const struct kt_load *load)
{
	int64_t samples = load->stabilization + load->carry_out;
	struct kt_load_plan plan = {
		.rate = load->sample_ms ? (double)load->sensors * 1000 / (double)load->sample_ms : INFINITY,
		.start_ms = load->start_s * 1000,
		.length_ms = samples * load->sample_ms,
		.messages = load->copies * (load->sensors * samples + STAGE_EVENTS),
	};
	plan.end_ms = plan.start_ms + (load->copies - 1) * load->stagger_ms + plan.length_ms;
	return plan;
}

/* A moment at which so many experiments begin (or, negative, end). */
struct edge {
	int64_t at_ms;
	int64_t experiments;
	double rate;
};

static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static size_t collect_edges(const struct kt_loads *loads, struct edge **out)
{
	size_t n = 0, cap = 0;
	struct edge *edges = NULL;
	for (size_t i = 0; i < loads->n; i++) {
		const struct kt_load *load = &loads->v[i];
		struct kt_load_plan plan = kt_load_plan(load);
		/* Copies that start together are one edge. */
		int64_t at_once = load->stagger_ms ? 1 : load->copies;
		for (int64_t copy = 0; plan.length_ms && copy < load->copies; copy += at_once) {
			int64_t start_ms = plan.start_ms + copy * load->stagger_ms;
			double rate = plan.rate * (double)at_once;
			edges = kt_grow(edges, &cap, n + 2, sizeof(*edges));
			edges[n++] = (struct edge){start_ms, at_once, rate};
			edges[n++] = (struct edge){start_ms + plan.length_ms, -at_once, -rate};
		}
	}
	if (n)
		qsort(edges, n, sizeof(*edges), by_time);
	*out = edges;
	return n;
}

size_t kt_loads_plateaus(const struct kt_loads *loads, struct kt_plateau **out)
{
	kt_auto(kt_free_ptr) struct edge *edges = NULL;
	struct kt_plateau now = {0};
	size_t n = 0, cap = 0, n_edges = collect_edges(loads, &edges);
	*out = NULL;
	for (size_t i = 0; i < n_edges; i++) {
		now.end_ms = edges[i].at_ms;
		if (i && now.end_ms > now.start_ms) {
			*out = kt_grow(*out, &cap, n + 1, sizeof(**out));
			(*out)[n++] = now;
		}
		now.start_ms = edges[i].at_ms;
		now.experiments += edges[i].experiments;
		/* Sums of fractions leave a remainder. */
		now.rate = now.experiments ? now.rate + edges[i].rate : 0;
	}
	return n;
}
