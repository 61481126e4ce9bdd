#include "engineio.h"

#include "esc.h"

/* DIGITS: of a length. */
enum { DIGITS = 9 };

bool kt_engineio_packet(struct kt_engineio_packet *packet, struct kt_bytes text)
{
	/* Base64, where nothing binary can be sent. */
	bool base64 = text.len && *text.data == 'b';
	if (base64)
		text = (struct kt_bytes){text.data + 1, text.len - 1};
	if (!text.len || *text.data < KT_ENGINEIO_OPEN || *text.data > KT_ENGINEIO_NOOP)
		return false;
	*packet = (struct kt_engineio_packet){
		.type = *text.data, .binary = base64, .data = {text.data + 1, text.len - 1}};
	return true;
}

/* The bytes of so many units of UTF-16 from `at` on; 0: they are not there, or end within a character. */
static size_t bytes_of(const char *at, const char *end, size_t units)
{
	const char *start = at;
	while (units) {
		size_t len = at < end ? kt_utf8_sequence((const unsigned char *)at, (const unsigned char *)end) : 0;
		size_t n = len == 4 ? 2 : 1;
		if (!len || n > units)
			return 0;
		at += len;
		units -= n;
	}
	return (size_t)(at - start);
}

/* Digits up to this one; false: they are not a length. zero: the digit 0. */
static bool take_length(struct kt_engineio_payload *p, char zero, char last, size_t *len)
{
	size_t n = 0;
	for (*len = 0; p->at < p->end && *p->at != last; n++, p->at++) {
		unsigned digit = (unsigned)(unsigned char)*p->at - (unsigned)zero;
		if (digit > 9 || n == DIGITS)
			return false;
		*len = *len * 10 + digit;
	}
	return n > 0 && p->at++ < p->end;
}

/* A byte that says whether it is text, the digits of its length as bytes of their value, and 0xff. */
static int next_binary(struct kt_engineio_payload *p, struct kt_engineio_packet *packet)
{
	char kind = *p->at++;
	size_t len;
	if ((kind != 0 && kind != 1) || !take_length(p, 0, '\xff', &len) || !len || len > (size_t)(p->end - p->at))
		return -1;
	const char *at = p->at;
	p->at += len;
	if (kind == 0)
		return kt_utf8_valid(at, len) && kt_engineio_packet(packet, (struct kt_bytes){at, len}) ? 1 : -1;
	if (*at > KT_ENGINEIO_NOOP - KT_ENGINEIO_OPEN || *at < 0)
		return -1;
	*packet = (struct kt_engineio_packet){
		.type = (char)(KT_ENGINEIO_OPEN + *at), .binary = true, .data = {at + 1, len - 1}};
	return 1;
}

int kt_engineio_next(struct kt_engineio_payload *p, struct kt_engineio_packet *packet)
{
	size_t units;
	if (p->at == p->end)
		return 0;
	if (p->binary)
		return next_binary(p, packet);
	if (!take_length(p, '0', ':', &units))
		return -1;
	size_t len = bytes_of(p->at, p->end, units);
	if (!len || !kt_engineio_packet(packet, (struct kt_bytes){p->at, len}))
		return -1;
	p->at += len;
	return 1;
}

void kt_engineio_add(struct kt_buf *out, struct kt_bytes packet, bool binary)
{
	if (!binary) {
		kt_buf_addf(out, "%zu:", packet.len);
	} else {
		char digits[24];
		kt_buf_addc(out, 0);
		int n = snprintf(digits, sizeof(digits), "%zu", packet.len);
		for (int i = 0; i < n; i++)
			kt_buf_addc(out, (char)(digits[i] - '0'));
		kt_buf_addc(out, '\xff');
	}
	kt_buf_add(out, packet.data, packet.len);
}

bool kt_engineio_decode_again(struct kt_buf *out, struct kt_bytes text)
{
	size_t before = out->len;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		/* Of the characters of two bytes, those below U+0100 are one. */
		bool pair = (c == 0xc2 || c == 0xc3) && i + 1 < text.len;
		if (c >= 0x80 && !pair) {
			out->len = before;
			return false;
		}
		kt_buf_addc(out, pair ? (char)(c << 6 | ((unsigned char)text.data[++i] & 0x3f)) : (char)c);
	}
	bool valid = kt_utf8_valid(out->data + before, out->len - before);
	out->len = valid ? out->len : before;
	return valid;
}
