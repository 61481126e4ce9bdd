/* Changes configs of a topic: one by one where the library can, else all that are there with the change put in. */
#include "adminrequest.h"
#include "configs.h"
#include "configs_own.h"
#include "sig.h"
#include "when.h"

enum {
	BROKER_MS = 2000, /* for one broker of several: one that died may be listed for a while */
	SETTLE_MS = 5000, /* until all brokers know of a change */
	PAUSE_MS = 50,
	DOING = 300, /* fits "changing topic " and the longest name */
};

/* The configs as each broker shows them: those of the first that answers, and whether all others say the same. */
static int read_everywhere(struct kt_client *c, const struct kt_strs *topic, const struct rd_kafka_metadata *brokers,
	struct kt_configs *out, bool *agree, struct kt_err *err)
{
	bool any = false;
	kt_err_set(err, KT_UNREACHABLE, "no broker is there to ask for configs");
	*agree = true;
	for (int i = 0; i < brokers->broker_cnt; i++) {
		kt_auto(kt_configs_fini) struct kt_configs told = {0};
		if (kt_configs_read_from(c, brokers->brokers[i].id, topic, BROKER_MS, &told, err) < 0) {
			if (err->status >= KT_SIGNAL)
				return -1;
			continue;
		}
		if (any) {
			*agree &= told.state == out->state && kt_configs_same(&told, out);
			continue;
		}
		kt_configs_fini(out);
		*out = told;
		told = (struct kt_configs){0};
		any = true;
	}
	return any ? 0 : -1;
}

/* A broker that has not heard of the last change yet would restore what was there before. */
static int read_settled(struct kt_client *c, const struct kt_strs *topic, const struct rd_kafka_metadata *brokers,
	struct kt_configs *out, struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	for (bool agree;;) {
		if (read_everywhere(c, topic, brokers, out, &agree, err) < 0)
			return -1;
		if (agree)
			return 0;
		if (!kt_left_ms(start_us, SETTLE_MS) || kt_client_stopped(c))
			return kt_err_set(
				err, KT_FAILED, "the brokers do not agree about the configs of topic %s", topic->v[0]);
		kt_waiting_say(&wait, "the brokers to agree about the configs of topic %s", topic->v[0]);
		kt_wait(NULL, 0, PAUSE_MS);
	}
}

/* Since 2.2 the library changes one config by itself; before, what is not sent is removed. */
#if RD_KAFKA_VERSION >= 0x020200ff
enum { OPERATION = RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, SENDS_ALL = false };

static int add_one(rd_kafka_ConfigResource_t *resource, const char *name, const char *value, struct kt_err *err)
{
	rd_kafka_AlterConfigOpType_t op =
		value ? RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET : RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE;
	rd_kafka_error_t *error = rd_kafka_ConfigResource_add_incremental_config(resource, name, op, value);
	if (!error)
		return 0;
	kt_err_set(err, KT_USAGE, "config %.100s: %s", name, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return -1;
}

static int fill(rd_kafka_ConfigResource_t *resource, const struct kt_configs *wanted,
	const struct kt_config_change *change, struct kt_err *err)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (kt_config_changes(change, wanted->v[i].name) &&
			add_one(resource, wanted->v[i].name, wanted->v[i].value, err) < 0)
			return -1;
	for (size_t i = 0; i < change->remove->n; i++)
		if (add_one(resource, change->remove->v[i], NULL, err) < 0)
			return -1;
	return 0;
}

static void send_to(rd_kafka_t *rk, rd_kafka_ConfigResource_t *resource, const struct kt_adminrequest *r)
{
	rd_kafka_IncrementalAlterConfigs(rk, &resource, 1, r->options, r->queue);
}

static const rd_kafka_ConfigResource_t **answered(rd_kafka_event_t *event, size_t *n)
{
	const rd_kafka_IncrementalAlterConfigs_result_t *result = rd_kafka_event_IncrementalAlterConfigs_result(event);
	return result ? rd_kafka_IncrementalAlterConfigs_result_resources(result, n) : NULL;
}
#else
enum { OPERATION = RD_KAFKA_ADMIN_OP_ALTERCONFIGS, SENDS_ALL = true };

static int fill(rd_kafka_ConfigResource_t *resource, const struct kt_configs *wanted,
	const struct kt_config_change *change, struct kt_err *err)
{
	(void)change;
	for (size_t i = 0; i < wanted->n; i++) {
		const struct kt_config *config = &wanted->v[i];
		if (!config->value)
			return kt_err_set(err, KT_FAILED,
				"%s is set, the brokers do not reveal its value, and it would be lost", config->name);
		rd_kafka_resp_err_t code = rd_kafka_ConfigResource_set_config(resource, config->name, config->value);
		if (code)
			return kt_err_set(err, KT_USAGE, "config %.100s: %s", config->name, rd_kafka_err2str(code));
	}
	return 0;
}

static void send_to(rd_kafka_t *rk, rd_kafka_ConfigResource_t *resource, const struct kt_adminrequest *r)
{
	rd_kafka_AlterConfigs(rk, &resource, 1, r->options, r->queue);
}

static const rd_kafka_ConfigResource_t **answered(rd_kafka_event_t *event, size_t *n)
{
	const rd_kafka_AlterConfigs_result_t *result = rd_kafka_event_AlterConfigs_result(event);
	return result ? rd_kafka_AlterConfigs_result_resources(result, n) : NULL;
}
#endif

static void destroy_resource(rd_kafka_ConfigResource_t **resource)
{
	rd_kafka_ConfigResource_destroy(*resource);
}

static int judge(struct kt_client *c, const char *doing, rd_kafka_event_t *event, struct kt_err *err)
{
	size_t n = 0;
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return kt_adminrequest_refused(c, doing, code, rd_kafka_event_error_string(event), err);
	const rd_kafka_ConfigResource_t **resources = answered(event, &n);
	if (n != 1 || !resources[0])
		return kt_err_set(err, KT_FAILED, "%s: the answer does not mention it", doing);
	code = rd_kafka_ConfigResource_error(resources[0]);
	if (!code)
		return 0;
	kt_adminrequest_refused(c, doing, code, rd_kafka_ConfigResource_error_string(resources[0]), err);
	return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
		       ? kt_err_hint(err, "it needs the right to AlterConfigs on the topic")
		       : -1;
}

static int write_configs(struct kt_client *c, const char *topic, const struct kt_configs *wanted,
	const struct kt_config_change *change, const struct kt_admin_how *how, struct kt_err *err)
{
	char why[256], doing[DOING];
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_resource) rd_kafka_ConfigResource_t *resource =
		rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	snprintf(doing, sizeof(doing), "changing topic %s", topic);
	if (fill(resource, wanted, change, err) < 0)
		return kt_err_wrap(err, "%s", doing);
	if (kt_adminrequest_init(&r, c, (rd_kafka_admin_op_t)OPERATION, how->timeout_ms, err) < 0)
		return -1;
	if (how->validate_only && rd_kafka_AdminOptions_set_validate_only(r.options, true, why, sizeof(why)))
		return kt_err_set(err, KT_FAILED, "asking the brokers only to check it: %s", why);
	send_to(kt_client_handle(c), resource, &r);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "%s", doing);
	if (judge(c, doing, event, err) == 0)
		return 0;
	return err->hint[0] ? -1 : kt_config_hint(change->set, err);
}

/* What is there now is not what was written: somebody else was changing it too. */
static int tell_others(struct kt_client *c, const char *topic, const struct kt_configs *wanted,
	const struct kt_configs *now, const struct kt_config_change *change, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf ours = {0}, others = {0};
	kt_configs_differing(&ours, wanted, now, change, true);
	kt_configs_differing(&others, wanted, now, change, false);
	if (others.len)
		kt_owner_say(kt_client_owner(c), KT_NOTE_ADMIN, "topic %s: somebody else changed %s meanwhile", topic,
			kt_buf_cstr(&others));
	if (!ours.len)
		return 0;
	return kt_err_set(err, KT_FAILED, "topic %s: somebody else changed %s again", topic, kt_buf_cstr(&ours));
}

static int await_change(struct kt_client *c, const struct kt_strs *topic, const struct rd_kafka_metadata *brokers,
	const struct kt_configs *wanted, const struct kt_config_change *change, struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	for (;;) {
		kt_auto(kt_configs_fini) struct kt_configs now = {0};
		bool agree;
		if (read_everywhere(c, topic, brokers, &now, &agree, err) < 0)
			return kt_err_wrap(err, "the configs of topic %s were changed; checking that", topic->v[0]);
		if (agree && kt_configs_same(&now, wanted))
			return 0;
		if (kt_left_ms(start_us, SETTLE_MS) && !kt_client_stopped(c)) {
			kt_waiting_say(&wait, "all brokers to hear of it");
			kt_wait(NULL, 0, PAUSE_MS);
			continue;
		}
		if (agree)
			return tell_others(c, topic->v[0], wanted, &now, change, err);
		kt_owner_say(kt_client_owner(c), KT_NOTE_ADMIN, "topic %s: not all brokers know of the new configs yet",
			topic->v[0]);
		return 0;
	}
}

/* Without reading them: the library changes one by itself, and what else is there does not matter. */
static int change_unread(struct kt_client *c, const char *topic, const struct kt_configs *now,
	const struct kt_config_change *change, const struct kt_admin_how *how, struct kt_err *err)
{
	kt_auto(kt_configs_fini) struct kt_configs wanted = {0};
	if (!SENDS_ALL)
		return kt_configs_merge(&wanted, now, topic, change, err) < 0
			       ? -1
			       : write_configs(c, topic, &wanted, change, how, err);
	if (now->state == KT_CONFIGS_NOT_SUPPORTED) {
		char doing[DOING];
		snprintf(doing, sizeof(doing), "changing topic %s", topic);
		return kt_adminrequest_refused(c, doing, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, NULL, err);
	}
	kt_err_set(err, KT_FAILED, "changing topic %s: its configs cannot be read (%s), and all others would be lost",
		topic, kt_configs_state_texts[now->state]);
	return kt_err_hint(err, "it needs the right to DescribeConfigs on the topic, or librdkafka 2.2");
}

static int change_read(struct kt_client *c, const struct kt_strs *topic, const struct rd_kafka_metadata *brokers,
	const struct kt_config_change *change, const struct kt_admin_how *how, struct kt_err *err)
{
	kt_auto(kt_configs_fini) struct kt_configs now = {0}, wanted = {0};
	if (read_settled(c, topic, brokers, &now, err) < 0)
		return kt_err_wrap(err, "changing topic %s", topic->v[0]);
	if (now.state != KT_CONFIGS_READ)
		return change_unread(c, topic->v[0], &now, change, how, err);
	if (kt_configs_merge(&wanted, &now, topic->v[0], change, err) < 0)
		return -1;
	if (kt_configs_same(&now, &wanted))
		return 1;
	if (write_configs(c, topic->v[0], &wanted, change, how, err) < 0)
		return -1;
	return how->validate_only ? 0 : await_change(c, topic, brokers, &wanted, change, err);
}

int kt_configs_change(struct kt_client *c, const char *topic, const struct kt_config_change *change,
	const struct kt_admin_how *how, struct kt_err *err)
{
	const struct rd_kafka_metadata *brokers;
	kt_auto(kt_strs_fini) struct kt_strs name = {0};
	if (kt_client_metadata(c, NULL, how->timeout_ms, &brokers, err) < 0)
		return -1;
	kt_strs_add(&name, topic);
	int result = change_read(c, &name, brokers, change, how, err);
	rd_kafka_metadata_destroy(brokers);
	return result;
}
