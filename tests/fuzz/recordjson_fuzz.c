/* The input as a JSON record: what was read and is written reads back the same. And as the bytes of a record, which
 * comes back as it was. */
#include "esc.h"
#include "fuzz.h"
#include "mem.h"
#include "recordjson.h"

static bool same_record(const struct kt_record *a, const struct kt_record *b)
{
	bool same = fuzz_same(a->topic, b->topic) && a->partition == b->partition && a->offset == b->offset &&
		    a->tstype == b->tstype && (a->tstype == KT_TS_NONE || a->ts_ms == b->ts_ms) &&
		    fuzz_same(a->key, b->key) && fuzz_same(a->value, b->value) && a->n_headers == b->n_headers;
	for (size_t i = 0; same && i < a->n_headers; i++)
		same = fuzz_same(a->headers[i].name, b->headers[i].name) &&
		       fuzz_same(a->headers[i].value, b->headers[i].value);
	return same;
}

static void check_round_trip(const struct kt_record *record)
{
	struct kt_recordjson e = {0};
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (enum kt_encoding encoding = KT_ENC_UTF8; encoding <= KT_ENC_HEX; encoding++) {
		out.len = 0;
		kt_recordjson_write(&out, record, encoding);
		REQUIRE(kt_utf8_valid(out.data, out.len) && !memchr(out.data, '\n', out.len));
		/* Exactly as long as it is, so that reads beyond it are noticed. */
		kt_auto(kt_free_ptr) char *text = kt_malloc(out.len);
		memcpy(text, out.data, out.len);
		REQUIRE(kt_recordjson_read(&e, text, out.len, &err) == 0);
		REQUIRE(same_record(&e.record, record));
	}
	kt_recordjson_fini(&e);
}

/* Bytes of the input, whose first says how many; null when it is 255. */
static struct kt_bytes take(const uint8_t **at, const uint8_t *end)
{
	if (*at == end || **at == 255)
		return *at += *at < end, (struct kt_bytes){0};
	size_t len = **at % 64, left = (size_t)(end - ++*at);
	struct kt_bytes bytes = {(const char *)*at, len < left ? len : left};
	*at += bytes.len;
	return bytes;
}

static void check_bytes(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;
	struct kt_header headers[3];
	struct kt_record record = {.partition = (int32_t)size - 1, .offset = -1, .ts_ms = (int64_t)size - 8};
	record.tstype = (enum kt_tstype)(size % 3);
	record.key = take(&at, end);
	record.value = take(&at, end);
	record.headers = headers;
	for (; record.n_headers < KT_LEN(headers) && at < end; record.n_headers++) {
		struct kt_bytes name = take(&at, end);
		if (!name.data || memchr(name.data, '\0', name.len))
			name = (struct kt_bytes){"", 0};
		headers[record.n_headers] = (struct kt_header){name, take(&at, end)};
	}
	check_round_trip(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_recordjson e = {0};
	struct kt_err err = {0};
	if (!kt_recordjson_read(&e, (const char *)data, size, &err))
		check_round_trip(&e.record);
	else
		REQUIRE(err.status == KT_FAILED && err.msg[0]);
	kt_recordjson_fini(&e);
	check_bytes(data, size);
	return 0;
}
