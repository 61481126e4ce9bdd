/* Escapes: from what people type for a delimiter to bytes, and from hostile bytes to something safe to print. */
#ifndef KT_ESC_H
#define KT_ESC_H

#include "buf.h"
#include "err.h"

/* Appends the bytes that text stands for: \n \t \r \a \b \e \f \v \0 \\ \" \' \xHH (1 or 2 digits) \uHHHH (as
 * UTF-8); other bytes as they are. A lone backslash at the end, an unknown escape, or \x without a digit is KT_USAGE.
 */
int kt_unescape(struct kt_buf *out, const char *text, struct kt_err *err) kt_must_check;

/* Quoted text for an error line into out (size bytes, always terminated): "abc\n\xff…", control bytes and invalid
 * UTF-8 escaped, cut with an ellipsis when too long. Returns out. A null value becomes null without quotes. */
const char *kt_quote(char *out, size_t size, struct kt_bytes bytes);

/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
 * NUL bytes are allowed. Fast for ASCII: 8 bytes at a time. */
bool kt_utf8_valid(const void *data, size_t len);

/* Decodes base64 (RFC 4648 section 4; padding may be missing; no white space) and appends it. -1 when malformed, and
 * out is then as before. */
int kt_base64_decode(struct kt_buf *out, const char *text, size_t len) kt_must_check;

/* Decodes hexadecimal, either case, an even number of digits. -1 when malformed, and out is then as before. */
int kt_hex_decode(struct kt_buf *out, const char *text, size_t len) kt_must_check;

#endif
