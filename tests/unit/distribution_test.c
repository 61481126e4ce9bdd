/* Seeds are fixed, so a distribution that is right always passes; the limits of chi squared are exceeded by one in a
 * thousand. */
#include "distribution.h"

#include <math.h>

#include "tap.h"

enum { DRAWS = 200000 };

static double chi_squared(const int64_t *counts, const double *shares, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double expected = shares[i] * DRAWS, off = (double)counts[i] - expected;
		sum += off * off / expected;
	}
	return sum;
}

TEST(zipf)
{
	static const double exponents[] = {0.3, 0.99, 1, 1.000001, 1.2, 3};
	enum { N = 10 };
	for (size_t e = 0; e < KT_LEN(exponents); e++) {
		int64_t counts[N] = {0};
		double shares[N], sum = 0;
		struct kt_zipf z;
		struct kt_random r;
		kt_random_seed(&r, 1, e);
		kt_zipf_init(&z, N, exponents[e]);
		for (int k = 0; k < N; k++)
			sum += shares[k] = pow(k + 1, -exponents[e]);
		for (int k = 0; k < N; k++)
			shares[k] /= sum;
		for (int i = 0; i < DRAWS; i++) {
			int64_t k = kt_zipf_next(&z, &r);
			if (k < 1 || k > N)
				TAP_FAIL("%lld", (long long)k);
			else
				counts[k - 1]++;
		}
		double chi = chi_squared(counts, shares, N);
		if (chi > 27.88)
			TAP_FAIL("exponent %g: chi squared is %g", exponents[e], chi);
	}
}

TEST(zipf_of_one_and_of_many)
{
	struct kt_zipf z;
	struct kt_random r;
	int first = 0, second = 0;
	kt_random_seed(&r, 1, 0);
	kt_zipf_init(&z, 1, 1);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(kt_zipf_next(&z, &r), 1);
	kt_zipf_init(&z, KT_ZIPF_MOST, 2);
	for (int i = 0; i < DRAWS; i++) {
		int64_t k = kt_zipf_next(&z, &r);
		CHECK(k >= 1 && k <= KT_ZIPF_MOST);
		first += k == 1;
		second += k == 2;
	}
	/* 6 / pi^2, and a quarter of it. */
	CHECK(first > DRAWS * 0.604 && first < DRAWS * 0.612);
	CHECK(second > DRAWS * 0.148 && second < DRAWS * 0.156);
	kt_zipf_init(&z, 1000000, 100);
	CHECK_INT(kt_zipf_next(&z, &r), 1);
}

TEST(normal)
{
	/* What splits a standard normal distribution into ten equal parts. */
	static const double deciles[] = {-1.2815515655446004, -0.8416212335729143, -0.5244005127080407,
		-0.2533471031357997, 0, 0.2533471031357997, 0.5244005127080407, 0.8416212335729143, 1.2815515655446004};
	enum { N = KT_LEN(deciles) + 1 };
	int64_t counts[N] = {0};
	double shares[N], sum = 0, squares = 0;
	struct kt_random r;
	kt_random_seed(&r, 42, 0);
	for (int i = 0; i < DRAWS; i++) {
		double n = (kt_random_normal(&r, 175, 7) - 175) / 7;
		size_t part = 0;
		sum += n;
		squares += n * n;
		while (part < KT_LEN(deciles) && n >= deciles[part])
			part++;
		counts[part]++;
	}
	for (size_t i = 0; i < N; i++)
		shares[i] = 1.0 / N;
	double chi = chi_squared(counts, shares, N);
	if (chi > 27.88)
		TAP_FAIL("chi squared is %g", chi);
	CHECK(fabs(sum / DRAWS) < 0.01);
	CHECK(fabs(squares / DRAWS - 1) < 0.02);
	CHECK(kt_random_normal(&r, 5, 0) == 5);
}

TEST(below_and_unit)
{
	enum { N = 7 };
	int64_t counts[N] = {0}, tenths[10] = {0};
	double shares[10];
	struct kt_random r;
	kt_random_seed(&r, 3, 0);
	for (size_t i = 0; i < N; i++)
		shares[i] = 1.0 / N;
	for (int i = 0; i < DRAWS; i++)
		counts[kt_random_below(&r, N)]++;
	CHECK(chi_squared(counts, shares, N) < 22.46);
	for (size_t i = 0; i < 10; i++)
		shares[i] = 0.1;
	for (int i = 0; i < DRAWS; i++) {
		double n = kt_random_unit(&r);
		CHECK(n >= 0 && n < 1);
		tenths[(size_t)(n * 10)]++;
	}
	CHECK(chi_squared(tenths, shares, 10) < 27.88);
	CHECK_INT(kt_random_below(&r, 1), 0);
	for (int i = 0; i < 100; i++)
		CHECK(kt_random_below(&r, UINT64_MAX) < UINT64_MAX);
}
