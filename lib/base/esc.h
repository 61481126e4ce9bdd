/* Escapes: from what people type for a delimiter to bytes, and from hostile bytes to something safe to print. */
#ifndef KT_ESC_H
#define KT_ESC_H

#include <stdarg.h>

#include "buf.h"
#include "err.h"

/* Appends the bytes that text stands for: \n \t \r \a \b \e \f \v \0 \\ \" \' \xHH (1 or 2 digits) \uHHHH (as
 * UTF-8); other bytes as they are. A lone backslash at the end, an unknown escape, or \x without a digit is KT_USAGE.
 */
int kt_unescape(struct kt_buf *out, const char *text, struct kt_err *err) kt_must_check;

/* The same for text in which a backslash before any other character means that character, as in kcat's formats: there
 * is nothing that it does not understand. */
void kt_unescape_any(struct kt_buf *out, const char *text);

/* Quoted text for an error line into out (size bytes, always terminated): "abc\n\xff…", control bytes and invalid
 * UTF-8 escaped, cut with an ellipsis when too long. Returns out. A null value becomes null without quotes. */
const char *kt_quote(char *out, size_t size, struct kt_bytes bytes);

/* Names, addresses, configs, a broker's sentence: whatever came from outside and is not the record itself goes through
 * this on its way to a line, a table or a heading, in a pipe too. Control bytes (C1 as well, which terminals act on),
 * what is not UTF-8, separators of lines and signs that turn the direction of writing become \xHH, a line feed \n, a
 * tab \t, so that nothing moves the cursor and a name takes one row. In JSON kt_json_words() does the same. */
void kt_words(struct kt_buf *out, const char *text);
void kt_words_add(struct kt_buf *out, const void *data, size_t len);

/* The same for a record's text on a terminal, where lines and tabs are what they are. */
void kt_words_text(struct kt_buf *out, const void *data, size_t len);

/* A line or a part of one, formatted and then escaped as a whole. */
void kt_words_addf(struct kt_buf *out, const char *format, ...) kt_printf(2, 3);
void kt_words_vaddf(struct kt_buf *out, const char *format, va_list args) kt_printf(2, 0);

/* Length of the character at `at` (before end) if it can be shown as it is, 0 if it has to be escaped. */
size_t kt_shown(const unsigned char *at, const unsigned char *end);

/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
 * NUL bytes are allowed. Fast for ASCII: 8 bytes at a time. */
bool kt_utf8_valid(const void *data, size_t len);

/* Length (1 to 4) of the well-formed UTF-8 sequence that starts at `at`, or 0. at < end. */
static inline size_t kt_utf8_sequence(const unsigned char *at, const unsigned char *end)
{
	size_t left = (size_t)(end - at);
	unsigned char lead = at[0];
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || left < 2 || (at[1] & 0xc0) != 0x80)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (left < 3 || (at[2] & 0xc0) != 0x80)
		return 0;
	if (lead < 0xf0) {
		bool overlong = lead == 0xe0 && at[1] < 0xa0, surrogate = lead == 0xed && at[1] > 0x9f;
		return overlong || surrogate ? 0 : 3;
	}
	if (lead > 0xf4 || left < 4 || (at[3] & 0xc0) != 0x80)
		return 0;
	bool overlong = lead == 0xf0 && at[1] < 0x90, too_high = lead == 0xf4 && at[1] > 0x8f;
	return overlong || too_high ? 0 : 4;
}

/* The value of a hexadecimal digit, or -1. */
int kt_hex_digit(char c);

/* Writes the 1 to 3 bytes of UTF-8 of a code point below U+10000 that is not a surrogate, or the 4 bytes of one above;
 * returns how many. */
size_t kt_utf8_encode(char out[4], uint32_t code_point);

/* Decodes base64 (RFC 4648 section 4; padding may be missing; no white space) and appends it. -1 when malformed, and
 * out is then as before. */
int kt_base64_decode(struct kt_buf *out, const char *text, size_t len) kt_must_check;

/* Decodes hexadecimal, either case, an even number of digits. -1 when malformed, and out is then as before. */
int kt_hex_decode(struct kt_buf *out, const char *text, size_t len) kt_must_check;

#endif
