#include "sinkpack.h"

#include <zlib.h>
#include <zstd.h>

#include "tap.h"

enum { ROOM = 4 << 20 };

static struct kt_err err;

/* All streams of it. */
static void unpack_gzip(const struct kt_buf *packed, struct kt_buf *out)
{
	z_stream z = {.next_in = (Bytef *)packed->data, .avail_in = (unsigned)packed->len};
	CHECK(inflateInit2(&z, 15 + 16) == Z_OK);
	while (z.avail_in) {
		z.next_out = (Bytef *)kt_buf_reserve(out, ROOM);
		z.avail_out = ROOM;
		CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END && inflateReset(&z) == Z_OK);
		out->len += ROOM - z.avail_out;
	}
	inflateEnd(&z);
}

static void unpack_zstd(const struct kt_buf *packed, struct kt_buf *out)
{
	size_t len = ZSTD_decompress(kt_buf_reserve(out, ROOM), ROOM, packed->data, packed->len);
	CHECK(!ZSTD_isError(len));
	out->len += ZSTD_isError(len) ? 0 : len;
}

static void pack(enum kt_sinkpacking packing, void unpack(const struct kt_buf *packed, struct kt_buf *out))
{
	kt_auto(kt_sinkpack_free) struct kt_sinkpack *pack = NULL;
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, packed = {0}, got = {0};
	CHECK_INT(kt_sinkpack_open(&pack, packing, &err), 0);
	for (unsigned i = 0, seed = 1; i < 3000; i++) {
		size_t from = text.len;
		/* Some of it random, so that what comes out does not fit into one piece. */
		for (unsigned k = 0; k < i % 700; k++)
			kt_buf_addc(&text, (char)((seed = seed * 1103515245 + 12345) >> (i % 3 ? 16 : 30)));
		CHECK_INT(kt_sinkpack_add(pack, text.data + from, text.len - from, i % 1000 == 999, &packed, &err), 0);
	}
	CHECK_INT(kt_sinkpack_add(pack, text.data, text.len, true, &packed, &err), 0);
	kt_buf_add(&text, text.data, 0);
	unpack(&packed, &got);
	CHECK_INT(got.len, 2 * text.len);
	CHECK(!memcmp(got.data, text.data, text.len) && !memcmp(got.data + text.len, text.data, text.len));
	/* Nothing at all is a stream too. */
	packed.len = got.len = 0;
	CHECK_INT(kt_sinkpack_add(pack, NULL, 0, true, &packed, &err), 0);
	CHECK(packed.len > 0);
	unpack(&packed, &got);
	CHECK_INT(got.len, 0);
}

TEST(gzip)
{
	pack(KT_SINKPACKING_GZIP, unpack_gzip);
}

TEST(zstd)
{
	pack(KT_SINKPACKING_ZSTD, unpack_zstd);
}
