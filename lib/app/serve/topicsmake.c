/* The topics that a lab makes at its start. */
#include "admin.h"
#include "embedded.h"
#include "everybroker.h"
#include "mem.h"
#include "say.h"
#include "serve.h"

static int make_embedded(const struct kt_embedded *broker, const struct kt_strs *topics, struct kt_err *err)
{
	for (size_t i = 0; i < topics->n; i++)
		if (kt_embedded_create(broker, topics->v[i], 1, true, err) < 0)
			return -1;
	return 0;
}

static int take_outcomes(const struct kt_strs *topics, const struct kt_topic_outcome *outcomes, struct kt_err *err)
{
	for (size_t i = 0; i < topics->n; i++) {
		if (!outcomes[i].result)
			kt_say(KT_NORMAL, "created topic %s", topics->v[i]);
		if (outcomes[i].result < 0) {
			*err = outcomes[i].err;
			return -1;
		}
	}
	return 0;
}

static int make(struct kt_client *client, const struct kt_strs *topics, int64_t timeout_ms, struct kt_err *err)
{
	const struct kt_new_topic like = {.partitions = 1, .replication_factor = -1, .if_not_exists = true};
	const struct kt_admin_how how = {.timeout_ms = timeout_ms};
	kt_auto(kt_free_ptr) struct kt_topic_outcome *outcomes = kt_calloc(topics->n, sizeof(*outcomes));
	if (kt_client_reach(client, timeout_ms, err) < 0 ||
		kt_topic_create(client, topics->v, topics->n, &like, &how, outcomes, err) < 0 ||
		take_outcomes(topics, outcomes, err) < 0)
		return -1;
	return kt_everybroker_await(client, topics->v, topics->n, 1, timeout_ms, err) < 0 ? -1 : 0;
}

int kt_serve_make_topics(const struct kt_strs *topics, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_fini) struct kt_client *client = NULL;
	struct kt_embedded broker;
	if (!topics->n)
		return 0;
	if (kt_embedded_find(kt_settings_text(settings, "bootstrap.servers", ""), &broker) == 1)
		return make_embedded(&broker, topics, err);
	if (kt_client_open(&client, KT_ROLE_ADMIN, settings, owner, err) < 0)
		return -1;
	return make(client, topics, timeout_ms, err);
}
