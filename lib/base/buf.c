#include "buf.h"

#include <stdarg.h>
#include <stdlib.h>

#include "digits.h"
#include "mem.h"

void kt_buf_fini(struct kt_buf *b)
{
	free(b->data);
	*b = (struct kt_buf){0};
}

void kt_buf_wipe(struct kt_buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	kt_buf_fini(b);
}

void kt_buf_grow(struct kt_buf *b, size_t more)
{
	b->data = kt_grow(b->data, &b->cap, b->len + more, 1);
}

void kt_buf_addf(struct kt_buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int need = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (need < 0)
		return;
	char *at = kt_buf_reserve(b, (size_t)need + 1);
	va_start(args, format);
	vsnprintf(at, (size_t)need + 1, format, args);
	va_end(args);
	b->len += (size_t)need;
}

void kt_buf_add_i64(struct kt_buf *b, int64_t n)
{
	b->len = (size_t)(kt_digits_signed(kt_buf_reserve(b, 1 + KT_DIGITS_MAX), n) - b->data);
}

const char *kt_buf_cstr(struct kt_buf *b)
{
	*kt_buf_reserve(b, 1) = '\0';
	return b->data;
}

void kt_buf_add_base64(struct kt_buf *b, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = data;
	if (!len)
		return;
	char *out = kt_buf_reserve(b, (len + 2) / 3 * 4);
	b->len += (len + 2) / 3 * 4;
	for (; len >= 3; len -= 3, in += 3) {
		uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = digits[group >> 6 & 63];
		*out++ = digits[group & 63];
	}
	if (len) {
		uint32_t group = (uint32_t)in[0] << 16 | (len == 2 ? (uint32_t)in[1] << 8 : 0);
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = len == 2 ? digits[group >> 6 & 63] : '=';
		*out = '=';
	}
}

void kt_buf_add_hex(struct kt_buf *b, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = data;
	if (!len)
		return;
	char *out = kt_buf_reserve(b, len * 2);
	b->len += len * 2;
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
}
