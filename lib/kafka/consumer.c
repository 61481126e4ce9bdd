#include "consumer_own.h"

#include "mem.h"
#include "say.h"
#include "sig.h"
#include "when.h"

enum { IDLE_MS = 1000 };

#define FETCH_BYTES "4000000"
#define QUEUE_KB "16384"
#define REFRESH_MS "30000" /* new partitions are read after so long; the library's default is five minutes */

void kt_consumer_fail(struct kt_consumer *c, const struct kt_err *err)
{
	if (!c->failed)
		c->err = *err;
	c->failed = true;
}

int kt_consumer_resolve(struct kt_consumer *c, struct kt_partition *const *parts, size_t n, struct kt_err *err)
{
	struct kt_startoffsets_how how = {.span = c->how.span, .reset = c->how.reset, .group = c->how.group != NULL};
	/* A partition that appears under a run without a group is a new one: all of it counts. */
	if (c->started && !c->how.group)
		how.span.start.where = KT_AT_BEGINNING;
	how.running = c->started;
	how.timeout_ms = c->how.timeout_ms;
	if (kt_startoffsets_resolve(c->client, parts, n, &how, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i]->assigned = true;
		parts[i]->told_end = false;
		parts[i]->written = parts[i]->start;
		parts[i]->stored = parts[i]->why == KT_START_COMMITTED ? parts[i]->start : KT_NO_OFFSET;
	}
	return 0;
}

void kt_consumer_tell_end(struct kt_consumer *c, struct kt_partition *part)
{
	if (!c->how.exit_at_end || part->told_end || !part->done)
		return;
	part->told_end = true;
	bool last = true;
	for (size_t i = 0; i < c->parts.n; i++)
		last = last && (!c->parts.v[i].assigned || c->parts.v[i].told_end);
	c->how.at_end(c->how.user, part, last);
}

void kt_consumer_drop(struct kt_consumer *c, size_t at)
{
	rd_kafka_message_destroy(kt_steal(c->batch[at]));
}

/* An answer holds what each partition has ready, 50 MB by default, and 64 MB of them wait for a slower reader. Less of
 * both uses the same memory again while it is in the cache: a tenth to a seventh of the CPU time, half of the memory.
 * The library wants the limit of an answer between two others, which are the user's. */
static void limit_answers(rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	kt_client_prefer(conf, s, "queued.max.messages.kbytes", QUEUE_KB);
	if (!kt_settings_get(s, "message.max.bytes") && !kt_settings_get(s, "receive.message.max.bytes"))
		kt_client_prefer(conf, s, "fetch.max.bytes", FETCH_BYTES);
}

static void configure_refill(struct kt_consumer *c, const rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	char ignored[64];
	size_t size = sizeof(ignored);
	c->refill.needed = rd_kafka_conf_get(conf, "fetch.queue.backoff.ms", ignored, &size) != RD_KAFKA_CONF_OK;
	c->refill.most_bytes = strtoll(kt_settings_text(s, "queued.max.messages.kbytes", QUEUE_KB), NULL, 10) * 1000;
}

static void configure(struct kt_consumer *c, rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	/* For a position that is not in the log any more: a run that retention overtakes goes on with what is left.
	 * Where to start is our own business, see kt_startoffsets_resolve(). */
	static const char *const resets[] = {"earliest", "earliest", "error"};
	kt_client_prefer(conf, s, "topic.metadata.refresh.interval.ms", REFRESH_MS);
	/* Versions that have it sleep so long when the reader is slower than the fetcher (default: a second). */
	kt_client_prefer(conf, s, "fetch.queue.backoff.ms", "10");
	limit_answers(conf, s);
	configure_refill(c, conf, s);
	rd_kafka_conf_set(conf, "auto.offset.reset", resets[c->how.reset], NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit",
		c->how.group && c->how.commit == KT_COMMIT_AUTO ? "true" : "false", NULL, 0);
	if (c->how.exit_at_end) {
		/* What follows the last record may be a control record, which is never given out: only the
		 * end-of-partition event tells, and it comes after the broker's long poll. */
		rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
		kt_client_prefer(conf, s, "fetch.wait.max.ms", "10");
	}
	if (c->how.group)
		kt_member_configure(c, conf);
}

static int open_queue(struct kt_consumer *c, struct kt_err *err)
{
	if (!c->how.group)
		return kt_queuefd_init(&c->wake, rd_kafka_queue_new(c->rk), err);
	rd_kafka_poll_set_consumer(c->rk);
	return kt_queuefd_init(&c->wake, rd_kafka_queue_get_consumer(c->rk), err);
}

static int add_partitions(struct kt_consumer *c, const struct rd_kafka_metadata_topic *t, struct kt_err *err)
{
	for (size_t i = 0; i < c->how.n_partitions; i++)
		if (kt_client_check_partition(t, c->how.partitions[i], err) < 0)
			return -1;
	for (size_t i = 0; i < c->how.n_partitions; i++)
		kt_partitions_add(&c->parts, t->topic, c->how.partitions[i]);
	for (int i = 0; !c->how.n_partitions && i < t->partition_cnt; i++)
		kt_partitions_add(&c->parts, t->topic, t->partitions[i].id);
	return 0;
}

/* Also warms up the handle: without metadata the first fetch would wait half a second for the leader. */
static int find_topic(struct kt_consumer *c, const char *name, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	if (c->how.group && name[0] == '^')
		return kt_client_reach(c->client, c->how.timeout_ms, err);
	if (kt_client_topic(c->client, name, c->how.timeout_ms, &md, err) < 0)
		return -1;
	int result = c->how.group ? 0 : add_partitions(c, &md->topics[0], err);
	rd_kafka_metadata_destroy(md);
	return result;
}

int kt_consumer_open(struct kt_consumer **out, const struct kt_settings *settings, const struct kt_consumer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	kt_auto(kt_consumer_free) struct kt_consumer *c = kt_calloc(1, sizeof(*c));
	c->how = *how;
	c->poll_ms = strtol(kt_settings_text(settings, "max.poll.interval.ms", "300000"), NULL, 10) / 3;
	c->refresh_ms = strtol(kt_settings_text(settings, "topic.metadata.refresh.interval.ms", REFRESH_MS), NULL, 10);
	c->look_us = kt_clock_us() + c->refresh_ms * 1000;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	configure(c, conf, settings);
	if (kt_client_start(&c->client, KT_ROLE_CONSUMER, conf, settings, how->owner, c, err) < 0)
		return -1;
	c->rk = kt_client_handle(c->client);
	if (open_queue(c, err) < 0)
		return -1;
	for (size_t i = 0; i < how->topics->n; i++)
		if (find_topic(c, how->topics->v[i], err) < 0)
			return -1;
	if ((how->group ? kt_member_join(c, err) : kt_reader_start(c, err)) < 0)
		return -1;
	*out = kt_steal(c);
	return 0;
}

void kt_consumer_release(struct kt_consumer *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->batch[i])
			kt_consumer_drop(c, i);
	c->n = c->given = c->written = 0;
}

/* One call into the library: messages behind those in hand, callbacks for all else. */
int kt_consumer_take(struct kt_consumer *c, size_t most, struct kt_err *err)
{
	kt_queuefd_clear(&c->wake);
	if (!c->how.group)
		rd_kafka_poll(c->rk, 0);
	ssize_t got = rd_kafka_consume_batch_queue(c->wake.queue, 0, c->batch + c->n, most);
	if (got > 0) {
		kt_fetchnudge(&c->refill, c->rk, c->wake.queue, c->batch + c->n, (size_t)got, &c->parts);
		c->n += (size_t)got;
	}
	kt_client_note_trouble(c->client, -1);
	bool joining = c->how.group && !c->started && !c->closing;
	if (!c->failed && joining && kt_membership_is_shut_out(c->client, c->joined_us))
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
	kt_consumer_release(c);
	if (kt_reader_look(c, err) < 0)
		return -1;
	c->n_batches++;
	c->mixed = false;
	/* Each call also serves the group: with commits in between, a large batch would keep it waiting. */
	bool small = c->how.commit == KT_COMMIT_EACH && c->how.commit_every < KT_BATCH;
	return kt_consumer_take(c, small ? (size_t)c->how.commit_every : KT_BATCH, err);
}

int kt_consumer_idle(struct kt_consumer *c, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	if (now_us - c->idled_us < kt_consumer_poll_ms(c) * 900)
		return 0;
	c->idled_us = now_us;
	return kt_consumer_take(c, c->n < KT_LEN(c->batch) ? 1 : 0, err);
}

/* Errors that come in place of a record. What the library gets over by itself is only said. */
static void take_error(struct kt_consumer *c, const rd_kafka_message_t *m)
{
	struct kt_err err;
	const char *text = rd_kafka_message_errstr(m);
	if (!kt_membership_is_over(m->err)) {
		kt_say(KT_NORMAL, "%s", text ? text : rd_kafka_err2str(m->err));
		return;
	}
	kt_client_fail(
		c->client, m->err, &err, "consuming %s", m->rkt ? rd_kafka_topic_name(m->rkt) : c->how.topics->v[0]);
	kt_consumer_fail(c, &err);
}

/* The end-of-partition event: everything before its offset was seen, control records and gaps included. */
static void take_end(struct kt_partition *part, int64_t offset)
{
	if (offset > part->next && offset <= part->end)
		part->next = offset;
	part->done = part->done || offset >= part->end;
}

/* What is missing between two records was compacted away, or is a control record, or else it was deleted by retention
 * before this run came to it. */
static void tell_deleted(struct kt_consumer *c, struct kt_partition *part, int64_t offset)
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
static bool is_next(struct kt_consumer *c, struct kt_partition *part, const rd_kafka_message_t *m)
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
		struct kt_partition *part = m->rkt ? kt_partitions_of(&c->parts, m) : NULL;
		bool ours = part && part->assigned;
		if (!m->err && ours && is_next(c, part, m)) {
			part->next = m->offset + 1;
			part->done = part->next >= part->end;
			c->uncommitted++;
			c->read_any = true;
			kt_message_record(record, m, part, c->how.headers ? &c->headers : NULL);
			kt_consumer_tell_end(c, part);
			return true;
		}
		if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && ours)
			take_end(part, m->offset);
		else if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
			take_error(c, m);
		kt_consumer_drop(c, at);
		if (ours)
			kt_consumer_tell_end(c, part);
	}
	return false;
}

int kt_consumer_written(struct kt_consumer *c, struct kt_err *err)
{
	for (size_t i = 0; i < c->parts.n; i++)
		c->parts.v[i].written = c->parts.v[i].next;
	c->written = c->given;
	if (kt_member_store(c, false, err) < 0)
		return -1;
	if (c->how.commit == KT_COMMIT_EACH && c->uncommitted >= c->how.commit_every)
		return kt_member_commit(c, err);
	return 0;
}

int kt_consumer_written_only(struct kt_consumer *c, size_t n, struct kt_err *err)
{
	for (size_t at = c->written; at < c->given && n; at++) {
		struct kt_partition *part = c->batch[at] ? kt_partitions_of(&c->parts, c->batch[at]) : NULL;
		if (!part)
			continue;
		part->written = c->batch[at]->offset + 1;
		n--;
	}
	return kt_member_store(c, false, err);
}

bool kt_consumer_is_done(const struct kt_consumer *c)
{
	return c->how.exit_at_end && c->settled && c->given == c->n && kt_partitions_open(&c->parts) == 0;
}

int kt_consumer_fd(const struct kt_consumer *c)
{
	return c->wake.fd;
}

int64_t kt_consumer_poll_ms(const struct kt_consumer *c)
{
	int64_t ms = c->poll_ms < IDLE_MS ? c->poll_ms : IDLE_MS;
	int64_t look_ms = c->gone ? KT_LOOK_MS : c->refresh_ms;
	return c->how.group || look_ms <= 0 || ms < look_ms ? ms : look_ms;
}

const struct kt_partitions *kt_consumer_parts(const struct kt_consumer *c)
{
	return &c->parts;
}

int kt_consumer_close(struct kt_consumer *c, struct kt_err *err)
{
	kt_consumer_release(c);
	int result = c->how.group ? kt_member_leave(c, err) : 0;
	kt_consumer_free(&c);
	return result;
}

void kt_consumer_free(struct kt_consumer **at)
{
	struct kt_consumer *c = *at;
	if (!c)
		return;
	kt_consumer_release(c);
	for (size_t i = 0; i < c->n_topics; i++)
		rd_kafka_topic_destroy(c->topics[i]);
	free(c->topics);
	kt_queuefd_fini(&c->wake);
	kt_client_close(c->client);
	kt_partitions_fini(&c->parts);
	kt_message_headers_fini(&c->headers);
	free(c);
	*at = NULL;
}
