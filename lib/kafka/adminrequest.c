#include "adminrequest.h"

enum { LONGEST_MS = 3600 * 1000, LOOK_MS = 100 };

/* Requests to the controller have a second limit, for how long carrying them out may take; the others refuse it. */
static bool has_operation_timeout(rd_kafka_admin_op_t op)
{
	return op == RD_KAFKA_ADMIN_OP_CREATETOPICS || op == RD_KAFKA_ADMIN_OP_DELETETOPICS ||
	       op == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS || op == RD_KAFKA_ADMIN_OP_DELETERECORDS;
}

int kt_adminrequest_init(
	struct kt_adminrequest *r, struct kt_client *c, rd_kafka_admin_op_t op, int64_t timeout_ms, struct kt_err *err)
{
	char why[256];
	int ms = timeout_ms > LONGEST_MS ? LONGEST_MS : timeout_ms < 1 ? 1 : (int)timeout_ms;
	r->client = c;
	r->options = rd_kafka_AdminOptions_new(kt_client_handle(c), op);
	if (rd_kafka_AdminOptions_set_request_timeout(r->options, ms, why, sizeof(why)) ||
		(has_operation_timeout(op) &&
			rd_kafka_AdminOptions_set_operation_timeout(r->options, ms, why, sizeof(why))))
		return kt_err_set(err, KT_FAILED, "setting the time limit of a request: %s", why);
	r->queue = rd_kafka_queue_new(kt_client_handle(c));
	return 0;
}

rd_kafka_event_t *kt_adminrequest_await(struct kt_adminrequest *r, struct kt_err *err)
{
	rd_kafka_event_t *event = NULL;
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(r->client)};
	while (!event && !kt_client_stopped(r->client)) {
		event = rd_kafka_queue_poll(r->queue, LOOK_MS);
		if (!event)
			kt_client_say_waiting(r->client, &wait);
	}
	if (!event)
		kt_err_set(err, kt_client_stopped(r->client), "interrupted while waiting for an answer");
	return event;
}

int kt_adminrequest_refused(
	struct kt_client *c, const char *doing, rd_kafka_resp_err_t code, const char *text, struct kt_err *err)
{
	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		return kt_err_set(err, KT_FAILED, "%s: this client is not allowed to do that", doing);
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
		kt_err_set(err, KT_FAILED, "%s: %s cannot do that", doing, kt_client_brokers(c));
		return kt_err_hint(err, "it is a mock cluster, or a Kafka that is too old");
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		return kt_client_fail(c, code, err, "%s", doing);
	default:
		/* The broker's own words have the numbers: "Replication factor: 3 larger than available brokers: 1." */
		return kt_err_set(err, KT_FAILED, "%s: %s", doing, text && *text ? text : rd_kafka_err2str(code));
	}
}

void kt_adminrequest_fini(struct kt_adminrequest *r)
{
	if (r->queue)
		rd_kafka_queue_destroy(r->queue);
	if (r->options)
		rd_kafka_AdminOptions_destroy(r->options);
	*r = (struct kt_adminrequest){0};
}

void kt_adminrequest_free_event(rd_kafka_event_t **event)
{
	if (*event)
		rd_kafka_event_destroy(*event);
}
