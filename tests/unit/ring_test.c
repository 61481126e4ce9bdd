#include "ring.h"

#include "mem.h"
#include "tap.h"

static const struct kt_bytes no_texts[KT_TEXTS];

static struct kt_streamed *made(int i, size_t len)
{
	kt_auto(kt_free_ptr) char *value = kt_calloc(len + 1, 1);
	char id[24];
	memset(value, 'v', len);
	snprintf(id, sizeof(id), "0:%d", i + 1);
	const struct kt_record record = {
		.topic = {"t", 1}, .partition = 0, .offset = i, .key = {"k", 1}, .value = {value, len}};
	return kt_streamed_new((struct kt_bytes){id, strlen(id)}, &record, no_texts);
}

static struct kt_ring ring_of(int n, size_t len)
{
	struct kt_ring ring = {0};
	for (int i = 0; i < n; i++) {
		kt_ring_put(&ring, made(i, len));
		while (kt_ring_is_over(&ring))
			kt_streamed_unref(kt_ring_drop(&ring));
	}
	return ring;
}

TEST(an_event_and_its_json)
{
	struct kt_streamed *r = made(6, 2);
	kt_auto(kt_buf_fini) struct kt_buf event = {0}, json = {0};
	kt_buf_add(&event, r->event.data, r->event.len);
	kt_buf_add(&json, r->json.data, r->json.len);
	CHECK_STR(
		kt_buf_cstr(&json), "{\"topic\":\"t\",\"partition\":0,\"offset\":6,\"key\":\"k\",\"payload\":\"vv\"}");
	CHECK_STR(kt_buf_cstr(&event),
		"id: 0:7\ndata: {\"topic\":\"t\",\"partition\":0,\"offset\":6,\"key\":\"k\",\"payload\":\"vv\"}\n\n");
	CHECK(kt_bytes_are(r->key, "k"));
	kt_streamed_unref(r);
}

TEST(keys_that_are_null_or_empty)
{
	const struct kt_bytes texts[KT_TEXTS] = {[KT_TEXT_CHAT] = {"shown", 5}};
	struct kt_record record = {.topic = {"t", 1}, .key = {"", 0}};
	struct kt_streamed *empty = kt_streamed_new((struct kt_bytes){"0:1", 3}, &record, texts);
	record.key.data = NULL;
	struct kt_streamed *null = kt_streamed_new((struct kt_bytes){"0:1", 3}, &record, no_texts);
	CHECK(empty->key.data && !empty->key.len);
	CHECK(!null->key.data);
	CHECK(kt_bytes_are(empty->texts[KT_TEXT_CHAT], "shown"));
	CHECK(!empty->texts[KT_TEXT_SOCKETIO].data);
	CHECK(!null->texts[KT_TEXT_CHAT].data);
	kt_streamed_unref(empty);
	kt_streamed_unref(null);
}

TEST(as_many_records_as_it_holds)
{
	kt_auto(kt_ring_fini) struct kt_ring ring = ring_of(KT_RING_RECORDS + 10, 0);
	CHECK_INT(ring.end, KT_RING_RECORDS + 10);
	CHECK_INT(ring.end - ring.first, KT_RING_RECORDS - 1);
	for (uint64_t at = ring.first; at < ring.end; at++)
		if (kt_ring_get(&ring, at)->offset != (int64_t)at)
			TAP_FAIL("record %llu is another", (unsigned long long)at);
}

TEST(as_many_bytes_as_it_holds)
{
	kt_auto(kt_ring_fini) struct kt_ring ring = ring_of(40, 1 << 20);
	CHECK(ring.bytes <= KT_RING_BYTES);
	CHECK_INT(ring.end - ring.first, 15);
	CHECK_INT(kt_ring_left(&ring, ring.first), (long long)ring.bytes);
	CHECK_INT(kt_ring_left(&ring, ring.end), 0);
	CHECK_INT(kt_ring_left(&ring, ring.end - 1), (long long)kt_ring_get(&ring, ring.end - 1)->size);
}

TEST(one_stays_however_large)
{
	kt_auto(kt_ring_fini) struct kt_ring ring = ring_of(3, KT_RING_BYTES + 1);
	CHECK_INT(ring.end - ring.first, 1);
	CHECK_INT(kt_ring_get(&ring, ring.first)->offset, 2);
}

TEST(what_is_still_sent_outlives_it)
{
	struct kt_ring ring = ring_of(2, 3);
	struct kt_streamed *r = kt_streamed_ref(kt_ring_get(&ring, 0));
	kt_ring_fini(&ring);
	CHECK_INT(r->refs, 1);
	CHECK_INT(r->offset, 0);
	kt_streamed_unref(r);
}

TEST(texts_of_every_kind)
{
	const struct kt_bytes texts[KT_TEXTS] = {{"one", 3}, {"another", 7}};
	const struct kt_record record = {.topic = {"t", 1}};
	struct kt_streamed *both = kt_streamed_new((struct kt_bytes){"0:1", 3}, &record, texts);
	struct kt_streamed *alone = kt_streamed_text(KT_TEXT_SOCKETIO, (struct kt_bytes){"2", 1});
	CHECK(kt_bytes_are(both->texts[KT_TEXT_CHAT], "one"));
	CHECK(kt_bytes_are(both->texts[KT_TEXT_SOCKETIO], "another"));
	CHECK(!alone->texts[KT_TEXT_CHAT].data);
	CHECK(kt_bytes_are(alone->texts[KT_TEXT_SOCKETIO], "2"));
	kt_streamed_unref(both);
	kt_streamed_unref(alone);
}
