#include "gather.h"

void kt_gather_add(struct kt_gather *g, size_t bytes, bool eager, int64_t now_us)
{
	if (g->off)
		return;
	g->since_us = g->since_us ? g->since_us : now_us;
	g->bytes += bytes;
	g->eager |= eager;
}

enum kt_gather_word kt_gather_look(const struct kt_gather *g, int64_t sent, int64_t now_us)
{
	if (!g->since_us || g->eager)
		return KT_GATHER_GO;
	if (!sent || now_us >= kt_gather_until_us(g))
		return KT_GATHER_HURRY;
	return g->bytes >= KT_GATHER_BYTES ? KT_GATHER_GO : KT_GATHER_WAIT;
}

void kt_gather_done(struct kt_gather *g)
{
	*g = (struct kt_gather){.off = g->off};
}

int64_t kt_gather_until_us(const struct kt_gather *g)
{
	return g->since_us ? g->since_us + KT_GATHER_US : INT64_MAX;
}
