#include "groupedit.h"

#include "adminrequest.h"
#include "groupbatch.h"
#include "mem.h"
#include "sig.h"
#include "when.h"

/* The mock lets members in after three seconds, and later while it waits for one that is gone. */
enum { LOOK_MS = 50, LEAVE_MS = 3000, STOPPED_MS = 150, JOIN_MS = 30000 };

static void destroy_question(rd_kafka_AlterConsumerGroupOffsets_t **question)
{
	rd_kafka_AlterConsumerGroupOffsets_destroy(*question);
}

static void mark(rd_kafka_topic_partition_list_t *list, rd_kafka_resp_err_t code)
{
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].err = code;
}

/* By name: the broker may answer in another order, or about less. */
static void take_answers(rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_list_t *answers)
{
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t
			*asked = &list->elems[i],
			*answer = answers ? rd_kafka_topic_partition_list_find(
						    (rd_kafka_topic_partition_list_t *)(uintptr_t)answers, asked->topic,
						    asked->partition)
					  : NULL;
		list->elems[i].err = answer ? answer->err : RD_KAFKA_RESP_ERR__BAD_MSG;
	}
}

/* One try. The answers go into list; *code is that of the request, or of its first partition. */
static int commit_once(struct kt_client *c, const char *group, rd_kafka_topic_partition_list_t *list, int64_t left_ms,
	rd_kafka_resp_err_t *code, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	/* Newer versions answer with the code that was in the question where the broker had none. */
	mark(list, RD_KAFKA_RESP_ERR_NO_ERROR);
	kt_auto(destroy_question) rd_kafka_AlterConsumerGroupOffsets_t *question =
		rd_kafka_AlterConsumerGroupOffsets_new(group, list);
	mark(list, RD_KAFKA_RESP_ERR__IN_PROGRESS);
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, left_ms, err) < 0)
		return -1;
	rd_kafka_AlterConsumerGroupOffsets(kt_client_handle(c), &question, 1, request.options, request.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "changing the offsets of group %s", group);
	*code = rd_kafka_event_error(event);
	if (*code)
		return 0;
	const rd_kafka_group_result_t **results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
		rd_kafka_event_AlterConsumerGroupOffsets_result(event), &n);
	take_answers(list, n == 1 && results[0] ? rd_kafka_group_result_partitions(results[0]) : NULL);
	*code = list->elems[0].err;
	return 0;
}

int kt_group_commit(struct kt_client *c, const char *group, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	struct kt_grouptries tries = {.timeout_ms = timeout_ms};
	if (!list->cnt)
		return 0;
	do
		if (commit_once(c, group, list, kt_grouptries_ms(&tries), &code, err) < 0)
			return -1;
	while (kt_grouptries_again(&tries, c, code));
	/* The partitions' own answers are in the list. */
	return code && list->elems[0].err != code
		       ? kt_client_fail(c, code, err, "changing the offsets of group %s", group)
		       : 0;
}

static void destroy_offsets(rd_kafka_DeleteConsumerGroupOffsets_t **question)
{
	rd_kafka_DeleteConsumerGroupOffsets_destroy(*question);
}

int kt_group_forget(struct kt_client *c, const char *group, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	kt_auto(destroy_offsets) rd_kafka_DeleteConsumerGroupOffsets_t *question =
		rd_kafka_DeleteConsumerGroupOffsets_new(group, list);
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_DeleteConsumerGroupOffsets(kt_client_handle(c), &question, 1, request.options, request.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "deleting offsets of group %s", group);
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	const rd_kafka_DeleteConsumerGroupOffsets_result_t *result =
		code ? NULL : rd_kafka_event_DeleteConsumerGroupOffsets_result(event);
	const rd_kafka_group_result_t **results =
		result ? rd_kafka_DeleteConsumerGroupOffsets_result_groups(result, &n) : NULL;
	const rd_kafka_error_t *error = n == 1 && results[0] ? rd_kafka_group_result_error(results[0]) : NULL;
	code = error ? rd_kafka_error_code(error) : code;
	if (code)
		return kt_client_fail(c, code, err, "deleting offsets of group %s", group);
	take_answers(list, n == 1 && results[0] ? rd_kafka_group_result_partitions(results[0]) : NULL);
	return 0;
}

/* A member for a moment. */
struct guest {
	rd_kafka_topic_partition_list_t *assigned; /* NULL: nothing yet */
};

static void on_rebalance(
	rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
	struct guest *guest = kt_client_user(opaque);
	bool add = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
	if (guest->assigned)
		rd_kafka_topic_partition_list_destroy(guest->assigned);
	guest->assigned = add ? rd_kafka_topic_partition_list_copy(partitions) : NULL;
	rd_kafka_assign(rk, add ? partitions : NULL);
}

static int start_guest(struct kt_client **c, const struct kt_settings *settings, const struct kt_owner *owner,
	struct guest *guest, const char *group, struct kt_err *err)
{
	/* A member that is killed in here keeps the next one waiting for its session. */
	const char *const ours[][2] = {{"group.id", group}, {"enable.auto.commit", "false"},
		{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "500"}};
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	for (size_t i = 0; i < KT_LEN(ours); i++)
		rd_kafka_conf_set(conf, ours[i][0], ours[i][1], NULL, 0);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	if (kt_client_start(c, KT_ROLE_CONSUMER, conf, settings, owner, guest, err) < 0)
		return -1;
	rd_kafka_poll_set_consumer(kt_client_handle(*c));
	return 0;
}

/* Waits until partitions are assigned. */
static int join(struct kt_client *c, const struct guest *guest, const char *group,
	const rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	for (int i = 0; i < list->cnt; i++)
		if (!i || strcmp(list->elems[i].topic, list->elems[i - 1].topic) != 0)
			rd_kafka_topic_partition_list_add(topics, list->elems[i].topic, RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t code = rd_kafka_subscribe(kt_client_handle(c), topics);
	if (code)
		return kt_client_fail(c, code, err, "joining group %s", group);
	while (!guest->assigned) {
		if (kt_client_stopped(c))
			return kt_err_set(err, kt_client_stopped(c), "interrupted while joining group %s", group);
		if (!kt_left_ms(start_us, JOIN_MS))
			return kt_err_set(
				err, KT_FAILED, "joining group %s: the broker did not let it in in time", group);
		kt_waiting_say(&wait, "the embedded broker to let this command into group %s", group);
		rd_kafka_message_t *message = rd_kafka_consumer_poll(kt_client_handle(c), LOOK_MS);
		if (message)
			rd_kafka_message_destroy(message);
	}
	return 0;
}

static int commit_as_guest(struct kt_client *c, const struct guest *guest, const char *group,
	rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	for (int i = 0; i < list->cnt; i++) {
		if (rd_kafka_topic_partition_list_find(guest->assigned, list->elems[i].topic, list->elems[i].partition))
			continue;
		kt_err_set(err, KT_FAILED, "group %s is active: another member holds %s [%d]", group,
			list->elems[i].topic, (int)list->elems[i].partition);
		return kt_err_hint(err, "end its members first");
	}
	mark(list, RD_KAFKA_RESP_ERR_NO_ERROR);
	rd_kafka_resp_err_t code = rd_kafka_commit(kt_client_handle(c), list, 0);
	return code ? kt_client_fail(c, code, err, "changing the offsets of group %s", group) : 0;
}

/* The next member would be kept waiting by one that left without a word. */
static void leave(struct kt_client *c)
{
	int64_t start_us = kt_clock_us(), limit_ms = kt_client_stopped(c) ? STOPPED_MS : LEAVE_MS;
	rd_kafka_t *rk = kt_client_handle(c);
	rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(rk, queue);
	while (!error && !rd_kafka_consumer_closed(rk) && kt_left_ms(start_us, limit_ms)) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, LOOK_MS);
		if (message)
			rd_kafka_message_destroy(message);
	}
	if (error)
		rd_kafka_error_destroy(error);
	rd_kafka_queue_destroy(queue);
}

int kt_group_commit_joined(const struct kt_settings *settings, const struct kt_owner *owner, const char *group,
	rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	struct guest guest = {0};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	if (start_guest(&c, settings, owner, &guest, group, err) < 0)
		return -1;
	int result = join(c, &guest, group, list, err);
	if (result == 0)
		result = commit_as_guest(c, &guest, group, list, err);
	leave(c);
	if (guest.assigned)
		rd_kafka_topic_partition_list_destroy(guest.assigned);
	return result;
}

static int delete_round(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	int64_t left_ms, struct kt_err *err)
{
	(void)rounds;
	size_t n_results;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest request = {0};
	kt_auto(kt_free_ptr) rd_kafka_DeleteGroup_t **groups = kt_calloc(n, sizeof(rd_kafka_DeleteGroup_t *));
	if (kt_adminrequest_init(&request, c, RD_KAFKA_ADMIN_OP_DELETEGROUPS, left_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		groups[i] = rd_kafka_DeleteGroup_new(v[i]->name);
	rd_kafka_DeleteGroups(kt_client_handle(c), groups, n, request.options, request.queue);
	rd_kafka_DeleteGroup_destroy_array(groups, n);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&request, err);
	if (!event)
		return kt_err_wrap(err, "deleting groups");
	if (rd_kafka_event_error(event))
		return kt_client_fail(c, rd_kafka_event_error(event), err, "deleting groups");
	const rd_kafka_group_result_t **results =
		rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &n_results);
	/* The library keeps the order of the question. */
	for (size_t i = 0; i < n; i++) {
		bool told = i < n_results && results[i];
		const rd_kafka_error_t *error = told ? rd_kafka_group_result_error(results[i]) : NULL;
		rd_kafka_resp_err_t code = error  ? rd_kafka_error_code(error)
					   : told ? RD_KAFKA_RESP_ERR_NO_ERROR
						  : RD_KAFKA_RESP_ERR__BAD_MSG;
		/* Gone by now: it was the answer that came too late, not the request. */
		bool was_late = v[i]->code == RD_KAFKA_RESP_ERR__TIMED_OUT;
		v[i]->code =
			was_late && code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
	}
	return 0;
}

int kt_groups_delete(struct kt_client *c, struct kt_group *const *v, size_t n, int64_t timeout_ms, struct kt_err *err)
{
	return kt_groupbatch_run(c, v, n, &(struct kt_groupbatch){.ask = delete_round, .timeout_ms = timeout_ms}, err);
}
