/* One admin request, and the wait for its answer within a limit.
 *
 *   kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
 *   if (kt_adminrequest_init(&r, client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms, err) < 0)
 *           return -1;
 *   rd_kafka_CreateTopics(kt_client_handle(client), &topic, 1, r.options, r.queue);
 *   kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
 *   if (!event)
 *           return -1;
 */
#ifndef KT_ADMINREQUEST_H
#define KT_ADMINREQUEST_H

#include "client.h"

struct kt_adminrequest {
	rd_kafka_AdminOptions_t *options; /* with the time limit set */
	rd_kafka_queue_t *queue;
	struct kt_client *client;
};

/* The library ends the request by itself after timeout_ms (1 ms to an hour), with an event that says so. */
int kt_adminrequest_init(struct kt_adminrequest *r, struct kt_client *c, rd_kafka_admin_op_t op, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* The next answer. NULL and err only when the client's owner stops it. */
rd_kafka_event_t *kt_adminrequest_await(struct kt_adminrequest *r, struct kt_err *err) kt_must_check;

/* Fills err with "DOING: why" for a request, or one of its items, that was refused: code and text as the library gives
 * them. doing: "deleting topic t". Returns -1. */
int kt_adminrequest_refused(
	struct kt_client *c, const char *doing, rd_kafka_resp_err_t code, const char *text, struct kt_err *err);

/* For kt_auto(). */
void kt_adminrequest_fini(struct kt_adminrequest *r);
void kt_adminrequest_free_event(rd_kafka_event_t **event);

#endif
