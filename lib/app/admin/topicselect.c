#include "topicselect.h"

#include "everybroker.h"
#include "sig.h"
#include "topic.h"
#include "when.h"

/* How long a broker may take to hear of a topic. */
enum { HEARD_MS = 5000 };

static int by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct rd_kafka_metadata_topic *)a)->topic, ((const struct rd_kafka_metadata_topic *)b)->topic);
}

static int by_id(const void *a, const void *b)
{
	return ((const struct rd_kafka_metadata_partition *)a)->id -
	       ((const struct rd_kafka_metadata_partition *)b)->id;
}

static void sort_topics(struct kt_topicselect *t)
{
	const struct rd_kafka_metadata *metadata = t->metadata;
	if (metadata->topic_cnt)
		qsort(metadata->topics, (size_t)metadata->topic_cnt, sizeof(*metadata->topics), by_name);
	for (int i = 0; i < metadata->topic_cnt; i++) {
		struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
		if (topic->partition_cnt)
			qsort(topic->partitions, (size_t)topic->partition_cnt, sizeof(*topic->partitions), by_id);
		kt_strs_add(&t->names, topic->topic);
	}
}

int kt_topicselect_open(struct kt_topicselect *t, const struct kt_client_opts *opts, struct kt_err *err)
{
	t->timeout_ms = opts->timeout_ms;
	if (kt_conf_load(&t->settings, opts, err) < 0 || kt_conf_resolve(&t->settings, err) < 0 ||
		kt_client_open(&t->client, KT_ROLE_ADMIN, &t->settings, opts->owner, err) < 0 ||
		kt_client_metadata(t->client, "", opts->timeout_ms, &t->metadata, err) < 0)
		return -1;
	t->embedded = kt_embedded_find(kt_client_brokers(t->client), &t->local) == 1;
	sort_topics(t);
	return 0;
}

int kt_topicselect_again(struct kt_topicselect *t, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	if (kt_client_metadata(t->client, "", t->timeout_ms, &metadata, err) < 0)
		return -1;
	rd_kafka_metadata_destroy(t->metadata);
	kt_strs_fini(&t->names);
	t->metadata = metadata;
	sort_topics(t);
	return 0;
}

/* Whether one of the missing words is a topic that another broker shows. */
static bool is_elsewhere(const struct kt_topicselect *t)
{
	for (size_t i = 0; !t->embedded && i < t->pick.missing.n; i++)
		if (!kt_is_pattern(t->pick.missing.v[i]) &&
			kt_everybroker_knows(t->client, t->pick.missing.v[i], HEARD_MS))
			return true;
	return false;
}

/* The list is one broker's: what it does not show may be a topic that it has not heard of yet. */
void kt_topicselect_pick(struct kt_topicselect *t, const struct kt_strs *words)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	struct kt_err ignored;
	int64_t start_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting waiting = {.owner = kt_client_owner(t->client)};
	for (size_t i = 0; i < words->n; i++)
		kt_topic_names(&names, words->v[i]);
	kt_match(&t->pick, &names, &t->names, KT_TOPICSELECT_INTERNAL);
	for (bool wait = is_elsewhere(t); wait && kt_left_ms(start_us, HEARD_MS) && !kt_client_stopped(t->client);) {
		size_t missing = t->pick.missing.n;
		kt_waiting_say(&waiting, "all brokers to hear of it");
		kt_wait(NULL, 0, 20);
		if (kt_topicselect_again(t, &ignored) < 0)
			return;
		kt_match_fini(&t->pick);
		kt_match(&t->pick, &names, &t->names, KT_TOPICSELECT_INTERNAL);
		wait = t->pick.missing.n == missing || is_elsewhere(t);
	}
}

int kt_topicselect_default(const struct kt_topicselect *t, struct kt_strs *words, struct kt_err *err)
{
	const char *configured = kt_settings_text(&t->settings, "kt.topic", NULL);
	if (!words->n && configured)
		kt_strs_add(words, configured);
	return words->n ? 0 : kt_err_set(err, KT_USAGE, "no topic is given");
}

int kt_topicselect_pick_some(struct kt_topicselect *t, const struct kt_strs *words, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs own = {0};
	if (!words->n && kt_topicselect_default(t, &own, err) < 0)
		return -1;
	kt_topicselect_pick(t, words->n ? words : &own);
	return 0;
}

const struct rd_kafka_metadata_topic *kt_topicselect_find(const struct kt_topicselect *t, const char *name)
{
	const struct rd_kafka_metadata_topic wanted = {.topic = (char *)(uintptr_t)name};
	return t->metadata->topic_cnt
		       ? bsearch(&wanted, t->metadata->topics, (size_t)t->metadata->topic_cnt, sizeof(wanted), by_name)
		       : NULL;
}

/* A topic that this client may not see is not in the list of all, but asked for by its name the brokers say so. The
 * mock cluster is not asked by name, since that would create the topic. */
static int explain_missing(struct kt_topicselect *t, const char *word, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (strchr(word, '=')) {
		kt_err_set(err, KT_NOT_FOUND, "no topic can be called %.200s", word);
		return kt_err_hint(err, "`kt topic alter TOPIC %.200s` sets a config", word);
	}
	if (!t->embedded && !kt_is_pattern(word)) {
		if (kt_client_metadata(t->client, word, t->timeout_ms, &metadata, err) < 0)
			return -1;
		if (metadata->topic_cnt == 1 && metadata->topics[0].err)
			code = metadata->topics[0].err;
		rd_kafka_metadata_destroy(metadata);
	}
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return kt_match_missing("topic", word, kt_client_brokers(t->client), &t->names, err);
	return kt_client_topic_error(t->client, word, code, err);
}

struct kt_several kt_topicselect_several(struct kt_topicselect *t, const char *done_word)
{
	struct kt_several several = {
		.kind = "topic", .done_word = done_word, .total = t->pick.found.n + t->pick.missing.n};
	for (size_t i = 0; i < t->pick.missing.n; i++) {
		struct kt_err one = {0};
		if (!kt_several_add(&several, explain_missing(t, t->pick.missing.v[i], &one), &one))
			break;
	}
	return several;
}

int kt_topicselect_shown(struct kt_topicselect *t, struct kt_err *err)
{
	struct kt_several several = kt_topicselect_several(t, "shown");
	several.done = t->pick.found.n;
	return kt_several_close(&several, err);
}

int kt_topicselect_refuse_embedded(const struct kt_topicselect *t, const char *what, struct kt_err *err)
{
	if (!t->embedded)
		return 0;
	kt_err_set(err, KT_FAILED, "the embedded broker at %s cannot %s", t->local.bootstrap, what);
	return kt_err_hint(err, "it is librdkafka's mock cluster, which only creates topics");
}

void kt_topicselect_fini(struct kt_topicselect *t)
{
	if (t->metadata)
		rd_kafka_metadata_destroy(t->metadata);
	kt_client_close(t->client);
	kt_match_fini(&t->pick);
	kt_strs_fini(&t->names);
	kt_settings_fini(&t->settings);
}
