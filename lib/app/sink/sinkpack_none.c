#include "sinkpack.h"

int kt_sinkpack_open(struct kt_sinkpack **out, enum kt_sinkpacking packing, struct kt_err *err)
{
	(void)out;
	(void)packing;
	return kt_err_set(err, KT_USAGE, "this kt was built without codecs: it cannot pack files");
}

int kt_sinkpack_add(
	struct kt_sinkpack *pack, const void *text, size_t len, bool end, struct kt_buf *out, struct kt_err *err)
{
	(void)pack;
	(void)text;
	(void)len;
	(void)end;
	(void)out;
	return kt_err_set(err, KT_FAILED, "nothing is packed");
}

void kt_sinkpack_free(struct kt_sinkpack **pack)
{
	(void)pack;
}
