/* kt cluster config: the configs of brokers, shown and, with librdkafka 2.2 and newer, changed. */
#include <unistd.h>

#include "brokerconfigs.h"
#include "cmd.h"
#include "configjson.h"
#include "configtable.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "topicselect.h"

struct config_opts {
	struct kt_client_opts client;
	struct kt_strs brokers, set, lists, remove;
	bool all, dry_run, json;
};
#define OPTS struct config_opts

static const struct kt_opt opts[] = {
	{.name = "BROKER", .positional = true, KT_LIST(brokers), .help = "ids of brokers (default: all)"},
	{.name = "all", .letter = 'a', KT_FLAG(all), .help = "also those that are at Kafka's default"},
	{.name = "config",
		.takes_over = true,
		KT_LIST(set),
		.arg = "K=V",
		.help = "set a config of these brokers; may be repeated"},
	{.name = "add-config",
		KT_LIST(lists),
		.arg = "K=V,…",
		.help = "several, as kafka-configs takes them: a=1,b=[c,d]"},
	{.name = "delete-config",
		KT_LIST(remove),
		.arg = "K",
		.help = "take back what was set on them; may be repeated"},
	{.name = "dry-run",
		.letter = 'n',
		.also = "validate-only",
		KT_FLAG(dry_run),
		.help = "have the brokers check it, and change nothing"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per broker, with all configs"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the configs of brokers: broker, name, value, and where the value comes from: the broker's own file "
	"(STATIC_BROKER_CONFIG), what was set while it ran, on it (DYNAMIC_BROKER_CONFIG) or on all "
	"(DYNAMIC_DEFAULT_BROKER_CONFIG), or Kafka's default, shown only with --all. A value that brokers do not "
	"reveal, like a password, is `(hidden)`.",
	"With --config or --delete-config those of the named brokers are changed, one by one; all others stay. That takes "
	"librdkafka 2.2 or newer.",
	"As in kafka-configs, --config is about the brokers here; kt's own configuration file is given with -F.",
	NULL,
};

static const char *const examples[] = {
	"What differs from Kafka's defaults",
	"kt cluster config",
	"How many threads work on requests, on every broker",
	"kt cluster config --all | grep '\tnum.io.threads\t'",
	"Fewer threads to clean logs on broker 1",
	"kt cluster config 1 --config log.cleaner.threads=1",
	NULL,
};

struct show {
	const OPTS *o;
	struct kt_table table;
	struct kt_buf json;
};

static void add_json(struct kt_buf *buf, int32_t broker, const struct kt_configs *configs)
{
	kt_jsonout_begin(buf, NULL, '{');
	kt_jsonout_i64(buf, "broker", broker);
	kt_configjson(buf, configs);
	kt_jsonout_end(buf, '}');
	kt_buf_addc(buf, '\n');
}

static void add_rows(struct show *show, int32_t broker, const struct kt_configs *configs)
{
	char owner[16];
	snprintf(owner, sizeof(owner), "%d", (int)broker);
	kt_configtable_add(&show->table, owner, configs, show->o->all);
}

static int show_broker(struct show *show, struct kt_topicselect *t, int32_t broker, struct kt_err *err)
{
	kt_auto(kt_configs_fini) struct kt_configs configs = {0};
	if (kt_brokerconfigs_read(t->client, broker, t->timeout_ms, &configs, err) < 0)
		return -1;
	if (show->o->json)
		add_json(&show->json, broker, &configs);
	else
		add_rows(show, broker, &configs);
	if (configs.state == KT_CONFIGS_READ)
		return 0;
	kt_err_set(err, KT_FAILED, "the configs of broker %d: %s", (int)broker, kt_configs_state_texts[configs.state]);
	return configs.state == KT_CONFIGS_NOT_PERMITTED
		       ? kt_err_hint(err, "it needs the right to DescribeConfigs on the cluster")
		       : -1;
}

static int change_broker(struct kt_topicselect *t, int32_t broker, const OPTS *o, struct kt_err *err)
{
	const struct kt_config_change change = {.set = &o->set, .remove = &o->remove};
	const struct kt_admin_how how = {.timeout_ms = t->timeout_ms, .validate_only = o->dry_run};
	if (kt_brokerconfigs_change(t->client, broker, &change, &how, err) < 0)
		return -1;
	kt_say(KT_NORMAL, o->dry_run ? "would change broker %d" : "changed broker %d", (int)broker);
	return 0;
}

/* The ids that are given, or all; KT_NOT_FOUND for one that the cluster does not have. */
static int find_brokers(int32_t *ids, size_t *n, const struct kt_topicselect *t, const OPTS *o, struct kt_err *err)
{
	for (size_t i = 0; i < o->brokers.n; i++) {
		int64_t id;
		int at = 0;
		if (kt_parse_i64(o->brokers.v[i], 0, INT32_MAX, &id, err) < 0)
			return kt_err_wrap(err, "BROKER");
		while (at < t->metadata->broker_cnt && t->metadata->brokers[at].id != id)
			at++;
		if (at == t->metadata->broker_cnt) {
			kt_err_set(err, KT_NOT_FOUND, "there is no broker %d in the cluster of %s", (int)id,
				kt_client_brokers(t->client));
			return kt_err_hint(err, "`kt cluster` shows them");
		}
		ids[(*n)++] = (int32_t)id;
	}
	for (int i = 0; i < t->metadata->broker_cnt && !o->brokers.n; i++)
		ids[(*n)++] = t->metadata->brokers[i].id;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

static int each(struct kt_topicselect *t, const int32_t *ids, size_t n, const OPTS *o, struct kt_err *err)
{
	static const struct kt_column columns[] = {
		{"BROKER", .right = true}, {"CONFIG"}, {"VALUE"}, {"SOURCE"}, {NULL}};
	bool change = o->set.n || o->remove.n;
	struct show show = {.o = o, .table.columns = columns};
	struct kt_several several = {.kind = "broker", .done_word = change ? "changed" : "shown", .total = n};
	for (size_t i = 0; i < n && !several.stopped; i++) {
		struct kt_err one = {0};
		int result = change ? change_broker(t, ids[i], o, &one) : show_broker(&show, t, ids[i], &one);
		kt_several_add(&several, result, &one);
	}
	if (show.table.cells.n)
		kt_table_render(&show.table, &show.json, isatty(STDOUT_FILENO) == 1);
	kt_table_fini(&show.table);
	int result = kt_out_print(STDOUT_FILENO, &show.json, err);
	kt_buf_fini(&show.json);
	return result < 0 ? -1 : kt_several_close(&several, err);
}

static int check_options(const OPTS *o, struct kt_err *err)
{
	const struct kt_config_change change = {.set = &o->set, .remove = &o->remove};
	if (!o->set.n && !o->remove.n)
		return o->dry_run ? kt_err_set(err, KT_USAGE, "--dry-run is for --config and --delete-config") : 0;
	if (!o->brokers.n) {
		kt_err_set(err, KT_USAGE, "no brokers to change are named");
		return kt_err_hint(err, "name them by their ids, as `kt cluster` shows them");
	}
	return kt_config_check(&change, err) < 0 ? -1 : kt_brokerconfigs_can_change(err);
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	size_t n = 0;
	kt_config_words(&o->brokers, &o->set);
	kt_config_lists(&o->lists, &o->set);
	kt_config_split(&o->remove);
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	if (check_options(o, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "tell configs", err) < 0)
		return -1;
	kt_auto(kt_free_ptr) int32_t *ids = kt_calloc(o->brokers.n + (size_t)t.metadata->broker_cnt + 1, sizeof(*ids));
	if (find_brokers(ids, &n, &t, o, err) < 0)
		return -1;
	qsort(ids, n, sizeof(*ids), by_id);
	return each(&t, ids, n, o, err);
}

const struct kt_cmd kt_cmd_cluster_config = {
	.name = "cluster config",
	.summary = "show and change the configs of brokers",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
