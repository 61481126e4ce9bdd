/* Blocks of Avro's containers that avro-c made, read by kt's own reader. */
#include "sinkblocks.h"

#include "avro_reader.h"
#include "avro_write.h"
#include "tap.h"

static const char sync[KT_AVRO_SYNC] = "0123456789abcde";
static const char schema[] = "{\"type\":\"string\",\"doc\":\"kept\",\"none\":[1, 2]}";
static struct kt_err err;

static struct kt_bytes text(const char *words)
{
	return (struct kt_bytes){words, strlen(words)};
}

/* How many data the container has; their text is put into out. */
static int64_t read_all(const struct kt_buf *file, struct kt_buf *out)
{
	const struct kt_avro_how how = {.form = KT_AVRO_JSON};
	struct kt_avro_reader *reader = kt_avro_reader_new(&how, KT_AVRO_CONTAINER);
	int64_t n = 0;
	int more;
	kt_avro_begin(reader, (struct kt_bytes){file->data, file->len}, true);
	while ((more = kt_avro_next(reader, out, &err)) > 0)
		n++;
	CHECK_INT(more, 0);
	CHECK_MEM(kt_avro_schema_of(reader)->text.data, kt_avro_schema_of(reader)->text.len, schema, strlen(schema));
	kt_avro_reader_free(reader);
	return n;
}

static void fill(struct kt_buf *data, size_t len, unsigned seed)
{
	kt_avro_add_long(data, (int64_t)len);
	for (size_t i = 0; i < len; i++)
		kt_buf_addc(data, (char)('a' + (seed = seed * 1103515245 + 12345) / 65536 % 20));
}

TEST(every_codec_and_size)
{
	for (int codec = 0; kt_sinkcodecs[codec]; codec++) {
		kt_auto(kt_sinkblocks_close) struct kt_sinkblocks *blocks = NULL;
		kt_auto(kt_buf_fini) struct kt_buf file = {0}, expected = {0}, got = {0};
		/* From less than a block to more than avro-c takes at once, and small again. */
		static const size_t lens[] = {0, 1, 63, 64, 1000, 65536, 262140, 262141, 262144, 3000000, 8388608, 10};
		int64_t n = 0;
		CHECK_INT(kt_sinkblocks_open(&blocks, (enum kt_sinkcodec)codec, &err), 0);
		kt_sinkblocks_head(blocks, text(schema), sync, &file);
		for (size_t i = 0; i < KT_LEN(lens); i++) {
			kt_auto(kt_buf_fini) struct kt_buf data = {0};
			fill(&data, lens[i], (unsigned)i);
			fill(&data, 3, (unsigned)i);
			n += 2;
			CHECK_INT(
				kt_sinkblocks_add(blocks, (struct kt_bytes){data.data, data.len}, 2, sync, &file, &err),
				0);
		}
		CHECK_INT(read_all(&file, &got), n);
		CHECK(got.len > 11000000);
		/* Snappy does not pack what is random; deflate finds that it is but twenty letters. */
		if (codec == KT_SINKCODEC_DEFLATE)
			CHECK(file.len < got.len * 3 / 4);
	}
}

TEST(data_of_no_bytes)
{
	for (int codec = 0; kt_sinkcodecs[codec]; codec++) {
		kt_auto(kt_sinkblocks_close) struct kt_sinkblocks *blocks = NULL;
		kt_auto(kt_buf_fini) struct kt_buf file = {0};
		struct kt_avro_header header;
		struct kt_avro_block block;
		size_t used = 0, more = 0;
		CHECK_INT(kt_sinkblocks_open(&blocks, (enum kt_sinkcodec)codec, &err), 0);
		kt_sinkblocks_head(blocks, text("\"null\""), sync, &file);
		CHECK_INT(kt_sinkblocks_add(blocks, (struct kt_bytes){"", 0}, 5, sync, &file, &err), 0);
		CHECK_INT(kt_avro_header_read(&header, (struct kt_bytes){file.data, file.len}, true, &used, &err), 1);
		CHECK_MEM(header.codec.data, header.codec.len, kt_sinkcodecs[codec], strlen(kt_sinkcodecs[codec]));
		CHECK_INT(kt_avro_block_read(&block, (struct kt_bytes){file.data + used, file.len - used}, true,
				  header.sync, &more, &err),
			1);
		CHECK_INT(block.count, 5);
	}
}
