#include "experiment_show.h"

#include <endian.h>

#include "avro_container.h"
#include "experiment_event.h"
#include "json.h"
#include "shortest.h"
#include "zigzag.h"

struct reader {
	struct kt_buf *out;
	const unsigned char *at, *end;
};

static int show(struct reader *r, const struct kt_avro_type *type);

static int read_long(struct reader *r, int64_t *n)
{
	return kt_zigzag_read(&r->at, r->end, n) == KT_ZIGZAG_FINE ? 0 : -1;
}

static int take(struct reader *r, void *to, size_t len)
{
	if ((size_t)(r->end - r->at) < len)
		return -1;
	memcpy(to, r->at, len);
	r->at += len;
	return 0;
}

static int show_real(struct reader *r, bool single)
{
	uint32_t half = 0;
	uint64_t whole = 0;
	float f;
	double d;
	if (single ? take(r, &half, sizeof(half)) < 0 : take(r, &whole, sizeof(whole)) < 0)
		return -1;
	half = le32toh(half);
	whole = le64toh(whole);
	memcpy(&f, &half, sizeof(f));
	memcpy(&d, &whole, sizeof(d));
	kt_buf_adds(r->out, single ? "Float(" : "Double(");
	if (single)
		kt_json_float(r->out, f);
	else
		kt_json_double(r->out, d);
	kt_buf_addc(r->out, ')');
	return 0;
}

/* Of the characters that are escaped, those of events are escaped as in JSON. */
static int show_string(struct reader *r)
{
	int64_t len;
	if (read_long(r, &len) < 0 || len < 0 || len > r->end - r->at)
		return -1;
	kt_buf_adds(r->out, "String(");
	kt_json_string(r->out, r->at, (size_t)len);
	kt_buf_addc(r->out, ')');
	r->at += len;
	return 0;
}

static int show_record(struct reader *r, const struct kt_avro_type *type)
{
	kt_buf_adds(r->out, "Record([");
	for (uint32_t i = 0; i < type->n; i++) {
		kt_buf_addf(r->out, "%s(\"%s\", ", i ? ", " : "", type->fields[i].name);
		if (show(r, type->fields[i].type) < 0)
			return -1;
		kt_buf_addc(r->out, ')');
	}
	kt_buf_adds(r->out, "])");
	return 0;
}

static int show_list(struct reader *r, const struct kt_avro_type *type)
{
	int64_t left, shown = 0;
	kt_buf_adds(r->out, "Array([");
	while (read_long(r, &left) == 0 && left > 0)
		for (; left > 0; left--) {
			kt_buf_adds(r->out, shown++ ? ", " : "");
			if (show(r, type->fields[0].type) < 0)
				return -1;
		}
	kt_buf_adds(r->out, "])");
	return 0;
}

/* The types that events have. */
static int show(struct reader *r, const struct kt_avro_type *type)
{
	switch (type->kind) {
	case KT_AVRO_FLOAT:
	case KT_AVRO_DOUBLE:
		return show_real(r, type->kind == KT_AVRO_FLOAT);
	case KT_AVRO_STRING:
		return show_string(r);
	case KT_AVRO_RECORD:
		return show_record(r, type);
	case KT_AVRO_ARRAY:
		return show_list(r, type);
	default:
		return -1;
	}
}

void kt_event_show(struct kt_buf *out, struct kt_avro_schema **schema, enum kt_event_kind kind, struct kt_bytes value)
{
	struct kt_err ignored;
	struct kt_avro_header header;
	struct kt_avro_block block;
	size_t used;
	const char *text = kt_event_schema(kind);
	if ((!*schema && kt_avro_schema_parse(schema, text, strlen(text), &ignored) < 0) ||
		kt_avro_header_read(&header, value, true, &used, &ignored) < 1)
		return;
	struct kt_bytes rest = {value.data + used, value.len - used};
	if (kt_avro_block_read(&block, rest, true, header.sync, &used, &ignored) < 1)
		return;
	struct reader r = {.out = out, .at = (const unsigned char *)block.data.data};
	r.end = r.at + block.data.len;
	kt_buf_addc(out, '[');
	(void)show(&r, (*schema)->root);
	kt_buf_addc(out, ']');
}
