#include "producer.h"

#include "client.h"
#include "mem.h"
#include "queuefd.h"
#include "say.h"
#include "sig.h"
#include "when.h"

/* Records of a batch here, and of a batch of the library. The second is not asked for, which for what is given out in
 * fives would leave a remainder to wait for linger.ms. With a queue of a few batches a rate is kept that more of them
 * do not raise, in a third of the memory. */
enum { BATCH = 5000, REFUSED_MS = 3000 };
#define BATCH_RECORDS "5000"
#define QUEUE_RECORDS "20000"

#define KT_NEVER_FITS "larger than queue.buffering.max.kbytes"

/* A record's line and block travel in the message's opaque: 48 bits of line, 16 bits of block. */
_Static_assert(sizeof(void *) == 8, "the opaque of a message holds a line and a block");

struct kt_producer {
	struct kt_producer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic, *second;
	struct kt_queuefd wake;
	int32_t *partitions;
	size_t n_partitions, turn, given; /* whose turn it is, and how much of its batch it was given */
	bool rotates;                     /* the partitioner leaves the partition of records without a key to chance */
	struct kt_producer_counts counts;
	int64_t report_us;       /* when the reports that are taken came */
	int64_t moved_us, moved; /* when the number of records that are done with last changed, and that number */
	size_t n;
	rd_kafka_message_t batch[BATCH];
};

static void *opaque_of(int64_t line, const struct kt_block *block)
{
	return (void *)((uintptr_t)(block ? block->index : 0) << 48 | (uintptr_t)line);
}

static int64_t line_of(const void *opaque)
{
	return (int64_t)((uintptr_t)opaque & 0xffffffffffff);
}

static struct kt_block *block_of(const struct kt_producer *p, const void *opaque)
{
	size_t index = (uintptr_t)opaque >> 48;
	return index ? p->how.pool->v[index - 1] : NULL;
}

static const char *reason(rd_kafka_resp_err_t code)
{
	const char *text = rd_kafka_err2str(code), *colon = strstr(text, ": ");
	if (code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
		return "not acknowledged within message.timeout.ms";
	if (code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		return "not acknowledged when the run ended";
	if (code == RD_KAFKA_RESP_ERR__FATAL)
		return "the producer could not go on";
	if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
		return KT_TOO_LARGE;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return "this client is not allowed to write to the topic";
	/* Without "Local: " or "Broker: ". */
	return colon ? colon + 2 : text;
}

static void fail_record(struct kt_producer *p, void *opaque, const char *why, bool maybe)
{
	struct kt_delivery d = {.line = line_of(opaque), .partition = -1, .offset = -1, .ts_ms = -1, .failed = why};
	d.maybe = maybe;
	p->counts.failed++;
	p->how.done(p->how.user, &d);
}

/* A setting that idempotence cannot live with (rd_kafka_new() refuses the pair), or NULL: the user's word wins. */
static const char *against_idempotence(const struct kt_settings *s)
{
	const char *acks = kt_settings_text(s, "acks", "all");
	if (strcmp(acks, "all") && strcmp(acks, "-1"))
		return "acks";
	if (strtol(kt_settings_text(s, "max.in.flight", "5"), NULL, 10) > 5)
		return "max.in.flight";
	if (strtol(kt_settings_text(s, "retries", "1"), NULL, 10) == 0)
		return "retries";
	return strcmp(kt_settings_text(s, "queuing.strategy", "fifo"), "lifo") ? NULL : "queuing.strategy";
}

/* Before 2.3.0 the library took what was in flight when a connection broke for written, so that the first refusal of
 * the request behind it, at the next leader, was a fatal error. Nothing is behind a request that is alone. */
static void keep_alone(rd_kafka_conf_t *conf, const struct kt_settings *settings)
{
	enum { FIXED_IN = 0x02030000 };
	if (rd_kafka_version() < FIXED_IN)
		kt_client_prefer(conf, settings, "max.in.flight", "1");
}

static void set_idempotence(rd_kafka_conf_t *conf, const struct kt_settings *settings, bool wanted)
{
	const char *against = against_idempotence(settings);
	if (kt_settings_get(settings, "enable.idempotence")) {
		if (!strcasecmp(kt_settings_text(settings, "enable.idempotence", ""), "true"))
			keep_alone(conf, settings);
		return;
	}
	if (!wanted)
		return;
	if (against) {
		const char *value = kt_settings_text(settings, against, "");
		bool unheard = strstr(against, "acks") && !strcmp(value, "0");
		kt_say(KT_NORMAL, "%s=%s (from %s) switches idempotence off: %s", against, value,
			kt_settings_get(settings, against)->origin,
			unheard ? "brokers acknowledge nothing, and what they do not get is lost without a word"
				: "a retry can write a record twice");
		return;
	}
	rd_kafka_conf_set(conf, "enable.idempotence", "true", NULL, 0);
	keep_alone(conf, settings);
}

/* A topic that the broker has just created has no leaders for a moment. */
static bool worth_asking_again(const struct rd_kafka_metadata_topic *t)
{
	if (t->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return true;
	for (int i = 0; i < t->partition_cnt; i++)
		if (t->partitions[i].leader >= 0)
			return false;
	return !t->err;
}

static int keep_partitions(struct kt_producer *p, const struct rd_kafka_metadata_topic *t, struct kt_err *err)
{
	if (t->err)
		return kt_client_topic_error(p->client, p->how.topic, t->err, err);
	if (kt_client_check_partition(t, p->how.partition, err) < 0)
		return -1;
	p->partitions = kt_calloc((size_t)t->partition_cnt, sizeof(*p->partitions));
	for (int i = 0; i < t->partition_cnt; i++)
		if (t->partitions[i].leader >= 0)
			p->partitions[p->n_partitions++] = t->partitions[i].id;
	if (!p->n_partitions)
		return kt_err_set(err, KT_UNREACHABLE, "no partition of topic %s has a leader", p->how.topic);
	p->turn = (size_t)kt_clock_us() % p->n_partitions;
	return 0;
}

static int ask_topic(struct kt_producer *p, const char *topic, const struct rd_kafka_metadata **md, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + p->how.timeout_ms * 1000;
	for (;;) {
		int64_t left_ms = (deadline_us - kt_clock_us()) / 1000;
		if (kt_client_metadata(p->client, topic, left_ms > 1 ? left_ms : 1, md, err) < 0)
			return -1;
		if (!worth_asking_again(&(*md)->topics[0]) || left_ms <= 0 || kt_sig_caught())
			return 0;
		rd_kafka_metadata_destroy(*md);
		kt_wait(NULL, 0, 100);
	}
}

static int find_topic(struct kt_producer *p, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	if (ask_topic(p, p->how.topic, &md, err) < 0)
		return -1;
	int result = keep_partitions(p, &md->topics[0], err);
	rd_kafka_metadata_destroy(md);
	return result;
}

static int open_topic(struct kt_producer *p, const char *topic, rd_kafka_topic_t **out, struct kt_err *err)
{
	*out = rd_kafka_topic_new(p->rk, topic, NULL);
	return *out ? 0 : kt_client_fail(p->client, rd_kafka_last_error(), err, "topic %s", topic);
}

int kt_producer_second(struct kt_producer *p, const char *topic, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	if (ask_topic(p, topic, &md, err) < 0)
		return -1;
	rd_kafka_resp_err_t code = md->topics[0].err;
	rd_kafka_metadata_destroy(md);
	return code ? kt_client_topic_error(p->client, topic, code, err) : open_topic(p, topic, &p->second, err);
}

static void free_producer(struct kt_producer **p)
{
	kt_producer_close(*p);
}

int kt_producer_open(struct kt_producer **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	kt_auto(free_producer) struct kt_producer *p = kt_calloc(1, sizeof(*p));
	p->how = *how;
	p->rotates = strstr(kt_settings_text(settings, "partitioner", "consistent_random"), "random") != NULL;
	if (kt_client_conf(&conf, KT_ROLE_PRODUCER, settings, err) < 0)
		return -1;
	set_idempotence(conf, settings, how->idempotent);
	if (how->prompt)
		kt_client_prefer(conf, settings, "linger.ms", "0");
	kt_client_prefer(conf, settings, "batch.num.messages", BATCH_RECORDS);
	kt_client_prefer(conf, settings, "queue.buffering.max.messages", QUEUE_RECORDS);
	rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
	if (kt_client_start(&p->client, KT_ROLE_PRODUCER, conf, settings, how->owner, p, err) < 0)
		return -1;
	p->rk = kt_client_handle(p->client);
	if (open_topic(p, how->topic, &p->topic, err) < 0 ||
		kt_queuefd_init(&p->wake, rd_kafka_queue_get_main(p->rk), err) < 0 || find_topic(p, err) < 0)
		return -1;
	*out = kt_steal(p);
	return 0;
}

size_t kt_producer_max_record(const struct kt_settings *settings)
{
	return strtoul(kt_settings_text(settings, "message.max.bytes", "1000000"), NULL, 10);
}

/* Records without a key share a partition until they fill a batch of the library, or until all before them are through:
 * large requests to each broker at the cost of no partitioner at all. Keys go through the configured partitioner. */
static int32_t batch_partition(struct kt_producer *p)
{
	if (p->how.partition >= 0)
		return p->how.partition;
	for (size_t i = 0; i < p->n; i++)
		if (p->batch[i].key || !p->rotates)
			return RD_KAFKA_PARTITION_UA;
	return p->partitions[p->turn % p->n_partitions];
}

static void next_turn(struct kt_producer *p)
{
	p->given = 0;
	p->turn++;
}

/* A record that does not fit into an empty queue never will. */
static bool never_fits(const struct kt_producer *p, rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__QUEUE_FULL && kt_producer_waiting(p) == 0;
}

/* Before a record is handed over: the time in which nothing moves begins with the first one that waits. */
static void begin_waiting(struct kt_producer *p)
{
	if (kt_producer_waiting(p) == 0)
		p->moved_us = kt_clock_us();
}

static void fail_in_batch(struct kt_producer *p, const rd_kafka_message_t *m, const char *why)
{
	p->counts.accepted++;
	fail_record(p, m->_private, why, false);
	kt_block_unref(p->how.pool, block_of(p, m->_private));
}

void kt_producer_hand_over(struct kt_producer *p)
{
	size_t kept = 0;
	if (!p->n)
		return;
	begin_waiting(p);
	if (kt_producer_waiting(p) == 0)
		next_turn(p);
	rd_kafka_produce_batch(p->topic, batch_partition(p), 0, p->batch, (int)p->n);
	for (size_t i = 0; i < p->n; i++) {
		rd_kafka_message_t *m = &p->batch[i];
		if (never_fits(p, m->err)) {
			fail_in_batch(p, m, KT_NEVER_FITS);
		} else if (m->err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			p->batch[kept++] = *m;
		} else if (m->err) {
			fail_in_batch(p, m, reason(m->err));
		} else {
			p->counts.accepted++;
		}
	}
	p->given += p->n - kept;
	if (p->given >= BATCH)
		next_turn(p);
	p->n = kept;
}

bool kt_producer_add(struct kt_producer *p, const struct kt_piece *piece)
{
	if (p->n >= BATCH - p->given) {
		kt_producer_hand_over(p);
		if (p->n >= BATCH - p->given)
			return false;
	}
	struct kt_bytes key = piece->key.data ? piece->key : p->how.key;
	p->batch[p->n++] = (rd_kafka_message_t){
		.payload = (void *)(uintptr_t)piece->value.data,
		.len = piece->value.len,
		.key = (void *)(uintptr_t)key.data,
		.key_len = key.len,
		._private = opaque_of(piece->line, piece->block),
	};
	return true;
}

static int make_headers(rd_kafka_headers_t **out, const struct kt_record *record, struct kt_err *err)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(record->n_headers);
	for (size_t i = 0; i < record->n_headers; i++) {
		const struct kt_header *h = &record->headers[i];
		if (memchr(h->name.data, '\0', h->name.len)) {
			rd_kafka_headers_destroy(headers);
			return kt_err_set(err, KT_PARTIAL,
				"the name of header %zu holds a NUL byte, which the library cannot carry", i + 1);
		}
		rd_kafka_header_add(headers, h->name.data, (ssize_t)h->name.len, h->value.data, (ssize_t)h->value.len);
	}
	*out = headers;
	return 0;
}

static int send_to(struct kt_producer *p, rd_kafka_topic_t *topic, const struct kt_record *record, int64_t line,
	struct kt_err *err)
{
	rd_kafka_headers_t *headers = NULL;
	/* The library takes 0 for "now", so the record would not be the one that was asked for. */
	if (record->tstype != KT_TS_NONE && record->ts_ms == 0)
		return kt_err_set(err, KT_PARTIAL, "a timestamp of 0 cannot be sent: the library takes it for \"now\"");
	if (record->n_headers && make_headers(&headers, record, err) < 0)
		return -1;
	void *key = (void *)(uintptr_t)record->key.data, *value = (void *)(uintptr_t)record->value.data;
	size_t key_len = record->key.len, value_len = record->value.len;
	int64_t ts_ms = record->tstype == KT_TS_NONE ? 0 : record->ts_ms;
	int32_t partition = record->partition >= 0 ? record->partition : p->how.partition;
	void *opaque = opaque_of(line, NULL);
	begin_waiting(p);
	rd_kafka_resp_err_t code = rd_kafka_producev(p->rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
		RD_KAFKA_V_MSGFLAGS(p->how.borrows ? 0 : RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_len),
		RD_KAFKA_V_VALUE(value, value_len), RD_KAFKA_V_TIMESTAMP(ts_ms), RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
	if (!code) {
		p->counts.accepted++;
		return 1;
	}
	if (headers)
		rd_kafka_headers_destroy(headers);
	if (never_fits(p, code))
		return kt_err_set(err, KT_PARTIAL, "%s", KT_NEVER_FITS);
	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return 0;
	return kt_err_set(err, KT_PARTIAL, "%s", reason(code));
}

int kt_producer_send(struct kt_producer *p, const struct kt_record *record, int64_t line, struct kt_err *err)
{
	return send_to(p, p->topic, record, line, err);
}

int kt_producer_send_second(struct kt_producer *p, const struct kt_record *record, int64_t line, struct kt_err *err)
{
	return send_to(p, p->second, record, line, err);
}

int kt_producer_fd(const struct kt_producer *p)
{
	return p->wake.fd;
}

static void take_report(struct kt_producer *p, const rd_kafka_message_t *m)
{
	int64_t offset = m->offset;
	if (m->err) {
		fail_record(p, m->_private, reason(m->err),
			rd_kafka_message_status(m) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
	} else {
		p->counts.delivered++;
		if (p->how.every_delivery) {
			rd_kafka_timestamp_type_t type;
			struct kt_delivery d = {.line = line_of(m->_private), .partition = m->partition};
			d.offset = offset;
			d.at_us = p->report_us;
			d.ts_ms = rd_kafka_message_timestamp(m, &type);
			p->how.done(p->how.user, &d);
		}
	}
	kt_block_unref(p->how.pool, block_of(p, m->_private));
}

static int check_fatal(struct kt_producer *p, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_fatal_error(p->rk, NULL, 0);
	return code ? kt_client_fail(p->client, code, err, "the producer cannot go on") : 0;
}

/* A fatal error ends everything: with idempotence the library accepts nothing after it. Its event carries the cause as
 * the code, and being fatal apart from it. */
static int take_error(struct kt_producer *p, rd_kafka_event_t *event, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (rd_kafka_event_error_is_fatal(event))
		return check_fatal(p, err);
	kt_client_note(p->client, code, rd_kafka_event_error_string(event));
	kt_client_note_trouble(p->client, kt_producer_waiting(p));
	return 0;
}

/* Records for a broker whose certificate is refused would wait for all of message.timeout.ms. Those for others are seen
 * through first; and a bad address that nothing has to be sent to is no reason to end. */
static int check_refused(struct kt_producer *p, struct kt_err *err)
{
	int64_t moved = p->counts.delivered + p->counts.failed;
	if (!kt_producer_waiting(p) || !kt_client_is_refused(p->client))
		return 0;
	if (moved != p->moved)
		p->moved_us = kt_clock_us();
	p->moved = moved;
	if (kt_clock_us() - p->moved_us < REFUSED_MS * 1000)
		return 0;
	return kt_client_unreachable(p->client, err);
}

int kt_producer_serve(struct kt_producer *p, struct kt_err *err)
{
	rd_kafka_event_t *event;
	int result = 0;
	kt_queuefd_clear(&p->wake);
	while ((event = rd_kafka_queue_poll(p->wake.queue, 0))) {
		const rd_kafka_message_t *m;
		p->report_us = kt_clock_us();
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
			while ((m = rd_kafka_event_message_next(event)))
				take_report(p, m);
		else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && result == 0)
			result = take_error(p, event, err);
		rd_kafka_event_destroy(event);
	}
	return result == 0 ? check_refused(p, err) : result;
}

void kt_producer_nudge(struct kt_producer *p)
{
	/* While a flush is on, linger.ms counts as over; with delivery reports as events it waits but serves nothing,
	 * so it is given just the time to wake the broker threads. */
	rd_kafka_flush(p->rk, 1);
}

/* What the library holds and has not sent, or not heard of, is given up: every record gets its report. */
static void give_up(struct kt_producer *p)
{
	struct kt_err ignored;
	int64_t deadline_us = kt_clock_us() + 1000000;
	rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	while (kt_producer_waiting(p) && kt_clock_us() < deadline_us) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		kt_wait(&fd, 1, 20);
		if (kt_producer_serve(p, &ignored) < 0)
			continue;
	}
	for (size_t i = 0; i < p->n; i++)
		fail_in_batch(p, &p->batch[i], reason(RD_KAFKA_RESP_ERR__PURGE_QUEUE));
	p->n = 0;
	/* Reports that do not even come now belong to records that nobody will hear of again. */
	p->counts.failed = p->counts.accepted - p->counts.delivered;
}

int kt_producer_drain(struct kt_producer *p, int64_t timeout_ms, int64_t grace_ms, struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), signal_us = kt_sig_caught() ? start_us : 0, idle_ms = 0;
	while (p->n || kt_producer_waiting(p)) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		int64_t before = kt_producer_waiting(p), now_us = kt_clock_us();
		kt_producer_hand_over(p);
		if (kt_wait(&fd, 1, idle_ms) == 0 && before == kt_producer_waiting(p)) {
			kt_producer_nudge(p);
			idle_ms = idle_ms < 50 ? idle_ms * 2 + 1 : 100;
		}
		if (kt_producer_serve(p, err) < 0) {
			give_up(p);
			return -1;
		}
		if (rd_kafka_fatal_error(p->rk, NULL, 0)) {
			give_up(p);
			break;
		}
		if (kt_sig_caught() && !signal_us)
			signal_us = now_us;
		if ((timeout_ms >= 0 && now_us - start_us > timeout_ms * 1000) ||
			(signal_us && now_us - signal_us > grace_ms * 1000)) {
			give_up(p);
			break;
		}
	}
	/* The records may have failed before the error itself was served. */
	return check_fatal(p, err);
}

struct kt_producer_counts kt_producer_counts(const struct kt_producer *p)
{
	return p->counts;
}

int64_t kt_producer_waiting(const struct kt_producer *p)
{
	return p->counts.accepted - p->counts.delivered - p->counts.failed;
}

void kt_producer_close(struct kt_producer *p)
{
	if (!p)
		return;
	kt_queuefd_fini(&p->wake);
	if (p->topic)
		rd_kafka_topic_destroy(p->topic);
	if (p->second)
		rd_kafka_topic_destroy(p->second);
	kt_client_close(p->client);
	free(p->partitions);
	free(p);
}
