#include "resend.h"

#include "mem.h"

/* FIRST: half of the batch that librdkafka makes by default. OVERHEAD: of a record in the log's format, at most,
 * without its headers; the batch's own 61 bytes lie within the slack of several records. */
enum { FIRST = 500000, OVERHEAD = 64 };

static size_t headers_size(const rd_kafka_headers_t *headers)
{
	const char *name;
	const void *value;
	size_t len, sum = 0;
	for (size_t i = 0; headers && !rd_kafka_header_get_all(headers, i, &name, &value, &len); i++)
		sum += strlen(name) + len + 10;
	return sum;
}

size_t kt_resend_size_of(size_t bytes)
{
	return bytes + OVERHEAD;
}

size_t kt_resend_size(const rd_kafka_message_t *m)
{
	rd_kafka_headers_t *headers = NULL;
	if (rd_kafka_message_headers(m, &headers))
		headers = NULL;
	return m->len + m->key_len + headers_size(headers) + OVERHEAD;
}

static size_t size_of(const struct kt_resend_record *r)
{
	return r->key_len + r->value_len + headers_size(r->headers) + OVERHEAD;
}

static struct kt_resend_record copy_of(const rd_kafka_message_t *m, void *opaque)
{
	rd_kafka_headers_t *headers = NULL;
	rd_kafka_timestamp_type_t type;
	struct kt_resend_record r = {
		.topic = m->rkt,
		.partition = m->partition,
		.ts_ms = rd_kafka_message_timestamp(m, &type),
		.opaque = opaque,
		.bytes = kt_malloc(m->key_len + m->len + 1),
		.key_len = m->key_len,
		.value_len = m->len,
		.has_key = m->key,
		.has_value = m->payload,
	};
	if (m->key_len)
		memcpy(r.bytes, m->key, m->key_len);
	if (m->len)
		memcpy(r.bytes + m->key_len, m->payload, m->len);
	if (!rd_kafka_message_headers(m, &headers))
		r.headers = rd_kafka_headers_copy(headers);
	return r;
}

static void put(struct kt_resend_list *list, struct kt_resend_record record)
{
	list->v = kt_grow(list->v, &list->cap, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = record;
}

bool kt_resend_keep(struct kt_resend *r, const rd_kafka_message_t *m, void *opaque)
{
	if (r->sent == 1) {
		r->portion = r->good ? r->good : FIRST;
		r->most = FIRST;
		r->sent = 0;
		return false;
	}
	if (!r->portion)
		r->portion = r->most = FIRST;
	put(r->sent ? &r->back : &r->kept, copy_of(m, opaque));
	return true;
}

static rd_kafka_resp_err_t send_one(rd_kafka_t *rk, const struct kt_resend_record *r)
{
	rd_kafka_headers_t *headers = r->headers ? rd_kafka_headers_copy(r->headers) : NULL;
	void *key = r->has_key ? r->bytes : NULL, *value = r->has_value ? r->bytes + r->key_len : NULL;
	rd_kafka_resp_err_t code = rd_kafka_producev(rk, RD_KAFKA_V_RKT(r->topic), RD_KAFKA_V_PARTITION(r->partition),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, r->key_len),
		RD_KAFKA_V_VALUE(value, r->value_len), RD_KAFKA_V_TIMESTAMP(r->ts_ms), RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_OPAQUE(r->opaque), RD_KAFKA_V_END);
	if (code && headers)
		rd_kafka_headers_destroy(headers);
	return code;
}

static void release(struct kt_resend_record *r)
{
	free(r->bytes);
	if (r->headers)
		rd_kafka_headers_destroy(r->headers);
}

static void drop_front(struct kt_resend_list *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		release(&list->v[i]);
	if (n)
		memmove(list->v, list->v + n, (list->n - n) * sizeof(*list->v));
	list->n -= n;
}

/* What came of the portion that was sent last. */
static void learn(struct kt_resend *r)
{
	struct kt_resend_list *kept = &r->kept, *back = &r->back;
	if (back->n) {
		r->portion = r->most = r->sent_bytes / 2 + 1;
		kept->v = kt_grow(kept->v, &kept->cap, kept->n + back->n, sizeof(*kept->v));
		memmove(kept->v + back->n, kept->v, kept->n * sizeof(*kept->v));
		memcpy(kept->v, back->v, back->n * sizeof(*kept->v));
		kept->n += back->n;
		back->n = 0;
	} else if (r->sent) {
		r->good = r->sent_bytes > r->good ? r->sent_bytes : r->good;
		r->portion = r->portion * 2 < r->most ? r->portion * 2 : r->most;
	}
	r->sent = r->sent_bytes = 0;
}

size_t kt_resend_next(struct kt_resend *r, rd_kafka_t *rk,
	void (*fail)(void *user, void *opaque, rd_kafka_resp_err_t code), void *user)
{
	size_t bytes = 0, n = 0;
	learn(r);
	for (; n < r->kept.n && (!n || bytes + size_of(&r->kept.v[n]) <= r->portion); n++)
		bytes += size_of(&r->kept.v[n]);
	for (size_t i = 0; i < n; i++) {
		rd_kafka_resp_err_t code = send_one(rk, &r->kept.v[i]);
		r->sent += !code;
		if (code)
			fail(user, r->kept.v[i].opaque, code);
	}
	drop_front(&r->kept, n);
	r->sent_bytes = bytes;
	return r->sent;
}

static void drop_list(
	struct kt_resend_list *list, void (*fail)(void *user, void *opaque, rd_kafka_resp_err_t code), void *user)
{
	for (size_t i = 0; i < list->n; i++)
		fail(user, list->v[i].opaque, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
	drop_front(list, list->n);
}

void kt_resend_drop(struct kt_resend *r, void (*fail)(void *user, void *opaque, rd_kafka_resp_err_t code), void *user)
{
	drop_list(&r->back, fail, user);
	drop_list(&r->kept, fail, user);
}

size_t kt_resend_count(const struct kt_resend *r)
{
	return r->kept.n + r->back.n;
}

void kt_resend_fini(struct kt_resend *r)
{
	drop_front(&r->kept, r->kept.n);
	drop_front(&r->back, r->back.n);
	free(r->kept.v);
	free(r->back.v);
	*r = (struct kt_resend){0};
}
