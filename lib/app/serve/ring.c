#include "ring.h"

#include "eventtext.h"
#include "mem.h"

/* One block: the record's own members, its key, and its text. */
struct kt_streamed *kt_streamed_new(struct kt_bytes id, const struct kt_record *record, struct kt_bytes chat)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	size_t json_at = kt_eventtext(&text, id, record);
	size_t size = sizeof(struct kt_streamed) + record->key.len + text.len + chat.len;
	struct kt_streamed *r = kt_calloc(1, size);
	char *key = (char *)(r + 1), *event = key + record->key.len, *shown = event + text.len;
	if (record->key.len)
		memcpy(key, record->key.data, record->key.len);
	memcpy(event, text.data, text.len);
	if (chat.len)
		memcpy(shown, chat.data, chat.len);
	*r = (struct kt_streamed){
		.refs = 1,
		.partition = record->partition,
		.offset = record->offset,
		.key = {record->key.data ? key : NULL, record->key.len},
		.event = {event, text.len},
		.json = {event + json_at, text.len - json_at - KT_EVENTTEXT_END},
		.text = {chat.data ? shown : NULL, chat.len},
		.size = size,
	};
	return r;
}

struct kt_streamed *kt_streamed_ref(struct kt_streamed *r)
{
	r->refs++;
	return r;
}

void kt_streamed_unref(struct kt_streamed *r)
{
	if (r && !--r->refs)
		free(r);
}

static struct kt_streamed **slot(const struct kt_ring *ring, uint64_t at)
{
	return &ring->v[at % KT_RING_RECORDS];
}

void kt_ring_put(struct kt_ring *ring, struct kt_streamed *r)
{
	if (!ring->v)
		ring->v = kt_calloc(KT_RING_RECORDS, sizeof(struct kt_streamed *));
	ring->bytes += r->size;
	ring->through += r->size;
	r->through = ring->through;
	*slot(ring, ring->end++) = r;
}

bool kt_ring_is_over(const struct kt_ring *ring)
{
	uint64_t n = ring->end - ring->first;
	return n >= KT_RING_RECORDS || (n > 1 && ring->bytes > KT_RING_BYTES);
}

struct kt_streamed *kt_ring_drop(struct kt_ring *ring)
{
	struct kt_streamed *r = *slot(ring, ring->first++);
	ring->bytes -= r->size;
	return r;
}

struct kt_streamed *kt_ring_get(const struct kt_ring *ring, uint64_t at)
{
	return *slot(ring, at);
}

uint64_t kt_ring_left(const struct kt_ring *ring, uint64_t at)
{
	if (at >= ring->end)
		return 0;
	const struct kt_streamed *r = kt_ring_get(ring, at);
	return ring->through - r->through + r->size;
}

void kt_ring_fini(struct kt_ring *ring)
{
	while (ring->first < ring->end)
		kt_streamed_unref(kt_ring_drop(ring));
	free(ring->v);
	*ring = (struct kt_ring){0};
}
