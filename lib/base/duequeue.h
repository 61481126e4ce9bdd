/* What is due when: numbered items, the earliest first. Starts as {0}.
 *
 *   kt_auto(kt_duequeue_fini) struct kt_duequeue heap = {0};
 *   kt_duequeue_push(&heap, now_us + 1000, item);
 *   while (heap.n && heap.v[0].at <= now_us)
 *           run(kt_duequeue_pop(&heap).item);
 */
#ifndef KT_DUEQUEUE_H
#define KT_DUEQUEUE_H

#include "base.h"

struct kt_due {
	int64_t at;
	uint32_t item;
};

struct kt_duequeue {
	struct kt_due *v; /* v[0] is the earliest; of equal times the lower item */
	size_t n, cap;
};

void kt_duequeue_push(struct kt_duequeue *heap, int64_t at, uint32_t item);

/* The heap must not be empty. */
struct kt_due kt_duequeue_pop(struct kt_duequeue *heap);

void kt_duequeue_fini(struct kt_duequeue *heap);

#endif
