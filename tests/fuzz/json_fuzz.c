/* What is JSON for jansson is JSON for us, and the other way round, limits aside; compact text is the same value. */
#include <jansson.h>

#include "fuzz.h"
#include "json.h"

enum { JANSSON = JSON_DECODE_ANY | JSON_ALLOW_NUL };

/* jansson refuses numbers that fit no C type and NUL in names, and overlooks a NUL after a number or a word. Both
 * bound the depth. */
static bool comparable(const json_t *json, const json_error_t *error, const struct kt_err *err)
{
	enum json_error_code code = json_error_code(error);
	if (strstr(err->msg, "nested deeper"))
		return false;
	return json || (code != json_error_numeric_overflow && code != json_error_null_byte_in_key &&
			       code != json_error_stack_overflow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct kt_err err = {0};
	struct kt_bytes compact = {0};
	json_error_t error;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	if (memchr(text, '\0', size))
		return 0;
	char *before = kt_buf_reserve(&out, size + KT_JSON_SLACK);
	struct kt_json j = {.start = text, .at = text, .end = text + size, .out = &out, .err = &err};
	bool ours = !kt_json_compact(&j, &compact) && !kt_json_finish(&j);
	REQUIRE(ours || (err.status == KT_FAILED && err.msg[0]));
	REQUIRE(out.data == before && out.len <= size);

	json_t *json = json_loadb(text, size, JANSSON, &error);
	if (comparable(json, &error, &err)) {
		REQUIRE(ours == (json != NULL));
		json_t *again = ours ? json_loadb(compact.data, compact.len, JANSSON, &error) : NULL;
		REQUIRE(!ours || json_equal(json, again));
		json_decref(again);
	}
	json_decref(json);
	return 0;
}
