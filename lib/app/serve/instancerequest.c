/* From a request about a consumer instance to what is to be done. */
#include "instances_own.h"

#include "esc.h"
#include "mem.h"
#include "num.h"
#include "query.h"
#include "random.h"
#include "topic.h"
#include "when.h"

enum { GROUP_BYTES = 255, READ_BYTES = 1 << 20 };

struct asked {
	struct kt_serve_listener *at;
	struct kt_http_request *request;
	const struct kt_route_found *found;
	struct kt_answer *answer;
	struct kt_instance *instance; /* NULL: it is to be made */
};

static void refuse(const struct asked *a, unsigned status, int64_t code, const char *why)
{
	kt_serve_error_v2(a->answer, status, code, why);
}

static bool refuse_body(const struct asked *a, unsigned status, int64_t code, const struct kt_err *err)
{
	/* 422 alone: those of five digits are about records. */
	if (status)
		refuse(a, status, code || status != 422 ? code : 422, err->msg);
	return status;
}

static struct kt_bytes body_of(const struct asked *a)
{
	return (struct kt_bytes){a->request->body.data, a->request->body.len};
}

static bool is_group(const char *group)
{
	size_t len = strlen(group);
	return len && len <= GROUP_BYTES && kt_utf8_valid(group, len);
}

/* What may not be, whatever is wanted of which instance. */
static bool check(const struct asked *a)
{
	const struct kt_serve *s = a->at->serve;
	const char *group = kt_route_word(a->found, 0), *type = kt_http_header(a->request, "Content-Type");
	const struct kt_token *who = a->request->client;
	enum kt_rest_format ignored;
	if (kt_access_is_from_elsewhere(a->request))
		refuse(a, 403, 0, "the request comes from a page of another site");
	else if (!is_group(group))
		refuse(a, 422, KT_INSTANCE_BAD_CONFIG, "this cannot be the name of a group");
	else if (who && !kt_token_may(who, KT_RIGHT_GROUP, group))
		refuse(a, 403, 0, "this token may not be a member of this group");
	else if (a->request->body.len && *type && !kt_rest_format(type, &ignored))
		refuse(a, 415, 0, "expected a body of the type application/vnd.kafka.v2+json");
	else if (s->ending)
		refuse(a, 503, 0, "the server ends");
	else
		return true;
	return false;
}

static void make(const struct asked *a)
{
	struct kt_serve *s = a->at->serve;
	const char *group = kt_route_word(a->found, 0);
	struct kt_instance_config config;
	struct kt_err err = {0};
	int64_t code;
	unsigned status = kt_instancebody_config(&config, body_of(a), &code, &err);
	if (refuse_body(a, status, code, &err))
		return;
	if (!config.name[0]) {
		struct kt_random random;
		kt_random_start(&random);
		kt_random_uuid(&random, config.name);
		config.name[KT_UUID_LEN] = '\0';
	}
	struct kt_instances *all = kt_instances_of(s);
	if (kt_instance_find(all, group, config.name, NULL, true))
		refuse(a, 409, 40902, "Consumer instance with the specified name already exists.");
	else if (!all || kt_serve_members(s) >= (size_t)s->how.limits.max_consumers)
		refuse(a, 503, 0, KT_SERVE_MEMBERS);
	else
		kt_instance_write_new(
			kt_instance_add(all, group, a->request->client, &config), a->at, a->request, a->answer);
}

static void wait(const struct asked *a, struct kt_instance_ask ask)
{
	kt_instance_wait(a->instance, a->at, a->request, ask, a->answer);
}

/* Deleted for good: its client has all that it has read. */
static void end(const struct asked *a)
{
	struct kt_instance *i = a->instance;
	if (!kt_instance_wait(i, a->at, a->request, (struct kt_instance_ask){.wait = KT_INSTANCE_ENDS}, a->answer))
		return;
	if (i->config.auto_commit && kt_instance_reads(i))
		kt_groupreader_mark_taken(i->reader);
	i->over = true;
	kt_instance_leave(i);
}

static bool may_read(const struct asked *a, const struct kt_strs *topics)
{
	const struct kt_serve *s = a->at->serve;
	struct kt_err ignored;
	for (size_t i = 0; i < topics->n; i++) {
		const char *topic = topics->v[i];
		if (!kt_access_sees(s->how.topics, a->request->client, topic) || kt_topic_check(topic, &ignored) < 0) {
			refuse(a, 404, 40401, "Topic not found.");
			return false;
		}
		if (!kt_access_may(s, a->request, KT_RIGHT_CONSUME, topic)) {
			refuse(a, 403, 0, "this topic may not be read with this token");
			return false;
		}
	}
	return true;
}

static bool are_same(const struct kt_strs *a, const struct kt_strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!kt_strs_has(b, a->v[i]))
			return false;
	return true;
}

/* What it has read of its topics so far counts as done, where nobody says so. */
static void give_up_topics(struct kt_instance *i)
{
	if (i->config.auto_commit && kt_instance_reads(i))
		kt_groupreader_mark_taken(i->reader);
	kt_strs_fini(&i->topics);
	kt_instance_leave(i);
}

static void subscribe(const struct asked *a)
{
	struct kt_instance *i = a->instance;
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	struct kt_err err = {0};
	int64_t code;
	unsigned status = kt_instancebody_topics(&topics, body_of(a), &code, &err);
	if (refuse_body(a, status, code, &err) || !may_read(a, &topics))
		return;
	if (!kt_instance_wait(i, a->at, a->request, (struct kt_instance_ask){.wait = KT_INSTANCE_JOINS}, a->answer))
		return;
	if (are_same(&i->topics, &topics))
		return;
	give_up_topics(i);
	i->why = (struct kt_err){0};
	i->topics = topics;
	topics = (struct kt_strs){0};
}

static void unsubscribe(const struct asked *a)
{
	struct kt_instance_ask ask = {.wait = KT_INSTANCE_LEAVES};
	if (kt_instance_wait(a->instance, a->at, a->request, ask, a->answer))
		give_up_topics(a->instance);
}

/* It has topics, or the answer is why not. */
static bool has_topics(const struct asked *a)
{
	const struct kt_instance *i = a->instance;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (i->topics.n)
		return true;
	kt_buf_adds(&text, "this instance has no subscription");
	if (i->why.status)
		kt_buf_addf(&text, " any more: %s", i->why.msg);
	refuse(a, 409, 40903, kt_buf_cstr(&text));
	return false;
}

/* A type that names no format stands for that of the instance. */
static bool accepts(const struct asked *a)
{
	const char *accept = kt_http_header(a->request, "Accept");
	enum kt_rest_format wanted = a->instance->config.format;
	if (!*accept || strstr(accept, "*/*") || strstr(accept, "application/*") ||
		strstr(accept, "application/json") || strstr(accept, KT_SERVE_V2_TYPE) ||
		strstr(accept, kt_rest_type(wanted)))
		return true;
	refuse(a, 406, 40601, "The requested embedded data format does not match that of the consumer instance.");
	return false;
}

static int read_query(const struct asked *a, int64_t *wait_ms, int64_t *most_bytes, struct kt_err *err)
{
	const struct kt_serve *s = a->at->serve;
	kt_auto(kt_query_fini) struct kt_query parts = kt_query_of(a->request->target);
	while (kt_query_next(&parts)) {
		bool timeout = !strcmp(parts.name.data, "timeout");
		if (!timeout && strcmp(parts.name.data, "max_bytes") != 0)
			return kt_route_check_query(a->found->route->action, parts.name.data, err);
		if (timeout ? kt_parse_i64(parts.value.data, 0, KT_INSTANCE_WAIT_MS, wait_ms, err) < 0
			    : kt_parse_i64(parts.value.data, 1, s->how.limits.max_body, most_bytes, err) < 0)
			return kt_err_wrap(err, "%s", parts.name.data);
	}
	return parts.malformed ? kt_err_set(err, KT_USAGE, "%s", KT_QUERY_MALFORMED) : 0;
}

static void read_records(const struct asked *a)
{
	struct kt_instance *i = a->instance;
	const struct kt_serve *s = a->at->serve;
	int64_t wait_ms = i->config.wait_ms;
	int64_t most_bytes = s->how.limits.max_body < READ_BYTES ? s->how.limits.max_body : READ_BYTES;
	struct kt_err err = {0};
	if (!accepts(a))
		return;
	if (!strcmp(a->request->method, "HEAD")) {
		a->answer->type = kt_rest_type(i->config.format);
		return;
	}
	if (read_query(a, &wait_ms, &most_bytes, &err) < 0) {
		refuse(a, 400, 0, err.msg);
		return;
	}
	if (!has_topics(a))
		return;
	if (kt_serve_is_full(s)) {
		refuse(a, 503, 0, KT_SERVE_FULL);
		return;
	}
	struct kt_instance_ask ask = {.wait = KT_INSTANCE_RECORDS,
		.until_us = kt_clock_us() + wait_ms * 1000,
		.most_bytes = (size_t)most_bytes};
	if (kt_instance_wait(i, a->at, a->request, ask, a->answer) && i->config.auto_commit && kt_instance_reads(i))
		kt_groupreader_mark_taken(i->reader);
}

/* The offset that a body says is that of the last record that is done. False, and an answer: it cannot be. */
static bool mark_one(const struct asked *a, const struct kt_instance_parts *parts, const struct kt_instance_part *part,
	bool only_look)
{
	const char *topic = parts->topics.v[part->topic];
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const struct kt_groupmark mark = {topic, part->partition, part->offset + 1, only_look};
	enum kt_groupmark_result result = kt_groupreader_mark(a->instance->reader, &mark);
	if (result == KT_GROUPMARK_DONE)
		return true;
	kt_buf_addf(&text, "offset %lld of %.249s [%d]: %s", (long long)part->offset, topic, (int)part->partition,
		result == KT_GROUPMARK_BEYOND ? "this instance has not read it"
					      : "this instance does not have the partition");
	if (result == KT_GROUPMARK_BEYOND)
		refuse(a, 422, 422, kt_buf_cstr(&text));
	else
		refuse(a, 409, 40903, kt_buf_cstr(&text));
	return false;
}

/* All, or none. */
static bool mark(const struct asked *a, const struct kt_instance_parts *parts)
{
	for (size_t k = 0; k < parts->n; k++)
		if (!mark_one(a, parts, &parts->v[k], true))
			return false;
	for (size_t k = 0; k < parts->n; k++)
		if (!mark_one(a, parts, &parts->v[k], false))
			return false;
	return true;
}

static void commit(const struct asked *a)
{
	struct kt_instance *i = a->instance;
	kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
	struct kt_err err = {0};
	if (refuse_body(a, kt_instancebody_parts(&parts, body_of(a), true, &err), 0, &err) || !has_topics(a))
		return;
	if (!kt_instance_reads(i)) {
		refuse(a, 503, 0, "this instance has no member yet");
		return;
	}
	struct kt_groupmarks before = kt_groupreader_marks(i->reader);
	if (!parts.listed)
		kt_groupreader_mark_taken(i->reader);
	else if (!mark(a, &parts))
		return;
	wait(a, (struct kt_instance_ask){.wait = KT_INSTANCE_COMMITS,
			.until_us = kt_clock_us() + a->at->serve->how.deadline_ms * 1000,
			.marks = kt_groupreader_marks(i->reader).made,
			.lost = before.lost});
}

static void tell_offsets(const struct asked *a)
{
	kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
	struct kt_err err = {0};
	if (!refuse_body(a, kt_instancebody_parts(&parts, body_of(a), false, &err), 0, &err))
		kt_instance_write_offsets(a->instance, &parts, a->answer);
}

static bool is_method(const struct asked *a, const char *method)
{
	return !strcmp(a->request->method, method);
}

static void act(const struct asked *a)
{
	bool reads = is_method(a, "GET") || is_method(a, "HEAD"), posts = is_method(a, "POST");
	enum kt_route_id id = a->found->route->action->id;
	if (id == KT_ROUTE_INSTANCE)
		end(a);
	else if (id == KT_ROUTE_SUBSCRIPTION && reads)
		kt_instance_write_topics(a->instance, a->answer);
	else if (id == KT_ROUTE_SUBSCRIPTION && posts)
		subscribe(a);
	else if (id == KT_ROUTE_SUBSCRIPTION)
		unsubscribe(a);
	else if (id == KT_ROUTE_ASSIGNMENTS && reads)
		kt_instance_write_assignments(a->instance, a->answer);
	else if (id == KT_ROUTE_ASSIGNMENTS || id == KT_ROUTE_POSITIONS)
		refuse(a, 501, 501,
			"an instance has the partitions that its group gives it, and reads on from what the group has "
			"committed; GET /topics/TOPIC/partitions/N/records?offset= reads from any offset");
	else if (id == KT_ROUTE_INSTANCE_RECORDS)
		read_records(a);
	else if (reads)
		tell_offsets(a);
	else
		commit(a);
}

void kt_instances_begin(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	struct asked a = {.at = at, .request = request, .found = found, .answer = answer};
	if (!check(&a))
		return;
	if (found->route->action->id == KT_ROUTE_CONSUMERS) {
		make(&a);
		return;
	}
	a.instance = kt_instance_find(
		at->serve->instances, kt_route_word(found, 0), kt_route_word(found, 1), request->client, false);
	if (!a.instance) {
		refuse(&a, 404, 40403, KT_INSTANCE_NOT_FOUND);
		return;
	}
	a.instance->used_us = kt_clock_us();
	act(&a);
}
