/* A writer's schema, a NUL, a reader's schema, a NUL, and data of the first. Read as the second it gives what is JSON,
 * a datum of the second, and as long in the data as without it; a schema that is read as a copy of itself gives the
 * same as without. */
#include "avro_check.h"
#include "avro_encode.h"
#include "avro_printer.h"
#include "avro_resolve.h"
#include "json_check.h"

enum { TEXT_ENOUGH = 1 << 20, DATA = 16 };

/* The text before the next NUL, and what comes after it. */
static struct kt_bytes cut(struct kt_bytes *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\0', rest->len) : NULL;
	struct kt_bytes text = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
	size_t used = text.len + (end != NULL);
	*rest = (struct kt_bytes){rest->data + used, rest->len - used};
	return text;
}

static struct kt_avro_schema *parse(struct kt_bytes text)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema = NULL;
	return kt_avro_schema_parse(&schema, text.data, text.len, &err) < 0 ? NULL : schema;
}

/* What was read as a type can be written as it, and reads the same again. Not so maps with equal keys, names with NUL,
 * and other JSON that the library for it does not take. */
static void check_type(const struct kt_avro_schema *reader, const struct kt_avro_how *how, struct kt_avro_run *run,
	struct kt_bytes text)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0}, again = {0};
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder encoder = {.type = reader->root};
	if (kt_avro_encode(&encoder, &bytes, text.data, text.len, &err) < 0)
		return;
	struct kt_avro_printer *program = kt_avro_printer_compile(reader, how);
	struct kt_bytes data = {kt_buf_cstr(&bytes), bytes.len};
	REQUIRE(!kt_avro_printer_run(program, run, &data, &again, &err) && !data.len);
	REQUIRE(again.len == text.len && !memcmp(again.data, text.data, text.len));
	kt_avro_printer_free(program);
}

/* One datum both ways. False when there is no more. */
static bool read_one(const struct kt_avro_printer *plain, const struct kt_avro_printer *resolved, struct kt_bytes *data,
	const struct kt_avro_schema *reader, const struct kt_avro_how *how, bool same)
{
	struct kt_err err = {0};
	struct kt_avro_run *run = kt_avro_run_new();
	kt_auto(kt_buf_fini) struct kt_buf direct = {0}, out = {0};
	struct kt_bytes rest = *data, rest_direct = *data;
	bool fine = !kt_avro_printer_run(plain, run, &rest_direct, &direct, &err);
	bool read = !kt_avro_printer_run(resolved, run, &rest, &out, &err);
	if (!read) {
		REQUIRE(err.status == KT_FAILED && err.msg[0] && !out.len && fuzz_same(rest, *data));
		REQUIRE((const char *)run->at >= data->data && (const char *)run->at <= data->data + data->len);
	}
	if (same)
		REQUIRE(fine == read && out.len == direct.len && (!fine || !memcmp(out.data, direct.data, out.len)));
	if (read && fine)
		REQUIRE(fuzz_same(rest, rest_direct));
	for (size_t i = 0; read && how->wanted && i < how->wanted->n; i++) {
		const struct kt_avro_noted *noted = &run->noted[i];
		REQUIRE(!noted->there || (noted->len && noted->at + noted->len <= out.len));
		if (noted->there)
			check_json((struct kt_bytes){out.data + noted->at, noted->len});
	}
	if (read && how->form != KT_AVRO_PYTHON)
		check_json((struct kt_bytes){out.data, out.len});
	if (read && how->form == KT_AVRO_TAGGED)
		check_type(reader, how, run, (struct kt_bytes){out.data, out.len});
	bool more = read && fine && rest.len && rest.len < data->len && out.len < TEXT_ENOUGH;
	*data = rest;
	kt_avro_run_free(run);
	return more;
}

static void run(const struct kt_avro_schema *writer, const struct kt_avro_schema *reader, struct kt_bytes data,
	const struct kt_avro_how *how, bool same)
{
	struct kt_err err = {0};
	struct kt_avro_printer *resolved = NULL;
	if (kt_avro_printer_resolve(&resolved, writer, reader, how, &err) < 0) {
		REQUIRE(err.status == KT_FAILED && err.msg[0] && !resolved && !same);
		return;
	}
	struct kt_avro_printer *plain = kt_avro_printer_compile(writer, how);
	for (int i = 0; i < DATA && read_one(plain, resolved, &data, reader, how, same); i++)
		;
	kt_avro_printer_free(plain);
	kt_avro_printer_free(resolved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	kt_auto(kt_strs_fini) struct kt_strs wanted = {0};
	struct kt_bytes rest = {(const char *)data, size};
	struct kt_bytes text = cut(&rest);
	struct kt_avro_schema *writer = parse(text), *copy = parse(text), *reader = parse(cut(&rest));
	kt_strs_split(&wanted, "a b a.a a.b b.a", " ");
	if (writer && reader && kt_avro_check_reader(reader, &err) == 0) {
		run(writer, reader, rest, &(struct kt_avro_how){.form = KT_AVRO_TAGGED}, false);
		run(writer, reader, rest, &(struct kt_avro_how){.form = KT_AVRO_PYTHON}, false);
		run(writer, reader, rest,
			&(struct kt_avro_how){.form = KT_AVRO_JSON, .logical = true, .wanted = &wanted}, false);
	}
	if (writer)
		run(writer, copy, rest, &(struct kt_avro_how){.form = KT_AVRO_JSON}, true);
	kt_avro_schema_free(writer);
	kt_avro_schema_free(copy);
	kt_avro_schema_free(reader);
	return 0;
}
