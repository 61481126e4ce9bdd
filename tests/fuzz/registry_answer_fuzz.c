/* An answer, and schemas (up to a NUL byte each) that are put together. A schema alone stays what it was. */
#include "avro_join.h"
#include "fuzz.h"
#include "registry_answer.h"

enum { TEXTS = 8 };

static void read_answers(const char *text, size_t len)
{
	struct kt_err err = {0};
	struct kt_registry_answer a = {0};
	char message[64];
	int64_t id = -1;
	if (kt_registry_answer_read(&a, text, len, &err) == 0)
		REQUIRE(a.schema && a.type && a.n_references <= KT_REGISTRY_REFERENCES);
	else
		REQUIRE(err.status == KT_FAILED && err.msg[0] && !a.schema);
	kt_registry_answer_fini(&a);
	kt_registry_answer_error(message, sizeof(message), text, len);
	REQUIRE(strlen(message) < sizeof(message));
	REQUIRE(kt_registry_answer_id(&id, text, len, &err) < 0 || (id >= 0 && id <= UINT32_MAX));
}

static void read_lists(const char *text, size_t len)
{
	struct kt_err err = {0};
	kt_auto(kt_strs_fini) struct kt_strs names = {0}, why = {0};
	int64_t *numbers;
	size_t n;
	bool fits;
	if (kt_registry_answer_names(&names, text, len, &err) < 0)
		REQUIRE(err.status == KT_FAILED && err.msg[0]);
	REQUIRE(names.n <= len);
	if (kt_registry_answer_numbers(&numbers, &n, text, len, &err) == 0)
		REQUIRE(numbers && n <= len + 1);
	else
		REQUIRE(!numbers && err.status == KT_FAILED);
	free(numbers);
	REQUIRE(kt_registry_answer_fits(&fits, &why, text, len, &err) == 0 || err.status == KT_FAILED);
}

static bool canonical(struct kt_buf *out, const char *text, size_t len)
{
	struct kt_avro_schema *schema;
	struct kt_err err = {0};
	if (kt_avro_schema_parse(&schema, text, len, &err) < 0)
		return false;
	kt_avro_canonical(out, schema);
	kt_avro_schema_free(schema);
	return true;
}

static void check_alone(struct kt_bytes text)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf joined = {0}, before = {0}, after = {0};
	struct kt_avro_pool none = {0};
	if (!canonical(&before, text.data, text.len) ||
		kt_avro_pool_join(&none, &joined, text.data, text.len, &err) < 0)
		return;
	REQUIRE(canonical(&after, joined.data, joined.len));
	REQUIRE(before.len == after.len && !memcmp(before.data, after.data, before.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_bytes texts[TEXTS];
	const char *at = (const char *)data, *end = at + size;
	size_t n = 0;
	read_answers(at, size);
	read_lists(at, size);
	for (; n < TEXTS && at <= end; n++) {
		const char *zero = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
		texts[n] = (struct kt_bytes){at, (size_t)((zero ? zero : end) - at)};
		at += texts[n].len + 1;
	}
	check_alone(texts[0]);
	kt_auto(kt_avro_pool_fini) struct kt_avro_pool pool = {0};
	for (size_t i = 1; i < n; i++)
		if (kt_avro_pool_add(&pool, texts[i].data, texts[i].len, &err) < 0)
			REQUIRE(err.status == KT_FAILED && err.msg[0]);
	if (kt_avro_pool_join(&pool, &out, texts[0].data, texts[0].len, &err) < 0)
		REQUIRE(err.status == KT_FAILED && err.msg[0] && !out.len);
	return 0;
}
