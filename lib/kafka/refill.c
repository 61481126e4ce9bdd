#include "refill.h"

#include "when.h"

/* A short queue is refilled soon enough by itself. Asking more often than that would cost more than it brings, and a
 * broker that takes longer to answer than WAIT_MS has been woken all the same. */
enum { LONG_QUEUE = 1000, PAUSE_US = 5000, WAIT_MS = 50, MOST_PARTS = 64 };

void kt_refill(struct kt_refill *r, rd_kafka_t *rk, rd_kafka_queue_t *queue, const struct kt_parts *parts)
{
	size_t length = r->needed ? rd_kafka_queue_length(queue) : 0;
	if (length > r->peak)
		r->peak = length;
	if (r->peak < LONG_QUEUE || length > r->peak / 2 || kt_clock_us() - r->asked_us < PAUSE_US)
		return;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(MOST_PARTS);
	for (size_t i = 0; i < parts->n && list->cnt < MOST_PARTS; i++)
		if (parts->v[i].assigned && !parts->v[i].done)
			rd_kafka_topic_partition_list_add(list, parts->v[i].topic, parts->v[i].partition)->offset =
				RD_KAFKA_OFFSET_END;
	if (list->cnt)
		rd_kafka_offsets_for_times(rk, list, WAIT_MS);
	rd_kafka_topic_partition_list_destroy(list);
	r->asked_us = kt_clock_us();
	r->peak = length;
}
