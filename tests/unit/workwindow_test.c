#include "workwindow.h"

#include "random.h"
#include "tap.h"

TEST(in_any_order)
{
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 3, 10);
	CHECK_INT(kt_workwindow_position(&w), 10);
	uint64_t a = kt_workwindow_add(&w, 10), b = kt_workwindow_add(&w, 11), c = kt_workwindow_add(&w, 12);
	CHECK(!kt_workwindow_has_room(&w));
	kt_workwindow_finish(&w, b);
	kt_workwindow_finish(&w, c);
	CHECK_INT(kt_workwindow_position(&w), 10);
	CHECK(!kt_workwindow_is_urgent(&w));
	kt_workwindow_finish(&w, a);
	CHECK_INT(kt_workwindow_position(&w), 13);
	CHECK(kt_workwindow_is_urgent(&w));
	CHECK_INT(kt_workwindow_uncommitted(&w), 3);
	CHECK(!kt_workwindow_has_room(&w));
}

/* Finished records take up room until their commit is acknowledged: that limits what comes again after a kill. */
TEST(room_is_what_is_acknowledged)
{
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 2, 0);
	uint64_t a = kt_workwindow_add(&w, 0), b = kt_workwindow_add(&w, 1);
	kt_workwindow_finish(&w, a);
	CHECK_INT(kt_workwindow_ask(&w), 1);
	kt_workwindow_finish(&w, b);
	CHECK(!kt_workwindow_has_room(&w));
	kt_workwindow_committed(&w);
	CHECK_INT(w.committed, 1);
	CHECK(kt_workwindow_has_room(&w));
	CHECK_INT(kt_workwindow_uncommitted(&w), 1);
	CHECK_INT(kt_workwindow_position(&w), 2);
}

/* A compacted topic with one record in a hundred, a transaction's marker at the end, offsets beyond 2^40. */
TEST(holes_take_no_room)
{
	const int64_t start = INT64_C(1) << 40;
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 4, start);
	for (int64_t i = 1; i <= 1000; i++) {
		CHECK(kt_workwindow_has_room(&w));
		kt_workwindow_finish(&w, kt_workwindow_add(&w, start + 100 * i));
		CHECK_INT(kt_workwindow_position(&w), start + 100 * i + 1);
		kt_workwindow_ask(&w);
		kt_workwindow_committed(&w);
	}
	kt_workwindow_ended(&w, start + 100001);
	CHECK_INT(kt_workwindow_position(&w), start + 100001);
	kt_workwindow_ended(&w, 5);
	CHECK_INT(kt_workwindow_position(&w), start + 100001);
}

TEST(end_counts_when_all_is_finished)
{
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 4, -1);
	CHECK_INT(kt_workwindow_position(&w), -1);
	uint64_t a = kt_workwindow_add(&w, 7);
	kt_workwindow_ended(&w, 20);
	CHECK_INT(kt_workwindow_position(&w), 7);
	kt_workwindow_finish(&w, a);
	CHECK_INT(kt_workwindow_position(&w), 20);
}

/* A topic that was recreated under us begins at 0 again. */
TEST(offsets_may_fall)
{
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 2, 100);
	kt_workwindow_finish(&w, kt_workwindow_add(&w, 100));
	kt_workwindow_finish(&w, kt_workwindow_add(&w, 0));
	CHECK_INT(kt_workwindow_ask(&w), 1);
	kt_workwindow_committed(&w);
	CHECK(kt_workwindow_has_room(&w));
	CHECK_INT(kt_workwindow_uncommitted(&w), 0);
}

TEST(handed_out_again)
{
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	kt_workwindow_init(&w, 8, 0);
	for (int64_t i = 0; i < 6; i++)
		kt_workwindow_add(&w, i);
	for (uint64_t i = 0; i < 4; i++)
		kt_workwindow_handed(&w, i);
	kt_workwindow_finish(&w, 0);
	kt_workwindow_finish(&w, 2);
	CHECK_INT(kt_workwindow_position(&w), 1);
	CHECK_INT(kt_workwindow_handed_after(&w, kt_workwindow_position(&w)), 3);
	CHECK_INT(kt_workwindow_handed_after(&w, w.committed), 4);
}

/* Against a plain model: the position is the lowest offset that is not finished, whatever the order. */
TEST(random_orders)
{
	enum { N = 2000, AHEAD = 50 };
	static bool finished[N];
	struct kt_random random;
	kt_auto(kt_workwindow_fini) struct kt_workwindow w;
	uint64_t added = 0;
	kt_random_seed(&random, 7, 0);
	kt_workwindow_init(&w, AHEAD, 0);
	for (int64_t lowest = 0; lowest < N;) {
		while (added < N && kt_workwindow_has_room(&w))
			kt_workwindow_add(&w, (int64_t)added++);
		uint64_t at = (uint64_t)lowest + kt_random_next(&random) % AHEAD;
		if (at < added && !finished[at]) {
			finished[at] = true;
			kt_workwindow_finish(&w, at);
		}
		while (lowest < N && finished[lowest])
			lowest++;
		CHECK_INT(kt_workwindow_position(&w), lowest);
		CHECK(added - (uint64_t)w.committed <= AHEAD);
		if (kt_random_next(&random) % 8 == 0 || kt_workwindow_is_urgent(&w)) {
			kt_workwindow_ask(&w);
			kt_workwindow_committed(&w);
		}
	}
}
