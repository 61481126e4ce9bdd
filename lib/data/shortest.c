#include "shortest.h"

#include <math.h>

#include "digits.h"

/* 10^e / 2^(floor(log2(10^e)) - 127), rounded up. */
struct power {
	uint64_t high, low;
};

__extension__ typedef unsigned __int128 wide;

enum { FIRST_POWER = -292 };

static const struct power powers[] = {
#include "powers.inc"
};

/* digits * 10^exponent */
struct decimal {
	uint64_t digits;
	int exponent;
};

/* floor(log2(10^e)) */
static int log2_of_power(int e)
{
	return e * 1741647 >> 19;
}

/* floor(log10(2^e)), or floor(log10(3/4 * 2^e)) where the number below is nearer than the one above. */
static int log10_of_power(int e, bool uneven)
{
	return (e * 1262611 - (uneven ? 524031 : 0)) >> 22;
}

/* The upper 64 bits of the product, the last one set when anything below them was: enough to compare and to round by.
 */
static uint64_t multiply(struct power power, uint64_t n)
{
	wide low = (wide)power.low * n, high = (wide)power.high * n + (uint64_t)(low >> 64);
	return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The decimal for c * 2^q. What reads back as this number lies between its two neighbours, half way each; in units of
 * 10^k, chosen so that this interval is 1 to 10 units wide, the decimal is one of four: the number rounded down and up
 * to a whole unit, or to ten of them. All is in quarters of a unit, so that the halves are whole. */
static struct decimal shorten(uint64_t c, int q, bool uneven)
{
	bool even = c % 2 == 0; /* then the ends of the interval belong to it */
	int k = log10_of_power(q, uneven);
	int shift = q + log2_of_power(-k) + 1;
	struct power power = powers[-k - FIRST_POWER];
	uint64_t lower = multiply(power, (4 * c - 2 + uneven) << shift) + !even;
	uint64_t value = multiply(power, (4 * c) << shift);
	uint64_t upper = multiply(power, (4 * c + 2) << shift) - !even;
	uint64_t down = value / 4, tens = down / 10;
	if (down >= 10) {
		bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
		if (below != above)
			return (struct decimal){tens + above, k + 1};
	}
	bool below = lower <= 4 * down, above = 4 * down + 4 <= upper;
	if (below != above)
		return (struct decimal){down + above, k};
	uint64_t middle = 4 * down + 2;
	return (struct decimal){down + (value > middle || (value == middle && down % 2)), k};
}

static struct decimal without_zeros(struct decimal d)
{
	if (d.digits % 100000000 == 0)
		d = (struct decimal){d.digits / 100000000, d.exponent + 8};
	while (d.digits % 100 == 0)
		d = (struct decimal){d.digits / 100, d.exponent + 2};
	if (d.digits % 10 == 0)
		d = (struct decimal){d.digits / 10, d.exponent + 1};
	return d;
}

/* digits[0].digits[1…]e±XX */
static char *spell_exponent(char *to, const char *digits, unsigned n, int exponent)
{
	*to++ = digits[0];
	if (n > 1) {
		*to++ = '.';
		memcpy(to, digits + 1, n - 1);
		to += n - 1;
	}
	*to++ = 'e';
	*to++ = exponent < 0 ? '-' : '+';
	exponent = exponent < 0 ? -exponent : exponent;
	return kt_digits_padded(to, (uint64_t)exponent, exponent < 100 ? 2 : 3);
}

static char *spell(char *to, struct decimal d)
{
	char digits[KT_DIGITS_MAX];
	unsigned n = (unsigned)(kt_digits(digits, d.digits) - digits);
	int point = (int)n + d.exponent; /* where it stands, counted from the first digit */
	if (point <= -4 || point > 16)
		return spell_exponent(to, digits, n, point - 1);
	if (point <= 0) {
		memcpy(to, "0.000", 5);
		memcpy(to + 2 - point, digits, n);
		return to + 2 - point + n;
	}
	if (point >= (int)n) {
		memcpy(to, digits, n);
		memset(to + n, '0', (size_t)point - n);
		memcpy(to + point, ".0", 2);
		return to + point + 2;
	}
	memcpy(to, digits, (size_t)point);
	to[point] = '.';
	memcpy(to + point + 1, digits + point, n - (size_t)point);
	return to + n + 1;
}

/* A number as IEEE 754 stores it: the sign taken off, `bits` bits of fraction, and the exponent of a subnormal's last
 * bit. */
static char *spell_number(char *to, uint64_t fraction, int exponent, unsigned bits, int least)
{
	uint64_t c = exponent ? fraction | 1ull << bits : fraction;
	int q = least + (exponent ? exponent - 1 : 0);
	if (!c) {
		memcpy(to, "0.0", 3);
		return to + 3;
	}
	/* Whole numbers without an exponent are spelled digit by digit. */
	if (q <= 0 && -q <= (int)bits && !(c & ((1ull << -q) - 1)))
		return spell(to, (struct decimal){c >> -q, 0});
	return spell(to, without_zeros(shorten(c, q, !fraction && exponent > 1)));
}

char *kt_shortest_double(char *to, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	*to = '-';
	return spell_number(to + (bits >> 63), bits & ((1ull << 52) - 1), (int)(bits >> 52 & 2047), 52, -1074);
}

char *kt_shortest_float(char *to, float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof(bits));
	*to = '-';
	return spell_number(to + (bits >> 31), bits & ((1u << 23) - 1), (int)(bits >> 23 & 255), 23, -149);
}

/* names: of what is not a number, of infinity, and of minus infinity */
static void add_special(struct kt_buf *out, double value, const char *const names[3])
{
	kt_buf_adds(out, names[isnan(value) ? 0 : value > 0 ? 1 : 2]);
}

void kt_json_double(struct kt_buf *out, double value)
{
	if (isfinite(value))
		out->len = (size_t)(kt_shortest_double(kt_buf_reserve(out, KT_SHORTEST_MAX), value) - out->data);
	else
		add_special(out, value, (const char *const[]){"\"NaN\"", "\"Infinity\"", "\"-Infinity\""});
}

void kt_json_float(struct kt_buf *out, float value)
{
	if (isfinite(value))
		out->len = (size_t)(kt_shortest_float(kt_buf_reserve(out, KT_SHORTEST_MAX), value) - out->data);
	else
		kt_json_double(out, (double)value);
}

void kt_python_double(struct kt_buf *out, double value)
{
	if (isfinite(value))
		kt_json_double(out, value);
	else
		add_special(out, value, (const char *const[]){"nan", "inf", "-inf"});
}
