/* The codecs of Avro's object containers: what unpacks a block. Built without the libraries it
 * knows "null" alone.
 *
 *   enum kt_codec codec;
 *   struct kt_unpacker *u = kt_unpacker_new();
 *   if (kt_codec_find(&codec, name, err) < 0 || kt_unpack(u, codec, block, &out, max, err) < 0)
 *           return -1;
 *   kt_unpacker_free(u);
 */
#ifndef KT_CODEC_H
#define KT_CODEC_H

#include "buf.h"
#include "err.h"

enum kt_codec {
	KT_CODEC_NULL,
	KT_CODEC_DEFLATE, /* RFC 1951, without zlib's frame */
	KT_CODEC_SNAPPY,  /* and the CRC-32 of what it unpacks to */
	KT_CODEC_ZSTANDARD,
	KT_CODEC_BZIP2,
	KT_CODEC_XZ,
};

/* The codec that a header names; no name (data NULL) is "null". KT_FAILED for an unknown one, and for one that this
 * kt was built without. */
int kt_codec_find(enum kt_codec *codec, struct kt_bytes name, struct kt_err *err) kt_must_check;

/* The state of the libraries, used for many blocks. */
struct kt_unpacker;

struct kt_unpacker *kt_unpacker_new(void) __attribute__((returns_nonnull));
void kt_unpacker_free(struct kt_unpacker *u);

/* Puts what a block unpacks to into out, in place of what was there; with KT_CODEC_NULL a copy. KT_FAILED when it is
 * damaged, and when it comes to more than max bytes, which are never written. */
int kt_unpack(struct kt_unpacker *u, enum kt_codec codec, struct kt_bytes block, struct kt_buf *out, size_t max,
	struct kt_err *err) kt_must_check;

#endif
