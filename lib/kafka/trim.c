#include "trim.h"

#include "adminrequest.h"

static void destroy_question(rd_kafka_DeleteRecords_t **question)
{
	rd_kafka_DeleteRecords_destroy(*question);
}

/* By name: the library puts the answers of several leaders together in an order of its own. */
static void take(rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_list_t *answers)
{
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *asked = &list->elems[i];
		const rd_kafka_topic_partition_t *answer =
			answers ? rd_kafka_topic_partition_list_find(
					  (rd_kafka_topic_partition_list_t *)(uintptr_t)answers, asked->topic,
					  asked->partition)
				: NULL;
		asked->err = answer ? answer->err : RD_KAFKA_RESP_ERR__BAD_MSG;
		if (!asked->err)
			asked->offset = answer->offset;
	}
}

int kt_trim(struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_question) rd_kafka_DeleteRecords_t *question = rd_kafka_DeleteRecords_new(list);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DELETERECORDS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_DeleteRecords(kt_client_handle(c), &question, 1, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "removing records");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return kt_adminrequest_refused(c, "removing records", code, rd_kafka_event_error_string(event), err);
	const rd_kafka_DeleteRecords_result_t *result = rd_kafka_event_DeleteRecords_result(event);
	take(list, result ? rd_kafka_DeleteRecords_result_offsets(result) : NULL);
	return 0;
}
