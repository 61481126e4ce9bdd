/* A value that may be a small Avro container: what is taken from it are so many data of its schema and nothing else, so
 * that a file of them can be read; and what is none is kept whole. */
#include "fuzz.h"
#include "sinkschema.h"

/* Whether they are count data of the schema, one behind the other. */
static bool are_data(const struct kt_sinkschema *schema, struct kt_bytes data, int64_t count)
{
	struct kt_avro_run *run = kt_avro_run_new();
	bool fine = true;
	for (int64_t i = 0; i < count && fine; i++)
		fine = kt_avro_printer_skip(schema->program, run, &data) == 0;
	kt_avro_run_free(run);
	return fine && !data.len;
}

static bool ends_with(struct kt_bytes text, struct kt_bytes end, size_t behind)
{
	return text.len >= end.len + behind &&
	       (!end.len || !memcmp(text.data + text.len - behind - end.len, end.data, end.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_sinkschemas_fini) struct kt_sinkschemas s = {0};
	const struct kt_record record = {
		.topic = {"t", 1}, .partition = 1, .offset = 2, .value = {(const char *)data, size}};
	struct kt_sinkdata first, again;
	const struct kt_sinkschema *schema = kt_sinkschemas_take(&s, &record, &first);
	REQUIRE(first.count >= 0);
	if (!schema->program) {
		/* The last byte says that there are no headers. */
		REQUIRE(first.count == 1 && ends_with(first.bytes, record.value, 1));
		return 0;
	}
	REQUIRE(size >= 4 && !memcmp(data, "Obj\1", 4) && s.plain == 0 && s.data == first.count);
	REQUIRE((uint64_t)first.count <= first.bytes.len + KT_SINKSCHEMAS_EMPTIES);
	REQUIRE(are_data(schema, first.bytes, first.count));
	int64_t count = first.count;
	REQUIRE(kt_sinkschemas_take(&s, &record, &again) == schema && again.count == count && s.n == 2);
	return 0;
}
