#include "admin.h"

#include "request.h"
#include "topic.h"

static void destroy_new_topic(rd_kafka_NewTopic_t **topic)
{
	if (*topic)
		rd_kafka_NewTopic_destroy(*topic);
}

/* What the controller said about the one topic that was asked for. */
static int judge(struct kt_client *c, const char *name, rd_kafka_resp_err_t code, const char *text, bool if_not_exists,
	struct kt_err *err)
{
	/* Above the codes that a switch over the enum would have to list all. */
	if (!code)
		return 0;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && if_not_exists)
		return 1;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
		kt_err_set(err, KT_FAILED, "topic %s exists already", name);
		return kt_err_hint(err, "--if-not-exists makes that no error");
	}
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
		kt_err_set(err, KT_FAILED, "creating topic %s: this client is not allowed to create it", name);
		return kt_err_hint(err, "it takes the right to Create on the cluster, or on topics of that name");
	}
	if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
		kt_client_fail(c, code, err, "creating topic %s", name);
		return err->hint[0]
			       ? -1
			       : kt_err_hint(err, "a mock cluster that is not this user's `kt broker` cannot do it");
	}
	/* The broker's own words have the numbers: "Replication factor: 3 larger than available brokers: 1." */
	kt_err_set(err, KT_FAILED, "creating topic %s: %s", name, text && *text ? text : rd_kafka_err2str(code));
	if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
		return kt_err_hint(err, "choose another --replication-factor");
	return -1;
}

static int read_answer(
	struct kt_client *c, rd_kafka_event_t *event, const char *name, bool if_not_exists, struct kt_err *err)
{
	size_t n = 0;
	if (rd_kafka_event_error(event))
		return judge(
			c, name, rd_kafka_event_error(event), rd_kafka_event_error_string(event), if_not_exists, err);
	const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
	const rd_kafka_topic_result_t **topics = result ? rd_kafka_CreateTopics_result_topics(result, &n) : NULL;
	if (n != 1)
		return kt_err_set(err, KT_FAILED, "creating topic %s: the answer does not speak of it", name);
	return judge(c, name, rd_kafka_topic_result_error(topics[0]), rd_kafka_topic_result_error_string(topics[0]),
		if_not_exists, err);
}

int kt_topic_create(struct kt_client *c, const struct kt_new_topic *topic, bool if_not_exists, int64_t timeout_ms,
	struct kt_err *err)
{
	char why[256];
	if (kt_topic_check(topic->name, err) < 0)
		return -1;
	kt_auto(destroy_new_topic) rd_kafka_NewTopic_t *new_topic =
		rd_kafka_NewTopic_new(topic->name, topic->partitions, topic->replication_factor, why, sizeof(why));
	if (!new_topic)
		return kt_err_set(err, KT_USAGE, "creating topic %s: %s", topic->name, why);
	kt_auto(kt_request_fini) struct kt_request request = {0};
	if (kt_request_init(&request, c, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_CreateTopics(kt_client_handle(c), &new_topic, 1, request.options, request.queue);
	kt_auto(kt_request_free_event) rd_kafka_event_t *event = kt_request_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "creating topic %s", topic->name);
	return read_answer(c, event, topic->name, if_not_exists, err);
}
