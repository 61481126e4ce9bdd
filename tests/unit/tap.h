/* Unit tests as TAP, in one header.
 *
 *   TEST(adds_up) { CHECK(1 + 1 == 2); CHECK_STR(text, "two"); CHECK_INT(n, 2); }
 *
 * Each TEST registers itself and main() below runs them all: one "ok" or "not ok" line per test, and a "#" line with
 * the place and the values for each check that failed.
 */
#ifndef KT_TAP_H
#define KT_TAP_H

#include <stdio.h>
#include <string.h>

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

static struct tap_test *tap_tests, **tap_end = &tap_tests;
static int tap_failed_checks;

#define TEST(id)                                                                                                       \
	static void test_##id(void);                                                                                   \
	__attribute__((constructor)) static void tap_add_##id(void)                                                    \
	{                                                                                                              \
		static struct tap_test test = {#id, test_##id, NULL};                                                  \
		*tap_end = &test;                                                                                      \
		tap_end = &test.next;                                                                                  \
	}                                                                                                              \
	static void test_##id(void)

#define TAP_FAIL(...)                                                                                                  \
	do {                                                                                                           \
		tap_failed_checks++;                                                                                   \
		printf("# %s:%d: ", __FILE__, __LINE__);                                                               \
		printf(__VA_ARGS__);                                                                                   \
		printf("\n");                                                                                          \
	} while (0)

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			TAP_FAIL("%s", #condition);                                                                    \
	} while (0)

#define CHECK_INT(got, expected)                                                                                       \
	do {                                                                                                           \
		long long got_ = (long long)(got), expected_ = (long long)(expected);                                  \
		if (got_ != expected_)                                                                                 \
			TAP_FAIL("%s is %lld, not %lld", #got, got_, expected_);                                       \
	} while (0)

#define CHECK_STR(got, expected)                                                                                       \
	do {                                                                                                           \
		const char *got_ = (got), *expected_ = (expected);                                                     \
		if (!got_ || !expected_ ? got_ != expected_ : strcmp(got_, expected_) != 0)                            \
			TAP_FAIL("%s is \"%s\", not \"%s\"", #got, got_ ? got_ : "(null)",                             \
				expected_ ? expected_ : "(null)");                                                     \
	} while (0)

/* The same for len bytes that need not be terminated. */
#define CHECK_MEM(got, got_len, expected, expected_len)                                                                \
	do {                                                                                                           \
		size_t got_len_ = (got_len), expected_len_ = (expected_len);                                           \
		if (got_len_ != expected_len_ || (got_len_ && memcmp((got), (expected), got_len_) != 0))               \
			TAP_FAIL("%s is \"%.*s\", not \"%.*s\"", #got, (int)got_len_, (const char *)(got),             \
				(int)expected_len_, (const char *)(expected));                                         \
	} while (0)

int main(void)
{
	int number = 0, failed = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct tap_test *test = tap_tests; test; test = test->next) {
		tap_failed_checks = 0;
		test->run();
		failed += tap_failed_checks != 0;
		printf("%sok %d - %s\n", tap_failed_checks ? "not " : "", ++number, test->name);
	}
	printf("1..%d\n", number);
	return failed != 0;
}

#endif
