#include "jsonsplit.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char first_of(const char *line, size_t len)
{
	size_t i = 0;
	while (i < len && is_blank(line[i]))
		i++;
	return i < len ? line[i] : '\0';
}

static char last_of(const char *line, size_t len)
{
	while (len && is_blank(line[len - 1]))
		len--;
	return len ? line[len - 1] : '\0';
}

/* Counts the brackets of a line. */
static void scan(struct kt_jsonsplit *s, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = line[i];
		if (s->escaped)
			s->escaped = false;
		else if (s->in_string && c == '\\')
			s->escaped = true;
		else if (c == '"')
			s->in_string = !s->in_string;
		else if (!s->in_string)
			s->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	}
}

static size_t give(struct kt_jsonsplit *s, const char *data, size_t len, size_t used, struct kt_bytes *record)
{
	*record = (struct kt_bytes){data, len};
	*s = (struct kt_jsonsplit){0};
	return used;
}

/* Whether the record ends with its first line. */
static bool is_single(const char *line, size_t len)
{
	char first = first_of(line, len);
	return (first != '{' && first != '[') || last_of(line, len) == '}';
}

size_t kt_jsonsplit(struct kt_jsonsplit *s, const char *data, size_t len, bool ended, struct kt_bytes *record)
{
	const char *newline;
	while ((newline = s->at < len ? memchr(data + s->at, '\n', len - s->at) : NULL)) {
		const char *line = data + s->at;
		size_t line_len = (size_t)(newline - line), end = (size_t)(newline - data);
		if (!s->at && is_single(line, line_len))
			return give(s, data, end, end + 1, record);
		if (s->at && *line == '{')
			return give(s, data, s->at - 1, s->at, record);
		scan(s, line, line_len);
		if (s->depth <= 0)
			return give(s, data, end, end + 1, record);
		s->at = end + 1;
	}
	if (!ended || !len)
		return 0;
	if (s->at && s->at < len && data[s->at] == '{')
		return give(s, data, s->at - 1, s->at, record);
	return give(s, data, len, len, record);
}
