#include "rewrite.h"

#include "esc.h"
#include "mem.h"
#include "settings.h"

static char *no_variable(const char *name)
{
	(void)name;
	return NULL;
}

/* True when line reads back as exactly this property. */
static bool says(const struct kt_buf *line, const char *key, const char *value, enum kt_style style)
{
	struct kt_err err = {0};
	kt_auto(kt_properties_fini) struct kt_properties p = {0};
	if (kt_properties_parse(&p, line->data, line->len, "", style, &err) < 0 || p.n != 1)
		return false;
	char *back = kt_properties_expand(p.v[0].value, no_variable, &err);
	bool same = back && !strcmp(back, value) && !strcmp(p.v[0].key, key);
	kt_wipe(back);
	free(back);
	return same;
}

static uint32_t code_point(const char *at, size_t len)
{
	uint32_t code = (unsigned char)*at & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	return code;
}

/* What is not ASCII means the same as \uXXXX in files of every encoding. */
static void add_units(struct kt_buf *out, uint32_t code)
{
	if (code >= 0x10000)
		kt_buf_addf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	else
		kt_buf_addf(out, "\\u%04x", code);
}

/* The character at c as Java's style says it; returns its last byte. */
static const char *add_java(struct kt_buf *out, const char *c, bool first)
{
	static const char from[] = "\t\n\r\f", to[] = "tnrf";
	const char *known = strchr(from, *c);
	size_t len = kt_utf8_sequence((const unsigned char *)c, (const unsigned char *)c + strlen(c));
	if (known)
		kt_buf_addf(out, "\\%c", to[known - from]);
	else if (*c == '\\' || (*c == ' ' && (first || !c[1])))
		kt_buf_addf(out, "\\%c", *c);
	else if (len > 1)
		add_units(out, code_point(c, len));
	else
		kt_buf_addc(out, *c);
	return c + (len > 1 ? len - 1 : 0);
}

int kt_property_line(struct kt_buf *out, const char *key, const char *value, enum kt_style style, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf line = {0};
	kt_buf_addf(&line, "%s=", key);
	for (const char *c = value; *c; c++) {
		if (!strncmp(c, "${", 2))
			kt_buf_addc(&line, '$');
		if (style == KT_STYLE_JAVA)
			c = add_java(&line, c, c == value);
		else
			kt_buf_addc(&line, *c);
	}
	bool same = says(&line, key, value, style);
	if (same) {
		kt_buf_add(out, line.data, line.len);
		kt_buf_addc(out, '\n');
	}
	if (same)
		return 0;
	kt_err_set(err, KT_USAGE, "the value of %s cannot be written on one line of a property file", key);
	return kt_setting_is_secret(key) ? kt_err_hint(err, "keep it in a file of its own: %s=file:PATH", key) : -1;
}

/* A natural line of the text. */
struct line {
	const char *text;
	size_t len; /* with its end */
	unsigned number;
};

static bool next_line(struct line *line, const char **at, const char *end)
{
	if (*at == end)
		return false;
	const char *stop = kt_properties_next_line(*at, end);
	*line = (struct line){*at, (size_t)(stop - *at), line->number + 1};
	*at = stop;
	return true;
}

static const struct kt_property *property_at(const struct kt_properties *p, unsigned number)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].line <= number && number <= p->v[i].last)
			return &p->v[i];
	return NULL;
}

/* The name in a [profile NAME] line, allocated; NULL for other lines. */
static char *section_name(const struct line *line)
{
	struct kt_err err = {0};
	kt_auto(kt_properties_fini) struct kt_properties p = {0};
	if (kt_properties_parse(&p, line->text, line->len, "", KT_STYLE_PLAIN, &err) < 0 || !p.profiles.n)
		return NULL;
	return kt_strdup(p.profiles.v[0]);
}

static bool is_empty(const struct line *line)
{
	for (size_t i = 0; i < line->len; i++)
		if (!strchr(" \t\r\n", line->text[i]))
			return false;
	return true;
}

static void end_line(struct kt_buf *out, size_t start)
{
	if (out->len > start && !strchr("\r\n", out->data[out->len - 1]))
		kt_buf_addc(out, '\n');
}

/* What is copied while the section to change goes by. */
struct copy {
	struct kt_buf *out;
	size_t start;  /* of our text in out */
	size_t insert; /* where the new lines belong: after the section's last line that is not empty */
	bool inside, found;
};

static void put_lines(struct copy *c, struct kt_bytes lines)
{
	kt_auto(kt_buf_fini) struct kt_buf tail = {0};
	kt_buf_add(&tail, c->out->data ? c->out->data + c->insert : "", c->out->len - c->insert);
	c->out->len = c->insert;
	end_line(c->out, c->start);
	kt_buf_add(c->out, lines.data, lines.len);
	kt_buf_add(c->out, tail.data, tail.len);
	c->found = true;
}

static void copy_line(struct copy *c, const struct kt_rewrite *change, const struct kt_properties *old,
	const struct line *line, struct kt_bytes lines)
{
	const struct kt_property *row = property_at(old, line->number);
	kt_auto(kt_free_ptr) char *section = row ? NULL : section_name(line);
	if (section) {
		if (c->inside && !c->found)
			put_lines(c, lines);
		c->inside = change->profile && !strcmp(section, change->profile);
	}
	if (row && c->inside && change->stale(change->data, row)) {
		if (change->in_place && !c->found) {
			c->insert = c->out->len;
			put_lines(c, lines);
		}
		return;
	}
	kt_buf_add(c->out, line->text, line->len);
	if (c->inside && !c->found && !is_empty(line))
		c->insert = c->out->len;
}

int kt_properties_rewrite(struct kt_buf *out, const struct kt_rewrite *change, const char *text, size_t len,
	struct kt_bytes lines, struct kt_err *err)
{
	kt_auto(kt_properties_fini) struct kt_properties old = {0};
	if (kt_properties_parse(&old, text, len, change->name, change->style, err) < 0)
		return -1;
	struct copy c = {.out = out, .start = out->len, .insert = out->len, .inside = !change->profile};
	struct line line = {0};
	const char *at = len ? text : "", *end = at + len;
	while (next_line(&line, &at, end))
		copy_line(&c, change, &old, &line, lines);
	if (c.inside && !c.found)
		put_lines(&c, lines);
	if (c.found)
		return 0;
	end_line(out, c.start);
	kt_buf_addf(out, "%s[profile %s]\n", out->len > c.start ? "\n" : "", change->profile);
	kt_buf_add(out, lines.data, lines.len);
	return 0;
}
