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

/* Behind the brace that closes the labels, or NULL. Braces and quotes may stand in a label's value. */
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

static bool read_sample(const char *at, const char *end, struct kt_sample_line *sample)
{
	const char *start = at = pass_blanks(at, end);
	*sample = (struct kt_sample_line){0};
	while (at < end && is_name(*at))
		at++;
	sample->name = (struct kt_bytes){start, (size_t)(at - start)};
	if (at == start)
		return false;
	at = pass_blanks(at, end);
	if (at < end && *at == '{') {
		const char *behind = pass_labels(at + 1, end);
		if (!behind)
			return false;
		sample->labels = (struct kt_bytes){at + 1, (size_t)(behind - 1 - (at + 1))};
		at = behind;
	}
	return read_value(pass_blanks(at, end), end, &sample->value);
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

bool kt_sample_is(const struct kt_sample_line *sample, const char *name)
{
	return sample->name.len == strlen(name) && !memcmp(sample->name.data, name, sample->name.len);
}

/* Appends the text of a quoted value from behind its first quote; returns where it ends, or NULL. */
static const char *add_value(struct kt_buf *out, const char *at, const char *end)
{
	for (; at < end && *at != '"'; at++) {
		bool escaped = *at == '\\' && at + 1 < end;
		at += escaped;
		kt_buf_addc(out, escaped && *at == 'n' ? '\n' : *at);
	}
	return at < end ? at + 1 : NULL;
}

bool kt_label_next(struct kt_bytes *labels, struct kt_bytes *name, struct kt_buf *value)
{
	const char *at = labels->data, *end = at + labels->len;
	size_t before = value->len;
	if (!labels->len)
		return false;
	name->data = at = pass_blanks(at, end);
	while (at < end && is_name(*at))
		at++;
	name->len = (size_t)(at - name->data);
	at = pass_blanks(at, end);
	if (!name->len || at + 1 >= end || *at != '=' || at[1] != '"')
		return false;
	at = add_value(value, at + 2, end);
	if (!at) {
		value->len = before;
		return false;
	}
	at = pass_blanks(at, end);
	at += at < end && *at == ',';
	*labels = (struct kt_bytes){at, (size_t)(end - at)};
	return true;
}

bool kt_label(struct kt_bytes labels, const char *name, struct kt_buf *out)
{
	struct kt_bytes found;
	size_t before = out->len;
	while (kt_label_next(&labels, &found, out)) {
		if (found.len == strlen(name) && !memcmp(found.data, name, found.len))
			return true;
		out->len = before;
	}
	return false;
}
