/* kt schema check: whether a schema could become a version of a subject. */
#include "cmd.h"
#include "say.h"
#include "schemafile.h"

struct check_opts {
	struct kt_client_opts client;
	struct kt_schemafile_opts schema;
	const char *version, *registry;
};
#define OPTS struct check_opts

static const struct kt_opt opts[] = {
	{KT_INCLUDE(schema, "The schema", kt_schemafile_opts)},
	{.name = "against", KT_STR(version), .arg = "N", .def = "latest", .help = "the version to check it against"},
	KT_SUBJECTS_REGISTRY(registry),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Asks the registry whether a schema fits a version of a subject, by the subject's rule (its compatibility "
	"level). Nothing is added. The status is 0 when it fits and 1 when it does not, with the registry's reasons; "
	"4 when there is no such subject or version.",
	NULL,
};

static const char *const examples[] = {
	"May this be the next version?",
	"kt schema check client58-value client58.avsc",
	NULL,
};

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	bool fits = false;
	struct kt_subject_schema schema;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_strs_fini) struct kt_strs why = {0};
	if (kt_schemafile_read(&text, &schema, &o->schema, err) < 0)
		return -1;
	struct kt_registry *r = kt_registry_new(o->registry, &o->client, NULL);
	int result = kt_subject_check(r, o->schema.subject, o->version, &schema, &fits, &why, err);
	kt_registry_free(r);
	if (result < 0)
		return -1;
	for (size_t i = 0; i < why.n && !fits; i++)
		kt_say(KT_QUIET, "%s", why.v[i]);
	if (!fits)
		return kt_err_set(
			err, KT_FAILED, "it does not fit subject %.200s version %.40s", o->schema.subject, o->version);
	kt_say(KT_NORMAL, "it fits subject %s version %s", o->schema.subject, o->version);
	return 0;
}

const struct kt_cmd kt_cmd_schema_check = {
	.name = "schema check",
	.summary = "ask whether a schema fits a subject",
	.section = "Schemas",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
