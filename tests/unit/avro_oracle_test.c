/* avro-c as a second opinion: what we encode it reads, and its JSON and ours say the same. */
#include <avro.h>
#include <jansson.h>

#include "avro_encode.h"
#include "avro_printer.h"
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

/* The JSON that avro-c makes of a datum, as a value; NULL when it cannot read it. */
static json_t *theirs(const char *schema, const struct kt_buf *datum)
{
	avro_schema_t parsed = NULL;
	avro_value_t value;
	char *text = NULL;
	json_t *json = NULL;
	if (avro_schema_from_json_length(schema, strlen(schema), &parsed) != 0)
		return NULL;
	avro_value_iface_t *class = avro_generic_class_from_schema(parsed);
	avro_generic_value_new(class, &value);
	avro_reader_t reader = avro_reader_memory(datum->data, (int64_t)datum->len);
	if (avro_value_read(reader, &value) == 0 && avro_value_to_json(&value, 1, &text) == 0)
		json = json_loads(text, JSON_DECODE_ANY, NULL);
	free(text);
	avro_reader_free(reader);
	avro_value_decref(&value);
	avro_value_iface_decref(class);
	avro_schema_decref(parsed);
	return json;
}

TEST(avro_c_agrees)
{
	struct kt_avro_run *run = kt_avro_run_new();
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_avro_schema *schema;
		kt_auto(kt_buf_fini) struct kt_buf datum = {0}, text = {0};
		CHECK_INT(kt_avro_schema_parse(&schema, rows[i].schema, strlen(rows[i].schema), &err), 0);
		struct kt_avro_how how = {.form = KT_AVRO_TAGGED};
		struct kt_avro_printer *program = kt_avro_printer_compile(schema, &how);
		CHECK_INT(kt_avro_encode(&datum, schema, rows[i].json, strlen(rows[i].json), &err), 0);
		struct kt_bytes data = {kt_buf_cstr(&datum), datum.len};
		CHECK_INT(kt_avro_printer_run(program, run, &data, &text, &err), 0);
		CHECK_STR(err.msg, "");
		json_t *ours = json_loads(kt_buf_cstr(&text), JSON_DECODE_ANY, NULL),
		       *other = theirs(rows[i].schema, &datum);
		if (!ours || !other || !json_equal(ours, other))
			TAP_FAIL("%s of %s: ours is %s", rows[i].json, rows[i].schema, kt_buf_cstr(&text));
		json_decref(ours);
		json_decref(other);
		kt_avro_printer_free(program);
		kt_avro_schema_free(schema);
	}
	kt_avro_run_free(run);
}
