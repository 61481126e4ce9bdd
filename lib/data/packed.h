/* Integers and text that are packed into bytes one after another, to text, as kcat's deserializers take them,
 * and back:
 *
 *   < little-endian   > big-endian (at first)   b h i q integers of 8 to 64 bits, B H I Q without a sign
 *   c a character     s all that is left, as it is   $ the end (else what is left over is passed over)   a blank
 *
 *   if (kt_packed_check(format, err) < 0)
 *           return -1;
 *   … kt_packed_print(format, bytes, &out, err) …           "i s" of 00 00 00 05 'x': "5 x"
 */
#ifndef KT_PACKED_H
#define KT_PACKED_H

#include "buf.h"
#include "err.h"

/* KT_USAGE for a format that has something else in it, or nothing. */
int kt_packed_check(const char *format, struct kt_err *err) kt_must_check;

/* Appends the text. KT_FAILED, and out is as before, when the bytes end too early, or too late for a $. */
int kt_packed_print(const char *format, struct kt_bytes bytes, struct kt_buf *out, struct kt_err *err) kt_must_check;

/* Appends the bytes of such a text: what kt_packed_print() writes goes in again. A blank of the format is one of the
 * text; in front of numbers there may be more. KT_FAILED, and out is as before. */
int kt_packed_read(const char *format, struct kt_bytes text, struct kt_buf *out, struct kt_err *err) kt_must_check;

#endif
