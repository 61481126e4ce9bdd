#include "heldback.h"

#include "offsetquery.h"

void kt_heldback(struct kt_client *c, struct kt_partition *const *parts, size_t n, int64_t timeout_ms)
{
	struct kt_err ignored;
	kt_auto(kt_client_fini) struct kt_client *other = NULL;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = kt_partitions_list(parts, n);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *seen = kt_partitions_list(parts, n);
	if (kt_client_is_embedded(c) ||
		kt_client_open(&other, KT_ROLE_ADMIN, kt_client_settings(c), kt_client_owner(c), &ignored) < 0)
		return;
	/* In this order: what is written meanwhile is seen, and not taken for held back. */
	if (kt_offsetquery_offsets(other, ends, KT_OFFSETQUERY_END, timeout_ms, &ignored) < 0 ||
		kt_offsetquery_offsets(c, seen, KT_OFFSETQUERY_END, timeout_ms, &ignored) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		int64_t end = ends->elems[i].offset;
		parts[i]->log_end = seen->elems[i].offset;
		parts[i]->held = end > parts[i]->log_end ? end - parts[i]->log_end : 0;
	}
}
