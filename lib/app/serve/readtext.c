/* A record as a client reads it: a line of JSON, or as the REST proxy shows it. */
#include "reads_own.h"
#include "recordjson.h"
#include "resttext.h"

bool kt_read_write(struct kt_read *read, const struct kt_record *record)
{
	struct kt_buf *out = &read->answer.body;
	size_t before = out->len;
	if (!read->v2) {
		kt_recordjson_write(out, record, KT_ENC_UTF8);
		kt_buf_addc(out, '\n');
		return true;
	}
	if (kt_resttext_write(out, record, read->format))
		return true;
	kt_buf_add(&read->unreadable, out->data + before, out->len - before);
	out->len = before;
	return false;
}
