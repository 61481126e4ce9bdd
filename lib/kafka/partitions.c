#include "partitions.h"

#include "client.h"
#include "mem.h"

const char *const kt_start_names[] = {
	"committed", "beginning", "end", "asked for", "where it was", "moved: the offset is gone"};

struct kt_partition *kt_partitions_find(struct kt_partitions *parts, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < parts->n; i++)
		if (parts->v[i].partition == partition && !strcmp(parts->v[i].topic, topic))
			return &parts->v[i];
	return NULL;
}

struct kt_partition *kt_partitions_add(struct kt_partitions *parts, const char *topic, int32_t partition)
{
	struct kt_partition *part = kt_partitions_find(parts, topic, partition);
	if (part)
		return part;
	parts->v = kt_grow(parts->v, &parts->cap, parts->n + 1, sizeof(*parts->v));
	part = &parts->v[parts->n++];
	*part = (struct kt_partition){.topic = kt_strdup(topic), .topic_len = strlen(topic), .partition = partition};
	return part;
}

struct kt_partition *kt_partitions_of(struct kt_partitions *parts, const rd_kafka_message_t *message)
{
	struct kt_partition *last = parts->last < parts->n ? &parts->v[parts->last] : NULL;
	if (last && message->rkt == parts->last_rkt && last->partition == message->partition)
		return last;
	const char *topic = rd_kafka_topic_name(message->rkt);
	/* Those of a topic mostly stand in the order of their numbers. */
	size_t near = last ? parts->last + (size_t)(message->partition - last->partition) : parts->n;
	struct kt_partition *part = near < parts->n ? &parts->v[near] : NULL;
	if (!part || part->partition != message->partition || strcmp(part->topic, topic) != 0)
		part = kt_partitions_find(parts, topic, message->partition);
	if (part) {
		parts->last = (size_t)(part - parts->v);
		parts->last_rkt = message->rkt;
	}
	return part;
}

rd_kafka_topic_partition_list_t *kt_partitions_list(struct kt_partition *const *parts, size_t n)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, parts[i]->topic, parts[i]->partition);
	return list;
}

void kt_partition_take(struct kt_partition *part, int64_t take)
{
	part->assigned = true;
	part->told_end = part->broken = false;
	part->error = 0;
	part->written = part->start;
	part->stored = part->why == KT_START_COMMITTED ? part->start : KT_NO_OFFSET;
	part->taken = take;
}

void kt_partition_tell_gap(struct kt_partition *part, int64_t offset, int64_t turn, const struct kt_client *c)
{
	int64_t high;
	if (part->gaps_in != turn)
		rd_kafka_get_watermark_offsets(kt_client_handle(c), part->topic, part->partition, &part->begin, &high);
	part->gaps_in = turn;
	int64_t low = part->begin < offset ? part->begin : offset;
	if (low == part->next + 1)
		kt_owner_say(kt_client_owner(c), KT_NOTE_RECORDS,
			"%s [%d]: offset %lld was deleted before it could be read", part->topic, (int)part->partition,
			(long long)part->next);
	else if (low > part->next)
		kt_owner_say(kt_client_owner(c), KT_NOTE_RECORDS,
			"%s [%d]: offsets %lld to %lld were deleted before they could be read", part->topic,
			(int)part->partition, (long long)part->next, (long long)low - 1);
}

size_t kt_partitions_assigned(const struct kt_partitions *parts)
{
	size_t n = 0;
	for (size_t i = 0; i < parts->n; i++)
		n += parts->v[i].assigned;
	return n;
}

size_t kt_partitions_open(const struct kt_partitions *parts)
{
	size_t n = 0;
	for (size_t i = 0; i < parts->n; i++)
		n += parts->v[i].assigned && !parts->v[i].done && !parts->v[i].broken;
	return n;
}

const struct kt_partition *kt_partitions_broken(const struct kt_partitions *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		if (parts->v[i].assigned && !parts->v[i].done && parts->v[i].broken)
			return &parts->v[i];
	return NULL;
}

void kt_partitions_drop_queues(struct kt_partitions *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		if (!parts->v[i].queue)
			continue;
		/* The library's own queue outlives this handle, and would go on writing to the descriptor. */
		rd_kafka_queue_io_event_enable(parts->v[i].queue, -1, NULL, 0);
		rd_kafka_queue_destroy(kt_steal(parts->v[i].queue));
	}
}

void kt_partitions_fini(struct kt_partitions *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->v[i].topic);
	free(parts->v);
	*parts = (struct kt_partitions){0};
}
