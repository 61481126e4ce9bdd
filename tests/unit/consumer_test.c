#include "consumer.h"

#include "mock.h"
#include "producer.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { PARTITIONS = 3, WAIT_MS = 60000 };

/* A broker of our own with records whose value is their number in the partition, and what the consumer notes. */
struct stage {
	struct kt_mock *mock;
	struct kt_settings settings;
	struct kt_strs topics;
	struct kt_owner owner;
	char notes[2000];
};

static void on_note(void *user, enum kt_note kind, const struct kt_err *what)
{
	struct stage *s = user;
	(void)kind;
	size_t len = strlen(s->notes);
	snprintf(s->notes + len, sizeof(s->notes) - len, "%s\n", what->msg);
}

static void on_done(void *user, const struct kt_delivery *delivery)
{
	(void)user, (void)delivery;
}

/* value: the number of the record in its partition. */
static void make_numbered(int i, struct kt_record *record, char value[16])
{
	int len = snprintf(value, 16, "%d", i / PARTITIONS);
	*record = (struct kt_record){.partition = i % PARTITIONS, .value = {value, (size_t)len}};
}

static void fill_with(struct stage *s, int n, void (*make)(int i, struct kt_record *record, char value[16]))
{
	struct kt_producer *producer;
	struct kt_err err = {0};
	struct kt_producer_how how = {
		.topic = "t", .partition = -1, .idempotent = true, .timeout_ms = WAIT_MS, .done = on_done};
	if (kt_producer_open(&producer, &s->settings, &how, &err) < 0) {
		TAP_FAIL("%s", err.msg);
		return;
	}
	for (int i = 0; i < n;) {
		char value[16];
		struct kt_record record;
		make(i, &record, value);
		int sent = kt_producer_send(producer, KT_PRODUCER_TOPIC, &record, i, 0, &err);
		i += sent;
		CHECK(sent >= 0);
		CHECK(sent || kt_producer_serve(producer, &err) == 0);
	}
	CHECK_INT(kt_producer_drain(producer, WAIT_MS, 0, &err), 0);
	kt_producer_close(producer);
}

static void fill(struct stage *s, int n)
{
	fill_with(s, n, make_numbered);
}

static void tell(struct stage *s, const char *line)
{
	char answer[64];
	struct kt_err err = {0};
	if (kt_mock_tell(s->mock, line, answer, sizeof(answer), &err) < 0)
		TAP_FAIL("%s", err.msg);
}

static void set_up(struct stage *s, int n)
{
	struct kt_err err = {0};
	*s = (struct stage){0};
	s->owner = (struct kt_owner){.user = s, .note = on_note};
	kt_sig_block();
	CHECK_INT(kt_mock_start(&s->mock, 1, 0, NULL, &err), 0);
	tell(s, "create t 3");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "bootstrap.servers", kt_mock_bootstrap(s->mock), "test");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "session.timeout.ms", "3000", "test");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "heartbeat.interval.ms", "500", "test");
	kt_strs_add(&s->topics, "t");
	fill(s, n);
}

static void tear_down(struct stage *s)
{
	kt_mock_stop(s->mock);
	kt_settings_fini(&s->settings);
	kt_strs_fini(&s->topics);
}

static struct kt_consumer *open_consumer(struct stage *s, struct kt_consumer_how how)
{
	struct kt_consumer *c = NULL;
	struct kt_err err = {0};
	how.owner = &s->owner;
	how.topics = &s->topics;
	how.timeout_ms = WAIT_MS;
	if (kt_consumer_open(&c, &s->settings, &how, &err) < 0)
		TAP_FAIL("%s", err.msg);
	return c;
}

/* What was given out: how many records, and which offset comes next. */
struct seen {
	int64_t next[PARTITIONS];
	int records, out_of_order;
	int came; /* how often something happened */
};

/* Until the end, or for a bounded time. */
static void read_all(struct kt_consumer *c, struct seen *seen)
{
	struct kt_err err = {0};
	struct kt_record r;
	int64_t end_us = kt_clock_us() + WAIT_MS * 1000;
	while (!kt_consumer_is_done(c) && kt_clock_us() < end_us) {
		struct pollfd fd = {.fd = kt_consumer_fd(c), .events = POLLIN};
		int took = kt_consumer_fill(c, &err);
		if (took < 0) {
			TAP_FAIL("%s", err.msg);
			return;
		}
		while (kt_consumer_next(c, &r)) {
			seen->records++;
			seen->out_of_order += r.offset != seen->next[r.partition];
			seen->next[r.partition] = r.offset + 1;
		}
		seen->came += took;
		CHECK_INT(kt_consumer_written(c, &err), 0);
		if (!took)
			kt_wait(&fd, 1, kt_consumer_poll_ms(c));
	}
}

static void close_consumer(struct kt_consumer *c)
{
	struct kt_err err = {0};
	if (kt_consumer_close(c, &err) < 0)
		TAP_FAIL("%s", err.msg);
}

TEST(all_records_once_and_in_order_without_callbacks)
{
	struct stage s;
	struct seen seen = {0};
	set_up(&s, 3000);
	struct kt_consumer *c = open_consumer(&s, (struct kt_consumer_how){.exit_at_end = true});
	read_all(c, &seen);
	CHECK(kt_consumer_is_done(c));
	CHECK_INT(seen.records, 3000);
	CHECK_INT(seen.out_of_order, 0);
	close_consumer(c);
	tear_down(&s);
}

/* The next member goes on after what was written: after all of it, or after the first record. */
static void commits(bool all)
{
	struct stage s;
	struct seen first = {0}, then = {0};
	struct kt_err err = {0};
	struct kt_record r;
	set_up(&s, 30);
	struct kt_consumer_how how = {
		.group = "g", .exit_at_end = true, .commit = KT_COMMIT_END, .reset = KT_RESET_EARLIEST};
	struct kt_consumer *c = open_consumer(&s, how);
	while (!first.records && kt_consumer_fill(c, &err) >= 0) {
		for (; first.records < 3 && kt_consumer_next(c, &r); first.records++)
			;
		kt_wait(NULL, 0, 20);
	}
	CHECK_INT(first.records, 3);
	CHECK_INT(all ? kt_consumer_written(c, &err) : kt_consumer_written_only(c, 1, &err), 0);
	close_consumer(c);

	c = open_consumer(&s, how);
	const struct kt_partitions *parts = kt_consumer_parts(c);
	while (!kt_partitions_assigned(parts) && kt_consumer_fill(c, &err) >= 0)
		kt_wait(NULL, 0, 20);
	for (size_t i = 0; i < parts->n; i++)
		then.next[parts->v[i].partition] = parts->v[i].start;
	read_all(c, &then);
	CHECK_INT(then.records, all ? 27 : 29);
	CHECK_INT(then.out_of_order, 0);
	close_consumer(c);
	tear_down(&s);
}

TEST(what_was_written_is_committed)
{
	commits(true);
}

TEST(what_was_not_written_comes_again)
{
	commits(false);
}

TEST(silence_is_explained_once)
{
	struct stage s;
	struct seen seen = {0};
	set_up(&s, 30);
	struct kt_consumer *c = open_consumer(&s, (struct kt_consumer_how){.exit_at_end = true});
	tell(&s, "delay 3s");
	read_all(c, &seen);
	CHECK_INT(seen.records, 30);
	/* Once, and once more when it has been silent again after something came. */
	int notes = 0;
	for (const char *at = s.notes; (at = strstr(at, "waiting for ")); at++)
		notes++;
	CHECK(strstr(s.notes, "to send t ["));
	CHECK(notes >= 1 && notes <= 1 + seen.came);
	tell(&s, "delay 0");
	close_consumer(c);
	tear_down(&s);
}

TEST(the_last_records_of_each_partition)
{
	static const int64_t rows[][2] = {{0, 0}, {1, 3}, {4, 12}, {10, 30}, {1000, 30}};
	struct stage s;
	set_up(&s, 30);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct seen seen = {0};
		struct kt_consumer_how how = {.exit_at_end = true, .span.start = {KT_AT_TAIL, rows[i][0]}};
		for (int p = 0; p < PARTITIONS; p++)
			seen.next[p] = 10 - rows[i][1] / PARTITIONS;
		struct kt_consumer *c = open_consumer(&s, how);
		read_all(c, &seen);
		CHECK_INT(seen.records, rows[i][1]);
		CHECK_INT(seen.out_of_order, 0);
		close_consumer(c);
	}
	tear_down(&s);
}

/* Of which partition and time the records of the next test are; the third partition has none. Within the first one a
 * time goes back: the log's order is kept. */
static const struct {
	int32_t partition;
	int64_t ts_ms;
} timed[] = {{0, 10}, {0, 40}, {0, 20}, {0, 70}, {1, 15}, {1, 15}, {1, 16}, {1, 30}, {1, 70}};
static const int merged[] = {0, 4, 5, 6, 7, 1, 2, 3, 8};

static void make_timed(int i, struct kt_record *record, char value[16])
{
	int len = snprintf(value, 16, "%d", i);
	*record = (struct kt_record){.partition = timed[i].partition,
		.tstype = KT_TS_CREATE,
		.ts_ms = timed[i].ts_ms,
		.value = {value, (size_t)len}};
}

/* Many: what is in hand of a partition runs out again and again. */
static void make_alternating(int i, struct kt_record *record, char value[16])
{
	int len = snprintf(value, 16, "%d", i);
	*record = (struct kt_record){
		.partition = (i >> 9) % 2, .tstype = KT_TS_CREATE, .ts_ms = 1000 + i, .value = {value, (size_t)len}};
}

/* The values of all records, in the order in which they are given out. */
static size_t read_values(struct kt_consumer *c, int *values, size_t most)
{
	struct kt_err err = {0};
	struct kt_record r;
	size_t n = 0;
	while (!kt_consumer_is_done(c)) {
		struct pollfd fd = {.fd = kt_consumer_fd(c), .events = POLLIN};
		int took = kt_consumer_fill(c, &err);
		if (took < 0) {
			TAP_FAIL("%s", err.msg);
			return n;
		}
		while (kt_consumer_next(c, &r))
			if (n < most)
				values[n++] = (int)strtol(r.value.data, NULL, 10);
		if (!took)
			kt_wait(&fd, 1, kt_consumer_poll_ms(c));
	}
	return n;
}

TEST(partitions_are_merged_by_time)
{
	enum { MANY = 20000 };
	static int values[MANY + 1];
	struct stage s;
	for (int many = 0; many < 2; many++) {
		size_t n = many ? MANY : KT_LEN(timed), wrong = 0;
		set_up(&s, 0);
		fill_with(&s, (int)n, many ? make_alternating : make_timed);
		struct kt_consumer *c =
			open_consumer(&s, (struct kt_consumer_how){.exit_at_end = true, .by_time = true});
		CHECK_INT(read_values(c, values, MANY + 1), n);
		for (size_t i = 0; i < n; i++)
			wrong += values[i] != (many ? (int)i : merged[i % KT_LEN(merged)]);
		CHECK_INT(wrong, 0);
		close_consumer(c);
		tear_down(&s);
	}
}
