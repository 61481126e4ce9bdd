/* What a fuzz target needs: the entry point, and properties that end the process when they do not hold. */
#ifndef KT_FUZZ_H
#define KT_FUZZ_H

#include <stdint.h>

#include "base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                  \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Inputs as the parsers of arguments see them: the bytes before the first NUL, terminated, from the heap (so that a
 * sanitizer notices reads too far). */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	if (!text)
		abort();
	return text;
}

static inline bool fuzz_same(struct kt_bytes a, struct kt_bytes b)
{
	return !a.data == !b.data && a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

#endif
