#include "consumer.h"

#include <fcntl.h>
#include <unistd.h>

#include "client.h"
#include "mem.h"
#include "refill.h"
#include "say.h"
#include "sig.h"
#include "when.h"

/* Larger batches cost less per record up to about this many. HELD more can be taken while nothing can be written. */
enum { BATCH = 5000, HELD = 40000, CLOSE_MS = 3000, COMMIT_MS = 5000, IDLE_MS = 1000, LOOK_MS = 1000, JOIN_MS = 3000 };

#define REFRESH_MS "30000" /* new partitions are read after so long; the library's default is five minutes */

struct kt_consumer {
	struct kt_consumer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	rd_kafka_topic_t **topics; /* without a group: what was started */
	size_t n_topics, topics_cap;
	int wake[2];
	struct kt_parts parts;
	int64_t poll_ms, idled_us, joined_us;
	int64_t refresh_ms, look_us; /* how often, and when next, the topics are looked at */
	bool gone;                   /* one of them was not there when looked at last */
	size_t n, given, written;    /* in batch: how many there are; up to where they were given out, and written */
	int64_t uncommitted;         /* records written since the last commit */
	bool started;                /* the first assignment has come */
	bool settled;                /* no rebalance is under way */
	bool closing;
	bool read_any; /* a record was given out in this run */
	bool stored;   /* something that is not committed yet */
	bool mixed;    /* the batch was taken while the assignment changed */
	int64_t n_batches;
	bool failed; /* err says why it cannot go on */
	struct kt_err err;
	struct kt_refill refill;
	struct kt_header *headers;
	size_t headers_cap;
	rd_kafka_message_t *batch[BATCH + HELD]; /* NULL: not for us, dropped */
};

static int fail(struct kt_consumer *c, const struct kt_err *err)
{
	if (!c->failed)
		c->err = *err;
	c->failed = true;
	return -1;
}

static void free_list(rd_kafka_topic_partition_list_t **list)
{
	rd_kafka_topic_partition_list_destroy(*list);
}

/* Hands the written positions to the library, which commits them on its timer, on request and at the end. So are
 * starts, without which the next run would start at its end in a partition that was empty in this one. Only a start at
 * the end, in a run that has read nothing, is left to --reset of the next time, unless others go on from it
 * (with_starts). */
static int store(struct kt_consumer *c, bool with_starts, struct kt_err *err)
{
	if (!c->how.group || c->how.commit == KT_COMMIT_NONE)
		return 0;
	kt_auto(free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)c->parts.n + 1);
	for (size_t i = 0; i < c->parts.n; i++) {
		struct kt_part *part = &c->parts.v[i];
		bool counts = with_starts || c->read_any || part->why != KT_START_END;
		if (!part->assigned || part->written == part->stored || !counts)
			continue;
		rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = part->written;
		part->stored = part->written;
	}
	if (list->cnt) {
		rd_kafka_offsets_store(c->rk, list);
		c->stored = true;
	}
	/* The call as a whole succeeds as long as one of the partitions did. */
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err && list->elems[i].err != RD_KAFKA_RESP_ERR__STATE)
			return kt_client_fail(c->client, list->elems[i].err, err, "storing the offset of %s [%d]",
				list->elems[i].topic, (int)list->elems[i].partition);
	return 0;
}

/* While the group rebalances: the positions are kept, and committed when that is over, or read again by their owner. */
static bool is_rebalancing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
	       code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

/* Commits what is stored, with a bound of our own: rd_kafka_commit() waits as long as the coordinator is away. */
static int commit(struct kt_consumer *c, struct kt_err *err)
{
	if (!c->stored)
		return 0;
	rd_kafka_queue_t *answers = rd_kafka_queue_new(c->rk);
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(c->rk, NULL, answers, NULL, NULL);
	if (!code) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(answers, COMMIT_MS);
		code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
		if (event)
			rd_kafka_event_destroy(event);
	}
	rd_kafka_queue_destroy(answers);
	c->uncommitted = 0;
	c->stored = is_rebalancing(code);
	if (!code || code == RD_KAFKA_RESP_ERR__NO_OFFSET || c->stored)
		return 0;
	return kt_client_fail(c->client, code, err, "committing offsets of group %s", c->how.group);
}

static bool is_cooperative(const struct kt_consumer *c)
{
	const char *protocol = rd_kafka_rebalance_protocol(c->rk);
	return protocol && !strcmp(protocol, "COOPERATIVE");
}

static void change_assignment(struct kt_consumer *c, bool add, const rd_kafka_topic_partition_list_t *list)
{
	rd_kafka_error_t *error = NULL;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	struct kt_err err;
	if (!is_cooperative(c)) {
		code = rd_kafka_assign(c->rk, add ? list : NULL);
	} else {
		error = add ? rd_kafka_incremental_assign(c->rk, list) : rd_kafka_incremental_unassign(c->rk, list);
		code = error ? rd_kafka_error_code(error) : code;
	}
	if (error)
		rd_kafka_error_destroy(error);
	if (code) {
		kt_client_fail(c->client, code, &err, "%s partitions", add ? "taking" : "giving up");
		fail(c, &err);
	}
}

static int resolve(struct kt_consumer *c, struct kt_part *const *parts, size_t n, struct kt_err *err)
{
	struct kt_starts_how how = {.span = c->how.span, .reset = c->how.reset, .group = c->how.group != NULL};
	/* A partition that appears under a run without a group is a new one: all of it counts. */
	if (c->started && !c->how.group)
		how.span.start.where = KT_AT_BEGINNING;
	how.running = c->started;
	how.timeout_ms = c->how.timeout_ms;
	if (kt_starts_resolve(c->client, parts, n, &how, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i]->assigned = true;
		parts[i]->told_end = false;
		parts[i]->written = parts[i]->start;
		parts[i]->stored = parts[i]->why == KT_START_COMMITTED ? parts[i]->start : KT_NO_OFFSET;
	}
	return 0;
}

static void tell_end(struct kt_consumer *c, struct kt_part *part)
{
	if (!c->how.exit_at_end || part->told_end || !part->done)
		return;
	part->told_end = true;
	bool last = true;
	for (size_t i = 0; i < c->parts.n; i++)
		last = last && (!c->parts.v[i].assigned || c->parts.v[i].told_end);
	c->how.at_end(c->how.user, part, last);
}

static void on_assigned(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	size_t n = (size_t)list->cnt;
	kt_auto(kt_free_ptr) struct kt_part **parts = kt_calloc(n, sizeof(struct kt_part *));
	struct kt_err err;
	for (size_t i = 0; i < n; i++)
		kt_parts_add(&c->parts, list->elems[i].topic, list->elems[i].partition);
	for (size_t i = 0; i < n; i++)
		parts[i] = kt_parts_find(&c->parts, list->elems[i].topic, list->elems[i].partition);
	if (resolve(c, parts, n, &err) < 0) {
		kt_auto(free_list) rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(1);
		fail(c, &err);
		change_assignment(c, true, nothing);
		return;
	}
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = parts[i]->start;
	change_assignment(c, true, list);
	c->settled = c->started = true;
	if (c->failed)
		return;
	c->how.assigned(c->how.user, &c->parts);
	for (size_t i = 0; i < n; i++)
		tell_end(c, parts[i]);
}

static void drop(struct kt_consumer *c, size_t at)
{
	rd_kafka_message_destroy(kt_steal(c->batch[at]));
}

/* What is in hand of these partitions belongs to an assignment that is over; their next owner reads it. */
static void on_revoked(struct kt_consumer *c, rd_kafka_topic_partition_list_t *list)
{
	struct kt_err err;
	bool lost = rd_kafka_assignment_lost(c->rk);
	if (c->how.write_out(c->how.user))
		for (size_t i = 0; i < c->parts.n; i++)
			c->parts.v[i].written = c->parts.v[i].next;
	if (!lost && (store(c, !c->closing, &err) < 0 || commit(c, &err) < 0))
		kt_say(KT_NORMAL, "%s", err.msg);
	for (int i = 0; i < list->cnt; i++) {
		struct kt_part *part = kt_parts_find(&c->parts, list->elems[i].topic, list->elems[i].partition);
		if (part)
			part->assigned = false;
	}
	for (size_t i = c->given; i < c->n; i++) {
		const struct kt_part *part = c->batch[i] ? kt_parts_of(&c->parts, c->batch[i]) : NULL;
		if (part && !part->assigned)
			drop(c, i);
	}
	/* Until the next assignment, having nothing does not mean that nothing is left. */
	if (kt_parts_assigned(&c->parts) == 0)
		c->settled = false;
	change_assignment(c, false, list);
	if (lost)
		kt_say(KT_NORMAL,
			"group %s: the partitions were lost to other members, uncommitted records are read "
			"again there",
			c->how.group);
}

static void rebalance_cb(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct kt_consumer *c = kt_client_user(opaque);
	(void)rk;
	c->mixed = true;
	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		on_assigned(c, list);
	else
		on_revoked(c, list);
}

static void offset_commit_cb(
	rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	(void)rk, (void)list, (void)opaque;
	if (code && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
		kt_say(KT_NORMAL, "a commit failed, it is tried again: %s", rd_kafka_err2str(code));
}

/* Sets a property of ours unless the user has set it; one that this version does not know is left out. */
static void prefer(rd_kafka_conf_t *conf, const struct kt_settings *s, const char *key, const char *value)
{
	if (!kt_settings_get(s, key))
		rd_kafka_conf_set(conf, key, value, NULL, 0);
}

static void configure(struct kt_consumer *c, rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	/* For a position that is not in the log any more: a run that retention overtakes goes on with what is left.
	 * Where to start is our own business, see kt_starts_resolve(). */
	static const char *const resets[] = {"earliest", "earliest", "error"};
	prefer(conf, s, "topic.metadata.refresh.interval.ms", REFRESH_MS);
	/* Versions that have it sleep so long when the reader is slower than the fetcher (default: a second). */
	prefer(conf, s, "fetch.queue.backoff.ms", "10");
	char ignored[64];
	size_t size = sizeof(ignored);
	c->refill.needed = rd_kafka_conf_get(conf, "fetch.queue.backoff.ms", ignored, &size) != RD_KAFKA_CONF_OK;
	rd_kafka_conf_set(conf, "auto.offset.reset", resets[c->how.reset], NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit",
		c->how.group && c->how.commit == KT_COMMIT_AUTO ? "true" : "false", NULL, 0);
	if (c->how.exit_at_end) {
		/* What follows the last record may be a control record, which is never given out: only the
		 * end-of-partition event tells, and it comes after the broker's long poll. */
		rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
		prefer(conf, s, "fetch.wait.max.ms", "10");
	}
	if (!c->how.group)
		return;
	rd_kafka_conf_set(conf, "group.id", c->how.group, NULL, 0);
	rd_kafka_conf_set_rebalance_cb(conf, rebalance_cb);
	rd_kafka_conf_set_offset_commit_cb(conf, offset_commit_cb);
}

static int open_queue(struct kt_consumer *c, struct kt_err *err)
{
	if (pipe2(c->wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return kt_err_sys(err, "making a pipe");
	if (c->how.group)
		rd_kafka_poll_set_consumer(c->rk);
	c->queue = c->how.group ? rd_kafka_queue_get_consumer(c->rk) : rd_kafka_queue_new(c->rk);
	rd_kafka_queue_io_event_enable(c->queue, c->wake[1], "", 1);
	return 0;
}

static int add_partitions(struct kt_consumer *c, const struct rd_kafka_metadata_topic *t, struct kt_err *err)
{
	for (size_t i = 0; i < c->how.n_partitions; i++) {
		if (c->how.partitions[i] < t->partition_cnt)
			continue;
		kt_err_set(err, KT_NOT_FOUND, "topic %s has no partition %d", t->topic, (int)c->how.partitions[i]);
		return kt_err_hint(err, "it has partitions 0 to %d", t->partition_cnt - 1);
	}
	for (size_t i = 0; i < c->how.n_partitions; i++)
		kt_parts_add(&c->parts, t->topic, c->how.partitions[i]);
	for (int i = 0; !c->how.n_partitions && i < t->partition_cnt; i++)
		kt_parts_add(&c->parts, t->topic, t->partitions[i].id);
	return 0;
}

/* Also warms up the handle: without metadata the first fetch would wait half a second for the leader. */
static int find_topic(struct kt_consumer *c, const char *name, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	int result = 0;
	if (c->how.group && name[0] == '^')
		return kt_client_reach(c->client, c->how.timeout_ms, err);
	if (kt_client_metadata(c->client, name, c->how.timeout_ms, &md, err) < 0)
		return -1;
	const struct rd_kafka_metadata_topic *t = &md->topics[0];
	if (t->err && t->err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		result = kt_client_topic_error(c->client, name, t->err, err);
	else if (!c->how.group)
		result = add_partitions(c, t, err);
	rd_kafka_metadata_destroy(md);
	return result;
}

static int subscribe(struct kt_consumer *c, struct kt_err *err)
{
	kt_auto(free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)c->how.topics->n);
	for (size_t i = 0; i < c->how.topics->n; i++)
		rd_kafka_topic_partition_list_add(list, c->how.topics->v[i], RD_KAFKA_PARTITION_UA);
	c->joined_us = kt_clock_us();
	rd_kafka_resp_err_t code = rd_kafka_subscribe(c->rk, list);
	if (code)
		return kt_client_fail(c->client, code, err, "joining group %s", c->how.group);
	return 0;
}

static int start_reading(struct kt_consumer *c, const struct kt_part *part, struct kt_err *err)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(c->rk, part->topic, NULL);
	c->topics = kt_grow(c->topics, &c->topics_cap, c->n_topics + 1, sizeof(rd_kafka_topic_t *));
	c->topics[c->n_topics++] = rkt;
	if (rd_kafka_consume_start_queue(rkt, part->partition, part->start, c->queue) < 0)
		return kt_client_fail(
			c->client, rd_kafka_last_error(), err, "reading %s [%d]", part->topic, (int)part->partition);
	return 0;
}

/* Without a group the old consumer interface is the right one: no coordinator, no group of any name on the cluster. */
static int read_all(struct kt_consumer *c, struct kt_err *err)
{
	size_t n = c->parts.n;
	kt_auto(kt_free_ptr) struct kt_part **parts = kt_calloc(n, sizeof(struct kt_part *));
	for (size_t i = 0; i < n; i++)
		parts[i] = &c->parts.v[i];
	if (resolve(c, parts, n, err) < 0)
		return -1;
	/* The first fetch leaves with whatever was started by then, and waits for long when that is empty. */
	for (size_t i = 0; i < n; i++)
		if (!parts[i]->done && start_reading(c, parts[i], err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (parts[i]->done && !c->how.exit_at_end && start_reading(c, parts[i], err) < 0)
			return -1;
	c->settled = c->started = true;
	c->how.assigned(c->how.user, &c->parts);
	for (size_t i = 0; i < n; i++)
		tell_end(c, parts[i]);
	return 0;
}

int kt_consumer_open(struct kt_consumer **out, const struct kt_settings *settings, const struct kt_consumer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	kt_auto(kt_consumer_free) struct kt_consumer *c = kt_calloc(1, sizeof(*c));
	c->how = *how;
	c->wake[0] = c->wake[1] = -1;
	c->poll_ms = strtol(kt_settings_text(settings, "max.poll.interval.ms", "300000"), NULL, 10) / 3;
	c->refresh_ms = strtol(kt_settings_text(settings, "topic.metadata.refresh.interval.ms", REFRESH_MS), NULL, 10);
	c->look_us = kt_clock_us() + c->refresh_ms * 1000;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	configure(c, conf, settings);
	if (kt_client_start(&c->client, KT_ROLE_CONSUMER, conf, settings, c, err) < 0)
		return -1;
	c->rk = kt_client_handle(c->client);
	if (open_queue(c, err) < 0)
		return -1;
	for (size_t i = 0; i < how->topics->n; i++)
		if (find_topic(c, how->topics->v[i], err) < 0)
			return -1;
	if ((how->group ? subscribe(c, err) : read_all(c, err)) < 0)
		return -1;
	*out = kt_steal(c);
	return 0;
}

static int read_added(struct kt_consumer *c, const struct rd_kafka_metadata_topic *t, struct kt_err *err)
{
	bool added = false;
	for (int i = 0; i < t->partition_cnt; i++) {
		int32_t id = t->partitions[i].id;
		if (t->partitions[i].leader < 0 || kt_parts_find(&c->parts, t->topic, id))
			continue;
		struct kt_part *part = kt_parts_add(&c->parts, t->topic, id);
		if (resolve(c, &part, 1, err) < 0 || start_reading(c, part, err) < 0)
			return -1;
		kt_say(KT_NORMAL, "%s [%d] is new and read too", t->topic, (int)id);
		added = true;
	}
	if (added)
		c->how.assigned(c->how.user, &c->parts);
	return 0;
}

/* Without a group the library tells neither that a topic was deleted nor that it was given partitions. A single answer
 * that a topic is not there may come from a broker that has just started. */
static int look_at_topics(struct kt_consumer *c, struct kt_err *err)
{
	bool gone = false, takes_all = !c->how.n_partitions && !c->how.exit_at_end;
	int result = 0;
	if (c->how.group || c->refresh_ms <= 0 || kt_clock_us() < c->look_us)
		return 0;
	for (size_t i = 0; i < c->how.topics->n && result == 0; i++) {
		const struct rd_kafka_metadata *md;
		struct kt_err ignored;
		if (kt_client_metadata(c->client, c->how.topics->v[i], LOOK_MS, &md, &ignored) < 0)
			break;
		const struct rd_kafka_metadata_topic *t = &md->topics[0];
		gone |= t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		if (t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && c->gone)
			result = kt_client_topic_error(c->client, c->how.topics->v[i], t->err, err);
		else if (!t->err && takes_all)
			result = read_added(c, t, err);
		rd_kafka_metadata_destroy(md);
	}
	c->gone = gone;
	c->look_us = kt_clock_us() + (gone ? LOOK_MS : c->refresh_ms) * 1000;
	return result;
}

static void release_batch(struct kt_consumer *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->batch[i])
			drop(c, i);
	c->n = c->given = c->written = 0;
}

/* A group whose coordinator's certificate is refused is never joined. A bad address that is not needed is no reason to
 * end, so others get the time to answer. */
static bool is_shut_out(const struct kt_consumer *c)
{
	return c->how.group && !c->started && !c->closing && kt_client_is_refused(c->client) &&
	       kt_clock_us() - c->joined_us >= JOIN_MS * 1000;
}

/* One call into the library: messages behind those in hand, callbacks for all else. */
static int take(struct kt_consumer *c, size_t most, struct kt_err *err)
{
	char drained[64];
	while (read(c->wake[0], drained, sizeof(drained)) > 0)
		;
	if (!c->how.group)
		rd_kafka_poll(c->rk, 0);
	ssize_t got = rd_kafka_consume_batch_queue(c->queue, 0, c->batch + c->n, most);
	if (got > 0) {
		c->n += (size_t)got;
		kt_refill(&c->refill, c->rk, c->queue, &c->parts);
	}
	kt_client_say_trouble(c->client, -1);
	if (!c->failed && is_shut_out(c))
		return kt_client_unreachable(c->client, err);
	if (!c->failed)
		return got > 0;
	*err = c->err;
	return -1;
}

int kt_consumer_fill(struct kt_consumer *c, struct kt_err *err)
{
	if (c->given < c->n)
		return 1;
	release_batch(c);
	if (look_at_topics(c, err) < 0)
		return -1;
	c->n_batches++;
	c->mixed = false;
	/* Each call also serves the group: with commits in between, a large batch would keep it waiting. */
	bool small = c->how.commit == KT_COMMIT_EACH && c->how.commit_every < BATCH;
	return take(c, small ? (size_t)c->how.commit_every : BATCH, err);
}

int kt_consumer_idle(struct kt_consumer *c, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	if (now_us - c->idled_us < kt_consumer_poll_ms(c) * 900)
		return 0;
	c->idled_us = now_us;
	return take(c, c->n < KT_LEN(c->batch) ? 1 : 0, err);
}

static void fill_headers(struct kt_consumer *c, rd_kafka_message_t *m, struct kt_record *record)
{
	rd_kafka_headers_t *headers;
	const void *value;
	if (rd_kafka_message_headers(m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	size_t n = rd_kafka_header_cnt(headers);
	c->headers = kt_grow(c->headers, &c->headers_cap, n, sizeof(*c->headers));
	for (size_t i = 0; i < n; i++) {
		struct kt_header *h = &c->headers[i];
		rd_kafka_header_get_all(headers, i, &h->name.data, &value, &h->value.len);
		h->name.len = strlen(h->name.data);
		h->value.data = value;
	}
	record->headers = c->headers;
	record->n_headers = n;
}

static void fill_record(
	struct kt_consumer *c, rd_kafka_message_t *m, const struct kt_part *part, struct kt_record *record)
{
	rd_kafka_timestamp_type_t type;
	int64_t ts_ms = rd_kafka_message_timestamp(m, &type);
	*record = (struct kt_record){
		.topic = {part->topic, part->topic_len},
		.partition = m->partition,
		.offset = m->offset,
		.tstype = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? KT_TS_CREATE
			  : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? KT_TS_APPEND
								       : KT_TS_NONE,
		.ts_ms = ts_ms,
		.key = {m->key, m->key_len},
		.value = {m->payload, m->len},
	};
	if (c->how.headers)
		fill_headers(c, m, record);
}

/* Errors that come in place of a record. What the library gets over by itself is only said. */
static void take_error(struct kt_consumer *c, const rd_kafka_message_t *m)
{
	struct kt_err err;
	const char *text = rd_kafka_message_errstr(m);
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
	case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
		kt_client_fail(c->client, m->err, &err, "consuming %s",
			m->rkt ? rd_kafka_topic_name(m->rkt) : c->how.topics->v[0]);
		fail(c, &err);
		break;
	default:
		kt_say(KT_NORMAL, "%s", text ? text : rd_kafka_err2str(m->err));
	}
}

/* The end-of-partition event: everything before its offset was seen, control records and gaps included. */
static void take_end(struct kt_part *part, int64_t offset)
{
	if (offset > part->next && offset <= part->end)
		part->next = offset;
	part->done = part->done || offset >= part->end;
}

/* What is missing between two records was compacted away, or is a control record, or else it was deleted by retention
 * before this run came to it. */
static void tell_deleted(struct kt_consumer *c, struct kt_part *part, int64_t offset)
{
	int64_t high;
	if (part->gaps_in != c->n_batches)
		rd_kafka_get_watermark_offsets(c->rk, part->topic, part->partition, &part->begin, &high);
	part->gaps_in = c->n_batches;
	int64_t low = part->begin < offset ? part->begin : offset;
	if (low > part->next)
		kt_say(KT_NORMAL, "%s [%d]: offsets %lld to %lld were deleted before they could be read", part->topic,
			(int)part->partition, (long long)part->next, (long long)low - 1);
}

/* Whether the message is one to give out. An offset below the position is a stale record when the assignment has just
 * changed; else the log itself has begun anew. */
static bool is_next(struct kt_consumer *c, struct kt_part *part, const rd_kafka_message_t *m)
{
	if (c->how.exit_at_end && m->offset >= part->end) {
		part->done = true;
		return false;
	}
	if (m->offset < part->next && c->mixed)
		return false;
	if (m->offset < part->next) {
		kt_say(KT_NORMAL, "%s [%d] goes on at offset %lld, after %lld: it was created anew or cut", part->topic,
			(int)part->partition, (long long)m->offset, (long long)part->next);
		part->start = m->offset;
	}
	if (m->offset > part->next)
		tell_deleted(c, part, m->offset);
	return true;
}

bool kt_consumer_next(struct kt_consumer *c, struct kt_record *record)
{
	while (c->given < c->n) {
		if (c->how.commit == KT_COMMIT_EACH && c->uncommitted >= c->how.commit_every)
			return false;
		size_t at = c->given++;
		rd_kafka_message_t *m = c->batch[at];
		if (!m)
			continue;
		struct kt_part *part = m->rkt ? kt_parts_of(&c->parts, m) : NULL;
		bool ours = part && part->assigned;
		if (!m->err && ours && is_next(c, part, m)) {
			part->next = m->offset + 1;
			part->done = part->next >= part->end;
			c->uncommitted++;
			c->read_any = true;
			fill_record(c, m, part, record);
			tell_end(c, part);
			return true;
		}
		if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && ours)
			take_end(part, m->offset);
		else if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
			take_error(c, m);
		drop(c, at);
		if (ours)
			tell_end(c, part);
	}
	return false;
}

int kt_consumer_written(struct kt_consumer *c, struct kt_err *err)
{
	for (size_t i = 0; i < c->parts.n; i++)
		c->parts.v[i].written = c->parts.v[i].next;
	c->written = c->given;
	if (store(c, false, err) < 0)
		return -1;
	if (c->how.commit == KT_COMMIT_EACH && c->uncommitted >= c->how.commit_every)
		return commit(c, err);
	return 0;
}

int kt_consumer_written_only(struct kt_consumer *c, size_t n, struct kt_err *err)
{
	for (size_t at = c->written; at < c->given && n; at++) {
		struct kt_part *part = c->batch[at] ? kt_parts_of(&c->parts, c->batch[at]) : NULL;
		if (!part)
			continue;
		part->written = c->batch[at]->offset + 1;
		n--;
	}
	return store(c, false, err);
}

bool kt_consumer_is_done(const struct kt_consumer *c)
{
	return c->how.exit_at_end && c->settled && c->given == c->n && kt_parts_open(&c->parts) == 0;
}

int kt_consumer_fd(const struct kt_consumer *c)
{
	return c->wake[0];
}

int64_t kt_consumer_poll_ms(const struct kt_consumer *c)
{
	int64_t ms = c->poll_ms < IDLE_MS ? c->poll_ms : IDLE_MS;
	int64_t look_ms = c->gone ? LOOK_MS : c->refresh_ms;
	return c->how.group || look_ms <= 0 || ms < look_ms ? ms : look_ms;
}

const struct kt_parts *kt_consumer_parts(const struct kt_consumer *c)
{
	return &c->parts;
}

/* rd_kafka_consumer_close() would wait for as long as the brokers are away. */
static void leave_group(struct kt_consumer *c)
{
	struct kt_err ignored;
	/* A revoke that waits is answered while its commit can still be made. */
	if (take(c, 1, &ignored) < 0)
		c->failed = false;
	c->closing = true;
	int64_t deadline_us = kt_clock_us() + CLOSE_MS * 1000;
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(c->rk, c->queue);
	if (error) {
		rd_kafka_error_destroy(error);
		return;
	}
	while (!rd_kafka_consumer_closed(c->rk) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = c->wake[0], .events = POLLIN};
		if (take(c, BATCH, &ignored) < 0)
			c->failed = false;
		release_batch(c);
		if (!rd_kafka_consumer_closed(c->rk))
			kt_wait(&fd, 1, 10);
	}
	if (!rd_kafka_consumer_closed(c->rk))
		kt_say(KT_NORMAL,
			"group %s may not have been left: no answer; its partitions are free again after "
			"session.timeout.ms",
			c->how.group);
}

/* A rebalance that is under way refuses commits: it is seen through first, within bounds. */
static int commit_last(struct kt_consumer *c, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + COMMIT_MS * 1000;
	while (kt_parts_assigned(&c->parts) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = c->wake[0], .events = POLLIN};
		struct kt_err ignored;
		if (commit(c, err) < 0)
			return -1;
		if (!c->stored)
			return 0;
		kt_wait(&fd, 1, 50);
		if (take(c, BATCH, &ignored) < 0)
			c->failed = false;
		release_batch(c);
	}
	if (!c->stored)
		return 0;
	return kt_err_set(err, KT_FAILED,
		"group %s was rebalancing and refused the last commit: what was read since the "
		"one before is read again",
		c->how.group);
}

int kt_consumer_close(struct kt_consumer *c, struct kt_err *err)
{
	int result = 0;
	release_batch(c);
	if (c->how.group) {
		result = commit_last(c, err);
		leave_group(c);
	}
	kt_consumer_free(&c);
	return result;
}

void kt_consumer_free(struct kt_consumer **at)
{
	struct kt_consumer *c = *at;
	if (!c)
		return;
	release_batch(c);
	for (size_t i = 0; i < c->n_topics; i++)
		rd_kafka_topic_destroy(c->topics[i]);
	free(c->topics);
	if (c->queue)
		rd_kafka_queue_destroy(c->queue);
	kt_client_close(c->client);
	for (int i = 0; i < 2; i++)
		if (c->wake[i] >= 0)
			close(c->wake[i]);
	kt_parts_fini(&c->parts);
	free(c->headers);
	free(c);
	*at = NULL;
}
