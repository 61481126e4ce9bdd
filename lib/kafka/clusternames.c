#include "clusternames.h"

#include "client.h"
#include "groups.h"

int kt_clusternames_topics(struct kt_strs *out, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err)
{
	struct kt_client *client;
	const struct rd_kafka_metadata *metadata;
	if (kt_client_open(&client, KT_ROLE_ADMIN, settings, owner, err) < 0)
		return -1;
	int result = kt_client_metadata(client, "", timeout_ms, &metadata, err);
	if (result == 0) {
		for (int i = 0; i < metadata->topic_cnt; i++)
			kt_strs_add(out, metadata->topics[i].topic);
		rd_kafka_metadata_destroy(metadata);
	}
	kt_client_close(client);
	return result;
}

int kt_clusternames_groups(struct kt_strs *out, const struct kt_settings *settings, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err)
{
	struct kt_client *client;
	if (kt_client_open(&client, KT_ROLE_ADMIN, settings, owner, err) < 0)
		return -1;
	kt_auto(kt_groups_fini) struct kt_groups groups = {0};
	int result = kt_client_reach(client, timeout_ms, err);
	if (result == 0)
		result = kt_groups_list(client, &groups, timeout_ms, err);
	for (size_t i = 0; i < groups.n; i++)
		kt_strs_add(out, groups.v[i].name);
	kt_client_close(client);
	return result;
}
