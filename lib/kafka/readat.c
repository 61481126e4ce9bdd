#include "readat.h"

#include "client.h"
#include "mem.h"
#include "message.h"
#include "offsetquery.h"
#include "unpacking.h"
#include "when.h"

/* SLICE_MS: so soon it is seen that it is to end. QUIET_MS: once there was a record, for more from other brokers.
 * ANSWER_MS: for brokers to say what they have. */
enum { BATCH = 500, SLICE_MS = 20, QUIET_MS = 30, ANSWER_MS = 5000 };

struct kt_readat {
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_message_headers headers;
	bool forbidden;
};

/* One run of it. */
struct run {
	struct kt_readat *r;
	const struct kt_readat_how *how;
	struct kt_partition name; /* of the topic, for records */
	rd_kafka_topic_t *topic;
	rd_kafka_queue_t *queue;
	bool any, over;
	struct kt_err *err; /* filled: it has failed */
};

/* What waits in the handle is little, since a run takes little: but more than an answer of a broker, or the library
 * would pause after each. That a partition has no more is said soon. */
static void configure(rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	kt_client_prefer(conf, s, "queued.max.messages.kbytes", "8192");
	if (!kt_settings_get(s, "message.max.bytes") && !kt_settings_get(s, "receive.message.max.bytes"))
		kt_client_prefer(conf, s, "fetch.max.bytes", "4000000");
	kt_client_prefer(conf, s, "fetch.wait.max.ms", "50");
	kt_client_prefer(conf, s, "fetch.queue.backoff.ms", "10");
	rd_kafka_conf_set(conf, "auto.offset.reset", "error", NULL, 0);
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
}

int kt_readat_open(
	struct kt_readat **out, const struct kt_settings *settings, const struct kt_owner *owner, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	configure(conf, settings);
	struct kt_readat *r = kt_calloc(1, sizeof(*r));
	if (kt_client_start(&r->client, KT_ROLE_CONSUMER, conf, settings, owner, r, err) < 0) {
		free(r);
		return -1;
	}
	r->rk = kt_client_handle(r->client);
	*out = r;
	return 0;
}

static int fail(struct kt_readat *r, const char *topic, rd_kafka_resp_err_t code, struct kt_err *err)
{
	r->forbidden = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
		return kt_err_set(err, KT_NOT_FOUND, "topic %s does not exist", topic);
	return kt_client_fail(r->client, code, err, "topic %s", topic);
}

int kt_readat_find(struct kt_readat *r, const char *topic, int64_t timeout_ms, int32_t *partitions, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	r->forbidden = false;
	/* An embedded broker is looked at as a whole first. Of others the first answer counts: to ask each of them for
	 * every name that a client makes up would be too much. */
	if (kt_client_is_embedded(r->client) ? kt_client_topic(r->client, topic, timeout_ms, &metadata, err) < 0
					     : kt_client_metadata(r->client, topic, timeout_ms, &metadata, err) < 0)
		return -1;
	rd_kafka_resp_err_t code = metadata->topics[0].err;
	*partitions = metadata->topics[0].partition_cnt;
	rd_kafka_metadata_destroy(metadata);
	return !code || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ? 0 : fail(r, topic, code, err);
}

static int64_t place_of(const struct kt_readat_part *part)
{
	switch (part->from.where) {
	case KT_AT_END:
		return part->end;
	case KT_AT_OFFSET:
		return part->from.n;
	case KT_AT_TAIL:
		return part->end - part->begin > part->from.n ? part->end - part->from.n : part->begin;
	default:
		return part->begin;
	}
}

/* Of those that begin at a time: there, and at the end when nothing is as late. */
static int find_times(struct kt_readat *r, const char *topic, struct kt_readat_part *parts, size_t n,
	int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
	int64_t at_ms = 0;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].from.where != KT_AT_TIME)
			continue;
		/* What is before 1970 has other meanings in the request. */
		at_ms = parts[i].from.n > 0 ? parts[i].from.n : 0;
		rd_kafka_topic_partition_list_add(list, topic, parts[i].partition);
	}
	if (!list->cnt)
		return 0;
	if (kt_offsetquery_offsets(r->client, list, at_ms, timeout_ms, err) < 0)
		return -1;
	for (size_t i = 0, k = 0; i < n; i++) {
		if (parts[i].from.where != KT_AT_TIME)
			continue;
		int64_t found = list->elems[k++].offset;
		parts[i].next = found < 0 || found > parts[i].end ? parts[i].end : found;
		parts[i].at_end = parts[i].next >= parts[i].end;
	}
	return 0;
}

int kt_readat_resolve(struct kt_readat *r, const char *topic, struct kt_readat_part *parts, size_t n,
	int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins =
		rd_kafka_topic_partition_list_new((int)n);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++) {
		rd_kafka_topic_partition_list_add(begins, topic, parts[i].partition);
		rd_kafka_topic_partition_list_add(ends, topic, parts[i].partition);
	}
	if (kt_offsetquery_bounds(r->client, begins, ends, timeout_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i].begin = begins->elems[i].offset;
		parts[i].end = ends->elems[i].offset;
		parts[i].next = place_of(&parts[i]);
		parts[i].at_end = parts[i].next >= parts[i].end;
	}
	return find_times(r, topic, parts, n, timeout_ms, err);
}

bool kt_readat_is_outside(const struct kt_readat_part *part)
{
	return part->next < part->begin || part->next > part->end;
}

static struct kt_readat_part *part_of(const struct run *run, int32_t partition)
{
	for (size_t i = 0; i < run->how->n; i++)
		if (run->how->parts[i].partition == partition)
			return &run->how->parts[i];
	return NULL;
}

/* In place of a record. What passes by itself is waited for. */
static void take_error(struct run *run, const struct kt_readat_part *part, const rd_kafka_message_t *m)
{
	const char *topic = run->how->topic;
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		fail(run->r, topic, m->err, run->err);
		break;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		kt_err_set(run->err, KT_FAILED, "%s [%d]: offset %lld has just been deleted", topic, (int)m->partition,
			(long long)part->next);
		break;
	case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
	case RD_KAFKA_RESP_ERR__BAD_MSG:
	case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
		if (kt_unpacking_is_refusal(m->err))
			return;
		kt_err_set(run->err, KT_PARTIAL, "%s [%d]: the batch at offset %lld cannot be read: %s", topic,
			(int)m->partition, (long long)part->next, rd_kafka_err2str(m->err));
		break;
	default:
		return;
	}
	run->over = true;
}

static void take(struct run *run, rd_kafka_message_t *m)
{
	struct kt_readat_part *part = part_of(run, m->partition);
	struct kt_record record;
	if (run->over || !part)
		return;
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		part->next = m->offset > part->next ? m->offset : part->next;
		part->at_end = true;
		return;
	}
	if (m->err) {
		take_error(run, part, m);
		return;
	}
	if (m->offset < part->next)
		return;
	kt_message_record(&record, m, &run->name, &run->r->headers);
	if (!run->how->each(run->how->user, &record)) {
		run->over = true;
		return;
	}
	run->any = true;
	part->next = m->offset + 1;
	part->at_end = part->next >= part->end;
	run->over = run->how->enough(run->how->user, false);
}

static bool are_at_end(const struct run *run)
{
	for (size_t i = 0; i < run->how->n; i++)
		if (!run->how->parts[i].at_end)
			return false;
	return true;
}

static int start(struct run *run)
{
	for (size_t i = 0; i < run->how->n; i++) {
		const struct kt_readat_part *part = &run->how->parts[i];
		if (rd_kafka_consume_start_queue(run->topic, part->partition, part->next, run->queue) < 0)
			return fail(run->r, run->how->topic, rd_kafka_last_error(), run->err);
	}
	return 0;
}

/* True: there is nothing to wait for any more. */
static bool is_enough(const struct run *run, int64_t start_us, int64_t quiet_us)
{
	int64_t now_us = kt_clock_us();
	if (run->over || run->how->enough(run->how->user, !run->any))
		return true;
	if (are_at_end(run))
		return run->any || now_us >= run->how->until_us;
	return run->any ? now_us >= quiet_us : now_us >= start_us + ANSWER_MS * 1000 && now_us >= run->how->until_us;
}

static void read_on(struct run *run)
{
	rd_kafka_message_t *batch[BATCH];
	int64_t start_us = kt_clock_us(), quiet_us = start_us;
	do {
		ssize_t got = rd_kafka_consume_batch_queue(run->queue, SLICE_MS, batch, BATCH);
		rd_kafka_poll(run->r->rk, 0);
		for (ssize_t i = 0; i < got; i++) {
			take(run, batch[i]);
			rd_kafka_message_destroy(batch[i]);
		}
		if (got > 0)
			quiet_us = kt_clock_us() + QUIET_MS * 1000;
		if (kt_client_stopped(run->r->client)) {
			kt_err_set(run->err, kt_client_stopped(run->r->client), "interrupted");
			return;
		}
	} while (!is_enough(run, start_us, quiet_us));
	if (!run->any && !run->over && !are_at_end(run) && kt_clock_us() >= start_us + ANSWER_MS * 1000)
		kt_client_unreachable(run->r->client, run->err);
}

int kt_readat_run(struct kt_readat *r, const struct kt_readat_how *how, struct kt_err *err)
{
	struct kt_err failed = {0};
	struct run run = {.r = r, .how = how, .err = &failed};
	kt_auto(kt_free_ptr) char *name = kt_strdup(how->topic);
	r->forbidden = false;
	if (how->until_us <= kt_clock_us() && are_at_end(&run))
		return 0;
	run.name = (struct kt_partition){.topic = name, .topic_len = strlen(name)};
	run.topic = rd_kafka_topic_new(r->rk, name, NULL);
	run.queue = rd_kafka_queue_new(r->rk);
	if (start(&run) == 0)
		read_on(&run);
	for (size_t i = 0; i < how->n; i++)
		rd_kafka_consume_stop(run.topic, how->parts[i].partition);
	rd_kafka_queue_destroy(run.queue);
	rd_kafka_topic_destroy(run.topic);
	if (!failed.msg[0] || run.any)
		return 0;
	*err = failed;
	return -1;
}

bool kt_readat_is_forbidden(const struct kt_readat *r)
{
	return r->forbidden;
}

void kt_readat_close(struct kt_readat *r)
{
	if (!r)
		return;
	kt_message_headers_fini(&r->headers);
	kt_client_close(r->client);
	free(r);
}
