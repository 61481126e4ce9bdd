/* avro-c as a second opinion: it reads what we encode, and its JSON and ours say the same. */
#include <avro.h>
#include <jansson.h>

#include "avro_encode.h"
#include "avro_printer.h"
#include "avro_rows.h"
#include "tap.h"

static const struct {
	const char *schema, *json;
} rows[] = {
	{"\"null\"", "null"},
	{"\"boolean\"", "true"},
	{"\"int\"", "-2147483648"},
	{"\"long\"", "9223372036854775807"},
	{"\"float\"", "0.5"},
	{"\"double\"", "1694266072.6484454"},
	{"\"string\"", "\"caf\\u00e9 \\\"quoted\\\"\""},
	{"\"bytes\"", "\"\\u0001\\u007f\""},
	{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "\"ab\""},
	{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "\"B\""},
	{"{\"type\":\"array\",\"items\":\"long\"}", "[1,-64,65,8192]"},
	{"{\"type\":\"map\",\"values\":\"double\"}", "{\"a\":1.5,\"b\":-0.25}"},
	{"[\"null\",\"string\",\"long\"]", "{\"long\":7}"},
	{"{\"type\":\"record\",\"name\":\"List\",\"fields\":[{\"name\":\"v\",\"type\":\"long\"},{\"name\":\"next\",\"type\":"
	 "[\"null\",\"List\"]}]}",
		"{\"v\":1,\"next\":{\"List\":{\"v\":2,\"next\":null}}}"},
	{"{\"type\":\"record\",\"name\":\"s\",\"fields\":[{\"name\":\"experiment\",\"type\":\"string\"},{\"name\":\"sensors\","
	 "\"type\":{\"type\":\"array\",\"items\":\"string\"}},{\"name\":\"range\",\"type\":{\"type\":\"record\",\"name\":"
	 "\"r\",\"fields\":[{\"name\":\"upper\",\"type\":\"float\"},{\"name\":\"lower\",\"type\":\"float\"}]}}]}",
		"{\"experiment\":\"577cb8c3\",\"sensors\":[\"a\",\"b\"],\"range\":{\"upper\":26.5,\"lower\":25.5}}"},
};

/* What avro-c reads from a datum; false when it cannot. */
static bool read_theirs(avro_value_t *value, const char *schema, const struct kt_buf *datum)
{
	avro_schema_t parsed = NULL;
	if (avro_schema_from_json_length(schema, strlen(schema), &parsed) != 0)
		return false;
	avro_value_iface_t *class = avro_generic_class_from_schema(parsed);
	avro_generic_value_new(class, value);
	avro_reader_t reader = avro_reader_memory(datum->data, (int64_t)datum->len);
	bool fine = avro_value_read(reader, value) == 0;
	avro_reader_free(reader);
	avro_value_iface_decref(class);
	avro_schema_decref(parsed);
	if (!fine)
		avro_value_decref(value);
	return fine;
}

/* The JSON that it makes of a datum, as a value; NULL when it cannot read it. */
static json_t *theirs(const char *schema, const struct kt_buf *datum)
{
	avro_value_t value;
	char *text = NULL;
	if (!read_theirs(&value, schema, datum))
		return NULL;
	json_t *json = avro_value_to_json(&value, 1, &text) == 0 ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	free(text);
	avro_value_decref(&value);
	return json;
}

/* The bytes that it writes for what it has read, in hexadecimal. */
static const char *rewritten(struct kt_buf *hex, const char *schema, const struct kt_buf *datum)
{
	avro_value_t value;
	char bytes[4096];
	hex->len = 0;
	if (!read_theirs(&value, schema, datum))
		return "not read";
	avro_writer_t writer = avro_writer_memory(bytes, sizeof(bytes));
	if (avro_value_write(writer, &value) == 0)
		kt_buf_add_hex(hex, bytes, (size_t)avro_writer_tell(writer));
	else
		kt_buf_adds(hex, "not written");
	avro_writer_free(writer);
	avro_value_decref(&value);
	return kt_buf_cstr(hex);
}

static void check(struct kt_avro_run *run, const char *text, const char *value)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema;
	kt_auto(kt_buf_fini) struct kt_buf datum = {0}, printed = {0};
	CHECK_INT(kt_avro_schema_parse(&schema, text, strlen(text), &err), 0);
	struct kt_avro_how how = {.form = KT_AVRO_TAGGED};
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder encoder = {.type = schema->root};
	struct kt_avro_printer *program = kt_avro_printer_compile(schema, &how);
	CHECK_INT(kt_avro_encode(&encoder, &datum, value, strlen(value), &err), 0);
	struct kt_bytes data = {kt_buf_cstr(&datum), datum.len};
	CHECK_INT(kt_avro_printer_run(program, run, &data, &printed, &err), 0);
	CHECK_STR(err.msg, "");
	json_t *ours = json_loads(kt_buf_cstr(&printed), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	json_t *other = theirs(text, &datum);
	if (!ours || !other || !json_equal(ours, other))
		TAP_FAIL("%s of %s: ours is %s", value, text, kt_buf_cstr(&printed));
	json_decref(ours);
	json_decref(other);
	kt_avro_printer_free(program);
	kt_avro_schema_free(schema);
}

TEST(avro_c_agrees)
{
	struct kt_avro_run *run = kt_avro_run_new();
	for (size_t i = 0; i < KT_LEN(rows); i++)
		check(run, rows[i].schema, rows[i].json);
	kt_avro_run_free(run);
}

/* The encoder's own rows. */
TEST(avro_c_reads_and_writes_the_same_bytes)
{
	for (size_t i = 0; i < KT_LEN(avro_rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema;
		const char *json = avro_rows[i].json;
		kt_auto(kt_buf_fini) struct kt_buf datum = {0}, hex = {0};
		CHECK_INT(kt_avro_schema_parse(&schema, avro_rows[i].schema, strlen(avro_rows[i].schema), &err), 0);
		kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder encoder = {.type = schema->root};
		CHECK_INT(kt_avro_encode(&encoder, &datum, json, strlen(json), &err), 0);
		CHECK_STR(rewritten(&hex, avro_rows[i].schema, &datum), avro_rows[i].hex);
		kt_avro_schema_free(schema);
	}
}
