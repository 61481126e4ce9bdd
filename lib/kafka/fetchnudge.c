#include "fetchnudge.h"

#include "client.h"
#include "when.h"

/* A short queue is refilled soon enough by itself. Asking more often than that would cost more than it brings, unless
 * nothing is left. */
enum { LONG_QUEUE = 1000, PAUSE_US = 5000, MOST_PARTS = 64 };

/* -1: this version of the library has no such property. */
static int64_t value_of(const rd_kafka_conf_t *conf, const char *property)
{
	char text[32];
	size_t size = sizeof(text);
	return rd_kafka_conf_get(conf, property, text, &size) == RD_KAFKA_CONF_OK ? strtoll(text, NULL, 10) : -1;
}

void kt_fetchnudge_configure(struct kt_fetchnudge *r, rd_kafka_conf_t *conf, const struct kt_settings *settings)
{
	kt_client_prefer(conf, settings, "fetch.queue.backoff.ms", "10");
	r->needed = value_of(conf, "fetch.queue.backoff.ms") < 0;
	r->most_bytes = value_of(conf, "queued.max.messages.kbytes") * 1000;
	int64_t most_records = value_of(conf, "queued.min.messages");
	r->long_queue = most_records < LONG_QUEUE ? (size_t)most_records : LONG_QUEUE;
}

/* What is left is taken to be as large as what was taken. */
static bool is_long(const struct kt_fetchnudge *r, size_t left, rd_kafka_message_t *const *taken, size_t n)
{
	int64_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += (int64_t)taken[i]->len;
	return left >= r->long_queue || bytes + bytes / (int64_t)n * (int64_t)left >= r->most_bytes / 2;
}

/* A question about these partitions wakes the threads that have to send it to those that lead them. The answer is not
 * waited for: it stands in line behind that to a fetch, which a broker that has nothing new delays on purpose. Frees
 * list. */
static void ask(struct kt_fetchnudge *r, rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list)
{
	if (list->cnt)
		rd_kafka_offsets_for_times(rk, list, 0);
	rd_kafka_topic_partition_list_destroy(list);
	r->asked_us = kt_clock_us();
}

void kt_fetchnudge_one(struct kt_fetchnudge *r, rd_kafka_t *rk, const struct kt_partition *part)
{
	if (!r->needed)
		return;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = RD_KAFKA_OFFSET_END;
	ask(r, rk, list);
}

void kt_fetchnudge(struct kt_fetchnudge *r, rd_kafka_t *rk, rd_kafka_queue_t *queue, rd_kafka_message_t *const *taken,
	size_t n, const struct kt_partitions *parts)
{
	if (!r->needed)
		return;
	size_t length = rd_kafka_queue_length(queue);
	if (length + n > r->peak)
		r->peak = length + n;
	r->was_long |= is_long(r, length, taken, n);
	if (!r->was_long || length > r->peak / 2 || (length && kt_clock_us() - r->asked_us < PAUSE_US))
		return;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(MOST_PARTS);
	for (size_t i = 0; i < parts->n && list->cnt < MOST_PARTS; i++)
		if (parts->v[i].assigned && !parts->v[i].done)
			rd_kafka_topic_partition_list_add(list, parts->v[i].topic, parts->v[i].partition)->offset =
				RD_KAFKA_OFFSET_END;
	ask(r, rk, list);
	r->peak = length;
	r->was_long = false;
}

void kt_fetchnudge_read(struct kt_fetchnudge *r, rd_kafka_t *rk, struct kt_partition *part, size_t bytes)
{
	if (!r->needed)
		return;
	if (part->unlooked) {
		part->unlooked--;
		return;
	}
	size_t length = rd_kafka_queue_length(part->queue);
	part->unlooked = length / 2;
	part->peak = length > part->peak ? length : part->peak;
	part->was_long |= length + 1 >= r->long_queue || (int64_t)(bytes * (length + 1)) >= r->most_bytes / 2;
	if (!part->was_long || length > part->peak / 2 || (length && kt_clock_us() - r->asked_us < PAUSE_US))
		return;
	part->peak = length;
	part->was_long = false;
	kt_fetchnudge_one(r, rk, part);
}
