#include "allowance.h"

#include "mem.h"
#include "random.h"

enum { SLOT_BITS = 16, SECOND_NS = 1000000000 };

struct kt_allowance {
	int64_t each_ns;                 /* what a request costs */
	uint64_t secret;                 /* so that nobody can choose whom to share with */
	int64_t paid_ns[1 << SLOT_BITS]; /* until when what was made has been paid for */
};

struct kt_allowance *kt_allowance_new(int64_t rate)
{
	struct kt_random random;
	struct kt_allowance *a = kt_calloc(1, sizeof(*a));
	kt_random_start(&random);
	a->each_ns = SECOND_NS / rate;
	a->secret = kt_random_next(&random);
	return a;
}

bool kt_allowance_take(struct kt_allowance *a, uint64_t who, int64_t now_us)
{
	uint64_t mixed = (who ^ a->secret) * 0x9e3779b97f4a7c15u;
	mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15u;
	int64_t *paid_ns = &a->paid_ns[mixed >> (64 - SLOT_BITS)], now_ns = now_us * 1000;
	int64_t next_ns = (*paid_ns > now_ns ? *paid_ns : now_ns) + a->each_ns;
	if (next_ns - now_ns > SECOND_NS)
		return false;
	*paid_ns = next_ns;
	return true;
}

void kt_allowance_free(struct kt_allowance *a)
{
	free(a);
}
