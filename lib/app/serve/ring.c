#include "ring.h"

#include "eventtext.h"
#include "mem.h"

static void put_texts(struct kt_streamed *r, char *at, const struct kt_bytes texts[KT_TEXTS])
{
	for (size_t i = 0; i < KT_TEXTS; i++) {
		if (texts[i].data)
			r->texts[i] = (struct kt_bytes){at, texts[i].len};
		if (texts[i].len)
			memcpy(at, texts[i].data, texts[i].len);
		at += texts[i].len;
	}
}

static size_t bytes_of(const struct kt_bytes texts[KT_TEXTS])
{
	size_t n = 0;
	for (size_t i = 0; i < KT_TEXTS; i++)
		n += texts[i].len;
	return n;
}

/* One block: the record's own members, its key, and its texts. */
struct kt_streamed *kt_streamed_new(
	struct kt_bytes id, const struct kt_record *record, const struct kt_bytes texts[KT_TEXTS])
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	size_t json_at = kt_eventtext(&text, id, record);
	size_t size = sizeof(struct kt_streamed) + record->key.len + text.len + bytes_of(texts);
	struct kt_streamed *r = kt_calloc(1, size);
	char *key = (char *)(r + 1), *event = key + record->key.len;
	if (record->key.len)
		memcpy(key, record->key.data, record->key.len);
	memcpy(event, text.data, text.len);
	*r = (struct kt_streamed){
		.refs = 1,
		.partition = record->partition,
		.offset = record->offset,
		.key = {record->key.data ? key : NULL, record->key.len},
		.event = {event, text.len},
		.json = {event + json_at, text.len - json_at - KT_EVENTTEXT_END},
		.size = size,
	};
	put_texts(r, event + text.len, texts);
	return r;
}

struct kt_streamed *kt_streamed_text(enum kt_text which, struct kt_bytes text)
{
	struct kt_bytes texts[KT_TEXTS] = {0};
	size_t size = sizeof(struct kt_streamed) + text.len;
	struct kt_streamed *r = kt_calloc(1, size);
	*r = (struct kt_streamed){.refs = 1, .size = size};
	texts[which] = text;
	put_texts(r, (char *)(r + 1), texts);
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

void kt_streamed_hold(void *owner)
{
	kt_streamed_ref(owner);
}

void kt_streamed_drop(void *owner)
{
	kt_streamed_unref(owner);
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
