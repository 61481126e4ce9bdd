#include "codec.h"

#include <endian.h>

#include <bzlib.h>
#include <lzma.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "dlload.h"
#include "esc.h"
#include "mem.h"

enum { FIRST_BYTES = 1 << 16, XZ_MEMORY = 256 << 20 };

/* Loaded when a block needs it: C++'s library behind it takes a quarter of the time in which kt starts. */
static struct {
	__typeof__(snappy_uncompressed_length) *uncompressed_length;
	__typeof__(snappy_uncompress) *uncompress;
} snappy;

struct kt_unpacker {
	z_stream deflate; /* in use when has_deflate */
	bool has_deflate;
	ZSTD_DCtx *zstandard; /* made when it is first needed */
};

/* What is left of a block, and the room for what it unpacks to. */
struct flow {
	char *in, *out;
	size_t in_left, out_left;
};

/* Goes on unpacking: 1 when the end was reached, 0 when there is need for more room (or input), -1 when it is damaged.
 */
typedef int step_fn(void *state, struct flow *flow);

static unsigned limit(size_t n)
{
	return n < UINT32_MAX ? (unsigned)n : UINT32_MAX;
}

static void moved(struct flow *f, size_t in, size_t out)
{
	f->in += in;
	f->in_left -= in;
	f->out += out;
	f->out_left -= out;
}

static int step_deflate(void *state, struct flow *f)
{
	z_stream *z = state;
	unsigned in = limit(f->in_left), out = limit(f->out_left);
	z->next_in = (Bytef *)f->in;
	z->next_out = (Bytef *)f->out;
	z->avail_in = in;
	z->avail_out = out;
	int code = inflate(z, Z_NO_FLUSH);
	moved(f, in - z->avail_in, out - z->avail_out);
	return code == Z_STREAM_END ? 1 : code == Z_OK || code == Z_BUF_ERROR ? 0 : -1;
}

static int step_zstandard(void *state, struct flow *f)
{
	ZSTD_inBuffer in = {f->in, f->in_left, 0};
	ZSTD_outBuffer out = {f->out, f->out_left, 0};
	size_t code = ZSTD_decompressStream(state, &out, &in);
	moved(f, in.pos, out.pos);
	if (ZSTD_isError(code))
		return -1;
	/* Another frame may follow. */
	return !code && !f->in_left;
}

static int step_bzip2(void *state, struct flow *f)
{
	bz_stream *bz = state;
	unsigned in = limit(f->in_left), out = limit(f->out_left);
	bz->next_in = f->in;
	bz->next_out = f->out;
	bz->avail_in = in;
	bz->avail_out = out;
	int code = BZ2_bzDecompress(bz);
	moved(f, in - bz->avail_in, out - bz->avail_out);
	if (code != BZ_STREAM_END || !f->in_left)
		return code == BZ_STREAM_END ? 1 : code == BZ_OK ? 0 : -1;
	/* Another stream follows, as parallel compressors write them. */
	BZ2_bzDecompressEnd(bz);
	*bz = (bz_stream){0};
	return BZ2_bzDecompressInit(bz, 0, 0) == BZ_OK ? 0 : -1;
}

static int step_xz(void *state, struct flow *f)
{
	lzma_stream *xz = state;
	xz->next_in = (uint8_t *)f->in;
	xz->next_out = (uint8_t *)f->out;
	xz->avail_in = f->in_left;
	xz->avail_out = f->out_left;
	lzma_ret code = lzma_code(xz, LZMA_FINISH);
	moved(f, f->in_left - xz->avail_in, f->out_left - xz->avail_out);
	return code == LZMA_STREAM_END ? 1 : code == LZMA_OK || code == LZMA_BUF_ERROR ? 0 : -1;
}

static int damaged(const char *name, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "a damaged %s block", name);
}

static int too_large(size_t max, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "a block that unpacks to more than %zu bytes", max);
}

/* Steps through a block; the room doubles each time it is used up. */
static int pump(step_fn *step, void *state, const char *name, struct kt_bytes block, struct kt_buf *out, size_t max,
	struct kt_err *err)
{
	struct flow f = {.in = (char *)block.data, .in_left = block.len};
	int code = 0;
	out->len = 0;
	while (code == 0) {
		size_t room = out->len ? out->len : FIRST_BYTES;
		/* One byte more than allowed, to see that there is one. */
		room = room < max + 1 - out->len ? room : max + 1 - out->len;
		f.out = kt_buf_reserve(out, room);
		f.out_left = room;
		size_t in_left = f.in_left;
		code = step(state, &f);
		out->len += room - f.out_left;
		if (out->len > max)
			return too_large(max, err);
		if (code == 0 && f.out_left == room && f.in_left == in_left)
			code = -1;
	}
	return code < 0 ? damaged(name, err) : 0;
}

static int unpack_deflate(
	struct kt_unpacker *u, struct kt_bytes block, struct kt_buf *out, size_t max, struct kt_err *err)
{
	if (u->has_deflate ? inflateReset(&u->deflate) != Z_OK : inflateInit2(&u->deflate, -MAX_WBITS) != Z_OK)
		return kt_err_set(err, KT_FAILED, "zlib refuses to begin");
	u->has_deflate = true;
	return pump(step_deflate, &u->deflate, "deflate", block, out, max, err);
}

static int load_snappy(struct kt_err *err)
{
	const struct kt_dlload_row rows[] = {
		{"snappy_uncompressed_length", &snappy.uncompressed_length},
		{"snappy_uncompress", &snappy.uncompress},
	};
	if (snappy.uncompress || kt_dlload(KT_SONAME_SNAPPY, rows, KT_LEN(rows), err) == 0)
		return 0;
	kt_err_wrap(err, "cannot unpack snappy");
	return kt_err_hint(err, "the library is in the package libsnappy1v5");
}

static int unpack_snappy(struct kt_bytes block, struct kt_buf *out, size_t max, struct kt_err *err)
{
	uint32_t expected;
	size_t len = 0;
	if (load_snappy(err) < 0)
		return -1;
	if (block.len < sizeof(expected))
		return damaged("snappy", err);
	block.len -= sizeof(expected);
	memcpy(&expected, block.data + block.len, sizeof(expected));
	if (snappy.uncompressed_length(block.data, block.len, &len) != SNAPPY_OK)
		return damaged("snappy", err);
	if (len > max)
		return too_large(max, err);
	out->len = 0;
	if (snappy.uncompress(block.data, block.len, kt_buf_reserve(out, len + 1), &len) != SNAPPY_OK)
		return damaged("snappy", err);
	out->len = len;
	if (crc32_z(0, (const Bytef *)out->data, len) != be32toh(expected))
		return kt_err_set(err, KT_FAILED, "a snappy block whose checksum is wrong");
	return 0;
}

static int unpack_zstandard(
	struct kt_unpacker *u, struct kt_bytes block, struct kt_buf *out, size_t max, struct kt_err *err)
{
	if (!u->zstandard)
		u->zstandard = ZSTD_createDCtx();
	if (!u->zstandard || ZSTD_isError(ZSTD_DCtx_reset(u->zstandard, ZSTD_reset_session_only)))
		return kt_err_set(err, KT_FAILED, "zstd refuses to begin");
	return pump(step_zstandard, u->zstandard, "zstandard", block, out, max, err);
}

static int unpack_bzip2(struct kt_bytes block, struct kt_buf *out, size_t max, struct kt_err *err)
{
	bz_stream bz = {0};
	if (BZ2_bzDecompressInit(&bz, 0, 0) != BZ_OK)
		return kt_err_set(err, KT_FAILED, "bzip2 refuses to begin");
	int result = pump(step_bzip2, &bz, "bzip2", block, out, max, err);
	BZ2_bzDecompressEnd(&bz);
	return result;
}

static int unpack_xz(struct kt_bytes block, struct kt_buf *out, size_t max, struct kt_err *err)
{
	lzma_stream xz = LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&xz, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return kt_err_set(err, KT_FAILED, "lzma refuses to begin");
	int result = pump(step_xz, &xz, "xz", block, out, max, err);
	lzma_end(&xz);
	return result;
}

int kt_codec_find(enum kt_codec *codec, struct kt_bytes name, struct kt_err *err)
{
	static const char *const names[] = {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"};
	char quoted[80];
	*codec = KT_CODEC_NULL;
	if (!name.data)
		return 0;
	for (size_t i = 0; i < KT_LEN(names); i++) {
		if (kt_bytes_are(name, names[i])) {
			*codec = (enum kt_codec)i;
			return 0;
		}
	}
	return kt_err_set(err, KT_FAILED, "there is no codec %s", kt_quote(quoted, sizeof(quoted), name));
}

struct kt_unpacker *kt_unpacker_new(void)
{
	return kt_calloc(1, sizeof(struct kt_unpacker));
}

void kt_unpacker_free(struct kt_unpacker *u)
{
	if (!u)
		return;
	if (u->has_deflate)
		inflateEnd(&u->deflate);
	ZSTD_freeDCtx(u->zstandard);
	free(u);
}

int kt_unpack(struct kt_unpacker *u, enum kt_codec codec, struct kt_bytes block, struct kt_buf *out, size_t max,
	struct kt_err *err)
{
	switch (codec) {
	case KT_CODEC_DEFLATE:
		return unpack_deflate(u, block, out, max, err);
	case KT_CODEC_SNAPPY:
		return unpack_snappy(block, out, max, err);
	case KT_CODEC_ZSTANDARD:
		return unpack_zstandard(u, block, out, max, err);
	case KT_CODEC_BZIP2:
		return unpack_bzip2(block, out, max, err);
	case KT_CODEC_XZ:
		return unpack_xz(block, out, max, err);
	case KT_CODEC_NULL:
		break;
	}
	if (block.len > max)
		return too_large(max, err);
	out->len = 0;
	kt_buf_add(out, block.data, block.len);
	return 0;
}
