#include "admin.h"

#include "adminrequest.h"
#include "configs.h"
#include "everybroker.h"
#include "mem.h"
#include "topic.h"

enum {
	DOING = 300, /* fits "creating topic " and the longest name */
	BATCH = 100, /* topics in a request, and of as many partitions as usual */
	BATCH_PARTITIONS = 2000,
};

/* Topics to be made. */
struct wanted {
	rd_kafka_NewTopic_t **v;
	size_t n;
};

static void wanted_fini(struct wanted *wanted)
{
	rd_kafka_NewTopic_destroy_array(wanted->v, wanted->n);
	free(wanted->v);
}

static void destroy_new_partitions(rd_kafka_NewPartitions_t **partitions)
{
	if (*partitions)
		rd_kafka_NewPartitions_destroy(*partitions);
}

static int set_validate_only(struct kt_adminrequest *r, const struct kt_admin_how *how, struct kt_err *err)
{
	char why[256];
	if (how->validate_only && rd_kafka_AdminOptions_set_validate_only(r->options, true, why, sizeof(why)))
		return kt_err_set(err, KT_FAILED, "asking the brokers only to check it: %s", why);
	return 0;
}

/* The only topic of an answer. */
static int judge_one(
	struct kt_client *c, const char *doing, const rd_kafka_topic_result_t **topics, size_t n, struct kt_err *err)
{
	if (n != 1 || !topics[0])
		return kt_err_set(err, KT_FAILED, "%s: the answer does not mention it", doing);
	rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[0]);
	return code ? kt_adminrequest_refused(c, doing, code, rd_kafka_topic_result_error_string(topics[0]), err) : 0;
}

/* What the controller said about a topic that was to be made; as an outcome's result. */
static int judge_create(struct kt_client *c, const char *name, const rd_kafka_topic_result_t **answers, size_t n,
	const struct kt_new_topic *like, struct kt_err *err)
{
	char doing[DOING];
	size_t at = 0;
	snprintf(doing, sizeof(doing), "creating topic %s", name);
	while (at < n && (!answers[at] || strcmp(rd_kafka_topic_result_name(answers[at]), name) != 0))
		at++;
	rd_kafka_resp_err_t code = at < n ? rd_kafka_topic_result_error(answers[at]) : RD_KAFKA_RESP_ERR_NO_ERROR;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && like->if_not_exists)
		return 1;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
		kt_err_set(err, KT_FAILED, "topic %s exists already", name);
		return kt_err_hint(err, "with --if-not-exists that is not an error");
	}
	if (judge_one(c, doing, answers + at, at < n, err) == 0)
		return 0;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
		return kt_err_hint(err, "it needs the right to Create on the cluster, or on topics of that name");
	if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
		return kt_err_hint(err, "choose another --replication-factor");
	return like->configs && !err->hint[0] ? kt_config_hint(like->configs, err) : -1;
}

/* The answer, when there is one. As a mock cluster has no controller, the library waits for one until the time is up.
 */
static rd_kafka_event_t *await_controller(
	struct kt_adminrequest *r, struct kt_client *c, const char *doing, struct kt_err *err)
{
	rd_kafka_event_t *event = kt_adminrequest_await(r, err);
	rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR_NO_ERROR;
	if (!event)
		kt_err_wrap(err, "%s", doing);
	if (!code)
		return event;
	kt_adminrequest_refused(c, doing, code, rd_kafka_event_error_string(event), err);
	if (err->status == KT_UNREACHABLE && !err->hint[0])
		kt_err_hint(err, "`kt check` says whether the brokers answer at all; a mock cluster that is not this "
				 "user's `kt broker` cannot do it");
	rd_kafka_event_destroy(event);
	return NULL;
}

static int add_configs(rd_kafka_NewTopic_t *topic, const char *doing, const struct kt_strs *configs, struct kt_err *err)
{
	for (size_t i = 0; configs && i < configs->n; i++) {
		const char *equals = strchr(configs->v[i], '=');
		kt_auto(kt_free_ptr) char *name = kt_strndup(configs->v[i], (size_t)(equals - configs->v[i]));
		rd_kafka_resp_err_t code = rd_kafka_NewTopic_set_config(topic, name, equals + 1);
		if (code)
			return kt_err_set(err, KT_USAGE, "%s: config %s: %s", doing, name, rd_kafka_err2str(code));
	}
	return 0;
}

/* The next command must find them, whichever broker it asks; that some brokers are slow is not a failure of this one.
 */
static int await_created(struct kt_client *c, char *const *names, size_t n, const struct kt_topic_outcome *outcomes,
	const struct kt_new_topic *like, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char **created = kt_calloc(n, sizeof(*created));
	size_t n_created = 0;
	for (size_t i = 0; i < n; i++)
		if (outcomes[i].result == 0)
			created[n_created++] = names[i];
	int late = kt_everybroker_await(
		c, created, n_created, like->partitions > 0 ? like->partitions : 1, timeout_ms, err);
	if (late > 0)
		kt_owner_say(kt_client_owner(c), KT_NOTE_ADMIN, "not all brokers show %s yet",
			n_created == 1 ? created[0] : "the new topics");
	return late < 0 ? kt_err_wrap(err, "the topics were created") : 0;
}

static int assign(
	rd_kafka_NewTopic_t *topic, const char *doing, const struct kt_assignment *assignment, struct kt_err *err)
{
	char why[256];
	for (int i = 0; assignment && i < assignment->partitions; i++)
		if (rd_kafka_NewTopic_set_replica_assignment(topic, i,
			    assignment->ids + (ptrdiff_t)i * assignment->replicas, (size_t)assignment->replicas, why,
			    sizeof(why)))
			return kt_err_set(err, KT_USAGE, "%s: partition %d: %s", doing, i, why);
	return 0;
}

size_t kt_topic_batch(const struct kt_new_topic *like)
{
	size_t fit = like->partitions > 0 ? BATCH_PARTITIONS / (size_t)like->partitions : BATCH;
	return fit > BATCH ? BATCH : fit ? fit : 1;
}

static int add_wanted(struct wanted *wanted, const char *name, const struct kt_new_topic *like, struct kt_err *err)
{
	char why[256], doing[DOING];
	if (kt_topic_check(name, err) < 0)
		return -1;
	snprintf(doing, sizeof(doing), "creating topic %s", name);
	rd_kafka_NewTopic_t *topic =
		rd_kafka_NewTopic_new(name, like->partitions, like->replication_factor, why, sizeof(why));
	if (!topic)
		return kt_err_set(err, KT_USAGE, "%s: %s", doing, why);
	if (add_configs(topic, doing, like->configs, err) < 0 || assign(topic, doing, like->assignment, err) < 0) {
		rd_kafka_NewTopic_destroy(topic);
		return -1;
	}
	wanted->v[wanted->n++] = topic;
	return 0;
}

int kt_topic_create(struct kt_client *c, char *const *names, size_t n, const struct kt_new_topic *like,
	const struct kt_admin_how *how, struct kt_topic_outcome *outcomes, struct kt_err *err)
{
	char doing[DOING] = "creating topics";
	size_t n_answers = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(wanted_fini) struct wanted wanted = {.v = kt_calloc(n, sizeof(*wanted.v))};
	for (size_t i = 0; i < n; i++)
		outcomes[i].result = add_wanted(&wanted, names[i], like, &outcomes[i].err);
	if (!wanted.n)
		return 0;
	if (n == 1)
		snprintf(doing, sizeof(doing), "creating topic %s", names[0]);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_CREATETOPICS, how->timeout_ms, err) < 0 ||
		set_validate_only(&r, how, err) < 0)
		return -1;
	rd_kafka_CreateTopics(kt_client_handle(c), wanted.v, wanted.n, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = await_controller(&r, c, doing, err);
	if (!event)
		return -1;
	const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
	const rd_kafka_topic_result_t **answers =
		result ? rd_kafka_CreateTopics_result_topics(result, &n_answers) : NULL;
	for (size_t i = 0; i < n; i++)
		if (outcomes[i].result == 0)
			outcomes[i].result = judge_create(c, names[i], answers, n_answers, like, &outcomes[i].err);
	return how->validate_only ? 0 : await_created(c, names, n, outcomes, like, how->timeout_ms, err);
}

static int await_grown(struct kt_client *c, const char *topic, int partitions, int64_t timeout_ms, struct kt_err *err)
{
	char *name = kt_strdup(topic);
	int late = kt_everybroker_await(c, &name, 1, partitions, timeout_ms, err);
	free(name);
	if (late > 0)
		kt_owner_say(
			kt_client_owner(c), KT_NOTE_ADMIN, "not all brokers show the new partitions of %s yet", topic);
	return late < 0 ? kt_err_wrap(err, "topic %s has its new partitions", topic) : 0;
}

int kt_topic_grow(
	struct kt_client *c, const char *topic, int partitions, const struct kt_admin_how *how, struct kt_err *err)
{
	char why[256], doing[DOING];
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	snprintf(doing, sizeof(doing), "adding partitions to topic %s", topic);
	kt_auto(destroy_new_partitions) rd_kafka_NewPartitions_t *wanted =
		rd_kafka_NewPartitions_new(topic, (size_t)partitions, why, sizeof(why));
	if (!wanted)
		return kt_err_set(err, KT_USAGE, "%s: %s", doing, why);
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, how->timeout_ms, err) < 0 ||
		set_validate_only(&r, how, err) < 0)
		return -1;
	rd_kafka_CreatePartitions(kt_client_handle(c), &wanted, 1, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = await_controller(&r, c, doing, err);
	if (!event)
		return -1;
	const rd_kafka_CreatePartitions_result_t *result = rd_kafka_event_CreatePartitions_result(event);
	const rd_kafka_topic_result_t **topics = result ? rd_kafka_CreatePartitions_result_topics(result, &n) : NULL;
	if (judge_one(c, doing, topics, n, err) == 0)
		return how->validate_only ? 0 : await_grown(c, topic, partitions, how->timeout_ms, err);
	return n == 1 && topics[0] &&
			       rd_kafka_topic_result_error(topics[0]) == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
		       ? kt_err_hint(err, "it needs the right to Alter on the topic")
		       : -1;
}

static int judge_delete(struct kt_client *c, const char *name, const rd_kafka_topic_result_t *topic, struct kt_err *err)
{
	char doing[DOING];
	snprintf(doing, sizeof(doing), "deleting topic %s", name);
	/* The library leaves a hole for what the broker left out. */
	if (!topic || strcmp(rd_kafka_topic_result_name(topic), name) != 0)
		return kt_err_set(err, KT_FAILED, "%s: the answer does not mention it", doing);
	rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topic);
	if (!code)
		return 0;
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return kt_err_set(err, KT_NOT_FOUND, "topic %s is gone already", name);
	kt_adminrequest_refused(c, doing, code, rd_kafka_topic_result_error_string(topic), err);
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return kt_err_hint(err, "it needs the right to Delete on the topic");
	if (code == RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED)
		return kt_err_hint(err, "the brokers are configured with delete.topic.enable=false");
	return -1;
}

/* Until no broker shows them: the next command is not to find what is gone. */
static int await_deleted(struct kt_client *c, const struct kt_strs *topics, const struct kt_err *each,
	int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char **gone = kt_calloc(topics->n, sizeof(*gone));
	size_t n = 0;
	for (size_t i = 0; i < topics->n; i++)
		if (!each[i].status)
			gone[n++] = topics->v[i];
	int late = kt_everybroker_await(c, gone, n, KT_EVERYBROKER_GONE, timeout_ms, err);
	if (late > 0)
		kt_owner_say(kt_client_owner(c), KT_NOTE_ADMIN, "some brokers still show %s",
			n == 1 ? gone[0] : "deleted topics");
	return late < 0 ? kt_err_wrap(err, "the topics were deleted") : 0;
}

int kt_topic_delete(
	struct kt_client *c, const struct kt_strs *topics, int64_t timeout_ms, struct kt_err *each, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout_ms, err) < 0)
		return -1;
	kt_auto(kt_free_ptr) rd_kafka_DeleteTopic_t **names = kt_calloc(topics->n, sizeof(*names));
	for (size_t i = 0; i < topics->n; i++)
		names[i] = rd_kafka_DeleteTopic_new(topics->v[i]);
	rd_kafka_DeleteTopics(kt_client_handle(c), names, topics->n, r.options, r.queue);
	rd_kafka_DeleteTopic_destroy_array(names, topics->n);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = await_controller(&r, c, "deleting topics", err);
	if (!event)
		return -1;
	const rd_kafka_DeleteTopics_result_t *result = rd_kafka_event_DeleteTopics_result(event);
	const rd_kafka_topic_result_t **answers = result ? rd_kafka_DeleteTopics_result_topics(result, &n) : NULL;
	/* In the order of the question; those at the end may be missing. */
	for (size_t i = 0; i < topics->n; i++)
		(void)judge_delete(c, topics->v[i], i < n ? answers[i] : NULL, &each[i]);
	return await_deleted(c, topics, each, timeout_ms, err);
}
