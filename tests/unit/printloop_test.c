/* Records in parts, with a broker of our own: written between the parts, and read once the last part is out. */
#include "printloop.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "intake.h"
#include "member.h"
#include "mock.h"
#include "producer.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { RECORDS = 20, WAIT_MS = 60000 };

/* A topic of two partitions, whose records hold their offsets. */
struct stage {
	struct kt_stop stop;
	struct kt_owner owner;
	struct kt_mock *mock;
	struct kt_settings settings;
	struct kt_client_opts client;
	struct kt_read_opts read;
	struct kt_strs topics;
	char path[64];
};

static void on_done(void *user, const struct kt_delivery *delivery)
{
	(void)user, (void)delivery;
}

static void fill(struct stage *s, int32_t partition, int n)
{
	struct kt_producer *producer = NULL;
	struct kt_err err = {0};
	struct kt_producer_how how = {
		.topic = "t", .partition = -1, .idempotent = true, .timeout_ms = WAIT_MS, .done = on_done};
	if (kt_producer_open(&producer, &s->settings, &how, &err) < 0) {
		TAP_FAIL("%s", err.msg);
		return;
	}
	for (int i = 0; i < n; i++) {
		char value[16];
		int len = snprintf(value, sizeof(value), "%d", i);
		struct kt_record record = {.partition = partition, .value = {value, (size_t)len}};
		CHECK_INT(kt_producer_send(producer, KT_PRODUCER_TOPIC, &record, i, 0, &err), 1);
	}
	CHECK_INT(kt_producer_drain(producer, WAIT_MS, 0, &err), 0);
	kt_producer_close(producer);
}

static void set_up(struct stage *s)
{
	char answer[64] = "create t 2";
	struct kt_err err = {0};
	*s = (struct stage){.client = {.timeout_ms = WAIT_MS}, .read = {.count = -1, .reset = "earliest"}};
	s->owner.stop = &s->stop;
	s->client.owner = &s->owner;
	CHECK_INT(kt_mock_start(&s->mock, 1, 0, NULL, &err), 0);
	CHECK_INT(kt_mock_tell(s->mock, answer, answer, sizeof(answer), &err), 0);
	kt_settings_put(&s->settings, KT_RANK_FLAG, "bootstrap.servers", kt_mock_bootstrap(s->mock), "test");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "session.timeout.ms", "6000", "test");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "heartbeat.interval.ms", "500", "test");
	kt_strs_add(&s->topics, "t");
	snprintf(s->path, sizeof(s->path), "/tmp/kt-printloop.XXXXXX");
	fill(s, 0, RECORDS);
}

static void tear_down(struct stage *s)
{
	unlink(s->path);
	kt_mock_stop(s->mock);
	kt_settings_fini(&s->settings);
	kt_strs_fini(&s->topics);
}

/* Opened to print into a file of the stage's. */
static struct kt_printloop *open_loop(struct stage *s, void *user)
{
	struct kt_err err = {0};
	struct kt_printloop *flow = kt_printloop_new(&s->client, &s->read, user);
	int fd = mkstemp(s->path);
	kt_out_fini(&flow->out);
	kt_out_init(&flow->out, fd);
	CHECK(fd >= 0);
	CHECK_INT(kt_reading_init(&flow->reading, &s->read, &s->topics, &s->settings, WAIT_MS, &err), 0);
	if (kt_printloop_open(flow, &s->settings, &err) < 0)
		TAP_FAIL("%s", err.msg);
	return flow;
}

static void check_printed(const struct stage *s, const char *expected)
{
	char text[256];
	int fd = open(s->path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK_MEM(text, (size_t)n, expected, strlen(expected));
}

/* Prints a record as PARTS parts; what was written before each is noted. */
enum { PARTS = 3 };
struct parts {
	struct kt_printloop *flow;
	struct kt_record record;
	int left, stop_at; /* stop_at: the record inside of which the run is ended, or -1 */
	int64_t unwritten; /* bytes that were waiting when a further part was asked for */
	int forgotten;     /* times that the loop was about to wait beside records that do not wake it */
};

static int more(void *user, struct kt_buf *out, struct kt_err *err)
{
	struct parts *p = user;
	(void)err;
	p->unwritten += (int64_t)out->len;
	kt_buf_add(out, p->record.value.data, p->record.value.len);
	if (p->record.offset == p->stop_at && p->left == 2)
		kt_stop_call(p->flow->client->owner->stop, KT_SIGNAL + SIGTERM);
	if (--p->left)
		return KT_PRINTED_PART;
	kt_buf_addc(out, ' ');
	return KT_PRINTED;
}

static int begin(void *user, struct kt_buf *out, const struct kt_record *record, struct kt_err *err)
{
	struct parts *p = user;
	p->record = *record;
	p->left = PARTS;
	kt_buf_addc(out, '<');
	p->unwritten -= (int64_t)out->len;
	return more(user, out, err);
}

TEST(parts_are_written_before_more_is_asked_for)
{
	struct stage s;
	struct kt_err err = {0};
	set_up(&s);
	s.read.exit_at_end = true;
	s.read.count = 4;
	struct parts parts = {.stop_at = -1};
	struct kt_printloop *flow = open_loop(&s, &parts);
	flow->render = begin;
	flow->more = more;
	CHECK_INT(kt_printloop_close(flow, kt_printloop_run(flow, &err), &err), 0);
	check_printed(&s, "<000 <111 <222 <333 ");
	CHECK_INT(parts.unwritten, 0);
	CHECK_INT(flow->taken, 4);
	kt_printloop_free(&flow);
	tear_down(&s);
}

/* As begin(), but the first record takes its time, so that the library has the others ready before it is printed. */
static int begin_late(void *user, struct kt_buf *out, const struct kt_record *record, struct kt_err *err)
{
	if (!record->offset)
		kt_wait(NULL, 0, 500);
	return begin(user, out, record, err);
}

/* Asked before the loop waits: is there anything that will not wake it? The library tells of records when its queue
 * stops being empty, and not again. */
static int64_t look_at_queue(void *user, struct pollfd *fd)
{
	struct parts *p = user;
	const struct kt_queuefd *wake = &p->flow->consumer->wake;
	struct pollfd woken = {.fd = wake->fd, .events = POLLIN};
	(void)fd;
	p->forgotten += rd_kafka_queue_length(wake->queue) > 0 && poll(&woken, 1, 0) == 0;
	return INT64_MAX;
}

TEST(nothing_is_waited_for_while_there_are_records_left_after_a_batch_of_parts)
{
	struct stage s;
	struct kt_err err = {0};
	enum { MORE = 2 * KT_BATCH + 1000 };
	set_up(&s);
	fill(&s, 0, MORE);
	s.read.count = RECORDS + MORE;
	struct parts parts = {.stop_at = -1};
	struct kt_printloop *flow = open_loop(&s, &parts);
	flow->render = begin_late;
	flow->more = more;
	parts.flow = flow;
	struct kt_loop_source source = {.user = &parts, .wait = look_at_queue};
	kt_loop_add(&flow->loop, &source);
	CHECK_INT(kt_printloop_close(flow, kt_printloop_run(flow, &err), &err), 0);
	CHECK_INT(flow->taken, RECORDS + MORE);
	CHECK_INT(parts.forgotten, 0);
	kt_printloop_free(&flow);
	tear_down(&s);
}

static struct kt_member *open_member(struct stage *s)
{
	struct kt_member *p = NULL;
	struct kt_err err = {0};
	struct kt_member_how how = {
		.topics = &s->topics, .group = "g", .reset = KT_RESET_EARLIEST, .timeout_ms = WAIT_MS};
	if (kt_member_open(&p, &s->settings, &how, &err) < 0)
		TAP_FAIL("%s", err.msg);
	return p;
}

/* Waits at most so long; starts[i] becomes where the member begins in partition i, if it is given that. False when
 * nothing was assigned. */
static bool find_starts(struct kt_member *p, int64_t starts[2], int64_t most_ms)
{
	struct kt_err err = {0};
	struct kt_member_event event = {.kind = KT_MEMBER_NOTHING};
	int64_t end_us = kt_clock_us() + most_ms * 1000;
	while (kt_member_next(p, &event, &err) == 0) {
		struct pollfd fd = {.fd = kt_member_fd(p), .events = POLLIN};
		for (size_t i = 0; event.kind == KT_MEMBER_ASSIGNED && i < event.n_parts; i++)
			starts[event.parts[i].partition] = event.parts[i].offset;
		if (event.kind == KT_MEMBER_ASSIGNED && event.n_parts)
			return true;
		if (kt_clock_us() >= end_us)
			return false;
		if (event.kind == KT_MEMBER_NOTHING)
			kt_wait(&fd, 1, 20);
	}
	return false;
}

/* A record that stays open until the group has rebalanced because another member came. */
struct endless {
	struct stage *stage;
	struct kt_member *other;
	int64_t starts[2]; /* where whoever owns them now begins */
	int assigned, parts_after;
};

static void on_assigned(void *user, struct kt_buf *out, const struct kt_partitions *parts)
{
	struct endless *e = user;
	(void)out, (void)parts;
	e->assigned++;
}

static int more_for_ever(void *user, struct kt_buf *out, struct kt_err *err)
{
	struct endless *e = user;
	(void)err;
	e->parts_after += e->assigned > 1;
	if (!e->other)
		e->other = open_member(e->stage);
	find_starts(e->other, e->starts, 50);
	kt_buf_addc(out, '.');
	return KT_PRINTED_PART;
}

static int begin_endless(void *user, struct kt_buf *out, const struct kt_record *record, struct kt_err *err)
{
	struct endless *e = user;
	if (e->assigned > 1) {
		e->starts[record->partition] = record->offset;
		return kt_err_set(err, KT_PARTIAL, "seen enough");
	}
	kt_buf_addf(out, "<%lld", (long long)record->offset);
	return record->partition == 0 && record->offset == 5 ? KT_PRINTED_PART : KT_PRINTED;
}

TEST(a_revoke_inside_a_record_commits_nothing_of_it)
{
	struct stage s;
	struct kt_err err = {0};
	set_up(&s);
	fill(&s, 1, RECORDS);
	s.read.group = "g";
	struct endless endless = {.stage = &s, .starts = {-1, -1}};
	struct kt_printloop *flow = open_loop(&s, &endless);
	flow->render = begin_endless;
	flow->more = more_for_ever;
	flow->assigned = on_assigned;
	CHECK_INT(kt_printloop_run(flow, &err), -1);
	CHECK_STR(err.msg, "seen enough");
	for (int i = 0; i < 100 && endless.starts[0] < 0; i++)
		find_starts(endless.other, endless.starts, 200);
	CHECK_INT(endless.assigned, 2);
	CHECK_INT(endless.parts_after, 0);
	CHECK(endless.starts[0] >= 0 && endless.starts[0] <= 5);
	kt_member_free(&endless.other);
	kt_printloop_free(&flow);
	tear_down(&s);
}

TEST(a_signal_inside_a_record_commits_what_was_before_it)
{
	struct stage s;
	struct kt_err err = {0};
	set_up(&s);
	s.read.group = "g";
	s.read.exit_at_end = true;
	struct parts parts = {.stop_at = 5};
	struct kt_printloop *flow = parts.flow = open_loop(&s, &parts);
	flow->render = begin;
	flow->more = more;
	CHECK_INT(kt_printloop_close(flow, kt_printloop_run(flow, &err), &err), -1);
	CHECK_INT(err.status, KT_SIGNAL + SIGTERM);
	check_printed(&s, "<000 <111 <222 <333 <444 <55");
	kt_printloop_free(&flow);
	int64_t starts[2] = {-1, -1};
	struct kt_member *next = open_member(&s);
	CHECK(find_starts(next, starts, WAIT_MS));
	CHECK_INT(starts[0], 5);
	kt_member_free(&next);
	tear_down(&s);
}
