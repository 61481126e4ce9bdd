#include "histogram.h"

#include "tap.h"

TEST(small_numbers_are_exact)
{
	struct kt_histogram h = {0};
	for (int64_t i = 1; i <= 100; i++)
		kt_histogram_add(&h, i);
	CHECK_INT(kt_histogram_at(&h, 0), 1);
	CHECK_INT(kt_histogram_at(&h, 0.5), 50);
	CHECK_INT(kt_histogram_at(&h, 0.99), 99);
	CHECK_INT(kt_histogram_at(&h, 0.999), 100);
	CHECK_INT(kt_histogram_at(&h, 1), 100);
	CHECK_INT(h.n, 100);
	CHECK_INT(h.sum, 5050);
	CHECK_INT(kt_histogram_up_to(&h, 30), 30);
	CHECK_INT(kt_histogram_up_to(&h, 1000), 100);
}

TEST(nothing)
{
	struct kt_histogram h = {0};
	CHECK_INT(kt_histogram_at(&h, 0.5), 0);
	CHECK_INT(kt_histogram_up_to(&h, 5), 0);
}

TEST(large_numbers_within_one_percent)
{
	for (int64_t n = 100; n < (int64_t)1 << 40; n = n * 5 / 4 + 1) {
		struct kt_histogram h = {0};
		kt_histogram_add(&h, n);
		kt_histogram_add(&h, INT64_MAX);
		int64_t got = kt_histogram_at(&h, 0.5);
		CHECK(got >= n && got <= n + n / 125);
		CHECK_INT(kt_histogram_up_to(&h, n), 1);
		CHECK_INT(kt_histogram_up_to(&h, n - n / 100 - 1), 0);
	}
}

TEST(out_of_range)
{
	struct kt_histogram h = {0};
	kt_histogram_add(&h, -5);
	CHECK_INT(kt_histogram_at(&h, 1), 0);
	kt_histogram_add(&h, INT64_MAX);
	CHECK_INT(h.max, INT64_MAX);
	CHECK(kt_histogram_at(&h, 1) > (int64_t)1 << 40);
}

TEST(two_in_one)
{
	struct kt_histogram h = {0}, more = {0};
	for (int64_t i = 1; i <= 50; i++)
		kt_histogram_add(&h, i);
	for (int64_t i = 51; i <= 100; i++)
		kt_histogram_add(&more, i);
	kt_histogram_merge(&h, &more);
	CHECK_INT(h.n, 100);
	CHECK_INT(h.sum, 5050);
	CHECK_INT(h.max, 100);
	CHECK_INT(kt_histogram_at(&h, 0.75), 75);
}

TEST(mean_and_deviation)
{
	struct kt_histogram h = {0};
	CHECK(kt_histogram_mean(&h) == 0 && kt_histogram_deviation(&h) == 0);
	kt_histogram_add(&h, 10);
	kt_histogram_add(&h, 20);
	CHECK(kt_histogram_mean(&h) == 15 && kt_histogram_deviation(&h) == 5);
}
