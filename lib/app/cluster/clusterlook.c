#include "clusterlook.h"

#include "mem.h"
#include "parallel.h"
#include "say.h"

enum {
	AT_ONCE = 64, /* threads, one for each broker that is asked */
	ROUNDS = 3,   /* one broker may know of others that the first has not heard of */
};

static void ask(void *data, int stop_fd)
{
	struct kt_clusterbroker *b = data;
	struct kt_probe *p = &b->probe;
	if (b->err.msg[0])
		return;
	kt_probe_run(p, stop_fd);
	for (size_t i = 0; i < p->steps.n && !p->works && !p->left_to_client; i++) {
		const struct kt_step *step = &p->steps.v[i];
		if (step->state == KT_STEP_FAILED) {
			kt_err_set(&b->err, step->status, "%s", step->text);
			kt_err_hint(&b->err, "%s", step->hint);
		}
	}
	if (p->works && (kt_brokerask_features(p, &b->features, &b->err) < 0 ||
				kt_brokerask_controller(p, &b->state, &b->leader, &b->err) < 0))
		p->works = false;
}

static bool is_known(const struct kt_clusterlook *look, int32_t id)
{
	for (size_t i = 0; i < look->n; i++)
		if (look->v[i]->id == id)
			return true;
	return false;
}

static void add(struct kt_clusterlook *look, int32_t id, const char *host, int port, int64_t limit_ms)
{
	if (is_known(look, id))
		return;
	struct kt_clusterbroker *b = kt_calloc(1, sizeof(*b));
	look->v = kt_grow(look->v, &look->cap, look->n + 1, sizeof(struct kt_clusterbroker *));
	look->v[look->n++] = b;
	*b = (struct kt_clusterbroker){.id = id, .host = kt_strdup(host), .port = port, .leader = -1};
	b->probe = (struct kt_probe){.broker = id,
		.settings = &look->settings,
		.tls = look->tls,
		.limit_ms = limit_ms,
		.wants_metadata = true,
		.link.fd = -1};
	int bad = kt_endpoint_make(&b->probe.at, host, port, &b->err);
	(void)bad;
}

/* Those from index `from` on. */
static int ask_brokers(struct kt_clusterlook *look, size_t from, const struct kt_client_opts *opts, struct kt_err *err)
{
	while (from < look->n) {
		size_t n = look->n - from < AT_ONCE ? look->n - from : AT_ONCE;
		if (kt_parallel_run(ask, (void *const *)(look->v + from), n, opts->owner->stop, NULL, NULL) < 0)
			return kt_err_set(err, kt_owner_stopped(opts->owner), "%s", "");
		from += n;
	}
	return 0;
}

static void add_seen(struct kt_clusterlook *look, int64_t limit_ms)
{
	size_t n = look->n;
	for (size_t i = 0; i < n; i++) {
		const struct kt_seen *seen = &look->v[i]->probe.seen;
		for (size_t k = 0; k < seen->n; k++)
			add(look, seen->brokers[k].id, seen->brokers[k].host, seen->brokers[k].port, limit_ms);
	}
}

static int by_id(const void *a, const void *b)
{
	int32_t x = (*(struct kt_clusterbroker *const *)a)->id, y = (*(struct kt_clusterbroker *const *)b)->id;
	return (x > y) - (x < y);
}

static const char *rack_of(const struct kt_clusterlook *look, int32_t id)
{
	for (size_t i = 0; i < look->n; i++) {
		const struct kt_seen *seen = &look->v[i]->probe.seen;
		for (size_t k = 0; k < seen->n; k++)
			if (seen->brokers[k].id == id)
				return seen->brokers[k].rack;
	}
	return NULL;
}

/* Without a quorum of controllers all brokers name the one that there is; if they do not agree, it is a made-up name,
 * or an election. */
static void compare_metadata(struct kt_clusterlook *look)
{
	int32_t named = -1;
	for (size_t i = 0; i < look->n; i++) {
		const struct kt_clusterbroker *b = look->v[i];
		if (!b->probe.works)
			continue;
		if (b->probe.seen.controller < 0 || (named >= 0 && b->probe.seen.controller != named)) {
			look->unknown = "the brokers do not name the same one";
			return;
		}
		named = b->probe.seen.controller;
	}
	/* The mock cluster names one that is not there. */
	if (is_known(look, named))
		look->controller = named;
	else
		look->unknown = "the brokers name none of them";
}

static void find_controller(struct kt_clusterlook *look)
{
	bool quorum = false;
	look->controller = -1;
	look->unknown = look->asked ? NULL : "no broker could be asked on a connection of kt's own";
	for (size_t i = 0; i < look->n && look->asked; i++) {
		const struct kt_clusterbroker *b = look->v[i];
		if (!b->probe.works || b->state == KT_CONTROLLER_UNASKED)
			continue;
		quorum = true;
		if (b->state == KT_CONTROLLER_TOLD)
			look->controller = b->leader;
		else
			look->unknown = b->state == KT_CONTROLLER_DENIED ? "it needs the right to Describe the cluster"
									 : "the controllers have no leader";
	}
	if (look->asked && !quorum)
		compare_metadata(look);
}

static void conclude(struct kt_clusterlook *look)
{
	const char *id = NULL;
	if (look->n)
		qsort(look->v, look->n, sizeof(struct kt_clusterbroker *), by_id);
	for (size_t i = 0; i < look->n; i++) {
		struct kt_clusterbroker *b = look->v[i];
		b->rack = rack_of(look, b->id);
		look->asked += b->probe.works;
		look->failed += b->err.msg[0] != '\0';
		if (!id && b->probe.seen.cluster[0])
			id = b->probe.seen.cluster;
	}
	look->id = id ? kt_strdup(id) : NULL;
	find_controller(look);
}

int kt_clusterlook(struct kt_clusterlook *look, const struct kt_client_opts *opts, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	if (!look->settings.n &&
		(kt_conf_load(&look->settings, opts, err) < 0 || kt_conf_resolve(&look->settings, err) < 0))
		return -1;
	if (kt_client_open(&look->client, KT_ROLE_ADMIN, &look->settings, opts->owner, err) < 0 ||
		kt_client_metadata(look->client, NULL, opts->timeout_ms, &metadata, err) < 0)
		return -1;
	if (kt_settings_tls(&look->settings) &&
		(kt_tlsfiles_read(&look->creds, &look->settings, err) < 0 ||
			kt_tls_open(&look->tls, &look->creds, &look->settings, err) < 0)) {
		rd_kafka_metadata_destroy(metadata);
		return -1;
	}
	for (int i = 0; i < metadata->broker_cnt; i++)
		add(look, metadata->brokers[i].id, metadata->brokers[i].host, metadata->brokers[i].port,
			opts->timeout_ms);
	rd_kafka_metadata_destroy(metadata);
	kt_say_progress("asking the brokers");
	for (size_t round = 0, done = 0; done < look->n && round < ROUNDS; round++) {
		size_t from = done;
		done = look->n;
		if (ask_brokers(look, from, opts, err) < 0)
			return -1;
		add_seen(look, opts->timeout_ms);
	}
	conclude(look);
	return 0;
}

void kt_clusterlook_fini(struct kt_clusterlook *look)
{
	for (size_t i = 0; i < look->n; i++) {
		kt_probe_fini(&look->v[i]->probe);
		kt_features_fini(&look->v[i]->features);
		free(look->v[i]->host);
		free(look->v[i]);
	}
	free(look->v);
	free(look->id);
	kt_client_close(look->client);
	kt_tls_close(look->tls);
	kt_tlsfiles_fini(&look->creds);
	kt_settings_fini(&look->settings);
}
