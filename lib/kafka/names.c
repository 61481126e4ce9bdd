#include "names.h"

#include "client.h"

int kt_names_topics(struct kt_strs *out, const struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_client *client;
	const struct rd_kafka_metadata *metadata;
	if (kt_client_open(&client, KT_ROLE_ADMIN, settings, err) < 0)
		return -1;
	int result = kt_client_metadata(client, "", timeout_ms, &metadata, err);
	if (result == 0) {
		for (int i = 0; i < metadata->topic_cnt; i++)
			kt_strs_add(out, metadata->topics[i].topic);
		rd_kafka_metadata_destroy(metadata);
	}
	kt_client_close(client);
	return result;
}

static void add_groups(struct kt_strs *out, rd_kafka_event_t *event)
{
	size_t n;
	const rd_kafka_ConsumerGroupListing_t **groups =
		rd_kafka_ListConsumerGroups_result_valid(rd_kafka_event_ListConsumerGroups_result(event), &n);
	for (size_t i = 0; i < n; i++)
		kt_strs_add(out, rd_kafka_ConsumerGroupListing_group_id(groups[i]));
}

static int list_groups(struct kt_strs *out, struct kt_client *client, int timeout_ms, struct kt_err *err)
{
	rd_kafka_t *rk = kt_client_handle(client);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
	char ignored[1];
	rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, ignored, sizeof(ignored));
	rd_kafka_ListConsumerGroups(rk, options, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
	rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (!code)
		add_groups(out, event);
	rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(queue);
	return code ? kt_client_fail(client, code, err, "listing the groups") : 0;
}

int kt_names_groups(struct kt_strs *out, const struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_client *client;
	if (kt_client_open(&client, KT_ROLE_ADMIN, settings, err) < 0)
		return -1;
	int result = kt_client_reach(client, timeout_ms, err);
	if (result == 0)
		result = list_groups(out, client, (int)timeout_ms, err);
	kt_client_close(client);
	return result;
}
