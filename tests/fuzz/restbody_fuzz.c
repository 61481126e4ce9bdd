/* Bodies of the REST proxy's API: whatever comes, records are read or an error is told, and all that they point to is
 * theirs. The first byte says the format. */
#include "fuzz.h"
#include "mem.h"
#include "restbody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_restbody body = {0};
	struct kt_err err = {0};
	uint64_t sum = 0;
	if (!size)
		return 0;
	enum kt_rest_format format = (enum kt_rest_format)(data[0] % 3);
	char *copy = size > 1 ? memcpy(kt_calloc(size - 1, 1), data + 1, size - 1) : NULL;
	struct kt_bytes text = {copy ? copy : "", size - 1};
	unsigned status = kt_restbody_read(&body, text, format, &err);
	REQUIRE(status == 0 || ((status == 400 || status == 422) && err.msg[0]));
	for (size_t i = 0; !status && i < body.n; i++) {
		struct kt_record r;
		kt_restbody_record(&body, i, &r);
		for (size_t k = 0; k < r.key.len; k++)
			sum += (unsigned char)r.key.data[k];
		for (size_t k = 0; k < r.value.len; k++)
			sum += (unsigned char)r.value.data[k];
		for (size_t k = 0; k < r.n_headers; k++)
			sum += r.headers[k].name.len + r.headers[k].value.len;
	}
	kt_restbody_fini(&body);
	free(copy);
	return sum == UINT64_MAX;
}
