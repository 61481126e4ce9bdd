/* Blocks of Avro's object containers, made by avro-c.
 *
 *   struct kt_sinkblocks *blocks = NULL;
 *   if (kt_sinkblocks_open(&blocks, KT_SINKCODEC_SNAPPY, err) < 0)
 *           return -1;
 *   kt_sinkblocks_head(blocks, schema, sync, &out);                        a container's header
 *   kt_sinkblocks_add(blocks, data, 40, sync, &out, err)                   40 data as a block
 *   kt_sinkblocks_close(&blocks);
 *
 * avro-c writes to a file in memory, behind a header of no meaning (schema "bytes"): a header of its own would lose
 * what it does not know of a schema (defaults, docs, logical types), and where a disk is full it says that all is well.
 * So what it makes is taken from there, and gets to the disk by other ways.
 */
#ifndef KT_SINKBLOCKS_H
#define KT_SINKBLOCKS_H

#include "avro_container.h"
#include "buf.h"

enum kt_sinkcodec { KT_SINKCODEC_NULL, KT_SINKCODEC_DEFLATE, KT_SINKCODEC_SNAPPY };
extern const char *const kt_sinkcodecs[]; /* as containers name them; NULL at the end */

struct kt_sinkblocks;

/* KT_USAGE in a kt that was built without avro-c; KT_FAILED where it cannot be loaded. */
int kt_sinkblocks_open(struct kt_sinkblocks **out, enum kt_sinkcodec codec, struct kt_err *err) kt_must_check;

/* Appends a header with the schema as it is. sync: KT_AVRO_SYNC bytes, the same for all blocks of the file. */
void kt_sinkblocks_head(
	const struct kt_sinkblocks *blocks, struct kt_bytes schema, const char *sync, struct kt_buf *out);

/* Appends a block. data: count of them behind each other, as they are encoded; at least one. */
int kt_sinkblocks_add(struct kt_sinkblocks *blocks, struct kt_bytes data, int64_t count, const char *sync,
	struct kt_buf *out, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_sinkblocks_close(struct kt_sinkblocks **blocks);

#endif
