#include "codec.h"

#include <endian.h>

#include <bzlib.h>
#include <lzma.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "tap.h"

enum { ROOM = 1 << 20 };

/* The libraries' own packing; each returns how many bytes it wrote to out, which has ROOM. */
static size_t pack_deflate(const char *in, size_t len, char *out)
{
	z_stream z = {.next_in = (Bytef *)in, .avail_in = (unsigned)len, .next_out = (Bytef *)out, .avail_out = ROOM};
	deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t pack_snappy(const char *in, size_t len, char *out)
{
	size_t written = ROOM - 4;
	uint32_t crc = htobe32((uint32_t)crc32_z(0, (const Bytef *)in, len));
	CHECK_INT(snappy_compress(in, len, out, &written), SNAPPY_OK);
	memcpy(out + written, &crc, sizeof(crc));
	return written + sizeof(crc);
}

static size_t pack_zstandard(const char *in, size_t len, char *out)
{
	return ZSTD_compress(out, ROOM, in, len, 3);
}

static size_t pack_bzip2(const char *in, size_t len, char *out)
{
	unsigned written = ROOM;
	CHECK_INT(BZ2_bzBuffToBuffCompress(out, &written, (char *)in, (unsigned)len, 9, 0, 0), BZ_OK);
	return written;
}

static size_t pack_xz(const char *in, size_t len, char *out)
{
	size_t written = 0;
	CHECK_INT(lzma_easy_buffer_encode(
			  6, LZMA_CHECK_CRC64, NULL, (const uint8_t *)in, len, (uint8_t *)out, &written, ROOM),
		LZMA_OK);
	return written;
}

static const struct {
	const char *name;
	size_t (*pack)(const char *in, size_t len, char *out);
} codecs[] = {
	{"deflate", pack_deflate},
	{"snappy", pack_snappy},
	{"zstandard", pack_zstandard},
	{"bzip2", pack_bzip2},
	{"xz", pack_xz},
};

static enum kt_codec find(const char *name)
{
	struct kt_err err = {0};
	enum kt_codec codec = KT_CODEC_NULL;
	CHECK_INT(kt_codec_find(&codec, (struct kt_bytes){name, strlen(name)}, &err), 0);
	return codec;
}

static void check_size(struct kt_unpacker *u, size_t i, size_t len, char *packed)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf data = {0}, out = {0};
	for (size_t k = 0; k < len; k++)
		kt_buf_addc(&data, (char)(k % 7 * (k / 1000)));
	size_t n = codecs[i].pack(kt_buf_cstr(&data), len, packed);
	enum kt_codec codec = find(codecs[i].name);
	/* A copy of exactly the right size, so that a sanitizer notices reads beyond it. */
	char *copy = malloc(n);
	memcpy(copy, packed, n);
	struct kt_bytes block = {copy, n};
	kt_buf_adds(&out, "before");
	CHECK_INT(kt_unpack(u, codec, block, &out, len, &err), 0);
	CHECK_STR(err.msg, "");
	CHECK_MEM(out.data, out.len, data.data, len);
	if (len) {
		char expected[80];
		snprintf(expected, sizeof(expected), "a block that unpacks to more than %zu bytes", len - 1);
		CHECK_INT(kt_unpack(u, codec, block, &out, len - 1, &err), -1);
		CHECK_STR(err.msg, expected);
		block.len = n / 2;
		CHECK_INT(kt_unpack(u, codec, block, &out, len, &err), -1);
		CHECK_INT(err.status, KT_FAILED);
		block.len = 0;
		CHECK_INT(kt_unpack(u, codec, block, &out, len, &err), -1);
	}
	free(copy);
}

TEST(blocks_unpack)
{
	static const size_t sizes[] = {0, 1, 100, 65536, 65537, 300000};
	struct kt_unpacker *u = kt_unpacker_new();
	char *packed = malloc(ROOM);
	for (size_t i = 0; i < KT_LEN(codecs); i++)
		for (size_t k = 0; k < KT_LEN(sizes); k++)
			check_size(u, i, sizes[k], packed);
	free(packed);
	kt_unpacker_free(u);
}

TEST(damage_is_seen)
{
	struct kt_unpacker *u = kt_unpacker_new();
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	char *packed = malloc(ROOM), text[2000];
	memset(text, 'x', sizeof(text));
	for (size_t i = 1; i < KT_LEN(codecs); i++) {
		struct kt_err err = {0};
		size_t n = codecs[i].pack(text, sizeof(text), packed);
		packed[n - 1] ^= 1;
		packed[n / 2] ^= 0x55;
		CHECK(kt_unpack(u, find(codecs[i].name), (struct kt_bytes){packed, n}, &out, ROOM, &err) < 0 || i == 2);
	}
	struct kt_err err = {0};
	size_t n = pack_snappy(text, sizeof(text), packed);
	packed[n - 1] ^= 1;
	CHECK_INT(kt_unpack(u, KT_CODEC_SNAPPY, (struct kt_bytes){packed, n}, &out, ROOM, &err), -1);
	CHECK_STR(err.msg, "a snappy block whose checksum is wrong");
	free(packed);
	kt_unpacker_free(u);
}

TEST(names)
{
	struct kt_err err = {0};
	enum kt_codec codec = KT_CODEC_XZ;
	CHECK_INT(kt_codec_find(&codec, (struct kt_bytes){NULL, 0}, &err), 0);
	CHECK_INT(codec, KT_CODEC_NULL);
	CHECK_INT(find("null"), KT_CODEC_NULL);
	CHECK_INT(kt_codec_find(&codec, (struct kt_bytes){"lz\n", 3}, &err), -1);
	CHECK_STR(err.msg, "there is no codec \"lz\\n\"");
}
