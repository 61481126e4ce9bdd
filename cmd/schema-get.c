/* kt schema get: a schema of a registry, by its subject and version or by its number. */
#include <unistd.h>

#include "cmd.h"
#include "esc.h"
#include "jsonout.h"
#include "out.h"
#include "subjects.h"

struct get_opts {
	struct kt_client_opts client;
	const char *subject, *version, *registry;
	int64_t id;
	bool json;
};
#define OPTS struct get_opts

static const struct kt_opt opts[] = {
	{.name = "SUBJECT", .positional = true, KT_STR(subject), .help = "the subject"},
	{.name = "VERSION", .positional = true, KT_STR(version), .help = "a number, or latest, which is the default"},
	{.name = "id",
		KT_I64(id),
		.arg = "N",
		.def = "-1",
		.help = "in place of a subject: the number in messages; -1: none"},
	{.name = "json",
		.letter = 'J',
		KT_FLAG(json),
		.help = "an object with subject, version, id, type, references too"},
	KT_SUBJECTS_REGISTRY(registry),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints a schema as the registry has it: JSON for Avro and JSON Schema, text for Protobuf. With --json it is a string "
	"in an object beside its subject, version, number and references.",
	NULL,
};

static const char *const examples[] = {
	"The newest schema of a topic's values, into a file",
	"kt schema get client58-value >client58.avsc",
	"The one before",
	"kt schema get client58-value 3",
	"The one whose number is in a message",
	"kt schema get --id 17",
	NULL,
};

static void add_json(struct kt_buf *out, const OPTS *o, const struct kt_registry_answer *schema)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "subject", o->subject);
	kt_jsonout_count(out, "version", schema->version > 0 ? schema->version : -1);
	kt_jsonout_count(out, "id", schema->id > 0 ? schema->id : o->id);
	kt_jsonout_words(out, "type", schema->type);
	kt_jsonout_text(out, "schema", schema->schema);
	kt_jsonout_begin(out, "references", '[');
	for (size_t i = 0; i < schema->n_references; i++) {
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_words(out, "name", schema->references[i].name);
		kt_jsonout_words(out, "subject", schema->references[i].subject);
		kt_jsonout_i64(out, "version", schema->references[i].version);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

/* As it is, but on a terminal without anything that acts on it. */
static void add_text(struct kt_buf *out, const char *text)
{
	if (isatty(STDOUT_FILENO) != 1) {
		kt_buf_addf(out, "%s\n", text);
		return;
	}
	for (;;) {
		size_t len = strcspn(text, "\n");
		kt_words_add(out, text, len);
		kt_buf_addc(out, '\n');
		if (!text[len])
			return;
		text += len + 1;
	}
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	struct kt_buf out = {0};
	kt_auto(kt_registry_answer_fini) struct kt_registry_answer schema = {0};
	if ((o->id >= 0) == (o->subject != NULL))
		return kt_err_set(err, KT_USAGE, "a subject is needed, or --id");
	struct kt_registry *r = kt_registry_new(o->registry, &o->client, NULL);
	int result = o->subject ? kt_subject_get(r, o->subject, o->version ? o->version : "latest", &schema, err)
				: kt_subject_get_id(r, o->id, &schema, err);
	if (result == 0 && o->json)
		add_json(&out, o, &schema);
	else if (result == 0)
		add_text(&out, schema.schema);
	if (result == 0)
		result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	kt_registry_free(r);
	return result;
}

const struct kt_cmd kt_cmd_schema_get = {
	.name = "schema get",
	.summary = "print a schema of a registry",
	.section = "Schemas",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
