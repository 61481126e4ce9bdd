/* What a reader is told of its partitions: where they start, also after a rebalance, and that their end was reached. */
#include "buf.h"
#include "mem.h"
#include "num.h"
#include "python.h"
#include "reading.h"
#include "say.h"

static void add_range(struct kt_buf *out, const struct kt_partition *first, const struct kt_partition *last)
{
	kt_buf_addf(out, "%s [%d", first->topic, (int)first->partition);
	if (last != first)
		kt_buf_addf(out, "-%d", (int)last->partition);
	kt_buf_addc(out, ']');
}

static bool is_next(const struct kt_partition *a, const struct kt_partition *b)
{
	return b->partition == a->partition + 1 && !strcmp(a->topic, b->topic);
}

/* And starts at the same offset for the same reason. */
static bool follows(const struct kt_partition *a, const struct kt_partition *b)
{
	return is_next(a, b) && a->start == b->start && a->why == b->why;
}

static int by_place(const void *a, const void *b)
{
	const struct kt_partition *const *x = a, *const *y = b;
	int order = strcmp((*x)->topic, (*y)->topic);
	return order ? order : ((*x)->partition > (*y)->partition) - ((*x)->partition < (*y)->partition);
}

/* By place, into v, which has room for all. */
static size_t pick_assigned(const struct kt_partition **v, const struct kt_partitions *parts)
{
	size_t n = 0;
	for (size_t i = 0; i < parts->n; i++)
		if (parts->v[i].assigned)
			v[n++] = &parts->v[i];
	if (n)
		qsort(v, n, sizeof(*v), by_place);
	return n;
}

/* Partitions that begin alike, as one: "t [0-3] from 0 (beginning)". */
static void say_positions(const struct kt_partitions *parts)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_free_ptr) const struct kt_partition **v = kt_calloc(parts->n, sizeof(*v));
	size_t n = pick_assigned(v, parts);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && follows(v[next - 1], v[next]); next++)
			;
		kt_buf_addf(&text, "%s ", i ? "," : "");
		add_range(&text, v[i], v[next - 1]);
		kt_buf_addf(&text, " from %lld (%s)", (long long)v[i]->start, kt_start_names[v[i]->why]);
	}
	kt_say(KT_NORMAL, "assigned:%s",
		text.len ? kt_buf_cstr(&text) : " nothing, other members have every partition");
}

static void say_expired(const struct kt_partition *part)
{
	kt_say(KT_WARNING, "%s [%d]: the start is not in the log, which holds %lld to %lld; starting at %lld",
		part->topic, (int)part->partition, (long long)part->begin, (long long)part->log_end,
		(long long)part->start);
}

/* The assigned partitions: "t [0-3], u [0]"; the topics, where all of their partitions are looked at. */
static void add_what(struct kt_buf *out, const struct kt_reading *r, const struct kt_partitions *parts)
{
	bool whole = !r->group && !r->how.n_partitions;
	if (whole && r->topics.n == 1 && r->topics.v[0][0] != '^') {
		kt_buf_adds(out, r->topics.v[0]);
		return;
	}
	if (whole) {
		kt_buf_adds(out, "every topic");
		return;
	}
	kt_auto(kt_free_ptr) const struct kt_partition **v = kt_calloc(parts->n, sizeof(*v));
	size_t n = pick_assigned(v, parts);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && is_next(v[next - 1], v[next]); next++)
			;
		kt_buf_adds(out, i ? ", " : "");
		add_range(out, v[i], v[next - 1]);
	}
}

static void say_empty(const struct kt_reading *r, const struct kt_partitions *parts, int64_t held)
{
	char digits[32];
	kt_auto(kt_buf_fini) struct kt_buf what = {0};
	add_what(&what, r, parts);
	if (held)
		kt_say(KT_WARNING,
			"%s has nothing to read yet: an open transaction holds back %s offset%s until it ends "
			"(-X isolation.level=read_uncommitted does not wait)",
			kt_buf_cstr(&what), kt_group_digits(held, digits), kt_plural(held));
	else
		kt_say(KT_NORMAL, strchr(kt_buf_cstr(&what), '[') ? "no records in %s" : "%s is empty",
			kt_buf_cstr(&what));
}

void kt_reading_say_start(struct kt_reading *r, const struct kt_partitions *parts)
{
	size_t committed = 0, empty = 0, assigned = kt_partitions_assigned(parts);
	int64_t held = 0;
	if (r->group)
		kt_say(KT_NORMAL, "group %s, commits: %s", r->group, r->commit);
	if (r->group || r->opts->show_assign || kt_says(KT_VERBOSE))
		say_positions(parts);
	for (size_t i = 0; i < parts->n; i++) {
		if (!parts->v[i].assigned)
			continue;
		committed += parts->v[i].why == KT_START_COMMITTED;
		empty += parts->v[i].empty;
		held += parts->v[i].held;
		if (parts->v[i].why == KT_START_EXPIRED)
			say_expired(&parts->v[i]);
	}
	if (assigned && empty == assigned)
		say_empty(r, parts, held);
	if (r->group && r->opts->reset && committed && !r->told)
		kt_say(KT_WARNING,
			"%s%s has no effect where group %s has committed offsets (%zu of %zu partition%s): take "
			"another group, `kt group reset` this one, or -o beginning",
			*r->opts->reset == '-' ? "" : "--reset ", r->opts->reset, r->group, committed, assigned,
			kt_plural((int64_t)assigned));
	r->told = true;
}

/* kcat's words. */
static void say_end(const struct kt_partition *part, bool last)
{
	kt_say(KT_NORMAL, "Reached end of topic %s [%d] at offset %lld%s", part->topic, (int)part->partition,
		(long long)part->end, last ? ": exiting" : "");
}

void kt_reading_say_ends(const struct kt_partition *parts, size_t n, bool last, bool verbose)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_free_ptr) const struct kt_partition **v = kt_calloc(n, sizeof(*v));
	if (n <= 1 || verbose) {
		for (size_t i = 0; i < n; i++)
			say_end(&parts[i], last && i == n - 1);
		return;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = &parts[i];
	qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && is_next(v[next - 1], v[next]); next++)
			;
		kt_buf_adds(&text, i ? ", " : "");
		add_range(&text, v[i], v[next - 1]);
	}
	kt_say(KT_NORMAL, "Reached the end of %s%s", kt_buf_cstr(&text), last ? ": exiting" : "");
}

void kt_reading_print_assigned(void *user, struct kt_buf *out, const struct kt_partitions *parts)
{
	(void)user;
	kt_buf_addc(out, '[');
	for (size_t i = 0, n = 0; i < parts->n; i++) {
		if (!parts->v[i].assigned)
			continue;
		kt_buf_adds(out, n++ ? ", " : "");
		kt_python_partition(out, parts->v[i].topic, parts->v[i].partition);
	}
	kt_buf_adds(out, "]\n");
}
