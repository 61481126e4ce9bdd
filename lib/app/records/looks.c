#include "looks.h"

#include "esc.h"
#include "out.h"

void kt_looks_choose(struct kt_looks *l, bool terminal, int color)
{
	l->escapes = terminal && !l->raw;
	l->how = (struct kt_jsonshow){.color = kt_out_color(color), .indent = l->pretty, .escapes = l->escapes};
	l->shows_json = l->how.color || l->how.indent || l->how.escapes;
}

static void add(const struct kt_looks *l, struct kt_buf *out, struct kt_bytes bytes, const char *null_text)
{
	if (bytes.data && l->escapes)
		kt_words_text(out, bytes.data, bytes.len);
	else if (bytes.data)
		kt_buf_add(out, bytes.data, bytes.len);
	else if (null_text)
		kt_buf_adds(out, null_text);
}

void kt_looks_key(const struct kt_looks *l, struct kt_buf *out, struct kt_bytes key, const char *null_text)
{
	if (l->how.color)
		kt_buf_adds(out, "\033[34;1m");
	add(l, out, key, null_text);
	if (l->how.color)
		kt_buf_adds(out, "\033[0m");
}

void kt_looks_value(const struct kt_looks *l, struct kt_buf *out, struct kt_bytes value, const char *null_text)
{
	if (l->shows_json && value.data && kt_jsonshow_is(value.data, value.len))
		kt_jsonshow(out, value.data, value.len, &l->how);
	else
		add(l, out, value, null_text);
}

void kt_looks_json(struct kt_looks *l, struct kt_buf *out, size_t from)
{
	if (!l->shows_json)
		return;
	l->plain.len = 0;
	kt_buf_add(&l->plain, out->data + from, out->len - from);
	out->len = from;
	kt_jsonshow(out, l->plain.data, l->plain.len, &l->how);
}

void kt_looks_fini(struct kt_looks *l)
{
	kt_buf_fini(&l->plain);
}
