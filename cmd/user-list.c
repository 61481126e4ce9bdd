/* kt user list: who has SCRAM credentials on a cluster. */
#include <unistd.h>

#include "cmd.h"
#include "jsonout.h"
#include "out.h"
#include "scramusers.h"
#include "table.h"
#include "topicselect.h"

struct list_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool json;
};
#define OPTS struct list_opts

static const struct kt_opt opts[] = {
	{.name = "USER", .positional = true, KT_LIST(names), .help = "names (default: all)"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per line and credential"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the users that a cluster keeps SCRAM credentials for, with the mechanism and its iterations. "
	"Passwords are not shown to anybody. It needs librdkafka 2.2 and the right to Describe the cluster.",
	NULL,
};

static const char *const examples[] = {
	"All users",
	"kt user list",
	NULL,
};

static void add_json(struct kt_buf *out, const struct kt_scramuser *user)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "user", user->name);
	kt_jsonout_text(out, "mechanism", kt_scramuser_mechanism(user->mechanism));
	kt_jsonout_i64(out, "iterations", user->iterations);
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static int print(const struct kt_scramusers *users, bool json, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"USER"}, {"MECHANISM"}, {"ITERATIONS", .right = true}, {NULL}};
	struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < users->n; i++) {
		if (json) {
			add_json(&out, &users->v[i]);
			continue;
		}
		kt_table_add(&table, "%s", users->v[i].name);
		kt_table_add(&table, "%s", kt_scramuser_mechanism(users->v[i].mechanism));
		kt_table_add_count(&table, users->v[i].iterations);
	}
	if (table.cells.n)
		kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	struct kt_err unlisted = {0};
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_scramusers_fini) struct kt_scramusers users = {0};
	if (kt_scramusers_can(err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have users", err) < 0)
		return -1;
	int result = kt_scramusers_list(t.client, o->names.n ? &o->names : NULL, t.timeout_ms, &users, &unlisted);
	if (print(&users, o->json, err) < 0)
		return -1;
	*err = unlisted;
	if (result < 0 && users.n && err->status == KT_NOT_FOUND)
		err->status = KT_PARTIAL;
	return result;
}

const struct kt_cmd kt_cmd_user_list = {
	.name = "user list",
	.summary = "show who has SCRAM credentials",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
