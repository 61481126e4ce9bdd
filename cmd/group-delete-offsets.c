/* kt group delete-offsets: forgets what a group has committed of topics; shows what, and asks. */
#include <unistd.h>

#include "ask.h"
#include "cmd.h"
#include "groupedit.h"
#include "groupplan.h"
#include "groupselect.h"
#include "match.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "table.h"

struct delete_opts {
	struct kt_client_opts client;
	const char *group;
	struct kt_strs topics;
	bool yes, if_exists, dry_run;
};
#define OPTS struct delete_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_STR(group), .comp = KT_COMP_GROUP, .help = "the group"},
	{.name = "TOPIC", .positional = true, KT_LIST(topics), .comp = KT_COMP_TOPIC,
		.help = "topics, quoted patterns, or only some partitions: t:0,4-7"},
	{.name = "group", .letter = 'g', KT_STR(group), .arg = "GROUP", .comp = KT_COMP_GROUP, .help = "the same as GROUP"},
	{.name = "topic", .letter = 't', KT_LIST(topics), .arg = "TOPIC[:P,…]", .comp = KT_COMP_TOPIC,
		.help = "the same as TOPIC; may be repeated"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask"},
	{.name = "if-exists", KT_FLAG(if_exists), .help = "finding nothing committed there is not an error"},
	{.name = "dry-run", .letter = 'n', KT_FLAG(dry_run), .help = "only show what would be deleted"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Deletes the offsets that a group has committed for some topics or partitions; all others stay. The next "
	"member to read these begins where its --reset says. What would be deleted is printed first: topic, "
	"partition and offset. Then it asks on the terminal; without a terminal, --yes has to be given.",
	"Brokers refuse it while members of the group read the topic; members that read others do not matter.",
	NULL,
};

static const char *const examples[] = {
	"The group reads another topic now",
	"kt group delete-offsets g1 old-topic",
	"Two partitions, without being asked",
	"kt group delete-offsets g1 client58:3,7 --yes",
	NULL,
};

/* What is committed, and is meant by the command line. */
static rd_kafka_topic_partition_list_t *list_meant(const struct kt_group *group, const struct kt_plan_topics *topics)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)group->n_parts);
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		bool meant = false;
		for (size_t k = 0; k < topics->n; k++)
			meant |= kt_plan_covers(&topics->v[k], part->log.topic, part->log.partition);
		if (meant && part->committed >= 0)
			rd_kafka_topic_partition_list_add(list, part->log.topic, part->log.partition)->offset =
				part->committed;
	}
	return list;
}

static int show(const rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	static const struct kt_column columns[] = {
		{"TOPIC"}, {"PARTITION", .right = true}, {"COMMITTED", .right = true}, {NULL}};
	struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (int i = 0; i < list->cnt; i++) {
		kt_table_add(&table, "%s", list->elems[i].topic);
		kt_table_add(&table, "%d", (int)list->elems[i].partition);
		kt_table_add_count(&table, list->elems[i].offset);
	}
	kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result;
}

static int confirm(const struct kt_groupselect *set, const char *group, int n, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *question = kt_asprintf("Delete %s %d offset%s of group %s of %s?",
		n == 1 ? "this" : "these", n, kt_plural(n), group, kt_client_brokers(set->client));
	return kt_ask_yes(question, "nothing was deleted", err);
}

static const char *why_refused(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC ? "members of the group read the topic"
								   : kt_groupselect_why(code);
}

static int forget(
	const struct kt_groupselect *set, const char *group, rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	int refused = 0, last = 0;
	if (kt_group_forget(set->client, group, list, set->timeout_ms, err) < 0)
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		if (!list->elems[i].err)
			continue;
		refused++;
		last = i;
		kt_say(KT_QUIET, "%s [%d]: %s", list->elems[i].topic, (int)list->elems[i].partition,
			why_refused(list->elems[i].err));
	}
	if (refused < list->cnt)
		kt_say(KT_NORMAL, "group %s: deleted %d offset%s", group, list->cnt - refused,
			kt_plural(list->cnt - refused));
	if (!refused)
		return 0;
	kt_err_set(err, refused < list->cnt ? KT_PARTIAL : KT_FAILED, "group %s: %d of %d offset%s %s not deleted",
		group, refused, list->cnt, kt_plural(list->cnt), refused == 1 ? "was" : "were");
	return list->elems[last].err == RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC
		       ? kt_err_hint(err, "end its members first: `kt group describe %.200s` shows them", group)
		       : -1;
}

static int act(const struct kt_groupselect *set, const struct kt_plan_topics *topics, const OPTS *o, struct kt_err *err)
{
	const char *group = set->v[0]->name;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = list_meant(set->v[0], topics);
	if (!list->cnt && o->if_exists) {
		kt_say(KT_NORMAL, "group %s has committed nothing there", group);
		return 0;
	}
	if (!list->cnt)
		return kt_err_set(err, KT_NOT_FOUND, "group %s has committed nothing there", group);
	if (show(list, err) < 0)
		return -1;
	if (o->dry_run)
		return 0;
	if (!o->yes && confirm(set, group, list->cnt, err) < 0)
		return -1;
	return forget(set, group, list, err);
}

static int delete_run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_groupselect_fini) struct kt_groupselect set = {0};
	kt_auto(kt_plan_topics_fini) struct kt_plan_topics topics = {0};
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	if (!o->group || !o->topics.n)
		return kt_err_set(err, KT_USAGE, "a group and topics are needed");
	if (kt_is_pattern(o->group))
		return kt_err_set(err, KT_USAGE, "%.200s is a pattern, and one group is needed", o->group);
	for (size_t i = 0; i < o->topics.n; i++)
		if (kt_plan_topic(&topics, o->topics.v[i], err) < 0)
			return -1;
	kt_strs_add(&names, o->group);
	if (kt_groupselect_open(&set, &o->client, err) < 0)
		return -1;
	if (set.groups.blind)
		return kt_groupselect_blind(&set, "delete offsets", err);
	if (kt_groupselect_pick(&set, &names, true, err) < 0 || kt_groupselect_commits(&set, err) < 0)
		return -1;
	if (!set.n)
		return o->if_exists ? 0 : kt_groupselect_missing(&set, o->group, err);
	return kt_groupselect_check(&set, set.v[0], err) < 0 ? -1 : act(&set, &topics, o, err);
}

const struct kt_cmd kt_cmd_group_delete_offsets = {
	.name = "group delete-offsets",
	.summary = "forget what a group has committed for topics",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = delete_run,
};
