#include "benchanswer.h"
#include "fuzz.h"

/* Answers one after the other, in pieces whose length the first byte says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_benchanswer a = {0};
	size_t piece = size ? data[0] + 1u : 1;
	const char *at = (const char *)data + (size > 0), *end = (const char *)data + size;
	kt_benchanswer_begin(&a, size && data[0] & 1);
	while (at < end) {
		size_t n = piece < (size_t)(end - at) ? piece : (size_t)(end - at);
		ssize_t taken = kt_benchanswer_take(&a, at, n);
		REQUIRE(taken <= (ssize_t)n && (taken > 0 || taken == -1 || a.done));
		if (taken < 0)
			break;
		at += taken;
		REQUIRE(a.body >= 0 && a.text.len <= KT_BENCHANSWER_HEAD);
		if (a.done)
			kt_benchanswer_begin(&a, false);
	}
	kt_benchanswer_end(&a);
	kt_benchanswer_fini(&a);
	return 0;
}
