/* Text packed as a stream, gzip or zstd: a piece at a time, and as many streams behind each other as there is need for,
 * which unpack to one text.
 *
 *   struct kt_sinkpack *pack = NULL;
 *   if (kt_sinkpack_open(&pack, KT_SINKPACKING_ZSTD, err) < 0)
 *           return -1;
 *   kt_sinkpack_add(pack, text, len, false, &out, err)            appends what comes out of it, if anything does
 *   kt_sinkpack_add(pack, NULL, 0, true, &out, err)               the end: what is added then begins another stream
 *   kt_sinkpack_free(&pack);
 */
#ifndef KT_SINKPACK_H
#define KT_SINKPACK_H

#include "err.h"
#include "sinkname.h"

struct kt_sinkpack;

/* KT_USAGE in a kt that was built without the libraries. */
int kt_sinkpack_open(struct kt_sinkpack **out, enum kt_sinkpacking packing, struct kt_err *err) kt_must_check;

/* KT_FAILED when the library refuses. */
int kt_sinkpack_add(struct kt_sinkpack *pack, const void *text, size_t len, bool end, struct kt_buf *out,
	struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_sinkpack_free(struct kt_sinkpack **pack);

#endif
