/* CSV: the same records wherever the stream is cut, and fields that, written in quotes, are read as they were. The
 * first byte says where it is cut. */
#include "csvcut.h"
#include "fuzz.h"

/* Every field in quotes, a record a line. */
static bool write_again(struct kt_buf *out, const char *data, size_t size, size_t step)
{
	kt_auto(kt_csvcut_fini) struct kt_csvcut c = {0};
	struct kt_err err = {0};
	size_t at = 0, seen = step < size ? step : size;
	int64_t line = 0;
	while (at < size) {
		ssize_t used = kt_csvcut_record(&c, data + at, seen - at, seen == size, &err);
		if (used < 0) {
			REQUIRE(err.status == KT_FAILED && err.msg[0]);
			return false;
		}
		REQUIRE((size_t)used <= seen - at);
		if (used == 0) {
			REQUIRE(seen < size);
			seen = size - seen > step ? seen + step : size;
			continue;
		}
		REQUIRE(c.n && c.line > line);
		line = c.line;
		for (size_t i = 0; i < c.n; i++) {
			kt_buf_adds(out, i ? ",\"" : "\"");
			for (size_t k = 0; k < c.v[i].text.len; k++) {
				kt_buf_addc(out, c.v[i].text.data[k]);
				kt_buf_adds(out, c.v[i].text.data[k] == '"' ? "\"" : "");
			}
			kt_buf_addc(out, '"');
		}
		kt_buf_addc(out, '\n');
		at += (size_t)used;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_buf_fini) struct kt_buf whole = {0}, torn = {0}, again = {0};
	if (!size)
		return 0;
	const char *text = (const char *)data + 1;
	bool good = write_again(&whole, text, size - 1, size);
	REQUIRE(write_again(&torn, text, size - 1, data[0] % 16 + 1) == good);
	REQUIRE(torn.len == whole.len && (!whole.len || !memcmp(torn.data, whole.data, whole.len)));
	if (!good)
		return 0;
	REQUIRE(write_again(&again, whole.data, whole.len, whole.len + 1));
	REQUIRE(again.len == whole.len && (!whole.len || !memcmp(again.data, whole.data, whole.len)));
	return 0;
}
