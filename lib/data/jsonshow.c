#include "jsonshow.h"

#include "esc.h"

#define RESET "\033[0m"
#define NAME "\033[34;1m"
#define STRING "\033[32m"
#define WORD "\033[36m"

struct show {
	struct kt_buf *out;
	const char *at, *end;
	const struct kt_jsonshow *how;
	int depth;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct show *s)
{
	while (s->at < s->end && is_blank(*s->at))
		s->at++;
}

static void add_color(const struct show *s, const char *color)
{
	if (s->how->color)
		kt_buf_adds(s->out, color);
}

/* What is not shown is below U+10000, or not UTF-8 at all. */
static void add_escaped(struct kt_buf *out, const unsigned char *at, size_t len)
{
	uint32_t c = len == 1 ? at[0] : at[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (at[i] & 0x3f);
	kt_buf_addf(out, "\\u%04x", c);
}

static void add_text(struct show *s, const char *from, const char *to)
{
	const unsigned char *at = (const unsigned char *)from, *end = (const unsigned char *)to;
	if (!s->how->escapes) {
		kt_buf_add(s->out, from, (size_t)(to - from));
		return;
	}
	while (at < end) {
		size_t len = kt_shown(at, end);
		if (len) {
			kt_buf_add(s->out, at, len);
		} else {
			len = kt_utf8_sequence(at, end);
			len = len ? len : 1;
			add_escaped(s->out, at, len);
		}
		at += len;
	}
}

static void show_string(struct show *s)
{
	const char *from = s->at++;
	while (s->at < s->end && *s->at != '"')
		s->at += *s->at == '\\' && s->at + 1 < s->end ? 2 : 1;
	s->at += s->at < s->end;
	const char *after = s->at;
	while (after < s->end && is_blank(*after))
		after++;
	add_color(s, after < s->end && *after == ':' ? NAME : STRING);
	add_text(s, from, s->at);
	add_color(s, RESET);
}

static void show_word(struct show *s)
{
	const char *from = s->at;
	while (s->at < s->end && !is_blank(*s->at) && !strchr("{}[],:\"", *s->at))
		s->at++;
	s->at += s->at == from;
	add_color(s, WORD);
	add_text(s, from, s->at);
	add_color(s, RESET);
}

static void new_line(struct show *s)
{
	kt_buf_addc(s->out, '\n');
	for (int i = 0; i < s->depth; i++)
		kt_buf_adds(s->out, "  ");
}

static void show_sign(struct show *s)
{
	char c = *s->at++;
	bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
	if (!s->how->indent) {
		kt_buf_addc(s->out, c);
		return;
	}
	if (closes) {
		s->depth -= s->depth > 0;
		new_line(s);
	}
	kt_buf_addc(s->out, c);
	skip_blanks(s);
	if (opens && s->at < s->end && (*s->at == '}' || *s->at == ']')) {
		kt_buf_addc(s->out, *s->at++);
	} else if (opens || c == ',') {
		s->depth += opens;
		new_line(s);
	} else if (c == ':') {
		kt_buf_addc(s->out, ' ');
	}
}

void kt_jsonshow(struct kt_buf *out, const char *text, size_t len, const struct kt_jsonshow *how)
{
	struct show s = {.out = out, .at = text, .end = text + len, .how = how};
	while (s.at < s.end) {
		if (is_blank(*s.at) && how->indent)
			s.at++;
		else if (is_blank(*s.at))
			kt_buf_addc(out, *s.at++);
		else if (*s.at == '"')
			show_string(&s);
		else if (strchr("{}[],:", *s.at) && *s.at)
			show_sign(&s);
		else
			show_word(&s);
	}
}

bool kt_jsonshow_is(const char *text, size_t len)
{
	while (len && is_blank(text[len - 1]))
		len--;
	while (len && is_blank(*text))
		text++, len--;
	return len > 1 && ((*text == '{' && text[len - 1] == '}') || (*text == '[' && text[len - 1] == ']'));
}
