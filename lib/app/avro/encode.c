#include "encode.h"

#include <endian.h>

#include "avro_check.h"
#include "avro_write.h"
#include "mem.h"
#include "num.h"
#include "random.h"
#include "schemafiles.h"

enum framing { CONTAINER, SINGLE, CONFLUENT, BARE };
static const char *const framings[] = {"ocf", "single", "confluent", "bare", NULL};

#define OPTS struct kt_encode_opts
/* clang-format off */
const struct kt_opt kt_encode_opts[] = {
	{.name = "schema", KT_LIST(schemas), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "what the values are; repeated: with types that it refers to"},
	{.name = "schema-dir", KT_STR(schema_dir), .arg = "DIR", .comp = KT_COMP_DIR,
		.help = "every .avsc of a directory: types that the schema refers to"},
	{.name = "framing", KT_ENUM(framing, framings), .def = "ocf",
		.help = "what stands around a value: a container, its fingerprint, --schema-id, nothing"},
	{.name = "schema-id", KT_STR(schema_id), .arg = "N",
		.help = "with --framing confluent: the schema's number in the registry"},
	{.name = "registry", .letter = 'r', KT_STR(registry), .arg = "URL",
		.help = "with --framing confluent: who knows that number (KT_REGISTRY)"},
	{.name = "subject", KT_STR(subject), .arg = "NAME",
		.help = "under which the registry has the schema (default: TOPIC-value)"},
	{.name = "register", KT_FLAG(add), .help = "add the schema to its subject where it is not there"},
	KT_END,
};
/* clang-format on */

/* Random, so that no data looks like it. */
static void make_sync(struct kt_encode *e)
{
	struct kt_random random;
	kt_random_start(&random);
	uint64_t halves[] = {kt_random_next(&random), kt_random_next(&random)};
	_Static_assert(sizeof(halves) == sizeof(e->sync), "a marker is two words");
	memcpy(e->sync, halves, sizeof(halves));
}

static void make_head(struct kt_encode *e)
{
	kt_auto(kt_buf_fini) struct kt_buf canonical = {0};
	const struct kt_buf *text = &e->schema->json.json;
	uint64_t fingerprint;
	uint32_t id = htobe32((uint32_t)e->id);
	switch ((enum framing)e->opts->framing) {
	case CONTAINER:
		make_sync(e);
		kt_avro_add_head(&e->head, text->data, text->len, "null");
		kt_buf_add(&e->head, e->sync, sizeof(e->sync));
		kt_avro_add_long(&e->head, 1);
		return;
	case SINGLE:
		kt_avro_canonical(&canonical, e->schema);
		fingerprint = htole64(kt_avro_rabin(canonical.data, canonical.len));
		kt_buf_add(&e->head, "\xc3\x01", 2);
		kt_buf_add(&e->head, &fingerprint, sizeof(fingerprint));
		return;
	case CONFLUENT:
		kt_buf_addc(&e->head, 0);
		kt_buf_add(&e->head, &id, sizeof(id));
		return;
	case BARE:
		break;
	}
}

/* The number that was given, or else the registry's. */
static int find_number(struct kt_encode *e, const struct kt_encode_for *whom, struct kt_err *err)
{
	const struct kt_encode_opts *o = e->opts;
	if (o->schema_id && kt_parse_i64(o->schema_id, 0, UINT32_MAX, &e->id, err) < 0)
		return kt_err_wrap(err, whom->keys ? "--key-schema-id" : "--schema-id");
	if (o->schema_id)
		return 0;
	struct kt_registry *registry = kt_registry_new(o->registry, whom->client, whom->settings);
	char *subject =
		o->subject ? kt_strdup(o->subject) : kt_asprintf("%s-%s", whom->topic, whom->keys ? "key" : "value");
	int there = kt_registry_find(registry, subject, o->add, &e->schema->json.json, &e->id, err);
	if (!there) {
		kt_err_set(err, KT_USAGE, "--framing confluent needs %s, the schema's number",
			whom->keys ? "--key-schema-id" : "--schema-id");
		kt_err_hint(err, "or a schema registry that knows it: --registry URL");
	}
	kt_registry_free(registry);
	free(subject);
	return there > 0 ? 0 : -1;
}

static int read_schema(struct kt_encode *e, struct kt_err *err)
{
	kt_auto(kt_schemafiles_fini) struct kt_schemafiles files = {0};
	if (kt_schemafiles_read(&files, &e->opts->schemas, e->opts->schema_dir, err) < 0)
		return -1;
	const struct kt_schemafile *file = &files.v[0];
	if (kt_avro_schema_parse(&e->schema, file->text.data, file->text.len, err) == 0 &&
		kt_avro_check_writer(e->schema, err) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s", file->path);
}

int kt_encode_open(
	struct kt_encode *e, const struct kt_encode_opts *opts, const struct kt_encode_for *whom, struct kt_err *err)
{
	e->opts = opts;
	if (!opts->schemas.n)
		return kt_err_set(err, KT_USAGE, "%s FILE",
			whom->keys ? "-s key=avro needs a schema: --key-schema" : "-s avro needs a schema: --schema");
	if (opts->framing != CONFLUENT && (opts->registry || opts->subject || opts->add))
		return kt_err_set(err, KT_USAGE, "--registry, --subject and --register are for --framing confluent");
	if (read_schema(e, err) < 0)
		return -1;
	e->encoder.type = e->schema->root;
	if (opts->framing == CONFLUENT && find_number(e, whom, err) < 0)
		return -1;
	make_head(e);
	return 0;
}

struct kt_bytes kt_encode_frame(struct kt_encode *e)
{
	bool container = e->opts->framing == CONTAINER;
	e->value.len = 0;
	kt_buf_add(&e->value, e->head.data, e->head.len);
	if (container)
		kt_avro_add_long(&e->value, (int64_t)e->datum.len);
	kt_buf_add(&e->value, e->datum.data, e->datum.len);
	if (container)
		kt_buf_add(&e->value, e->sync, sizeof(e->sync));
	return (struct kt_bytes){kt_buf_cstr(&e->value), e->value.len};
}

int kt_encode_value(struct kt_encode *e, struct kt_bytes *value, struct kt_err *err)
{
	e->datum.len = 0;
	if (kt_avro_encode(&e->encoder, &e->datum, value->data, value->len, err) < 0)
		return -1;
	*value = kt_encode_frame(e);
	return 0;
}

void kt_encode_fini(struct kt_encode *e)
{
	kt_avro_encoder_fini(&e->encoder);
	kt_avro_schema_free(e->schema);
	kt_buf_fini(&e->head);
	kt_buf_fini(&e->datum);
	kt_buf_fini(&e->value);
	e->schema = NULL;
}
