/* Up to the first NUL a template, after it the bytes of a record. */
#include "esc.h"
#include "fmt.h"
#include "fuzz.h"
#include "mem.h"
#include "python.h"

static void check_python(struct kt_bytes bytes)
{
	kt_auto(kt_buf_fini) struct kt_buf shown = {0}, back = {0};
	struct kt_err err = {0};
	kt_python_bytes(&shown, bytes);
	for (size_t i = 0; i < shown.len; i++)
		REQUIRE(shown.data[i] >= 0x20 && shown.data[i] < 0x7f);
	/* Python's escapes are some of ours. */
	REQUIRE(shown.len >= 3 && shown.data[0] == 'b' && shown.data[1] == shown.data[shown.len - 1]);
	shown.data[shown.len - 1] = '\0';
	REQUIRE(kt_unescape(&back, shown.data + 2, &err) == 0);
	REQUIRE(fuzz_same(bytes, (struct kt_bytes){back.len ? back.data : bytes.data, back.len}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	size_t used = strlen(text) + 1 > size ? size : strlen(text) + 1;
	struct kt_bytes bytes = {(const char *)data + used, size - used};
	struct kt_header header = {bytes, {NULL, 0}};
	struct kt_record record = {.topic = bytes, .key = bytes, .value = bytes, .headers = &header, .n_headers = 1};
	struct kt_err err = {0};
	struct kt_format *f;
	kt_auto(kt_buf_fini) struct kt_buf out = {0}, plain = {0};
	if (size > 4096)
		return 0;
	check_python(bytes);
	if (kt_format_compile(&f, text, size % 2 ? "NULL" : NULL, &err) < 0) {
		REQUIRE(err.status == KT_USAGE && err.msg[0] && err.hint[0]);
		return 0;
	}
	kt_format_render(f, &out, &record);
	/* A format without a field is text; but a word may be the name of one. */
	if (!strchr(text, '%') && strcmp(text, KT_FORMAT_CSV) != 0) {
		kt_unescape_any(&plain, text);
		REQUIRE(out.len == plain.len && (!out.len || !memcmp(out.data, plain.data, out.len)));
	}
	kt_format_free(f);
	return 0;
}
