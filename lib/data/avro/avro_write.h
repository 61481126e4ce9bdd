/* The pieces of Avro's binary encoding, appended to a buffer. */
#ifndef KT_AVRO_WRITE_H
#define KT_AVRO_WRITE_H

#include "buf.h"

/* int and long; also the number of a branch or symbol, and of items in a block. */
void kt_avro_add_long(struct kt_buf *out, int64_t n);

/* string and bytes: the length and the bytes. */
void kt_avro_add_bytes(struct kt_buf *out, const void *data, size_t len);

void kt_avro_add_float(struct kt_buf *out, float n);
void kt_avro_add_double(struct kt_buf *out, double n);

/* The beginning of a container up to its marker: its schema, and the codec of its blocks. */
void kt_avro_add_head(struct kt_buf *out, const char *schema, size_t len, const char *codec);

#endif
