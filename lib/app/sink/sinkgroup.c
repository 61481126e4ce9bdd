#include "sinkgroup.h"

#include "client.h"
#include "groupedit.h"
#include "say.h"
#include "when.h"

enum { EVERY_MS = 5000, LIMIT_MS = 2000 };

static int commit(struct kt_sinkgroup *g, rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	if (!g->client && kt_client_open(&g->client, KT_ROLE_ADMIN, g->settings, &g->own, err) < 0)
		return -1;
	if (kt_group_commit(g->client, g->name, list, LIMIT_MS, err) < 0)
		return -1;
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err)
			return kt_client_fail(g->client, list->elems[i].err, err, "group %s", g->name);
	return 0;
}

void kt_sinkgroup_commit(
	struct kt_sinkgroup *g, const struct kt_partitions *parts, const int64_t *committed, size_t n, bool last)
{
	struct kt_err err;
	if (!g->name || !n || (!last && g->due_us && kt_clock_us() < g->due_us))
		return;
	g->own = *g->owner;
	g->own.stop = &g->stop;
	g->stop.outer = last ? NULL : g->owner->stop;
	kt_stop_begin(&g->stop, LIMIT_MS);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, parts->v[i].topic, parts->v[i].partition)->offset =
			committed[i];
	bool good = commit(g, list, &err) == 0;
	rd_kafka_topic_partition_list_destroy(list);
	/* A stop has more to say than that it ended this. */
	if (!good && !g->said && (last || !kt_owner_stopped(g->owner))) {
		kt_say(KT_WARNING, "the lag of group %s is not shown: %s", g->name, err.msg);
		g->said = true;
	}
	g->due_us = kt_clock_us() + EVERY_MS * 1000;
}

void kt_sinkgroup_fini(struct kt_sinkgroup *g)
{
	kt_client_close(g->client);
	g->client = NULL;
}
