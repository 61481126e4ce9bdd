#include "everybroker.h"

#include "mem.h"
#include "sig.h"
#include "when.h"

/* BROKER_MS: a broker that died may be listed for a while. */
enum { BROKER_MS = 2000, PAUSE_MS = 20 };

struct question {
	char *const *topics;
	size_t n;
	int partitions;
	bool any; /* one of the topics, whatever its state, is enough */
	int64_t start_us, timeout_ms;
	struct kt_waiting *wait; /* NULL: nobody is told */
};

static const struct rd_kafka_metadata_topic *find(const struct rd_kafka_metadata *metadata, const char *name)
{
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (!strcmp(metadata->topics[i].topic, name))
			return &metadata->topics[i];
	return NULL;
}

static bool exists(const struct rd_kafka_metadata_topic *t)
{
	return t && t->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

static bool is_whole(const struct rd_kafka_metadata_topic *t, int partitions)
{
	/* A topic that this client may not see has no partitions to wait for. */
	if (t->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return true;
	for (int i = 0; i < t->partition_cnt; i++)
		if (t->partitions[i].leader < 0)
			return false;
	return !t->err && t->partition_cnt >= partitions;
}

static bool is_answered(const struct question *q, const struct rd_kafka_metadata *metadata)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct rd_kafka_metadata_topic *t = find(metadata, q->topics[i]);
		bool yes = q->partitions == KT_EVERYBROKER_GONE ? !exists(t) : exists(t) && is_whole(t, q->partitions);
		if (q->any && exists(t))
			return true;
		if (!q->any && !yes)
			return false;
	}
	return !q->any;
}

/* 1: what is asked for is true there, or the broker does not answer; 0: it is not. */
static int ask_until(struct kt_client *own, const struct question *q, struct kt_err *err)
{
	/* By name, as a list of all topics leaves out what this client may only use; several names take a list. */
	const char *name = q->n == 1 ? q->topics[0] : "";
	for (;;) {
		const struct rd_kafka_metadata *metadata;
		int64_t left_ms = kt_left_ms(q->start_us, q->timeout_ms);
		if (kt_client_metadata(own, name, left_ms < BROKER_MS ? left_ms : BROKER_MS, &metadata, err) < 0)
			return err->status >= KT_SIGNAL ? -1 : !q->any;
		bool answered = is_answered(q, metadata);
		rd_kafka_metadata_destroy(metadata);
		if (answered || q->any || !left_ms)
			return answered;
		if (q->wait)
			kt_waiting_say(q->wait, "all brokers to hear of it");
		kt_wait(NULL, 0, PAUSE_MS);
		if (kt_client_stopped(own))
			return kt_err_set(err, kt_client_stopped(own), "interrupted while the brokers hear of it");
	}
}

static int ask_broker(struct kt_client *c, const struct rd_kafka_metadata_broker *broker, const struct question *q,
	struct kt_err *err)
{
	struct kt_client *own;
	if (kt_client_open_broker(&own, c, broker->host, broker->port, err) < 0)
		return !q->any;
	int result = ask_until(own, q, err);
	kt_client_close(own);
	return result;
}

/* As ask_until(), for all of them; with `any` for one. */
static int ask_all(struct kt_client *c, const struct question *q, struct kt_err *err)
{
	const struct rd_kafka_metadata *brokers;
	int result = 1;
	if (kt_client_is_embedded(c))
		return 1;
	if (kt_client_metadata(c, NULL, q->timeout_ms, &brokers, err) < 0)
		return err->status >= KT_SIGNAL ? -1 : 0;
	for (int i = 0; i < brokers->broker_cnt; i++) {
		bool alone = brokers->broker_cnt == 1;
		int one = alone ? ask_until(c, q, err) : ask_broker(c, &brokers->brokers[i], q, err);
		result = one < 0 ? -1 : q->any ? one : result && one;
		if (result < 0 || (q->any && result))
			break;
	}
	rd_kafka_metadata_destroy(brokers);
	return result;
}

int kt_everybroker_await(
	struct kt_client *c, char *const *topics, size_t n, int partitions, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	const struct question q = {.topics = topics,
		.wait = &wait,
		.n = n,
		.partitions = partitions,
		.start_us = kt_clock_us(),
		.timeout_ms = timeout_ms};
	int result = n ? ask_all(c, &q, err) : 1;
	return result < 0 ? -1 : !result;
}

int kt_everybroker_knows(struct kt_client *c, const char *topic, int64_t timeout_ms)
{
	struct kt_err ignored;
	char *name = kt_strdup(topic);
	const struct question q = {
		.topics = &name, .n = 1, .any = true, .start_us = kt_clock_us(), .timeout_ms = timeout_ms};
	int result = ask_all(c, &q, &ignored);
	free(name);
	return result > 0;
}
