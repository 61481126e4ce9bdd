#include "properties.h"

#include <ctype.h>

#include "buf.h"
#include "esc.h"
#include "mem.h"

struct reader {
	const char *at, *end;
	const char *name;
	enum kt_style style;
	unsigned line;    /* of the natural line that at is in */
	unsigned started; /* of the logical line in text */
	struct kt_buf text;
	const char *profile;
	bool dropped;
	struct kt_err *err;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool is_comment(char c)
{
	return c == '#' || c == '!' || c == ';';
}

static int bad(struct reader *r, const char *what)
{
	return kt_err_set(r->err, KT_USAGE, "%s:%u: %s", r->name, r->started, what);
}

enum kt_style kt_properties_style(const char *path)
{
	static const char java[] = ".properties";
	size_t len = strlen(path), tail = sizeof(java) - 1;
	return len >= tail && !strcmp(path + len - tail, java) ? KT_STYLE_JAVA : KT_STYLE_PLAIN;
}

const char *kt_properties_next_line(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return end - at > 1 && at[0] == '\r' && at[1] == '\n' ? at + 2 : at + (at < end);
}

/* The natural line at r->at without its leading blanks and its end; r->at is then after it. */
static struct kt_bytes natural_line(struct reader *r)
{
	const char *start = r->at, *stop = kt_properties_next_line(r->at, r->end);
	r->at = stop;
	r->line++;
	while (start < stop && is_blank(*start))
		start++;
	while (stop > start && (stop[-1] == '\n' || stop[-1] == '\r'))
		stop--;
	return (struct kt_bytes){start, (size_t)(stop - start)};
}

static bool is_continued(struct kt_bytes line)
{
	size_t backslashes = 0;
	while (backslashes < line.len && line.data[line.len - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 1;
}

/* Puts the next line that says something into r->text, joined with those that continue it. 0 at the end of the file. */
static int logical_line(struct reader *r)
{
	r->text.len = 0;
	bool more = false;
	while (r->at < r->end) {
		struct kt_bytes line = natural_line(r);
		if (!more && (!line.len || is_comment(line.data[0])))
			continue;
		if (!more)
			r->started = r->line;
		more = is_continued(line);
		kt_buf_add(&r->text, line.data, line.len - more);
		if (r->text.len > KT_PROPERTIES_LINE_MAX)
			return bad(r, "the line is too long");
		if (!more && r->text.len)
			return 1;
	}
	return r->text.len > 0;
}

/* The four hexadecimal digits at text as a UTF-16 unit, or -1. */
static int utf16_unit(const char *text, const char *end)
{
	int unit = 0;
	if (end - text < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = text[i] ? strchr(digits, text[i] | 0x20) : NULL;
		if (!digit)
			return -1;
		unit = unit * 16 + (int)(digit - digits);
	}
	return unit;
}

/* \uXXXX, and \uXXXX\uXXXX for what needs a pair. *at is after the u, and then after the digits. */
static int java_unicode(struct reader *r, struct kt_buf *out, const char **at, const char *end)
{
	int unit = utf16_unit(*at, end);
	if (unit <= 0)
		return bad(r, "\\u takes four hexadecimal digits, and not 0000");
	*at += 4;
	unsigned code = (unsigned)unit;
	if (unit >= 0xd800 && unit <= 0xdfff) {
		bool pair = unit < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
		int low = pair ? utf16_unit(*at + 2, end) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return bad(r, "\\u names half of a surrogate pair");
		code = 0x10000 + ((unsigned)unit - 0xd800) * 0x400 + ((unsigned)low - 0xdc00);
		*at += 6;
	}
	char text[4];
	kt_buf_add(out, text, kt_utf8_encode(text, code));
	return 0;
}

/* Appends text up to end without its escapes and without the blanks after it. */
static int unescape(struct reader *r, struct kt_buf *out, const char *text, const char *end)
{
	size_t keep = out->len;
	while (text < end) {
		char c = *text++;
		if (c != '\\' || text == end || (r->style == KT_STYLE_PLAIN && !strchr("=:", *text))) {
			kt_buf_addc(out, c);
			keep = is_blank(c) ? keep : out->len;
			continue;
		}
		static const char from[] = "tnrf", to[] = "\t\n\r\f";
		const char *known = strchr(from, *text);
		c = *text++;
		if (c == 'u') {
			if (java_unicode(r, out, &text, end) < 0)
				return -1;
		} else {
			r->dropped = r->dropped || (!known && isalnum((unsigned char)c));
			kt_buf_addc(out, known ? to[known - from] : c);
		}
		keep = out->len;
	}
	out->len = keep;
	return 0;
}

static int section(struct reader *r, struct kt_properties *out)
{
	static const char word[] = "[profile";
	struct kt_buf *text = &r->text;
	while (text->len && is_blank(text->data[text->len - 1]))
		text->len--;
	const char *name = kt_buf_cstr(text) + sizeof(word) - 1;
	if (strncmp(text->data, word, sizeof(word) - 1) || !is_blank(*name) || text->data[text->len - 1] != ']')
		return bad(r, "expected \"[profile NAME]\"");
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	text->data[text->len - 1] = '\0';
	kt_strs_split(&words, name, " \t");
	if (words.n != 1)
		return bad(r, "expected one word as the profile's name");
	kt_strs_add(&out->profiles, words.v[0]);
	r->profile = out->profiles.v[out->profiles.n - 1];
	return 0;
}

/* Where the name ends: at the first =, : or blank without a backslash before it. */
static const char *name_end(const char *text, const char *end)
{
	for (; text < end && *text != '=' && *text != ':' && !is_blank(*text); text++)
		if (*text == '\\' && text + 1 < end)
			text++;
	return text;
}

static int property(struct reader *r, struct kt_properties *out)
{
	kt_auto(kt_buf_fini) struct kt_buf key = {0};
	kt_auto(kt_buf_wipe) struct kt_buf value = {0};
	const char *text = r->text.data, *end = text + r->text.len;
	const char *stop = name_end(text, end), *rest = stop;
	while (rest < end && is_blank(*rest))
		rest++;
	bool sign = rest < end && (*rest == '=' || *rest == ':');
	if (stop == text || (!sign && r->style == KT_STYLE_PLAIN))
		return bad(r, "expected \"property=value\"");
	rest += sign;
	while (rest < end && is_blank(*rest))
		rest++;
	r->dropped = false;
	if (unescape(r, &key, text, stop) < 0 || unescape(r, &value, rest, end) < 0)
		return -1;
	out->v = kt_grow(out->v, &out->cap, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct kt_property){r->profile ? kt_strdup(r->profile) : NULL,
		kt_strndup(key.data ? key.data : "", key.len), kt_strndup(value.data ? value.data : "", value.len),
		r->started, r->line, r->dropped};
	return 0;
}

static int read_all(struct reader *r, struct kt_properties *out)
{
	int found;
	while ((found = logical_line(r)) > 0) {
		bool is_section = r->text.len && r->text.data[0] == '[';
		if ((is_section ? section(r, out) : property(r, out)) < 0)
			return -1;
	}
	return found;
}

/* The encoding in which java.util.Properties reads every file. One that is not UTF-8 must be in it. */
static void from_latin1(struct kt_buf *out, const char *text, size_t len)
{
	kt_buf_reserve(out, 2 * len);
	for (size_t i = 0; i < len; i++) {
		char utf8[4];
		kt_buf_add(out, utf8, kt_utf8_encode(utf8, (unsigned char)text[i]));
	}
}

int kt_properties_parse(struct kt_properties *out, const char *text, size_t len, const char *name, enum kt_style style,
	struct kt_err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (len > KT_PROPERTIES_MAX)
		return kt_err_set(
			err, KT_USAGE, "%s: longer than %d bytes: not a property file", name, KT_PROPERTIES_MAX);
	if (len && memchr(text, '\0', len))
		return kt_err_set(err, KT_USAGE, "%s: holds NUL bytes: not a property file", name);
	if (len >= 3 && !memcmp(text, mark, 3)) {
		text += 3;
		len -= 3;
	}
	if (!len)
		text = "";
	kt_auto(kt_properties_fini) struct kt_properties read = {0};
	kt_auto(kt_buf_wipe) struct kt_buf latin1 = {0};
	struct reader r = {.at = text, .end = text + len, .name = name, .style = style, .err = err};
	if (style == KT_STYLE_JAVA && !kt_utf8_valid(text, len)) {
		from_latin1(&latin1, text, len);
		r.at = latin1.data;
		r.end = latin1.data + latin1.len;
	}
	int result = read_all(&r, &read);
	kt_buf_wipe(&r.text);
	if (result < 0)
		return -1;
	kt_properties_fini(out);
	*out = read;
	read = (struct kt_properties){0};
	return 0;
}

char *kt_properties_expand(const char *value, char *(*lookup)(const char *name), struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	while (*value) {
		if (!strncmp(value, "$${", 3)) {
			kt_buf_adds(&out, "${");
			value += 3;
			continue;
		}
		if (strncmp(value, "${", 2)) {
			kt_buf_addc(&out, *value++);
			continue;
		}
		size_t len = strcspn(value + 2, "}");
		kt_auto(kt_free_ptr) char *name = kt_strndup(value + 2, len);
		if (!value[2 + len] || !len) {
			kt_err_set(err, KT_USAGE, "\"${\" is not closed by \"}\" or names nothing");
			kt_err_hint(err, "write $${ for a plain ${");
			return NULL;
		}
		const char *text = lookup(name);
		if (!text) {
			kt_err_set(err, KT_USAGE, "${%.100s} is not set in the environment", name);
			kt_err_hint(err, "write $${ for a plain ${");
			return NULL;
		}
		kt_buf_adds(&out, text);
		value += len + 3;
	}
	return kt_strndup(out.data ? out.data : "", out.len);
}

void kt_properties_fini(struct kt_properties *p)
{
	for (size_t i = 0; i < p->n; i++) {
		kt_wipe(p->v[i].value);
		free(p->v[i].profile);
		free(p->v[i].key);
		free(p->v[i].value);
	}
	free(p->v);
	kt_strs_fini(&p->profiles);
	*p = (struct kt_properties){0};
}
