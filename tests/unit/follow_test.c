#include "follow.h"

#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "mem.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { WAIT_MS = 60000, STILL_MS = 1500 };

/* A cluster of the library's own, whose topics can be said to be gone, and who writes to it and follows it. */
struct stage {
	rd_kafka_t *host, *writer;
	rd_kafka_mock_cluster_t *cluster;
	struct kt_settings settings;
	struct kt_follow *follow;
	struct kt_followed *topic;
	char heard[64];
	int n;
};

static void start(struct stage *s)
{
	struct kt_err err = {0};
	*s = (struct stage){0};
	kt_sig_block();
	s->host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), NULL, 0);
	s->cluster = rd_kafka_mock_cluster_new(s->host, 1);
	rd_kafka_mock_topic_create(s->cluster, "t", 1, 1);
	const char *brokers = rd_kafka_mock_cluster_bootstraps(s->cluster);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
	s->writer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
	kt_settings_put(&s->settings, KT_RANK_FLAG, "bootstrap.servers", brokers, "test");
	CHECK_INT(kt_follow_open(&s->follow, &s->settings, NULL, &err), 0);
	s->topic = kt_follow_begin(s->follow, "t");
}

static void finish(struct stage *s)
{
	kt_follow_close(s->follow);
	rd_kafka_destroy(s->writer);
	rd_kafka_mock_cluster_destroy(s->cluster);
	rd_kafka_destroy(s->host);
	kt_settings_fini(&s->settings);
}

static void queue_record(struct stage *s, const char *value)
{
	rd_kafka_producev(s->writer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE((void *)value, strlen(value)),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

static void write_record(struct stage *s, const char *value)
{
	queue_record(s, value);
	CHECK_INT(rd_kafka_flush(s->writer, WAIT_MS), 0);
}

static void hear(void *user, const struct kt_record *record)
{
	struct stage *s = user;
	size_t len = strlen(s->heard);
	s->n++;
	snprintf(s->heard + len, sizeof(s->heard) - len, "%.*s", (int)record->value.len,
		(const char *)record->value.data);
}

/* Until it is found, is gone, or has said so much; serve: its partitions are looked for, too. */
static void follow(struct stage *s, int64_t limit_ms, bool serve, bool gone, const char *heard)
{
	int64_t start_us = kt_clock_us();
	while (kt_left_ms(start_us, limit_ms)) {
		if (serve)
			kt_follow_serve(s->follow);
		while (kt_followed_take(s->topic, 100, hear, s) > 0)
			;
		if (heard ? !strcmp(s->heard, heard) : gone ? s->topic->gone : kt_followed_is_ready(s->topic))
			return;
		usleep(10000);
	}
}

static void follow_count(struct stage *s, int n)
{
	int64_t start_us = kt_clock_us();
	while (s->n < n && kt_left_ms(start_us, WAIT_MS))
		follow(s, 10, true, false, "?");
	CHECK(s->n >= n);
}

TEST(a_topic_that_comes_back_is_read_once)
{
	struct stage s;
	start(&s);
	follow(&s, WAIT_MS, true, false, NULL);
	CHECK(kt_followed_is_ready(s.topic));
	write_record(&s, "1");
	write_record(&s, "2");
	follow(&s, WAIT_MS, true, false, "12");
	CHECK_STR(s.heard, "12");
	rd_kafka_mock_topic_set_error(s.cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	follow(&s, WAIT_MS, true, true, NULL);
	CHECK(s.topic->gone);
	/* Before that is seen it is there again, and has more: nothing of it is read from the old position. */
	rd_kafka_mock_topic_set_error(s.cluster, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
	write_record(&s, "3");
	follow(&s, STILL_MS, false, false, "123");
	CHECK_STR(s.heard, "12");
	follow(&s, WAIT_MS, true, false, "12123");
	CHECK_STR(s.heard, "12123");
	CHECK_INT(s.topic->era, 1);
	finish(&s);
}

/* The new log is as the old one was, to the byte: what was given out a moment ago is not given out again. On a machine
 * that stood still it may be. */
TEST(a_topic_that_was_recreated_is_read_from_its_beginning)
{
	struct stage s;
	start(&s);
	follow(&s, WAIT_MS, true, false, NULL);
	int64_t begun_us = kt_clock_us();
	write_record(&s, "1");
	write_record(&s, "2");
	follow(&s, WAIT_MS, true, false, "12");
	kt_followed_restart(s.topic);
	while (!s.topic->era && kt_left_ms(begun_us, WAIT_MS))
		follow(&s, 10, true, false, "?");
	CHECK_INT(s.topic->era, 1);
	write_record(&s, "3");
	follow(&s, WAIT_MS, true, false, "123");
	if (kt_left_ms(begun_us, 5000))
		CHECK_STR(s.heard, "123");
	finish(&s);
}

/* There are more than are remembered: the first of them come again, in place of those that may have been lost, and so
 * do those whose places they take. */
TEST(of_a_topic_that_was_recreated_too_much_is_given_out_rather_than_too_little)
{
	enum { MANY = 20000, REMEMBERED = 16384, ALL = MANY + 2 * (MANY - REMEMBERED) };
	struct stage s;
	start(&s);
	follow(&s, WAIT_MS, true, false, NULL);
	int64_t begun_us = kt_clock_us();
	for (int i = 0; i < MANY; i++)
		queue_record(&s, "r");
	CHECK_INT(rd_kafka_flush(s.writer, WAIT_MS), 0);
	follow_count(&s, MANY);
	kt_followed_restart(s.topic);
	follow_count(&s, ALL);
	queue_record(&s, "r");
	follow_count(&s, ALL + 1);
	CHECK_INT(s.topic->era, 1);
	if (kt_left_ms(begun_us, 5000))
		CHECK_INT(s.n, ALL + 1);
	finish(&s);
}

TEST(a_topic_that_is_gone_can_be_left)
{
	struct stage s;
	start(&s);
	follow(&s, WAIT_MS, true, false, NULL);
	rd_kafka_mock_topic_set_error(s.cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	follow(&s, WAIT_MS, true, true, NULL);
	CHECK(s.topic->gone);
	kt_follow_end(s.topic);
	finish(&s);
}
