#include "intake.h"

#include "mem.h"
#include "pattern.h"
#include "unpacking.h"
#include "when.h"

#define FETCH_BYTES "4000000"
#define QUEUE_KB "16384"
#define TIMEOUT_MS "60000" /* the library's default */
/* With a queue for each partition, these hold for each: small, since those whose records are of a later time are full
 * while the others are read. */
#define LANE_KB "512"
#define LANE_RECORDS "4000"
#define LANE_FETCH_BYTES "262144"
#define REFRESH_MS "30000" /* new partitions are read after so long; the library's default is five minutes */

/* An answer holds what each partition has ready, 50 MB by default, and 64 MB of them wait for a slower reader. Less of
 * both uses the same memory again while it is in the cache: a tenth to a seventh of the CPU time, half of the memory.
 * The library wants the limit of an answer between two others, which are the user's. */
static void limit_answers(rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	kt_client_prefer(conf, s, "queued.max.messages.kbytes", QUEUE_KB);
	if (!kt_settings_get(s, "message.max.bytes") && !kt_settings_get(s, "receive.message.max.bytes"))
		kt_client_prefer(conf, s, "fetch.max.bytes", FETCH_BYTES);
}

static void limit_lanes(rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	kt_client_prefer(conf, s, "queued.max.messages.kbytes", LANE_KB);
	kt_client_prefer(conf, s, "queued.min.messages", LANE_RECORDS);
	if (!kt_settings_get(s, "max.partition.fetch.bytes"))
		kt_client_prefer(conf, s, "fetch.message.max.bytes", LANE_FETCH_BYTES);
}

static void configure(struct kt_consumer *c, rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	/* For a position that is not in the log any more: a run that retention overtakes goes on with what is left.
	 * Where to start is our own business, see kt_startoffsets_resolve(). */
	static const char *const resets[] = {"earliest", "earliest", "error"};
	kt_client_prefer(conf, s, "topic.metadata.refresh.interval.ms", REFRESH_MS);
	limit_answers(conf, s);
	if (c->how.by_time)
		limit_lanes(conf, s);
	kt_fetchnudge_configure(&c->refill, conf, s);
	rd_kafka_conf_set(conf, "auto.offset.reset", resets[c->how.reset], NULL, 0);
	if (c->how.exit_at_end || c->how.bounded)
		rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	if (c->how.exit_at_end) {
		/* What follows the last record may be a control record, which is never given out: only the
		 * end-of-partition event tells, and it comes after the broker's long poll. */
		kt_client_prefer(conf, s, "fetch.wait.max.ms", "10");
	}
	if (c->how.group)
		kt_groupintake_configure(c, conf);
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

/* Without a group: the topics that a regular expression matches now. Internal ones only answer to their own name. */
static int add_matching(struct kt_consumer *c, const char *pattern, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	regex_t regex;
	size_t before = c->names.n;
	if (kt_pattern_compile(&regex, pattern, REG_NOSUB, err) < 0)
		return -1;
	int result = kt_client_metadata(c->client, "", c->how.timeout_ms, &md, err);
	for (int i = 0; result == 0 && i < md->topic_cnt; i++)
		if (strncmp(md->topics[i].topic, "__", 2) != 0 && regexec(&regex, md->topics[i].topic, 0, NULL, 0) == 0)
			kt_strs_add_new(&c->names, md->topics[i].topic);
	regfree(&regex);
	if (result < 0)
		return -1;
	rd_kafka_metadata_destroy(md);
	if (c->names.n > before)
		return 0;
	kt_err_set(err, KT_NOT_FOUND, "no topic of %s matches %s", kt_client_brokers(c->client), pattern);
	/* What 'ord.*' became. */
	const char *dot = strstr(pattern, "\\..*");
	if (dot)
		return kt_err_hint(err, "a regular expression begins with ^: '%.*s.*'; in a pattern a dot is one",
			(int)(dot - pattern), pattern);
	return kt_err_hint(err, "`kt topic list` shows what is there; a group (-g) would wait for one");
}

static int find_topics(struct kt_consumer *c, struct kt_err *err)
{
	const struct kt_strs *words = c->how.topics;
	for (size_t i = 0; !c->how.group && i < words->n; i++) {
		if (words->v[i][0] != '^')
			kt_strs_add_new(&c->names, words->v[i]);
		else if (add_matching(c, words->v[i], err) < 0)
			return -1;
	}
	if (!c->how.group)
		c->how.topics = &c->names;
	for (size_t i = 0; i < c->how.topics->n; i++)
		if (find_topic(c, c->how.topics->v[i], err) < 0)
			return -1;
	return 0;
}

int kt_consumer_open(struct kt_consumer **out, const struct kt_settings *settings, const struct kt_consumer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	kt_auto(kt_consumer_free) struct kt_consumer *c = kt_calloc(1, sizeof(*c));
	c->how = *how;
	c->poll_ms = kt_membership_poll_ms(settings);
	c->refresh_ms = strtol(kt_settings_text(settings, "topic.metadata.refresh.interval.ms", REFRESH_MS), NULL, 10);
	c->look_us = kt_clock_us() + c->refresh_ms * 1000;
	c->silent_ms = strtol(kt_settings_text(settings, "socket.timeout.ms", TIMEOUT_MS), NULL, 10);
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	configure(c, conf, settings);
	if (kt_client_start(&c->client, KT_ROLE_CONSUMER, conf, settings, how->owner, c, err) < 0)
		return -1;
	c->rk = kt_client_handle(c->client);
	if (open_queue(c, err) < 0 || find_topics(c, err) < 0)
		return -1;
	if ((how->group ? kt_groupintake_join(c, err) : kt_reader_start(c, err)) < 0)
		return -1;
	*out = kt_steal(c);
	return 0;
}

/* Until the next assignment, having nothing does not mean that nothing is left. */
static bool is_settled(const struct kt_consumer *c)
{
	return !c->how.group || c->member.state == KT_MEMBERSHIP_ASSIGNED;
}

/* Everything was read, except for what cannot be. */
static int check_broken(const struct kt_consumer *c, struct kt_err *err)
{
	const struct kt_partition *part = kt_partitions_broken(&c->parts);
	if (!c->how.exit_at_end || !is_settled(c) || !part || kt_partitions_open(&c->parts))
		return 0;
	return kt_err_set(err, KT_PARTIAL, "%s [%d] was not read from offset %lld to its end at %lld", part->topic,
		(int)part->partition, (long long)part->next, (long long)part->end);
}

int kt_consumer_fill(struct kt_consumer *c, struct kt_err *err)
{
	if (c->given < c->n)
		return 1;
	kt_intake_release(c);
	if (check_broken(c, err) < 0 || kt_reader_look(c, err) < 0)
		return -1;
	c->n_batches++;
	c->mixed = false;
	/* Each call also serves the group, which a large batch with commits in between would keep waiting. */
	bool small = c->how.commit == KT_COMMIT_EACH && c->how.commit_every < KT_BATCH;
	int took = kt_intake_take(c, small ? (size_t)c->how.commit_every : KT_BATCH, err);
	return took >= 0 && kt_silence_note(c, took, err) < 0 ? -1 : took;
}

int kt_consumer_idle(struct kt_consumer *c, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	if (now_us - c->idled_us < kt_consumer_poll_ms(c) * 900)
		return 0;
	c->idled_us = now_us;
	return kt_intake_take(c, c->n < KT_LEN(c->batch) ? 1 : 0, err);
}

/* A batch that cannot be unpacked or makes no sense: the library fetches it again and again. */
static bool is_unreadable(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION || code == RD_KAFKA_RESP_ERR__BAD_MSG ||
	       code == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

/* What the library gets over by itself, or tries again without end: said once for each partition and reason. */
static void say_error(struct kt_consumer *c, struct kt_partition *part, const rd_kafka_message_t *m)
{
	struct kt_err note;
	const char *text = rd_kafka_message_errstr(m);
	if (part && part->error == m->err)
		return;
	if (part)
		part->error = m->err;
	if (!part || !is_unreadable(m->err)) {
		kt_owner_say(c->how.owner, KT_NOTE_RECORDS, "%s", text ? text : rd_kafka_err2str(m->err));
		return;
	}
	part->broken = true;
	int64_t at = m->offset > part->next ? m->offset : part->next;
	kt_err_set(&note, KT_PARTIAL, "%s [%d]: the batch at offset %lld cannot be read: %s", part->topic,
		(int)part->partition, (long long)at, text ? text : rd_kafka_err2str(m->err));
	kt_err_hint(&note,
		"where it is too large unpacked, -X receive.message.max.bytes=N (100000000) helps; -o goes around it");
	kt_owner_note(c->how.owner, KT_NOTE_RECORDS, &note);
}

/* Errors that come in place of a record. */
static void take_error(struct kt_consumer *c, struct kt_partition *part, const rd_kafka_message_t *m)
{
	struct kt_err err;
	if (kt_unpacking_is_refusal(m->err))
		return;
	if (!kt_membership_is_over(m->err)) {
		say_error(c, part, m);
		return;
	}
	const char *topic = m->rkt ? rd_kafka_topic_name(m->rkt) : c->how.topics->v[0];
	kt_membership_fail(c->client, c->how.group, m->err, topic, &err);
	kt_intake_fail(c, &err);
}

/* The end-of-partition event: everything before its offset was seen, control records and gaps included. */
static void take_end(struct kt_partition *part, int64_t offset)
{
	if (offset > part->next && offset <= part->end)
		part->next = offset;
	part->done = part->done || offset >= part->end;
}

/* Whether the message is one to give out. An offset below the position belongs to a stale record when the assignment
 * has just changed; else the log itself has begun anew. */
static bool is_next(struct kt_consumer *c, struct kt_partition *part, const rd_kafka_message_t *m)
{
	if (c->how.exit_at_end && m->offset >= part->end) {
		part->done = true;
		return false;
	}
	if (m->offset < part->next && c->mixed)
		return false;
	if (m->offset < part->next) {
		kt_owner_say(c->how.owner, KT_NOTE_RECORDS, KT_LOG_BEGAN_ANEW, part->topic, (int)part->partition,
			(long long)m->offset, (long long)part->next);
		part->start = m->offset;
		part->went_back = !part->sent_back;
		part->sent_back = false;
	}
	if (m->offset > part->next)
		kt_partition_tell_gap(part, m->offset, c->n_batches, c->client);
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
			part->broken = false;
			part->error = 0;
			c->uncommitted++;
			c->member.read_any = true;
			kt_message_record(record, m, part, c->how.headers ? &c->headers : NULL);
			kt_intake_tell_end(c, part);
			return true;
		}
		if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && ours)
			take_end(part, m->offset);
		else if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
			take_error(c, part, m);
		kt_intake_drop(c, at);
		if (ours)
			kt_intake_tell_end(c, part);
	}
	return false;
}

int kt_consumer_written(struct kt_consumer *c, struct kt_err *err)
{
	for (size_t i = 0; i < c->parts.n; i++)
		c->parts.v[i].written = c->parts.v[i].next;
	c->written = c->given;
	if (!c->how.group)
		return 0;
	if (kt_membership_store(&c->member, NULL, false, err) < 0)
		return -1;
	if (c->how.commit != KT_COMMIT_EACH || c->uncommitted < c->how.commit_every)
		return 0;
	c->uncommitted = 0;
	return kt_membership_commit(&c->member, err);
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
	return kt_consumer_store(c, err);
}

void kt_consumer_written_to(struct kt_consumer *c, size_t place, int64_t taken, int64_t offset)
{
	struct kt_partition *part = &c->parts.v[place];
	if (part->assigned && part->taken == taken)
		part->written = offset;
}

int kt_consumer_store(struct kt_consumer *c, struct kt_err *err)
{
	return c->how.group ? kt_membership_store(&c->member, NULL, false, err) : 0;
}

int64_t kt_consumer_end(const struct kt_consumer *c, const struct kt_partition *part)
{
	int64_t low, high;
	if (rd_kafka_get_watermark_offsets(c->rk, part->topic, part->partition, &low, &high) || high < 0)
		return KT_NO_OFFSET;
	return high;
}

void kt_consumer_unread(struct kt_consumer *c, const char *topic, int32_t partition, int64_t offset)
{
	struct kt_partition *part = kt_partitions_find(&c->parts, topic, partition);
	if (part && !part->assigned && part->next == offset + 1)
		part->next = offset;
}

/* The library has gone back by itself where the position was not in the new log when it got there. */
static bool is_to_restart(struct kt_partition *part, const char *topic)
{
	bool concerned = part->assigned && !strcmp(part->topic, topic), went_back = concerned && part->went_back;
	if (concerned) {
		part->sent_back = !went_back;
		part->went_back = false;
	}
	return concerned && !went_back;
}

void kt_consumer_restart(struct kt_consumer *c, const char *topic)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	for (size_t i = 0; i < c->parts.n; i++)
		if (is_to_restart(&c->parts.v[i], topic))
			rd_kafka_topic_partition_list_add(list, topic, c->parts.v[i].partition)->offset =
				RD_KAFKA_OFFSET_BEGINNING;
	if (!list->cnt)
		return;
	/* With a limit of 0 it does not wait, and says nothing of single partitions. */
	rd_kafka_error_t *failed = rd_kafka_seek_partitions(c->rk, list, 0);
	kt_owner_say(c->how.owner, KT_NOTE_RECORDS,
		"topic %s was deleted and recreated: it is read from its beginning%s%s", topic,
		failed ? ", which failed: " : "", failed ? rd_kafka_error_string(failed) : "");
	if (failed)
		rd_kafka_error_destroy(failed);
}

bool kt_consumer_is_done(const struct kt_consumer *c)
{
	return c->how.exit_at_end && is_settled(c) && c->given == c->n && kt_partitions_open(&c->parts) == 0 &&
	       !kt_partitions_broken(&c->parts);
}

int kt_consumer_fd(const struct kt_consumer *c)
{
	return c->wake.fd;
}

int64_t kt_consumer_poll_ms(const struct kt_consumer *c)
{
	int64_t look_ms = c->gone ? KT_LOOK_MS : c->refresh_ms;
	int64_t ms = c->how.group || look_ms <= 0 || c->poll_ms < look_ms ? c->poll_ms : look_ms;
	int64_t silence_ms = kt_silence_ms(c);
	return ms < silence_ms ? ms : silence_ms;
}

const struct kt_partitions *kt_consumer_parts(const struct kt_consumer *c)
{
	return &c->parts;
}

int kt_consumer_close(struct kt_consumer *c, struct kt_err *err)
{
	kt_waiting_end(&c->wait);
	kt_intake_release(c);
	int result = c->how.group ? kt_groupintake_leave(c, err) : 0;
	kt_consumer_free(&c);
	return result;
}

void kt_consumer_free(struct kt_consumer **at)
{
	struct kt_consumer *c = *at;
	if (!c)
		return;
	kt_intake_release(c);
	for (size_t i = 0; i < c->n_topics; i++)
		rd_kafka_topic_destroy(c->topics[i]);
	free(c->topics);
	kt_merge_free(&c->merge);
	kt_partitions_drop_queues(&c->parts);
	kt_queuefd_fini(&c->wake);
	kt_membership_end(&c->member);
	kt_client_close(c->client);
	kt_partitions_fini(&c->parts);
	kt_strs_fini(&c->names);
	kt_message_headers_fini(&c->headers);
	free(c);
	*at = NULL;
}
