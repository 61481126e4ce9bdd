/* A growing byte buffer. It starts as {0}, owns its bytes, and may hold NUL bytes.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf b = {0};
 *   kt_buf_addf(&b, "%s [%d]", topic, partition);
 *   write(fd, b.data, b.len);
 */
#ifndef KT_BUF_H
#define KT_BUF_H

#include "base.h"

struct kt_buf {
	char *data;
	size_t len, cap;
};

void kt_buf_fini(struct kt_buf *b);

/* The same for secrets: nothing of what it holds is left in memory that is given back. What a buffer outgrew is left
 * there; where that must not be, reserve enough at first. Also for kt_auto(). */
void kt_buf_wipe(struct kt_buf *b);

/* Makes room for `more` bytes after len. Out of line: only called when the buffer has to grow. */
void kt_buf_grow(struct kt_buf *b, size_t more);

void kt_buf_addf(struct kt_buf *b, const char *format, ...) kt_printf(2, 3);

/* Decimal text of n; several times faster than addf("%lld"). */
void kt_buf_add_i64(struct kt_buf *b, int64_t n);

/* The text as a C string: a NUL is put after the bytes and not counted. Valid until the next change. */
const char *kt_buf_cstr(struct kt_buf *b);

/* Appends base64 (RFC 4648 section 4, with padding). */
void kt_buf_add_base64(struct kt_buf *b, const void *data, size_t len);

/* Appends lower-case hexadecimal. */
void kt_buf_add_hex(struct kt_buf *b, const void *data, size_t len);

/* At least `more` writable bytes at the returned address; add what was used to b->len. */
static inline char *kt_buf_reserve(struct kt_buf *b, size_t more)
{
	if (b->cap - b->len < more)
		kt_buf_grow(b, more);
	return b->data + b->len;
}

static inline void kt_buf_add(struct kt_buf *b, const void *data, size_t len)
{
	if (len) {
		memcpy(kt_buf_reserve(b, len), data, len);
		b->len += len;
	}
}

static inline void kt_buf_adds(struct kt_buf *b, const char *text)
{
	kt_buf_add(b, text, strlen(text));
}

static inline void kt_buf_addc(struct kt_buf *b, char c)
{
	*kt_buf_reserve(b, 1) = c;
	b->len++;
}

#endif
