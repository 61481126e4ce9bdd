/* kt group describe: state, members, committed offsets and lag of consumer groups. */
#include <inttypes.h>
#include <unistd.h>

#include "cmd.h"
#include "esc.h"
#include "groupjson.h"
#include "groupselect.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "table.h"
#include "watch.h"

struct describe_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool offsets, members, state, json, watch;
};
#define OPTS struct describe_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_LIST(names), .comp = KT_COMP_GROUP,
		.help = "names and quoted patterns (default: kt.group of the configuration, or all)"},
	{.name = "group", .letter = 'g', KT_LIST(names), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "the same as GROUP; may be repeated"},
	{.name = "offsets", KT_FLAG(offsets), .conflict = 'v',
		.help = "only the partitions: committed offset, end of the log, lag, member"},
	{.name = "members", KT_FLAG(members), .conflict = 'v', .help = "only the members and what each has"},
	{.name = "state", KT_FLAG(state), .conflict = 'v', .help = "only state, coordinator and total lag"},
	{.name = "all-groups", .hidden = true, KT_GONE, .help = "leave it out: without a name all groups are described"},
	{.name = "json", .letter = 'J', KT_FLAG(json),
		.help = "one JSON object per group, or per row of --offsets, --members, --state"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Prints for each group its state and its members, and for each partition what the group has committed, where "
	"the log ends, and the lag: the number of records between the two. Groups without members show what they have "
	"committed. All partitions of a topic are listed as soon as the group has committed or been assigned one of "
	"them; COMMITTED is - where nothing is, and all that such a partition holds counts in the group's lag, since it was "
	"never read. In JSON the lag is null while one of the partitions is not known, and `uncommitted` and "
	"`unknown` say how many there are of each: a lag of 0 means that all was read. In a pipe the rows have tabs "
	"and no heading; those of --offsets, --members and --state have the group's name in front.",
	"What this client may not see is marked `not permitted`. The status is 3 when a partition "
	"has no leader to ask. Members that share partitions by "
	"the newer protocol of Kafka (KIP-848, TYPE consumer) cannot be shown: librdkafka does not know its requests.",
	"The embedded broker tells neither state nor members: name a group to see its offsets and lag there.",
	NULL,
};

static const char *const examples[] = {
	"How far behind a group is",
	"kt group describe billing",
	"Its members",
	"kt group describe billing --members",
	"Groups that are more than 1000 records behind",
	"kt group describe -J | jq -r 'select(.lag > 1000) | .group'",
	NULL,
};

/* What a partition's numbers do not say by themselves. */
static void add_note(struct kt_table *table, const struct kt_group_part *part)
{
	if (part->code)
		kt_table_add(table, "%s", kt_groupselect_why(part->code));
	else if (part->committed == KT_NO_OFFSET)
		kt_table_add(table, "nothing committed");
	else if (part->committed < part->log.begin)
		kt_table_add(table, "the log begins at %" PRId64, part->log.begin);
	else if (part->committed > part->log.log_end)
		kt_table_add(table, "committed after the end of the log");
	else if (part->held)
		kt_table_add(table, "%" PRId64 " held back by an open transaction", part->held);
	else
		kt_table_add(table, "%s", "");
}

/* named: with the group's name before it and the member's after it. owned: with client and host. */
static void add_parts(struct kt_table *table, const struct kt_group *group, bool named, bool owned)
{
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		const struct kt_group_member *m = part->member >= 0 ? &group->members[part->member] : NULL;
		if (named)
			kt_table_add(table, "%s", group->name);
		kt_table_add(table, "%s", part->log.topic);
		kt_table_add(table, "%d", (int)part->log.partition);
		kt_table_add_count(table, part->committed);
		kt_table_add_count(table, part->code ? -1 : part->log.log_end);
		kt_table_add_count(table, kt_group_lag(part));
		if (owned)
			kt_table_add(table, "%s", m ? m->client : "-");
		if (owned)
			kt_table_add(table, "%s", m ? kt_groupselect_host(m) : "-");
		if (named)
			kt_table_add(table, "%s", m ? m->id : "-");
		add_note(table, part);
	}
}

/* "client58: 0-3,7 other: 1" */
static void add_assigned(struct kt_table *table, const struct kt_group *group, size_t member)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const struct kt_group_part *last = NULL;
	for (size_t i = 0, run; i < group->n_parts; i += run) {
		const struct kt_group_part *part = &group->parts[i];
		run = 1;
		if (part->member != (int)member)
			continue;
		while (i + run < group->n_parts && part[run].member == part->member &&
			!strcmp(part[run].log.topic, part->log.topic))
			run++;
		if (!last || strcmp(last->log.topic, part->log.topic) != 0)
			kt_buf_addf(&text, "%s%s: ", last ? " " : "", part->log.topic);
		else
			kt_buf_addc(&text, ',');
		kt_buf_addf(&text, "%d", (int)part->log.partition);
		if (run > 1)
			kt_buf_addf(&text, "-%d", (int)part[run - 1].log.partition);
		last = part;
	}
	kt_table_add(table, "%s", text.len ? kt_buf_cstr(&text) : "-");
}

static void add_members(struct kt_table *table, const struct kt_group *group)
{
	for (size_t i = 0; i < group->n_members; i++) {
		const struct kt_group_member *m = &group->members[i];
		kt_table_add(table, "%s", group->name);
		kt_table_add(table, "%s", m->id);
		kt_table_add(table, "%s", m->client);
		kt_table_add(table, "%s", kt_groupselect_host(m));
		kt_table_add(table, "%s", m->instance ? m->instance : "-");
		kt_table_add(table, "%zu", m->n_partitions);
		add_assigned(table, group, i);
	}
}

static void add_state(struct kt_table *table, const struct kt_group *group)
{
	bool known = group->address != NULL;
	kt_table_add(table, "%s", group->name);
	kt_table_add(table, "%s", kt_groupselect_state(group));
	kt_table_add(table, "%s", known ? kt_groupselect_type(group) : "-");
	kt_table_add_count(table, known && !group->unseen ? (int64_t)group->n_members : -1);
	kt_table_add(table, "%s", known ? group->address : "-");
	kt_table_add(table, "%s", known && *group->assignor ? group->assignor : "-");
	kt_table_add_count(table, kt_group_total(group).lag);
	kt_table_add(table, "%s", group->code ? kt_groupselect_why(group->code) : "");
}

/* The lines above and below a group's table. */
static void add_heading(struct kt_buf *out, const struct kt_group *group)
{
	kt_words_addf(out, "group %s", group->name);
	if (group->code)
		kt_words_addf(out, ": %s", kt_groupselect_why(group->code));
	else if (group->unseen)
		kt_words_addf(out, ": %s, of the newer protocol (KIP-848), whose members librdkafka cannot show",
			kt_groupselect_state(group));
	else if (group->address)
		kt_words_addf(out, ": %s, %zu member%s", kt_groupselect_state(group), group->n_members,
			kt_plural(group->n_members));
	if (group->address && *group->assignor)
		kt_words_addf(out, ", assignor %s", group->assignor);
	if (group->address)
		kt_words_addf(out, ", coordinator %d (%s)", (int)group->coordinator, group->address);
	kt_buf_addc(out, '\n');
}

static void add_total(struct kt_buf *out, const struct kt_group *group)
{
	const struct kt_group_total total = kt_group_total(group);
	if (total.unknown < group->n_parts)
		kt_buf_addf(out, "lag %" PRId64, total.known);
	else
		kt_buf_adds(out, group->n_parts ? "no lag is known" : "nothing is committed that this client can see");
	if (total.uncommitted && !total.unread)
		kt_buf_addf(out, ", nothing committed in %zu of %zu partition%s", total.uncommitted, group->n_parts,
			kt_plural((int64_t)group->n_parts));
	else if (total.uncommitted)
		kt_buf_addf(out, ", %" PRId64 " of it in %zu of %zu partition%s in which nothing is committed",
			total.unread, total.uncommitted, group->n_parts, kt_plural((int64_t)group->n_parts));
	if (total.unknown)
		kt_buf_addf(out, ", %zu of %zu partition%s %s not known", total.unknown, group->n_parts,
			kt_plural((int64_t)group->n_parts), total.unknown == 1 ? "is" : "are");
	kt_buf_addc(out, '\n');
}

static void add_whole(struct kt_buf *out, const struct kt_group *group, bool terminal)
{
	static const struct kt_column columns[] = {{"TOPIC"}, {"PARTITION", .right = true},
		{"COMMITTED", .right = true}, {"END", .right = true}, {"LAG", .right = true}, {""}, {NULL}};
	static const struct kt_column owned[] = {{"TOPIC"}, {"PARTITION", .right = true}, {"COMMITTED", .right = true},
		{"END", .right = true}, {"LAG", .right = true}, {"CLIENT"}, {"HOST"}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = group->n_members ? owned : columns};
	if (out->len)
		kt_buf_addc(out, '\n');
	add_heading(out, group);
	if (group->code)
		return;
	add_parts(&table, group, false, group->n_members);
	if (group->n_parts)
		kt_table_render(&table, out, terminal);
	add_total(out, group);
}

static const struct kt_column offset_columns[] = {{"GROUP"}, {"TOPIC"}, {"PARTITION", .right = true},
	{"COMMITTED", .right = true}, {"END", .right = true}, {"LAG", .right = true}, {"CLIENT"}, {"HOST"}, {"MEMBER"},
	{""}, {NULL}};
static const struct kt_column member_columns[] = {
	{"GROUP"}, {"MEMBER"}, {"CLIENT"}, {"HOST"}, {"INSTANCE"}, {"PARTITIONS", .right = true}, {"ASSIGNED"}, {NULL}};
static const struct kt_column state_columns[] = {{"GROUP"}, {"STATE"}, {"TYPE"}, {"MEMBERS", .right = true},
	{"COORDINATOR"}, {"ASSIGNOR"}, {"LAG", .right = true}, {""}, {NULL}};

static void add_json(struct kt_buf *out, const struct kt_group *group, const OPTS *o)
{
	for (size_t i = 0; o->offsets && i < group->n_parts; i++) {
		kt_group_json_part(out, group, &group->parts[i]);
		kt_buf_addc(out, '\n');
	}
	for (size_t i = 0; o->members && i < group->n_members; i++) {
		kt_group_json_member(out, group, i);
		kt_buf_addc(out, '\n');
	}
	if (o->offsets || o->members)
		return;
	if (o->state)
		kt_group_json_state(out, group, true);
	else
		kt_group_json(out, group);
	kt_buf_addc(out, '\n');
}

static int print(const struct kt_groupselect *set, const OPTS *o, struct kt_err *err)
{
	bool view = o->offsets || o->members || o->state, terminal = isatty(STDOUT_FILENO) == 1;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = o->offsets   ? offset_columns
								   : o->members ? member_columns
										: state_columns};
	for (size_t i = 0; i < set->n; i++) {
		if (o->json)
			add_json(&out, set->v[i], o);
		else if (o->offsets)
			add_parts(&table, set->v[i], true, true);
		else if (o->members)
			add_members(&table, set->v[i]);
		else if (o->state)
			add_state(&table, set->v[i]);
		else
			add_whole(&out, set->v[i], terminal);
	}
	for (size_t i = 0; i < set->n && o->members && !o->json; i++)
		if (!set->v[i]->n_members && !set->v[i]->code && !set->v[i]->unseen && !set->groups.blind)
			kt_say(KT_NORMAL, "group %s has no members", set->v[i]->name);
	if (view && table.cells.n)
		kt_table_render(&table, &out, terminal);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static int describe_run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_groupselect_fini) struct kt_groupselect set = {0};
	if (kt_groupselect_open(&set, &o->client, err) < 0)
		return -1;
	const char *configured = kt_settings_text(&set.settings, "kt.group", NULL);
	if (!o->names.n && configured)
		kt_strs_add(&o->names, configured);
	if (!o->names.n && set.groups.blind)
		return kt_groupselect_blind(&set, "list groups", err);
	if (kt_groupselect_pick(&set, &o->names, true, err) < 0 || kt_groupselect_commits(&set, err) < 0)
		return -1;
	for (size_t i = 0; i < set.n; i++)
		if (kt_groupselect_logs(&set, set.v[i], (struct kt_place){.where = KT_AT_END}, err) < 0 ||
			kt_groupselect_held(&set, set.v[i], err) < 0)
			return kt_err_wrap(err, "group %s", set.v[i]->name);
	if (set.groups.blind && set.n)
		kt_say(KT_NORMAL, "the embedded broker does not tell the state and the members of groups");
	if (print(&set, o, err) < 0)
		return -1;
	return kt_groupselect_close(&set, "described", err);
}

const struct kt_cmd kt_cmd_group_describe = {
	.name = "group describe",
	.summary = "show members, committed offsets and lag of groups",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = describe_run,
};
