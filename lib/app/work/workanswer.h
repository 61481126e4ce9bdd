/* What a worker that stays says of a record.
 *
 * As lines, one for each record in the order in which they came: "ok", "retry WHY", "reject WHY", or an object
 * {"ok":true,"out":RESULT}, {"ok":false,"retry":false,"error":WHY}; RESULT is text, or other JSON as it stands.
 * As frames, in any order: length (4 bytes, of all that follows), id (8), verdict (1: 0 ok, 1 retry, 2 reject), result
 * or reason; numbers in network order.
 *
 *   struct kt_workanswer answer;
 *   if (kt_workanswer_line(&answer, line, len, &scratch, err) < 0) …
 *   n = kt_workanswer_frame(&answer, data, len, most, err)        bytes taken; 0: there are not enough; -1
 */
#ifndef KT_WORKANSWER_H
#define KT_WORKANSWER_H

#include <sys/types.h>

#include "buf.h"
#include "err.h"
#include "workrules.h"

struct kt_workanswer {
	enum kt_workaction action; /* done, retry or reject */
	uint64_t id;               /* of a frame */
	struct kt_bytes text;      /* the result, or why not; borrowed, from scratch maybe */
};

/* A line without its newline. */
int kt_workanswer_line(struct kt_workanswer *answer, const char *line, size_t len, struct kt_buf *scratch,
	struct kt_err *err) kt_must_check;

/* most: the largest that a result may be. */
ssize_t kt_workanswer_frame(
	struct kt_workanswer *answer, const char *data, size_t len, size_t most, struct kt_err *err) kt_must_check;

/* Appends a question: length, id, length of the metadata, metadata, body. */
void kt_workanswer_ask(struct kt_buf *out, uint64_t id, struct kt_bytes metadata, struct kt_bytes body);

#endif
