#include "table.h"

#include <stdarg.h>

#include "esc.h"
#include "mem.h"

size_t kt_columns(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void kt_table_add(struct kt_table *t, const char *format, ...)
{
	kt_auto(kt_buf_fini) struct kt_buf cell = {0};
	va_list args;
	va_start(args, format);
	kt_words_vaddf(&cell, format, args);
	va_end(args);
	kt_strs_add(&t->cells, kt_buf_cstr(&cell));
}

void kt_table_add_count(struct kt_table *t, int64_t n)
{
	if (n < 0)
		kt_table_add(t, "-");
	else
		kt_table_add(t, "%lld", (long long)n);
}

static size_t width_of(const struct kt_table *t, size_t column, size_t n)
{
	size_t width = strlen(t->columns[column].name);
	for (size_t i = column; i < t->cells.n; i += n) {
		size_t own = kt_columns(t->cells.v[i], strlen(t->cells.v[i]));
		width = own > width ? own : width;
	}
	return width;
}

static void pad(struct kt_buf *out, size_t n)
{
	while (n--)
		kt_buf_addc(out, ' ');
}

/* One row of n cells, without blanks at its end. */
static void add_row(const struct kt_table *t, struct kt_buf *out, char *const *cells, size_t n, const size_t *widths)
{
	for (size_t i = 0; i < n; i++) {
		const char *cell = cells ? cells[i] : t->columns[i].name;
		size_t rest = widths ? widths[i] - kt_columns(cell, strlen(cell)) : 0;
		if (i)
			kt_buf_adds(out, widths ? "  " : "\t");
		pad(out, t->columns[i].right ? rest : 0);
		kt_buf_adds(out, cell);
		pad(out, t->columns[i].right ? 0 : rest);
	}
	while (widths && out->data[out->len - 1] == ' ')
		out->len--;
	kt_buf_addc(out, '\n');
}

void kt_table_render(const struct kt_table *t, struct kt_buf *out, bool aligned)
{
	kt_auto(kt_free_ptr) size_t *widths = NULL;
	size_t n = 0;
	while (t->columns[n].name)
		n++;
	if (aligned) {
		widths = kt_calloc(n, sizeof(*widths));
		for (size_t i = 0; i < n; i++)
			widths[i] = width_of(t, i, n);
		add_row(t, out, NULL, n, widths);
	}
	for (size_t row = 0; row + n <= t->cells.n; row += n)
		add_row(t, out, t->cells.v + row, n, widths);
}

void kt_table_fini(struct kt_table *t)
{
	kt_strs_fini(&t->cells);
}
