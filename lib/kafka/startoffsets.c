#include "startoffsets.h"

#include "heldback.h"
#include "mem.h"
#include "offsetquery.h"
#include "tail.h"

static void take_offsets(int64_t *out, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++)
		out[i] = list->elems[i].offset < 0 ? KT_NO_OFFSET : list->elems[i].offset;
}

static int ask_bounds(struct kt_client *c, struct kt_partition *const *parts, size_t n,
	const struct kt_startoffsets_how *how, struct kt_err *err)
{
	int64_t timeout_ms = how->timeout_ms;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = kt_partitions_list(parts, n);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = kt_partitions_list(parts, n);
	if (kt_offsetquery_bounds(c, begins, ends, timeout_ms, err) < 0)
		return -1;
	bool empty = true;
	for (size_t i = 0; i < n; i++) {
		parts[i]->begin = begins->elems[i].offset;
		parts[i]->held = 0;
		parts[i]->log_end = ends->elems[i].offset;
		empty = empty && parts[i]->begin == parts[i]->log_end;
	}
	if (empty && !how->running)
		kt_heldback(c, parts, n, timeout_ms);
	return 0;
}

/* The first record at or after a time; KT_NO_OFFSET where there is none. */
static int ask_time(struct kt_client *c, struct kt_partition *const *parts, size_t n, int64_t at_ms, int64_t timeout_ms,
	int64_t *out, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = kt_partitions_list(parts, n);
	if (kt_offsetquery_offsets(c, list, at_ms, timeout_ms, err) < 0)
		return -1;
	take_offsets(out, list);
	return 0;
}

static int ask_committed(struct kt_client *c, struct kt_partition *const *parts, size_t n, int64_t timeout_ms,
	int64_t *out, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = kt_partitions_list(parts, n);
	if (kt_offsetquery_committed(c, list, timeout_ms, err) < 0)
		return -1;
	take_offsets(out, list);
	return 0;
}

/* One side of -o for one partition. found: by time or committed, when that was asked. */
static int64_t place_offset(const struct kt_partition *part, struct kt_place place, int64_t found)
{
	switch (place.where) {
	case KT_AT_BEGINNING:
		return part->begin;
	case KT_AT_OFFSET:
		return place.n;
	case KT_AT_TAIL:
		return place.n > part->log_end - part->begin ? part->begin : part->log_end - place.n;
	case KT_AT_HEAD:
		return place.n > part->log_end - part->begin ? part->log_end : part->begin + place.n;
	case KT_AT_TIME:
		/* No record is that late. */
		return found == KT_NO_OFFSET ? part->log_end : found;
	default:
		return part->log_end;
	}
}

static int apply_reset(struct kt_partition *part, enum kt_reset reset, const char *why, struct kt_err *err)
{
	if (reset == KT_RESET_NONE) {
		kt_err_set(err, KT_FAILED, "%s for %s [%d], and --reset none forbids choosing one", why, part->topic,
			(int)part->partition);
		return kt_err_hint(err, "--reset earliest starts with all history, latest with what comes next");
	}
	part->start = reset == KT_RESET_EARLIEST ? part->begin : part->log_end;
	part->why = reset == KT_RESET_EARLIEST ? KT_START_BEGINNING : KT_START_END;
	return 0;
}

/* A start outside the log would make the library fall back silently on its own auto.offset.reset. */
static int keep_inside(struct kt_partition *part, const struct kt_startoffsets_how *how, struct kt_err *err)
{
	bool committed = part->why == KT_START_COMMITTED;
	if (part->start >= part->begin && part->start <= part->log_end + part->held)
		return 0;
	if (committed) {
		if (apply_reset(part, how->reset, "the committed offset is not in the log any more", err) < 0)
			return -1;
	} else {
		part->start = part->start < part->begin ? part->begin : part->log_end;
	}
	part->why = KT_START_EXPIRED;
	return 0;
}

static struct kt_place place_of(const struct kt_partition *part, const struct kt_startoffsets_how *how)
{
	for (size_t i = 0; i < how->n_starts; i++) {
		const struct kt_start *start = &how->starts[i];
		if (start->partition == part->partition && (!start->topic || !strcmp(start->topic, part->topic)))
			return start->place;
	}
	return how->span.start;
}

/* Where the group, or this run, was. */
static bool goes_on(const struct kt_partition *part, const struct kt_startoffsets_how *how)
{
	enum kt_where where = place_of(part, how).where;
	return where == KT_AT_DEFAULT || where == KT_AT_STORED || (how->group && how->running);
}

static bool any_goes_on(struct kt_partition *const *parts, size_t n, const struct kt_startoffsets_how *how)
{
	for (size_t i = 0; i < n; i++)
		if (goes_on(parts[i], how))
			return true;
	return false;
}

static int choose_start(
	struct kt_partition *part, const struct kt_startoffsets_how *how, int64_t from, struct kt_err *err)
{
	struct kt_place place = place_of(part, how);
	enum kt_where where = place.where;
	if (!goes_on(part, how)) {
		part->start = place_offset(part, place, from);
		part->why = where == KT_AT_BEGINNING ? KT_START_BEGINNING
			    : where == KT_AT_END     ? KT_START_END
						     : KT_START_ASKED;
		return 0;
	}
	part->start = from != KT_NO_OFFSET ? from : part->written;
	part->why = from != KT_NO_OFFSET ? KT_START_COMMITTED : KT_START_RESUMED;
	if (from == KT_NO_OFFSET && !part->known)
		return apply_reset(part, how->reset, "the group has no committed offset", err);
	return 0;
}

/* Who has read what an open transaction holds back from others, and is such a one now, goes on behind it. */
static void ask_held(struct kt_client *c, struct kt_partition *const *parts, size_t n, int64_t timeout_ms)
{
	kt_auto(kt_free_ptr) struct kt_partition **beyond = kt_calloc(n, sizeof(*beyond));
	size_t n_beyond = 0;
	for (size_t i = 0; i < n; i++)
		if (parts[i]->start > parts[i]->log_end)
			beyond[n_beyond++] = parts[i];
	if (n_beyond)
		kt_heldback(c, beyond, n_beyond, timeout_ms);
}

static int settle(struct kt_partition *part, const struct kt_startoffsets_how *how, int64_t to, struct kt_err *err)
{
	part->empty = part->begin == part->log_end;
	if (keep_inside(part, how, err) < 0)
		return -1;
	part->end = part->log_end;
	if (how->span.end.where != KT_AT_DEFAULT) {
		int64_t end = place_offset(part, how->span.end, to);
		part->end = end < part->log_end ? end : part->log_end;
	}
	part->next = part->start;
	part->done = part->start >= part->end;
	part->known = true;
	return 0;
}

/* That many offsets before the end there may be fewer records. */
static int find_tails(struct kt_client *c, struct kt_partition *const *parts, size_t n,
	const struct kt_startoffsets_how *how, struct kt_err *err)
{
	kt_auto(kt_free_ptr) struct kt_tail *tails = kt_calloc(n, sizeof(*tails));
	size_t n_tails = 0;
	for (size_t i = 0; i < n; i++) {
		struct kt_place place = place_of(parts[i], how);
		if (place.where == KT_AT_TAIL && place.n && !goes_on(parts[i], how))
			tails[n_tails++] = (struct kt_tail){parts[i], place.n};
	}
	if (n_tails && kt_tail_find(c, tails, n_tails, how->timeout_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < n_tails; i++) {
		tails[i].part->next = tails[i].part->start;
		tails[i].part->done = tails[i].part->start >= tails[i].part->end;
	}
	return 0;
}

int kt_startoffsets_resolve(struct kt_client *c, struct kt_partition *const *parts, size_t n,
	const struct kt_startoffsets_how *how, struct kt_err *err)
{
	const struct kt_place start = how->span.start, end = how->span.end;
	kt_auto(kt_free_ptr) int64_t *from = kt_calloc(n, sizeof(*from));
	kt_auto(kt_free_ptr) int64_t *to = kt_calloc(n, sizeof(*to));
	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		from[i] = KT_NO_OFFSET;
	/* Committed offsets first: what is produced between this answer and the next is then seen, not skipped. */
	if (how->group && any_goes_on(parts, n, how) && ask_committed(c, parts, n, how->timeout_ms, from, err) < 0)
		return -1;
	if (ask_bounds(c, parts, n, how, err) < 0)
		return -1;
	/* Never both: a span that starts at a time goes on nowhere, or, later in a group's run, everywhere. */
	if (start.where == KT_AT_TIME && !(how->group && how->running) &&
		ask_time(c, parts, n, start.n, how->timeout_ms, from, err) < 0)
		return -1;
	if (end.where == KT_AT_TIME && ask_time(c, parts, n, end.n, how->timeout_ms, to, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (choose_start(parts[i], how, from[i], err) < 0)
			return -1;
	ask_held(c, parts, n, how->timeout_ms);
	for (size_t i = 0; i < n; i++)
		if (settle(parts[i], how, to[i], err) < 0)
			return -1;
	return find_tails(c, parts, n, how, err);
}
