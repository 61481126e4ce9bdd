/* kt topic delete: topics and all that they hold. */
#include "admin.h"
#include "ask.h"
#include "cmd.h"
#include "mem.h"
#include "say.h"
#include "topicselect.h"

struct delete_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	bool if_exists, yes, dry_run;
};
#define OPTS struct delete_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns of the topics to delete"),
	{.name = "if-exists", KT_FLAG(if_exists), .help = "a topic that does not exist is not an error"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask"},
	{.name = "dry-run",
		.letter = 'n',
		KT_FLAG(dry_run),
		.help = "show which topics would be deleted, and delete nothing"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Deletes topics with all their records, for good. It asks on the terminal first; without a terminal, --yes "
	"has to be given.",
	"A pattern means the topics that match it when the command starts, internal ones (__…) only when it begins "
	"with __. The topic of the configuration is not used when none is named.",
	NULL,
};

static const char *const examples[] = {
	"Which topics would it be?",
	"kt topic delete 'test-*' --dry-run",
	"Delete them, without being asked",
	"kt topic delete 'test-*' --yes",
	"In a script that may run twice",
	"kt topic delete client58 --if-exists --yes",
	NULL,
};

static int confirm(const struct kt_topicselect *t, const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	if (o->yes)
		return 0;
	kt_buf_adds(&question, "Delete ");
	kt_match_show(&question, "topic", &t->pick.found);
	kt_buf_addf(&question, " of %s with all records?", kt_client_brokers(t->client));
	return kt_ask_yes(kt_buf_cstr(&question), "nothing was deleted", err);
}

/* What was asked for is done once the topic is gone, whoever did it. */
static int judge(const char *name, const OPTS *o, const struct kt_err *one)
{
	if (one->status && !(one->status == KT_NOT_FOUND && o->if_exists))
		return -1;
	kt_say(KT_NORMAL, one->status ? "was gone already: topic %s" : "deleted topic %s", name);
	return 0;
}

static int delete_found(struct kt_topicselect *t, const OPTS *o, struct kt_several *several, struct kt_err *err)
{
	const struct kt_strs *names = &t->pick.found;
	if (confirm(t, o, err) < 0)
		return -1;
	struct kt_err *each = kt_calloc(names->n, sizeof(*each));
	int result = kt_topic_delete(t->client, names, t->timeout_ms, each, err);
	for (size_t i = 0; result == 0 && i < names->n; i++)
		kt_several_add(several, judge(names->v[i], o, &each[i]), &each[i]);
	free(each);
	return result;
}

/* The controller may know a topic that no broker shows yet: what is named is asked for, though it is not listed. */
static int delete_unlisted(struct kt_topicselect *t, const char *name, const OPTS *o, struct kt_err *err)
{
	struct kt_err one = {0};
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_add(&names, name);
	if (o->yes && !o->dry_run && kt_topic_delete(t->client, &names, t->timeout_ms, &one, err) < 0)
		return -1;
	bool deleted = o->yes && !o->dry_run && !one.status;
	kt_say(KT_NORMAL, deleted ? "deleted topic %s" : "there is no topic %s", name);
	return 0;
}

static int forgive_missing(struct kt_topicselect *t, const OPTS *o, struct kt_err *err)
{
	for (size_t i = 0; i < t->pick.missing.n; i++) {
		const char *word = t->pick.missing.v[i];
		if (kt_is_pattern(word))
			kt_say(KT_NORMAL, "no topic matches %s", word);
		else if (delete_unlisted(t, word, o, err) < 0)
			return -1;
	}
	kt_strs_fini(&t->pick.missing);
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "delete topics", err) < 0)
		return -1;
	kt_topicselect_pick(&t, &o->names);
	if (o->if_exists && forgive_missing(&t, o, err) < 0)
		return -1;
	struct kt_several several = kt_topicselect_several(&t, "deleted");
	if (o->dry_run) {
		several.done = t.pick.found.n;
		for (size_t i = 0; i < t.pick.found.n; i++)
			kt_say(KT_NORMAL, "would delete topic %s", t.pick.found.v[i]);
	} else if (t.pick.found.n && !several.stopped && delete_found(&t, o, &several, err) < 0) {
		return -1;
	}
	return kt_several_close(&several, err);
}

const struct kt_cmd kt_cmd_topic_delete = {
	.name = "topic delete",
	.summary = "delete topics",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
