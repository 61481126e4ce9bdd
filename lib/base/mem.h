/* Allocation that cannot fail: out of memory ends the process with one line (there is nothing sensible to undo).
 * Sizes that come from outside must be bounded before they reach these functions. */
#ifndef KT_MEM_H
#define KT_MEM_H

#include <stdarg.h>

#include "base.h"

void *kt_malloc(size_t size) __attribute__((malloc, returns_nonnull));
void *kt_calloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *kt_realloc(void *old, size_t size) __attribute__((returns_nonnull));
char *kt_strdup(const char *text) __attribute__((malloc, returns_nonnull));
char *kt_strndup(const char *text, size_t len) __attribute__((malloc, returns_nonnull));
char *kt_asprintf(const char *format, ...) kt_printf(1, 2) __attribute__((malloc, returns_nonnull));

/* Blocks of some MB, which requests and answers come in, are kept when they are freed and used again: giving them back
 * to the kernel costs as much as filling them. For main(), before the first thread. */
void kt_mem_keep(void);

/* For kt_auto(): frees the pointer variable it is given the address of. */
void kt_free_ptr(void *pointer_to_pointer);

/* Overwrites a secret before it is freed; text may be NULL. */
void kt_wipe(char *text);

/* Grows an array of `*cap` elements of `size` bytes so that `need` fit; doubles, so n appends cost O(n). */
void *kt_grow(void *array, size_t *cap, size_t need, size_t size) __attribute__((returns_nonnull));

#endif
