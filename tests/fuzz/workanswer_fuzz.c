#include "fuzz.h"
#include "workanswer.h"

/* Lines and frames as they come: what is taken lies within what was given, or within the scratch. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MOST = 64 };
	const char *at = (const char *)data, *end = at + size;
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	struct kt_workanswer answer;
	struct kt_err err = {0};
	ssize_t used;
	int result = kt_workanswer_line(&answer, at, size, &scratch, &err);
	REQUIRE(result == 0 ? answer.text.len <= size : err.msg[0] != '\0');
	while ((used = kt_workanswer_frame(&answer, at, (size_t)(end - at), MOST, &err)) > 0) {
		REQUIRE(answer.text.len <= MOST && answer.text.data + answer.text.len == at + used);
		at += used;
		REQUIRE(at <= end);
	}
	return 0;
}
