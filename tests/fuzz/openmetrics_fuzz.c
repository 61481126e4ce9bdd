/* Samples lie within the text, in order, and so do their labels. */
#include <math.h>

#include "fuzz.h"
#include "openmetrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *at = text, *end = text + size, *before = text;
	struct kt_sample_line sample;
	kt_auto(kt_buf_fini) struct kt_buf label = {0};
	while (kt_sample_next(&at, end, &sample)) {
		REQUIRE(at > before && at <= end && isfinite(sample.value));
		REQUIRE(sample.name.len && sample.name.data >= before && sample.name.data + sample.name.len <= at);
		REQUIRE(!sample.labels.data || sample.labels.data + sample.labels.len < at);
		label.len = 0;
		bool found = kt_label(sample.labels, "topic", &label);
		REQUIRE(found || !label.len);
		REQUIRE(label.len <= sample.labels.len);
		before = at;
	}
	REQUIRE(at == end);
	struct kt_bytes name;
	at = before = text;
	while (kt_family_next(&at, end, &name)) {
		REQUIRE(at > before && at <= end && name.len);
		REQUIRE(name.data >= before && name.data + name.len <= at);
		before = at;
	}
	REQUIRE(at == end);
	return 0;
}
