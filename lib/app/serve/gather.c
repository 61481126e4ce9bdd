#include "gather.h"

void kt_gather_add(struct kt_gather *g, size_t bytes, bool eager, int64_t now_us)
{
	if (g->off)
		return;
	g->since_us = g->since_us ? g->since_us : now_us;
	g->bytes += bytes;
	g->eager |= eager;
}

/* What was hurried is answered, or has been waited for long enough to know. */
static void take_time(struct kt_gather *g, int64_t sent, int64_t now_us)
{
	enum { MOST_US = 2 * KT_GATHER_SLOW_US, SHARE = 8 };
	int64_t took_us = now_us - g->sent_us;
	if (!g->sent_us || (sent && took_us < MOST_US))
		return;
	g->answer_us += ((took_us < MOST_US ? took_us : MOST_US) - g->answer_us) / SHARE;
	g->sent_us = 0;
	if (g->answer_us > KT_GATHER_SLOW_US)
		g->paused_us = now_us + KT_GATHER_PAUSE_US;
}

static enum kt_gather_word choose(const struct kt_gather *g, int64_t sent, int64_t now_us)
{
	if (!g->since_us || g->eager || now_us < g->paused_us)
		return KT_GATHER_GO;
	if (!sent)
		return KT_GATHER_HURRY;
	return g->bytes >= KT_GATHER_BYTES || now_us >= kt_gather_until_us(g) ? KT_GATHER_GO : KT_GATHER_WAIT;
}

enum kt_gather_word kt_gather_look(struct kt_gather *g, int64_t sent, int64_t now_us)
{
	take_time(g, sent, now_us);
	enum kt_gather_word word = choose(g, sent, now_us);
	if (word == KT_GATHER_WAIT)
		return word;
	g->since_us = 0;
	g->bytes = 0;
	g->eager = false;
	if (word == KT_GATHER_HURRY)
		g->sent_us = now_us;
	return word;
}

int64_t kt_gather_until_us(const struct kt_gather *g)
{
	return g->since_us ? g->since_us + KT_GATHER_US : INT64_MAX;
}
