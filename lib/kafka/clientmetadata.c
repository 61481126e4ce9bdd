/* What a client asks for metadata: whether brokers are reached, and about topics. */
#include "askonce.h"
#include "client.h"
#include "everybroker.h"
#include "mem.h"
#include "sig.h"
#include "suggest.h"
#include "when.h"

enum { HEARD_MS = 5000 };

/* What everything else relies on: names are there, and the topic that was asked for comes first. The library passes on
 * whatever a broker says: nothing at all, a null for a name, or other topics than the one in the question. */
static bool is_sane(const struct rd_kafka_metadata *m, const char *topic)
{
	for (int i = 0; i < m->broker_cnt; i++)
		if (!m->brokers[i].host)
			return false;
	for (int i = 0; i < m->topic_cnt; i++)
		if (!m->topics[i].topic)
			return false;
	if (!topic || !*topic)
		return true;
	for (int i = 0; i < m->topic_cnt; i++) {
		struct rd_kafka_metadata_topic first = m->topics[0];
		if (strcmp(m->topics[i].topic, topic) != 0)
			continue;
		m->topics[0] = m->topics[i];
		m->topics[i] = first;
		return true;
	}
	return false;
}

static int take_answer(struct kt_client *c, const char *topic, const struct rd_kafka_metadata *answer,
	const struct rd_kafka_metadata **metadata, struct kt_err *err)
{
	bool sane = is_sane(answer, topic);
	if (sane && metadata)
		*metadata = answer;
	else
		rd_kafka_metadata_destroy(answer);
	if (sane)
		return 0;
	if (topic && *topic)
		return kt_err_set(err, KT_FAILED, "asking %s about topic %s: the answer does not mention it",
			kt_client_brokers(c), topic);
	return kt_err_set(err, KT_FAILED, "asking %s for metadata: the answer makes no sense", kt_client_brokers(c));
}

int kt_client_metadata(struct kt_client *c, const char *topic, int64_t timeout_ms,
	const struct rd_kafka_metadata **metadata, struct kt_err *err)
{
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	/* librdkafka waits in slices only, so that brokers' errors are seen in between; the slices double, so that a
	 * slow answer is waited for too. One that took longer than it should counts as what it should have taken: the
	 * process was stopped meanwhile, or the machine stood still, and no broker had that time to answer in. */
	for (int64_t slice_ms = 100, left_us = timeout_ms * 1000;; slice_ms *= 2) {
		const struct rd_kafka_metadata *answer;
		int64_t left_ms = left_us < 1000 ? 1 : left_us / 1000, begun_us = kt_clock_us();
		int64_t limit_ms = slice_ms < left_ms ? slice_ms : left_ms;
		rd_kafka_resp_err_t code = kt_askonce(c, topic, limit_ms, &wait, &answer);
		int64_t took_us = kt_clock_us() - begun_us;
		left_us -= took_us < limit_ms * 1000 ? took_us : limit_ms * 1000;
		if (!code)
			return take_answer(c, topic, answer, metadata, err);
		if (code != RD_KAFKA_RESP_ERR__TRANSPORT && code != RD_KAFKA_RESP_ERR__TIMED_OUT)
			return kt_client_fail(c, code, err, "asking %s for metadata", kt_client_brokers(c));
		rd_kafka_poll(kt_client_handle(c), 0);
		if (kt_client_stopped(c))
			return kt_err_set(
				err, kt_client_stopped(c), "interrupted while connecting to %s", kt_client_brokers(c));
		if (left_ms == 1 || kt_client_is_final(c))
			return kt_client_unreachable(c, err);
	}
}

int kt_client_reach(struct kt_client *c, int64_t timeout_ms, struct kt_err *err)
{
	return kt_client_metadata(c, NULL, timeout_ms, NULL, err);
}

char *kt_client_cluster_id(struct kt_client *c, int64_t timeout_ms, struct kt_err *err)
{
	if (kt_client_reach(c, timeout_ms, err) < 0)
		return NULL;
	/* It came with the answer, so that this does not wait. */
	char *id = rd_kafka_clusterid(kt_client_handle(c), 1000), *copy = id ? kt_strdup(id) : NULL;
	if (id)
		rd_kafka_mem_free(kt_client_handle(c), id);
	else
		kt_err_set(err, KT_FAILED, "%s does not tell the id of its cluster", kt_client_brokers(c));
	return copy;
}

int kt_client_topic_error(struct kt_client *c, const char *topic, rd_kafka_resp_err_t code, struct kt_err *err)
{
	const struct rd_kafka_metadata *all;
	struct kt_suggest near = {.word = topic};
	if (code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && code != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
		return kt_client_fail(c, code, err, "topic %s", topic);
	kt_err_set(err, KT_NOT_FOUND, "topic %s does not exist on %s", topic, kt_client_brokers(c));
	kt_err_hint(err, "`kt topic list` shows what is there, `kt topic create %s` creates it", topic);
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	if (kt_askonce(c, "", 1000, &wait, &all))
		return -1;
	for (int i = 0; is_sane(all, NULL) && i < all->topic_cnt; i++)
		if (strcmp(all->topics[i].topic, topic) != 0)
			kt_suggest_offer(&near, all->topics[i].topic);
	if (near.best)
		kt_err_hint(err, "did you mean %s? `kt topic list` shows what is there", near.best);
	rd_kafka_metadata_destroy(all);
	return -1;
}

static int look_for(struct kt_client *c, const char *topic, int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *all;
	bool found = false;
	if (kt_client_metadata(c, "", timeout_ms, &all, err) < 0)
		return -1;
	for (int i = 0; i < all->topic_cnt; i++)
		found = found || !strcmp(all->topics[i].topic, topic);
	rd_kafka_metadata_destroy(all);
	return found ? 0 : kt_client_topic_error(c, topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, err);
}

/* Asks for a topic that the first broker did not know of; the others may have heard of it already. */
static int ask_on(struct kt_client *c, const char *topic, int64_t timeout_ms, const struct rd_kafka_metadata **metadata,
	struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), limit_ms = timeout_ms < HEARD_MS ? timeout_ms : HEARD_MS;
	bool known = kt_everybroker_knows(c, topic, limit_ms);
	for (;;) {
		if (kt_client_metadata(c, topic, timeout_ms, metadata, err) < 0)
			return -1;
		if (!known || (*metadata)->topics[0].err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
			!kt_left_ms(start_us, limit_ms) || kt_client_stopped(c))
			return 0;
		rd_kafka_metadata_destroy(*metadata);
		kt_wait(NULL, 0, 20);
	}
}

int kt_client_topic(struct kt_client *c, const char *topic, int64_t timeout_ms,
	const struct rd_kafka_metadata **metadata, struct kt_err *err)
{
	if ((kt_client_is_embedded(c) && look_for(c, topic, timeout_ms, err) < 0) ||
		kt_client_metadata(c, topic, timeout_ms, metadata, err) < 0)
		return -1;
	rd_kafka_resp_err_t code = (*metadata)->topics[0].err;
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && !kt_client_is_embedded(c)) {
		rd_kafka_metadata_destroy(*metadata);
		if (ask_on(c, topic, timeout_ms, metadata, err) < 0)
			return -1;
		code = (*metadata)->topics[0].err;
	}
	if (!code || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		return 0;
	rd_kafka_metadata_destroy(*metadata);
	return kt_client_topic_error(c, topic, code, err);
}

int kt_client_check_partition(const struct rd_kafka_metadata_topic *topic, int32_t partition, struct kt_err *err)
{
	if (partition < topic->partition_cnt)
		return 0;
	kt_err_set(err, KT_NOT_FOUND, "topic %s has no partition %d", topic->topic, (int)partition);
	return kt_err_hint(err, "it has partitions 0 to %d", topic->partition_cnt - 1);
}
