/* kt group list: the names of all consumer groups, with -l what they are doing. */
#include <unistd.h>

#include "cmd.h"
#include "groupjson.h"
#include "groupselect.h"
#include "out.h"
#include "table.h"
#include "watch.h"

struct list_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool full, json, watch;
};
#define OPTS struct list_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_LIST(names), .comp = KT_COMP_GROUP,
		.help = "only these; names and quoted patterns (none: all)"},
	{.name = "long", .letter = 'l', KT_FLAG(full),
		.help = "state, type, members, coordinator and assignor of each too, as with -v"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "the same as one JSON object per line"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Prints the name of each consumer group that the cluster shows to this client, one per line and sorted.",
	"With --long: STATE is Stable while it has members that read, Empty when it has none, PreparingRebalance or "
	"CompletingRebalance in between. TYPE is the protocol by which members share partitions, in Kafka's words: "
	"classic, consumer (the newer one, of KIP-848, whose members librdkafka cannot show), or none for a group "
	"that never had members and was only committed for.",
	NULL,
};

static const char *const examples[] = {
	"All groups of the configured cluster",
	"kt group list",
	"Groups without members",
	"kt group list -l | awk -F'\\t' '$2 == \"Empty\" {print $1}'",
	NULL,
};

static void add_row(struct kt_table *table, const struct kt_group *group)
{
	kt_table_add(table, "%s", group->name);
	kt_table_add(table, "%s", kt_groupselect_state(group));
	kt_table_add(table, "%s", group->code ? "-" : kt_groupselect_type(group));
	if (group->code || group->unseen)
		kt_table_add(table, "-");
	else
		kt_table_add(table, "%zu", group->n_members);
	kt_table_add(table, "%s", group->address ? group->address : "-");
	kt_table_add(table, "%s", group->assignor && *group->assignor ? group->assignor : "-");
	kt_table_add(table, "%s", group->code ? kt_groupselect_why(group->code) : "");
}

static int print(const struct kt_groupselect *set, const OPTS *o, struct kt_err *err)
{
	static const struct kt_column full[] = {{"GROUP"}, {"STATE"}, {"TYPE"}, {"MEMBERS", .right = true},
		{"COORDINATOR"}, {"ASSIGNOR"}, {""}, {NULL}};
	static const struct kt_column names[] = {{"GROUP"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = o->full ? full : names};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (size_t i = 0; i < set->n; i++) {
		if (o->json) {
			kt_group_json_state(&out, set->v[i], false);
			kt_buf_addc(&out, '\n');
		} else if (o->full) {
			add_row(&table, set->v[i]);
		} else {
			kt_table_add(&table, "%s", set->v[i]->name);
		}
	}
	kt_table_render(&table, &out, o->full && isatty(STDOUT_FILENO));
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static int list_run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	o->full |= o->client.verbose > 0;
	kt_auto(kt_groupselect_fini) struct kt_groupselect set = {0};
	if (kt_groupselect_open(&set, &o->client, err) < 0)
		return -1;
	if (set.groups.blind)
		return kt_groupselect_blind(&set, "list groups", err);
	if (kt_groupselect_pick(&set, &o->names, o->full || o->json, err) < 0)
		return -1;
	if (print(&set, o, err) < 0)
		return -1;
	return kt_groupselect_close(&set, "listed", err);
}

const struct kt_cmd kt_cmd_group_list = {
	.name = "group list",
	.summary = "list the consumer groups",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = list_run,
};
