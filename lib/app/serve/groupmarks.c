/* What is told of a group reader's partitions, and where they are to go on. */
#include <sys/eventfd.h>

#include "groupreader_own.h"

void kt_groupreader_parts(
	struct kt_groupreader *g, void (*each)(void *user, const struct kt_grouppart *part), void *user)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_parts; i++) {
		const struct kt_groupreader_part *part = &g->parts[i];
		const struct kt_grouppart told = {part->at.topic, part->at.partition, part->stored};
		if (part->owned)
			each(user, &told);
	}
	pthread_mutex_unlock(&g->lock);
}

/* Up to where it may be marked. */
static int64_t given_of(const struct kt_groupreader_part *part)
{
	return part->taken != KT_NO_OFFSET ? part->taken : part->at.offset;
}

enum kt_groupmark_result kt_groupreader_mark(struct kt_groupreader *g, const struct kt_groupmark *mark)
{
	enum kt_groupmark_result result = KT_GROUPMARK_NOT_HERE;
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_parts; i++) {
		struct kt_groupreader_part *part = &g->parts[i];
		if (!part->owned || part->at.partition != mark->partition || strcmp(part->at.topic, mark->topic) != 0)
			continue;
		result = mark->next <= given_of(part) ? KT_GROUPMARK_DONE : KT_GROUPMARK_BEYOND;
		if (result == KT_GROUPMARK_DONE && !mark->only_look)
			part->mark = mark->next;
	}
	g->marks.made += !mark->only_look;
	pthread_mutex_unlock(&g->lock);
	if (!mark->only_look)
		eventfd_write(g->event_fd, 1);
	return result;
}

void kt_groupreader_mark_taken(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].owned && g->parts[i].taken != KT_NO_OFFSET)
			g->parts[i].mark = g->parts[i].taken;
	g->marks.made++;
	pthread_mutex_unlock(&g->lock);
	eventfd_write(g->event_fd, 1);
}

struct kt_groupmarks kt_groupreader_marks(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	struct kt_groupmarks marks = g->marks;
	pthread_mutex_unlock(&g->lock);
	return marks;
}

uint64_t kt_groupreader_made(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	uint64_t made = g->marks.made;
	pthread_mutex_unlock(&g->lock);
	return made;
}

bool kt_groupreader_settle(struct kt_groupreader *g, uint64_t made)
{
	pthread_mutex_lock(&g->lock);
	bool news = g->marks.settled != made;
	g->marks.settled = made;
	pthread_mutex_unlock(&g->lock);
	return news;
}
