/* A span is sane or refused, and then nothing has changed; offsets that are written out read back. */
#include "fuzz.h"
#include "mem.h"
#include "offsets.h"

static bool same(struct kt_place a, struct kt_place b)
{
	return a.where == b.where && a.n == b.n;
}

static bool is_offset(struct kt_place place)
{
	return place.where == KT_AT_OFFSET;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t now = 1700000000123;
	struct kt_span span = {0}, again = {0};
	struct kt_err err = {0};
	char shown[64];
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	if (kt_span_parse(&span, text, now, &err) < 0) {
		REQUIRE(same(span.start, again.start) && same(span.end, again.end));
		REQUIRE(err.status == KT_USAGE && err.msg[0] && err.hint[0]);
		return 0;
	}
	REQUIRE(span.start.where != KT_AT_DEFAULT || span.end.where != KT_AT_DEFAULT);
	REQUIRE(span.start.where == KT_AT_TIME || span.start.n >= 0);
	REQUIRE(span.end.where != KT_AT_STORED && span.end.where != KT_AT_TAIL && span.end.where != KT_AT_HEAD);
	if (is_offset(span.start) && is_offset(span.end)) {
		REQUIRE(span.start.n <= span.end.n);
		snprintf(shown, sizeof(shown), "%lld:%lld", (long long)span.start.n, (long long)span.end.n);
		REQUIRE(kt_span_parse(&again, shown, now, &err) == 0);
		REQUIRE(same(span.start, again.start) && same(span.end, again.end));
	}
	return 0;
}
