#include "sinkblocks.h"

const char *const kt_sinkcodecs[] = {"null", "deflate", "snappy", NULL};

int kt_sinkblocks_open(struct kt_sinkblocks **out, enum kt_sinkcodec codec, struct kt_err *err)
{
	(void)out;
	(void)codec;
	return kt_err_set(err, KT_USAGE, "this kt was built without avro-c: it cannot write Avro files");
}

void kt_sinkblocks_head(
	const struct kt_sinkblocks *blocks, struct kt_bytes schema, const char *sync, struct kt_buf *out)
{
	(void)blocks;
	(void)schema;
	(void)sync;
	(void)out;
}

int kt_sinkblocks_add(struct kt_sinkblocks *blocks, struct kt_bytes data, int64_t count, const char *sync,
	struct kt_buf *out, struct kt_err *err)
{
	(void)blocks;
	(void)data;
	(void)count;
	(void)sync;
	(void)out;
	return kt_err_set(err, KT_FAILED, "nothing is written");
}

void kt_sinkblocks_close(struct kt_sinkblocks **blocks)
{
	(void)blocks;
}
