#include "logbounds.h"

#include "mem.h"
#include "startoffsets.h"

static int add_topic(
	struct kt_partitions *out, struct kt_client *c, const char *topic, int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *md;
	if (kt_client_topic(c, topic, timeout_ms, &md, err) < 0)
		return -1;
	for (int i = 0; i < md->topics[0].partition_cnt; i++)
		kt_partitions_add(out, topic, md->topics[0].partitions[i].id);
	rd_kafka_metadata_destroy(md);
	return 0;
}

int kt_logbounds(struct kt_partitions *out, const struct kt_settings *settings, const struct kt_owner *owner,
	const struct kt_strs *topics, int64_t timeout_ms, struct kt_err *err)
{
	const struct kt_startoffsets_how how = {.span.start.where = KT_AT_BEGINNING, .timeout_ms = timeout_ms};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	if (kt_client_open(&c, KT_ROLE_CONSUMER, settings, owner, err) < 0)
		return -1;
	for (size_t i = 0; i < topics->n; i++)
		if (add_topic(out, c, topics->v[i], timeout_ms, err) < 0)
			return -1;
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc(out->n, sizeof(struct kt_partition *));
	for (size_t i = 0; i < out->n; i++)
		parts[i] = &out->v[i];
	return kt_startoffsets_resolve(c, parts, out->n, &how, err);
}
