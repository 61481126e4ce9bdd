/* kt schema list: the subjects of a schema registry. */
#include <inttypes.h>
#include <unistd.h>

#include "cmd.h"
#include "jsonout.h"
#include "match.h"
#include "mem.h"
#include "out.h"
#include "several.h"
#include "subjects.h"
#include "table.h"

struct list_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	const char *registry;
	bool deleted, versions, json;
};
#define OPTS struct list_opts

static const struct kt_opt opts[] = {
	{.name = "SUBJECT", .positional = true, KT_LIST(names), .help = "names and quoted patterns (default: all)"},
	{.name = "versions",
		.letter = 'l',
		.also = "long",
		KT_FLAG(versions),
		.help = "with their versions, a request each"},
	{.name = "deleted", KT_FLAG(deleted), .help = "also what is only marked as deleted"},
	{.name = "json",
		.letter = 'J',
		KT_FLAG(json),
		.help = "one JSON object per subject, each on a line, with its versions"},
	KT_SUBJECTS_REGISTRY(registry),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the subjects of a schema registry (Confluent's REST API, which Karapace, Redpanda and Apicurio have too), a "
	"line each. The schemas of a topic's values are usually those of the subject TOPIC-value.",
	"Where the registry is, and with which user and password it is asked, is in the configuration, as for "
	"`kt avro-decode`.",
	NULL,
};

static const char *const examples[] = {
	"All subjects",
	"kt schema list --registry http://localhost:8081",
	"Those of one topic, with their versions",
	"kt schema list -l 'client58-*'",
	NULL,
};

struct list {
	const OPTS *o;
	struct kt_registry *registry;
	struct kt_table table;
	struct kt_buf out;
};

static int add(struct list *list, const char *subject, struct kt_err *err)
{
	int64_t *versions = NULL;
	size_t n = 0;
	kt_auto(kt_buf_fini) struct kt_buf numbers = {0};
	bool wanted = list->o->versions || list->o->json;
	if (wanted && kt_subject_versions(list->registry, subject, list->o->deleted, &versions, &n, err) < 0)
		return -1;
	if (list->o->json) {
		kt_jsonout_begin(&list->out, NULL, '{');
		kt_jsonout_words(&list->out, "subject", subject);
		kt_jsonout_begin(&list->out, "versions", '[');
		for (size_t i = 0; i < n; i++)
			kt_jsonout_i64(&list->out, NULL, versions[i]);
		kt_jsonout_end(&list->out, ']');
		kt_jsonout_end(&list->out, '}');
		kt_buf_addc(&list->out, '\n');
	} else {
		for (size_t i = 0; i < n; i++)
			kt_buf_addf(&numbers, "%s%" PRId64, i ? "," : "", versions[i]);
		kt_table_add(&list->table, "%s", subject);
		if (list->o->versions)
			kt_table_add(&list->table, "%s", kt_buf_cstr(&numbers));
	}
	free(versions);
	return 0;
}

static int add_all(struct list *list, const struct kt_strs *existing, struct kt_err *err)
{
	kt_auto(kt_match_fini) struct kt_match pick = {0};
	const struct kt_strs *names = list->o->names.n ? &pick.found : existing;
	if (list->o->names.n)
		kt_match(&pick, &list->o->names, existing, NULL);
	struct kt_several several = {.kind = "subject", .done_word = "shown", .total = names->n + pick.missing.n};
	for (size_t i = 0; i < names->n && !several.stopped; i++) {
		struct kt_err one = {0};
		kt_several_add(&several, add(list, names->v[i], &one), &one);
	}
	for (size_t i = 0; i < pick.missing.n && !several.stopped; i++) {
		struct kt_err one = {0};
		kt_match_missing("subject", pick.missing.v[i], kt_registry_address(list->registry), existing, &one);
		kt_err_hint(&one, "`kt schema list` shows what is there");
		kt_several_add(&several, -1, &one);
	}
	if (list->table.cells.n)
		kt_table_render(&list->table, &list->out, isatty(STDOUT_FILENO) == 1);
	return kt_out_print(STDOUT_FILENO, &list->out, err) < 0 ? -1 : kt_several_close(&several, err);
}

static int run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"SUBJECT"}, {"VERSIONS"}, {NULL}};
	static const struct kt_column names_only[] = {{"SUBJECT"}, {NULL}};
	const OPTS *o = data;
	kt_auto(kt_strs_fini) struct kt_strs existing = {0};
	struct list list = {.o = o,
		.registry = kt_registry_new(o->registry, &o->client, NULL),
		.table.columns = o->versions ? columns : names_only};
	int result = kt_subjects_list(list.registry, o->deleted, &existing, err);
	if (result == 0)
		result = add_all(&list, &existing, err);
	kt_table_fini(&list.table);
	kt_buf_fini(&list.out);
	kt_registry_free(list.registry);
	return result;
}

const struct kt_cmd kt_cmd_schema_list = {
	.name = "schema list",
	.summary = "show the subjects of a schema registry",
	.section = "Schemas",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
