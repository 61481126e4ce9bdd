/* The body of a produce request of Confluent's REST proxy, version 2: {"records":[{"key":…,"value":…}]}, with
 * partition, timestamp (ms) and headers ([{"key":"name","value":"base64"}]) besides, which that one does not have.
 *
 *   kt_auto(kt_restbody_fini) struct kt_restbody body = {0};
 *   status = kt_restbody_read(&body, text, KT_REST_JSON, err);       0, or 400 or 422
 *   for (size_t i = 0; i < body.n; i++)
 *           kt_restbody_record(&body, i, &record);
 *
 * What the body says is checked as a whole. A JSON value goes on as the bytes that stand there: digits, order of
 * members and white space in it are its own. A key or value that is missing or null is null.
 */
#ifndef KT_RESTBODY_H
#define KT_RESTBODY_H

#include "buf.h"
#include "err.h"
#include "record.h"

/* RECORDS: of a body, at most. A record may be three bytes in it, and takes a hundred here and in the answer. */
enum { KT_REST_DEPTH = 64, KT_REST_RECORDS = 100000 };

/* What keys and values are: base64, any JSON value, or a string that stands for its text. */
enum kt_rest_format { KT_REST_BINARY, KT_REST_JSON, KT_REST_TEXT };

/* The format that a Content-Type names, or the first of those in an Accept: application/vnd.kafka.json.v2+json, and so
 * on. False: there is none. What names no format is binary. */
bool kt_rest_format(const char *types, enum kt_rest_format *format);

/* The type of what is in that format. */
const char *kt_rest_type(enum kt_rest_format format);

struct kt_rest_record {
	struct kt_bytes key, value;
	int32_t partition;              /* -1: not given */
	int64_t ts_ms;                  /* 0: not given */
	size_t first_header, n_headers; /* in headers */
};

struct kt_restbody {
	struct kt_rest_record *v;
	size_t n, cap;
	struct kt_header *headers;
	size_t n_headers, cap_headers;
	struct kt_buf texts; /* what was decoded */
};

/* Borrows text, which its records point into. 0; or the status for the client with err: 400 for what is not JSON, 413
 * for too many records, 422 for those that cannot be ("record 3: …", from 1) and for none at all. */
unsigned kt_restbody_read(
	struct kt_restbody *body, struct kt_bytes text, enum kt_rest_format format, struct kt_err *err) kt_must_check;

/* Bytes that it holds. */
size_t kt_restbody_size(const struct kt_restbody *body);

void kt_restbody_record(const struct kt_restbody *body, size_t i, struct kt_record *out);
void kt_restbody_fini(struct kt_restbody *body);

#endif
