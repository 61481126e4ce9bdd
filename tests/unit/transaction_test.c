#include "transaction.h"

#include "mock.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { WAIT_MS = 60000, PARTITIONS = 4 };

/* A broker of our own and a producer of transactions for it. */
struct stage {
	struct kt_mock *mock;
	struct kt_settings settings;
	struct kt_transaction t;
	int delivered, failed;
};

static void on_done(void *user, const struct kt_delivery *d)
{
	struct stage *s = user;
	s->delivered += !d->failed;
	s->failed += d->failed != NULL;
}

static void tell(struct stage *s, const char *line)
{
	char answer[256];
	struct kt_err err = {0};
	if (kt_mock_tell(s->mock, line, answer, sizeof(answer), &err) < 0)
		TAP_FAIL("%s: %s", line, err.msg);
}

static struct kt_producer *open_producer(struct stage *s, struct kt_err *err)
{
	struct kt_producer *p = NULL;
	struct kt_producer_how how = {
		.topic = "t",
		.partition = -1,
		.transactional = true,
		.timeout_ms = WAIT_MS,
		.done = on_done,
		.every_delivery = true,
		.user = s,
	};
	return kt_producer_open(&p, &s->settings, &how, err) < 0 ? NULL : p;
}

static void start(struct stage *s)
{
	struct kt_err err = {0};
	*s = (struct stage){0};
	kt_sig_block();
	CHECK_INT(kt_mock_start(&s->mock, 1, 0, NULL, &err), 0);
	tell(s, "create t 4");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "bootstrap.servers", kt_mock_bootstrap(s->mock), "test");
	kt_settings_put(&s->settings, KT_RANK_FLAG, "transactional.id", "x", "test");
	s->t.producer = open_producer(s, &err);
	CHECK_STR(err.msg, "");
}

static void begin(struct stage *s)
{
	struct kt_err err = {0};
	CHECK_INT(kt_transaction_run(&s->t, KT_TRANSACTION_INIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_INT(kt_transaction_begin(&s->t, &err), KT_TRANSACTION_DONE);
	CHECK_STR(err.msg, "");
}

static void end(struct stage *s)
{
	kt_producer_close(s->t.producer);
	kt_mock_stop(s->mock);
	kt_settings_fini(&s->settings);
}

static void send_records(struct stage *s, int n)
{
	for (int i = 0; i < n; i++) {
		struct kt_record record = {.partition = i % PARTITIONS, .value = {"v", 1}};
		struct kt_err err = {0};
		while (!kt_producer_send(s->t.producer, KT_PRODUCER_TOPIC, &record, i, 0, &err)) {
			struct pollfd fd = {.fd = kt_producer_fd(s->t.producer), .events = POLLIN};
			kt_wait(&fd, 1, 20);
			CHECK_INT(kt_producer_serve(s->t.producer, &err), 0);
		}
	}
}

/* None of the reports is served before: a step does that, or the library's commit would never end. */
TEST(commits_one_after_the_other)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	CHECK(kt_transaction_left_ms(&s.t) == INT64_MAX);
	begin(&s);
	CHECK_INT(kt_transaction_most_ms(&s.t), 900000);
	CHECK(kt_transaction_left_ms(&s.t) > 800000 && kt_transaction_left_ms(&s.t) <= 900000);
	for (int i = 1; i <= 3; i++) {
		send_records(&s, 1000);
		CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
		CHECK_INT(s.delivered, i * 1000);
		CHECK_INT(kt_transaction_begin(&s.t, &err), KT_TRANSACTION_DONE);
	}
	CHECK_INT(s.failed, 0);
	CHECK_STR(err.msg, "");
	end(&s);
}

TEST(an_abort_ends_what_waits)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	begin(&s);
	send_records(&s, 5000);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_ABORT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_INT(kt_producer_waiting(s.t.producer), 0);
	CHECK_INT(s.delivered + s.failed, 5000);
	CHECK_INT(kt_transaction_begin(&s.t, &err), KT_TRANSACTION_DONE);
	send_records(&s, 10);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	end(&s);
}

TEST(a_failed_record_fails_the_transaction_not_the_producer)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	begin(&s);
	tell(&s, "error Produce INVALID_RECORD 1");
	send_records(&s, 1);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_FAILED);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_INT(s.failed, 1);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_ABORT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	/* The mock of 2.0.2 takes what it refused for a gap: the records after it would fail too. */
	CHECK_INT(kt_transaction_begin(&s.t, &err), KT_TRANSACTION_DONE);
	end(&s);
}

TEST(what_passes_is_tried_again)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	tell(&s, "error InitProducerId COORDINATOR_LOAD_IN_PROGRESS 2");
	begin(&s);
	send_records(&s, 5);
	tell(&s, "error EndTxn CONCURRENT_TRANSACTIONS 2");
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_STR(err.msg, "");
	end(&s);
}

TEST(a_newer_producer_is_fatal)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	begin(&s);
	send_records(&s, 1);
	tell(&s, "error EndTxn PRODUCER_FENCED 1");
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_FATAL);
	CHECK_STR(err.msg, "committing the transaction: another producer with the same transactional.id has begun");
	end(&s);
}

TEST(offsets_of_a_group_become_part_of_it)
{
	struct stage s;
	struct kt_err err = {0};
	rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata_new("g");
	rd_kafka_topic_partition_list_add(offsets, "t", 2)->offset = 7;
	start(&s);
	s.t.offsets = offsets;
	s.t.group = group;
	begin(&s);
	send_records(&s, 1);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_OFFSETS, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_STR(err.msg, "");
	rd_kafka_topic_partition_list_destroy(offsets);
	rd_kafka_consumer_group_metadata_destroy(group);
	end(&s);
}

/* The library's own call fails the transaction when it has not come about within its time. */
TEST(a_group_whose_coordinator_moves_costs_no_transaction)
{
	struct stage s;
	struct kt_err err = {0};
	rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata_new("g");
	rd_kafka_topic_partition_list_add(offsets, "t", 2)->offset = 7;
	start(&s);
	s.t.offsets = offsets;
	s.t.group = group;
	begin(&s);
	send_records(&s, 1);
	tell(&s, "error TxnOffsetCommit COORDINATOR_NOT_AVAILABLE 3");
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_OFFSETS, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, WAIT_MS, &err), KT_TRANSACTION_DONE);
	CHECK_STR(err.msg, "");
	rd_kafka_topic_partition_list_destroy(offsets);
	rd_kafka_consumer_group_metadata_destroy(group);
	end(&s);
}

TEST(a_broker_that_is_away_is_not_waited_for_for_ever)
{
	struct stage s;
	struct kt_err err = {0};
	start(&s);
	begin(&s);
	send_records(&s, 1);
	tell(&s, "down all");
	CHECK_INT(kt_transaction_run(&s.t, KT_TRANSACTION_COMMIT, 500, &err), KT_TRANSACTION_FAILED);
	CHECK_INT(err.status, KT_UNREACHABLE);
	end(&s);
}

TEST(settings_that_do_not_go_with_it)
{
	struct stage s;
	struct kt_err err = {0};
	struct kt_producer *p = NULL;
	start(&s);
	struct kt_producer_how plain = {.topic = "t", .partition = -1, .timeout_ms = WAIT_MS, .done = on_done};
	CHECK_INT(kt_producer_open(&p, &s.settings, &plain, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_STR(err.msg, "transactional.id (from test): this command writes without transactions");
	kt_settings_put(&s.settings, KT_RANK_FLAG, "acks", "1", "test");
	CHECK(!open_producer(&s, &err));
	CHECK_STR(err.msg, "acks=1 (from test) does not go with transactions");
	end(&s);
}
