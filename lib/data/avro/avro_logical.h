/* What the logical types of Avro mean, as text: for JSON, or as Python prints what fastavro makes of them. Used by
 * avro_run.c.
 */
#ifndef KT_AVRO_LOGICAL_H
#define KT_AVRO_LOGICAL_H

#include "avro_schema.h"

enum { KT_AVRO_DECIMAL_MAX = 4096 }; /* bytes, and digits after the point: the work grows with their square */

/* Dates, times and timestamps. What is not in the range of the type (a time of 25 hours, for Python the year 10000) is
 * the number itself. */
void kt_avro_logical_number(struct kt_buf *out, enum kt_avro_logical logical, int64_t n, bool python);

/* Two's complement, the highest byte first, as 12.34 or Decimal('12.34'). */
void kt_avro_decimal(struct kt_buf *out, struct kt_bytes bytes, uint32_t scale, bool python);

/* What the bytes of a big decimal hold: a number as decimals have it, with its length in front, and its scale. False:
 * they are none, or one that is too large. */
bool kt_avro_split_big_decimal(struct kt_bytes bytes, struct kt_bytes *number, int64_t *scale);

/* 16 bytes as "123e4567-…" or UUID('123e4567-…'). */
void kt_avro_uuid(struct kt_buf *out, struct kt_bytes bytes, bool python);

/* Text as UUID('…'): 32 digits with hyphens anywhere. False, and out as before, when it is none. */
bool kt_avro_python_uuid(struct kt_buf *out, struct kt_bytes text);

/* Months, days and milliseconds of 12 bytes as "P1M2DT3.004S". */
void kt_avro_duration(struct kt_buf *out, struct kt_bytes bytes);

#endif
