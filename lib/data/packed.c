#include "packed.h"

#include <errno.h>

#include "esc.h"
#include "num.h"

static const char letters[] = "<>bBhHiIqQcs$ ";

int kt_packed_check(const char *format, struct kt_err *err)
{
	if (*format && strspn(format, letters) == strlen(format))
		return 0;
	kt_err_set(err, KT_USAGE, "\"%.40s\" is neither raw nor avro, nor a format of packed integers", format);
	return kt_err_hint(err, "formats are made of < > b B h H i I q Q c s $, for example -s key=i -s 'value=>q s'");
}

/* How many bytes a letter stands for; 0: no fixed number. */
static size_t size_of(char letter)
{
	switch (letter) {
	case 'b':
	case 'B':
	case 'c':
		return 1;
	case 'h':
	case 'H':
		return 2;
	case 'i':
	case 'I':
		return 4;
	case 'q':
	case 'Q':
		return 8;
	default:
		return 0;
	}
}

static uint64_t read_number(const char *data, size_t size, bool little)
{
	uint64_t n = 0;
	for (size_t i = 0; i < size; i++)
		n = n << 8 | (unsigned char)data[little ? size - 1 - i : i];
	return n;
}

static void add_number(struct kt_buf *out, char letter, uint64_t n, size_t size)
{
	unsigned above = 64 - 8 * (unsigned)size;
	if (letter == 'c')
		kt_buf_addc(out, (char)n);
	else if (letter >= 'a')
		kt_buf_add_i64(out, (int64_t)(n << above) >> above);
	else
		kt_buf_addf(out, "%llu", (unsigned long long)n);
}

static int take(char letter, bool little, struct kt_bytes *left, struct kt_buf *out, struct kt_err *err)
{
	size_t size = size_of(letter);
	if (size > left->len)
		return kt_err_set(err, KT_FAILED, "%c needs %zu byte%s, but %zu %s left", letter, size,
			kt_plural((int64_t)size), left->len, left->len == 1 ? "is" : "are");
	if (letter == '$' && left->len)
		return kt_err_set(err, KT_FAILED, "%zu byte%s left where the end is expected", left->len,
			kt_plural_are((int64_t)left->len));
	if (letter == ' ')
		kt_buf_addc(out, ' ');
	if (letter == 's') {
		kt_buf_add(out, left->data, left->len);
		size = left->len;
	} else if (size) {
		add_number(out, letter, read_number(left->data, size, little), size);
	}
	left->data += size;
	left->len -= size;
	return 0;
}

int kt_packed_print(const char *format, struct kt_bytes bytes, struct kt_buf *out, struct kt_err *err)
{
	size_t before = out->len;
	bool little = false;
	for (const char *at = format; *at; at++) {
		if (*at == '<' || *at == '>')
			little = *at == '<';
		else if (take(*at, little, &bytes, out, err) < 0) {
			out->len = before;
			return -1;
		}
	}
	return 0;
}

/* The number at the front of the text. */
static int read_text(char letter, size_t size, struct kt_bytes *left, uint64_t *n, struct kt_err *err)
{
	bool is_signed = letter >= 'a';
	char word[24], shown[40], *end;
	size_t len = 0;
	while (left->len && *left->data == ' ')
		left->data++, left->len--;
	while (len < left->len && len + 1 < sizeof(word) && left->data[len] != ' ')
		len++;
	snprintf(word, sizeof(word), "%.*s", (int)len, left->data);
	errno = 0;
	*n = is_signed ? (uint64_t)strtoll(word, &end, 10) : strtoull(word, &end, 10);
	unsigned bits = 8 * (unsigned)size;
	uint64_t top = bits < 64 ? *n >> (bits - is_signed) : 0;
	bool fits = !errno && (!top || (is_signed && top == UINT64_MAX >> (bits - 1)));
	if (!len || *end || strchr("+ \t\n\v\f\r", *word) || (!is_signed && *word == '-') || !fits)
		return kt_err_set(err, KT_FAILED, "%c: %s is not a whole number of %u bits", letter,
			kt_quote(shown, sizeof(shown), *left), bits);
	left->data += len;
	left->len -= len;
	return 0;
}

static void write_number(struct kt_buf *out, uint64_t n, size_t size, bool little)
{
	for (size_t i = 0; i < size; i++)
		kt_buf_addc(out, (char)(n >> 8 * (little ? i : size - 1 - i)));
}

static int put(char letter, bool little, struct kt_bytes *left, struct kt_buf *out, struct kt_err *err)
{
	size_t size = size_of(letter), used = letter == 's' ? left->len : 1;
	uint64_t n;
	if (letter == '$')
		return 0;
	if (size && letter != 'c') {
		if (read_text(letter, size, left, &n, err) < 0)
			return -1;
		write_number(out, n, size, little);
		return 0;
	}
	if (left->len < used || (letter == ' ' && *left->data != ' '))
		return kt_err_set(err, KT_FAILED, "%s is expected", letter == ' ' ? "a blank" : "a character");
	if (letter != ' ')
		kt_buf_add(out, left->data, used);
	left->data += used;
	left->len -= used;
	return 0;
}

int kt_packed_read(const char *format, struct kt_bytes text, struct kt_buf *out, struct kt_err *err)
{
	size_t before = out->len;
	bool little = false;
	int result = 0;
	for (const char *at = format; *at && result == 0; at++)
		if (*at == '<' || *at == '>')
			little = *at == '<';
		else
			result = put(*at, little, &text, out, err);
	if (result == 0 && text.len)
		result = kt_err_set(err, KT_FAILED, "%zu byte%s left after what the format takes", text.len,
			kt_plural_are((int64_t)text.len));
	if (result < 0)
		out->len = before;
	return result;
}
