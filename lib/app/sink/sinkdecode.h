/* Messages of Avro as their data, for any store.
 *
 *   struct kt_sinkdecode d = {.filter = &filter};
 *   if (kt_sinkdecode_open(&d, &how, err) < 0)
 *           return -1;
 *   more = kt_sinkdecode_each(&d, &record, take, user, err);
 *   kt_sinkdecode_fini(&d);
 */
#ifndef KT_SINKDECODE_H
#define KT_SINKDECODE_H

#include "conf.h"
#include "decode.h"
#include "filter.h"

/* Borrows all of it. */
struct kt_sinkdecode_how {
	const struct kt_decode_opts *opts; /* NULL: values are not Avro */
	const struct kt_client_opts *client;
	const struct kt_settings *settings; /* resolved */
	const struct kt_filter *filter;     /* of values; by key and headers they are chosen already */
};

/* Starts as {0}. */
struct kt_sinkdecode {
	bool on; /* values are Avro */
	const struct kt_filter *filter;
	struct kt_decode decode;
};

/* One datum of a message: the record with its text as the value, and its number there. json: it is one; else the
 * record as it came, of which nothing (more) can be read. */
typedef int kt_sinkdecode_take(void *user, const struct kt_record *shown, uint32_t part, bool json, struct kt_err *err);

int kt_sinkdecode_open(struct kt_sinkdecode *d, const struct kt_sinkdecode_how *how, struct kt_err *err) kt_must_check;

/* Hands out what a message holds, as far as the filters take it; what cannot be read is said, and handed out as it is.
 * Returns how many were taken; -1: take failed, or the message cannot be read now, and others could not either. */
int64_t kt_sinkdecode_each(struct kt_sinkdecode *d, const struct kt_record *record, kt_sinkdecode_take *take,
	void *user, struct kt_err *err) kt_must_check;

void kt_sinkdecode_fini(struct kt_sinkdecode *d);

#endif
