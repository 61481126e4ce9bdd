/* A field of a line of CSV (RFC 4180). Null is the caller's to leave out; an empty text is a pair of quotes.
 *
 *   kt_csv_field(&out, record->key);
 *   kt_buf_addc(&out, ',');
 */
#ifndef KT_CSV_H
#define KT_CSV_H

#include "buf.h"

/* Appends the bytes as they are, in quotes where they hold a comma, a quotation mark or the end of a line. */
void kt_csv_field(struct kt_buf *out, struct kt_bytes text);

#endif
