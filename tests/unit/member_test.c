#include "member.h"

#include "mem.h"
#include "mock.h"
#include "producer.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { PARTITIONS = 4, RECORDS = 6000, WAIT_MS = 60000 };

/* A broker of our own with a topic full of records: the value is the record's number in its partition. */
struct stage {
	struct kt_mock *mock;
	struct kt_settings settings;
	struct kt_strs topics;
};

static void on_done(void *user, const struct kt_delivery *delivery)
{
	(void)user, (void)delivery;
}

static void fill(struct stage *s, int n)
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
		int len = snprintf(value, sizeof(value), "%d", i / PARTITIONS);
		struct kt_record record = {.partition = i % PARTITIONS, .value = {value, (size_t)len}};
		int sent = kt_producer_send(producer, KT_PRODUCER_TOPIC, &record, i, 0, &err);
		i += sent;
		CHECK(sent >= 0);
		CHECK(sent || kt_producer_serve(producer, &err) == 0);
	}
	CHECK_INT(kt_producer_drain(producer, WAIT_MS, 0, &err), 0);
	CHECK_INT(kt_producer_counts(producer).delivered, n);
	kt_producer_close(producer);
}

static void set_up(struct stage *s, int n)
{
	char answer[64];
	struct kt_err err = {0};
	*s = (struct stage){0};
	kt_sig_block();
	CHECK_INT(kt_mock_start(&s->mock, 1, 0, NULL, &err), 0);
	/* The library's mock makes the first member wait for 3 seconds, and forgets it when its session is shorter. */
	snprintf(answer, sizeof(answer), "create t %d", PARTITIONS);
	CHECK_INT(kt_mock_tell(s->mock, answer, answer, sizeof(answer), &err), 0);
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

static struct kt_member *open_member(struct stage *s, struct kt_member_how how)
{
	struct kt_member *p = NULL;
	struct kt_err err = {0};
	how.topics = &s->topics;
	how.group = "g";
	how.timeout_ms = WAIT_MS;
	if (kt_member_open(&p, &s->settings, &how, &err) < 0)
		TAP_FAIL("%s", err.msg);
	return p;
}

/* What one member saw. */
struct seen {
	int64_t next[PARTITIONS]; /* offset of the record that comes next */
	int records, assigned, revoked, committed, refused, out_of_order, ends;
	bool left;
};

static void note(struct seen *seen, const struct kt_member_event *event)
{
	const struct kt_record *r = &event->record;
	char value[16];
	switch (event->kind) {
	case KT_MEMBER_RECORD:
		seen->records++;
		seen->out_of_order += r->offset != seen->next[r->partition];
		seen->next[r->partition] = r->offset + 1;
		snprintf(value, sizeof(value), "%lld", (long long)r->offset);
		CHECK_MEM(r->value.data, r->value.len, value, strlen(value));
		break;
	case KT_MEMBER_ASSIGNED:
		seen->assigned += (int)event->n_parts;
		for (size_t i = 0; i < event->n_parts; i++)
			seen->next[event->parts[i].partition] = event->parts[i].offset;
		break;
	case KT_MEMBER_REVOKED:
	case KT_MEMBER_LOST:
		seen->revoked += (int)event->n_parts;
		break;
	case KT_MEMBER_END:
		seen->ends += event->parts[0].offset == seen->next[event->parts[0].partition];
		break;
	case KT_MEMBER_COMMITTED:
		seen->committed += !event->why.status;
		seen->refused += event->why.status != 0;
		break;
	case KT_MEMBER_LEFT:
		seen->left = true;
		break;
	case KT_MEMBER_NOTHING:
	case KT_MEMBER_TROUBLE:
		break;
	}
}

/* Takes what there is, at most `most` records. */
static void serve(struct kt_member *p, struct seen *seen, int most)
{
	struct kt_member_event event = {.kind = KT_MEMBER_TROUBLE};
	struct kt_err err = {0};
	while (event.kind != KT_MEMBER_NOTHING && seen->records < most) {
		if (kt_member_next(p, &event, &err) < 0) {
			TAP_FAIL("%s", err.msg);
			return;
		}
		note(seen, &event);
	}
}

static void wait_for(struct kt_member *p)
{
	struct pollfd fd = {.fd = kt_member_fd(p), .events = POLLIN};
	int64_t ms = kt_member_poll_ms(p);
	kt_wait(&fd, 1, ms < 20 ? ms : 20);
}

/* Until the condition holds, for a bounded time. */
#define SERVE_UNTIL(p, seen, most, condition)                                                                          \
	for (int64_t end_us_ = kt_clock_us() + WAIT_MS * 1000; kt_clock_us() < end_us_; wait_for(p)) {                 \
		serve(p, seen, most);                                                                                  \
		if (condition)                                                                                         \
			break;                                                                                         \
	}

static void leave(struct kt_member **p, struct seen *seen)
{
	kt_member_leave(*p);
	SERVE_UNTIL(*p, seen, INT32_MAX, seen->left);
	CHECK(seen->left);
	kt_member_free(p);
}

TEST(every_record_once_and_in_order_over_a_long_pause)
{
	struct stage s;
	struct seen seen = {0};
	set_up(&s, RECORDS);
	struct kt_member *p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST});
	SERVE_UNTIL(p, &seen, 1, seen.records == 1);
	CHECK_INT(seen.assigned, PARTITIONS);
	kt_member_pause(p);
	int64_t end_us = kt_clock_us() + 1000000;
	while (kt_clock_us() < end_us) {
		serve(p, &seen, INT32_MAX);
		wait_for(p);
	}
	CHECK_INT(seen.records, 1);
	kt_member_resume(p);
	SERVE_UNTIL(p, &seen, RECORDS, seen.records == RECORDS);
	CHECK_INT(seen.records, RECORDS);
	CHECK_INT(seen.out_of_order, 0);
	leave(&p, &seen);
	CHECK_INT(seen.revoked, PARTITIONS);
	tear_down(&s);
}

TEST(ends_are_told_behind_their_records)
{
	struct stage s;
	struct seen seen = {0};
	set_up(&s, 40);
	struct kt_member *p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST, .ends = true});
	SERVE_UNTIL(p, &seen, INT32_MAX, seen.ends == PARTITIONS);
	CHECK_INT(seen.ends, PARTITIONS);
	CHECK_INT(seen.records, 40);
	leave(&p, &seen);
	tear_down(&s);
}

TEST(a_commit_is_answered_and_the_next_member_goes_on_there)
{
	struct stage s;
	struct seen seen = {0}, next = {0};
	struct kt_err err = {0};
	set_up(&s, 40);
	struct kt_member *p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST});
	SERVE_UNTIL(p, &seen, 40, seen.records == 40);
	CHECK(kt_member_owns(p, "t", 2));
	CHECK(!kt_member_owns(p, "u", 2));
	CHECK_INT(kt_member_commit(p, "t", 2, 7, &err), 0);
	SERVE_UNTIL(p, &seen, INT32_MAX, seen.committed);
	CHECK_INT(seen.committed, 1);
	CHECK_INT(seen.refused, 0);
	leave(&p, &seen);

	p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_LATEST});
	SERVE_UNTIL(p, &next, 3, next.records == 3);
	CHECK_INT(next.next[2], 10);
	CHECK_INT(next.next[0], 10);
	CHECK_INT(next.out_of_order, 0);
	leave(&p, &next);
	tear_down(&s);
}

/* Two members, one joining halfway: nothing is skipped or read twice where positions are committed on the way out. */
static void share(const char *assignor)
{
	struct stage s;
	struct seen a = {0}, b = {0};
	set_up(&s, RECORDS);
	struct kt_member_how how = {.reset = KT_RESET_EARLIEST, .assignor = assignor, .auto_commit = true};
	struct kt_member *first = open_member(&s, how);
	SERVE_UNTIL(first, &a, 10, a.records == 10);
	kt_member_pause(first);
	struct kt_member *second = open_member(&s, how);
	kt_member_pause(second);
	SERVE_UNTIL(first, &a, INT32_MAX, (serve(second, &b, INT32_MAX), b.assigned));
	CHECK_INT(a.records + b.records, 10);
	int64_t before[PARTITIONS], again = 0;
	memcpy(before, a.next, sizeof(before));
	kt_member_resume(first);
	kt_member_resume(second);
	SERVE_UNTIL(first, &a, INT32_MAX, (serve(second, &b, INT32_MAX), a.records + b.records >= RECORDS));
	/* The mock refuses the commit of a member that gives everything up: then the new owner reads again, and the old
	 * one goes on where it was. */
	for (int i = 0; a.refused && i < PARTITIONS; i++)
		again += kt_member_owns(second, "t", i) ? before[i] : 0;
	CHECK_INT(a.records + b.records, RECORDS + again);
	CHECK_INT(a.out_of_order + b.out_of_order, 0);
	CHECK(a.records && b.records);
	leave(&second, &b);
	leave(&first, &a);
	tear_down(&s);
}

TEST(a_second_member_takes_its_share)
{
	share("range");
}

TEST(a_second_member_takes_its_share_from_a_cooperative_one)
{
	share("cooperative-sticky");
}

/* A member that reads each partition's own queue: what it was given, and how far each was read. */
struct split {
	struct kt_member *p;
	struct kt_member_part parts[PARTITIONS];
	bool has[PARTITIONS];
	struct seen seen;
};

/* Commits what was read of the partitions that go, as an owner does when its work is done. */
static void give_back(struct split *s, const struct kt_member_event *event)
{
	struct kt_err err;
	for (size_t i = 0; i < event->n_parts; i++) {
		int32_t at = event->parts[i].partition;
		if (event->kind == KT_MEMBER_REVOKED && s->has[at])
			CHECK_INT(kt_member_commit_part(s->p, &s->parts[at], s->seen.next[at], &err), 1);
		s->has[at] = false;
	}
}

static void serve_split(struct split *s)
{
	struct kt_member_event event = {.kind = KT_MEMBER_TROUBLE};
	struct kt_err err = {0};
	while (event.kind != KT_MEMBER_NOTHING && !s->seen.left) {
		if (kt_member_next(s->p, &event, &err) < 0) {
			TAP_FAIL("%s", err.msg);
			return;
		}
		CHECK(event.kind != KT_MEMBER_RECORD);
		note(&s->seen, &event);
		if (event.kind == KT_MEMBER_REVOKED || event.kind == KT_MEMBER_LOST)
			give_back(s, &event);
		for (size_t i = 0; event.kind == KT_MEMBER_ASSIGNED && i < event.n_parts; i++) {
			s->parts[event.parts[i].partition] = event.parts[i];
			s->has[event.parts[i].partition] = true;
		}
	}
}

/* At most `most` records of one partition. */
static void read_split(struct split *s, int32_t partition, int most)
{
	struct kt_member_read read;
	struct kt_err err;
	while (most-- && s->has[partition] && kt_member_read(s->p, &s->parts[partition], &read, &err) == 1) {
		struct kt_member_part end = {.partition = partition, .offset = read.record.offset};
		struct kt_member_event event = {.kind = read.end ? KT_MEMBER_END : KT_MEMBER_RECORD,
			.record = read.record,
			.parts = &end,
			.n_parts = 1};
		note(&s->seen, &event);
		kt_member_read_fini(&read);
	}
}

static void read_all_split(struct split *s)
{
	serve_split(s);
	for (int32_t i = 0; i < PARTITIONS; i++)
		read_split(s, i, 100);
}

static void leave_split(struct split *s)
{
	kt_member_leave(s->p);
	for (int64_t end_us = kt_clock_us() + WAIT_MS * 1000; !s->seen.left && kt_clock_us() < end_us; wait_for(s->p))
		serve_split(s);
	CHECK(s->seen.left);
	kt_member_free(&s->p);
}

TEST(a_partition_is_held_while_others_go_on)
{
	enum { EACH = RECORDS / PARTITIONS };
	struct stage s;
	struct split a = {0};
	struct kt_member_read held = {0};
	struct kt_err err;
	set_up(&s, RECORDS);
	kt_settings_put(&s.settings, KT_RANK_FLAG, "max.poll.interval.ms", "3000", "test");
	a.p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST, .split = true});
	SERVE_UNTIL(a.p, &a.seen, 0, (serve_split(&a), a.seen.assigned == PARTITIONS));
	/* One record of partition 0 is in work for longer than the group waits for a member that does not poll. */
	SERVE_UNTIL(a.p, &a.seen, 0, kt_member_read(a.p, &a.parts[0], &held, &err) == 1);
	int64_t until_us = kt_clock_us() + 4000000;
	while (kt_clock_us() < until_us || a.seen.records < 3 * EACH) {
		serve_split(&a);
		for (int32_t i = 1; i < PARTITIONS; i++)
			read_split(&a, i, 100);
		wait_for(a.p);
	}
	CHECK_INT(a.seen.records, 3 * EACH);
	CHECK_INT(held.record.offset, 0);
	CHECK_MEM(held.record.value.data, held.record.value.len, "0", 1);
	CHECK_INT(kt_member_commit_part(a.p, &a.parts[0], 1, &err), 1);
	kt_member_read_fini(&held);
	a.seen.next[0] = 1;
	SERVE_UNTIL(a.p, &a.seen, 0, (read_all_split(&a), a.seen.records == RECORDS - 1));
	CHECK_INT(a.seen.records, RECORDS - 1);
	CHECK_INT(a.seen.out_of_order, 0);
	CHECK_INT(a.seen.revoked, 0);
	CHECK_INT(a.seen.committed, 1);
	leave_split(&a);
	tear_down(&s);
}

TEST(an_owner_commits_and_the_next_one_goes_on_there)
{
	struct stage s;
	struct split a = {0}, b = {0};
	struct kt_err err;
	set_up(&s, 40);
	a.p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST, .split = true});
	SERVE_UNTIL(a.p, &a.seen, 0, (read_all_split(&a), a.seen.records == 40));
	struct kt_member_part old = a.parts[2];
	CHECK_INT(kt_member_commit_part(a.p, &a.parts[2], 7, &err), 1);
	SERVE_UNTIL(a.p, &a.seen, 0, (serve_split(&a), a.seen.committed));
	rd_kafka_consumer_group_metadata_t *metadata = kt_member_group_metadata(a.p);
	CHECK(metadata);
	rd_kafka_consumer_group_metadata_destroy(metadata);
	memset(a.has, 0, sizeof(a.has));
	leave_split(&a);

	b.p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_LATEST, .split = true, .ends = true});
	SERVE_UNTIL(b.p, &b.seen, 0, (read_all_split(&b), b.seen.ends == PARTITIONS));
	CHECK_INT(b.seen.records, 3);
	CHECK_INT(b.seen.next[2], 10);
	/* What was done for an assignment that is over does not count. */
	old.assignment--;
	CHECK_INT(kt_member_commit_part(b.p, &old, 1, &err), 0);
	leave_split(&b);
	CHECK_INT(b.seen.refused, 0);
	tear_down(&s);
}

/* A second member joins: what it takes over is committed by its owner, nothing is skipped, and nothing that is read
 * from a partition that is gone counts. */
static void share_split(const char *assignor)
{
	struct stage s;
	struct split a = {0}, b = {0};
	struct kt_err err;
	set_up(&s, RECORDS);
	struct kt_member_how how = {.reset = KT_RESET_EARLIEST, .assignor = assignor, .split = true};
	a.p = open_member(&s, how);
	SERVE_UNTIL(a.p, &a.seen, 0, (serve_split(&a), a.seen.assigned == PARTITIONS));
	for (int32_t i = 0; i < PARTITIONS; i++)
		SERVE_UNTIL(a.p, &a.seen, 0, (read_split(&a, i, 5 - (int)a.seen.next[i]), a.seen.next[i] == 5));
	struct kt_member_part old[PARTITIONS];
	memcpy(old, a.parts, sizeof(old));
	b.p = open_member(&s, how);
	SERVE_UNTIL(a.p, &a.seen, 0, (serve_split(&a), serve_split(&b), a.seen.assigned && b.seen.assigned));
	SERVE_UNTIL(
		a.p, &a.seen, 0, (read_all_split(&a), read_all_split(&b), a.seen.records + b.seen.records >= RECORDS));
	for (int32_t i = 0; i < PARTITIONS; i++) {
		CHECK(a.has[i] != b.has[i]);
		if (b.has[i])
			CHECK_INT(kt_member_commit_part(a.p, &old[i], 1, &err), 0);
	}
	/* Where the mock refuses a commit in the middle of a rebalance these come again, and nothing else does. */
	int64_t again = a.seen.records + b.seen.records - RECORDS;
	CHECK(a.seen.refused ? again >= 0 && again <= 5LL * PARTITIONS : again == 0);
	CHECK_INT(a.seen.out_of_order + b.seen.out_of_order, 0);
	leave_split(&b);
	leave_split(&a);
	tear_down(&s);
}

TEST(queues_go_to_a_second_member)
{
	share_split("range");
}

TEST(queues_go_to_a_second_member_from_a_cooperative_one)
{
	share_split("cooperative-sticky");
}

TEST(freed_without_leaving_it_holds_its_partitions_until_the_session_ends)
{
	struct stage s;
	struct seen a = {0}, b = {0};
	set_up(&s, 40);
	struct kt_member *p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST});
	SERVE_UNTIL(p, &a, 5, a.records == 5);
	int64_t before_us = kt_clock_us();
	kt_member_free(&p);
	CHECK(kt_clock_us() - before_us < 5000000);
	CHECK(!p);
	p = open_member(&s, (struct kt_member_how){.reset = KT_RESET_EARLIEST});
	SERVE_UNTIL(p, &b, 40, b.records == 40);
	CHECK_INT(b.records, 40);
	CHECK(kt_clock_us() - before_us > 500000);
	leave(&p, &b);
	tear_down(&s);
}

TEST(what_cannot_be_opened)
{
	static const struct {
		const char *topic;
		struct kt_member_how how;
		int status;
		const char *part;
	} rows[] = {
		{"t", {.assignor = "fair"}, KT_USAGE, "partition.assignment.strategy: fair"},
		{"", {0}, KT_FAILED, "Invalid"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct stage s;
		struct kt_err err = {0};
		struct kt_member *p = NULL;
		struct kt_member_how how = rows[i].how;
		set_up(&s, 0);
		kt_strs_fini(&s.topics);
		kt_strs_add(&s.topics, rows[i].topic);
		how.topics = &s.topics;
		how.group = "g";
		how.timeout_ms = WAIT_MS;
		CHECK_INT(kt_member_open(&p, &s.settings, &how, &err), -1);
		CHECK_INT(err.status, rows[i].status);
		if (!strstr(err.msg, rows[i].part))
			TAP_FAIL("%s", err.msg);
		CHECK(!p);
		tear_down(&s);
	}
}
