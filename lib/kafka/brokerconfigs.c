#include "brokerconfigs.h"

#include "adminrequest.h"
#include "configs_own.h"
#include "mem.h"
#include "version.h"

static void destroy_resource(rd_kafka_ConfigResource_t **resource)
{
	rd_kafka_ConfigResource_destroy(*resource);
}

static rd_kafka_ConfigResource_t *resource_of(int32_t broker)
{
	char name[16];
	snprintf(name, sizeof(name), "%d", (int)broker);
	return rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, name);
}

int kt_brokerconfigs_read(
	struct kt_client *c, int32_t broker, int64_t timeout_ms, struct kt_configs *out, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_resource) rd_kafka_ConfigResource_t *resource = resource_of(broker);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms, err) < 0)
		return -1;
	/* The library asks the broker that is meant. */
	rd_kafka_DescribeConfigs(kt_client_handle(c), &resource, 1, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "reading the configs of broker %d", (int)broker);
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	out->state = kt_configs_state_of(code);
	if (out->state == KT_CONFIGS_FAILED)
		return kt_client_fail(c, code, err, "reading the configs of broker %d", (int)broker);
	if (code)
		return 0;
	const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t **answers =
		result ? rd_kafka_DescribeConfigs_result_resources(result, &n) : NULL;
	if (n != 1 || !answers[0])
		return kt_err_set(err, KT_FAILED, "reading the configs of broker %d: the answer does not mention it",
			(int)broker);
	out->state = kt_configs_state_of(rd_kafka_ConfigResource_error(answers[0]));
	kt_configs_take_all(out, answers[0]);
	return 0;
}

#if RD_KAFKA_VERSION >= 0x020200ff

int kt_brokerconfigs_can_change(struct kt_err *err)
{
	(void)err;
	return 0;
}

static int add(rd_kafka_ConfigResource_t *resource, const char *name, const char *value, struct kt_err *err)
{
	rd_kafka_error_t *error = rd_kafka_ConfigResource_add_incremental_config(resource, name,
		value ? RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET : RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, value);
	if (!error)
		return 0;
	kt_err_set(err, KT_USAGE, "config %.100s: %s", name, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return -1;
}

static int fill(rd_kafka_ConfigResource_t *resource, const struct kt_config_change *change, struct kt_err *err)
{
	for (size_t i = 0; i < change->set->n; i++) {
		const char *equals = strchr(change->set->v[i], '=');
		kt_auto(kt_free_ptr) char *name = kt_strndup(change->set->v[i], (size_t)(equals - change->set->v[i]));
		if (add(resource, name, equals + 1, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < change->remove->n; i++)
		if (add(resource, change->remove->v[i], NULL, err) < 0)
			return -1;
	return 0;
}

static int judge(struct kt_client *c, int32_t broker, rd_kafka_event_t *event, struct kt_err *err)
{
	size_t n = 0;
	char doing[64];
	snprintf(doing, sizeof(doing), "changing broker %d", (int)broker);
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return kt_adminrequest_refused(c, doing, code, rd_kafka_event_error_string(event), err);
	const rd_kafka_IncrementalAlterConfigs_result_t *result = rd_kafka_event_IncrementalAlterConfigs_result(event);
	const rd_kafka_ConfigResource_t **answers =
		result ? rd_kafka_IncrementalAlterConfigs_result_resources(result, &n) : NULL;
	if (n != 1 || !answers[0])
		return kt_err_set(err, KT_FAILED, "%s: the answer does not mention it", doing);
	code = rd_kafka_ConfigResource_error(answers[0]);
	if (!code)
		return 0;
	kt_adminrequest_refused(c, doing, code, rd_kafka_ConfigResource_error_string(answers[0]), err);
	return code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
		       ? kt_err_hint(err, "it needs the right to AlterConfigs on the cluster")
		       : -1;
}

int kt_brokerconfigs_change(struct kt_client *c, int32_t broker, const struct kt_config_change *change,
	const struct kt_admin_how *how, struct kt_err *err)
{
	char why[256];
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_resource) rd_kafka_ConfigResource_t *resource = resource_of(broker);
	if (fill(resource, change, err) < 0)
		return kt_err_wrap(err, "changing broker %d", (int)broker);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, how->timeout_ms, err) < 0)
		return -1;
	if (how->validate_only && rd_kafka_AdminOptions_set_validate_only(r.options, true, why, sizeof(why)))
		return kt_err_set(err, KT_FAILED, "asking the brokers only to check it: %s", why);
	rd_kafka_IncrementalAlterConfigs(kt_client_handle(c), &resource, 1, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	return event ? judge(c, broker, event, err) : kt_err_wrap(err, "changing broker %d", (int)broker);
}

#else

int kt_brokerconfigs_can_change(struct kt_err *err)
{
	kt_err_set(err, KT_FAILED,
		"changing configs of brokers needs librdkafka 2.2 or newer; this one, %s, could only replace all of "
		"them, and passwords that brokers do not reveal would be lost",
		kt_rdkafka_version());
	return kt_err_hint(err, "kafka-configs.sh --alter --entity-type brokers can do it");
}

int kt_brokerconfigs_change(struct kt_client *c, int32_t broker, const struct kt_config_change *change,
	const struct kt_admin_how *how, struct kt_err *err)
{
	(void)c, (void)broker, (void)change, (void)how;
	return kt_brokerconfigs_can_change(err);
}

#endif
