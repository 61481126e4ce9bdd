#include "producer.h"

#include "client.h"
#include "mem.h"
#include "num.h"
#include "producer_own.h"
#include "producertopics.h"
#include "resend.h"
#include "sig.h"
#include "topiclimit.h"
#include "when.h"

/* Records of a batch here, and of a batch of the library. The second is not asked for, which for what is given out in
 * fives would leave a remainder to wait for linger.ms. With a queue of a few batches a rate is kept that more of them
 * do not raise, in a third of the memory. */
enum { BATCH = 5000, REFUSED_MS = 3000, SILENT_MS = 1000, LOOK_MS = 100 };
#define BATCH_RECORDS "5000"
#define QUEUE_RECORDS "20000"

/* The library's own limit of a batch (batch.size), and how long the topic's is waited for. */
enum { BATCH_BYTES = 1000000, LIMIT_MS = 1000, LIMIT_LEAST_MS = 10 };

/* What a transaction may take: the most that brokers allow by default (transaction.max.timeout.ms). */
#define KT_TRANSACTION_TIMEOUT_MS "900000"

#define KT_NEVER_FITS "larger than queue.buffering.max.kbytes"

/* A record's tag and block travel in the message's opaque: 48 bits of tag, 16 bits of block. */
_Static_assert(sizeof(void *) == 8, "the opaque of a message holds a tag and a block");

struct kt_producer {
	struct kt_producer_how how;
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_producertopics topics;
	struct kt_resend resend;
	int64_t limit; /* of the topic's batches, which ours are not over; -1: not known */
	int64_t found_limit;
	int64_t transaction_ms;
	bool asks_limit;    /* the answer is to come */
	size_t turn, given; /* whose turn it is, and how much of its batch it was given */
	bool rotates;       /* the partitioner leaves the partition of records without a key to chance */
	bool opening;       /* errors are gathered, and said by whoever waits */
	struct kt_producer_counts counts;
	int64_t report_us;       /* when the reports that are taken came */
	int64_t moved_us, moved; /* when the number of records that are done with last changed, and that number */
	bool told;               /* what is waited for, since then */
	size_t flying;           /* bytes that are on their way; counted only once a batch was too large */
	size_t n;
	rd_kafka_message_t batch[BATCH];
};

static void *opaque_of(int64_t tag, const struct kt_block *block)
{
	return (void *)((uintptr_t)(block ? block->index : 0) << 48 | (uintptr_t)tag);
}

static int64_t tag_of(const void *opaque)
{
	return (int64_t)((uintptr_t)opaque & (uintptr_t)KT_TAG_MOST);
}

static struct kt_block *block_of(const struct kt_producer *p, const void *opaque)
{
	size_t index = (uintptr_t)opaque >> 48;
	return index ? p->how.pool->v[index - 1] : NULL;
}

static int check_tag(int64_t tag, struct kt_err *err)
{
	if (tag >= 0 && tag <= KT_TAG_MOST)
		return 0;
	return kt_err_set(err, KT_FAILED, "%lld is not a tag of a record: they have 48 bits", (long long)tag);
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
	struct kt_delivery d = {.tag = tag_of(opaque), .partition = -1, .offset = -1, .ts_ms = -1, .failed = why};
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

static int set_idempotence(rd_kafka_conf_t *conf, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	const char *against = against_idempotence(settings);
	const char *value = against ? kt_settings_text(settings, against, "") : "";
	if (against && how->transactional)
		return kt_err_set(err, KT_USAGE, "%s=%s (from %s) does not go with transactions", against, value,
			kt_settings_get(settings, against)->origin);
	if (kt_settings_get(settings, "enable.idempotence")) {
		if (!strcasecmp(kt_settings_text(settings, "enable.idempotence", ""), "true"))
			keep_alone(conf, settings);
		return 0;
	}
	if (!how->idempotent && !how->transactional)
		return 0;
	if (against) {
		bool unheard = strstr(against, "acks") && !strcmp(value, "0");
		kt_owner_say(how->owner, KT_NOTE_SETTINGS, "%s=%s (from %s) switches idempotence off: %s", against,
			value, kt_settings_get(settings, against)->origin,
			unheard ? "brokers acknowledge nothing, and what they do not get is lost without a word"
				: "a retry can write a record twice");
		return 0;
	}
	rd_kafka_conf_set(conf, "enable.idempotence", "true", NULL, 0);
	keep_alone(conf, settings);
	return 0;
}

static int64_t transaction_ms(const struct kt_settings *settings)
{
	return strtoll(kt_settings_text(settings, "transaction.timeout.ms", KT_TRANSACTION_TIMEOUT_MS), NULL, 10);
}

/* The longest that a broker allows by default; and what the library derives from it when these are not set would make
 * it wait as long for every answer. */
static int set_transaction(rd_kafka_conf_t *conf, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	const struct kt_setting *id = kt_settings_get(settings, "transactional.id");
	int64_t timeout_ms = transaction_ms(settings);
	if (id && !how->transactional) {
		kt_err_set(err, KT_USAGE, "transactional.id (from %s): this command writes without transactions",
			id->origin);
		return kt_err_hint(err, "`kt produce` writes in one; take the property away for this run");
	}
	if (!how->transactional)
		return 0;
	kt_client_prefer(conf, settings, "transaction.timeout.ms", KT_TRANSACTION_TIMEOUT_MS);
	if (timeout_ms >= 300000 && !kt_settings_get(settings, "delivery.timeout.ms"))
		kt_client_prefer(conf, settings, "message.timeout.ms", "300000");
	if (timeout_ms >= 60000)
		kt_client_prefer(conf, settings, "socket.timeout.ms", "60000");
	return 0;
}

static void free_producer(struct kt_producer **p)
{
	kt_producer_close(*p);
}

static int make_conf(rd_kafka_conf_t **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_PRODUCER, settings, err) < 0)
		return -1;
	if (set_idempotence(conf, settings, how, err) < 0 || set_transaction(conf, settings, how, err) < 0) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	if (how->prompt)
		kt_client_prefer(conf, settings, "linger.ms", "0");
	kt_client_prefer(conf, settings, "batch.num.messages", BATCH_RECORDS);
	kt_client_prefer(conf, settings, "queue.buffering.max.messages", QUEUE_RECORDS);
	rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
	*out = conf;
	return 0;
}

/* False: a thread is still inside the library, which has to be left alone then, with the descriptor that the thread
 * writes to. */
static bool close_client(struct kt_producer *p)
{
	bool ended = kt_producertopics_fini(&p->topics);
	if (ended) {
		kt_queuefd_fini(&p->wake);
		kt_client_close(p->client);
	}
	p->client = NULL;
	return ended;
}

/* Takes conf. */
static int open_client(
	struct kt_producer *p, rd_kafka_conf_t *conf, const struct kt_settings *settings, struct kt_err *err)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", (long long)p->limit);
	if (p->limit > 0)
		kt_client_prefer(conf, settings, "batch.size", digits);
	if (kt_client_start(&p->client, KT_ROLE_PRODUCER, conf, settings, p->how.owner, p, err) < 0)
		return -1;
	p->rk = kt_client_handle(p->client);
	p->topics = (struct kt_producertopics){.client = p->client, .wake = &p->wake, .timeout_ms = p->how.timeout_ms};
	return kt_queuefd_init(&p->wake, rd_kafka_queue_get_main(p->rk), err);
}

int kt_producer_topic(struct kt_producer *p, const char *name, struct kt_err *err)
{
	return kt_producertopics_add(&p->topics, name, err);
}

int kt_producer_found(struct kt_producer *p, int topic, struct kt_err *err)
{
	return kt_producertopics_state(&p->topics, topic, err);
}

/* What came of finding the topic, with the names near to one that does not exist. */
static int tell_missing(struct kt_producer *p, const char *name, struct kt_err *err)
{
	if (err->status != KT_NOT_FOUND)
		return -1;
	return kt_client_topic_error(p->client, name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, err);
}

/* Both questions are asked at once, so the second answer is not far from the first: a mock never gives it, and a topic
 * whose limit is not known can do with less than a second of waiting. */
static bool waits_for_limit(const struct kt_producer *p, int64_t start_us, int64_t found_us)
{
	int64_t patience_us = 3 * (found_us - start_us);
	if (patience_us < LIMIT_LEAST_MS * 1000)
		patience_us = LIMIT_LEAST_MS * 1000;
	return p->asks_limit && kt_clock_us() - found_us < patience_us;
}

/* As kt_producer_found(), when it is over. */
static int await(struct kt_producer *p, int topic, struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), found_us = 0;
	int found;
	while (!(found = kt_producer_found(p, topic, err)) || found > 0) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		int stopped = kt_client_stopped(p->client);
		if (found && !found_us)
			found_us = kt_clock_us();
		if (found && !waits_for_limit(p, start_us, found_us))
			break;
		if (stopped)
			return kt_err_set(
				err, stopped, "interrupted while connecting to %s", kt_client_brokers(p->client));
		kt_wait(&fd, 1, found ? 1 : LOOK_MS);
		if (kt_producer_serve(p, err) < 0)
			return -1;
	}
	return found;
}

int kt_producer_await(struct kt_producer *p, int topic, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *name = kt_strdup(kt_producertopics_name(&p->topics, topic));
	p->opening = true;
	int found = await(p, topic, err);
	p->opening = false;
	return found < 0 ? tell_missing(p, name, err) : 0;
}

/* Finds the topic of plain records, and meanwhile what its batches may hold if that is for us to choose. */
static int find_first(struct kt_producer *p, bool ask_limit, struct kt_err *err)
{
	if (kt_producer_topic(p, p->how.topic, err) < 0)
		return -1;
	if (ask_limit && kt_topiclimit_ask(p->rk, p->how.topic, LIMIT_MS, p->wake.queue, err) < 0)
		return -1;
	p->asks_limit = ask_limit;
	p->found_limit = -1;
	if (kt_producer_await(p, KT_PRODUCER_TOPIC, err) < 0)
		return -1;
	const struct rd_kafka_metadata_topic named = {
		.topic = (char *)(uintptr_t)p->how.topic,
		.partition_cnt = kt_producertopics_count(&p->topics, KT_PRODUCER_TOPIC),
	};
	p->turn = (size_t)kt_clock_us();
	return kt_client_check_partition(&named, p->how.partition, err);
}

/* A handle's limit cannot change: where the topic's is lower than the library's, another handle takes its place before
 * the first record. spare: its configuration, taken. */
static int open_first(
	struct kt_producer *p, rd_kafka_conf_t **spare, const struct kt_settings *settings, struct kt_err *err)
{
	if (find_first(p, !kt_settings_get(settings, "batch.size") && !kt_settings_get(settings, "kt.embedded"), err) <
		0)
		return -1;
	p->limit = p->found_limit;
	if (p->limit <= 0 || p->limit >= BATCH_BYTES)
		return 0;
	if (!close_client(p))
		return kt_err_set(err, KT_UNREACHABLE, "a request to the brokers did not end");
	return open_client(p, kt_steal(*spare), settings, err) < 0 ? -1 : find_first(p, false, err);
}

static void free_conf(rd_kafka_conf_t **conf)
{
	if (*conf)
		rd_kafka_conf_destroy(*conf);
}

int kt_producer_open(struct kt_producer **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	kt_auto(free_conf) rd_kafka_conf_t *conf = NULL, *spare = NULL;
	kt_auto(free_producer) struct kt_producer *p = kt_calloc(1, sizeof(*p));
	p->how = *how;
	p->limit = -1;
	p->transaction_ms = transaction_ms(settings);
	p->rotates = strstr(kt_settings_text(settings, "partitioner", "consistent_random"), "random") != NULL;
	if (make_conf(&conf, settings, how, err) < 0)
		return -1;
	spare = rd_kafka_conf_dup(conf);
	if (open_client(p, kt_steal(conf), settings, err) < 0 ||
		(how->topic && open_first(p, &spare, settings, err) < 0))
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
	size_t n;
	const int32_t *partitions = kt_producertopics_partitions(&p->topics, KT_PRODUCER_TOPIC, &n);
	return partitions[p->turn % n];
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

/* Once a batch was too large, only so much is on its way at a time; a first record always is. */
static bool may_fly(const struct kt_producer *p, size_t bytes)
{
	const struct kt_resend *r = &p->resend;
	if (!r->portion)
		return true;
	return !r->sent && !kt_resend_count(r) && (!p->flying || p->flying + bytes <= r->portion);
}

/* How much of the batch may be handed over. */
static size_t portion_of_batch(struct kt_producer *p)
{
	size_t i = 0;
	for (; i < p->n; i++) {
		size_t bytes = kt_resend_size_of(p->batch[i].len + p->batch[i].key_len);
		if (!may_fly(p, bytes))
			break;
		p->flying += bytes;
	}
	return i;
}

void kt_producer_hand_over(struct kt_producer *p)
{
	size_t n = p->resend.portion ? portion_of_batch(p) : p->n, kept = 0;
	if (!n)
		return;
	begin_waiting(p);
	if (kt_producer_waiting(p) == 0)
		next_turn(p);
	rd_kafka_produce_batch(
		kt_producertopics_handle(&p->topics, KT_PRODUCER_TOPIC), batch_partition(p), 0, p->batch, (int)n);
	for (size_t i = 0; i < n; i++) {
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
	p->given += n - kept;
	if (p->given >= BATCH)
		next_turn(p);
	if (n < p->n)
		memmove(p->batch + kept, p->batch + n, (p->n - n) * sizeof(*p->batch));
	p->n = kept + p->n - n;
	if (p->resend.portion)
		kt_producer_nudge(p);
}

int kt_producer_add(struct kt_producer *p, const struct kt_piece *piece, struct kt_err *err)
{
	if (check_tag(piece->line, err) < 0)
		return -1;
	if (p->n >= BATCH - p->given) {
		kt_producer_hand_over(p);
		if (p->n >= BATCH - p->given)
			return 0;
	}
	struct kt_bytes key = piece->key.data ? piece->key : p->how.key;
	p->batch[p->n++] = (rd_kafka_message_t){
		.payload = (void *)(uintptr_t)piece->value.data,
		.len = piece->value.len,
		.key = (void *)(uintptr_t)key.data,
		.key_len = key.len,
		._private = opaque_of(piece->line, piece->block),
	};
	return 1;
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

/* The reason why a record can't be sent whatever happens, or NULL. */
static int check_record(const struct kt_record *record, int64_t tag, struct kt_err *err)
{
	/* The library takes 0 for "now", so the record would not be the one that was asked for. */
	if (record->tstype != KT_TS_NONE && record->ts_ms == 0)
		return kt_err_set(err, KT_PARTIAL, "a timestamp of 0 cannot be sent: the library takes it for \"now\"");
	return check_tag(tag, err);
}

static size_t size_of(const struct kt_record *record)
{
	size_t sum = record->key.len + record->value.len;
	for (size_t i = 0; i < record->n_headers; i++)
		sum += record->headers[i].name.len + record->headers[i].value.len;
	return kt_resend_size_of(sum);
}

int kt_producer_send(struct kt_producer *p, int topic, const struct kt_record *record, int64_t tag, unsigned flags,
	struct kt_err *err)
{
	rd_kafka_headers_t *headers = NULL;
	if (check_record(record, tag, err) < 0)
		return -1;
	if (p->resend.portion && !may_fly(p, size_of(record)))
		return 0;
	if (record->n_headers && make_headers(&headers, record, err) < 0)
		return -1;
	void *key = (void *)(uintptr_t)record->key.data, *value = (void *)(uintptr_t)record->value.data;
	size_t key_len = record->key.len, value_len = record->value.len;
	int64_t ts_ms = record->tstype == KT_TS_NONE ? 0 : record->ts_ms;
	int32_t partition = record->partition >= 0 ? record->partition : p->how.partition;
	void *opaque = opaque_of(tag, NULL);
	begin_waiting(p);
	rd_kafka_resp_err_t code = rd_kafka_producev(p->rk, RD_KAFKA_V_RKT(kt_producertopics_handle(&p->topics, topic)),
		RD_KAFKA_V_PARTITION(partition),
		RD_KAFKA_V_MSGFLAGS(flags & KT_SEND_BORROWED ? 0 : RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_len),
		RD_KAFKA_V_VALUE(value, value_len), RD_KAFKA_V_TIMESTAMP(ts_ms), RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
	if (!code) {
		p->counts.accepted++;
		p->flying += p->resend.portion ? size_of(record) : 0;
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

int kt_producer_fd(const struct kt_producer *p)
{
	return p->wake.fd;
}

/* A local error says that the library does not know, unless it is one of those before anything was sent: an answer that
 * was cut off, or that makes no sense, came after the broker had the records. */
static bool may_be_written(const rd_kafka_message_t *m)
{
	if (rd_kafka_message_status(m) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
		return true;
	switch ((int)m->err) {
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
	case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR__STATE:
		return false;
	default:
		return m->err < 0;
	}
}

/* Its batch was too large, and it may go through in a smaller one. Where the limit was known, batches are within it,
 * and what is refused is itself too large; and in a transaction nothing is sent any more after a refusal. */
static bool try_again(struct kt_producer *p, const rd_kafka_message_t *m)
{
	if (m->err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || p->how.transactional)
		return false;
	if (p->limit >= 0 && kt_resend_size(m) >= (size_t)p->limit)
		return false;
	return kt_resend_keep(&p->resend, m, opaque_of(tag_of(m->_private), NULL));
}

static void take_failure(struct kt_producer *p, const rd_kafka_message_t *m)
{
	bool large = m->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
	if (!try_again(p, m))
		fail_record(p, m->_private, large ? "larger than the topic takes (max.message.bytes)" : reason(m->err),
			may_be_written(m));
}

static void take_report(struct kt_producer *p, const rd_kafka_message_t *m)
{
	int64_t offset = m->offset;
	if (m->err) {
		take_failure(p, m);
	} else {
		p->counts.delivered++;
		if (p->how.every_delivery) {
			rd_kafka_timestamp_type_t type;
			struct kt_delivery d = {.tag = tag_of(m->_private), .partition = m->partition};
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
	if (!p->opening)
		kt_client_note_trouble(p->client, kt_producer_waiting(p) ? kt_producer_waiting(p) : -1);
	return 0;
}

/* When the number of records that are done with last changed. */
static void look_at_progress(struct kt_producer *p)
{
	int64_t moved = p->counts.delivered + p->counts.failed;
	if (moved == p->moved)
		return;
	p->moved_us = kt_clock_us();
	p->moved = moved;
	p->told = false;
}

/* Whoever waits has to know for what: message.timeout.ms is five minutes. */
static void tell_silence(struct kt_producer *p)
{
	int64_t waiting = kt_producer_waiting(p);
	char digits[32];
	if (p->told || !waiting || p->opening || kt_clock_us() - p->moved_us < SILENT_MS * 1000)
		return;
	p->told = true;
	kt_owner_say(p->how.owner, KT_NOTE_CONNECTION, "waiting for %s to acknowledge %s record%s",
		kt_client_brokers(p->client), kt_group_digits(waiting, digits), waiting == 1 ? "" : "s");
}

/* Records for a broker whose certificate is refused would wait for all of message.timeout.ms. Those for others are seen
 * through first; and a bad address that nothing has to be sent to is no reason to end. */
static int check_refused(struct kt_producer *p, struct kt_err *err)
{
	if (!kt_producer_waiting(p) || !kt_client_is_refused(p->client) ||
		kt_clock_us() - p->moved_us < REFUSED_MS * 1000)
		return 0;
	return kt_client_unreachable(p->client, err);
}

static void fail_kept(void *user, void *opaque, rd_kafka_resp_err_t code)
{
	fail_record(user, opaque, reason(code), false);
}

/* What came back goes out again when nothing else is on its way. */
static void send_again(struct kt_producer *p)
{
	if (kt_producer_waiting(p) > (int64_t)kt_resend_count(&p->resend))
		return;
	p->flying = 0;
	if (kt_resend_next(&p->resend, p->rk, fail_kept, p))
		kt_producer_nudge(p);
}

static void take_event(struct kt_producer *p, rd_kafka_event_t *event)
{
	const rd_kafka_message_t *m;
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
		while ((m = rd_kafka_event_message_next(event)))
			take_report(p, m);
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT) {
		p->asks_limit = false;
		p->found_limit = kt_topiclimit_of(event);
	}
}

int kt_producer_serve(struct kt_producer *p, struct kt_err *err)
{
	rd_kafka_event_t *event;
	int result = 0;
	kt_queuefd_clear(&p->wake);
	while ((event = rd_kafka_queue_poll(p->wake.queue, 0))) {
		p->report_us = kt_clock_us();
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && result == 0)
			result = take_error(p, event, err);
		take_event(p, event);
		rd_kafka_event_destroy(event);
	}
	look_at_progress(p);
	kt_producertopics_serve(&p->topics);
	if (p->resend.portion)
		send_again(p);
	if (result == 0)
		tell_silence(p);
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
	kt_resend_drop(&p->resend, fail_kept, p);
	for (size_t i = 0; i < p->n; i++)
		fail_in_batch(p, &p->batch[i], reason(RD_KAFKA_RESP_ERR__PURGE_QUEUE));
	p->n = 0;
	/* Reports that do not even come now belong to records that nobody will hear of again. */
	p->counts.failed = p->counts.accepted - p->counts.delivered;
}

int64_t kt_producer_silent_ms(const struct kt_producer *p)
{
	return kt_producer_waiting(p) ? (kt_clock_us() - p->moved_us) / 1000 : 0;
}

/* Whether what is left has waited long enough: stopped_us is when the run was asked to end, 0 when it was not. Whoever
 * gave the run a time wants it to end then, if nothing comes any more. */
static bool is_over(const struct kt_producer *p, int64_t stopped_us, int64_t grace_ms)
{
	int64_t since_ms = (kt_clock_us() - stopped_us) / 1000;
	if (!stopped_us)
		return false;
	return since_ms > grace_ms || (kt_client_stopped(p->client) == KT_RUN_ENDED && since_ms > SILENT_MS &&
					      kt_producer_silent_ms(p) > SILENT_MS);
}

int kt_producer_drain(struct kt_producer *p, int64_t timeout_ms, int64_t grace_ms, struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), stopped_us = 0, idle_ms = 0;
	while (p->n || kt_producer_waiting(p)) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		int64_t before = kt_producer_waiting(p);
		kt_producer_hand_over(p);
		if (kt_wait(&fd, 1, idle_ms) == 0 && before == kt_producer_waiting(p)) {
			kt_producer_nudge(p);
			idle_ms = idle_ms < 50 ? idle_ms * 2 + 1 : 100;
		}
		if (kt_producer_serve(p, err) < 0) {
			give_up(p);
			return -1;
		}
		if (!stopped_us && kt_client_stopped(p->client))
			stopped_us = kt_clock_us();
		if (rd_kafka_fatal_error(p->rk, NULL, 0) || is_over(p, stopped_us, grace_ms) ||
			(timeout_ms >= 0 && kt_clock_us() - start_us > timeout_ms * 1000)) {
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

rd_kafka_t *kt_producer_handle(const struct kt_producer *p)
{
	return p->rk;
}

int kt_producer_stopped(const struct kt_producer *p)
{
	return kt_client_stopped(p->client);
}

size_t kt_producer_batched(const struct kt_producer *p)
{
	return p->n;
}

int64_t kt_producer_transaction_ms(const struct kt_producer *p)
{
	return p->transaction_ms;
}

void kt_producer_close(struct kt_producer *p)
{
	if (!p)
		return;
	kt_resend_fini(&p->resend);
	if (p->client)
		close_client(p);
	free(p);
}
