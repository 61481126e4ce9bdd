#include "packed.h"

static const char letters[] = "<>bBhHiIqQcs$ ";

int kt_packed_check(const char *format, struct kt_err *err)
{
	if (*format && strspn(format, letters) == strlen(format))
		return 0;
	kt_err_set(err, KT_USAGE, "\"%.40s\" is neither raw nor avro, nor a format of packed integers", format);
	return kt_err_hint(err, "formats are made of < > b B h H i I q Q c s $, for example -s key=i -s 'value=>q s'");
}

/* How many bytes a letter stands for; 0: none of its own. */
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
		return kt_err_set(err, KT_FAILED, "%c needs %zu bytes, but %zu are left", letter, size, left->len);
	if (letter == '$' && left->len)
		return kt_err_set(err, KT_FAILED, "%zu bytes are left where the end is expected", left->len);
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
