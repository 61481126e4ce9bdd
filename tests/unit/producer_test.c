#include "producer.h"

#include "mem.h"
#include "mock.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { PARTITIONS = 4, WAIT_MS = 60000, SEEN = 20000 };

/* A broker of our own and a producer for it, and what came of the records by their tags. */
struct stage {
	struct kt_mock *mock;
	struct kt_settings settings;
	struct kt_pool pool;
	struct kt_producer *producer;
	int delivered[SEEN], failed[SEEN], held[PARTITIONS], maybe, calls;
	int64_t last_tag;
	char why[256];
};

static void on_done(void *user, const struct kt_delivery *d)
{
	struct stage *s = user;
	s->calls++;
	s->last_tag = d->tag;
	s->maybe += d->maybe;
	if (d->failed)
		snprintf(s->why, sizeof(s->why), "%s", d->failed);
	if (!d->failed && d->partition < PARTITIONS)
		s->held[d->partition]++;
	if (d->tag < SEEN)
		(d->failed ? s->failed : s->delivered)[d->tag]++;
}

static void tell(struct stage *s, const char *line)
{
	char answer[256];
	struct kt_err err = {0};
	if (kt_mock_tell(s->mock, line, answer, sizeof(answer), &err) < 0)
		TAP_FAIL("%s: %s", line, err.msg);
}

static void put(struct stage *s, const char *key, const char *value)
{
	kt_settings_put(&s->settings, KT_RANK_FLAG, key, value, "test");
}

static void start(struct stage *s)
{
	struct kt_err err = {0};
	*s = (struct stage){.pool.max_bytes = 1 << 20};
	kt_sig_block();
	CHECK_INT(kt_mock_start(&s->mock, 1, 0, NULL, &err), 0);
	tell(s, "create t 4");
	put(s, "bootstrap.servers", kt_mock_bootstrap(s->mock));
}

static void open_for(struct stage *s, const char *topic)
{
	struct kt_err err = {0};
	struct kt_producer_how how = {
		.topic = topic,
		.partition = -1,
		.idempotent = true,
		.timeout_ms = WAIT_MS,
		.pool = &s->pool,
		.done = on_done,
		.every_delivery = true,
		.user = s,
	};
	if (kt_producer_open(&s->producer, &s->settings, &how, &err) < 0)
		TAP_FAIL("%s", err.msg);
}

static void end(struct stage *s)
{
	kt_producer_close(s->producer);
	kt_mock_stop(s->mock);
	kt_settings_fini(&s->settings);
}

static void wait_a_little(struct stage *s)
{
	struct pollfd fd = {.fd = kt_producer_fd(s->producer), .events = POLLIN};
	struct kt_err err = {0};
	kt_wait(&fd, 1, 20);
	CHECK_INT(kt_producer_serve(s->producer, &err), 0);
}

static void send(struct stage *s, int topic, int64_t tag, const char *value)
{
	struct kt_record record = {.partition = -1, .value = {value, strlen(value)}};
	struct kt_err err = {0};
	int sent;
	while (!(sent = kt_producer_send(s->producer, topic, &record, tag, 0, &err)))
		wait_a_little(s);
	CHECK_INT(sent, 1);
}

static void drain(struct stage *s)
{
	struct kt_err err = {0};
	CHECK_INT(kt_producer_drain(s->producer, WAIT_MS, 0, &err), 0);
	CHECK_INT(kt_producer_waiting(s->producer), 0);
}

static int await(struct stage *s, int topic, struct kt_err *err)
{
	int found;
	int64_t end_us = kt_clock_us() + WAIT_MS * 1000;
	while (!(found = kt_producer_found(s->producer, topic, err)) && kt_clock_us() < end_us)
		wait_a_little(s);
	return found;
}

TEST(topics_by_handle_without_waiting)
{
	enum { TOPICS = 30 };
	static struct stage s;
	struct kt_err err = {0};
	start(&s);
	open_for(&s, NULL);
	for (int i = 0; i < TOPICS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "topic%d", i);
		CHECK_INT(kt_producer_topic(s.producer, name, &err), i);
		CHECK_INT(kt_producer_topic(s.producer, name, &err), i);
	}
	for (int i = TOPICS - 1; i >= 0; i--) {
		CHECK_INT(await(&s, i, &err), 1);
		send(&s, i, i, "x");
	}
	CHECK_INT(kt_producer_topic(s.producer, "a/b", &err), -1);
	drain(&s);
	for (int i = 0; i < TOPICS; i++)
		CHECK_INT(s.delivered[i], 1);
	end(&s);
}

TEST(nobody_waits_for_a_broker_that_is_away)
{
	static struct stage s;
	struct kt_err err = {0};
	start(&s);
	tell(&s, "down all");
	int64_t before_us = kt_clock_us();
	open_for(&s, NULL);
	int topic = kt_producer_topic(s.producer, "t", &err);
	CHECK_INT(topic, 0);
	CHECK_INT(kt_producer_found(s.producer, topic, &err), 0);
	CHECK(kt_clock_us() - before_us < 5000000);
	tell(&s, "up all");
	CHECK_INT(await(&s, topic, &err), 1);
	send(&s, topic, 7, "x");
	drain(&s);
	CHECK_INT(s.delivered[7], 1);
	end(&s);
}

TEST(tags_come_back_and_have_48_bits)
{
	static const int64_t good[] = {0, 1, INT64_C(1) << 47, KT_TAG_MOST}, bad[] = {-1, KT_TAG_MOST + 1, INT64_MAX};
	static struct stage s;
	struct kt_err err = {0};
	struct kt_record record = {.partition = -1, .value = {"v", 1}};
	start(&s);
	open_for(&s, "t");
	for (size_t i = 0; i < KT_LEN(good); i++) {
		struct kt_piece piece = {.line = good[i], .value = {"v", 1}};
		send(&s, KT_PRODUCER_TOPIC, good[i], "v");
		drain(&s);
		CHECK_INT(s.last_tag, good[i]);
		CHECK_INT(kt_producer_add(s.producer, &piece, &err), 1);
		drain(&s);
		CHECK_INT(s.last_tag, good[i]);
	}
	int calls = s.calls;
	CHECK_INT(calls, 2 * (int)KT_LEN(good));
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		struct kt_piece piece = {.line = bad[i], .value = {"v", 1}};
		CHECK_INT(kt_producer_send(s.producer, KT_PRODUCER_TOPIC, &record, bad[i], 0, &err), -1);
		CHECK_INT(kt_producer_add(s.producer, &piece, &err), -1);
	}
	drain(&s);
	CHECK_INT(s.calls, calls);
	end(&s);
}

/* Plain records in a block, as an input gives them. */
static void fill_block(struct stage *s, struct kt_block *block, int n)
{
	struct kt_err err = {0};
	struct kt_block *blocks[] = {block};
	*block = (struct kt_block){
		.index = 1, .refs = (uint32_t)n, .data = (char *)(uintptr_t) "0123456789", .cap = 1 << 18};
	s->pool = (struct kt_pool){.v = blocks, .n = 1, .bytes = block->cap, .max_bytes = 1 << 20};
	for (int i = 0; i < n; i++) {
		struct kt_piece piece = {.block = block, .line = i, .value = {block->data, 10}};
		int sent;
		while (!(sent = kt_producer_add(s->producer, &piece, &err)))
			wait_a_little(s);
		CHECK_INT(sent, 1);
	}
	drain(s);
}

TEST(a_full_queue_is_said_and_nothing_is_lost)
{
	static struct stage s;
	struct kt_block block;
	struct kt_err err = {0};
	int full = 0;
	start(&s);
	put(&s, "queue.buffering.max.messages", "10");
	open_for(&s, "t");
	for (int i = 0; i < 100; i++) {
		struct kt_record record = {.partition = i % PARTITIONS, .value = {"v", 1}};
		while (!kt_producer_send(s.producer, KT_PRODUCER_TOPIC, &record, i, 0, &err)) {
			full++;
			wait_a_little(&s);
		}
	}
	drain(&s);
	CHECK(full > 0);
	for (int i = 0; i < 100; i++)
		CHECK_INT(s.delivered[i], 1);
	fill_block(&s, &block, 5001);
	CHECK_INT(block.refs, 0);
	CHECK_INT(s.delivered[5000], 1);
	CHECK_INT(kt_producer_counts(s.producer).delivered, 5101);
	end(&s);
}

/* Each batch is through before the next one comes, which gives no partition's turn away. */
TEST(batches_take_turns_at_all_partitions)
{
	static struct stage s;
	struct kt_block block;
	start(&s);
	open_for(&s, "t");
	for (int i = 0; i < PARTITIONS; i++)
		fill_block(&s, &block, 5000);
	for (int i = 0; i < PARTITIONS; i++)
		CHECK_INT(s.held[i], 5000);
	end(&s);
}

/* Again and again, since on a busy machine it may come to nothing. */
TEST(what_is_hurried_does_not_wait_for_company)
{
	static struct stage s;
	start(&s);
	put(&s, "linger.ms", "200000");
	open_for(&s, "t");
	for (int i = 0; i < 3; i++) {
		int64_t start_us = kt_clock_us();
		send(&s, KT_PRODUCER_TOPIC, i, "x");
		while (!s.delivered[i] && kt_clock_us() - start_us < WAIT_MS * 1000) {
			kt_producer_hurry(s.producer);
			wait_a_little(&s);
		}
		CHECK_INT(s.delivered[i], 1);
	}
	end(&s);
}

TEST(what_cannot_be_sent_is_refused_with_its_reason)
{
	static const struct kt_header nul = {{"a\0b", 3}, {"v", 1}};
	static const struct {
		struct kt_record record;
		const char *part;
	} rows[] = {
		{{.partition = 9}, "partition"},
		{{.partition = -1, .tstype = KT_TS_CREATE}, "timestamp of 0"},
		{{.partition = -1, .headers = &nul, .n_headers = 1}, "header 1 holds a NUL"},
		{{.partition = -1, .value = {(const char *)&rows, 5000}}, "message.max.bytes"},
	};
	static struct stage s;
	start(&s);
	put(&s, "message.max.bytes", "4000");
	open_for(&s, "t");
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_producer_send(s.producer, KT_PRODUCER_TOPIC, &rows[i].record, 1, 0, &err), -1);
		CHECK_INT(err.status, KT_PARTIAL);
		if (!strstr(err.msg, rows[i].part))
			TAP_FAIL("%s", err.msg);
	}
	drain(&s);
	CHECK_INT(s.calls, 0);
	end(&s);
}

TEST(a_refused_record_fails_with_its_tag)
{
	static struct stage s;
	start(&s);
	put(&s, "enable.idempotence", "false");
	open_for(&s, "t");
	tell(&s, "error Produce INVALID_RECORD 1");
	send(&s, KT_PRODUCER_TOPIC, 5, "x");
	drain(&s);
	CHECK_INT(s.failed[5], 1);
	CHECK_INT(s.maybe, 0);
	send(&s, KT_PRODUCER_TOPIC, 6, "x");
	drain(&s);
	CHECK_INT(s.delivered[6], 1);
	tell(&s, "error Produce TOPIC_AUTHORIZATION_FAILED 1");
	send(&s, KT_PRODUCER_TOPIC, 7, "x");
	drain(&s);
	CHECK_INT(s.failed[7], 1);
	CHECK_STR(s.why, "this client is not allowed to write to the topic");
	end(&s);
}

TEST(what_was_not_answered_may_have_been_written)
{
	static struct stage s;
	struct kt_err err = {0};
	start(&s);
	open_for(&s, "t");
	send(&s, KT_PRODUCER_TOPIC, 1, "x");
	drain(&s);
	tell(&s, "delay 30s");
	send(&s, KT_PRODUCER_TOPIC, 2, "x");
	CHECK_INT(kt_producer_drain(s.producer, 500, 0, &err), 0);
	CHECK_INT(s.failed[2], 1);
	CHECK_INT(s.maybe, 1);
	CHECK_STR(s.why, "not acknowledged when the run ended");
	tell(&s, "delay 0ms");
	end(&s);
}

/* The refused batch comes back in portions, until they go through. */
TEST(a_batch_that_is_too_large_is_sent_again_in_smaller_ones)
{
	static struct stage s;
	char value[200];
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	start(&s);
	put(&s, "linger.ms", "200");
	open_for(&s, "t");
	tell(&s, "error Produce MSG_SIZE_TOO_LARGE 6");
	for (int i = 0; i < 3000; i++)
		send(&s, KT_PRODUCER_TOPIC, i, value);
	drain(&s);
	for (int i = 0; i < 3000; i++) {
		CHECK_INT(s.delivered[i], 1);
		CHECK_INT(s.failed[i], 0);
	}
	end(&s);
}

TEST(a_record_that_is_too_large_fails_alone)
{
	static struct stage s;
	start(&s);
	open_for(&s, "t");
	tell(&s, "error Produce MSG_SIZE_TOO_LARGE 2");
	send(&s, KT_PRODUCER_TOPIC, 1, "x");
	drain(&s);
	CHECK_INT(s.failed[1], 1);
	CHECK_INT(s.maybe, 0);
	CHECK_STR(s.why, "larger than the topic takes (max.message.bytes)");
	send(&s, KT_PRODUCER_TOPIC, 2, "x");
	drain(&s);
	CHECK_INT(s.delivered[2], 1);
	end(&s);
}
