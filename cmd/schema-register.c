/* kt schema register: adds a version to a subject. */
#include <inttypes.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"
#include "schemafile.h"

struct register_opts {
	struct kt_client_opts client;
	struct kt_schemafile_opts schema;
	const char *registry;
};
#define OPTS struct register_opts

static const struct kt_opt opts[] = {
	{KT_INCLUDE(schema, "The schema", kt_schemafile_opts)},
	KT_SUBJECTS_REGISTRY(registry),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Adds a schema as the newest version of a subject, which begins to exist with its first one, and prints the number "
	"that the registry has given it: the one in messages. A schema that the subject has already keeps its "
	"number, and no version is added.",
	"The registry refuses what does not fit the versions that are there, by the subject's rule (its "
	"compatibility level), and its reason is printed; `kt schema check` asks without adding.",
	NULL,
};

static const char *const examples[] = {
	"The schema of a topic's values",
	"kt schema register client58-value client58.avsc",
	"Only what fits",
	"kt schema check t-value t.avsc && kt schema register t-value t.avsc",
	NULL,
};

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	int64_t id;
	struct kt_subject_schema schema;
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, out = {0};
	if (kt_schemafile_read(&text, &schema, &o->schema, err) < 0)
		return -1;
	struct kt_registry *r = kt_registry_new(o->registry, &o->client, NULL);
	int result = kt_subject_register(r, o->schema.subject, &schema, &id, err);
	kt_registry_free(r);
	if (result < 0)
		return -1;
	kt_buf_addf(&out, "%" PRId64 "\n", id);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

const struct kt_cmd kt_cmd_schema_register = {
	.name = "schema register",
	.summary = "add a version to a subject",
	.section = "Schemas",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
