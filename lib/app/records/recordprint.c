#include "recordprint.h"

#include "python.h"

void kt_recordprint_choose(struct kt_recordprint *p, bool terminal, int color)
{
	kt_looks_choose(&p->looks, terminal, color);
	p->words.for_terminal = p->looks.escapes;
	if (p->format && p->looks.escapes)
		kt_format_for_terminal(p->format);
}

/* As kt_recordprint(), a line of JSON. */
static void print_json(
	struct kt_recordprint *p, struct kt_buf *out, const struct kt_record *r, const struct kt_bytes *fields)
{
	size_t from = out->len;
	kt_recordjson_begin(out, r, p->encoding, p->json_key);
	if (fields) {
		kt_buf_add(out, r->value.data, r->value.len);
		kt_buf_addc(out, '}');
	} else {
		kt_recordjson_end(out, r, p->encoding);
	}
	kt_looks_json(&p->looks, out, from);
	kt_buf_addc(out, '\n');
}

/* The tutorial's consumer prints a count before every 1000th value. */
static void print_python(
	struct kt_recordprint *p, struct kt_buf *out, const struct kt_record *r, const struct kt_bytes *fields)
{
	if (++p->seen % 1000 == 0)
		kt_buf_addf(out, "%lld\n", (long long)p->seen);
	if (fields)
		kt_buf_add(out, r->value.data, r->value.len);
	else
		kt_python_bytes(out, r->value);
	kt_buf_addc(out, '\n');
}

static void print_value(struct kt_recordprint *p, struct kt_buf *out, const struct kt_record *r)
{
	if (p->key_delim.data) {
		kt_looks_key(&p->looks, out, r->key, p->null_text);
		kt_buf_add(out, p->key_delim.data, p->key_delim.len);
	}
	kt_looks_value(&p->looks, out, r->value, p->null_text);
	kt_buf_add(out, p->delim.data, p->delim.len);
}

void kt_recordprint(
	struct kt_recordprint *p, struct kt_buf *out, const struct kt_record *r, const struct kt_bytes *fields)
{
	if (p->json)
		print_json(p, out, r, fields);
	else if (p->format)
		kt_format_render_fields(p->format, out, r, fields);
	else if (p->python)
		print_python(p, out, r, fields);
	else if (p->words.given)
		kt_consolewords_print(&p->words, out, r);
	else
		print_value(p, out, r);
}

void kt_recordprint_fini(struct kt_recordprint *p)
{
	kt_format_free(p->format);
	kt_consolewords_fini(&p->words);
	kt_buf_fini(&p->delim);
	kt_buf_fini(&p->key_delim);
	kt_looks_fini(&p->looks);
}
