/* kt group reset: moves what a group has committed; shows the plan, and acts with --execute. */
#include <inttypes.h>
#include <unistd.h>

#include "cmd.h"
#include "groupjson.h"
#include "groupreset.h"
#include "match.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "table.h"
#include "when.h"

struct reset_opts {
	struct kt_client_opts client;
	struct kt_strs names, topics;
	const char *to, *datetime, *duration, *shift, *from_group, *file;
	bool current, execute, dry_run, all_topics, csv, json;
};
#define OPTS struct reset_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_LIST(names), .comp = KT_COMP_GROUP,
		.help = "names and quoted patterns (default: kt.group of the configuration)"},
	{.name = "group", .letter = 'g', KT_LIST(names), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "the same as GROUP; may be repeated"},
	{.name = "topic", .letter = 't', KT_LIST(topics), .arg = "TOPIC[:P,…]", .comp = KT_COMP_TOPIC,
		.help = "only this one, a quoted pattern, or only its partitions P (1,4-7)"},
	{.name = "to", .letter = 'o', .also = "offset to-offset", KT_STR(to), .arg = "WHERE", .conflict = 'w',
		.help = "earliest, latest, N, -N (the last N), @TIME, or stored (stay)"},
	{.name = "shift", .also = "shift-by", KT_STR(shift), .arg = "N", .conflict = 'w',
		.help = "N records forward from where it is, or back with -N"},
	{.name = "from-group", KT_STR(from_group), .arg = "GROUP", .comp = KT_COMP_GROUP, .conflict = 'w',
		.help = "to what another group has committed"},
	{.name = "by-duration", KT_STR(duration), .arg = "TIME", .conflict = 'w',
		.help = "to what came this long ago: 1h30m, or PT1H30M"},
	{.name = "from-file", KT_STR(file), .arg = "FILE", .comp = KT_COMP_FILE, .conflict = 'w',
		.help = "to the offsets in a CSV file, as --export writes it; - is stdin"},
	{.name = "to-earliest", KT_PRESET(to, "earliest"), .conflict = 'w', .hidden = true, .help = "--to earliest"},
	{.name = "to-latest", KT_PRESET(to, "latest"), .conflict = 'w', .hidden = true, .help = "--to latest"},
	{.name = "to-current", KT_FLAG(current), .conflict = 'w', .hidden = true,
		.help = "where it is, or the end where nothing is committed"},
	{.name = "to-datetime", KT_STR(datetime), .arg = "TIME", .conflict = 'w', .hidden = true,
		.help = "the first record at or after it; without a zone it is UTC"},
	{.name = "all-topics", KT_FLAG(all_topics), .hidden = true, .help = "the default"},
	{.name = "execute", KT_FLAG(execute), .conflict = 'x', .help = "do it"},
	{.name = "dry-run", KT_FLAG(dry_run), .conflict = 'x', .help = "only show the plan, which is the default"},
	{.name = "export", KT_FLAG(csv), .conflict = 'f',
		.help = "the plan as CSV: topic,partition,offset; alone, what is committed"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .conflict = 'f', .help = "the plan as one JSON object per partition"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Moves the committed offsets of a group, from where its members will go on. The plan is printed first: topic, "
	"partition, the offset that is committed now, the new one, and the difference. Nothing is changed without "
	"--execute.",
	"Without --topic it is about all topics in which the group has committed something, and a pattern chooses "
	"from them; with --topic any topic can be named, and a group that does not exist yet is made. What "
	"is outside the log becomes its beginning or its end, and the plan says so; only --to N beyond the end of a "
	"log is refused.",
	"The group must have no members, which would commit over the new offsets. They are named; for the newer "
	"protocol (KIP-848), whose members librdkafka cannot show, only that there are some.",
	"--export writes what --from-file reads, and what Kafka's tool reads too: a line topic,partition,offset for "
	"each partition, with group, in front when there are several groups. On its own it writes what is committed "
	"now. A file that names groups says which ones are meant, unless some are given.",
	"The spellings of kafka-consumer-groups work too, and mean what they mean there: --to-earliest, --to-latest, "
	"--to-offset, --shift-by, --to-datetime, where a time without a zone is UTC (in `--to @TIME` it is local time, as "
	"in `kt consume -o`), and --to-current, which commits the end of the log where nothing is committed (`--to stored` "
	"leaves that alone). The embedded broker lets only members commit: kt joins the group for a moment "
	"there, which takes some seconds.",
	NULL,
};

static const char *const examples[] = {
	"What reading everything again would mean",
	"kt group reset g --to earliest",
	"Do it",
	"kt group reset g --to earliest --execute",
	"Only one topic, back to what came in the last hour",
	"kt group reset g --topic client58 --to @-1h --execute",
	"Keep what is committed",
	"kt group reset g --export >g.csv",
	"And go back to it",
	"kt group reset g --from-file g.csv --execute",
	"Skip ten records of one partition",
	"kt group reset g --topic client58:3 --shift 10 --execute",
	NULL,
};

struct reset {
	const OPTS *opts;
	struct kt_groupselect set;
	struct kt_plan_topics topics;
	struct kt_plan_how how;
	struct kt_groupcsv file;
	struct kt_place at;
	struct kt_plan *plans; /* one for each of set.v */
	struct kt_table table;
	struct kt_buf json;
};

static void reset_fini(struct reset *r)
{
	for (size_t i = 0; r->plans && i < r->set.n; i++)
		kt_plan_fini(&r->plans[i]);
	free(r->plans);
	kt_table_fini(&r->table);
	kt_buf_fini(&r->json);
	kt_plan_topics_fini(&r->topics);
	kt_groupcsv_fini(&r->file);
	kt_groupselect_fini(&r->set);
}

static int parse_where(struct reset *r, struct kt_err *err)
{
	const OPTS *o = r->opts;
	struct kt_span span = {0};
	r->at.where = KT_AT_END;
	if (!o->to && !o->current && !o->datetime && !o->shift && !o->from_group && !o->duration && !o->file &&
		!o->csv) {
		kt_err_set(err, KT_USAGE, "no new offset is given");
		return kt_err_hint(err,
			"--to earliest, latest, N, -N or @TIME; --shift N; --by-duration 1h; --from-group GROUP; --from-file "
			"FILE");
	}
	bool start = o->to || o->datetime || o->duration;
	r->how.by = o->from_group ? KT_PLAN_OTHER
		    : o->file     ? KT_PLAN_FILE
		    : o->current  ? KT_PLAN_CURRENT
		    : start       ? KT_PLAN_START
				  : KT_PLAN_SHIFT;
	if (o->shift && kt_parse_i64(o->shift, INT64_MIN, INT64_MAX, &r->how.shift, err) < 0)
		return kt_err_wrap(err, "--shift");
	if (o->datetime) {
		r->at.where = KT_AT_TIME;
		return kt_parse_when_utc_ms(o->datetime, kt_now_ms(), &r->at.n, err) < 0
			       ? kt_err_wrap(err, "--to-datetime")
			       : 0;
	}
	if (o->duration) {
		int64_t ms;
		if (kt_parse_duration_ms(o->duration, &ms, err) < 0)
			return kt_err_wrap(err, "--by-duration");
		r->at = (struct kt_place){KT_AT_TIME, kt_now_ms() > ms ? kt_now_ms() - ms : 0};
	}
	if (!o->to)
		return 0;
	if (kt_span_parse(&span, o->to, kt_now_ms(), err) < 0)
		return kt_err_wrap(err, "--to");
	if (span.end.where != KT_AT_DEFAULT)
		return kt_err_set(err, KT_USAGE, "--to %s is a range, and one place is needed", o->to);
	if (span.start.where == KT_AT_STORED)
		r->how.by = KT_PLAN_SHIFT;
	else
		r->at = span.start;
	return 0;
}

static int parse(struct reset *r, struct kt_err *err)
{
	for (size_t i = 0; i < r->opts->topics.n; i++)
		if (kt_plan_topic(&r->topics, r->opts->topics.v[i], err) < 0)
			return -1;
	r->how.topics = &r->topics;
	r->how.file = &r->file;
	if (parse_where(r, err) < 0)
		return -1;
	if (!r->opts->file)
		return 0;
	if (r->topics.n)
		return kt_err_set(err, KT_USAGE, "--from-file says which topics are meant: leave out --topic");
	return kt_groupcsv_read(&r->file, r->opts->file, err) < 0 ? kt_err_wrap(err, "--from-file") : 0;
}

/* Which partitions a file means for the group. */
static void take_file(struct reset *r, const struct kt_group *group)
{
	kt_plan_topics_fini(&r->topics);
	for (size_t i = 0; i < r->file.n; i++)
		if (!r->file.v[i].group || !strcmp(r->file.v[i].group, group->name))
			kt_plan_partition(&r->topics, r->file.v[i].topic, r->file.v[i].partition);
}

/* Those that a file names, unless some were given; lines about others are not passed over in silence. */
static int take_groups(struct reset *r, struct kt_strs *names, struct kt_err *err)
{
	size_t others = 0;
	bool given = names->n > 0, known = kt_groupcsv_names_groups(&r->file);
	for (size_t i = 0; i < r->file.n && known; i++) {
		if (!given)
			kt_strs_add_new(names, r->file.v[i].group);
		others += given && !kt_strs_has(names, r->file.v[i].group);
	}
	if (!others)
		return 0;
	kt_err_set(err, KT_USAGE, "--from-file: %zu line%s of %.200s %s about other groups", others, kt_plural(others),
		r->opts->file, others == 1 ? "is" : "are");
	return kt_err_hint(err, "name them too, or none: the file says which ones");
}

/* For a --topic that no partition matches. */
static int explain_unmet(const struct kt_group *group, const struct kt_plan_topic *topic, struct kt_err *err)
{
	if (kt_is_pattern(topic->name))
		return kt_err_set(err, KT_NOT_FOUND, "group %s has committed in no topic that matches %s", group->name,
			topic->name);
	return kt_err_set(err, KT_NOT_FOUND, "topic %s has no partition %d", topic->name, (int)topic->first);
}

static void add_row(struct kt_table *table, const struct kt_group *group, const struct kt_plan_row *row)
{
	const struct kt_group_part *part = row->part;
	kt_table_add(table, "%s", group->name);
	kt_table_add(table, "%s", part->log.topic);
	kt_table_add(table, "%d", (int)part->log.partition);
	kt_table_add_count(table, part->committed);
	kt_table_add_count(table, row->to);
	if (row->to == KT_NO_OFFSET || part->committed == KT_NO_OFFSET)
		kt_table_add(table, "-");
	else
		kt_table_add(table, row->to == part->committed ? "%" PRId64 : "%+" PRId64, row->to - part->committed);
	kt_table_add(table, "%s", part->code ? kt_groupselect_why(part->code) : kt_plan_notes[row->note]);
}

static int make_plan(struct reset *r, struct kt_group *group, struct kt_plan *plan, struct kt_err *err)
{
	if (r->opts->file)
		take_file(r, group);
	if (kt_groupselect_check(&r->set, group, err) < 0 || kt_groupreset_topics(&r->set, group, &r->how, err) < 0)
		return -1;
	if (!group->n_parts) {
		kt_err_set(err, KT_NOT_FOUND, "group %s has committed nothing that this client can see", group->name);
		return kt_err_hint(err, "--topic TOPIC says what to set it on");
	}
	if (kt_groupselect_logs(&r->set, group, r->at, err) < 0)
		return kt_err_wrap(err, "group %s", group->name);
	kt_plan_make(plan, group, &r->how);
	const struct kt_plan_topic *unmet = kt_plan_unmet(plan, &r->topics);
	if (unmet)
		return explain_unmet(group, unmet, err);
	if (kt_plan_check(plan, &r->how, r->at, err) < 0)
		return kt_err_wrap(err, "group %s", group->name);
	for (size_t i = 0; i < plan->n; i++) {
		const struct kt_partition *log = &plan->v[i].part->log;
		if (r->opts->csv && plan->v[i].to != KT_NO_OFFSET) {
			kt_groupcsv_line(
				&r->json, r->set.n > 1 ? group->name : NULL, log->topic, log->partition, plan->v[i].to);
		} else if (r->opts->json) {
			kt_group_json_plan(&r->json, group, &plan->v[i]);
			kt_buf_addc(&r->json, '\n');
		} else if (!r->opts->csv) {
			add_row(&r->table, group, &plan->v[i]);
		}
	}
	return 0;
}

/* Fails where --shift found nothing to count from; the others are moved all the same. */
static int check_shift(
	const struct reset *r, const struct kt_group *group, const struct kt_plan *plan, struct kt_err *err)
{
	if (!r->opts->shift || !plan->none)
		return 0;
	kt_err_set(err, plan->moved ? KT_PARTIAL : KT_FAILED,
		"group %s: nothing is committed in %zu of %zu partition%s, so there is nothing to shift", group->name,
		plan->none, plan->n, kt_plural((int64_t)plan->n));
	return kt_err_hint(err, "--to earliest or --to latest says where they begin");
}

static int print(struct reset *r, struct kt_err *err)
{
	if (r->table.cells.n)
		kt_table_render(&r->table, &r->json, isatty(STDOUT_FILENO));
	return kt_out_print(STDOUT_FILENO, &r->json, err);
}

static void make_plans(struct reset *r, struct kt_several *several)
{
	struct kt_groupselect *set = &r->set;
	r->plans = kt_calloc(set->n + 1, sizeof(*r->plans));
	for (size_t i = 0; i < set->missing.n; i++) {
		struct kt_err one = {0};
		kt_several_add(several, kt_groupselect_missing(set, set->missing.v[i], &one), &one);
	}
	for (size_t i = 0; i < set->n && !several->stopped; i++) {
		struct kt_err one = {0};
		if (make_plan(r, set->v[i], &r->plans[i], &one) == 0)
			continue;
		kt_plan_fini(&r->plans[i]);
		kt_several_add(several, -1, &one);
	}
}

/* Every group's plan is shown before the first one is carried out. */
static int reset_all(struct reset *r, struct kt_err *err)
{
	struct kt_groupselect *set = &r->set;
	struct kt_several several = {.kind = "group", .done_word = "reset", .total = set->n + set->missing.n};
	make_plans(r, &several);
	if (print(r, err) < 0)
		return -1;
	for (size_t i = 0; i < set->n && !several.stopped; i++) {
		const struct kt_group *group = set->v[i];
		struct kt_err one = {0};
		if (!r->plans[i].n)
			continue;
		int result = r->opts->execute
				     ? kt_groupreset_commit(set, r->opts->client.owner, group, &r->plans[i], &one)
				     : kt_groupselect_idle(group, &one);
		if (result == 0)
			result = check_shift(r, group, &r->plans[i], &one);
		kt_several_add(&several, result, &one);
	}
	if (!r->opts->execute && !several.failed && !r->opts->csv)
		kt_say(KT_NORMAL, "nothing was changed: --execute does it");
	return kt_groupselect_end(set, &several, err);
}

/* Takes the group of --from-group out of those that are to be reset. */
static int find_other(struct reset *r, struct kt_err *err)
{
	const char *name = r->opts->from_group;
	struct kt_groupselect *set = &r->set;
	size_t n = 0;
	for (size_t i = 0; i < set->n; i++) {
		if (!strcmp(set->v[i]->name, name))
			r->how.other = set->v[i];
		else
			set->v[n++] = set->v[i];
	}
	set->n = n;
	if (!set->n && !set->missing.n)
		return kt_err_set(err, KT_USAGE, "--from-group: no group but %s itself is to be reset", name);
	if (r->how.other && kt_groupselect_check(set, r->how.other, err) < 0)
		return kt_err_wrap(err, "--from-group");
	if (!r->how.other || !r->how.other->n_parts)
		return kt_err_set(err, KT_NOT_FOUND, "--from-group: group %s has committed nothing on %s", name,
			kt_client_brokers(set->client));
	return 0;
}

static int reset_run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"GROUP"}, {"TOPIC"}, {"PARTITION", .right = true},
		{"COMMITTED", .right = true}, {"NEW", .right = true}, {"DIFFERENCE", .right = true}, {""}, {NULL}};
	OPTS *o = data;
	kt_auto(reset_fini) struct reset r = {.opts = o, .table.columns = columns};
	if (parse(&r, err) < 0 || kt_groupselect_open(&r.set, &o->client, err) < 0)
		return -1;
	if (take_groups(&r, &o->names, err) < 0 || kt_groupselect_default(&r.set, &o->names, err) < 0)
		return -1;
	if (o->from_group)
		kt_strs_add_new(&o->names, o->from_group);
	/* With topics named, also by a file, or with the offsets of another group, there is something to commit for a
	 * group that does not exist yet. */
	r.set.take_new = o->topics.n || o->from_group || o->file;
	if (kt_groupselect_pick(&r.set, &o->names, true, err) < 0 || kt_groupselect_commits(&r.set, err) < 0 ||
		(o->from_group && find_other(&r, err) < 0))
		return -1;
	return reset_all(&r, err);
}

const struct kt_cmd kt_cmd_group_reset = {
	.name = "group reset",
	.summary = "move what groups have committed",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = reset_run,
};
