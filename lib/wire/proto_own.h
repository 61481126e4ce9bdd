/* The inside of the protocol's bytes. Its parts:
 *
 *   protoask.c   questions
 *   protoread.c  what answers are made of
 *   proto.c      answers
 *
 *   struct kt_protoread r = kt_protoread_of(answer, version >= 2);
 *   code = (int)kt_protoread_int(&r, 2);
 *   for (int64_t n = kt_protoread_count(&r, 6); n > 0 && !r.failed; n--) …
 *   return kt_protoread_verdict(&r, "Heartbeat", err);
 *
 * Included by these and nothing else.
 */
#ifndef KT_PROTO_OWN_H
#define KT_PROTO_OWN_H

#include "proto.h"

/* After the first failure everything reads as zero, so that a reader checks once, at its end. */
struct kt_protoread {
	const unsigned char *at, *end;
	bool flexible, failed;
};

struct kt_protoread kt_protoread_of(struct kt_bytes answer, bool flexible);

/* So many bytes, or NULL. */
const unsigned char *kt_protoread_take(struct kt_protoread *r, size_t n);

/* Of 1 to 8 bytes, with its sign. */
int64_t kt_protoread_int(struct kt_protoread *r, size_t bytes);

uint32_t kt_protoread_varint(struct kt_protoread *r);

/* The text, or {NULL} for null. */
struct kt_bytes kt_protoread_string(struct kt_protoread *r);

/* How many elements follow, 0 for null. Each takes at least `least` bytes: more than the answer has room for fails. */
int64_t kt_protoread_count(struct kt_protoread *r, size_t least);

/* Skips tagged fields; of what is not flexible, nothing. */
void kt_protoread_tags(struct kt_protoread *r);

/* Cut to what fits; a name with a NUL in it ends there. */
void kt_protoread_copy(char *out, size_t size, struct kt_bytes text);

/* -1 and KT_UNREACHABLE when anything has failed; what: the request's name. */
int kt_protoread_verdict(const struct kt_protoread *r, const char *what, struct kt_err *err) kt_must_check;

#endif
