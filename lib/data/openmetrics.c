#include "openmetrics.h"

#include <math.h>

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

static const char *pass_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* After the brace that closes the labels, or NULL. Braces and quotes may stand in a label's value. */
static const char *pass_labels(const char *at, const char *end)
{
	bool quoted = false;
	for (; at < end; at++) {
		if (quoted && *at == '\\')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '}' && !quoted)
			return at + 1;
	}
	return NULL;
}

static bool read_value(const char *at, const char *end, double *out)
{
	char text[64], *behind;
	size_t len = 0;
	while (at + len < end && at[len] != ' ' && at[len] != '\t' && at[len] != '\r')
		len++;
	if (!len || len >= sizeof(text))
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	*out = strtod(text, &behind);
	return !*behind && isfinite(*out);
}

/* The text between two quotes, as it is escaped; returns what follows them, or NULL. */
static const char *read_quoted(const char *at, const char *end, struct kt_bytes *out)
{
	const char *start = ++at;
	for (; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	*out = (struct kt_bytes){start, (size_t)(at - start)};
	return at < end ? at + 1 : NULL;
}

/* A name, quoted or not; returns what follows it, or NULL when there is none. */
static const char *read_name(const char *at, const char *end, struct kt_bytes *out)
{
	const char *start = at;
	if (at < end && *at == '"')
		return read_quoted(at, end, out);
	while (at < end && is_name(*at))
		at++;
	*out = (struct kt_bytes){start, (size_t)(at - start)};
	return at > start ? at : NULL;
}

static const char *pass_comma(const char *at, const char *end)
{
	at = pass_blanks(at, end);
	return at < end && *at == ',' ? at + 1 : at;
}

/* One of a set: a label, or, without a value, the name of the metric, which Prometheus 3 writes as {"its.name",a="b"}
 * when it is not a plain one: value.data is NULL then. Both are as they are escaped. Returns what follows it, or NULL.
 */
static const char *read_label(const char *at, const char *end, struct kt_bytes *name, struct kt_bytes *value)
{
	*value = (struct kt_bytes){0};
	at = pass_blanks(at, end);
	bool quoted = at < end && *at == '"';
	at = read_name(at, end, name);
	if (!at)
		return NULL;
	at = pass_blanks(at, end);
	if (at == end || *at != '=')
		return quoted ? pass_comma(at, end) : NULL;
	at = pass_blanks(at + 1, end);
	at = at < end && *at == '"' ? read_quoted(at, end, value) : NULL;
	return at ? pass_comma(at, end) : NULL;
}

static struct kt_bytes name_among(struct kt_bytes labels)
{
	struct kt_bytes name, value;
	const char *at = labels.data, *end = at + labels.len;
	while ((at = read_label(at, end, &name, &value)))
		if (!value.data)
			return name;
	return (struct kt_bytes){0};
}

static bool read_sample(const char *at, const char *end, struct kt_sample_line *sample)
{
	*sample = (struct kt_sample_line){0};
	at = pass_blanks(at, end);
	const char *behind = at < end && *at != '"' ? read_name(at, end, &sample->name) : NULL;
	at = pass_blanks(behind ? behind : at, end);
	if (at < end && *at == '{') {
		behind = pass_labels(at + 1, end);
		if (!behind)
			return false;
		sample->labels = (struct kt_bytes){at + 1, (size_t)(behind - 1 - (at + 1))};
		at = behind;
	}
	if (!sample->name.len && sample->labels.data)
		sample->name = name_among(sample->labels);
	return sample->name.len && read_value(pass_blanks(at, end), end, &sample->value);
}

bool kt_sample_next(const char **at, const char *end, struct kt_sample_line *sample)
{
	while (*at < end) {
		const char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;
		*at = newline ? newline + 1 : end;
		if (read_sample(line, stop, sample))
			return true;
	}
	return false;
}

/* Whether an escaped text stands for this one. */
static bool stands_for(struct kt_bytes escaped, const char *text)
{
	size_t i = 0;
	for (; i < escaped.len && *text; i++, text++) {
		bool special = escaped.data[i] == '\\' && i + 1 < escaped.len;
		char c = escaped.data[i += special];
		if ((special && c == 'n' ? '\n' : c) != *text)
			return false;
	}
	return i == escaped.len && !*text;
}

bool kt_sample_is(const struct kt_sample_line *sample, const char *name)
{
	return stands_for(sample->name, name);
}

static void unescape(struct kt_buf *out, struct kt_bytes escaped)
{
	for (size_t i = 0; i < escaped.len; i++) {
		bool special = escaped.data[i] == '\\' && i + 1 < escaped.len;
		char c = escaped.data[i += special];
		kt_buf_addc(out, special && c == 'n' ? '\n' : c);
	}
}

/* The next label as it is escaped. */
static bool next_label(struct kt_bytes *labels, struct kt_bytes *name, struct kt_bytes *value)
{
	const char *end = labels->data + labels->len;
	do {
		const char *at = labels->len ? read_label(labels->data, end, name, value) : NULL;
		if (!at)
			return false;
		*labels = (struct kt_bytes){at, (size_t)(end - at)};
	} while (!value->data);
	return true;
}

bool kt_label_next(struct kt_bytes *labels, struct kt_bytes *name, struct kt_buf *value)
{
	struct kt_bytes escaped;
	if (!next_label(labels, name, &escaped))
		return false;
	unescape(value, escaped);
	return true;
}

bool kt_label(struct kt_bytes labels, const char *name, struct kt_buf *out)
{
	struct kt_bytes found, escaped;
	while (next_label(&labels, &found, &escaped))
		if (stands_for(found, name)) {
			unescape(out, escaped);
			return true;
		}
	return false;
}

bool kt_family_next(const char **at, const char *end, struct kt_bytes *name)
{
	static const char mark[] = "# TYPE ";
	while (*at < end) {
		const char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;
		*at = newline ? newline + 1 : end;
		if ((size_t)(stop - line) < sizeof(mark) || memcmp(line, mark, sizeof(mark) - 1) != 0)
			continue;
		if (read_name(pass_blanks(line + sizeof(mark) - 1, stop), stop, name) && name->len)
			return true;
	}
	return false;
}
