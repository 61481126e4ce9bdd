/* Avro object containers: the header that says how everything after it is written, and blocks of data with a marker
 * after each. Only the frame is read here: no schema, no codec, no copy.
 *
 *   struct kt_avro_header header;
 *   struct kt_avro_block block;
 *   switch (kt_avro_header_read(&header, window, ended, &used, err))  1: window begins with a header of `used` bytes
 *   switch (kt_avro_block_read(&block, rest, ended, header.sync, &used, err))          0: more bytes are needed
 */
#ifndef KT_AVRO_CONTAINER_H
#define KT_AVRO_CONTAINER_H

#include "err.h"

enum {
	KT_AVRO_SYNC = 16,             /* bytes of a marker */
	KT_AVRO_HEADER_MAX = 4 << 20,  /* bytes of a header */
	KT_AVRO_BLOCK_MAX = 256 << 20, /* bytes of a block, packed and unpacked */
};

/* Everything borrows from the window. */
struct kt_avro_header {
	struct kt_bytes schema; /* never NULL */
	struct kt_bytes codec;  /* data NULL: not given, which means "null" */
	struct kt_bytes sync;
};

struct kt_avro_block {
	int64_t count;
	struct kt_bytes data; /* as it is packed */
};

/* Whether the bytes begin as a container does; of fewer than four, whether they still can. */
bool kt_avro_is_container(struct kt_bytes bytes);

/* 1: read, and *used is its length. 0: the window ends before it does; never when nothing follows the window (ended).
 * -1 (KT_FAILED): it is none. */
int kt_avro_header_read(struct kt_avro_header *header, struct kt_bytes window, bool ended, size_t *used,
	struct kt_err *err) kt_must_check;

/* The same for a block with the marker after it. After 0, *used is how long the window has to be at least. */
int kt_avro_block_read(struct kt_avro_block *block, struct kt_bytes window, bool ended, struct kt_bytes sync,
	size_t *used, struct kt_err *err) kt_must_check;

#endif
