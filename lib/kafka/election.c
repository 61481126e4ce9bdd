#include "election.h"

#include "adminrequest.h"
#include "version.h"

#if RD_KAFKA_VERSION >= 0x020600ff

int kt_election_can(struct kt_err *err)
{
	(void)err;
	return 0;
}

static void destroy_question(rd_kafka_ElectLeaders_t **question)
{
	rd_kafka_ElectLeaders_destroy(*question);
}

static void take(rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_result_t **answers, size_t n)
{
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].err = RD_KAFKA_RESP_ERR__BAD_MSG;
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_topic_partition_t *answer = rd_kafka_topic_partition_result_partition(answers[i]);
		const rd_kafka_error_t *error = rd_kafka_topic_partition_result_error(answers[i]);
		rd_kafka_topic_partition_t *asked =
			rd_kafka_topic_partition_list_find(list, answer->topic, answer->partition);
		if (asked)
			asked->err = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
	}
}

int kt_elect_leaders(struct kt_client *c, rd_kafka_topic_partition_list_t *list, bool unclean, int64_t timeout_ms,
	struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_question) rd_kafka_ElectLeaders_t *question = rd_kafka_ElectLeaders_new(
		unclean ? RD_KAFKA_ELECTION_TYPE_UNCLEAN : RD_KAFKA_ELECTION_TYPE_PREFERRED, list);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_ELECTLEADERS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_ElectLeaders(kt_client_handle(c), question, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "electing leaders");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		kt_adminrequest_refused(c, "electing leaders", code, rd_kafka_event_error_string(event), err);
	if (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
		kt_err_hint(err, "it needs the right to Alter the cluster");
	if (code)
		return -1;
	const rd_kafka_ElectLeaders_result_t *result = rd_kafka_event_ElectLeaders_result(event);
	const rd_kafka_topic_partition_result_t **answers =
		result ? rd_kafka_ElectLeaders_result_partitions(result, &n) : NULL;
	take(list, answers, n);
	return 0;
}

#else

int kt_election_can(struct kt_err *err)
{
	kt_err_set(
		err, KT_FAILED, "electing leaders needs librdkafka 2.6 or newer; this one is %s", kt_rdkafka_version());
	return kt_err_hint(err, "kafka-leader-election.sh can do it");
}

int kt_elect_leaders(struct kt_client *c, rd_kafka_topic_partition_list_t *list, bool unclean, int64_t timeout_ms,
	struct kt_err *err)
{
	(void)c, (void)list, (void)unclean, (void)timeout_ms;
	return kt_election_can(err);
}

#endif
