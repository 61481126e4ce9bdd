#include "keptoffsets.h"

#include "mem.h"
#include "offsetquery.h"
#include "partitions.h"

struct kt_keptoffsets {
	struct kt_client *client;
	char *topic;
	int32_t n;
	int64_t *put;
	rd_kafka_consumer_group_metadata_t *group;
	rd_kafka_topic_partition_list_t *list;
};

int kt_keptoffsets_open(struct kt_keptoffsets **out, const struct kt_settings *settings, const struct kt_owner *owner,
	const char *group, const char *topic, int32_t n, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	kt_auto(kt_keptoffsets_free) struct kt_keptoffsets *k = kt_calloc(1, sizeof(*k));
	k->topic = kt_strdup(topic);
	k->n = n;
	k->put = kt_calloc((size_t)n, sizeof(*k->put));
	k->group = rd_kafka_consumer_group_metadata_new(group);
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	rd_kafka_conf_set(conf, "group.id", group, NULL, 0);
	/* With this level the question for offsets waits for transactions that are being ended (KIP-447). */
	rd_kafka_conf_set(conf, "isolation.level", "read_committed", NULL, 0);
	if (kt_client_start(&k->client, KT_ROLE_CONSUMER, conf, settings, owner, NULL, err) < 0)
		return -1;
	*out = kt_steal(k);
	return 0;
}

int kt_keptoffsets_read(struct kt_keptoffsets *k, int64_t *offsets, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(k->n);
	for (int32_t i = 0; i < k->n; i++)
		rd_kafka_topic_partition_list_add(list, k->topic, i);
	if (kt_client_reach(k->client, timeout_ms, err) < 0 ||
		kt_offsetquery_committed(k->client, list, timeout_ms, err) < 0)
		return -1;
	for (int i = 0; i < list->cnt; i++)
		offsets[list->elems[i].partition] = list->elems[i].offset < 0 ? KT_NO_OFFSET : list->elems[i].offset;
	return 0;
}

void kt_keptoffsets_put(struct kt_keptoffsets *k, struct kt_transaction *t, const int64_t *offsets, bool all)
{
	if (k->list)
		kt_client_free_list(&k->list);
	k->list = rd_kafka_topic_partition_list_new(k->n);
	for (int32_t i = 0; i < k->n; i++) {
		if (offsets[i] == KT_NO_OFFSET || (!all && offsets[i] == k->put[i]))
			continue;
		rd_kafka_topic_partition_list_add(k->list, k->topic, i)->offset = offsets[i];
		k->put[i] = offsets[i];
	}
	t->offsets = k->list;
	t->group = k->group;
}

void kt_keptoffsets_free(struct kt_keptoffsets **at)
{
	struct kt_keptoffsets *k = *at;
	if (!k)
		return;
	kt_client_close(k->client);
	if (k->list)
		kt_client_free_list(&k->list);
	rd_kafka_consumer_group_metadata_destroy(k->group);
	free(k->put);
	free(k->topic);
	free(k);
	*at = NULL;
}
