#include "message.h"

#include "mem.h"

static void drop_parsed(struct kt_message_headers *room)
{
	if (room->parsed)
		rd_kafka_headers_destroy(kt_steal(room->parsed));
}

/* The library parses headers when they are asked for, and keeps them with the message. Taken out and freed before the
 * next ones are parsed, they use the same few cached chunks of memory; kept for a batch, they cost four times as much.
 */
static void fill_headers(struct kt_record *record, rd_kafka_message_t *m, struct kt_message_headers *room)
{
	const void *value;
	drop_parsed(room);
	if (rd_kafka_message_detach_headers(m, &room->parsed) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	const rd_kafka_headers_t *headers = room->parsed;
	size_t n = rd_kafka_header_cnt(headers);
	room->v = kt_grow(room->v, &room->cap, n, sizeof(*room->v));
	for (size_t i = 0; i < n; i++) {
		struct kt_header *h = &room->v[i];
		rd_kafka_header_get_all(headers, i, &h->name.data, &value, &h->value.len);
		h->name.len = strlen(h->name.data);
		h->value.data = value;
	}
	record->headers = room->v;
	record->n_headers = n;
}

void kt_message_record(struct kt_record *record, rd_kafka_message_t *m, const struct kt_partition *part,
	struct kt_message_headers *headers)
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
	if (headers)
		fill_headers(record, m, headers);
}

void kt_message_headers_fini(struct kt_message_headers *headers)
{
	drop_parsed(headers);
	free(headers->v);
	*headers = (struct kt_message_headers){0};
}
