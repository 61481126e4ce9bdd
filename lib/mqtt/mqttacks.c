#include "mqttacks.h"

#include "mem.h"

static struct kt_mqttack *at(const struct kt_mqttacks *a, int64_t tag)
{
	return &a->v[tag & (KT_MQTTACKS_MOST - 1)];
}

int64_t kt_mqttacks_tag(const struct kt_mqttacks *a)
{
	return a->end - a->first < KT_MQTTACKS_MOST && a->bytes < KT_MQTTACKS_BYTES ? a->end : -1;
}

void kt_mqttacks_add(struct kt_mqttacks *a, uint16_t id, size_t bytes)
{
	if (!a->v)
		a->v = kt_calloc(KT_MQTTACKS_MOST, sizeof(*a->v));
	a->bytes += bytes;
	*at(a, a->end++) = (struct kt_mqttack){.bytes = (uint32_t)bytes, .id = id};
}

void kt_mqttacks_done(struct kt_mqttacks *a, int64_t tag)
{
	at(a, tag)->done = true;
}

bool kt_mqttacks_take(struct kt_mqttacks *a, uint16_t *id)
{
	if (kt_mqttacks_is_empty(a) || !at(a, a->first)->done)
		return false;
	const struct kt_mqttack *ack = at(a, a->first);
	a->bytes -= ack->bytes;
	*id = a->first >= a->connected ? ack->id : 0;
	a->first++;
	return true;
}

void kt_mqttacks_lost(struct kt_mqttacks *a)
{
	a->connected = a->end;
}

void kt_mqttacks_left(const struct kt_mqttacks *a, int64_t *again, int64_t *lost)
{
	*again = *lost = 0;
	for (int64_t tag = a->first; tag < a->end; tag++) {
		const struct kt_mqttack *ack = at(a, tag);
		*again += ack->id != 0;
		*lost += !ack->id && !ack->done;
	}
}

void kt_mqttacks_fini(struct kt_mqttacks *a)
{
	free(a->v);
	*a = (struct kt_mqttacks){0};
}
