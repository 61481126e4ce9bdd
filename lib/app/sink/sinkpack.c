#include "sinkpack.h"

#include <zlib.h>
#include <zstd.h>

#include "mem.h"

/* Level 3 is zstd's default, 6 gzip's. */
enum { PIECE = 64 << 10, ZSTD_LEVEL = 3, GZIP_LEVEL = 6, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 };

struct kt_sinkpack {
	ZSTD_CCtx *zstd; /* one of the two */
	z_stream gzip;
	bool is_open;
};

static void free_pack(struct kt_sinkpack **pack)
{
	kt_sinkpack_free(pack);
}

int kt_sinkpack_open(struct kt_sinkpack **out, enum kt_sinkpacking packing, struct kt_err *err)
{
	kt_auto(free_pack) struct kt_sinkpack *pack = kt_calloc(1, sizeof(*pack));
	if (packing == KT_SINKPACKING_ZSTD) {
		pack->zstd = ZSTD_createCCtx();
		if (!pack->zstd ||
			ZSTD_isError(ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) ||
			ZSTD_isError(ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_checksumFlag, 1)))
			return kt_err_set(err, KT_FAILED, "zstd refuses to begin");
	} else if (deflateInit2(&pack->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) !=
		   Z_OK) {
		return kt_err_set(err, KT_FAILED, "zlib refuses to begin");
	}
	pack->is_open = true;
	*out = kt_steal(pack);
	return 0;
}

static int add_zstd(struct kt_sinkpack *pack, const void *text, size_t len, bool end, struct kt_buf *out)
{
	ZSTD_inBuffer in = {text, len, 0};
	size_t left = 1;
	while (in.pos < in.size || (end && left)) {
		ZSTD_outBuffer room = {kt_buf_reserve(out, PIECE), PIECE, 0};
		left = ZSTD_compressStream2(pack->zstd, &room, &in, end ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return -1;
		out->len += room.pos;
	}
	return 0;
}

static int add_gzip(struct kt_sinkpack *pack, const char *text, size_t len, bool end, struct kt_buf *out)
{
	z_stream *z = &pack->gzip;
	int code = Z_OK;
	while (len || (end && code != Z_STREAM_END)) {
		unsigned piece = len < PIECE ? (unsigned)len : PIECE;
		z->next_in = (Bytef *)(uintptr_t)text;
		z->avail_in = piece;
		z->next_out = (Bytef *)kt_buf_reserve(out, PIECE);
		z->avail_out = PIECE;
		code = deflate(z, end && piece == len ? Z_FINISH : Z_NO_FLUSH);
		if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
			return -1;
		out->len += PIECE - z->avail_out;
		text += piece - z->avail_in;
		len -= piece - z->avail_in;
	}
	return !end || deflateReset(z) == Z_OK ? 0 : -1;
}

int kt_sinkpack_add(
	struct kt_sinkpack *pack, const void *text, size_t len, bool end, struct kt_buf *out, struct kt_err *err)
{
	int result = pack->zstd ? add_zstd(pack, text, len, end, out) : add_gzip(pack, text, len, end, out);
	return result < 0 ? kt_err_set(err, KT_FAILED, "%s refuses to pack", pack->zstd ? "zstd" : "zlib") : 0;
}

void kt_sinkpack_free(struct kt_sinkpack **at)
{
	struct kt_sinkpack *pack = *at;
	if (!pack)
		return;
	if (!pack->zstd && pack->is_open)
		deflateEnd(&pack->gzip);
	ZSTD_freeCCtx(pack->zstd);
	free(pack);
	*at = NULL;
}
