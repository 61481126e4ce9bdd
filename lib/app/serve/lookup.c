#include "lookup.h"

#include <fnmatch.h>

#include "client.h"
#include "embedded.h"
#include "jsonout.h"
#include "mem.h"
#include "offsetquery.h"
#include "serve_own.h"
#include "when.h"
#include "workers.h"

struct entry {
	struct kt_worker_item item;
	struct kt_lookup_question question;
	char *topic;
	int64_t asked_us;
	struct kt_answer answer;
};

/* The client, opened with the first question, and the names belong to its thread. */
struct kt_lookup {
	struct kt_settings settings;
	struct kt_owner owner;
	struct kt_stop stop;
	struct kt_workers *workers;
	struct kt_client *client;
	struct kt_strs names; /* all topics, */
	int64_t names_us;     /* as of when they were asked for */
	int64_t reached_us;   /* when brokers were asked last whether they answer, */
	bool reached;         /* and whether they did; or not, and why */
	struct kt_err unreached;
	int64_t timeout_ms;
};

static void free_entry(struct entry *entry)
{
	kt_answer_fini(&entry->answer);
	free(entry->topic);
	free(entry);
}

static void drop(struct kt_worker_item *item)
{
	free_entry((struct entry *)item);
}

bool kt_lookup_allows(const struct kt_strs *patterns, const char *topic)
{
	bool any = !patterns->n;
	for (size_t i = 0; i < patterns->n; i++)
		any |= !fnmatch(patterns->v[i], topic, 0);
	return any && strncmp(topic, "__", 2) != 0;
}

static void say_why(struct kt_answer *answer, const char *why)
{
	struct kt_buf *out = &answer->body;
	answer->status = why ? 503 : 200;
	answer->type = "application/json";
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_bool(out, "ready", !why);
	kt_jsonout_begin(out, "why", '[');
	if (why)
		kt_jsonout_words(out, NULL, why);
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static void write_failure(struct kt_answer *answer, const struct kt_err *err)
{
	if (err->status == KT_NOT_FOUND)
		kt_serve_error_v2(answer, 404, 40401, "Topic not found.");
	else
		kt_serve_error_v2(answer, 503, 50301, err->msg);
}

static void write_topics(
	struct kt_answer *answer, const struct kt_lookup_question *question, const rd_kafka_metadata_t *metadata)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (kt_access_sees(question->allowed, question->who, metadata->topics[i].topic))
			kt_strs_add(&names, metadata->topics[i].topic);
	kt_strs_sort(&names);
	kt_jsonout_begin(&answer->body, NULL, '[');
	for (size_t i = 0; i < names.n; i++)
		kt_jsonout_words(&answer->body, NULL, names.v[i]);
	kt_jsonout_end(&answer->body, ']');
}

static bool is_among(int32_t broker, const int32_t *brokers, int n)
{
	for (int i = 0; i < n; i++)
		if (brokers[i] == broker)
			return true;
	return false;
}

static void write_partition(struct kt_buf *out, const struct rd_kafka_metadata_partition *p)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "partition", p->id);
	kt_jsonout_i64(out, "leader", p->leader);
	kt_jsonout_begin(out, "replicas", '[');
	for (int i = 0; i < p->replica_cnt; i++) {
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_i64(out, "broker", p->replicas[i]);
		kt_jsonout_bool(out, "leader", p->replicas[i] == p->leader);
		kt_jsonout_bool(out, "in_sync", is_among(p->replicas[i], p->isrs, p->isr_cnt));
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
}

static int by_id(const void *a, const void *b)
{
	const struct rd_kafka_metadata_partition *pa = *(const struct rd_kafka_metadata_partition *const *)a;
	const struct rd_kafka_metadata_partition *pb = *(const struct rd_kafka_metadata_partition *const *)b;
	return (pa->id > pb->id) - (pa->id < pb->id);
}

static void write_partitions(struct kt_buf *out, const char *name, const struct rd_kafka_metadata_topic *topic)
{
	size_t n = (size_t)topic->partition_cnt;
	kt_auto(kt_free_ptr) const struct rd_kafka_metadata_partition **sorted = kt_calloc(n + 1, sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		sorted[i] = &topic->partitions[i];
	qsort(sorted, n, sizeof(*sorted), by_id);
	kt_jsonout_begin(out, name, '[');
	for (size_t i = 0; i < n; i++)
		write_partition(out, sorted[i]);
	kt_jsonout_end(out, ']');
}

static void write_topic(struct kt_buf *out, const struct rd_kafka_metadata_topic *topic)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "name", topic->topic);
	kt_jsonout_begin(out, "configs", '{');
	kt_jsonout_end(out, '}');
	write_partitions(out, "partitions", topic);
	kt_jsonout_end(out, '}');
}

/* What is left of its time. */
static int64_t left_of(const struct kt_lookup *l, const struct entry *e)
{
	return l->timeout_ms - (kt_clock_us() - e->asked_us) / 1000;
}

static int write_offsets(struct kt_lookup *l, const struct entry *e, struct kt_buf *out, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = rd_kafka_topic_partition_list_new(1);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(begins, e->topic, e->question.partition);
	rd_kafka_topic_partition_list_add(ends, e->topic, e->question.partition);
	if (kt_offsetquery_bounds(l->client, begins, ends, left_of(l, e), err) < 0)
		return -1;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "beginning_offset", begins->elems[0].offset);
	kt_jsonout_i64(out, "end_offset", ends->elems[0].offset);
	kt_jsonout_end(out, '}');
	return 0;
}

static const struct rd_kafka_metadata_partition *find_partition(
	const struct rd_kafka_metadata_topic *topic, int32_t partition)
{
	for (int i = 0; i < topic->partition_cnt; i++)
		if (topic->partitions[i].id == partition)
			return &topic->partitions[i];
	return NULL;
}

static int answer_topic(
	struct kt_lookup *l, struct entry *e, const struct rd_kafka_metadata_topic *topic, struct kt_err *err)
{
	const struct rd_kafka_metadata_partition *one = find_partition(topic, e->question.partition);
	if (e->question.partition >= 0 && !one)
		kt_serve_error_v2(&e->answer, 404, 40402, "Partition not found.");
	else if (e->question.kind == KT_LOOKUP_TOPIC)
		write_topic(&e->answer.body, topic);
	else if (e->question.kind == KT_LOOKUP_OFFSETS)
		return write_offsets(l, e, &e->answer.body, err);
	else if (one)
		write_partition(&e->answer.body, one);
	else
		write_partitions(&e->answer.body, NULL, topic);
	return 0;
}

/* The client is there, and the question's time is not over. */
static int prepare(struct kt_lookup *l, const struct entry *e, struct kt_err *err)
{
	if (!l->client && kt_client_open(&l->client, KT_ROLE_ADMIN, &l->settings, &l->owner, err) < 0)
		return -1;
	return left_of(l, e) > 0 ? 0 : kt_client_unreachable(l->client, err);
}

static int read_names(struct kt_lookup *l, int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	int64_t now_us = kt_clock_us();
	if (kt_client_metadata(l->client, "", timeout_ms, &metadata, err) < 0)
		return -1;
	kt_strs_fini(&l->names);
	for (int i = 0; i < metadata->topic_cnt; i++)
		kt_strs_add(&l->names, metadata->topics[i].topic);
	l->names_us = now_us;
	rd_kafka_metadata_destroy(metadata);
	return 0;
}

/* A topic that is not in the list may be hidden from this user, or known to another broker already. An embedded broker
 * would make it now; Kafka's do not for this handle, since 0.11. */
static unsigned ask_for_hidden(struct kt_lookup *l, const struct entry *e, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (!kt_client_is_embedded(l->client)) {
		if (kt_client_metadata(l->client, e->topic, left_of(l, e), &metadata, err) < 0)
			return 503;
		code = metadata->topics[0].err;
		rd_kafka_metadata_destroy(metadata);
	}
	if (!code || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		return 200;
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
		kt_err_set(err, KT_NOT_FOUND, "topic %s does not exist", e->topic);
		return 404;
	}
	kt_client_fail(l->client, code, err, "topic %s", e->topic);
	return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ? 403 : 503;
}

static unsigned look_for(struct kt_lookup *l, const struct entry *e, struct kt_err *err)
{
	if (prepare(l, e, err) < 0)
		return 503;
	if (e->asked_us >= l->names_us && read_names(l, left_of(l, e), err) < 0)
		return 503;
	return kt_strs_has(&l->names, e->topic) ? 200 : ask_for_hidden(l, e, err);
}

/* Once for all who asked before it was: whoever may ask without a token holds nobody up with it. */
static int reach(struct kt_lookup *l, const struct entry *e, struct kt_err *err)
{
	if (e->asked_us >= l->reached_us) {
		l->reached_us = kt_clock_us();
		l->reached = kt_client_reach(l->client, left_of(l, e), &l->unreached) == 0;
	}
	if (!l->reached)
		*err = l->unreached;
	return l->reached ? 0 : -1;
}

static int answer(struct kt_lookup *l, struct entry *e, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata = NULL;
	bool of_all = e->question.kind == KT_LOOKUP_TOPICS;
	int result = 0;
	if (prepare(l, e, err) < 0)
		return -1;
	if (e->question.kind == KT_LOOKUP_READY)
		return reach(l, e, err);
	if (of_all ? kt_client_metadata(l->client, "", left_of(l, e), &metadata, err) < 0
		   : kt_client_topic(l->client, e->topic, left_of(l, e), &metadata, err) < 0)
		return -1;
	if (of_all)
		write_topics(&e->answer, &e->question, metadata);
	else
		result = answer_topic(l, e, &metadata->topics[0], err);
	rd_kafka_metadata_destroy(metadata);
	return result;
}

static void work(void *user, void **state, struct kt_worker_item *item)
{
	struct kt_lookup *l = user;
	struct entry *e = (struct entry *)item;
	struct kt_err err = {0};
	(void)state;
	e->answer.type = KT_SERVE_V2_TYPE;
	if (e->question.kind == KT_LOOKUP_EXISTS) {
		e->answer.status = look_for(l, e, &err);
		kt_buf_adds(&e->answer.body, err.msg);
		return;
	}
	int result = answer(l, e, &err);
	if (e->question.kind == KT_LOOKUP_READY)
		say_why(&e->answer, result < 0 ? err.msg : NULL);
	else if (result < 0)
		write_failure(&e->answer, &err);
}

int kt_lookup_open(struct kt_lookup **out, const struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_lookup *l = kt_calloc(1, sizeof(*l));
	const struct kt_workers_how how = {
		.threads = 1, .waiting = KT_LOOKUP_WAITING, .work = work, .drop = drop, .user = l};
	l->timeout_ms = timeout_ms;
	l->owner.stop = &l->stop;
	kt_settings_copy(&l->settings, settings);
	kt_embedded_tune(&l->settings);
	if (kt_workers_open(&l->workers, &how, err) < 0) {
		kt_lookup_close(l);
		return -1;
	}
	*out = l;
	return 0;
}

bool kt_lookup_ask(struct kt_lookup *l, const struct kt_lookup_question *question)
{
	struct entry *e = kt_calloc(1, sizeof(*e));
	e->question = *question;
	e->topic = question->topic ? kt_strdup(question->topic) : NULL;
	e->asked_us = kt_clock_us();
	e->question.topic = NULL;
	if (kt_workers_put(l->workers, &e->item))
		return true;
	free_entry(e);
	return false;
}

int kt_lookup_fd(const struct kt_lookup *l)
{
	return kt_workers_fd(l->workers);
}

bool kt_lookup_take(struct kt_lookup *l, struct kt_lookup_question *question, struct kt_answer *answer)
{
	struct entry *e = (struct entry *)kt_workers_take(l->workers);
	if (!e)
		return false;
	*question = e->question;
	*answer = e->answer;
	e->answer = (struct kt_answer){0};
	free_entry(e);
	return true;
}

void kt_lookup_close(struct kt_lookup *l)
{
	if (!l)
		return;
	kt_stop_call(&l->stop, KT_FAILED);
	kt_workers_close(l->workers);
	kt_client_close(l->client);
	kt_strs_fini(&l->names);
	kt_settings_fini(&l->settings);
	free(l);
}
