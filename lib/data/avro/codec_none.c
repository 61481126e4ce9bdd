/* Takes the place of codec.c where its libraries are not there. */
#include "codec.h"
#include "esc.h"
#include "mem.h"

struct kt_unpacker {
	char unused;
};

int kt_codec_find(enum kt_codec *codec, struct kt_bytes name, struct kt_err *err)
{
	char quoted[80];
	*codec = KT_CODEC_NULL;
	if (!name.data || (name.len == 4 && !memcmp(name.data, "null", 4)))
		return 0;
	return kt_err_set(err, KT_FAILED, "the codec %s is not in this kt, which was built without codecs",
		kt_quote(quoted, sizeof(quoted), name));
}

struct kt_unpacker *kt_unpacker_new(void)
{
	return kt_calloc(1, sizeof(struct kt_unpacker));
}

void kt_unpacker_free(struct kt_unpacker *u)
{
	free(u);
}

int kt_unpack(struct kt_unpacker *u, enum kt_codec codec, struct kt_bytes block, struct kt_buf *out, size_t max,
	struct kt_err *err)
{
	(void)u, (void)codec;
	if (block.len > max)
		return kt_err_set(err, KT_FAILED, "a block of more than %zu bytes", max);
	out->len = 0;
	kt_buf_add(out, block.data, block.len);
	return 0;
}
