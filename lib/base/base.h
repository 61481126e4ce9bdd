/* What every file may use: attributes, ownership helpers, banned functions.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf line = {0};      released at the end of the block
 *   char *text = kt_steal(name);                         hands `name` over and leaves NULL behind
 */
#ifndef KT_BASE_H
#define KT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define kt_must_check __attribute__((warn_unused_result))
#define kt_printf(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define kt_noreturn __attribute__((noreturn))

/* Calls fini(&variable) when the variable goes out of scope. */
#define kt_auto(fini) __attribute__((cleanup(fini)))

/* The value of a pointer variable, which becomes NULL: ownership moves to whoever takes the result. */
#define kt_steal(pointer)                                                                                              \
	__extension__({                                                                                                \
		__typeof__(pointer) stolen_ = (pointer);                                                               \
		(pointer) = NULL;                                                                                      \
		stolen_;                                                                                               \
	})

#define KT_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A run of bytes that somebody else owns. data == NULL is null (absent), which is not the same as len == 0. */
struct kt_bytes {
	const char *data;
	size_t len;
};

/* Whether they are this text. */
static inline bool kt_bytes_are(struct kt_bytes bytes, const char *text)
{
	return bytes.len == strlen(text) && !memcmp(bytes.data, text, bytes.len);
}

/* Functions without a bound, or with hidden static state, do not compile. The headers that declare them stand above. */
#ifndef __clang__
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll gmtime localtime gets
#endif

#endif
