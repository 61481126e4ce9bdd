#include "counters.h"

#include "mem.h"

void kt_counters_begin(struct kt_counters *c)
{
	for (size_t i = 0; i < c->n; i++) {
		c->v[i].now = 0;
		c->v[i].seen = false;
	}
}

/* Samples of one label come in runs, mostly. */
static struct kt_counter *find(struct kt_counters *c, const char *label)
{
	for (size_t i = 0; i < c->n; i++) {
		size_t at = (c->found + i) % c->n;
		if (!strcmp(c->v[at].label, label)) {
			c->found = at;
			return &c->v[at];
		}
	}
	if (c->n >= KT_COUNTERS_MAX && label[0])
		return find(c, "");
	c->v = kt_grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n] = (struct kt_counter){.label = kt_strdup(label)};
	return &c->v[c->n++];
}

void kt_counters_add(struct kt_counters *c, const char *label, double value)
{
	struct kt_counter *counter = find(c, label);
	counter->now += value;
	counter->seen = true;
}

double kt_counters_end(struct kt_counters *c)
{
	double grown = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct kt_counter *counter = &c->v[i];
		bool again = counter->known && counter->now >= counter->last;
		counter->grown = !counter->seen || !c->scraped ? 0 : counter->now - (again ? counter->last : 0);
		counter->last = counter->now;
		counter->known = counter->seen;
		grown += counter->grown;
	}
	c->scraped = true;
	return grown;
}

void kt_counters_fini(struct kt_counters *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].label);
	free(c->v);
	*c = (struct kt_counters){0};
}
