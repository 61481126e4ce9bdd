/* Random numbers for simulations: fast, repeatable from a seed, and no secrets. The generator is xoshiro256**.
 *
 *   struct kt_random random;
 *   kt_random_seed(&random, 42, 7);                      the seventh stream of seed 42
 *   float f = kt_random_signed(&random);
 */
#ifndef KT_RANDOM_H
#define KT_RANDOM_H

#include "base.h"

struct kt_random {
	uint64_t state[4];
};

/* Streams of one seed do not repeat each other. */
void kt_random_seed(struct kt_random *r, uint64_t seed, uint64_t stream);

/* A start that nobody can repeat, from the system. */
void kt_random_start(struct kt_random *r);

uint64_t kt_random_next(struct kt_random *r);

/* Uniform in [-1, 1), in steps of 2^-23. */
float kt_random_signed(struct kt_random *r);

/* Uniform in [0, 1), in steps of 2^-53. */
double kt_random_unit(struct kt_random *r);

/* One of 0 … n - 1, each equally likely; n is at least 1. */
uint64_t kt_random_below(struct kt_random *r, uint64_t n);

enum { KT_UUID_LEN = 36 };

/* A UUID of version 4 in lower case; no terminator. */
void kt_random_uuid(struct kt_random *r, char out[KT_UUID_LEN]);

#endif
