/* Up to the first NUL a schema, after it JSON. What is encoded is a datum of the schema and nothing else, prints as
 * JSON that is encoded to the same bytes, and does so again with an encoder that was used before; what is refused
 * leaves nothing over. A schema that is fit for writing is fit for reading. */
#include "avro_check.h"
#include "avro_encode.h"
#include "avro_printer.h"
#include "json_check.h"

static bool encode(struct kt_avro_encoder *e, struct kt_buf *out, const char *json, size_t len)
{
	struct kt_err err = {0};
	size_t before = out->len;
	if (kt_avro_encode(e, out, json, len, &err) == 0)
		return true;
	REQUIRE(err.status == KT_FAILED && err.msg[0] && out->len == before);
	return false;
}

/* The datum alone, as its tagged JSON. False when it is printed with less than it was made of (a text beyond a limit).
 */
static bool print(struct kt_buf *text, const struct kt_avro_schema *schema, const struct kt_buf *datum)
{
	struct kt_err err = {0};
	struct kt_avro_how how = {.form = KT_AVRO_TAGGED};
	struct kt_avro_printer *printer = kt_avro_printer_compile(schema, &how);
	struct kt_avro_run *run = kt_avro_run_new();
	struct kt_bytes data = {datum->data, datum->len};
	int result = kt_avro_printer_run(printer, run, &data, text, &err);
	REQUIRE(result < 0 || !data.len);
	kt_avro_run_free(run);
	kt_avro_printer_free(printer);
	return result == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = size ? memchr(text, '\0', size) : NULL;
	size_t len = end ? (size_t)(end - text) : size;
	struct kt_avro_schema *schema = NULL;
	struct kt_err err = {0};
	if (!end || kt_avro_schema_parse(&schema, text, len, &err) < 0)
		return 0;
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = schema->root};
	kt_auto(kt_buf_fini) struct kt_buf datum = {0}, twice = {0}, again = {0}, printed = {0};
	if (kt_avro_check_writer(schema, &err) == 0)
		REQUIRE(kt_avro_check_reader(schema, &err) == 0);
	kt_buf_addc(&datum, '\0');
	kt_buf_addc(&twice, '\0');
	bool fine = encode(&e, &datum, end + 1, size - len - 1);
	REQUIRE(encode(&e, &twice, end + 1, size - len - 1) == fine);
	REQUIRE(datum.len == twice.len && !memcmp(datum.data, twice.data, datum.len));
	struct kt_buf alone = {.data = datum.data + 1, .len = datum.len - 1};
	if (fine && print(&printed, schema, &alone) && encode(&e, &again, printed.data, printed.len))
		REQUIRE(again.len == alone.len && !memcmp(again.data, alone.data, alone.len));
	kt_avro_schema_free(schema);
	return 0;
}
