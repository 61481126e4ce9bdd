#include "counters.h"

#include "mem.h"

enum { FIRST_TABLE = 64 };

void kt_counters_begin(struct kt_counters *c)
{
	c->next = 0;
	for (size_t i = 0; i < c->n; i++) {
		c->v[i].now = 0;
		c->v[i].seen = false;
	}
}

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

/* The entry of the label, or the free one where it belongs. */
static uint32_t *entry_of(const struct kt_counters *c, const char *label)
{
	size_t mask = c->table_cap - 1, at = hash_of(label) & mask;
	while (c->table[at] && strcmp(c->v[c->table[at] - 1].label, label) != 0)
		at = (at + 1) & mask;
	return &c->table[at];
}

/* At most half full, so that a search ends soon. */
static void build_table(struct kt_counters *c)
{
	if (c->table_cap < 2 * (c->n + 1))
		c->table_cap = c->table_cap ? 2 * c->table_cap : FIRST_TABLE;
	free(c->table);
	c->table = kt_calloc(c->table_cap, sizeof(*c->table));
	for (size_t i = 0; i < c->n; i++)
		*entry_of(c, c->v[i].label) = (uint32_t)i + 1;
}

static struct kt_counter *find(struct kt_counters *c, const char *label)
{
	if (c->next < c->n && !strcmp(c->v[c->next].label, label))
		return &c->v[c->next++];
	if (c->table_cap < 2 * (c->n + 1))
		build_table(c);
	uint32_t *entry = entry_of(c, label);
	if (!*entry && c->n >= KT_COUNTERS_MAX && label[0])
		return find(c, "");
	if (!*entry) {
		c->v = kt_grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
		c->v[c->n] = (struct kt_counter){.label = kt_strdup(label)};
		*entry = (uint32_t)++c->n;
	}
	c->next = *entry;
	return &c->v[*entry - 1];
}

void kt_counters_add(struct kt_counters *c, const char *label, double value)
{
	struct kt_counter *counter = find(c, label);
	counter->now += value;
	counter->seen = true;
}

static void forget_gone(struct kt_counters *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].seen)
			c->v[kept++] = c->v[i];
		else
			free(c->v[i].label);
	c->n = kept;
	build_table(c);
}

double kt_counters_end(struct kt_counters *c)
{
	double grown = 0, change = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct kt_counter *counter = &c->v[i];
		bool again = counter->known && counter->now >= counter->last;
		counter->grown = !counter->seen || !c->scraped ? 0 : counter->now - (again ? counter->last : 0);
		grown += counter->grown;
		change += counter->now - (counter->known ? counter->last : 0);
		counter->last = counter->now;
		counter->known = counter->seen;
	}
	if (c->scraped && change >= 0 && change < grown) {
		grown = change;
		for (size_t i = 0; i < c->n; i++)
			c->v[i].grown = c->v[i].grown < change ? c->v[i].grown : change;
	}
	c->scraped = true;
	if (c->n > KT_COUNTERS_MAX / 2)
		forget_gone(c);
	return grown;
}

void kt_counters_fini(struct kt_counters *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].label);
	free(c->v);
	free(c->table);
	*c = (struct kt_counters){0};
}
