/* What a request for a WebSocket to write with says of its records.
 *
 *   struct kt_sendquery q = {0};
 *   if (kt_sendquery_parse(&q, "/ws/produce/t?key=a&header=from=phone", err) < 0) … 400 …
 *   kt_sendquery_fini(&q);
 *
 * key, partition, and header=NAME=VALUE, which may be repeated, count for each message; with format=record a message is
 * a record as JSON (recordjson.h), and only partition may be said besides.
 */
#ifndef KT_SENDQUERY_H
#define KT_SENDQUERY_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "record.h"

enum { KT_SENDQUERY_HEADERS = 100, KT_SENDQUERY_ID_BYTES = 100 };

struct kt_sendquery {
	struct kt_record record; /* but for its value; its parts are in what follows */
	struct kt_strs texts;
	struct kt_header headers[KT_SENDQUERY_HEADERS];
	bool json;
};

/* KT_USAGE. q stays where it is. */
int kt_sendquery_parse(struct kt_sendquery *q, const char *target, struct kt_err *err) kt_must_check;

/* A message that is JSON may have a member "id" beside those of a record: 1, the value as it is written, and the other
 * members appended to rest; 0: it has none, or is no JSON; -1: KT_FAILED. rest may have something in each case. */
int kt_sendquery_id(
	struct kt_bytes message, struct kt_buf *rest, struct kt_bytes *id, struct kt_err *err) kt_must_check;

void kt_sendquery_fini(struct kt_sendquery *q);

#endif
