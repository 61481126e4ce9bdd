/* Records in work: a table, a line of those that are ready, a line for each lane, and a heap of retries. */
#include "workitems.h"

#include "mem.h"

void kt_workitems_init(struct kt_workitems *items, size_t n_lanes, uint32_t depth)
{
	static const struct kt_workline empty = {KT_WORKITEM_NONE, KT_WORKITEM_NONE, 0};
	*items = (struct kt_workitems){.ready = empty, .aside = empty, .depth = depth};
	kt_workitems_lanes(items, n_lanes);
}

void kt_workitems_lanes(struct kt_workitems *items, size_t n_lanes)
{
	if (n_lanes <= items->n_lanes)
		return;
	items->lanes = kt_realloc(items->lanes, n_lanes * sizeof(*items->lanes));
	for (; items->n_lanes < n_lanes; items->n_lanes++)
		items->lanes[items->n_lanes] = (struct kt_workline){KT_WORKITEM_NONE, KT_WORKITEM_NONE, 0};
}

static void append(struct kt_workitems *items, struct kt_workline *line, struct kt_workitem *item)
{
	item->next = KT_WORKITEM_NONE;
	if (line->last == KT_WORKITEM_NONE)
		line->first = item->number;
	else
		items->v[line->last]->next = item->number;
	line->last = item->number;
}

static struct kt_workitem *take_first(struct kt_workitems *items, struct kt_workline *line)
{
	if (line->first == KT_WORKITEM_NONE)
		return NULL;
	struct kt_workitem *item = items->v[line->first];
	line->first = item->next;
	if (line->first == KT_WORKITEM_NONE)
		line->last = KT_WORKITEM_NONE;
	return item;
}

static void take_out(struct kt_workitems *items, struct kt_workline *line, const struct kt_workitem *item)
{
	uint32_t before = KT_WORKITEM_NONE;
	for (uint32_t at = line->first; at != item->number; at = items->v[at]->next)
		before = at;
	if (before == KT_WORKITEM_NONE)
		line->first = item->next;
	else
		items->v[before]->next = item->next;
	if (line->last == item->number)
		line->last = before;
}

static void make_ready(struct kt_workitems *items, struct kt_workitem *item)
{
	item->state = KT_WORKITEM_READY;
	items->n_ready++;
	append(items, &items->ready, item);
}

static size_t bytes_of(const struct kt_record *r)
{
	size_t n = r->value.len + r->key.len + sizeof(struct kt_workitem);
	for (size_t i = 0; i < r->n_headers; i++)
		n += r->headers[i].name.len + r->headers[i].value.len;
	return n;
}

static uint32_t new_number(struct kt_workitems *items)
{
	if (items->n_free)
		return items->free[--items->n_free];
	items->v = kt_grow(items->v, &items->cap, items->n + 1, sizeof(*items->v));
	return (uint32_t)items->n++;
}

bool kt_workitems_has_room(const struct kt_workitems *items, uint32_t lane)
{
	const struct kt_workline *line = lane == KT_WORKITEM_NONE ? NULL : &items->lanes[lane];
	return !line || (line->first == KT_WORKITEM_NONE && line->inside < items->depth);
}

struct kt_workitem *kt_workitems_add(struct kt_workitems *items, struct kt_member_read *read, uint32_t lane)
{
	struct kt_workitem *item = kt_calloc(1, sizeof(*item));
	item->number = new_number(items);
	items->v[item->number] = item;
	item->read = *read;
	*read = (struct kt_member_read){0};
	item->lane = lane;
	items->count++;
	items->bytes += item->bytes = bytes_of(&item->read.record);
	if (!kt_workitems_has_room(items, lane)) {
		item->state = KT_WORKITEM_IN_LINE;
		append(items, &items->lanes[lane], item);
		return item;
	}
	if (lane != KT_WORKITEM_NONE)
		items->lanes[lane].inside++;
	make_ready(items, item);
	return item;
}

struct kt_workitem *kt_workitems_next(struct kt_workitems *items)
{
	struct kt_workitem *item = take_first(items, &items->ready);
	if (!item)
		return NULL;
	items->n_ready--;
	item->state = KT_WORKITEM_RUNNING;
	return item;
}

void kt_workitems_put_aside(struct kt_workitems *items, struct kt_workitem *item)
{
	item->state = KT_WORKITEM_READY;
	items->n_ready++;
	append(items, &items->aside, item);
}

void kt_workitems_put_back(struct kt_workitems *items)
{
	struct kt_workline *aside = &items->aside, *ready = &items->ready;
	if (aside->first == KT_WORKITEM_NONE)
		return;
	items->v[aside->last]->next = ready->first;
	ready->last = ready->first == KT_WORKITEM_NONE ? aside->last : ready->last;
	ready->first = aside->first;
	aside->first = aside->last = KT_WORKITEM_NONE;
}

void kt_workitems_retry(struct kt_workitems *items, struct kt_workitem *item, int64_t due_us)
{
	item->state = KT_WORKITEM_WAITING;
	items->n_waiting++;
	kt_duequeue_push(&items->due, due_us, item->number);
}

static void free_item(struct kt_workitems *items, struct kt_workitem *item)
{
	items->v[item->number] = NULL;
	items->free = kt_grow(items->free, &items->free_cap, items->n_free + 1, sizeof(*items->free));
	items->free[items->n_free++] = item->number;
	kt_member_read_fini(&item->read);
	kt_buf_fini(&item->ending.out);
	kt_buf_fini(&item->ending.words);
	free(item);
}

int64_t kt_workitems_due(struct kt_workitems *items, int64_t now_us)
{
	while (items->due.n && items->due.v[0].at <= now_us) {
		struct kt_workitem *item = items->v[kt_duequeue_pop(&items->due).item];
		items->n_waiting--;
		if (item->orphan)
			free_item(items, item);
		else
			make_ready(items, item);
	}
	return items->due.n ? items->due.v[0].at : INT64_MAX;
}

void kt_workitems_leave_lane(struct kt_workitems *items, struct kt_workitem *item)
{
	if (item->lane == KT_WORKITEM_NONE)
		return;
	struct kt_workline *line = &items->lanes[item->lane];
	item->lane = KT_WORKITEM_NONE;
	line->inside--;
	struct kt_workitem *next = take_first(items, line);
	if (next) {
		line->inside++;
		make_ready(items, next);
	}
}

/* It no longer counts; whoever holds its number frees it. */
static void forget(struct kt_workitems *items, struct kt_workitem *item)
{
	items->count--;
	items->bytes -= item->bytes;
	kt_member_read_fini(&item->read);
}

void kt_workitems_orphan(struct kt_workitems *items, struct kt_workitem *item)
{
	item->orphan = true;
	if (item->state == KT_WORKITEM_IN_LINE) {
		take_out(items, &items->lanes[item->lane], item);
		item->lane = KT_WORKITEM_NONE;
	} else if (item->state == KT_WORKITEM_READY) {
		take_out(items, &items->ready, item);
		items->n_ready--;
	}
	kt_workitems_leave_lane(items, item);
	if (item->state == KT_WORKITEM_IN_LINE || item->state == KT_WORKITEM_READY)
		kt_workitems_remove(items, item);
	else if (item->state == KT_WORKITEM_WAITING)
		forget(items, item);
}

void kt_workitems_remove(struct kt_workitems *items, struct kt_workitem *item)
{
	kt_workitems_leave_lane(items, item);
	forget(items, item);
	free_item(items, item);
}

void kt_workitems_fini(struct kt_workitems *items)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->v[i])
			free_item(items, items->v[i]);
	free(items->v);
	free(items->free);
	free(items->lanes);
	kt_duequeue_fini(&items->due);
	*items = (struct kt_workitems){0};
}
