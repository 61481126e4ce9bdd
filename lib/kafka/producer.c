/* A producer takes records, and hands them over to the library as far as there is room. */
#include "producerparts.h"
#include "when.h"

#define KT_NEVER_FITS "larger than queue.buffering.max.kbytes"

static int check_tag(int64_t tag, struct kt_err *err)
{
	if (tag >= 0 && tag <= KT_TAG_MOST)
		return 0;
	return kt_err_set(err, KT_FAILED, "%lld is not a tag of a record: they have 48 bits", (long long)tag);
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

/* Before a record is handed over: the time in which nothing moves starts with the first record that waits. */
static void begin_waiting(struct kt_producer *p)
{
	if (kt_producer_waiting(p) == 0)
		p->moved_us = kt_clock_us();
}

void kt_producer_fail_batched(struct kt_producer *p, const rd_kafka_message_t *m, const char *why)
{
	p->counts.accepted++;
	kt_producerreports_fail(p, m->_private, m->err, why, false);
	kt_block_unref(p->how.pool, kt_producer_block(p, m->_private));
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
	/* One that has had nothing yet keeps its turn. */
	if (p->given && kt_producer_waiting(p) == 0)
		next_turn(p);
	rd_kafka_produce_batch(
		kt_producertopics_handle(&p->topics, KT_PRODUCER_TOPIC), batch_partition(p), 0, p->batch, (int)n);
	for (size_t i = 0; i < n; i++) {
		rd_kafka_message_t *m = &p->batch[i];
		if (never_fits(p, m->err)) {
			kt_producer_fail_batched(p, m, KT_NEVER_FITS);
		} else if (m->err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			p->batch[kept++] = *m;
		} else if (m->err) {
			kt_producer_fail_batched(p, m, kt_producerreports_reason(m->err));
		} else {
			p->counts.accepted++;
		}
	}
	p->given += n - kept;
	if (p->given >= KT_PRODUCER_BATCH)
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
	if (p->n >= KT_PRODUCER_BATCH - p->given) {
		kt_producer_hand_over(p);
		if (p->n >= KT_PRODUCER_BATCH - p->given)
			return 0;
	}
	struct kt_bytes key = piece->key.data ? piece->key : p->how.key;
	p->batch[p->n++] = (rd_kafka_message_t){
		.payload = (void *)(uintptr_t)piece->value.data,
		.len = piece->value.len,
		.key = (void *)(uintptr_t)key.data,
		.key_len = key.len,
		._private = kt_producer_opaque(piece->line, piece->block),
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
	void *opaque = kt_producer_opaque(tag, NULL);
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
	/* Known from an earlier record's report, or of a topic that was deleted meanwhile. */
	bool gone = code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	int status = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ? KT_FAILED
		     : gone                                               ? KT_NOT_FOUND
		     : code == RD_KAFKA_RESP_ERR__FATAL                   ? KT_UNREACHABLE
									  : KT_PARTIAL;
	return kt_err_set(err, status, "%s", kt_producerreports_reason(code));
}

int kt_producer_fd(const struct kt_producer *p)
{
	return p->wake.fd;
}

void kt_producer_nudge(struct kt_producer *p)
{
	/* While a flush is on, linger.ms counts as over; with delivery reports as events it waits but serves nothing,
	 * so it is given just enough time to wake the broker threads. */
	rd_kafka_flush(p->rk, 1);
}

void kt_producer_hurry(struct kt_producer *p)
{
	kt_hurry(&p->hurry, p->rk);
}

int64_t kt_producer_silent_ms(const struct kt_producer *p)
{
	return kt_producer_waiting(p) ? (kt_clock_us() - p->moved_us) / 1000 : 0;
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

struct kt_client *kt_producer_client(const struct kt_producer *p)
{
	return p->client;
}

const struct kt_owner *kt_producer_owner(const struct kt_producer *p)
{
	return p->how.owner;
}

const struct kt_settings *kt_producer_settings(const struct kt_producer *p)
{
	return kt_client_settings(p->client);
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
