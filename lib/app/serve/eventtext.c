#include "eventtext.h"

#include "jsonout.h"
#include "recordjson.h"

size_t kt_eventtext(struct kt_buf *out, struct kt_bytes id, const struct kt_record *record)
{
	kt_buf_adds(out, "id: ");
	kt_buf_add(out, id.data, id.len);
	kt_buf_adds(out, "\ndata: ");
	size_t at = out->len;
	kt_recordjson_write(out, record, KT_ENC_UTF8);
	kt_buf_adds(out, "\n\n");
	return at;
}

void kt_eventtext_position(struct kt_buf *out, size_t partition, int64_t next)
{
	if (out->len)
		kt_buf_addc(out, ',');
	kt_buf_add_i64(out, (int64_t)partition);
	kt_buf_addc(out, ':');
	kt_buf_add_i64(out, next);
}

void kt_eventtext_gap(struct kt_buf *out, int32_t partition, int64_t asked, int64_t next)
{
	kt_buf_adds(out, "event: gap\ndata: ");
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "partition", partition);
	kt_jsonout_i64(out, "asked", asked);
	kt_jsonout_i64(out, "next", next);
	kt_jsonout_end(out, '}');
	kt_buf_adds(out, "\n\n");
}
