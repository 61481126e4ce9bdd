/* What the logical types of Avro mean, from text: what avro_logical.h prints, and what else of ISO 8601 says the same.
 * Used by avro_encode.c. */
#ifndef KT_AVRO_FROMTEXT_H
#define KT_AVRO_FROMTEXT_H

#include "avro_schema.h"

/* A date, a time of day or a point in time as the number of the type: "2026-01-31", "12:00:00.123",
 * "2026-01-31T12:00:00Z" or with an offset ("+02:00"), local ones without either. False: it is none, or the type has no
 * room for its fraction. */
bool kt_avro_from_iso(enum kt_avro_logical logical, struct kt_bytes text, int64_t *n);

/* Words for such a text: "a date as 2026-01-31". */
const char *kt_avro_iso_words(enum kt_avro_logical logical);

/* "P1M2DT3.004S" as the 12 bytes of a duration. False: it is none. */
bool kt_avro_from_duration(char out[12], struct kt_bytes text);

/* A JSON number as a decimal of this type, in two's complement, appended. NULL; or why it is none: "has more than 2
 * digits after the point". */
const char *kt_avro_from_number(struct kt_buf *out, const struct kt_avro_type *type, struct kt_bytes number);

/* The same for a big decimal, whose bytes hold its scale: the digits that are written after the point, less the
 * exponent. */
const char *kt_avro_from_big_number(struct kt_buf *out, struct kt_bytes number);

/* Whether the bytes are a decimal with at most so many digits. */
bool kt_avro_within_precision(struct kt_bytes bytes, uint32_t precision);

#endif
