/* kt group delete: groups without members, with what they have committed. */
#include "ask.h"
#include "cmd.h"
#include "groupedit.h"
#include "groupselect.h"
#include "match.h"
#include "say.h"

struct delete_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool yes, if_exists;
};
#define OPTS struct delete_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_LIST(names), .comp = KT_COMP_GROUP,
		.help = "names and quoted patterns"},
	{.name = "group", .letter = 'g', KT_LIST(names), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "the same as GROUP; may be repeated"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask"},
	{.name = "if-exists", KT_FLAG(if_exists), .help = "a group that does not exist is not an error"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Deletes groups and the offsets that they have committed: the next user of the name starts afresh. It asks "
	"on the terminal first, unless --yes is given; without a terminal, --yes has to be given.",
	"A group that has members is left as it is, and they are named; all others are deleted.",
	NULL,
};

static const char *const examples[] = {
	"One group",
	"kt group delete g1",
	"All groups of an exercise, without being asked",
	"kt group delete 'exercise-*' --yes",
	NULL,
};

static int ask(const struct kt_groupselect *set, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	for (size_t i = 0; i < set->n; i++)
		kt_strs_add(&names, set->v[i]->name);
	kt_buf_adds(&question, "Delete ");
	kt_match_show(&question, "group", &names);
	kt_buf_addf(&question, " of %s?", kt_client_brokers(set->client));
	return kt_ask_yes(kt_buf_cstr(&question), "nothing was deleted", err);
}

static int missing(const struct kt_groupselect *set, const char *word, bool if_exists, struct kt_err *err)
{
	if (!if_exists)
		return kt_groupselect_missing(set, word, err);
	kt_say(KT_NORMAL, kt_is_pattern(word) ? "no group matches %s" : "there is no group %s", word);
	return 0;
}

/* What became of one, after the request. */
static int judge(const struct kt_groupselect *set, const struct kt_group *group, bool if_exists, struct kt_err *err)
{
	switch ((int)group->code) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		kt_say(KT_NORMAL, "deleted group %s", group->name);
		return 0;
	case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
		/* A member that has joined since the group was described has no name here. */
		return kt_groupselect_idle(group, err) < 0
			       ? -1
			       : kt_err_set(err, KT_FAILED, "group %s has members", group->name);
	case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
		return missing(set, group->name, if_exists, err);
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "group %s: this client is not allowed to delete it", group->name);
		return kt_err_hint(err, "it needs the right to Delete on the group");
	default:
		return kt_client_fail(set->client, group->code, err, "deleting group %s", group->name);
	}
}

static int close_all(const struct kt_groupselect *set, const OPTS *o, struct kt_err *err)
{
	struct kt_several several = {.kind = "group", .done_word = "deleted", .total = set->n + set->missing.n};
	bool going = true;
	for (size_t i = 0; i < set->n && going; i++) {
		struct kt_err one = {0};
		going = kt_several_add(&several, judge(set, set->v[i], o->if_exists, &one), &one);
	}
	for (size_t i = 0; i < set->missing.n && going; i++) {
		struct kt_err one = {0};
		going = kt_several_add(&several, missing(set, set->missing.v[i], o->if_exists, &one), &one);
	}
	return kt_groupselect_end(set, &several, err);
}

static int delete_run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_groupselect_fini) struct kt_groupselect set = {0};
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no group is given");
	if (kt_groupselect_open(&set, &o->client, err) < 0)
		return -1;
	if (set.groups.blind)
		return kt_groupselect_blind(&set, "delete groups", err);
	if (kt_groupselect_pick(&set, &o->names, true, err) < 0)
		return -1;
	if (set.n && !o->yes && ask(&set, err) < 0)
		return -1;
	if (kt_groups_delete(set.client, set.v, set.n, set.timeout_ms, err) < 0)
		return -1;
	return close_all(&set, o, err);
}

const struct kt_cmd kt_cmd_group_delete = {
	.name = "group delete",
	.summary = "delete groups and what they have committed",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = delete_run,
};
