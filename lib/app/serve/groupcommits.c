/* How far the partitions of a group reader are done, and that the group is told. */
#include "groupreader_own.h"
#include "mem.h"
#include "when.h"

/* Before a commit that was refused is asked for again. */
enum { AGAIN_MS = 1000 };

void kt_groupreader_forget(struct kt_groupreader *g, size_t place, const struct kt_groupack *ack, uint64_t number)
{
	size_t kept = 0;
	for (size_t i = 0; i < g->n_given; i++) {
		const struct kt_groupreader_given *r = &g->given[i];
		bool goes = r->place == place && r->number <= number &&
			    (!ack || (ack->only ? r->offset + 1 == ack->next : r->offset < ack->next));
		if (goes)
			g->bytes -= r->size;
		else
			g->given[kept++] = *r;
	}
	g->n_given = kept;
}

void kt_groupreader_hear(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	struct kt_groupreader_heard *heard = kt_steal(g->heard);
	size_t n = g->n_heard;
	g->n_heard = g->cap_heard = 0;
	pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < g->n_parts; k++)
			if (g->parts[k].owned && g->parts[k].at.partition == heard[i].ack.partition)
				kt_groupreader_forget(g, k, &heard[i].ack, heard[i].number);
	free(heard);
}

/* Where the partition goes on for the next member. */
static int64_t position(struct kt_groupreader *g, size_t place)
{
	int64_t least = g->parts[place].top;
	if (g->how.marks) {
		pthread_mutex_lock(&g->lock);
		least = g->parts[place].mark;
		pthread_mutex_unlock(&g->lock);
		return least;
	}
	for (size_t i = 0; i < g->n_given; i++)
		if (g->given[i].place == place && g->given[i].offset < least)
			least = g->given[i].offset;
	return least;
}

int kt_groupreader_commit(struct kt_groupreader *g, size_t place, bool last, struct kt_err *err)
{
	struct kt_groupreader_part *part = &g->parts[place];
	int64_t now_us = kt_clock_us(), at = part->owned ? position(g, place) : KT_NO_OFFSET;
	if (at == KT_NO_OFFSET || at == part->committed || (!last && (part->asking || g->rejoining)) ||
		(!last && now_us < part->again_us))
		return 0;
	int asked = kt_member_commit_part(g->member, &part->at, at, err);
	if (asked <= 0)
		return asked;
	part->asking = true;
	part->committed = at;
	return 0;
}

int kt_groupreader_commit_all(struct kt_groupreader *g, struct kt_err *err)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (kt_groupreader_commit(g, i, false, err) < 0)
			return -1;
	return 0;
}

static void note_answer(struct kt_groupreader *g, struct kt_groupreader_part *part, const struct kt_err *why)
{
	pthread_mutex_lock(&g->lock);
	if (why->status)
		g->marks.why = *why;
	else
		part->stored = part->committed;
	pthread_mutex_unlock(&g->lock);
}

void kt_groupreader_committed(struct kt_groupreader *g, const struct kt_member_event *event)
{
	for (size_t i = 0; i < g->n_parts; i++) {
		struct kt_groupreader_part *part = &g->parts[i];
		bool named = !event->n_parts;
		for (size_t k = 0; k < event->n_parts && !named; k++)
			named = part->owned && event->parts[k].place == part->at.place;
		if (!named || !part->asking)
			continue;
		part->asking = false;
		note_answer(g, part, &event->why);
		if (!event->why.status)
			continue;
		part->committed = KT_NO_OFFSET;
		part->again_us = kt_clock_us() + AGAIN_MS * 1000;
	}
}

bool kt_groupreader_is_asking(struct kt_groupreader *g)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].owned && (g->parts[i].asking || position(g, i) != g->parts[i].committed) &&
			position(g, i) != KT_NO_OFFSET)
			return true;
	return false;
}
