#include "digits.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
			    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

unsigned kt_digits_count(uint64_t n)
{
	static const uint64_t powers[] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
		10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000u};
	/* 1233/4096 is a little more than log10(2), so the guess is right or one too many. */
	unsigned bits = 64 - (unsigned)__builtin_clzll(n | 1), guess = bits * 1233 >> 12;
	return guess + (n >= powers[guess]);
}

char *kt_digits_padded(char *to, uint64_t n, unsigned width)
{
	char *at = to + width;
	for (; at - to >= 2; n /= 100)
		memcpy(at -= 2, pairs + n % 100 * 2, 2);
	if (at > to)
		*to = (char)('0' + n % 10);
	return to + width;
}

char *kt_digits(char *to, uint64_t n)
{
	return kt_digits_padded(to, n, kt_digits_count(n));
}
