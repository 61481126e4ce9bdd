/* What is encoded decodes to itself, and quoted text is safe and can be typed back. */
#include <jansson.h>

#include "esc.h"
#include "fuzz.h"
#include "mem.h"

static void check_codecs(const uint8_t *data, size_t size)
{
	kt_auto(kt_buf_fini) struct kt_buf base64 = {0}, hex = {0}, back = {0};
	kt_buf_add_base64(&base64, data, size);
	REQUIRE(kt_base64_decode(&back, base64.data, base64.len) == 0);
	REQUIRE(back.len == size && (!size || !memcmp(back.data, data, size)));
	back.len = 0;
	kt_buf_add_hex(&hex, data, size);
	REQUIRE(kt_hex_decode(&back, hex.data, hex.len) == 0);
	REQUIRE(back.len == size && (!size || !memcmp(back.data, data, size)));

	/* The input taken as base64: there is one text for each run of bytes, up to the padding. */
	back.len = base64.len = 0;
	if (!kt_base64_decode(&back, (const char *)data, size)) {
		kt_buf_add_base64(&base64, back.data, back.len);
		REQUIRE(base64.len >= size && (!size || !memcmp(base64.data, data, size)));
	}
}

static void check_quote(const uint8_t *data, size_t size)
{
	struct kt_bytes bytes = {(const char *)data, size};
	struct kt_err err = {0};
	size_t room = size * 8 + 8;
	kt_auto(kt_free_ptr) char *quoted = kt_malloc(room), *cut = kt_malloc(size % 32);
	kt_auto(kt_buf_fini) struct kt_buf back = {0};
	if (size % 32)
		REQUIRE(strlen(kt_quote(cut, size % 32, bytes)) < size % 32);
	size_t len = strlen(kt_quote(quoted, room, bytes));
	REQUIRE(len >= 2 && quoted[0] == '"' && quoted[len - 1] == '"' && kt_utf8_valid(quoted, len));
	for (size_t i = 0; i < len; i++)
		REQUIRE((unsigned char)quoted[i] >= 0x20 && quoted[i] != 0x7f);
	quoted[len - 1] = '\0';
	REQUIRE(kt_unescape(&back, quoted + 1, &err) == 0);
	REQUIRE(back.len == size && (!size || !memcmp(back.data, data, size)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	if (size > 4096)
		return 0;
	check_codecs(data, size);
	check_quote(data, size);
	if (kt_unescape(&out, text, &err) < 0)
		REQUIRE(!out.len && err.msg[0] && err.hint[0]);
	else
		REQUIRE(out.len <= strlen(text));

	json_t *string = json_stringn((const char *)data, size);
	REQUIRE(kt_utf8_valid(data, size) == (string != NULL));
	json_decref(string);
	return 0;
}
