#include "configs.h"

#include "adminrequest.h"
#include "configs_own.h"
#include "mem.h"

const char *const kt_configs_state_texts[] = {"", "not permitted", "not supported", "not available"};

void kt_configs_take_all(struct kt_configs *out, const rd_kafka_ConfigResource_t *resource)
{
	size_t n;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
	rd_kafka_ConfigSource_t own = rd_kafka_ConfigResource_type(resource) == RD_KAFKA_RESOURCE_BROKER
					      ? RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG
					      : RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
	for (size_t i = 0; i < n; i++) {
		rd_kafka_ConfigSource_t source = rd_kafka_ConfigEntry_source(entries[i]);
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);
		const struct kt_config config = {
			.name = kt_strdup(rd_kafka_ConfigEntry_name(entries[i])),
			.value = value ? kt_strdup(value) : NULL,
			.source = rd_kafka_ConfigSource_name(source),
			.own = source == own,
			.is_default = rd_kafka_ConfigEntry_is_default(entries[i]) == 1,
			.read_only = rd_kafka_ConfigEntry_is_read_only(entries[i]) == 1,
			.sensitive = rd_kafka_ConfigEntry_is_sensitive(entries[i]) == 1,
		};
		kt_configs_take(out, config);
	}
	kt_configs_sort(out);
}

enum kt_configs_state kt_configs_state_of(rd_kafka_resp_err_t code)
{
	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return KT_CONFIGS_READ;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		return KT_CONFIGS_NOT_PERMITTED;
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
		return KT_CONFIGS_NOT_SUPPORTED;
	default:
		return KT_CONFIGS_FAILED;
	}
}

/* The order of the answer is not promised. */
static void take_answer(rd_kafka_event_t *event, const struct kt_strs *topics, struct kt_configs *out)
{
	size_t n = 0;
	const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t **resources =
		result ? rd_kafka_DescribeConfigs_result_resources(result, &n) : NULL;
	for (size_t i = 0; i < topics->n; i++) {
		out[i].state = KT_CONFIGS_FAILED;
		for (size_t tried = 0; tried < n; tried++) {
			/* The library leaves a hole for what the broker left out. */
			const rd_kafka_ConfigResource_t *resource = resources[(i + tried) % n];
			if (!resource || strcmp(rd_kafka_ConfigResource_name(resource), topics->v[i]) != 0)
				continue;
			out[i].state = kt_configs_state_of(rd_kafka_ConfigResource_error(resource));
			kt_configs_take_all(&out[i], resource);
			break;
		}
	}
}

int kt_configs_read_from(struct kt_client *c, int32_t broker, const struct kt_strs *topics, int64_t timeout_ms,
	struct kt_configs *out, struct kt_err *err)
{
	char why[256];
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	if (!topics->n)
		return 0;
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms, err) < 0)
		return -1;
	if (broker >= 0 && rd_kafka_AdminOptions_set_broker(r.options, broker, why, sizeof(why)))
		return kt_err_set(err, KT_FAILED, "asking broker %d for configs: %s", (int)broker, why);
	kt_auto(kt_free_ptr) rd_kafka_ConfigResource_t **resources = kt_calloc(topics->n, sizeof(*resources));
	for (size_t i = 0; i < topics->n; i++)
		resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics->v[i]);
	rd_kafka_DescribeConfigs(kt_client_handle(c), resources, topics->n, r.options, r.queue);
	rd_kafka_ConfigResource_destroy_array(resources, topics->n);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "reading configs of topics");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	enum kt_configs_state state = kt_configs_state_of(code);
	if (state == KT_CONFIGS_FAILED)
		return kt_adminrequest_refused(
			c, "reading configs of topics", code, rd_kafka_event_error_string(event), err);
	for (size_t i = 0; i < topics->n; i++)
		out[i].state = state;
	if (state == KT_CONFIGS_READ)
		take_answer(event, topics, out);
	return 0;
}

int kt_configs_read(struct kt_client *c, const struct kt_strs *topics, int64_t timeout_ms, struct kt_configs *out,
	struct kt_err *err)
{
	return kt_configs_read_from(c, -1, topics, timeout_ms, out, err);
}

void kt_configs_take(struct kt_configs *configs, struct kt_config config)
{
	configs->v = kt_grow(configs->v, &configs->cap, configs->n + 1, sizeof(*configs->v));
	configs->v[configs->n++] = config;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kt_config *)a)->name, ((const struct kt_config *)b)->name);
}

void kt_configs_sort(struct kt_configs *configs)
{
	if (configs->n)
		qsort(configs->v, configs->n, sizeof(*configs->v), by_name);
}

const struct kt_config *kt_configs_find(const struct kt_configs *configs, const char *name)
{
	for (size_t i = 0; i < configs->n; i++)
		if (!strcmp(configs->v[i].name, name))
			return &configs->v[i];
	return NULL;
}

bool kt_configs_any_own(const struct kt_configs *configs)
{
	for (size_t i = 0; i < configs->n; i++)
		if (configs->v[i].own)
			return true;
	return false;
}

void kt_configs_fini(struct kt_configs *configs)
{
	for (size_t i = 0; i < configs->n; i++) {
		free(configs->v[i].name);
		free(configs->v[i].value);
	}
	free(configs->v);
	*configs = (struct kt_configs){0};
}
