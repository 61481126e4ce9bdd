#include "python.h"

#include "esc.h"

struct range {
	uint32_t first, last;
};

static const struct range unprintable[] = {
#include "unprintable.inc"
};

static const char hex[] = "0123456789abcdef";

/* One byte as Python's repr() shows it between quotes. */
static void add_python_byte(struct kt_buf *out, unsigned char c, char quote)
{
	char short_name = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\\' || c == quote ? (char)c : 0;
	if (short_name)
		kt_buf_add(out, (char[]){'\\', short_name}, 2);
	else if (c >= 0x20 && c < 0x7f)
		kt_buf_addc(out, (char)c);
	else
		kt_buf_add(out, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
}

void kt_python_bytes(struct kt_buf *out, struct kt_bytes bytes)
{
	if (!bytes.data) {
		kt_buf_adds(out, "None");
		return;
	}
	bool has_single = memchr(bytes.data, '\'', bytes.len), has_double = memchr(bytes.data, '"', bytes.len);
	char quote = has_single && !has_double ? '"' : '\'';
	kt_buf_addc(out, 'b');
	kt_buf_addc(out, quote);
	for (size_t i = 0; i < bytes.len; i++)
		add_python_byte(out, (unsigned char)bytes.data[i], quote);
	kt_buf_addc(out, quote);
}

static bool is_printable(uint32_t code)
{
	size_t low = 0, high = KT_LEN(unprintable);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (code > unprintable[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low == KT_LEN(unprintable) || code < unprintable[low].first;
}

/* The code point of a well-formed sequence of 2 to 4 bytes. */
static uint32_t code_of(const unsigned char *at, size_t len)
{
	uint32_t code = at[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | (at[i] & 0x3f);
	return code;
}

static void add_code(struct kt_buf *out, uint32_t code)
{
	int digits = code < 0x100 ? 2 : code < 0x10000 ? 4 : 8;
	char *to = kt_buf_reserve(out, 10);
	*to++ = '\\';
	*to++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
	for (int i = digits; i-- > 0;)
		*to++ = hex[code >> 4 * i & 15];
	out->len += 2 + (size_t)digits;
}

/* How many bytes at the front need no escape in single quotes. */
static size_t plain_prefix(const unsigned char *data, size_t len)
{
	enum { STEP = 16 };
	typedef int8_t lanes __attribute__((vector_size(STEP)));
	size_t n = 0;
	for (; n + STEP <= len; n += STEP) {
		lanes bytes, special;
		uint64_t half[2];
		memcpy(&bytes, data + n, STEP);
		special = (bytes < 0x20) | (bytes == '\'') | (bytes == '\\') | (bytes == 0x7f);
		memcpy(half, &special, sizeof(half));
		if (half[0] | half[1])
			break;
	}
	while (n < len && data[n] >= 0x20 && data[n] < 0x7f && data[n] != '\'' && data[n] != '\\')
		n++;
	return n;
}

bool kt_python_string(struct kt_buf *out, const void *data, size_t len)
{
	const unsigned char *at = data, *end = at + len;
	size_t before = out->len, plain = plain_prefix(at, len);
	char quote = '\'';
	if (plain < len && memchr(at, '\'', len) && !memchr(at, '"', len))
		quote = '"';
	kt_buf_addc(out, quote);
	while (at < end) {
		kt_buf_add(out, at, plain);
		at += plain;
		size_t step = at < end ? kt_utf8_sequence(at, end) : 0;
		if (step == 1) {
			add_python_byte(out, *at, quote);
		} else if (step) {
			uint32_t code = code_of(at, step);
			if (is_printable(code))
				kt_buf_add(out, at, step);
			else
				add_code(out, code);
		} else if (at < end) {
			out->len = before;
			return false;
		}
		at += step;
		plain = plain_prefix(at, (size_t)(end - at));
	}
	kt_buf_addc(out, quote);
	return true;
}

void kt_python_partition(struct kt_buf *out, const char *topic, int32_t partition)
{
	kt_buf_addf(out, "TopicPartition{topic=%s,partition=%d,offset=-1001,leader_epoch=None,error=None}", topic,
		(int)partition);
}
