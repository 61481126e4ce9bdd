#include "random.h"

#include <sys/random.h>

#include "when.h"

static uint64_t rotate(uint64_t n, int by)
{
	return n << by | n >> (64 - by);
}

/* SplitMix64: spreads seeds that differ in one bit over a whole state. */
static uint64_t spread(uint64_t *seed)
{
	uint64_t n = *seed += 0x9e3779b97f4a7c15;
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return n ^ n >> 31;
}

void kt_random_seed(struct kt_random *r, uint64_t seed, uint64_t stream)
{
	uint64_t from = spread(&seed) ^ rotate(spread(&stream), 23);
	for (size_t i = 0; i < KT_LEN(r->state); i++)
		r->state[i] = spread(&from);
}

void kt_random_start(struct kt_random *r)
{
	/* All zero is the one state that the generator never leaves. */
	if (getrandom(r->state, sizeof(r->state), 0) != sizeof(r->state) || !(r->state[0] | r->state[1]))
		kt_random_seed(r, (uint64_t)kt_clock_us(), (uint64_t)kt_now_ms());
}

uint64_t kt_random_next(struct kt_random *r)
{
	uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

float kt_random_signed(struct kt_random *r)
{
	return (float)(kt_random_next(r) >> 40) * 0x1p-23f - 1;
}

double kt_random_unit(struct kt_random *r)
{
	return (double)(kt_random_next(r) >> 11) * 0x1p-53;
}

/* Numbers above the last whole multiple of n are drawn again. */
uint64_t kt_random_below(struct kt_random *r, uint64_t n)
{
	uint64_t drawn, most = UINT64_MAX - UINT64_MAX % n;
	do
		drawn = kt_random_next(r);
	while (drawn >= most);
	return drawn % n;
}

void kt_random_uuid(struct kt_random *r, char out[KT_UUID_LEN])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t halves[2] = {kt_random_next(r), kt_random_next(r)};
	halves[0] = (halves[0] & 0xffffffffffff0fff) | 0x4000;
	halves[1] = (halves[1] & 0x3fffffffffffffff) | 0x8000000000000000;
	for (int i = 0; i < 32; i++) {
		*out++ = digits[halves[i / 16] >> (60 - i % 16 * 4) & 15];
		if (i == 7 || i == 11 || i == 15 || i == 19)
			*out++ = '-';
	}
}
