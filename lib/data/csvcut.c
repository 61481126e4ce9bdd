#include "csvcut.h"

#include "mem.h"

/* What stands behind a field. */
enum behind { COMMA, LINE, MORE, NOTHING };

/* Where the field ends that begins at `at` without a quote. */
static const char *plain_end(const char *at, const char *end)
{
	while (at < end && *at != ',' && *at != '\n')
		at++;
	return at;
}

/* Where the field in quotes ends, of which `at` is the first byte: at its last quote. NULL: not in this block. */
static const char *quoted_end(const char *at, const char *end, bool *doubled)
{
	*doubled = false;
	while ((at = memchr(at, '"', (size_t)(end - at)))) {
		if (at + 1 == end || at[1] != '"')
			return at;
		*doubled = true;
		at += 2;
	}
	return NULL;
}

static struct kt_bytes unquote(struct kt_buf *out, struct kt_bytes text)
{
	size_t start = out->len;
	for (size_t i = 0; i < text.len; i++) {
		kt_buf_addc(out, text.data[i]);
		i += text.data[i] == '"';
	}
	return (struct kt_bytes){out->data + start, out->len - start};
}

/* What stands at `at`, and how long it is. A CR may be half of an end. */
static enum behind look_behind(const char *at, const char *end, bool ended, size_t *len)
{
	*len = 1;
	if (at == end)
		return ended ? LINE : MORE;
	if (*at == ',' || *at == '\n')
		return *at == ',' ? COMMA : LINE;
	if (*at != '\r')
		return NOTHING;
	if (at + 1 == end)
		return ended ? LINE : MORE;
	*len = 2;
	return at[1] == '\n' ? LINE : NOTHING;
}

static int fail(const struct kt_csvcut *c, const char *why, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "line %lld: %s", (long long)c->line, why);
}

static struct kt_csvfield *add_field(struct kt_csvcut *c)
{
	c->v = kt_grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n] = (struct kt_csvfield){.text = {"", 0}};
	return &c->v[c->n++];
}

/* One field; *at comes to stand on what is behind it. MORE: it is not whole. */
static enum behind cut_field(
	struct kt_csvcut *c, const char **at, const char *end, bool ended, size_t *len, struct kt_err *err)
{
	struct kt_csvfield *field = add_field(c);
	const char *begin = *at, *stop;
	bool doubled;
	field->quoted = begin < end && *begin == '"';
	if (!field->quoted) {
		stop = plain_end(begin, end);
		if (stop == end && !ended)
			return MORE;
		*at = stop;
		/* Before the end of a line. */
		if (stop > begin && stop[-1] == '\r' && (stop == end || *stop == '\n'))
			stop--;
		*at = stop;
		field->text = (struct kt_bytes){begin, (size_t)(stop - begin)};
		return look_behind(stop, end, ended, len);
	}
	stop = quoted_end(begin + 1, end, &doubled);
	if (!stop && ended)
		return fail(c, "a field in quotes has no end", err), NOTHING;
	if (!stop || (stop + 1 == end && !ended))
		return MORE;
	field->text = (struct kt_bytes){begin + 1, (size_t)(stop - begin - 1)};
	if (doubled)
		field->text = unquote(&c->unquoted, field->text);
	*at = stop + 1;
	enum behind behind = look_behind(*at, end, ended, len);
	if (behind == NOTHING)
		fail(c, "a field in quotes is followed by neither a comma nor the end of the line", err);
	return behind;
}

static int64_t count_lines(const char *at, const char *end)
{
	int64_t lines = 0;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		lines++;
		at++;
	}
	return lines;
}

ssize_t kt_csvcut_record(struct kt_csvcut *c, const char *block, size_t len, bool ended, struct kt_err *err)
{
	const char *at = block, *end = block + len;
	enum behind behind;
	size_t used = 0;
	c->n = 0;
	c->unquoted.len = 0;
	c->line = c->next_line ? c->next_line : 1;
	if (!len)
		return 0;
	/* So that it does not move while fields point into it. */
	kt_buf_reserve(&c->unquoted, len);
	do {
		behind = cut_field(c, &at, end, ended, &used, err);
		if (behind == MORE)
			return 0;
		if (behind == NOTHING)
			return -1;
		at += at < end ? used : 0;
	} while (behind == COMMA);
	c->next_line = c->line + count_lines(block, at);
	return at - block;
}

void kt_csvcut_fini(struct kt_csvcut *c)
{
	free(c->v);
	kt_buf_fini(&c->unquoted);
	*c = (struct kt_csvcut){0};
}
