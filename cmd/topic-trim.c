/* kt topic trim: takes records away from the beginning of a topic's partitions; shows which, and asks. */
#include <inttypes.h>
#include <unistd.h>

#include "ask.h"
#include "cmd.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "table.h"
#include "topicselect.h"
#include "trim.h"
#include "trimplan.h"

struct trim_opts {
	struct kt_client_opts client;
	struct kt_strs names, partitions;
	const char *before, *datetime;
	bool yes, dry_run, json;
};
#define OPTS struct trim_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns of the topics"),
	{.name = "before", .also = "offset o", KT_STR(before), .arg = "WHERE", .conflict = 'w',
		.help = "all before offset N, before the last N (-N), before @TIME, or latest: all"},
	{.name = "to-datetime", KT_STR(datetime), .arg = "TIME", .conflict = 'w', .hidden = true,
		.help = "all before a time; without a zone it is UTC"},
	{.name = "partition", .letter = 'p', KT_LIST(partitions), .arg = "P[:OFFSET]",
		.help = "only this one, before --before or its own OFFSET; may be repeated"},
	{.name = "yes", .letter = 'y', .also = "no-confirm", KT_FLAG(yes), .help = "do not ask"},
	{.name = "dry-run", .letter = 'n', KT_FLAG(dry_run), .help = "only show what would be removed"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "show it as one JSON object per partition"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Removes the oldest records of topics for good, up to an offset or a time: the logs begin there afterwards. "
	"What would be removed is printed first: topic, partition, where the log begins, where it would begin, its "
	"end, and how many offsets go. Then it asks on the terminal; without a terminal, --yes has to be given.",
	"A time is that of the first record that stays: with @-1d, everything before the first record of the last "
	"day goes. An offset beyond the end of a log is refused, and nothing is removed. New records get the offsets that they would "
	"have got anyway.",
	"Brokers refuse it for topics that are only compacted (cleanup.policy without delete). It needs the right to Delete "
	"on the topic. The topic of the configuration is not used when none is named.",
	NULL,
};

static const char *const examples[] = {
	"What would be gone?",
	"kt topic trim client58 --before @-1d --dry-run",
	"Keep the last 1000 records of each partition",
	"kt topic trim client58 --before -1000",
	"Empty a topic, without being asked",
	"kt topic trim client58 --before latest --yes",
	"One partition, up to the record that cannot be read",
	"kt topic trim client58 -p 3:4711",
	NULL,
};

struct trim {
	const OPTS *o;
	struct kt_topicselect t;
	struct kt_trim_how how;
	struct kt_trimplan *plans; /* one for each of t.pick.found */
	int64_t records;
	size_t partitions; /* that lose some */
};

static void trim_fini(struct trim *trim)
{
	for (size_t i = 0; trim->plans && i < trim->t.pick.found.n; i++)
		kt_trimplan_fini(&trim->plans[i]);
	free(trim->plans);
	kt_trim_how_fini(&trim->how);
	kt_topicselect_fini(&trim->t);
}

static void add_json(struct kt_buf *out, const struct kt_trimplan *plan, const struct kt_trim_row *row)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "topic", plan->topic);
	kt_jsonout_i64(out, "partition", row->partition);
	kt_jsonout_i64(out, "begin", row->begin);
	kt_jsonout_i64(out, "new", row->to);
	kt_jsonout_i64(out, "end", row->end);
	kt_jsonout_i64(out, "removed", row->to - row->begin);
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static void add_row(struct kt_table *table, const struct kt_trimplan *plan, const struct kt_trim_row *row)
{
	kt_table_add(table, "%s", plan->topic);
	kt_table_add(table, "%d", (int)row->partition);
	kt_table_add_count(table, row->begin);
	kt_table_add_count(table, row->to);
	kt_table_add_count(table, row->end);
	kt_table_add_count(table, row->to - row->begin);
}

static int show(const struct trim *trim, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"TOPIC"}, {"PARTITION", .right = true}, {"BEGIN", .right = true},
		{"NEW", .right = true}, {"END", .right = true}, {"REMOVED", .right = true}, {NULL}};
	struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < trim->t.pick.found.n; i++)
		for (size_t k = 0; k < trim->plans[i].n; k++)
			if (trim->o->json)
				add_json(&out, &trim->plans[i], &trim->plans[i].v[k]);
			else
				add_row(&table, &trim->plans[i], &trim->plans[i].v[k]);
	if (table.cells.n)
		kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result;
}

/* Of all topics, before the first one is touched. */
static int make_plans(struct trim *trim, struct kt_err *err)
{
	struct kt_topicselect *t = &trim->t;
	trim->plans = kt_calloc(t->pick.found.n + 1, sizeof(*trim->plans));
	for (size_t i = 0; i < t->pick.found.n; i++) {
		struct kt_trimplan *plan = &trim->plans[i];
		if (kt_trimplan_make(plan, t->client, kt_topicselect_find(t, t->pick.found.v[i]), &trim->how,
			    t->timeout_ms, err) < 0)
			return -1;
		trim->records += plan->records;
		for (size_t k = 0; k < plan->n; k++)
			trim->partitions += plan->v[k].to > plan->v[k].begin;
	}
	return 0;
}

static int confirm(struct trim *trim, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	char digits[32];
	kt_buf_addf(&question, "Remove the records of %s offset%s from ", kt_group_digits(trim->records, digits),
		kt_plural(trim->records));
	kt_match_show(&question, "topic", &trim->t.pick.found);
	kt_buf_addf(&question, " of %s?", kt_client_brokers(trim->t.client));
	return kt_ask_yes(kt_buf_cstr(&question), "nothing was removed", err);
}

static int explain(struct trim *trim, const rd_kafka_topic_partition_t *p, struct kt_err *err)
{
	switch ((int)p->err) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "topic %s: this client is not allowed to do that", p->topic);
		return kt_err_hint(err, "it needs the right to Delete on the topic");
	case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
		kt_err_set(err, KT_FAILED, "topic %s: its cleanup.policy does not have delete in it", p->topic);
		return kt_err_hint(err, "only what may be deleted at all can be trimmed; `kt topic describe` shows it");
	default:
		return kt_client_fail(trim->t.client, p->err, err, "%s [%d]", p->topic, (int)p->partition);
	}
}

static int trim_topic(struct trim *trim, const struct kt_trimplan *plan, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)plan->n);
	int done = 0;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].to > plan->v[i].begin)
			rd_kafka_topic_partition_list_add(list, plan->topic, plan->v[i].partition)->offset =
				plan->v[i].to;
	if (!list->cnt)
		return 0;
	if (kt_trim(trim->t.client, list, trim->t.timeout_ms, err) < 0)
		return kt_err_wrap(err, "topic %s", plan->topic);
	for (int i = list->cnt - 1; i >= 0; i--)
		if (list->elems[i].err)
			(void)explain(trim, &list->elems[i], err);
		else
			done++;
	if (done)
		kt_say(KT_NORMAL, "trimmed topic %s: %d partition%s", plan->topic, done, kt_plural(done));
	if (done && err->msg[0])
		err->status = KT_PARTIAL;
	return err->msg[0] ? -1 : 0;
}

static int act(struct trim *trim, struct kt_several *several, struct kt_err *err)
{
	if (make_plans(trim, err) < 0 || show(trim, err) < 0)
		return -1;
	if (!trim->partitions)
		kt_say(KT_NORMAL, "there is nothing to remove");
	bool yes = trim->o->yes || trim->o->dry_run || !trim->partitions;
	if (!yes && confirm(trim, err) < 0)
		return -1;
	for (size_t i = 0; i < trim->t.pick.found.n && !several->stopped; i++) {
		struct kt_err one = {0};
		kt_several_add(several, trim->o->dry_run ? 0 : trim_topic(trim, &trim->plans[i], &one), &one);
	}
	return kt_several_close(several, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(trim_fini) struct trim trim = {.o = o};
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (kt_trim_how_read(&trim.how, o->before, o->datetime, &o->partitions, err) < 0 ||
		kt_topicselect_open(&trim.t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&trim.t, "remove records", err) < 0)
		return -1;
	kt_topicselect_pick(&trim.t, &o->names);
	struct kt_several several = kt_topicselect_several(&trim.t, "trimmed");
	return act(&trim, &several, err);
}

const struct kt_cmd kt_cmd_topic_trim = {
	.name = "topic trim",
	.summary = "remove the oldest records of topics",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
