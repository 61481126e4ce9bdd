#include "duequeue.h"

#include "random.h"
#include "tap.h"

TEST(earliest_first)
{
	static const int64_t times[] = {5, 3, 9, 3, -1, 5, INT64_MAX, 0};
	static const uint32_t order[] = {4, 7, 1, 3, 0, 5, 2, 6};
	kt_auto(kt_duequeue_fini) struct kt_duequeue heap = {0};
	for (uint32_t i = 0; i < KT_LEN(times); i++)
		kt_duequeue_push(&heap, times[i], i);
	for (size_t i = 0; i < KT_LEN(order); i++) {
		CHECK_INT(heap.v[0].at, times[order[i]]);
		CHECK_INT(kt_duequeue_pop(&heap).item, order[i]);
	}
	CHECK_INT(heap.n, 0);
}

TEST(many)
{
	struct kt_random random;
	kt_auto(kt_duequeue_fini) struct kt_duequeue heap = {0};
	struct kt_due last = {0};
	kt_random_seed(&random, 1, 0);
	for (uint32_t i = 0; i < 10000; i++) {
		kt_duequeue_push(&heap, (int64_t)(kt_random_next(&random) >> 50), i);
		if (i % 3 == 0)
			kt_duequeue_pop(&heap);
	}
	for (size_t left = heap.n; left; left--) {
		struct kt_due due = kt_duequeue_pop(&heap);
		CHECK(due.at > last.at || (due.at == last.at && due.item >= last.item));
		last = due;
	}
	CHECK_INT(heap.n, 0);
}
