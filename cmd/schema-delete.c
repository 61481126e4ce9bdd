/* kt schema delete: subjects, or single versions; shows which, and asks. */
#include <inttypes.h>
#include <unistd.h>

#include "ask.h"
#include "cmd.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "subjects.h"
#include "table.h"

struct delete_opts {
	struct kt_client_opts client;
	const char *subject, *version, *registry;
	bool permanent, yes, if_exists, dry_run;
};
#define OPTS struct delete_opts

static const struct kt_opt opts[] = {
	{.name = "SUBJECT", .positional = true, KT_STR(subject), .help = "the subject"},
	{.name = "VERSION", .positional = true, KT_STR(version), .help = "only this version: a number"},
	{.name = "permanent", KT_FLAG(permanent), .help = "for good: messages with its number cannot be read any more"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask"},
	{.name = "if-exists", KT_FLAG(if_exists), .help = "a subject or version that does not exist is not an error"},
	{.name = "dry-run", .letter = 'n', KT_FLAG(dry_run), .help = "only show which versions would be deleted"},
	KT_SUBJECTS_REGISTRY(registry),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Deletes a subject with all its versions, or one of them. They are printed first; then it asks on the "
	"terminal. Without a terminal, --yes has to be given.",
	"Without --permanent the registry only marks them: they are no longer in any list, but readers of a message "
	"with their number still get them. With --permanent they are gone, even if they were only marked before, and "
	"such messages cannot be decoded any more.",
	NULL,
};

static const char *const examples[] = {
	"Which versions would it be?",
	"kt schema delete client58-value --dry-run",
	"One version, for good",
	"kt schema delete client58-value 3 --permanent",
	NULL,
};

/* The versions that it is about; none where --if-exists says that this is not an error. */
static int find(struct kt_registry *r, const OPTS *o, int64_t **versions, size_t *n, struct kt_err *err)
{
	if (kt_subject_versions(r, o->subject, o->permanent, versions, n, err) < 0)
		return -1;
	size_t kept = 0;
	for (size_t i = 0; i < *n; i++) {
		char number[24];
		snprintf(number, sizeof(number), "%" PRId64, (*versions)[i]);
		if (!o->version || !strcmp(o->version, number))
			(*versions)[kept++] = (*versions)[i];
	}
	*n = kept;
	return kept ? 0
		    : kt_err_set(err, KT_NOT_FOUND, "subject %.200s of %.200s has no version %.40s", o->subject,
			      kt_registry_address(r), o->version ? o->version : "");
}

static int show(const OPTS *o, const int64_t *versions, size_t n, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"SUBJECT"}, {"VERSION", .right = true}, {NULL}};
	struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < n; i++) {
		kt_table_add(&table, "%s", o->subject);
		kt_table_add_count(&table, versions[i]);
	}
	kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result;
}

static int confirm(struct kt_registry *r, const OPTS *o, size_t n, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *question =
		kt_asprintf("Delete %s %zu version%s of subject %s of %s%s?", n == 1 ? "this" : "these", n,
			kt_plural(n), o->subject, kt_registry_address(r), o->permanent ? " for good" : "");
	return kt_ask_yes(question, "nothing was deleted", err);
}

static int delete_found(struct kt_registry *r, const OPTS *o, struct kt_err *err)
{
	int64_t *versions = NULL;
	size_t n = 0;
	int result = find(r, o, &versions, &n, err);
	bool missing = result < 0 && err->status == KT_NOT_FOUND && o->if_exists;
	if (missing)
		kt_say(KT_NORMAL, "there is no subject %s%s%s", o->subject, o->version ? " version " : "",
			o->version ? o->version : "");
	if (result == 0)
		result = show(o, versions, n, err);
	free(versions);
	if (result < 0)
		return missing ? 0 : -1;
	if (o->dry_run)
		return 0;
	if (!o->yes && confirm(r, o, n, err) < 0)
		return -1;
	if (kt_subject_delete(r, o->subject, o->version, o->permanent, err) < 0)
		return -1;
	kt_say(KT_NORMAL, "deleted %zu version%s of subject %s%s", n, kt_plural(n), o->subject,
		o->permanent ? " for good" : "");
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	if (!o->subject)
		return kt_err_set(err, KT_USAGE, "no subject is given");
	struct kt_registry *r = kt_registry_new(o->registry, &o->client, NULL);
	int result = delete_found(r, o, err);
	kt_registry_free(r);
	return result;
}

const struct kt_cmd kt_cmd_schema_delete = {
	.name = "schema delete",
	.summary = "delete a subject, or a version of it",
	.section = "Schemas",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
