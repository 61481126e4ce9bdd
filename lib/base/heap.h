/* What is due when: numbered items, the earliest first. Starts as {0}.
 *
 *   kt_auto(kt_heap_fini) struct kt_heap heap = {0};
 *   kt_heap_push(&heap, now_us + 1000, item);
 *   while (heap.n && heap.v[0].at <= now_us)
 *           run(kt_heap_pop(&heap).item);
 */
#ifndef KT_HEAP_H
#define KT_HEAP_H

#include "base.h"

struct kt_due {
	int64_t at;
	uint32_t item;
};

struct kt_heap {
	struct kt_due *v; /* v[0] is the earliest; of equal times the lower item */
	size_t n, cap;
};

void kt_heap_push(struct kt_heap *heap, int64_t at, uint32_t item);

/* The heap must not be empty. */
struct kt_due kt_heap_pop(struct kt_heap *heap);

void kt_heap_fini(struct kt_heap *heap);

#endif
