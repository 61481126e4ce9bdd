/* A stream gives the same records wherever it is cut, and records and delimiters together are the stream. */
#include "buf.h"
#include "fuzz.h"
#include "mem.h"
#include "split.h"

/* Each record as its length and its bytes; returns what is left of the block. */
static size_t take(
	struct kt_buf *out, const struct kt_split *split, const char *block, size_t len, size_t searched, bool ended)
{
	size_t used;
	struct kt_bytes record, key, value;
	while ((used = kt_split_record(split, block, len, searched, ended, &record))) {
		REQUIRE(used <= len && record.data == block && record.len <= used);
		REQUIRE(used == record.len + split->delim.len || (ended && used == len && used == record.len));
		kt_split_key(split, record, &key, &value);
		REQUIRE(value.data && value.data + value.len == record.data + record.len);
		REQUIRE(key.data ? key.len + split->key_delim.len + value.len == record.len : value.len == record.len);
		kt_buf_addf(out, "%zu:", record.len);
		kt_buf_add(out, record.data, record.len);
		block += used, len -= used, searched = 0;
	}
	REQUIRE(!ended || !len);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	size_t delim_len = size ? data[0] % 4 + 1 : 1;
	if (size < 2 + delim_len || size > 4096)
		return 0;
	size_t len = size - 2 - delim_len, cut = len * data[1] / 255;
	struct kt_split split = {.delim = {at + 2, delim_len}, .key_delim = {at, 1 + data[0] % 2}};
	kt_auto(kt_buf_fini) struct kt_buf whole = {0}, parts = {0};
	/* A copy, so that reads beyond it are noticed. */
	kt_auto(kt_free_ptr) char *stream = kt_malloc(len);
	memcpy(stream, at + 2 + delim_len, len);

	take(&whole, &split, stream, len, 0, true);
	size_t left = take(&parts, &split, stream, cut, 0, false);
	take(&parts, &split, stream + cut - left, len - cut + left, left, true);
	REQUIRE(parts.len == whole.len && (!whole.len || !memcmp(parts.data, whole.data, whole.len)));
	return 0;
}
