#include "duequeue.h"

#include "mem.h"

static bool before(struct kt_due a, struct kt_due b)
{
	return a.at != b.at ? a.at < b.at : a.item < b.item;
}

void kt_duequeue_push(struct kt_duequeue *heap, int64_t at, uint32_t item)
{
	struct kt_due due = {at, item};
	heap->v = kt_grow(heap->v, &heap->cap, heap->n + 1, sizeof(*heap->v));
	size_t i = heap->n++;
	for (size_t parent; i && before(due, heap->v[parent = (i - 1) / 2]); i = parent)
		heap->v[i] = heap->v[parent];
	heap->v[i] = due;
}

struct kt_due kt_duequeue_pop(struct kt_duequeue *heap)
{
	struct kt_due first = heap->v[0], last = heap->v[--heap->n];
	size_t i = 0;
	for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
		if (child + 1 < heap->n && before(heap->v[child + 1], heap->v[child]))
			child++;
		if (!before(heap->v[child], last))
			break;
		heap->v[i] = heap->v[child];
	}
	heap->v[i] = last;
	return first;
}

void kt_duequeue_fini(struct kt_duequeue *heap)
{
	free(heap->v);
	*heap = (struct kt_duequeue){0};
}
