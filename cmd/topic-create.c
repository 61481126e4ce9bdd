/* kt topic create: by an admin request, or on an embedded broker, which has none, over its control socket. */
#include <inttypes.h>

#include "admin.h"
#include "cmd.h"
#include "conf.h"
#include "local.h"
#include "say.h"
#include "topic.h"

struct create_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	int64_t partitions, replication_factor;
	bool if_not_exists;
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
	{.name = "if-not-exists", KT_FLAG(if_not_exists), .help = "a topic that exists already is no error"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Creates topics. One that exists already is an error, and left as it is, unless --if-not-exists is given.",
	"The embedded broker (kt broker) takes 4 partitions as default and places replicas as it likes.",
	NULL,
};

static const char *const examples[] = {
	"A topic of 16 partitions",
	"kt topic create client58 -p 16",
	"Only if it is missing, on three brokers",
	"kt topic create client58 -p 16 --replication-factor 3 --if-not-exists",
	NULL,
};

enum {
	EMBEDDED_PARTITIONS = 4,
	MAX_PARTITIONS = 100000, /* rd_kafka_NewTopic_new()'s limit */
};

/* Where the topics are made: exactly one of the two. */
struct place {
	struct kt_client *client;
	bool embedded;
	struct kt_local broker;
};

static void place_fini(struct place *place)
{
	kt_client_close(place->client);
}

/* As kt_topic_create(): 1 when it was there already. */
static int create_embedded(const struct kt_local *broker, const char *name, const OPTS *o, struct kt_err *err)
{
	char line[KT_LOCAL_LINE], answer[KT_LOCAL_LINE];
	if (kt_topic_check(name, err) < 0)
		return -1;
	snprintf(line, sizeof(line), "create %s %" PRId64 "%s", name,
		o->partitions < 0 ? EMBEDDED_PARTITIONS : o->partitions, o->if_not_exists ? " if-not-exists" : "");
	if (kt_local_ask(broker, line, answer, sizeof(answer), err) < 0)
		return -1;
	return !strcmp(answer, "exists");
}

static int create(const struct place *place, const char *name, const OPTS *o, struct kt_err *err)
{
	const struct kt_new_topic topic = {
		.name = name, .partitions = (int)o->partitions, .replication_factor = (int)o->replication_factor};
	const struct kt_admin_how how = {.timeout_ms = o->client.timeout_ms};
	int existed = place->embedded ? create_embedded(&place->broker, name, o, err)
				      : kt_topic_create(place->client, &topic, o->if_not_exists, &how, err);
	if (existed < 0)
		return -1;
	kt_say(KT_NORMAL, "%s topic %s", existed ? "left as it was:" : "created", name);
	return 0;
}

static int find_place(struct place *place, struct kt_settings *settings, const OPTS *o, struct kt_err *err)
{
	place->embedded = kt_local_find(kt_settings_text(settings, "bootstrap.servers", ""), &place->broker) == 1;
	if (place->embedded) {
		if (o->replication_factor > 0)
			kt_say(KT_NORMAL,
				"the embedded broker places replicas as it likes: --replication-factor is ignored");
		return 0;
	}
	if (kt_conf_reveal(settings, err) < 0 || kt_client_open(&place->client, KT_ROLE_ADMIN, settings, err) < 0)
		return -1;
	return kt_client_reach(place->client, o->client.timeout_ms, err);
}

static int check_numbers(const OPTS *o, struct kt_err *err)
{
	if (o->partitions != -1 && (o->partitions < 1 || o->partitions > MAX_PARTITIONS))
		return kt_err_set(err, KT_USAGE, "--partitions is 1 to %d", MAX_PARTITIONS);
	if (o->replication_factor != -1 && (o->replication_factor < 1 || o->replication_factor > INT16_MAX))
		return kt_err_set(err, KT_USAGE, "--replication-factor is 1 to %d", INT16_MAX);
	return 0;
}

/* Every one is tried; a failure before the last one is said at once, since only one can be returned. */
static int create_all(const struct place *place, const OPTS *o, struct kt_err *err)
{
	size_t failed = 0;
	for (size_t i = 0; i < o->names.n; i++) {
		struct kt_err one = {0};
		if (create(place, o->names.v[i], o, &one) == 0)
			continue;
		failed++;
		if (o->names.n > 1)
			kt_say(KT_QUIET, "%s", one.msg);
		*err = one;
	}
	if (failed && o->names.n > 1)
		return kt_err_set(err, failed < o->names.n ? KT_PARTIAL : err->status,
			"%zu of %zu topics were not created", failed, o->names.n);
	return failed ? -1 : 0;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(place_fini) struct place place = {0};
	if (check_numbers(o, err) < 0 || kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	const char *configured = kt_settings_text(&settings, "kt.topic", NULL);
	if (!o->names.n && configured)
		kt_strs_add(&o->names, configured);
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (find_place(&place, &settings, o, err) < 0)
		return -1;
	return create_all(&place, o, err);
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
