#include "rowvalue.h"

#include "esc.h"
#include "json.h"

const char *const kt_own_names[] = {
	"_topic", "_partition", "_offset", "_timestamp", "_key", "_value", "_headers", NULL};
_Static_assert(KT_LEN(kt_own_names) == KT_OWNS + 1, "a name for each");

/* Text where SQL can have it as one, which a NUL would end. */
static void bytes_value(struct kt_rowvalue *v, struct kt_bytes bytes)
{
	v->cell = (struct kt_cell){.kind = bytes.data ? KT_CELL_TEXT : KT_CELL_NULL, .text = bytes};
	v->blob = bytes.data && (memchr(bytes.data, '\0', bytes.len) || !kt_utf8_valid(bytes.data, bytes.len));
}

static void i64_value(struct kt_rowvalue *v, int64_t n, bool there)
{
	v->cell = (struct kt_cell){.kind = there ? KT_CELL_INT : KT_CELL_NULL, .i64 = n};
}

static void headers_value(struct kt_rowvalue *v, const struct kt_record *r, struct kt_buf *out)
{
	out->len = 0;
	for (size_t i = 0; i < r->n_headers; i++) {
		kt_buf_addc(out, i ? ',' : '{');
		kt_json_string(out, r->headers[i].name.data, r->headers[i].name.len);
		kt_buf_addc(out, ':');
		if (r->headers[i].value.data)
			kt_json_string(out, r->headers[i].value.data, r->headers[i].value.len);
		else
			kt_buf_adds(out, "null");
	}
	kt_buf_adds(out, r->n_headers ? "}" : "");
	v->cell = (struct kt_cell){.kind = r->n_headers ? KT_CELL_TEXT : KT_CELL_NULL, .text = {out->data, out->len}};
}

void kt_rowvalue_own(struct kt_rowvalue *v, const struct kt_record *r, enum kt_own own, struct kt_buf *headers)
{
	v->blob = false;
	switch (own) {
	case KT_OWN_TOPIC:
		bytes_value(v, r->topic);
		return;
	case KT_OWN_PARTITION:
		i64_value(v, r->partition, r->partition >= 0);
		return;
	case KT_OWN_OFFSET:
		i64_value(v, r->offset, r->offset >= 0);
		return;
	case KT_OWN_TIMESTAMP:
		i64_value(v, r->ts_ms, r->tstype != KT_TS_NONE);
		return;
	case KT_OWN_KEY:
		bytes_value(v, r->key);
		return;
	case KT_OWN_VALUE:
		bytes_value(v, r->value);
		return;
	default:
		headers_value(v, r, headers);
	}
}
