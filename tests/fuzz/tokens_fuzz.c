#include "fuzz.h"
#include "tokens.h"

/* A file of tokens is any text, and so is a header; what was read is whole, and no two tokens are the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err err = {0};
	int result = kt_tokens_add(&tokens, "f", (struct kt_bytes){(const char *)data, size}, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	kt_buf_add(&text, data, size);
	REQUIRE(!kt_tokens_find(&tokens, kt_buf_cstr(&text)) || !strncasecmp(text.data, "Bearer ", 7));
	for (size_t i = 0; i < tokens.n; i++) {
		const struct kt_token *t = &tokens.v[i];
		REQUIRE(t->name[0] && t->globs[KT_RIGHT_PRODUCE].n + t->globs[KT_RIGHT_CONSUME].n > 0);
		REQUIRE(!i || strcmp(t->name, tokens.v[i - 1].name) != 0);
		kt_token_may(t, KT_RIGHT_PRODUCE, "orders");
	}
	return 0;
}
