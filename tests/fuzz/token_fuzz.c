/* What a command for a token printed: whatever is taken is a token, good for some time, with a name that can be shown.
 */
#include <stdlib.h>

#include "mem.h"
#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	struct kt_token token = {0};
	char *text = kt_calloc(1, size + 1);
	if (size)
		memcpy(text, data, size);
	if (kt_token_read(&token, text, size, 1700000000000, &err) < 0) {
		if (!err.msg[0])
			abort();
	} else {
		if (!*token.text || strpbrk(token.text, " \1\"\r\n") || token.expires_ms <= 1700000000000)
			abort();
		for (const char *c = token.principal; *c; c++)
			if (*c <= ' ' || *c == 0x7f)
				abort();
	}
	kt_token_fini(&token);
	free(text);
	return 0;
}
