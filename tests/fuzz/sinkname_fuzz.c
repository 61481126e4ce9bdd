/* Names of a sink's files, and its note about a roll: refused, or read so that what is written of it is the same text.
 */
#include "fuzz.h"
#include "sinkroll.h"

static void try_name(const uint8_t *data, size_t size)
{
	kt_auto(kt_buf_fini) struct kt_buf again = {0};
	struct kt_sinkname name;
	char *text = fuzz_text(data, size);
	bool part = kt_sinkname_is_part(text), folder = kt_sinkname_is_folder(text);
	if (kt_sinkname_read(&name, text)) {
		kt_sinkname_write(&name, &again);
		REQUIRE(!strcmp(kt_buf_cstr(&again), text));
		REQUIRE(name.first >= 0 && name.first <= name.last && name.last < INT64_MAX && name.partition >= 0);
		REQUIRE(!part && !folder);
		again.len = 0;
		kt_sinkname_part(&name, &again);
		REQUIRE(kt_sinkname_is_part(kt_buf_cstr(&again)));
	}
	REQUIRE(!folder || !strstr(text, ".."));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {0};
	kt_auto(kt_buf_fini) struct kt_buf again = {0};
	struct kt_err err = {0};
	try_name(data, size);
	if (kt_sinkroll_read(&roll, (struct kt_bytes){(const char *)data, size}, &err) < 0) {
		REQUIRE(err.status == KT_FAILED && err.msg[0]);
		return 0;
	}
	REQUIRE(roll.folders.n && roll.folders.n <= KT_SINKROLL_FOLDERS);
	kt_sinkroll_write(&roll, &again);
	REQUIRE(again.len == size && !memcmp(again.data, data, size) && size <= KT_SINKROLL_BYTES);
	return 0;
}
