/* Up to the first NUL a schema, after it the bytes of its data. In every form: no datum reads or writes where it
 * should not, text does not grow without end, and what JSON claims to be is JSON. */
#include "avro_encode.h"
#include "avro_printer.h"
#include "json_check.h"

enum { TEXT_ENOUGH = 1 << 20, DATA = 64 };

/* What is printed with its tags can be encoded, and is then printed in the same way. Not so maps with equal keys, names
 * with NUL, and other JSON that the library for it does not take. */
static void check_encoder(const struct kt_avro_schema *schema, const struct kt_avro_printer *program,
	struct kt_avro_run *state, struct kt_bytes text)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0}, again = {0};
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder encoder = {.type = schema->root};
	if (kt_avro_encode(&encoder, &bytes, text.data, text.len, &err) < 0) {
		REQUIRE(err.status == KT_FAILED && err.msg[0] && !bytes.len);
		return;
	}
	struct kt_bytes data = {kt_buf_cstr(&bytes), bytes.len};
	REQUIRE(!kt_avro_printer_run(program, state, &data, &again, &err) && !data.len);
	REQUIRE(again.len == text.len && !memcmp(again.data, text.data, text.len));
}

static void run(const struct kt_avro_schema *schema, const struct kt_avro_how *how, struct kt_bytes data)
{
	struct kt_avro_printer *program = kt_avro_printer_compile(schema, how);
	struct kt_avro_run *state = kt_avro_run_new();
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (int i = 0; i < DATA && out.len < TEXT_ENOUGH; i++) {
		struct kt_err err = {0};
		size_t before = out.len;
		struct kt_bytes here = data;
		if (kt_avro_printer_run(program, state, &data, &out, &err) < 0) {
			REQUIRE(err.status == KT_FAILED && err.msg[0] && out.len == before);
			REQUIRE(fuzz_same(here, data));
			REQUIRE((const char *)state->at >= data.data &&
				(const char *)state->at <= data.data + data.len);
			break;
		}
		REQUIRE(out.len > before && data.len <= here.len);
		if (how->form != KT_AVRO_PYTHON)
			check_json((struct kt_bytes){out.data + before, out.len - before});
		if (how->form == KT_AVRO_TAGGED)
			check_encoder(schema, program, state, (struct kt_bytes){out.data + before, out.len - before});
		for (size_t k = 0; how->wanted && k < how->wanted->n; k++)
			REQUIRE(!state->noted[k].there || state->noted[k].at + state->noted[k].len <= out.len - before);
	}
	kt_avro_run_free(state);
	kt_avro_printer_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	struct kt_avro_schema *schema;
	struct kt_err err = {0};
	if (kt_avro_schema_parse(&schema, (const char *)data, len, &err) < 0) {
		REQUIRE(err.status == KT_FAILED && err.msg[0]);
		return 0;
	}
	kt_auto(kt_buf_fini) struct kt_buf canonical = {0}, again = {0};
	kt_auto(kt_strs_fini) struct kt_strs wanted = {0};
	struct kt_avro_schema *same;
	kt_avro_canonical(&canonical, schema);
	/* It is a schema again, but for a name without a namespace inside one: the form cannot say that. */
	if (kt_avro_schema_parse(&same, canonical.data, canonical.len, &err) < 0) {
		REQUIRE(strstr(err.msg, "there is no type") || strstr(err.msg, "twice"));
	} else {
		kt_avro_canonical(&again, same);
		kt_avro_schema_free(same);
	}

	struct kt_bytes rest = {(const char *)data + len + (end != NULL), size - len - (end != NULL)};
	kt_strs_split(&wanted, "a b a.a a.b next.a", " ");
	run(schema, &(struct kt_avro_how){.form = KT_AVRO_JSON, .logical = true}, rest);
	run(schema, &(struct kt_avro_how){.form = KT_AVRO_PYTHON}, rest);
	run(schema, &(struct kt_avro_how){.form = KT_AVRO_TAGGED}, rest);
	run(schema, &(struct kt_avro_how){.form = KT_AVRO_JSON, .wanted = &wanted}, rest);
	kt_avro_schema_free(schema);
	return 0;
}
