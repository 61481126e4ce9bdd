#include "topiclimit.h"

static const char name[] = "max.message.bytes";

int kt_topiclimit_ask(
	rd_kafka_t *rk, const char *topic, int64_t timeout_ms, rd_kafka_queue_t *queue, struct kt_err *err)
{
	char why[256];
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
	rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	bool ok = !rd_kafka_AdminOptions_set_request_timeout(options, (int)timeout_ms, why, sizeof(why));
	/* A config that is named here is the only one in the answer; the value is not sent. */
	rd_kafka_ConfigResource_set_config(resource, name, "");
	if (ok)
		rd_kafka_DescribeConfigs(rk, &resource, 1, options, queue);
	rd_kafka_ConfigResource_destroy(resource);
	rd_kafka_AdminOptions_destroy(options);
	return ok ? 0 : kt_err_set(err, KT_FAILED, "setting the time limit of a request: %s", why);
}

int64_t kt_topiclimit_of(rd_kafka_event_t *event)
{
	size_t n = 0;
	const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t **resources =
		result ? rd_kafka_DescribeConfigs_result_resources(result, &n) : NULL;
	/* An answer may be shorter than the question. */
	if (!n || rd_kafka_ConfigResource_error(resources[0]))
		return -1;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &n);
	for (size_t i = 0; i < n; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);
		if (!strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) && value)
			return strtoll(value, NULL, 10);
	}
	return -1;
}
