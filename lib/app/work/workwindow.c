/* The window of one partition: a ring of the records that were read and not committed. */
#include "workwindow.h"

#include "mem.h"

void kt_workwindow_init(struct kt_workwindow *w, size_t max_ahead, int64_t start)
{
	*w = (struct kt_workwindow){.cap = max_ahead, .committed = start, .asked = start, .end = start};
	w->offsets = kt_calloc(max_ahead, sizeof(*w->offsets));
	w->states = kt_calloc(max_ahead, sizeof(*w->states));
}

bool kt_workwindow_has_room(const struct kt_workwindow *w)
{
	return w->next - w->first < w->cap;
}

uint64_t kt_workwindow_add(struct kt_workwindow *w, int64_t offset)
{
	size_t at = w->next % w->cap;
	w->offsets[at] = offset;
	w->states[at] = KT_WORKWINDOW_READ;
	w->end = offset + 1;
	return w->next++;
}

void kt_workwindow_ended(struct kt_workwindow *w, int64_t offset)
{
	w->end = offset > w->end ? offset : w->end;
}

void kt_workwindow_handed(struct kt_workwindow *w, uint64_t serial)
{
	w->states[serial % w->cap] = KT_WORKWINDOW_HANDED;
}

void kt_workwindow_finish(struct kt_workwindow *w, uint64_t serial)
{
	w->states[serial % w->cap] = KT_WORKWINDOW_FINISHED;
	while (w->low < w->next && w->states[w->low % w->cap] == KT_WORKWINDOW_FINISHED)
		w->low++;
}

int64_t kt_workwindow_position(const struct kt_workwindow *w)
{
	return w->low < w->next ? w->offsets[w->low % w->cap] : w->end;
}

int64_t kt_workwindow_ask(struct kt_workwindow *w)
{
	w->asked_low = w->low;
	return w->asked = kt_workwindow_position(w);
}

void kt_workwindow_committed(struct kt_workwindow *w)
{
	w->first = w->asked_low;
	w->committed = w->asked;
}

uint64_t kt_workwindow_uncommitted(const struct kt_workwindow *w)
{
	uint64_t n = 0;
	for (uint64_t i = w->first; i < w->next; i++)
		n += w->states[i % w->cap] == KT_WORKWINDOW_FINISHED;
	return n;
}

bool kt_workwindow_is_urgent(const struct kt_workwindow *w)
{
	return w->low > w->first && w->low - w->first >= w->cap / 2;
}

uint64_t kt_workwindow_handed_after(const struct kt_workwindow *w, int64_t offset)
{
	uint64_t n = 0;
	for (uint64_t i = w->first; i < w->next; i++)
		n += w->states[i % w->cap] != KT_WORKWINDOW_READ && w->offsets[i % w->cap] >= offset;
	return n;
}

void kt_workwindow_fini(struct kt_workwindow *w)
{
	free(w->offsets);
	free(w->states);
	*w = (struct kt_workwindow){0};
}
