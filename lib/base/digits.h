/* Decimal digits, two at a time. */
#ifndef KT_DIGITS_H
#define KT_DIGITS_H

#include "base.h"

enum { KT_DIGITS_MAX = 20 }; /* of the largest uint64_t */

/* How many digits n has; 1 for 0. */
unsigned kt_digits_count(uint64_t n);

/* Writes the digits of n, at most KT_DIGITS_MAX and no terminator; returns where they end. */
char *kt_digits(char *to, uint64_t n);

/* The same with a minus sign in front of negative numbers. */
static inline char *kt_digits_signed(char *to, int64_t n)
{
	*to = '-';
	return kt_digits(to + (n < 0), n < 0 ? -(uint64_t)n : (uint64_t)n);
}

/* Exactly `width` digits, zeros in front; n must not have more. */
char *kt_digits_padded(char *to, uint64_t n, unsigned width);

#endif
