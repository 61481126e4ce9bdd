#include "benchanswer.h"

#include <strings.h>

enum { HEAD, BODY, TO_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, DONE };

void kt_benchanswer_begin(struct kt_benchanswer *a, bool head_only)
{
	a->status = 0;
	a->done = a->keep = a->chunked = false;
	a->body = a->left = 0;
	a->text.len = 0;
	a->state = HEAD;
	a->head_only = head_only;
}

static bool names(const char *line, const char *end, const char *name, struct kt_bytes *value)
{
	size_t len = strlen(name);
	if ((size_t)(end - line) <= len || line[len] != ':' || strncasecmp(line, name, len) != 0)
		return false;
	const char *from = line + len + 1;
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*value = (struct kt_bytes){from, (size_t)(end - from)};
	return true;
}

/* The last word of a list decides. */
static bool ends_with(struct kt_bytes value, const char *word)
{
	size_t len = strlen(word);
	return value.len >= len && strncasecmp(value.data + value.len - len, word, len) == 0;
}

static bool read_number(struct kt_bytes text, int base, int64_t *out)
{
	int64_t n = 0;
	size_t i = 0;
	for (; i < text.len; i++) {
		char c = (char)(text.data[i] | 0x20);
		int digit = text.data[i] >= '0' && text.data[i] <= '9' ? text.data[i] - '0'
			    : c >= 'a' && c <= 'f'                     ? c - 'a' + 10
								       : 99;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return false;
	}
	*out = n;
	/* After the size of a chunk there may be more, which says nothing about it. */
	return i > 0 && (i == text.len || (base == 16 && strchr("; \t\r", text.data[i])));
}

static int finish(struct kt_benchanswer *a)
{
	a->state = DONE;
	a->done = true;
	return 0;
}

/* What follows the head. */
static int enter_body(struct kt_benchanswer *a, int64_t length)
{
	if (a->status / 100 == 1) { /* a word on the way: the answer follows */
		kt_benchanswer_begin(a, a->head_only);
		return 0;
	}
	if (a->head_only || a->status == 204 || a->status == 304 || (length == 0 && !a->chunked))
		return finish(a);
	a->state = a->chunked ? CHUNK_SIZE : length > 0 ? BODY : TO_END;
	a->left = length;
	a->keep = a->keep && a->state != TO_END;
	return 0;
}

/* Its first word, as ab has it. */
static void keep_server(struct kt_benchanswer *a, struct kt_bytes value)
{
	size_t n = 0;
	while (n < value.len && n < sizeof(a->server) - 1 && (unsigned char)value.data[n] > ' ' &&
		value.data[n] != 0x7f)
		n++;
	memcpy(a->server, value.data, n);
	a->server[n] = '\0';
}

/* A whole head, up to its last line's end. */
static int read_head(struct kt_benchanswer *a, const char *head, const char *end)
{
	int64_t length = -1;
	struct kt_bytes value;
	if (end - head < 12 || memcmp(head, "HTTP/1.", 7) != 0 || head[8] != ' ')
		return -1;
	for (const char *digit = head + 9; digit < head + 12; digit++) {
		if (*digit < '0' || *digit > '9')
			return -1;
		a->status = a->status * 10 + (*digit - '0');
	}
	a->keep = head[7] != '0';
	const char *line = memchr(head, '\n', (size_t)(end - head));
	while (line && ++line < end) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		const char *stop = next ? next : end;
		stop -= stop > line && stop[-1] == '\r';
		if (names(line, stop, "content-length", &value) && !read_number(value, 10, &length))
			return -1;
		if (names(line, stop, "transfer-encoding", &value))
			a->chunked = ends_with(value, "chunked");
		if (names(line, stop, "connection", &value))
			a->keep = ends_with(value, "keep-alive") || (a->keep && !ends_with(value, "close"));
		if (!a->server[0] && names(line, stop, "server", &value))
			keep_server(a, value);
		line = next;
	}
	return enter_body(a, length);
}

/* The end of a head in len bytes: an empty line. NULL: not there yet. */
static const char *head_end(const char *data, size_t len)
{
	const char *at = data, *end = data + len;
	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		if (at < end && *at == '\n')
			return at + 1;
		if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
			return at + 2;
	}
	return NULL;
}

static ssize_t take_head(struct kt_benchanswer *a, const char *data, size_t len)
{
	size_t before = a->text.len;
	const char *end = before ? NULL : head_end(data, len);
	if (end)
		return read_head(a, data, end) < 0 ? -1 : end - data;
	if (before + len > KT_BENCHANSWER_HEAD)
		len = KT_BENCHANSWER_HEAD - before;
	kt_buf_add(&a->text, data, len);
	end = head_end(a->text.data, a->text.len);
	if (!end)
		return len ? (ssize_t)len : -1;
	size_t head = (size_t)(end - a->text.data);
	if (read_head(a, a->text.data, end) < 0)
		return -1;
	a->text.len = 0;
	return (ssize_t)(head - before);
}

/* A line between chunks is whole. */
static int read_line(struct kt_benchanswer *a, struct kt_bytes line)
{
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (a->state == CHUNK_SIZE) {
		if (!read_number(line, 16, &a->left))
			return -1;
		a->state = a->left ? CHUNK : TRAILER;
	} else if (a->state == CHUNK_END) {
		if (line.len)
			return -1;
		a->state = CHUNK_SIZE;
	} else if (!line.len) {
		finish(a);
	}
	return 0;
}

static ssize_t take_line(struct kt_benchanswer *a, const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);
	size_t n = end ? (size_t)(end - data) : len;
	if (a->text.len + n > KT_BENCHANSWER_HEAD)
		return -1;
	kt_buf_add(&a->text, data, n);
	if (!end)
		return (ssize_t)n;
	int read = read_line(a, (struct kt_bytes){a->text.data, a->text.len});
	a->text.len = 0;
	return read < 0 ? -1 : (ssize_t)n + 1;
}

static ssize_t take_body(struct kt_benchanswer *a, size_t len)
{
	size_t n = a->state != TO_END && (int64_t)len > a->left ? (size_t)a->left : len;
	a->body += (int64_t)n;
	a->left -= a->state == TO_END ? 0 : (int64_t)n;
	if (a->state == BODY && !a->left)
		finish(a);
	if (a->state == CHUNK && !a->left)
		a->state = CHUNK_END;
	return (ssize_t)n;
}

ssize_t kt_benchanswer_take(struct kt_benchanswer *a, const char *data, size_t len)
{
	size_t taken = 0;
	while (taken < len && !a->done) {
		ssize_t n = a->state == HEAD ? take_head(a, data + taken, len - taken)
			    : a->state == BODY || a->state == TO_END || a->state == CHUNK
				    ? take_body(a, len - taken)
				    : take_line(a, data + taken, len - taken);
		if (n < 0)
			return -1;
		taken += (size_t)n;
	}
	return (ssize_t)taken;
}

bool kt_benchanswer_end(struct kt_benchanswer *a)
{
	if (a->state == TO_END)
		finish(a);
	return a->done;
}

void kt_benchanswer_fini(struct kt_benchanswer *a)
{
	kt_buf_fini(&a->text);
}
