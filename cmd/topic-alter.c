/* kt topic alter: more partitions, and single configs. */
#include "admin.h"
#include "cmd.h"
#include "configs.h"
#include "num.h"
#include "say.h"
#include "topicselect.h"

struct alter_opts {
	struct kt_client_opts client;
	struct kt_strs names, set, lists, remove;
	int64_t partitions;
	bool dry_run;
};
#define OPTS struct alter_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns (default: kt.topic of the configuration)"),
	{.name = "partitions",
		.letter = 'p',
		KT_I64(partitions),
		.arg = "N",
		.def = "-1",
		.help = "how many there are to be, only more; -1: as many as now"},
	{.name = "config",
		.takes_over = true,
		KT_LIST(set),
		.arg = "K=V",
		.comp = KT_COMP_CONFIG,
		.help = "set a config, as in retention.ms=3600000; may be repeated"},
	{.name = "add-config",
		KT_LIST(lists),
		.arg = "K=V,…",
		.help = "several, as kafka-configs takes them: a=1,b=[c,d]"},
	{.name = "delete-config",
		KT_LIST(remove),
		.arg = "K",
		.comp = KT_COMP_CONFIG_NAME,
		.help = "give a config back to the brokers' default; may be repeated"},
	{.name = "dry-run",
		.letter = 'n',
		.also = "validate-only",
		KT_FLAG(dry_run),
		.help = "have the brokers check it, and change nothing"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Gives topics more partitions and changes single configs; all other configs of a topic stay as they are. "
	"What is already so is left alone.",
	"Partitions cannot be taken away. When there are more of them, new records with a key may go to other "
	"partitions than earlier ones with that key.",
	"As in kafka-topics, --config is about the topic here; kt's own configuration file is given with -F.",
	"librdkafka before 2.2 can only write all configs of a topic at once: kt then reads them from every broker, "
	"writes them back with the change, and looks again afterwards. What somebody else changes at the same moment "
	"can get lost.",
	NULL,
};

static const char *const examples[] = {
	"Keep records for a day",
	"kt topic alter client58 --config retention.ms=86400000",
	"As long as the brokers keep them by default",
	"kt topic alter client58 --delete-config retention.ms",
	"More partitions for several topics",
	"kt topic alter 'client*' -p 32",
	NULL,
};

static int refuse_fewer(const char *name, int now, const OPTS *o, struct kt_err *err)
{
	if (o->partitions < 0 || o->partitions >= now)
		return 0;
	kt_err_set(err, KT_FAILED, "topic %s has %d partition%s, and can only get more than that", name, now,
		kt_plural(now));
	return kt_err_hint(err, "make a new topic with fewer, and copy the records");
}

static int grow(struct kt_topicselect *t, const char *name, int now, const OPTS *o, struct kt_err *err)
{
	const struct kt_admin_how how = {.timeout_ms = t->timeout_ms, .validate_only = o->dry_run};
	int wanted = (int)o->partitions;
	if (wanted == now) {
		kt_say(KT_NORMAL, "left as it was: topic %s has %d partition%s", name, now, kt_plural(now));
		return 0;
	}
	if (kt_topic_grow(t->client, name, wanted, &how, err) < 0)
		return -1;
	kt_say(KT_NORMAL, "topic %s %s %d partition%s instead of %d", name, o->dry_run ? "would get" : "has", wanted,
		kt_plural(wanted), now);
	return 0;
}

static void add_words(struct kt_buf *out, const char *before, const struct kt_strs *words)
{
	for (size_t i = 0; i < words->n; i++)
		kt_buf_addf(out, "%s%s%s", out->len ? ", " : "", before, words->v[i]);
}

/* 1 when the configs had these values already. */
static int change_configs(struct kt_topicselect *t, const char *name, const OPTS *o, struct kt_err *err)
{
	const struct kt_config_change change = {.set = &o->set, .remove = &o->remove};
	const struct kt_admin_how how = {.timeout_ms = t->timeout_ms, .validate_only = o->dry_run};
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	int was_so = kt_configs_change(t->client, name, &change, &how, err);
	if (was_so < 0)
		return -1;
	add_words(&words, "", &o->set);
	add_words(&words, "without ", &o->remove);
	kt_say(KT_NORMAL, "%s topic %s: %s",
		was_so       ? "left as it was:"
		: o->dry_run ? "would change"
			     : "changed",
		name, kt_buf_cstr(&words));
	return was_so;
}

static int alter(struct kt_topicselect *t, const char *name, const OPTS *o, struct kt_err *err)
{
	int now = kt_topicselect_find(t, name)->partition_cnt, was_so = 1;
	if (refuse_fewer(name, now, o, err) < 0)
		return -1;
	if (o->set.n || o->remove.n)
		was_so = change_configs(t, name, o, err);
	if (was_so < 0)
		return -1;
	if (o->partitions < 0 || grow(t, name, now, o, err) == 0)
		return 0;
	/* The configs have been changed. */
	if (!was_so && !o->dry_run && err->status < KT_SIGNAL)
		err->status = KT_PARTIAL;
	return -1;
}

static int check_options(const OPTS *o, struct kt_err *err)
{
	const struct kt_config_change change = {.set = &o->set, .remove = &o->remove};
	if (o->partitions == -1 && !o->set.n && !o->remove.n) {
		kt_err_set(err, KT_USAGE, "what to change is missing");
		for (size_t i = 1; i + 1 < o->names.n; i++)
			if (strchr(o->names.v[i], '.'))
				return kt_err_hint(
					err, "a config and its value: %s=%s", o->names.v[i], o->names.v[i + 1]);
		return kt_err_hint(err, "--partitions N, --config NAME=VALUE or --delete-config NAME");
	}
	if (o->partitions != -1 && (o->partitions < 1 || o->partitions > KT_TOPIC_MAX_PARTITIONS))
		return kt_err_set(err, KT_USAGE, "--partitions is 1 to %d", KT_TOPIC_MAX_PARTITIONS);
	return kt_config_check(&change, err);
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_config_words(&o->names, &o->set);
	kt_config_lists(&o->lists, &o->set);
	kt_config_split(&o->remove);
	kt_config_units(&o->set);
	if (check_options(o, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_pick_some(&t, &o->names, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "change topics", err) < 0)
		return -1;
	struct kt_several several = kt_topicselect_several(&t, "changed");
	for (size_t i = 0; i < t.pick.found.n && !several.stopped; i++) {
		struct kt_err one = {0};
		kt_several_add(&several, alter(&t, t.pick.found.v[i], o, &one), &one);
	}
	return kt_several_close(&several, err);
}

const struct kt_cmd kt_cmd_topic_alter = {
	.name = "topic alter",
	.summary = "change configs of topics, or give them more partitions",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
