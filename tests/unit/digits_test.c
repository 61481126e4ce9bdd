#include "digits.h"

#include <inttypes.h>

#include "tap.h"

static void check(uint64_t n)
{
	char text[1 + KT_DIGITS_MAX + 1], expected[32];
	snprintf(expected, sizeof(expected), "%" PRIu64, n);
	*kt_digits(text, n) = '\0';
	CHECK_STR(text, expected);
	CHECK_INT(kt_digits_count(n), strlen(expected));
	snprintf(expected, sizeof(expected), "%" PRId64, (int64_t)n);
	*kt_digits_signed(text, (int64_t)n) = '\0';
	CHECK_STR(text, expected);
}

TEST(around_powers)
{
	uint64_t power = 1;
	for (int i = 0; i < 20; i++, power *= 10)
		for (int delta = -1; delta <= 1; delta++)
			check(power + (uint64_t)(int64_t)delta);
	for (int i = 0; i < 64; i++)
		for (int delta = -1; delta <= 1; delta++)
			check((1ull << i) + (uint64_t)(int64_t)delta);
}

TEST(padded)
{
	static const struct {
		uint64_t n;
		unsigned width;
		const char *text;
	} rows[] = {{0, 1, "0"}, {7, 2, "07"}, {7, 3, "007"}, {123, 3, "123"}, {45, 5, "00045"}, {1, 0, ""}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		char text[8];
		*kt_digits_padded(text, rows[i].n, rows[i].width) = '\0';
		CHECK_STR(text, rows[i].text);
	}
}
