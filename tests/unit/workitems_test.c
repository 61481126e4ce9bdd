#include "workitems.h"

#include "tap.h"

static struct kt_workitem *add(struct kt_workitems *items, uint32_t lane, uint64_t serial)
{
	struct kt_member_read read = {0};
	struct kt_workitem *item = kt_workitems_add(items, &read, lane);
	item->serial = serial;
	return item;
}

/* The serial of what is handed out next, or -1. */
static int64_t next(struct kt_workitems *items, struct kt_workitem **out)
{
	*out = kt_workitems_next(items);
	return *out ? (int64_t)(*out)->serial : -1;
}

TEST(a_lane_runs_one_at_a_time)
{
	struct kt_workitem *a, *b;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 2, 1);
	CHECK(kt_workitems_has_room(&items, 0));
	add(&items, 0, 1);
	CHECK(!kt_workitems_has_room(&items, 0));
	CHECK(kt_workitems_has_room(&items, KT_WORKITEM_NONE));
	add(&items, 0, 2);
	add(&items, 1, 3);
	CHECK_INT(next(&items, &a), 1);
	CHECK_INT(next(&items, &b), 3);
	CHECK_INT(next(&items, &b), -1);
	kt_workitems_remove(&items, a);
	CHECK_INT(next(&items, &b), 2);
	CHECK_INT(items.count, 2);
}

TEST(a_retry_keeps_its_lane)
{
	struct kt_workitem *a, *b;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 1, 1);
	add(&items, 0, 1);
	add(&items, 0, 2);
	CHECK_INT(next(&items, &a), 1);
	kt_workitems_retry(&items, a, 100);
	CHECK_INT(kt_workitems_due(&items, 99), 100);
	CHECK_INT(next(&items, &b), -1);
	CHECK_INT(kt_workitems_due(&items, 100), INT64_MAX);
	CHECK_INT(next(&items, &a), 1);
	kt_workitems_leave_lane(&items, a);
	CHECK_INT(next(&items, &b), 2);
}

TEST(without_a_lane_others_go_on)
{
	struct kt_workitem *a, *b;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 0, 1);
	add(&items, KT_WORKITEM_NONE, 1);
	add(&items, KT_WORKITEM_NONE, 2);
	CHECK_INT(next(&items, &a), 1);
	kt_workitems_retry(&items, a, 100);
	CHECK_INT(next(&items, &b), 2);
	kt_workitems_put_aside(&items, b);
	kt_workitems_put_back(&items);
	CHECK_INT(next(&items, &b), 2);
}

/* Those that no worker has room for are passed over, and keep their places. */
TEST(put_aside)
{
	struct kt_workitem *a, *b, *c;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 0, 1);
	kt_workitems_put_back(&items);
	for (uint64_t i = 1; i <= 4; i++)
		add(&items, KT_WORKITEM_NONE, i);
	CHECK_INT(next(&items, &a), 1);
	CHECK_INT(next(&items, &b), 2);
	kt_workitems_put_aside(&items, a);
	kt_workitems_put_aside(&items, b);
	CHECK_INT(items.n_ready, 4);
	CHECK_INT(next(&items, &c), 3);
	kt_workitems_put_back(&items);
	CHECK_INT(next(&items, &a), 1);
	CHECK_INT(next(&items, &b), 2);
	CHECK_INT(next(&items, &c), 4);
	CHECK_INT(next(&items, &a), -1);
	kt_workitems_put_aside(&items, b);
	kt_workitems_put_aside(&items, c);
	kt_workitems_put_back(&items);
	kt_workitems_orphan(&items, c);
	add(&items, KT_WORKITEM_NONE, 5);
	CHECK_INT(next(&items, &b), 2);
	CHECK_INT(next(&items, &b), 5);
}

/* Headers may be most of a record. */
TEST(bytes_in_work)
{
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	const struct kt_header header = {.name = {"abc", 3}, .value = {"", 100000}};
	struct kt_member_read read = {
		.record = {.value = {"", 10}, .key = {"", 20}, .headers = &header, .n_headers = 1}};
	kt_workitems_init(&items, 0, 1);
	struct kt_workitem *item = kt_workitems_add(&items, &read, KT_WORKITEM_NONE);
	CHECK_INT(items.bytes, 100033 + sizeof(*item));
	kt_workitems_remove(&items, item);
	CHECK_INT(items.bytes, 0);
}

TEST(a_deep_lane)
{
	struct kt_workitem *item;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 1, 3);
	for (uint64_t i = 0; i < 5; i++)
		add(&items, 0, i);
	CHECK_INT(items.n_ready, 3);
	CHECK_INT(next(&items, &item), 0);
	kt_workitems_remove(&items, item);
	CHECK_INT(items.n_ready, 3);
	CHECK_INT(items.count, 4);
}

/* What was taken away goes at once, or when it has ended; the lane is then free for others. */
TEST(orphans)
{
	struct kt_workitem *running, *waiting, *ready, *line, *last;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	kt_workitems_init(&items, 3, 1);
	add(&items, 0, 1);
	add(&items, 1, 2);
	CHECK_INT(next(&items, &running), 1);
	CHECK_INT(next(&items, &waiting), 2);
	kt_workitems_retry(&items, waiting, 100);
	ready = add(&items, 2, 3);
	line = add(&items, 0, 4);
	last = add(&items, 0, 5);
	kt_workitems_orphan(&items, line);
	kt_workitems_orphan(&items, ready);
	kt_workitems_orphan(&items, waiting);
	CHECK_INT(items.n_ready, 0);
	kt_workitems_orphan(&items, running);
	CHECK_INT(items.n_ready, 1);
	CHECK_INT(next(&items, &ready), 5);
	CHECK(ready == last);
	CHECK_INT(items.count, 2);
	CHECK_INT(kt_workitems_due(&items, 100), INT64_MAX);
	CHECK_INT(next(&items, &ready), -1);
	kt_workitems_remove(&items, running);
	CHECK_INT(items.count, 1);
	CHECK(kt_workitems_has_room(&items, 1));
	CHECK(kt_workitems_has_room(&items, 2));
}

TEST(many_at_random)
{
	struct kt_workitem *item;
	kt_auto(kt_workitems_fini) struct kt_workitems items;
	uint64_t expected[7] = {0}, added[7] = {0};
	kt_workitems_init(&items, 7, 1);
	for (int i = 0; i < 5000; i++) {
		uint32_t lane = (uint32_t)i * 2654435761U % 7;
		add(&items, lane, added[lane]++);
		if (i % 3)
			continue;
		while ((item = kt_workitems_next(&items))) {
			CHECK_INT(item->serial, expected[item->lane]++);
			kt_workitems_remove(&items, item);
		}
	}
	CHECK_INT(items.count, items.n_ready);
}
