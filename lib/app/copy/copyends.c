#include "copyends.h"

#include "admin.h"
#include "configs.h"
#include "embedded.h"
#include "mem.h"
#include "say.h"

/* Where a client that only produces has other habits than the library: Java's partitioner, which most others who write
 * to a topic use; as much memory as a copy needs; and records as large as brokers allow. */
static void prefer(struct kt_settings *s)
{
	kt_settings_put(s, KT_RANK_BUILTIN, "partitioner", "murmur2_random", "kt copy");
	kt_settings_put(s, KT_RANK_BUILTIN, "queue.buffering.max.kbytes", "98304", "kt copy");
	kt_settings_put(s, KT_RANK_BUILTIN, "message.max.bytes", "67108864", "kt copy");
}

static int load_target(struct kt_copyends *ends, const struct kt_copyends_how *how, struct kt_err *err)
{
	struct kt_client_opts other = {
		.config = how->to_profile ? how->client->config : NULL,
		.profile = how->to_profile,
		.brokers = how->to_brokers,
		.properties = *how->to_properties,
		.timeout_ms = how->client->timeout_ms,
		.owner = how->client->owner,
		.alone = true,
	};
	struct kt_settings *s = &ends->target.settings;
	ends->one_cluster = !how->to_brokers && !how->to_profile;
	if (ends->one_cluster && how->to_properties->n)
		return kt_err_set(err, KT_USAGE, "--to-property is for another cluster: --to-brokers or --to-profile");
	if (ends->one_cluster)
		kt_settings_copy(s, &ends->source.settings);
	else if (kt_conf_load(s, &other, err) < 0 || kt_conf_resolve(s, err) < 0)
		return kt_err_wrap(err, "the destination");
	kt_embedded_tune(s);
	prefer(s);
	return 0;
}

/* Whether a broker is among those of both. */
static bool have_common_broker(const struct rd_kafka_metadata *a, const struct rd_kafka_metadata *b)
{
	for (int i = 0; i < a->broker_cnt; i++)
		for (int j = 0; j < b->broker_cnt; j++)
			if (a->brokers[i].port == b->brokers[j].port && !strcmp(a->brokers[i].host, b->brokers[j].host))
				return true;
	return false;
}

/* The library's mock makes its id from an address in memory, which two of them may share; but never their ports. */
static int compare_clusters(struct kt_copyends *ends, int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *a, *b;
	ends->one_cluster = !strcmp(ends->source.cluster, ends->target.cluster);
	if (!ends->one_cluster || strncmp(ends->source.cluster, "mockCluster", 11) != 0)
		return 0;
	if (kt_client_metadata(ends->source.client, NULL, timeout_ms, &a, err) < 0)
		return -1;
	int result = kt_client_metadata(ends->target.client, NULL, timeout_ms, &b, err);
	if (result == 0) {
		ends->one_cluster = have_common_broker(a, b);
		rd_kafka_metadata_destroy(b);
	}
	rd_kafka_metadata_destroy(a);
	return result;
}

static int reach(struct kt_copyend *end, const struct kt_copyends_how *how, struct kt_err *err)
{
	if (kt_client_open(&end->client, KT_ROLE_ADMIN, &end->settings, how->client->owner, err) < 0)
		return -1;
	end->cluster = kt_client_cluster_id(end->client, how->client->timeout_ms, err);
	return end->cluster ? 0 : -1;
}

static int count_partitions(struct kt_copyend *end, int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	if (kt_client_topic(end->client, end->topic, timeout_ms, &md, err) < 0)
		return -1;
	end->partitions = md->topics[0].partition_cnt;
	rd_kafka_metadata_destroy(md);
	return 0;
}

/* What was set on the topic itself, except for what names brokers of its cluster. */
static int read_configs(struct kt_strs *out, const struct kt_copyend *from, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_auto(kt_configs_fini) struct kt_configs configs = {0};
	if (kt_client_is_embedded(from->client))
		return 0;
	kt_strs_add(&names, from->topic);
	if (kt_configs_read(from->client, &names, timeout_ms, &configs, err) < 0)
		return -1;
	if (configs.state == KT_CONFIGS_NOT_PERMITTED || configs.state == KT_CONFIGS_FAILED)
		return kt_err_set(err, KT_FAILED, "--create: the configs of %s are %s", from->topic,
			kt_configs_state_texts[configs.state]);
	for (size_t i = 0; i < configs.n; i++) {
		const struct kt_config *c = &configs.v[i];
		if (c->own && c->value && !c->read_only && !strstr(c->name, ".throttled."))
			kt_strs_take(out, kt_asprintf("%s=%s", c->name, c->value));
	}
	return 0;
}

static int create_on_cluster(struct kt_copyend *to, const struct kt_copyend *from, const struct kt_strs *configs,
	int64_t timeout_ms, struct kt_err *err)
{
	const struct kt_new_topic like = {.partitions = from->partitions, .replication_factor = -1, .configs = configs};
	const struct kt_admin_how how = {.timeout_ms = timeout_ms};
	struct kt_topic_outcome outcome = {0};
	char *name = (char *)(uintptr_t)to->topic;
	if (kt_topic_create(to->client, &name, 1, &like, &how, &outcome, err) < 0)
		return -1;
	if (outcome.result < 0)
		*err = outcome.err;
	return outcome.result < 0 ? -1 : 0;
}

static int create(struct kt_copyend *to, const struct kt_copyend *from, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs configs = {0};
	struct kt_embedded broker;
	bool embedded = kt_embedded_find(kt_settings_text(&to->settings, "bootstrap.servers", ""), &broker) == 1;
	if (read_configs(&configs, from, timeout_ms, err) < 0)
		return -1;
	int made = embedded ? kt_embedded_create(&broker, to->topic, from->partitions, false, err)
			    : create_on_cluster(to, from, &configs, timeout_ms, err);
	if (made < 0)
		return kt_err_wrap(err, "--create");
	kt_say(KT_NORMAL, "created topic %s with %d partition%s", to->topic, (int)from->partitions,
		from->partitions == 1 ? "" : "s");
	for (size_t i = 0; i < configs.n; i++)
		kt_say(KT_NORMAL, "%s %s",
			embedded ? "the embedded broker keeps no configs of topics: without" : "with", configs.v[i]);
	to->partitions = from->partitions;
	return 0;
}

static int find_target(struct kt_copyends *ends, const struct kt_copyends_how *how, struct kt_err *err)
{
	struct kt_copyend *to = &ends->target;
	int64_t timeout_ms = how->client->timeout_ms;
	if (!to->topic)
		return 0;
	if (count_partitions(to, timeout_ms, err) == 0)
		return 0;
	if (err->status != KT_NOT_FOUND)
		return -1;
	if (how->create)
		return create(to, &ends->source, timeout_ms, err);
	return kt_err_hint(err, "--create makes it, with the partitions and configs of %s", ends->source.topic);
}

static int choose_topics(struct kt_copyends *ends, const struct kt_copyends_how *how, struct kt_err *err)
{
	ends->source.topic = how->source;
	ends->target.topic = how->target ? how->target : how->to_header ? NULL : how->source;
	if (!ends->one_cluster || !ends->target.topic || strcmp(ends->source.topic, ends->target.topic) != 0)
		return 0;
	kt_err_set(err, KT_USAGE, "%s would be copied into itself", ends->source.topic);
	bool two = how->to_brokers || how->to_profile;
	return kt_err_hint(err, two ? "the two clusters are one: name another topic"
				    : "name a second topic, or another cluster: --to-brokers, --to-profile");
}

int kt_copyends_open(struct kt_copyends *ends, const struct kt_copyends_how *how, struct kt_err *err)
{
	if (load_target(ends, how, err) < 0)
		return -1;
	if (choose_topics(ends, how, err) < 0 || reach(&ends->source, how, err) < 0 ||
		reach(&ends->target, how, err) < 0)
		return -1;
	if (compare_clusters(ends, how->client->timeout_ms, err) < 0 || choose_topics(ends, how, err) < 0 ||
		count_partitions(&ends->source, how->client->timeout_ms, err) < 0)
		return -1;
	return find_target(ends, how, err);
}

static void end_fini(struct kt_copyend *end)
{
	kt_client_close(end->client);
	free(end->cluster);
	kt_settings_fini(&end->settings);
}

void kt_copyends_fini(struct kt_copyends *ends)
{
	end_fini(&ends->source);
	end_fini(&ends->target);
}
