/* Records that a broker did not take because their batch was larger than the topic's limit, kept to be sent again in
 * smaller batches.
 *
 * The limit is not known (else no batch would have been too large), so it is searched: a portion of the records is sent
 * when nothing else is on its way, and when that is refused too, half of it, down to a record alone, which then is
 * itself too large. Sending again keeps the order of what is kept here, but records that went through in between stay
 * in front of them.
 *
 *   if (kt_resend_keep(&resend, message))                   in a delivery report: not failed yet
 *           …
 *   if (nothing is on its way)
 *           kt_resend_next(&resend, rk, fail, user);
 */
#ifndef KT_RESEND_H
#define KT_RESEND_H

#include <librdkafka/rdkafka.h>

#include "base.h"

struct kt_resend_record {
	rd_kafka_topic_t *topic; /* borrowed */
	rd_kafka_headers_t *headers;
	int32_t partition;
	int64_t ts_ms;
	void *opaque;
	char *bytes; /* key, then value */
	size_t key_len, value_len;
	bool has_key, has_value;
};

struct kt_resend_list {
	struct kt_resend_record *v;
	size_t n, cap;
};

/* Starts as {0}. */
struct kt_resend {
	struct kt_resend_list kept, back; /* back: of the portion that was sent last, refused again */
	size_t sent, sent_bytes;          /* the portion that was sent last; 0: none is on its way */
	size_t portion;                   /* bytes that may be on their way together; 0: nothing was refused yet */
	size_t good, most;                /* the largest that went through, and what to try at most */
};

/* What a record takes in a batch, about: its bytes and what the format adds. m: of a delivery report, never one of our
 * own, since the library keeps a message's headers beside it. */
size_t kt_resend_size(const rd_kafka_message_t *m);

/* The same for bytes of key, value and headers. */
size_t kt_resend_size_of(size_t bytes);

/* Copies a refused record; false when it was alone, so that nothing smaller can be tried. opaque goes with it. */
bool kt_resend_keep(struct kt_resend *r, const rd_kafka_message_t *m, void *opaque);

/* Sends the next portion; call when nothing is on its way. fail is called for what the library does not take. Returns
 * how many records went out. */
size_t kt_resend_next(struct kt_resend *r, rd_kafka_t *rk,
	void (*fail)(void *user, void *opaque, rd_kafka_resp_err_t code), void *user);

/* Gives up all that is kept. */
void kt_resend_drop(struct kt_resend *r, void (*fail)(void *user, void *opaque, rd_kafka_resp_err_t code), void *user);

/* Records that are kept. */
size_t kt_resend_count(const struct kt_resend *r);

void kt_resend_fini(struct kt_resend *r);

#endif
