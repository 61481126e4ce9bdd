#include "groupplan.h"

#include "match.h"
#include "mem.h"
#include "num.h"

const char *const kt_plan_notes[] = {
	[KT_PLAN_PLAIN] = "",
	[KT_PLAN_BEGIN] = "moved to the beginning of the log",
	[KT_PLAN_END] = "moved to the end of the log",
	[KT_PLAN_NONE] = "nothing committed",
	[KT_PLAN_FIRST] = "nothing committed: the end of the log",
	[KT_PLAN_HIDDEN] = "",
};

static void take(struct kt_plan_topics *topics, char *name, int32_t first, int32_t last)
{
	topics->v = kt_grow(topics->v, &topics->cap, topics->n + 1, sizeof(*topics->v));
	topics->v[topics->n++] = (struct kt_plan_topic){.name = name, .first = first, .last = last};
}

static int add_range(struct kt_plan_topics *topics, const char *name, size_t len, const char *range, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *first = kt_strndup(range, strcspn(range, "-"));
	const char *dash = strchr(range, '-');
	int64_t from, to;
	if (kt_parse_i64(first, 0, INT32_MAX, &from, err) < 0 ||
		kt_parse_i64(dash ? dash + 1 : first, from, INT32_MAX, &to, err) < 0)
		return -1;
	take(topics, kt_strndup(name, len), (int32_t)from, (int32_t)to);
	return 0;
}

void kt_plan_partition(struct kt_plan_topics *topics, const char *name, int32_t partition)
{
	take(topics, kt_strdup(name), partition, partition);
}

int kt_plan_topic(struct kt_plan_topics *topics, const char *text, struct kt_err *err)
{
	static const char all[] = "0-2147483647";
	kt_auto(kt_strs_fini) struct kt_strs ranges = {0};
	size_t len = strcspn(text, ":");
	kt_strs_split(&ranges, text[len] ? text + len + 1 : all, ",");
	if (!len || !ranges.n)
		return kt_err_set(err, KT_USAGE, "--topic %s: expected TOPIC or TOPIC:PARTITION,…", text);
	for (size_t i = 0; i < ranges.n; i++)
		if (add_range(topics, text, len, ranges.v[i], err) < 0)
			return kt_err_wrap(err, "--topic %s", text);
	return 0;
}

bool kt_plan_covers(const struct kt_plan_topic *topic, const char *name, int32_t partition)
{
	return partition >= topic->first && partition <= topic->last &&
	       (!strcmp(topic->name, name) || kt_matches(topic->name, name));
}

static bool is_wanted(const struct kt_plan_topics *topics, const struct kt_partition *log)
{
	for (size_t i = 0; i < topics->n; i++)
		if (kt_plan_covers(&topics->v[i], log->topic, log->partition))
			return true;
	return !topics->n;
}

static bool is_met(const struct kt_plan *plan, const struct kt_plan_topic *topic)
{
	for (size_t i = 0; i < plan->n; i++)
		if (kt_plan_covers(topic, plan->v[i].part->log.topic, plan->v[i].part->log.partition))
			return true;
	return false;
}

const struct kt_plan_topic *kt_plan_unmet(const struct kt_plan *plan, const struct kt_plan_topics *topics)
{
	for (size_t i = 0; i < topics->n; i++)
		if (!is_met(plan, &topics->v[i]))
			return &topics->v[i];
	return NULL;
}

void kt_plan_topics_fini(struct kt_plan_topics *topics)
{
	for (size_t i = 0; i < topics->n; i++)
		free(topics->v[i].name);
	free(topics->v);
	*topics = (struct kt_plan_topics){0};
}

static int64_t committed_by(const struct kt_group *other, const struct kt_partition *log)
{
	const struct kt_group_part *part = kt_group_find(other, log->topic, log->partition);
	return part ? part->committed : KT_NO_OFFSET;
}

static int64_t shifted(int64_t offset, int64_t shift)
{
	int64_t sum;
	if (__builtin_add_overflow(offset, shift, &sum))
		return shift < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static void keep_inside(struct kt_plan_row *row)
{
	const struct kt_partition *log = &row->part->log;
	if (row->to < log->begin) {
		row->to = log->begin;
		row->note = KT_PLAN_BEGIN;
	} else if (row->to > log->log_end) {
		row->to = log->log_end;
		row->note = KT_PLAN_END;
	}
}

static struct kt_plan_row plan_row(
	const struct kt_group *group, const struct kt_group_part *part, const struct kt_plan_how *how)
{
	struct kt_plan_row row = {.part = part, .to = KT_NO_OFFSET, .note = KT_PLAN_HIDDEN};
	if (part->code)
		return row;
	row.note = KT_PLAN_PLAIN;
	if (how->by == KT_PLAN_START) {
		row.to = part->log.start;
		if (part->log.why == KT_START_EXPIRED)
			row.note = row.to == part->log.log_end ? KT_PLAN_END : KT_PLAN_BEGIN;
		return row;
	}
	if (how->by == KT_PLAN_FILE) {
		const struct kt_groupcsv_row *line =
			kt_groupcsv_find(how->file, group->name, part->log.topic, part->log.partition);
		row.to = line->offset;
		keep_inside(&row);
		return row;
	}
	int64_t from = how->by == KT_PLAN_OTHER ? committed_by(how->other, &part->log) : part->committed;
	if (from == KT_NO_OFFSET) {
		bool current = how->by == KT_PLAN_CURRENT;
		row.note = current ? KT_PLAN_FIRST : KT_PLAN_NONE;
		row.to = current ? part->log.log_end : KT_NO_OFFSET;
		return row;
	}
	row.to = how->by == KT_PLAN_SHIFT ? shifted(from, how->shift) : from;
	keep_inside(&row);
	return row;
}

void kt_plan_make(struct kt_plan *plan, const struct kt_group *group, const struct kt_plan_how *how)
{
	plan->v = kt_calloc(group->n_parts + 1, sizeof(*plan->v));
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		if (how->by == KT_PLAN_FILE
				? !kt_groupcsv_find(how->file, group->name, part->log.topic, part->log.partition)
				: !is_wanted(how->topics, &part->log))
			continue;
		struct kt_plan_row row = plan_row(group, part, how);
		plan->moved += row.to != KT_NO_OFFSET;
		plan->none += row.note == KT_PLAN_NONE;
		plan->hidden += row.note == KT_PLAN_HIDDEN;
		plan->v[plan->n++] = row;
	}
}

int kt_plan_check(const struct kt_plan *plan, const struct kt_plan_how *how, struct kt_place at, struct kt_err *err)
{
	for (size_t i = 0; i < plan->n && how->by == KT_PLAN_START && at.where == KT_AT_OFFSET; i++) {
		const struct kt_partition *log = &plan->v[i].part->log;
		if (!plan->v[i].part->code && at.n > log->log_end)
			return kt_place_beyond(at.n, log->topic, log->partition, log->begin, log->log_end, "--to", err);
	}
	return 0;
}

void kt_plan_fini(struct kt_plan *plan)
{
	free(plan->v);
	*plan = (struct kt_plan){0};
}
