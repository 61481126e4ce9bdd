/* kt topic create: by an admin request, or on an embedded broker, which has none, over its control socket. */
#include <inttypes.h>

#include "admin.h"
#include "cmd.h"
#include "conf.h"
#include "configs.h"
#include "embedded.h"
#include "mem.h"
#include "say.h"
#include "several.h"
#include "topic.h"

struct create_opts {
	struct kt_client_opts client;
	struct kt_strs names, configs;
	int64_t partitions, replication_factor;
	const char *assignment;
	bool if_not_exists, dry_run;
};
#define OPTS struct create_opts

static const struct kt_opt opts[] = {
	{.name = "TOPIC",
		.positional = true,
		KT_LIST(names),
		.help = "topics to create (default: kt.topic of the configuration)"},
	{.name = "topic", .letter = 't', KT_LIST(names), .arg = "TOPIC", .help = "the same as TOPIC; may be repeated"},
	{.name = "partitions",
		.letter = 'p',
		KT_I64(partitions),
		.arg = "N",
		.def = "-1",
		.help = "how many partitions; -1: the broker's default"},
	{.name = "replication-factor",
		KT_I64(replication_factor),
		.arg = "N",
		.def = "-1",
		.help = "on how many brokers each partition is; -1: the broker's default"},
	{.name = "replica-assignment",
		KT_STR(assignment),
		.arg = "B:B,…",
		.help = "the brokers of each partition, the first leads it: 1:2,2:3"},
	{.name = "config",
		.takes_over = true,
		KT_LIST(configs),
		.arg = "K=V",
		.comp = KT_COMP_CONFIG,
		.help = "a config of the topics, as in retention.ms=3600000; may be repeated"},
	{.name = "if-not-exists", KT_FLAG(if_not_exists), .help = "a topic that exists already is not an error"},
	{.name = "dry-run",
		.letter = 'n',
		.also = "validate-only",
		KT_FLAG(dry_run),
		.help = "have the brokers check it, and create nothing"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Creates topics. One that exists already is an error, and left as it is, unless --if-not-exists is given.",
	"As in kafka-topics, --config is about the topic here; kt's own configuration file is given with -F.",
	"--replica-assignment says on which brokers the partitions are, and with that how many partitions and replicas there "
	"are: 1:2,2:3 is two partitions of two replicas, led by broker 1 and broker 2. `kt cluster` shows the brokers.",
	"The embedded broker (kt broker) makes 4 partitions by default, places replicas as it likes, and keeps no "
	"configs.",
	NULL,
};

static const char *const examples[] = {
	"A topic of 16 partitions",
	"kt topic create client58 -p 16",
	"Only if it is missing, on three brokers",
	"kt topic create client58 -p 16 --replication-factor 3 --if-not-exists",
	"Two that keep their records for an hour",
	"kt topic create clicks views --config retention.ms=3600000",
	NULL,
};

enum { EMBEDDED_PARTITIONS = 4 };

/* Where the topics are made: exactly one of the two. */
struct place {
	struct kt_client *client;
	bool embedded;
	struct kt_embedded broker;
	struct kt_assignment assignment; /* no partitions: the brokers decide */
};

static void place_fini(struct place *place)
{
	kt_assignment_fini(&place->assignment);
	kt_client_close(place->client);
}

static void say(const char *name, bool existed, const OPTS *o)
{
	kt_say(KT_NORMAL, "%s topic %s", existed ? "left as it was:" : o->dry_run ? "would create" : "created", name);
}

static int check_embedded(const OPTS *o, struct kt_err *err)
{
	if (o->configs.n)
		return kt_err_set(err, KT_FAILED, "the embedded broker keeps no configs of topics: --config %.100s",
			o->configs.v[0]);
	if (o->dry_run)
		return kt_err_set(err, KT_FAILED, "the embedded broker cannot check a topic without creating it");
	if (o->assignment)
		return kt_err_set(
			err, KT_FAILED, "the embedded broker places replicas as it likes: --replica-assignment");
	if (o->replication_factor > 0)
		kt_say(KT_WARNING, "the embedded broker places replicas as it likes: --replication-factor is ignored");
	return 0;
}

static int find_place(struct place *place, struct kt_settings *settings, const OPTS *o, struct kt_err *err)
{
	if (kt_conf_resolve(settings, err) < 0)
		return -1;
	place->embedded = kt_embedded_find(kt_settings_text(settings, "bootstrap.servers", ""), &place->broker) == 1;
	if (place->embedded)
		return check_embedded(o, err);
	if (kt_client_open(&place->client, KT_ROLE_ADMIN, settings, o->client.owner, err) < 0)
		return -1;
	return kt_client_reach(place->client, o->client.timeout_ms, err);
}

static int check_options(struct place *place, const OPTS *o, struct kt_err *err)
{
	const struct kt_strs none = {0};
	if (o->assignment && (o->partitions != -1 || o->replication_factor != -1))
		return kt_err_set(err, KT_USAGE,
			"--replica-assignment says how many partitions and replicas there are: leave out --partitions "
			"and --replication-factor");
	if (o->assignment && kt_assignment_parse(&place->assignment, o->assignment, err) < 0)
		return kt_err_wrap(err, "--replica-assignment %.100s", o->assignment);
	if (o->partitions != -1 && (o->partitions < 1 || o->partitions > KT_TOPIC_MAX_PARTITIONS))
		return kt_err_set(err, KT_USAGE, "--partitions is 1 to %d", KT_TOPIC_MAX_PARTITIONS);
	if (o->replication_factor != -1 && (o->replication_factor < 1 || o->replication_factor > INT16_MAX))
		return kt_err_set(err, KT_USAGE, "--replication-factor is 1 to %d", INT16_MAX);
	return kt_config_check(&(struct kt_config_change){.set = &o->configs, .remove = &none}, err);
}

static void create_all_embedded(const struct kt_embedded *broker, const OPTS *o, struct kt_several *several)
{
	for (size_t i = 0; i < o->names.n; i++) {
		struct kt_err one = {0};
		int64_t partitions = o->partitions < 0 ? EMBEDDED_PARTITIONS : o->partitions;
		int existed = kt_embedded_create(broker, o->names.v[i], partitions, o->if_not_exists, &one);
		if (existed >= 0)
			say(o->names.v[i], existed, o);
		if (!kt_several_add(several, existed, &one))
			return;
	}
}

/* As many as go into one request. */
static bool create_some(struct kt_client *client, char *const *names, size_t n, const struct kt_new_topic *like,
	const OPTS *o, struct kt_several *several)
{
	struct kt_err err = {0};
	const struct kt_admin_how how = {.timeout_ms = o->client.timeout_ms, .validate_only = o->dry_run};
	kt_auto(kt_free_ptr) struct kt_topic_outcome *outcomes = kt_calloc(n, sizeof(*outcomes));
	if (kt_topic_create(client, names, n, like, &how, outcomes, &err) < 0)
		return kt_several_add(several, -1, &err);
	for (size_t i = 0; i < n; i++) {
		if (outcomes[i].result >= 0)
			say(names[i], outcomes[i].result, o);
		if (!kt_several_add(several, outcomes[i].result, &outcomes[i].err))
			return false;
	}
	return true;
}

static void create_all(const struct place *place, const OPTS *o, struct kt_several *several)
{
	const struct kt_assignment *assignment = &place->assignment;
	const struct kt_new_topic like = {
		.partitions = assignment->partitions ? assignment->partitions : (int)o->partitions,
		.replication_factor = (int)o->replication_factor,
		.configs = &o->configs,
		.assignment = assignment->partitions ? assignment : NULL,
		.if_not_exists = o->if_not_exists};
	size_t batch = kt_topic_batch(&like), some;
	for (size_t i = 0; i < o->names.n; i += some) {
		some = o->names.n - i < batch ? o->names.n - i : batch;
		if (!create_some(place->client, o->names.v + i, some, &like, o, several))
			return;
	}
}

/* Brokers refuse a topic that is named twice in a request. */
static void drop_repeated(struct kt_strs *names)
{
	struct kt_strs once = {0};
	for (size_t i = 0; i < names->n; i++)
		kt_strs_add_new(&once, names->v[i]);
	kt_strs_fini(names);
	*names = once;
}

/* Other tools have the numbers of partitions and replicas there. A topic may be called 3, but hardly beside another. */
static int refuse_number(const struct kt_strs *names, struct kt_err *err)
{
	for (size_t i = 1; i < names->n; i++) {
		size_t digits = strspn(names->v[i], "0123456789");
		if (!digits || digits > 4 || names->v[i][digits])
			continue;
		kt_err_set(err, KT_USAGE, "%s is a number, and no further topic is made of it", names->v[i]);
		return i == 1 && names->n > 2
			       ? kt_err_hint(err, "partitions are -p %s, replicas --replication-factor %s", names->v[1],
					 names->v[2])
			       : kt_err_hint(err, "partitions are -p %s", names->v[i]);
	}
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(place_fini) struct place place = {0};
	kt_config_words(&o->names, &o->configs);
	kt_config_units(&o->configs);
	if (refuse_number(&o->names, err) < 0 || check_options(&place, o, err) < 0 ||
		kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	const char *configured = kt_settings_text(&settings, "kt.topic", NULL);
	if (!o->names.n && configured)
		kt_strs_add(&o->names, configured);
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (find_place(&place, &settings, o, err) < 0)
		return -1;
	drop_repeated(&o->names);
	struct kt_several several = {.kind = "topic", .done_word = "created", .total = o->names.n};
	if (place.embedded)
		create_all_embedded(&place.broker, o, &several);
	else
		create_all(&place, o, &several);
	return kt_several_close(&several, err);
}

const struct kt_cmd kt_cmd_topic_create = {
	.name = "topic create",
	.summary = "create topics",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
