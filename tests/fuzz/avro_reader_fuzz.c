/* A message or a file of any framing. Given at once or in pieces, it comes to the same texts and errors. */
#include "avro_reader.h"
#include "fuzz.h"

enum { TEXT_ENOUGH = 1 << 20 };

static const struct kt_avro_how how = {.form = KT_AVRO_JSON};

static struct kt_avro_reader *new_reader(void)
{
	static const char *const schemas[] = {"{\"type\":\"array\",\"items\":[\"null\",\"long\"]}", "\"string\""};
	struct kt_err err = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&how, KT_AVRO_FIND);
	for (size_t i = 0; i < KT_LEN(schemas); i++)
		REQUIRE(!kt_avro_give(r, (int64_t)i - 1, schemas[i], strlen(schemas[i]), &err));
	return r;
}

/* Copies, so that a sanitizer sees what reads beyond a piece, or what was consumed. */
static char *give(struct kt_avro_reader *r, char *before, const uint8_t *data, size_t len, bool begin, bool ended)
{
	char *copy = malloc(len ? len : 1);
	if (!copy)
		abort();
	memcpy(copy, data, len);
	if (begin)
		kt_avro_begin(r, (struct kt_bytes){copy, len}, ended);
	else
		kt_avro_feed(r, (struct kt_bytes){copy, len}, ended);
	free(before);
	return copy;
}

static void read_window(struct kt_avro_reader *r, struct kt_buf *out, size_t size)
{
	struct kt_err err = {0};
	int more;
	while (out->len < TEXT_ENOUGH && (more = kt_avro_next(r, out, &err)) != 0) {
		if (more < 0) {
			REQUIRE(err.status == KT_FAILED && err.msg[0]);
			REQUIRE(kt_avro_failed_at(r) >= 0 && kt_avro_failed_at(r) <= (int64_t)size);
			kt_buf_addf(out, "%s @%lld\n", err.msg, (long long)kt_avro_failed_at(r));
		}
		kt_buf_addc(out, '\n');
	}
}

static void read_pieces(struct kt_buf *out, const uint8_t *data, size_t size, size_t piece)
{
	struct kt_avro_reader *r = new_reader();
	size_t start = 0, end = size < piece ? size : piece;
	char *window = give(r, NULL, data, end, true, end == size);
	for (;;) {
		read_window(r, out, size);
		if (end == size || out->len >= TEXT_ENOUGH)
			break;
		REQUIRE(kt_avro_consumed(r) <= end - start);
		start += kt_avro_consumed(r);
		end = size - end < piece ? size : end + piece;
		window = give(r, window, data + start, end - start, false, end == size);
	}
	kt_avro_reader_free(r);
	free(window);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_buf_fini) struct kt_buf whole = {0}, pieces = {0};
	read_pieces(&whole, data, size, size ? size : 1);
	read_pieces(&pieces, data, size, 1 + size / 7);
	bool same = whole.len == pieces.len && (!whole.len || !memcmp(whole.data, pieces.data, whole.len));
	REQUIRE(same || whole.len >= TEXT_ENOUGH || pieces.len >= TEXT_ENOUGH);
	return 0;
}
